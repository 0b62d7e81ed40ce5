"""A museum and a gym, in Chinese and English, with questions to hold the rules against.

Written before relations (who designed it, where it is made, what it cost to build) were looked for
at all, and not looked at while they were mended: only the shares count. Half of the questions have
no answer, most of them about things that the documents know well. Other than in
`answerable_by_hand` many ask for what nobody put into the documents because nobody thought of it.
"""

from __future__ import annotations

MUSEUM_ZH = """# 石浦渔业博物馆 参观指南

## 开放时间

周二至周日 9:00 开馆，17:00 闭馆，16:30 停止入场。周一闭馆，法定节假日除外。春节初一、初二不开放。

## 门票

成人票 40 元，学生和 60 岁以上老人半价，6 岁以下儿童免票。每月第一个星期三对所有人免费。门票当日有效，出馆后凭手戳可以再次入馆。十人以上的团体每人 30 元，需要提前三天预约。

## 讲解

每天 10:30 和 14:30 有免费讲解，在大厅集合，约一小时。语音导览器租金 15 元，押金 200 元，有中文、英文和日文。

## 展厅

### 一号厅：木船

镇馆之宝“福顺号”是一条三桅木帆船，长 21 米，1936 年下水，1998 年由渔民林阿财捐赠。船身为杉木和樟木。为了保护船体，厅内不能使用闪光灯。

### 二号厅：渔具

展出渔网、鱼叉和浮标共 420 件，最早的一件是明代的铁锚，1987 年在檀头山海域打捞出水。

### 三号厅：灯塔

北渔山灯塔的透镜高 2.6 米，巴黎制造，一直用到 1986 年。游客可以亲手转动一台小型复制品。

## 儿童活动

周六下午有结绳课，适合 7 到 12 岁，每次 20 元，名额 15 人，在前台报名。

## 服务

- 大件背包请存在大厅储物柜，投币 1 元，可退。
- 一楼有母婴室，轮椅和婴儿车可以免费借用。
- 咖啡厅在二楼，10:00 到 16:00 供应面条和饮料。
- 除导盲犬外，动物不能进馆。

## 交通

乘 12 路公交到渔港路站，下车走 300 米。馆前有 40 个车位，前两小时免费，之后每小时 5 元。
"""
MUSEUM_EN = """# Saltby Museum of Fishing: for visitors

## Opening times

Tuesday to Sunday from 10 am to 5 pm, last entry 4:30 pm. Closed on Mondays, on 25 and 26 December and on New Year's Day.

## Tickets

Adults £9, students and over-65s £6, children under 5 free. On the first Sunday of each month nobody pays. Your ticket is valid all day; ask for a stamp if you want to come back in. Groups of ten or more pay £7 each and book a week ahead.

## Tours

There is a free tour at 11 am and 2 pm; meet in the hall. It takes about 50 minutes. An audio guide costs £4 and speaks English, German and Dutch.

## The galleries

### Gallery 1: the Good Intent

The heart of the collection is the Good Intent, a herring drifter 19 metres long. She was launched in 1911 and given to us in 1994 by Harold Pyke, her last skipper. Her planks are oak and larch. No flash, please: light harms the paint.

### Gallery 2: gear

Nets, harpoons and floats, 380 pieces in all. The oldest is an iron anchor from about 1590, brought up off Saltby Point in 1982.

### Gallery 3: the light

The lens of Gull Rock lighthouse is 2.4 metres high, was made in Birmingham and shone until 1979. You can turn a small copy by hand.

## For children

A knot workshop every Saturday at 2 pm for ages 7 to 12. It costs £3, has 12 places and is booked at the desk.

## Good to know

- Large bags go into the lockers in the hall; the £1 coin comes back.
- A baby changing room is on the ground floor. Wheelchairs and pushchairs are lent for nothing.
- The café on the first floor serves soup, cakes and hot drinks until 4 pm.
- Guide dogs are welcome, other animals are not.

## Getting here

Bus 7 stops at Harbour Street, 300 metres away. There are 35 parking spaces in front; the first two hours are free, then it is £1 an hour.
"""
GYM_ZH = """# 北岸健身中心 会员手册

## 营业时间

周一至周五 6:30 到 22:30，周末 8:00 到 21:00。泳池关门比健身区早一小时。

## 会员卡

| 卡种 | 价格 | 包含 |
| --- | --- | --- |
| 月卡 | 298 元 | 健身区 |
| 季卡 | 780 元 | 健身区和团课 |
| 年卡 | 2,480 元 | 健身区、团课和泳池 |

年卡可以暂停两次，每次最多 30 天，不收费。转让给别人收 100 元手续费。退卡按剩余天数退款，扣除 10%。新会员可以免费体验一次，需带身份证。

## 泳池

泳池长 25 米，四条泳道，水温 27 度。必须戴泳帽，前台有售，每顶 25 元。深水区 1.8 米，身高 1.4 米以下的儿童要有大人陪同。水质每天检测两次，结果贴在入口。

## 团课

- 瑜伽：周一、周三 19:00，适合初学者，由许老师授课。
- 动感单车：周二、周四 18:30，每班 20 辆车，需提前一天约。
- 搏击操：周六 10:00，第一次来请先告诉教练有没有伤病。

迟到十分钟不能进教室。约了没来满三次，停约一周。

## 私教

私教课一节 60 分钟，280 元，买十节送一节，有效期半年。可以在前台换教练。

## 器械区

“领跑者”跑步机 12 台，最高时速 20 公里，每人高峰期最多用 30 分钟。用完器械请擦干。自由重量区要穿运动鞋。

## 更衣室

储物柜自带锁，过夜的物品会被清走。吹风机免费，毛巾租一条 5 元。桑拿房每天 16:00 起开，一次不超过 15 分钟，高血压的人不要进去。

## 停车

地下二层停车，会员两小时免费，前台盖章。
"""
GYM_EN = """# Northbank Fitness: members' handbook

## Hours

Monday to Friday 6:30 am to 10:30 pm, weekends 8 am to 9 pm. The pool closes an hour before the gym floor.

## Membership

| Plan | Price a month | What it has |
| --- | --- | --- |
| Basic | £24 | gym floor |
| Plus | £33 | gym floor and classes |
| Full | £45 | gym floor, classes and pool |

You can freeze your plan twice a year, for 30 days at most, free of charge. Leaving takes one month's notice in writing. A new member can try everything once for nothing; bring a photo ID.

## Pool

The pool is 25 metres long, has four lanes and is kept at 28 °C. Caps must be worn; reception sells them for £4. The deep end is 1.8 metres. Children under eight swim with an adult. The water is tested twice a day and the results hang at the entrance.

## Classes

- Yoga: Monday and Wednesday at 7 pm, fine for beginners, led by Priya.
- Spinning: Tuesday and Thursday at 6:30 pm, 18 bikes, book a day ahead.
- Boxfit: Saturday at 10 am. Tell the coach about injuries before your first time.

Nobody gets in more than ten minutes late. Three missed bookings mean a week without booking.

## Personal training

A session lasts 60 minutes and costs £38; ten cost £340 and must be used within six months. You can change your trainer at reception.

## Machines

There are 12 Pacer treadmills, which go up to 20 km an hour; at busy times half an hour each. Wipe machines after use. Trainers must be worn among the free weights.

## Changing rooms

Bring your own padlock; what is left overnight is removed. Hair dryers are free, a towel is £2. The sauna opens at 4 pm; stay no longer than 15 minutes, and keep out if you have high blood pressure.

## Parking

Level −2, two hours free for members: have your ticket stamped at reception.
"""

DOCUMENTS: dict[str, dict[str, str]] = {
    "zh": {"museum": MUSEUM_ZH, "gym": GYM_ZH},
    "en": {"museum": MUSEUM_EN, "gym": GYM_EN},
}

# document, question, words of the passage that answers it; none: it is not answered
HELD: dict[str, tuple[tuple[str, str, str], ...]] = {
    "zh": (
        ("museum", "博物馆星期一开门吗？", "周一闭馆"),
        ("museum", "最晚几点还能进去？", "16:30"),
        ("museum", "大学生门票多少钱？", "半价"),
        ("museum", "中午出去吃个饭还能再进来吗？", "再次入馆"),
        ("museum", "“福顺号”是谁捐的？", "林阿财"),
        ("museum", "“福顺号”是用什么木头造的？", "杉木和樟木"),
        ("museum", "那个灯塔的透镜是哪里制造的？", "巴黎"),
        ("museum", "最老的铁锚是什么时候捞上来的？", "1987"),
        ("museum", "语音导览有日语吗？", "日文"),
        ("museum", "结绳课要多大的孩子才能参加？", "7 到 12 岁"),
        ("museum", "可以开闪光灯拍照吗？", "不能使用闪光灯"),
        ("museum", "推婴儿车方便吗，能借吗？", "免费借用"),
        ("gym", "周末几点关门？", "21:00"),
        ("gym", "年卡能不能停一段时间？", "暂停两次"),
        ("gym", "把卡转给朋友要收多少钱？", "100 元"),
        ("gym", "谁教瑜伽？", "许老师"),
        ("gym", "泳池的水多少度？", "27 度"),
        ("gym", "跑步机最快能跑多快？", "20 公里"),
        ("gym", "没带泳帽能买到吗？", "25 元"),
        ("gym", "私教课买了多久内要上完？", "半年"),
        ("gym", "我有高血压，能蒸桑拿吗？", "不要进去"),
        ("gym", "约了课没去会怎么样？", "停约一周"),
        ("gym", "水质谁都能看到结果吗？", "贴在入口"),
        ("gym", "动感单车一个班有几辆车？", "20 辆"),
    ),
    "en": (
        ("museum", "Are you open on Mondays?", "Closed on Mondays"),
        ("museum", "What is the latest I can get in?", "4:30 pm"),
        ("museum", "How much is a ticket for a student?", "£6"),
        ("museum", "Can I leave for lunch and come back?", "stamp"),
        ("museum", "Who gave the Good Intent to the museum?", "Harold Pyke"),
        ("museum", "What wood is the Good Intent built of?", "oak and larch"),
        ("museum", "Where was the lighthouse lens made?", "Birmingham"),
        ("museum", "When was the old anchor found?", "1982"),
        ("museum", "Does the audio guide come in German?", "German"),
        ("museum", "How old must my daughter be for the knot workshop?", "7 to 12"),
        ("museum", "May I take pictures with flash?", "No flash"),
        ("museum", "Could we borrow a pushchair?", "lent for nothing"),
        ("gym", "When do you close at the weekend?", "9 pm"),
        ("gym", "Can I pause my membership while I travel?", "freeze"),
        ("gym", "How much notice do I have to give to quit?", "one month"),
        ("gym", "Who teaches yoga?", "Priya"),
        ("gym", "How warm is the pool?", "28 °C"),
        ("gym", "How fast do the treadmills go?", "20 km"),
        ("gym", "I forgot my cap, can I buy one?", "£4"),
        ("gym", "How long are ten training sessions valid?", "six months"),
        ("gym", "Is the sauna all right with high blood pressure?", "keep out"),
        ("gym", "What happens if I book and do not show up?", "a week without booking"),
        ("gym", "How often is the water checked?", "twice a day"),
        ("gym", "How many bikes are there in spinning?", "18 bikes"),
    ),
}
MISSING: dict[str, tuple[tuple[str, str], ...]] = {
    "zh": (
        ("museum", "博物馆的楼是谁设计的？"),
        ("museum", "“福顺号”当年花了多少钱造的？"),
        ("museum", "“福顺号”是在哪个船厂造的？"),
        ("museum", "去年一共有多少人来参观？"),
        ("museum", "灯塔的透镜重多少公斤？"),
        ("museum", "铁锚是谁发现的？"),
        ("museum", "结绳课的老师是谁？"),
        ("museum", "语音导览是谁录的音？"),
        ("museum", "“福顺号”值多少钱？"),
        ("museum", "讲解员是怎么培训的？"),
        ("museum", "咖啡厅的面条好吃吗？"),
        ("museum", "附近有什么好玩的海滩？"),
        ("museum", "博物馆什么时候扩建？"),
        ("museum", "“福顺号”这个名字有什么来历？"),
        ("gym", "“领跑者”跑步机是哪个公司生产的？"),
        ("gym", "你们健身房的老板是谁？"),
        ("gym", "泳池的水多久换一次？"),
        ("gym", "许老师教了几年瑜伽？"),
        ("gym", "跑步机一台多少钱买的？"),
        ("gym", "练动感单车一个月能瘦几斤？"),
        ("gym", "你们和隔壁的健身房哪个更好？"),
        ("gym", "泳池一共能容纳多少人？"),
        ("gym", "搏击操用的是什么音乐？"),
        ("gym", "桑拿房的温度有多高？"),
        ("gym", "教练们的工资是怎么算的？"),
        ("gym", "泳池是哪家公司建的？"),
        ("gym", "会员的平均年龄是多少？"),
        ("gym", "以后会不会开第二家店？"),
    ),
    "en": (
        ("museum", "Who designed the museum building?"),
        ("museum", "How much did the Good Intent cost to build?"),
        ("museum", "In which shipyard was the Good Intent built?"),
        ("museum", "How many people visited last year?"),
        ("museum", "How heavy is the lens?"),
        ("museum", "Who found the anchor?"),
        ("museum", "Who runs the knot workshop?"),
        ("museum", "Whose voice is on the audio guide?"),
        ("museum", "What is the Good Intent worth today?"),
        ("museum", "How are the tour guides trained?"),
        ("museum", "Are the cakes in the café any good?"),
        ("museum", "Which beaches nearby are nice?"),
        ("museum", "When will the museum be extended?"),
        ("museum", "Why is she called the Good Intent?"),
        ("gym", "Which company makes the Pacer treadmills?"),
        ("gym", "Who owns Northbank Fitness?"),
        ("gym", "How often is the pool emptied and refilled?"),
        ("gym", "How many years has Priya been teaching?"),
        ("gym", "What did you pay for the treadmills?"),
        ("gym", "How much weight will I lose with spinning?"),
        ("gym", "Are you better than the gym next door?"),
        ("gym", "How many swimmers fit in the pool?"),
        ("gym", "What music do you play in Boxfit?"),
        ("gym", "What temperature is the sauna?"),
        ("gym", "How much do the trainers earn?"),
        ("gym", "Which firm built the pool?"),
        ("gym", "What is the average age of the members?"),
        ("gym", "Will you open a second gym?"),
    ),
}

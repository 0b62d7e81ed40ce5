"""A shop, a school and a clinic, in Chinese and English, with questions written by hand.

An answerable question has words of the passage that answers it; an unanswerable one has none.
Rules were mended on the shop, the school and the clinic; the hotel was written when they were done,
and nothing was changed after it had been looked at.
"""

from __future__ import annotations

SHOP_ZH = """# 木禾家居 购物须知

## 退换货

收到商品后七天内，包装完整、不影响二次销售的，可以申请退货。灯泡、床品等贴身或易耗商品拆封后不退不换。
质量问题由我们承担来回运费；不喜欢、买错了，寄回的运费由您自己出。
退款会在仓库验收后 2 个工作日内原路返回，信用卡可能要多等 3 至 5 天。

## 配送

| 地区 | 运费 | 时效 |
| --- | --- | --- |
| 江浙沪 | 6 元 | 次日达 |
| 其他省份 | 12 元 | 3 至 5 天 |
| 新疆、西藏 | 30 元 | 7 至 10 天 |

单笔满 199 元免运费。大件家具由合作物流送货上门，上楼另收每层 20 元。

## 产品

榆木餐桌售价 1,680 元，长 140 厘米、宽 80 厘米，承重 120 公斤，质保三年。
云朵落地灯售价 329 元，有米白和墨绿两种颜色，灯泡可更换，质保一年。

## 常见问题

问：可以开发票吗？
答：可以。下单时填写抬头和税号，电子发票在签收后发到您的邮箱。

问：家具要自己装吗？
答：餐桌和书柜需要简单组装，工具随箱附送；江浙沪可以预约师傅，每件 60 元。

问：门店在哪里？
答：门店在杭州市滨江区江虹路 88 号，周二到周日 10:00 至 20:00，周一休息。

## 会员

注册即为普通会员。一年内消费满 2,000 元升为银卡，享九五折；满 5,000 元升为金卡，享九折和优先发货。积分每 100 分抵 1 元，年底清零。
"""
SHOP_EN = """# Fern & Oak: how we work

## Returns

You have 30 days from delivery to send back anything you do not like, as long as it is unused and in its box. Mattresses and bulbs cannot be returned once unwrapped. If an item is faulty we pay the postage both ways; if you changed your mind, you pay to send it back. Money goes back to the card you used within 5 working days of the parcel reaching us.

## Delivery

| Where | Price | Takes |
| --- | --- | --- |
| Mainland UK | £4 | 2 days |
| Northern Ireland | £7 | 4 days |
| Scottish islands | £12 | 6 to 8 days |

Orders over £80 go free. Large furniture is brought by two people into the room of your choice. We do not deliver outside the UK.

## Products

The Birch table costs £340, is 150 cm long and carries 100 kg. It has a five-year guarantee.
The Pebble lamp costs £65 and comes in grey and rust. Its bulb can be changed; the guarantee is two years.

## Questions people ask

Q: Can I get an invoice with our VAT number?
A: Yes. Enter the number at checkout; the invoice comes by e-mail when the parcel leaves.

Q: Do I have to put the furniture together?
A: Tables and shelves need a few screws, and the tools are in the box. In London a fitter can come for £45 an item.

Q: Where is your showroom?
A: At 12 Canal Street, Leeds, open Wednesday to Sunday from 10 am to 6 pm.

## Fern Club

Joining is free. After you have spent £250 in a year you get 5% off everything and early access to sales. Points expire on 31 December.
"""
SCHOOL_ZH = """# 启明中学学生手册

## 作息

早读 7:40 开始，上午四节课，下午三节课，16:50 放学。迟到三次记一次旷课。

## 请假

事假须家长提前一天在“家校通”提交，班主任批准；三天以上由年级组长批准。病假当天早上 8 点前打电话给班主任，返校时交医院证明。

## 手机

学生可以带手机到校，但进校后须放入班级手机柜，放学时领取。违反者由老师代管，家长来取。

## 校服

周一升旗和大型活动必须穿校服，其余日子不限。校服一套 260 元，在总务处购买，尺码不合适两周内可以换。

## 食堂

午餐分两批：七、八年级 11:40，九年级 12:05。每餐 15 元，刷校园卡。有清真窗口。饭卡丢失到信息中心补办，工本费 10 元。

## 图书馆

- 每人最多借 5 本，期限三周，可以续借一次。
- 逾期每本每天 0.2 元。
- 寒暑假借书可延到开学第一周归还。

## 考试

期中考试在第十周，期末考试在第二十周。考试作弊该科记零分并给予警告处分。补考安排在下学期开学前一周。

## 社团

每周三下午第三节为社团时间，每人至多参加两个。新社团须有 12 名以上学生和一位指导老师，向德育处申请。
"""
SCHOOL_EN = """# Hillside School: handbook for pupils and parents

## The day

Registration is at 8:35 and lessons end at 15:20. A pupil who comes after 8:50 signs in at the office. Three late arrivals in a week mean a lunchtime detention.

## Absence

Parents report sickness before 9:00 on the absence line or in the app. Leave for other reasons is asked for at least five school days before, on the blue form; the head of year decides, for more than three days the headteacher.

## Phones

Phones are switched off and kept in the locker from the first bell to the last. A phone that is seen is kept in the office until a parent collects it.

## Uniform

Navy jumper, grey trousers or skirt, black shoes. Jumpers with the badge are sold by Marlow & Sons for £22. On Fridays PE kit may be worn all day.

## Lunch

Hot lunch costs £2.80 and is paid with the lunch card. Pupils in year 7 eat at 12:10, all others at 12:50. There is a halal counter. A new lunch card costs £3 at reception.

## Library

- Up to 4 books at a time, for three weeks.
- One renewal, unless somebody is waiting.
- 10p a day for each late book.

## Examinations

Mock exams are in January, final exams from mid May. Cheating means no marks in that paper and a letter home. Resits take place in the last week of August.

## Clubs

Clubs meet on Thursdays after the last lesson until 16:30. The late bus leaves at 16:40 and must be booked by noon.
"""
CLINIC_ZH = """# 安和社区诊所 就诊指南

## 门诊时间

周一至周五 8:00—17:30，周六 8:00—12:00，周日和法定节假日停诊。沈医生每周二、四全天坐诊，骆医生周一、三、五上午坐诊。

## 挂号

可以提前七天在公众号预约，也可以当天到一楼窗口排队。普通号 10 元，专家号 30 元。迟到超过 20 分钟需要重新排队。

## 抽血检查

抽血前一晚 22 点以后不要进食，可以喝少量白水。降压药照常吃，降糖药请带来，抽完血再服。报告一般当天下午三点后在自助机打印，激素类项目要等三天。

## 疫苗

流感疫苗每年九月到次年一月接种，费用 128 元，需自费。发烧、急性病发作期不能接种。接种后请留观 30 分钟。注射部位红肿、低热属于正常反应，一般两天内消退。

## 用药：布洛芬缓释胶囊

成人一次 1 粒，一天 2 次，早晚各一次，两次间隔 12 小时。胃溃疡患者、对阿司匹林过敏者禁用。怀孕后三个月不能使用。连续使用不要超过五天，退烧使用不超过三天。

## 费用与报销

本诊所是医保定点单位，门诊可刷医保卡，报销比例为 60%。发票丢失可以凭身份证到收费处补打一次。

## 其他

诊所门口没有停车位，可以停到对面的商场地下车库。轮椅在导诊台免费借用，押金 100 元。
"""
CLINIC_EN = """# Millbrook Surgery: information for patients

## Opening times

Monday to Friday from 8:00 to 18:30; Saturday 9:00 to 12:00 for booked appointments only. Closed on Sundays and bank holidays. Dr Okafor sees patients on Tuesdays and Thursdays, Dr Lindahl on Monday, Wednesday and Friday mornings.

## Appointments

Book up to four weeks ahead online, or ring at 8:00 for a place on the same day. If you cannot come, cancel at least two hours before. If you are more than ten minutes late you may be asked to book again.

## Blood tests

Do not eat for ten hours before a fasting test; sips of water are fine. Take your blood pressure tablets as usual and bring your diabetes medicine with you. Most results are back within three working days; hormone tests take up to two weeks.

## Flu vaccination

Offered from September to January. It is free for everyone over 65, for pregnant women and for people with asthma; others pay £18. We do not vaccinate anyone with a fever. Please stay for fifteen minutes afterwards. A sore arm is normal and passes within two days.

## Ibuprofen 200 mg: how to take it

Adults take one or two tablets up to three times a day with food, at least six hours apart. Do not use it if you have a stomach ulcer or are allergic to aspirin. It must not be taken in the last three months of pregnancy. See us if you still need it after ten days.

## Prescriptions

Repeat prescriptions take two working days. Any pharmacy can collect them for you. Each item costs £9.90.

## Getting here

There is no car park at the surgery; use the one behind the library, which is free for two hours. A wheelchair can be borrowed at reception.
"""
HOTEL_ZH = """# 望湖山庄 住客须知

## 入住与离店

下午 2 点起办理入住，中午 12 点前退房。延迟到下午 6 点前退房加收半天房费，之后按一天计。每位住客都要出示有效证件。

## 房型与价格

| 房型 | 平日 | 周末与节假日 |
| --- | --- | --- |
| 湖景大床房 | 480 元 | 620 元 |
| 山景双床房 | 360 元 | 450 元 |
| 家庭套房 | 780 元 | 960 元 |

房价含双早。加床每晚 120 元，1.2 米以下儿童不占床免费。

## 取消

入住前一天 18:00 之前取消不收费，之后取消收取首晚房费。预付房不可取消。

## 设施

- 室外泳池 7 月到 9 月开放，9:00 至 21:00，须戴泳帽。
- 自助洗衣房在地下一层，洗一次 10 元。
- 大堂可以免费借雨伞、婴儿车和充电宝。

## 用餐

早餐 7:00 至 10:00，在一楼望湖厅。晚餐需提前半天预订，人均约 90 元。可以准备素食，请提前告诉我们。

## 交通

从高铁站乘 6 路公交到终点站，约 40 分钟；山庄每天 10:00 和 15:00 有免费班车到地铁站。停车每晚 20 元。

## 宠物

小型犬可以入住指定楼层的房间，清洁费每晚 80 元，不得进入餐厅。
"""
HOTEL_EN = """# The Heron Inn: good to know

## Arriving and leaving

Your room is ready from 3 pm. Please leave it by 11 am; staying until 4 pm costs half a night. Everybody staying shows a passport or identity card.

## Rooms

| Room | Weekdays | Weekends |
| --- | --- | --- |
| River double | £95 | £120 |
| Garden twin | £80 | £98 |
| Family room | £140 | £165 |

Breakfast is in the price. An extra bed is £20 a night; children under four sleep free.

## Cancelling

Free of charge until 6 pm the day before; after that the first night is charged. Prepaid rooms cannot be cancelled.

## What we have

- The heated pool is open from May to September, 8 am to 8 pm.
- The laundry is in the basement, £3 a load.
- Umbrellas and cots are lent free at reception.

## Eating

Breakfast from 7 to 10 in the Reed Room. Dinner must be ordered by noon and costs about £28. Tell us beforehand if you eat no meat.

## Getting here

Bus 14 from the station stops outside; the ride takes 25 minutes. Our own van fetches guests from the station at 12 and 5, free of charge. Parking is £8 a night.

## Animals

Dogs up to 15 kg are welcome in the garden rooms for £10 a night, but not in the restaurant.
"""

DOCUMENTS: dict[str, dict[str, str]] = {
    "zh": {"shop": SHOP_ZH, "school": SCHOOL_ZH, "clinic": CLINIC_ZH, "hotel": HOTEL_ZH},
    "en": {"shop": SHOP_EN, "school": SCHOOL_EN, "clinic": CLINIC_EN, "hotel": HOTEL_EN},
}

# document, question, words of the passage that answers it; none: it is not answered
HELD: dict[str, tuple[tuple[str, str, str], ...]] = {
    "zh": (
        ("shop", "买回来几天之内能退？", "七天内"),
        ("shop", "床单拆开了还能退吗？", "拆封后不退不换"),
        ("shop", "买错了退回去邮费算谁的？", "由您自己出"),
        ("shop", "钱什么时候退到我卡上？", "2 个工作日"),
        ("shop", "寄到新疆运费多少？", "30 元"),
        ("shop", "上海多久能到？", "次日达"),
        ("shop", "榆木餐桌能承受多重？", "120 公斤"),
        ("shop", "云朵落地灯有哪些颜色？", "米白和墨绿"),
        ("shop", "落地灯保修多长时间？", "质保一年"),
        ("shop", "你们周一营业吗？", "周一休息"),
        ("shop", "怎样才能成为金卡会员？", "5,000 元"),
        ("shop", "餐桌送来要自己安装吗？", "需要简单组装"),
        ("school", "下午几点放学？", "16:50"),
        ("school", "孩子发烧去不了学校怎么请假？", "打电话给班主任"),
        ("school", "手机可以带进学校吗？", "手机柜"),
        ("school", "校服多少钱？", "260 元"),
        ("school", "饭卡掉了怎么办？", "信息中心补办"),
        ("school", "一次能借几本书？", "最多借 5 本"),
        ("school", "书还晚了要罚多少？", "0.2 元"),
        ("school", "作弊会有什么后果？", "记零分"),
        ("school", "想办一个新社团要多少人？", "12 名"),
        ("school", "请假一个星期谁来批？", "年级组长批准"),
        ("clinic", "星期天看病吗？", "周日和法定节假日停诊"),
        ("clinic", "沈医生哪天在？", "周二、四"),
        ("clinic", "挂专家号多少钱？", "30 元"),
        ("clinic", "抽血之前能喝水吗？", "少量白水"),
        ("clinic", "化验结果什么时候出来？", "当天下午三点后"),
        ("clinic", "打流感疫苗要花多少钱？", "128 元"),
        ("clinic", "打完针胳膊红肿正常吗？", "属于正常反应"),
        ("clinic", "布洛芬一天吃几次？", "一天 2 次"),
        ("clinic", "有胃溃疡可以吃布洛芬吗？", "禁用"),
        ("clinic", "怀孕能吃布洛芬吗？", "怀孕后三个月不能使用"),
        ("clinic", "车停哪儿？", "地下车库"),
        ("clinic", "医保能报多少？", "60%"),
        ("hotel", "几点可以入住？", "下午 2 点"),
        ("hotel", "最晚几点要走？", "中午 12 点"),
        ("hotel", "湖景房周末多少钱？", "620 元"),
        ("hotel", "加一张床怎么收费？", "120 元"),
        ("hotel", "小孩要另外付钱吗？", "不占床免费"),
        ("hotel", "当天取消要扣钱吗？", "首晚房费"),
        ("hotel", "冬天能游泳吗？", "7 月到 9 月开放"),
        ("hotel", "哪里可以洗衣服？", "地下一层"),
        ("hotel", "有伞借吗？", "雨伞"),
        ("hotel", "早饭在哪儿吃？", "望湖厅"),
        ("hotel", "我不吃荤，能安排吗？", "可以准备素食"),
        ("hotel", "从火车站怎么过去？", "6 路公交"),
        ("hotel", "停一晚车要多少钱？", "20 元"),
        ("hotel", "能带狗住吗？", "小型犬可以入住"),
        ("hotel", "身份证要带吗？", "有效证件"),
    ),
    "en": (
        ("shop", "How long do I have to return something?", "30 days"),
        ("shop", "Can I send a mattress back after opening it?", "cannot be returned"),
        ("shop", "Who pays if I just don't want it any more?", "you pay to send it back"),
        ("shop", "When do I get my money back?", "5 working days"),
        ("shop", "What does delivery to Northern Ireland cost?", "£7"),
        ("shop", "Do you ship to France?", "do not deliver outside the UK"),
        ("shop", "How much weight does the Birch table hold?", "100 kg"),
        ("shop", "Which colours does the Pebble lamp come in?", "grey and rust"),
        ("shop", "How long is the lamp guaranteed?", "two years"),
        ("shop", "Is the showroom open on Mondays?", "Wednesday to Sunday"),
        ("shop", "How do I get 5% off?", "£250"),
        ("shop", "Do shelves come assembled?", "a few screws"),
        ("school", "What time does school finish?", "15:20"),
        ("school", "My son is ill, how do I tell you?", "absence line"),
        ("school", "May pupils use phones at break?", "switched off"),
        ("school", "How much is a jumper?", "£22"),
        ("school", "I lost my lunch card, what now?", "£3 at reception"),
        ("school", "How many books may I borrow?", "4 books"),
        ("school", "What is the fine for late books?", "10p a day"),
        ("school", "What happens if someone cheats?", "no marks"),
        ("school", "When are the mock exams?", "January"),
        ("school", "Who approves a week off?", "headteacher"),
        ("clinic", "Are you open at weekends?", "Saturday 9:00"),
        ("clinic", "On which days is Dr Okafor there?", "Tuesdays and Thursdays"),
        ("clinic", "How far in advance can I book?", "four weeks ahead"),
        ("clinic", "Can I drink water before a blood test?", "sips of water"),
        ("clinic", "When will I get my results?", "three working days"),
        ("clinic", "What does the flu jab cost?", "£18"),
        ("clinic", "My arm hurts after the vaccination, is that normal?", "sore arm is normal"),
        ("clinic", "How often can I take ibuprofen?", "three times a day"),
        ("clinic", "Can I take ibuprofen with a stomach ulcer?", "Do not use it"),
        ("clinic", "Is ibuprofen safe when pregnant?", "must not be taken"),
        ("clinic", "Where can I park?", "behind the library"),
        ("clinic", "How much is a prescription?", "£9.90"),
        ("hotel", "When can I check in?", "3 pm"),
        ("hotel", "What time do I have to be out?", "11 am"),
        ("hotel", "How much is the River double at the weekend?", "£120"),
        ("hotel", "What do you charge for an extra bed?", "£20"),
        ("hotel", "Do toddlers pay?", "under four sleep free"),
        ("hotel", "Is there a charge if I cancel on the day?", "first night is charged"),
        ("hotel", "Can we swim in winter?", "May to September"),
        ("hotel", "Where can I wash clothes?", "basement"),
        ("hotel", "Could you lend me an umbrella?", "Umbrellas"),
        ("hotel", "Where is breakfast served?", "Reed Room"),
        ("hotel", "I am vegetarian, is that a problem?", "eat no meat"),
        ("hotel", "How do I get there from the station?", "Bus 14"),
        ("hotel", "How much is parking?", "£8"),
        ("hotel", "Can my dog stay with me?", "15 kg"),
        ("hotel", "Do I need my passport?", "identity card"),
    ),
}
MISSING: dict[str, tuple[tuple[str, str], ...]] = {
    "zh": (
        ("shop", "胡桃木书桌多少钱？"),
        ("shop", "你们老板叫什么名字？"),
        ("shop", "榆木餐桌是哪里产的？"),
        ("shop", "可以用花呗分期吗？"),
        ("shop", "客服电话是多少？"),
        ("shop", "南京有门店吗？"),
        ("shop", "云朵落地灯的功率是多少瓦？"),
        ("shop", "能以旧换新吗？"),
        ("shop", "礼品卡怎么用？"),
        ("shop", "你们公司有多少员工？"),
        ("shop", "餐桌防水吗？"),
        ("shop", "白金卡会员打几折？"),
        ("school", "校长是谁？"),
        ("school", "学校有游泳池吗？"),
        ("school", "奖学金有多少？"),
        ("school", "校车几点发车？"),
        ("school", "宿舍一晚多少钱？"),
        ("school", "高一年级几点吃午饭？"),
        ("school", "学费一年多少？"),
        ("school", "中考录取率是多少？"),
        ("school", "运动会哪天开？"),
        ("school", "学校的面积有多大？"),
        ("clinic", "王医生什么时候坐诊？"),
        ("clinic", "能做核磁共振吗？"),
        ("clinic", "洗牙多少钱？"),
        ("clinic", "诊所电话是多少？"),
        ("clinic", "阿莫西林一天吃几次？"),
        ("clinic", "狂犬疫苗要打几针？"),
        ("clinic", "布洛芬是哪个厂家生产的？"),
        ("clinic", "住院一天要多少押金？"),
        ("clinic", "骆医生毕业于哪所大学？"),
        ("clinic", "有没有心理咨询？"),
        ("clinic", "布洛芬多少钱一盒？"),
        ("clinic", "诊所是哪一年成立的？"),
        ("hotel", "总统套房多少钱一晚？"),
        ("hotel", "前台电话是多少？"),
        ("hotel", "有没有按摩？"),
        ("hotel", "房间的无线网密码是什么？"),
        ("hotel", "庄主叫什么名字？"),
        ("hotel", "附近有滑雪场吗？"),
        ("hotel", "客房一共有多少间？"),
        ("hotel", "能用支付宝付押金吗？"),
        ("hotel", "山庄是哪年建的？"),
        ("hotel", "晚上有什么表演？"),
        ("hotel", "去飞机场打车要多少钱？"),
        ("hotel", "行李可以寄存几天？"),
        ("hotel", "会员有没有折扣？"),
        ("hotel", "望湖厅能坐多少人？"),
        ("hotel", "可以在房间里抽烟吗？"),
    ),
    "en": (
        ("shop", "How much is the Walnut desk?"),
        ("shop", "Who owns Fern & Oak?"),
        ("shop", "Where is the Birch table made?"),
        ("shop", "Can I pay in instalments?"),
        ("shop", "What is your phone number?"),
        ("shop", "Do you have a showroom in Glasgow?"),
        ("shop", "How many watts does the Pebble lamp use?"),
        ("shop", "Do you take old furniture in a trade-in?"),
        ("shop", "Do you sell gift cards?"),
        ("shop", "How many employees do you have?"),
        ("shop", "Is the Birch table waterproof?"),
        ("shop", "When was the company founded?"),
        ("school", "Who is the principal?"),
        ("school", "Does the school have a swimming pool?"),
        ("school", "How much are the scholarships?"),
        ("school", "What is the wifi password?"),
        ("school", "How much does boarding cost?"),
        ("school", "What are the tuition fees?"),
        ("school", "When is sports day?"),
        ("school", "How many pupils does the school have?"),
        ("school", "Which languages are taught?"),
        ("school", "What is the school motto?"),
        ("clinic", "When is Dr Patel in?"),
        ("clinic", "Can I have an MRI here?"),
        ("clinic", "How much is teeth cleaning?"),
        ("clinic", "What is the e-mail address of the surgery?"),
        ("clinic", "How often should I take amoxicillin?"),
        ("clinic", "How much is a rabies shot?"),
        ("clinic", "Which company makes the ibuprofen?"),
        ("clinic", "Do you offer counselling?"),
        ("clinic", "Where did Dr Lindahl study?"),
        ("clinic", "What is the price of a box of ibuprofen?"),
        ("clinic", "How many nurses work here?"),
        ("clinic", "Do you accept health insurance?"),
        ("hotel", "How much is the Presidential Suite?"),
        ("hotel", "What is the phone number of reception?"),
        ("hotel", "Do you offer massages?"),
        ("hotel", "What is the wifi password?"),
        ("hotel", "Who owns the inn?"),
        ("hotel", "Is there a golf course nearby?"),
        ("hotel", "How many rooms does the inn have?"),
        ("hotel", "Can I pay with Bitcoin?"),
        ("hotel", "When was the inn built?"),
        ("hotel", "Is there live music in the evening?"),
        ("hotel", "What does a taxi to the airport cost?"),
        ("hotel", "How long can I leave my luggage?"),
        ("hotel", "Is there a discount for members?"),
        ("hotel", "How many guests fit in the Reed Room?"),
        ("hotel", "May I smoke on the balcony?"),
    ),
}

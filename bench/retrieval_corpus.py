"""A fictional world in Chinese and English, and questions about it.

Companies, towns, people and house rules, all made up here. Every fact is one sentence of one
document; a question knows that sentence, and passages that hold it are right. Questions are of
five kinds: ``name`` (name and fact as written), ``paraphrase`` (the name, the fact in other words),
``meaning`` (neither name nor wording: what the thing does), ``number`` (a figure leads to its
owner), ``across`` (asked in the other language, names written as they are).
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

Language = Literal["zh", "en"]


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked, of which kind, and the sentence that answers it."""

    text: str
    kind: str
    fact: str


@dataclass(frozen=True, slots=True)
class World:
    """Documents by file name, and the questions."""

    documents: dict[str, str]
    questions: list[Question]


# What a company does as its page says it, and as somebody asks who does not know the words.
TRADES: tuple[tuple[str, str, str, str], ...] = (
    ("海水淡化装置", "把海水变成能喝的水", "desalination units", "turning sea water into drinking water"),
    ("人工耳蜗", "让听不见的人恢复听觉", "cochlear implants", "helping deaf people hear again"),
    ("蜂箱与蜂蜡", "给养蜜蜂的人用的东西", "hives and beeswax", "supplies for people who keep bees"),
    ("钢琴调律工具", "给琴校音的器具", "piano tuning tools", "getting a keyboard instrument back in pitch"),
    ("缆车与索道", "把游客吊着送上山", "aerial ropeways", "carrying visitors up a mountain hanging from a cable"),
    ("冷链车厢", "运冰淇淋不会化的货车", "refrigerated trailers", "moving ice cream by road without it melting"),
    ("盲文打印机", "给看不见的人印书", "braille embossers", "printing books for the blind"),
    ("防火门", "着火时挡住火势的门", "fire doors", "keeping flames from spreading between rooms"),
    ("儿童矫正鞋", "纠正小孩走路姿势", "orthopaedic children's shoes", "correcting how a small child walks"),
    ("光伏逆变器", "把太阳能板的电接进家里", "photovoltaic inverters", "feeding the power of solar panels into a home"),
    ("鱼苗孵化", "培育小鱼卖给养殖户", "fish hatcheries", "raising baby fish for farmers"),
    ("古籍修复纸", "修补破旧的老书", "conservation paper", "mending damaged old books"),
    ("地震预警终端", "大地摇晃之前提醒人逃生", "seismic alert terminals", "warning people before the ground shakes"),
    ("葡萄酒软木塞", "酒瓶口上的塞子", "wine corks", "closing bottles of red and white"),
    ("风力发电叶片", "靠刮风来发电的大桨", "turbine blades", "making electricity out of wind"),
    ("义肢关节", "截肢的人重新走路", "prosthetic joints", "letting amputees walk again"),
    ("智能电表", "自动记录家里用了多少电", "smart meters", "recording household electricity use by itself"),
    ("空气净化滤芯", "去掉屋里的灰尘和异味", "air purifier filters", "getting dust and smells out of a room"),
    ("无人机植保", "从天上给庄稼喷药", "crop-spraying drones", "treating fields with pesticide from above"),
    ("马鞍与缰绳", "骑马要用的皮具", "saddles and bridles", "leather gear for horse riders"),
    ("疫苗冷藏箱", "带着针剂下乡不变质", "vaccine carriers", "keeping injections cool on the way to villages"),
    ("电梯曳引机", "让高楼里的人不用爬楼", "lift traction machines", "sparing people the stairs in tall buildings"),
    ("潜水呼吸器", "在水底下长时间换气", "diving rebreathers", "breathing for long under water"),
    ("天文望远镜镜片", "看星星的仪器上的玻璃", "telescope mirrors", "glass for instruments that look at stars"),
    ("污泥干化", "处理下水道里的废渣", "sludge drying", "dealing with what is left over in sewage"),
    ("婴儿暖箱", "照料早产的宝宝", "infant incubators", "caring for babies born too early"),
    ("手语翻译软件", "帮聋哑人和别人沟通", "sign language software", "letting people talk who use their hands to speak"),
    ("茶叶烘焙机", "把采下来的嫩叶加热制干", "tea roasters", "drying freshly picked leaves with heat"),
    ("雪地轮胎", "冬天在结冰的路上开车不打滑", "winter tyres", "driving on ice without slipping"),
    ("垃圾分拣机器人", "自动把可回收的东西挑出来", "waste sorting robots", "picking out what can be recycled automatically"),
    ("舞台灯光", "给演唱会照明", "stage lighting", "lighting up concerts"),
    ("假牙材料", "补缺掉的牙齿", "denture materials", "replacing missing teeth"),
    ("渔网编织", "捕鱼人撒进海里的工具", "net weaving", "what fishermen cast into the sea"),
    ("高空清洗", "擦摩天大楼的外墙玻璃", "façade cleaning", "washing the windows of skyscrapers from outside"),
    ("种子银行", "长期保存植物的种", "seed vaults", "storing plant seeds for decades"),
    ("信鸽训练", "教鸟送信", "pigeon training", "teaching birds to carry messages"),
    ("指纹门锁", "不带钥匙用手指开门", "fingerprint locks", "opening a door with a finger, no key"),
    ("陶瓷刀具", "不会生锈的切菜家伙", "ceramic knives", "kitchen blades that never rust"),
    ("泥石流监测", "山坡垮下来之前发现危险", "debris flow monitoring", "noticing that a slope is about to come down"),
    ("宠物殡葬", "猫狗去世后的安葬", "pet funerals", "burying cats and dogs that have died"),
)  # fmt: skip

# House rules: heading, the rule, a question in other words; Chinese, then English.
RULES: tuple[tuple[str, str, str, str, str, str], ...] = (
    ("年假", "员工入职满一年后享有十二个工作日的带薪休假，未用完的可结转至次年三月底。", "今年没休完的假明年还能用吗？", "Annual leave", "After one year of service an employee has twelve paid days off; what is left may be taken until the end of March.", "Can I still use holidays I did not take last year?"),
    ("差旅住宿", "出差住宿标准为每晚四百五十元，一线城市上浮三成。", "去外地办事住旅馆最多能报多少钱？", "Lodging", "On business trips lodging is covered up to 110 crowns a night, a third more in capitals.", "How expensive may my hotel be when I travel for work?"),
    ("打印", "彩色输出须经部门主管批准，黑白不限。", "想印彩图要找谁同意？", "Printing", "Colour output needs the consent of the head of the department; black and white is free.", "Who has to agree before I print pictures in colour?"),
    ("访客", "外来人员须在前台登记证件，由接待人全程陪同。", "朋友来公司看我要办什么手续？", "Visitors", "Outsiders show an identity card at the front desk and are accompanied all the time.", "What must a friend do who comes to see me at the office?"),
    ("密码", "账户口令至少十四位，每一百八十天更换一次。", "登录用的密匙多久要改？", "Passwords", "Account secrets have at least fourteen characters and are replaced every 180 days.", "How often do I have to change my login?"),
    ("退货", "商品签收后三十天内，包装完好即可全额退款。", "买错了东西还能把钱要回来吗？", "Returns", "Goods in their packaging are refunded in full within thirty days of delivery.", "Do I get my money back if I bought the wrong thing?"),
    ("停车", "地下二层为员工车位，访客请停在北门外。", "开车来拜访放在哪里？", "Parking", "The second basement is for staff; guests leave their cars outside the north gate.", "Where can somebody visiting put the car?"),
    ("病假", "因健康原因缺勤超过两天须提供医院证明。", "发烧在家躺了三天需要交什么？", "Sick leave", "Absence for health reasons of more than two days needs a doctor's note.", "I had a fever for three days, what do I hand in?"),
    ("加班", "周末工作按双倍计薪，或安排调休。", "星期六来上班给多少钱？", "Overtime", "Work at weekends is paid double or made up with time off.", "What do I earn for coming in on a Saturday?"),
    ("育儿", "父亲可在孩子出生后一年内申请二十天陪护假。", "当爸爸了能休息多久？", "Parents", "A father may take twenty days within a year of the birth.", "How much time off does a new dad get?"),
    ("食堂", "午餐供应时间为十一点半至一点一刻，素食窗口在东侧。", "不吃肉的人在哪里打饭？", "Canteen", "Lunch is served from 11:30 to 13:15; vegetarian dishes are on the east side.", "Where does somebody who eats no meat get food?"),
    ("钥匙", "门禁卡遗失须当日报告保安处，补办费五十元。", "开门的卡丢了怎么办？", "Badges", "A lost access card is reported to security the same day; a new one costs twelve crowns.", "I cannot find the thing that opens the doors, what now?"),
    ("宠物", "导盲犬以外的动物不得进入办公区。", "能不能带我家的猫去上班？", "Animals", "No animals but guide dogs are allowed in the offices.", "May I bring my cat to work?"),
    ("吸烟", "全楼禁烟，露台指定区域除外。", "想抽一根去哪儿？", "Smoking", "Smoking is forbidden in the building except in the marked part of the terrace.", "Where can I light a cigarette?"),
    ("培训", "每人每年有六千元进修经费，结业后凭证书报销。", "自己上课学习公司出钱吗？", "Training", "Everyone has 1,500 crowns a year for courses, paid back against the certificate.", "Does the firm pay when I study something?"),
    ("远程", "每周可居家办公两天，须提前在系统中申报。", "一星期能有几天不用去公司？", "Remote work", "Two days a week may be worked from home if entered beforehand.", "How many days do I not have to come in?"),
    ("废弃设备", "报废的电脑须由信息部抹除硬盘后统一回收。", "旧电脑不用了直接扔吗？", "Old machines", "Discarded computers go to the IT department, which wipes their disks.", "Can I just throw away a laptop that is no longer used?"),
    ("举报", "发现舞弊可拨打匿名专线，公司保护举报人。", "看到同事贪污该跟谁说，会不会被报复？", "Reporting", "Fraud can be told on an anonymous line, and those who do so are protected.", "I saw a colleague steal; whom do I tell and am I safe?"),
    ("消防", "听到警铃后沿绿色标识步行至操场集合，不得乘坐电梯。", "着火了往哪儿跑？", "Alarm", "When the bell rings walk along the green signs to the sports field; never take the lift.", "Where do I run if there is a fire?"),
    ("试用", "新员工考察期为四个月，期间提前三天书面通知即可离职。", "刚来不久想辞职要提前多久说？", "Probation", "The first four months are on trial; three days' written notice ends them.", "I just started and want to quit, how early must I say so?"),
    ("发票", "报销单据须在开具后六十天内提交，逾期不予受理。", "收据放太久还能报吗？", "Receipts", "Bills are handed in within sixty days of their date and not accepted later.", "Is an old bill still paid back?"),
    ("礼品", "收受超过两百元的馈赠须登记并上交。", "客户送了很贵的东西能自己留着吗？", "Gifts", "Presents worth more than fifty crowns are registered and given up.", "A customer gave me something valuable, may I keep it?"),
    ("会议室", "预订后十五分钟无人到场则自动释放。", "订了房间迟到会怎么样？", "Meeting rooms", "A booking is released when nobody has come after fifteen minutes.", "What happens to the room I reserved if I am late?"),
    ("保密", "离职后两年内不得向竞争对手披露技术资料。", "换到对手公司能说以前的技术吗？", "Secrecy", "For two years after leaving, technical matters may not be told to competitors.", "May I talk about my old work at a rival company?"),
)  # fmt: skip

_ZH_HEADS = ("青岚", "云启", "白鹭", "川禾", "远汀", "朔光", "星槎", "松陵", "澄海", "枫桥", "玉衡", "沐川", "北屿", "南枝", "晨砾", "望舒", "听澜", "赤霄", "银杏", "拾光")  # fmt: skip
_ZH_TAILS = ("科技", "实业", "制造", "工坊", "集团", "股份", "装备")
_EN_HEADS = ("Alder", "Brindle", "Corvane", "Dunmere", "Elsway", "Fenrick", "Garlow", "Hestor", "Ivering", "Jorund", "Kelmoor", "Lathorn", "Morwen", "Norvale", "Ostrel", "Pendrin", "Quillon", "Rushford", "Selwick", "Tarrow")  # fmt: skip
_EN_TAILS = ("Works", "Industries", "Systems", "Makers", "Group", "Partners", "Labs")
_SURNAMES = "陆沈顾裴温秦纪祝俞骆阮柏涂冼覃"
_GIVEN = (
    "知远",
    "若棠",
    "明澈",
    "砚秋",
    "子衿",
    "怀瑾",
    "书屿",
    "承宇",
    "念真",
    "清和",
    "望北",
    "听雪",
)
_EN_GIVEN = ("Maren", "Tobias", "Ilse", "Anselm", "Petra", "Jonas", "Sunniva", "Caspar", "Edda", "Leif", "Oda", "Ruben")  # fmt: skip
_EN_SURNAMES = ("Vahl", "Brandt", "Osterly", "Quist", "Hale", "Lindqvar", "Meers", "Tolland", "Roux", "Sandvik", "Ekker", "Wynd", "Farrow", "Dahl", "Grue")  # fmt: skip
_ZH_TOWNS = ("石泉镇", "柳渡镇", "枕溪镇", "望江镇", "落霞镇", "鹿鸣镇", "梅岭镇", "盐滩镇", "双塔镇", "桑园镇", "雁栖镇", "竹坞镇", "铜陵渡", "沙湾镇", "鹤潭镇", "云台镇", "古槐镇", "月河镇", "碧峰镇", "驼铃镇")  # fmt: skip
_EN_TOWNS = ("Ashbourne Ferry", "Coldwater", "Duskmoor", "Eastmarsh", "Foxhollow", "Greywharf", "Highcairn", "Inverlock", "Kingsfold", "Larkhill", "Milbrook", "Netherby", "Oakreach", "Pinefall", "Ravenscar", "Saltmere", "Thornbury Vale", "Umberfield", "Westering", "Yarrowford")  # fmt: skip
# What a town is known for, and how one asks for it.
_FAMOUS = (
    ("雕花木窗", "手工木头窗户", "carved shutters", "wooden window covers cut by hand"),
    ("夜间萤火虫", "晚上会发光的小虫", "fireflies", "insects that glow at night"),
    ("百年酱园", "做了上百年的酱油", "an old soy brewery", "sauce that has been made for generations"),
    ("悬崖栈道", "贴着峭壁走的路", "a cliff walk", "a path along a steep rock face"),
    ("皮影戏", "用灯照着皮人演的戏", "shadow plays", "theatre with figures behind a lit screen"),
    ("温泉浴场", "从地下冒出的热水里泡澡", "thermal baths", "soaking in hot water from the ground"),
    ("油菜花田", "春天一片黄色的花海", "rapeseed fields", "a sea of yellow flowers in spring"),
    ("龙舟赛", "端午节划船比快慢", "boat races", "crews rowing against each other"),
    ("蓝染布", "用植物把布染成青色", "indigo cloth", "fabric coloured blue with plants"),
    ("盐雕", "用白色调味料做的艺术品", "salt sculptures", "art made of what one puts on food"),
    ("石拱长桥", "很久以前用石头砌的过河建筑", "an arched bridge", "an ancient stone way across the river"),
    ("候鸟湿地", "冬天从北方飞来的鸟", "a bird marsh", "winged guests that come from the north for winter"),
    ("灯塔", "夜里给船指路的光", "a lighthouse", "a light that shows ships the way"),
    ("陨石坑", "天上掉下来的石头砸出的洞", "a meteor crater", "a hole made by a rock from the sky"),
    ("钟表作坊", "修理看时间的机械", "clockmakers", "craftsmen for things that tell the time"),
    ("回音壁", "小声说话远处也能听到的墙", "a whispering wall", "a place where quiet talk is heard far away"),
    ("稻田画", "从高处看庄稼长成的图案", "rice field pictures", "images grown out of crops, seen from above"),
    ("地下冰窖", "古人夏天存冷的洞", "ice cellars", "where people stored cold in old summers"),
    ("风筝节", "把纸做的东西放上天的活动", "a kite festival", "flying paper things on strings"),
    ("玉米迷宫", "在庄稼地里找出口的游戏", "a maize maze", "finding the way out of a field"),
)  # fmt: skip


def world(language: Language, seed: int = 1) -> World:
    """The documents and at least 200 questions of one language."""
    chance = random.Random(f"{language} {seed}")
    documents: dict[str, str] = {}
    questions: list[Question] = []
    for name, text, asked in (*_companies(language, chance), *_towns(language, chance)):
        documents[name] = text
        questions += asked
    text, asked = _rules(language)
    documents["rules.md"] = text
    return World(documents, questions + asked)


def fillers(language: Language, number: int, seed: int = 2) -> Iterator[str]:
    """Passages of the same kind about companies that nobody asks about."""
    chance = random.Random(f"{language} {seed} fillers")
    for place in range(number):
        trade = chance.choice(TRADES)
        name = f"{_name(language, chance)} {place}"
        text, _ = _company(language, name, trade, chance)
        yield text.split("\n## ")[chance.randrange(4)]


def _name(language: Language, chance: random.Random) -> str:
    if language == "zh":
        return "".join(chance.sample(_ZH_HEADS, 2)) + chance.choice(_ZH_TAILS)
    return f"{chance.choice(_EN_HEADS)} {chance.choice(_EN_HEADS)} {chance.choice(_EN_TAILS)}"


def _person(language: Language, chance: random.Random) -> str:
    if language == "zh":
        return chance.choice(_SURNAMES) + chance.choice(_GIVEN)
    return f"{chance.choice(_EN_GIVEN)} {chance.choice(_EN_SURNAMES)}"


def _companies(
    language: Language, chance: random.Random
) -> Iterator[tuple[str, str, list[Question]]]:
    names: set[str] = set()
    for number, trade in enumerate(TRADES):
        while (name := _name(language, chance)) in names:
            pass
        names.add(name)
        text, asked = _company(language, name, trade, chance)
        yield f"company-{number:02}.md", text, asked


def _company(
    language: Language, name: str, trade: tuple[str, str, str, str], chance: random.Random
) -> tuple[str, list[Question]]:
    founder, head = _person(language, chance), _person(language, chance)
    year, staff = chance.randrange(1920, 2020), chance.randrange(40, 9000)
    sales, code = chance.randrange(100, 9999) / 10, f"{chance.choice('KRTVX')}{chance.choice('ABDF')}-{chance.randrange(1000, 9999)}"  # fmt: skip
    town = chance.choice(_ZH_TOWNS if language == "zh" else _EN_TOWNS)
    if language == "zh":
        facts = [
            f"{name}由{founder}于{year}年创立，起初只有一间租来的仓库。",
            f"公司主营{trade[0]}，产品销往二十多个国家。",
            f"{name}的主力型号为{code}，三年内免费保修。",
            f"上一财年{name}实现营业收入{sales}亿元，员工{staff}人。",
            f"现任总经理{head}主张先把售后做好，再谈扩张。",
        ]
        asked = [
            Question(f"{name}是谁创立的？", "name", facts[0]),
            Question(f"{code} 是哪家的型号？", "name", facts[2]),
            Question(f"最早把{name}办起来的人叫什么？", "paraphrase", facts[0]),
            Question(f"{name}现在由谁当家？", "paraphrase", facts[4]),
            Question(f"有没有企业能帮忙{trade[1]}？", "meaning", facts[1]),
            Question(f"哪家去年卖了{sales}亿？", "number", facts[3]),
            Question(f"Who runs {name} today?", "across", facts[4]),
        ]
        sections = ("沿革", "业务", "产品与服务", "经营情况", "管理层")
        extra = [
            f"搬到{town}以后，厂房扩建过两次，旧仓库改成了陈列室。",
            "研发团队与附近的大学合作，每年接收实习生。",
            "用户可以通过电话或网点报修，常用配件隔日送达。",
            "董事会决定把一成利润用于设备更新，其余留作周转。",
            "管理团队平均任职七年，每季度与一线班组座谈一次。",
        ]
    else:
        facts = [
            f"{name} was founded by {founder} in {year} in a rented warehouse.",
            f"The company makes {trade[2]} and sells them in more than twenty countries.",
            f"The main model of {name} is the {code}, with a warranty of three years.",
            f"In the last financial year {name} had revenues of {sales} million crowns and {staff} employees.",
            f"Its present managing director, {head}, wants good service before growth.",
        ]
        asked = [
            Question(f"Who founded {name}?", "name", facts[0]),
            Question(f"Whose model is the {code}?", "name", facts[2]),
            Question(f"Which person got {name} started?", "paraphrase", facts[0]),
            Question(f"Who is the boss at {name} now?", "paraphrase", facts[4]),
            Question(f"Is there a business for {trade[3]}?", "meaning", facts[1]),
            Question(f"Which firm turned over {sales} million?", "number", facts[3]),
            Question(f"{name}现在由谁当家？", "across", facts[4]),
        ]
        sections = ("History", "Business", "Products and service", "Figures", "Management")
        extra = [
            f"After the move to {town} the plant was enlarged twice; the old warehouse is a museum.",
            "Its engineers work with a nearby university and take trainees every year.",
            "Repairs are booked by telephone; common parts are delivered the next day.",
            "A tenth of the profit goes into new machines, the rest is kept in reserve.",
            "The managers have been in office for seven years on average and meet the teams quarterly.",
        ]
    return _article(language, name, zip(sections, facts, extra, strict=True)), asked


def _article(language: Language, name: str, told: Iterable[tuple[str, str, str]]) -> str:
    """A page about ``name``: heading, fact and a sentence more of each section."""
    gap = " " if language == "en" else ""
    parts = [f"## {section}\n\n{fact}{gap}{more}" for section, fact, more in told]
    return f"# {name}\n\n" + "\n\n".join(parts) + "\n"


def _towns(language: Language, chance: random.Random) -> Iterator[tuple[str, str, list[Question]]]:
    names = _ZH_TOWNS if language == "zh" else _EN_TOWNS
    for number, (name, famous) in enumerate(zip(names, _FAMOUS, strict=True)):
        people, high = chance.randrange(800, 60_000), chance.randrange(3, 2900)
        mayor = _person(language, chance)
        if language == "zh":
            facts = [
                f"{name}常住人口{people}人，海拔{high}米。",
                f"外地人知道这里，多半是因为{famous[0]}。",
                f"镇长{mayor}在任期内修通了环线公交。",
            ]
            asked = [
                Question(f"{name}住着多少居民？", "paraphrase", facts[0]),
                Question(f"哪个地方有{people}人？", "number", facts[0]),
                Question(f"想看{famous[1]}，该去哪里？", "meaning", facts[1]),
                Question(f"{name}的镇长是谁？", "name", facts[2]),
            ]
            rest = "集市逢三、逢八开市，早上六点最热闹。"
            text = f"# {name}\n\n{facts[0]}{facts[1]}\n\n## 镇务\n\n{facts[2]}{rest}\n"
        else:
            facts = [
                f"{name} has {people} inhabitants and lies {high} metres above the sea.",
                f"Strangers mostly know it for {famous[2]}.",
                f"Under its mayor {mayor} the ring bus was opened.",
            ]
            asked = [
                Question(f"How many people live in {name}?", "paraphrase", facts[0]),
                Question(f"Which place has {people} residents?", "number", facts[0]),
                Question(f"Where do I go to see {famous[3]}?", "meaning", facts[1]),
                Question(f"Who is the mayor of {name}?", "name", facts[2]),
            ]
            rest = (
                "The market is held on Tuesdays and Fridays and is busiest at six in the morning."
            )
            text = f"# {name}\n\n{facts[0]} {facts[1]}\n\n## Council\n\n{facts[2]} {rest}\n"
        yield f"town-{number:02}.md", text, asked


def _rules(language: Language) -> tuple[str, list[Question]]:
    zh = language == "zh"
    parts, asked = ["# 员工手册\n" if zh else "# Staff handbook\n"], []
    for rule in RULES:
        heading, fact, question = rule[:3] if zh else rule[3:]
        parts.append(f"## {heading}\n\n{fact}\n")
        asked.append(Question(question, "meaning", fact))
        asked.append(Question(rule[5] if zh else rule[2], "across", fact))
    return "\n".join(parts), asked

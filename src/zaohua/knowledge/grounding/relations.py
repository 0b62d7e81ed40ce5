"""What somebody did to a thing, by other words of the same meaning in Chinese and English.

A relation is asked for by who, where, when, why or at what cost (*who designed it*, 是哪里种的,
*how much did it cost to build*); a text bears it if it has a word of it in any form.
"""

from __future__ import annotations

from collections.abc import Iterator

Row = tuple[str, str]
"""How an attribute is asked for, and how a text bears it."""

_VERBS = (
    # Chinese verbs, English forms, other signs of it in a text.
    ("设计", r"design(?:s|ed|ers?|ing)?", "建筑师|drawn by|architect"),
    (
        "发明|研发|研制|开发|首创",
        r"invent(?:s|ed|ors?)?|develop(?:s|ed|ers?|ing)?|creat(?:e[sd]?|ors?)",
        "推出|研究|问世|pioneer|engineer",
    ),
    ("写|编写|撰写|创作|起草", r"wr(?:ote|itten|ites?|iters?)|authors?|edit(?:ed|ors?)", "作者|著|编|by"),
    ("画|绘制|绘", r"paint(?:s|ed|ers?)?|dr(?:aw|ew|awn)|illustrat(?:ed|ors?)", "作品|插图|artist"),
    ("作曲|谱曲|演唱|唱|演奏", r"compos(?:ed|ers?)|s(?:ang|ung|ings?|ingers?)|perform(?:s|ed|ers?)", "歌手|乐队|band"),
    ("拍摄|拍|摄影", r"photograph(?:ed|ers?)?|film(?:ed)?|shot", "镜头|camera"),
    ("录制|录|配音|朗读", r"record(?:ed|ing)|voiced?|narrat(?:ed|es|ors?)|read aloud", "声音|spoken"),
    ("雕刻|雕|刻", r"carv(?:ed|ers?)|sculpt(?:ed|ors?)|engrav(?:ed|ers?)", "石匠|木匠"),
    (
        "建造|修建|兴建|建成|承建|施工|盖|造|建",
        r"buil(?:d|t|ds|ders?)|construct(?:ed|ion|ors?)?|erect(?:ed)?|shipyard|architects?",
        "船厂|工程|竣工|put up",
    ),
    ("种植|种|栽培|采摘|养殖|捕捞", r"gr(?:ow|ew|own|owers?)|plant(?:ed)?|harvest(?:ed)?|farm(?:ed|ers?)?|caught", "产自|农场|茶园|果园|from"),
    ("缝制|织|手工制作|加工|代工|组装", r"sewn|sew(?:s|ed)|wove[n]?|knit(?:ted)?|assembled|process(?:ed)|handmade", "工厂|作坊|生产|制造|factory|workshop|made"),
    ("印刷|出版|发行", r"print(?:ed|ers?)|publish(?:ed|ers?)|issued", "出版社|刊|press"),
    ("发现|发掘|挖|打捞|捞", r"f(?:ound|inds?)|discover(?:s|ed|ers?|y)?|unearth(?:ed)?|excavat(?:ed|ors?)|dug up", "出土|出水|brought up"),
    ("收藏|收购|购得", r"collect(?:ed|ors?)|acquir(?:ed|es)|purchas(?:ed|es)|bought", "征集|捐赠|买|gift|given|gave"),
    ("赞助|资助|捐赠|捐|出资|投资", r"sponsor(?:s|ed)?|fund(?:s|ed|ing)?|donat(?:ed|es|ors?)|financ(?:ed|es)|gave|given", "赠|投|gift|grant|invest"),
    ("教|授课|主讲|带课|指导|培训|训练", r"t(?:each(?:es|ers?|ing)?|aught)|train(?:s|ed|ers?|ing)?|coach(?:es|ed)?|instruct(?:s|ed|ors?)?", r"老师|教练|讲师|导师|led\b|leads|run by|lecturer"),
    ("主持|组织|举办|主办|承办|策划", r"organi[sz](?:es?|ed|ers?)|host(?:s|ed)?|curat(?:ed|es|ors?)|runs?|ran", r"负责|由|led\b|\bby\b|\bask\b|\bwith (?=[a-z])"),
    ("翻译", r"translat(?:ed|es|ors?|ion)", "译"),
    ("供应|供货|进货", r"suppl(?:y|ies|ied|iers?)", "来自|货源|from|sourced"),
    ("认证|检测|检验|质检|鉴定", r"certif(?:y|ied|ies|icates?)|inspect(?:s|ed|ors?|ion)?|approved", "合格|标准|test|check|standard"),
    ("维护|保养|清洗|打扫|清洁|消毒", r"maintain(?:s|ed)?|servic(?:es|ed)|clean(?:s|ed|ers?|ing)?|disinfect(?:s|ed)?", "洗|擦|维修|wipe|wash|care|descale|maintenance"),
    ("更换|换|换水|更新|翻修|装修|改造", r"replac(?:e[sd]?|ement)|chang(?:e[sd]?)|empt(?:y|ied)|refill(?:s|ed)?|renovat(?:e[sd]?|ion)|refurbish(?:ed)?|updat(?:e[sd]?)", "替换|新|renew|new"),
    ("代言|推广|宣传", r"endors(?:e[sd]?|ements?)|promot(?:es|ed)|advertis(?:es|ed)", "广告|明星|ambassador|celebrit"),
    ("命名|取名|起名", r"name[sd]?|christen(?:ed)?|call(?:s|ed)", "名字|得名|named|called"),
    ("偷|盗", r"st(?:ole|olen|eals?)|thie(?:f|ves)|theft", "失窃|被盗"),
)  # fmt: skip
_WHO = r"谁(?![都也])|哪(?!怕|些人?都)|何人"
_WHEN = "什么时候|何时|哪一?年|哪[天月]"
_COST = "多少钱|多少|多久|多长时间|几年|几[天个]"

_PHRASES = (
    # What is asked in one phrase.
    (
        r"(?:名字|名称|叫法)[^，。?]{0,6}(?:来历|由来|含义|意思|怎么来)|为什么[^，。?]{0,6}(?:叫|取名|起名)|得名"
        r"|\bwhy (?:is|are|was|were)\b[^?]{1,50}\b(?:called|named)\b|named after|\bnames? (?:come from|mean)|origin of the name",
        r"得名|取名|命名|寓意|意为|意思是|因[^。]{1,16}而|来自|named? (?:after|for|comes|means)|called so|in honou?r of|after (?:the|its)",
    ),
    (
        r"灵感|寓意|背后的故事|来历|由来|inspir|story behind|meaning (?:of|behind)|stands? for\b|\blogo\b",
        r"灵感|寓意|象征|取自|来历|由来|源于|源自|历史|故事|标志|inspir|symbol|stands? for|story|history|meaning|logo",
    ),
    (
        r"多少钱买|多少钱购|花[^，。?]{0,8}买(?:的|来|下)|(?:进价|成本|造价)|耗资"
        r"|(?:did|have|has) (?:you|they|it|the \w+)\b[^?]{0,20}\b(?:pay|paid|spen[dt])\b|(?:production|building|development) costs?|\bbudget",
        r"买下|买来|买入|购入|购得|进价|成本|造价|耗资|预算|投入|bought|purchas|paid \S*\d|spent|budget|at a cost|invest",
    ),
    (
        r"值多少|价值(?:多少|是|有多)|估价|身价|\bworth\b(?! (?:it|seeing|a visit))|valued at|market value",
        r"价值|估价|估值|值\d|\bworth|valued?\b",
    ),
    (
        r"(?:卖(?:了|出|掉)|售出|卖过)[^，。?]{0,8}(?:多少|几)|(?:多少|几)[^，。?]{0,6}(?:卖了|卖出|售出)|销量"
        r"|how many\b[^?]{0,50}\b(?:sold|sell)\b|sales (?:figures|volume)|units sold",
        r"销量|卖出|售出|卖了|畅销|热销|\bsold\b(?! by)|\bsales\b|best.?sell",
    ),
    (
        r"最(?:受欢迎|热门|畅销|火|红|多人)|卖得最好|人气最|most popular|best.?sell|(?:customers|visitors|people)['’]? favou?rite",
        r"受欢迎|热门|畅销|热销|人气|popular|best.?sell|favou?rite|most (?:of|people|visit|order)",
    ),
    (
        r"好评|差评|评分|口碑|评价(?:怎么样|如何|好|是)|好(?:吃|喝|看|听|玩|闻)[吗么不]|\breviews?\b|\bratings?\b|any good\b|taste good|people think of",
        r"好评|差评|评分|评价|口碑|好[吃喝看听玩闻]|美味|口感|review|rating|\bstars?\b|delicious|tasty|tastes",
    ),
    (
        r"[和跟与比][^，。?]{1,20}(?:哪个|哪家|哪种|哪款|谁)[^，。?]{0,6}(?:更?好|更?强|更?值)|比[^，。?]{1,16}(?:更?好|强|厉害)[吗么?]"
        r"|\bbetter than\b|\bas good as\b|which (?:one )?is (?:the )?better",
        r"[^对]比[^例如]|更好|更强|相比|\bthan\b|compared|better",
    ),
    (
        r"能治|可以治|治好|治愈|治得|疗效|(?:能|会|可以)[^，。?]{0,6}(?:瘦|减肥|长高|助眠|美白|降血压)|瘦(?:几|多少)"
        r"|\bcures?\b|\bheals?\b|\brelieves?\b|lose weight|weight (?:will|can|do) i lose|weight loss|help(?:s)? (?:with|against)\b",
        r"[能可]治|治[好愈疗]|疗|缓解|改善|有助|减肥|瘦|助眠|\bcure|\bheal|reliev|treat|lose|weight loss|therap|good for|helps?\b",
    ),
    (
        r"(?:以后|将来|今后)[^，。?]{0,4}会|会不会[再还]?(?:开|出|推出|涨价|降价|扩建)|打算|什么时候(?:扩建|出新|上新|推出|涨价|降价|搬)|新款"
        r"|will (?:you|the \w+|it|there)\b[^?]{0,30}\b(?:extended|expanded|released|launch|relocat|another|second|new|next)\b"
        r"|\b(?:any|your) plans\b|are you (?:going|planning) to",
        r"计划|将[于在会]|即将|预计|明年|打算|筹备|新款|\bplan(?:s|ned)?\b|\bwill (?:open|launch|be|move|get)|upcoming|next (?:year|spring|summer|autumn|winter)",
    ),
    (
        r"(?:附近|周边|周围)[^，。?]{0,4}(?:有|的|哪|什么|推荐)(?![^，。?]{0,6}(?:门店|分店|网点|实体店|柜台))|推荐[^，。?]{0,8}(?:附近|周边)"
        r"|(?<!shop )(?<!shops )(?<!store )(?<!stores )(?<!branch )(?:nearby|near here|around here|in the neighbou?rhood)\b",
        r"附近|周边|周围|旁边|对面|隔壁|步行|走\d+米|\bnear|next to|opposite|behind|across the|around the corner|walk|met(?:re|er)s away",
    ),
    (
        r"教龄|从业|(?:教|做|干|工作)了?(?:几|多少)年|多少年经验|how (?:many years|long) (?:has|have) \w+[^?]{0,30}\b(?:been|worked|taught)|years of experience",
        r"教龄|从业|经验|年来|自\d+年|\bsince \d|for \w+ years|years['’]? (?:of|experience)|experience",
    ),
    (
        r"平均|占比|占百分之|比例(?:是|有|多)|\baverage\b|\bmedian\b|percentage of|proportion of",
        r"平均|均|占|比例|\d\s?[%％]|百分之|average|\bmean\b|median|per ?cent|one in \w+|half of",
    ),
    (
        r"事故|出过(?:什么)?事|投诉(?:率|有多少|多不多)|\baccidents?\b|how many complaints",
        r"事故|受伤|投诉|accident|injur|complain",
    ),
    (
        r"环保|碳排放|碳足迹|可降解|carbon (?:footprint|neutral)|eco.?friendly|sustainabl|biodegrad",
        r"环保|碳|回收|降解|carbon|\beco|sustain|recycl|biodegrad|certified",
    ),
)  # fmt: skip


def _asked(chinese: str, english: str) -> str:
    """Patterns for the ways in which one asks who did it, where, when and at what cost."""
    return (
        rf"(?:{_WHO})[^，。?]{{0,8}}?(?:{chinese})|(?:{chinese})(?:师|者|方|团队)|(?:{_WHEN})[^，。?]{{0,3}}(?:{chinese})的"
        rf"|(?:{chinese})[^，。?]{{0,6}}花了?(?:{_COST})|花了?(?:{_COST})[^，。?]{{0,3}}(?:{chinese})|多久(?:{chinese})一次"
        rf"|\bwho(?:se|m)?\b[^?,.]{{0,40}}?\b(?:{english})\b|\b(?:which|what) [a-z ]{{2,40}}?\b(?:{english})\b"
        rf"|\b(?:where|when|why) (?:was|were|is|are|did)\b[^?,.]{{1,60}}?\b(?:{english})\b"
        rf"|\bhow (?:often )?(?:is|are|was|were)\b[^?,.]{{1,60}}?\b(?:{english})\b"
        rf"|\b(?:cost|take|took|paid|spent)\b[^?,.]{{0,30}}? to (?:{english})\b"
    )


def rows() -> Iterator[Row]:
    """Of every relation."""
    for chinese, english, others in _VERBS:
        yield _asked(chinese, english), rf"{chinese}|\b(?:{english})\b|{others}"
    yield from _PHRASES

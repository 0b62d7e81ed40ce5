"""Common mistakes of both languages put right, without a model: what is wrong wherever it stands.

Only what is no word, or cannot stand beside its neighbours, is changed; a small model passes over
such mistakes, and rewrites what was right.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial
from typing import Any, Final

_CHINESE: Final = dict(
    pair.split(">")
    for pair in """
    因该>应该 以经>已经 己经>已经 必竟>毕竟 毕竞>毕竟 究竞>究竟 既使>即使 即然>既然 既将>即将
    做为>作为 好象>好像 爱带>爱戴 按装>安装 报怨>抱怨 辩别>辨别 布署>部署 部份>部分 成份>成分
    凑和>凑合 渡假>度假 供献>贡献 气侯>气候 时侯>时候 问侯>问候 侯选>候选 侯车>候车 幅射>辐射
    复盖>覆盖 浮燥>浮躁 干躁>干燥 急燥>急躁 枯躁>枯燥 决对>绝对 绝定>决定 竟赛>竞赛 竟争>竞争
    简炼>简练 锻练>锻炼 炼习>练习 蓝球>篮球 篮色>蓝色 录相>录像 照像>照相 迷底>谜底 迷语>谜语
    清淅>清晰 情续>情绪 手序>手续 松驰>松弛 水笼头>水龙头 名信片>明信片 通迅>通讯 迅问>询问
    训速>迅速 提昌>提倡 知到>知道 觉的>觉得 经厉>经历 历害>厉害 坐位>座位 请座>请坐 帐单>账单
    账篷>帐篷 公圆>公园 花圆>花园 校圆>校园 失忘>失望 希忘>希望 愿忘>愿望 真象>真相 在次>再次
    在见>再见 在也不>再也不 在也没>再也没 那怕>哪怕 安祥>安详 粗旷>粗犷 恶梦>噩梦 防碍>妨碍
    搏士>博士 厉史>历史 利史>历史 邻导>领导 另导>领导 麻繁>麻烦 没关细>没关系 勉厉>勉励 蜜切>密切
    密蜂>蜜蜂 批露>披露 其它人>其他人 恰淡>洽谈 亲睐>青睐 缺泛>缺乏 溶入>融入 入场卷>入场券
    奖卷>奖券 国库卷>国库券 赔尝>赔偿 陪偿>赔偿 寒喧>寒暄 宣染>渲染 严历>严厉 严励>严厉 园满>圆满
    暂新>崭新 振憾>震撼 震憾>震撼 针贬>针砭 嘱附>嘱咐 迫不急待>迫不及待 一如继往>一如既往
    再接再励>再接再厉 走头无路>走投无路 挺而走险>铤而走险 穿流不息>川流不息 按步就班>按部就班
    不径而走>不胫而走 不加思索>不假思索 出奇不意>出其不意 莫名奇妙>莫名其妙 谈笑风声>谈笑风生
    变本加利>变本加厉 察颜观色>察言观色 言简意骇>言简意赅 金榜提名>金榜题名 美仑美奂>美轮美奂
    世外桃园>世外桃源 一愁莫展>一筹莫展 默守成规>墨守成规 甘败下风>甘拜下风 鬼鬼崇崇>鬼鬼祟祟
    一诺千斤>一诺千金 直接了当>直截了当
    """.split()  # noqa: SIM905 - a list of words is read as such
)
_ENGLISH: Final = dict(
    pair.split(">")
    for pair in """
    teh>the becouse>because becuase>because recieve>receive recieved>received seperate>separate
    definately>definitely occured>occurred untill>until wich>which thier>their adress>address
    accomodate>accommodate accomodation>accommodation tommorow>tomorrow tomorow>tomorrow
    begining>beginning beleive>believe calender>calendar collegue>colleague comming>coming
    commitee>committee diffrent>different disapointed>disappointed dissapointed>disappointed
    embarass>embarrass enviroment>environment existance>existence experiance>experience
    finaly>finally foriegn>foreign freind>friend freinds>friends goverment>government
    greatful>grateful happend>happened immediatly>immediately independant>independent
    intresting>interesting knowlege>knowledge libary>library neccessary>necessary
    necesary>necessary noticable>noticeable ocassion>occasion oppurtunity>opportunity
    posible>possible prefered>preferred privilage>privilege probaly>probably realy>really
    recomend>recommend refered>referred restarant>restaurant sincerly>sincerely similiar>similar
    speach>speech strenght>strength succesful>successful suprise>surprise tendancy>tendency
    truely>truly unfortunatly>unfortunately usualy>usually vaccum>vacuum wierd>weird
    writting>writing alot>a_lot dont>don't doesnt>doesn't didnt>didn't isnt>isn't wasnt>wasn't
    werent>weren't arent>aren't couldnt>couldn't shouldnt>shouldn't wouldnt>wouldn't
    havent>haven't hasnt>hasn't hadnt>hadn't youre>you're theyre>they're im>I'm ive>I've
    cancelation>cancellation arguement>argument buisness>business commited>committed
    concious>conscious dilema>dilemma excercise>exercise guarentee>guarantee harrass>harass
    lisence>licence millenium>millennium mispell>misspell persue>pursue posession>possession
    pronounciation>pronunciation questionaire>questionnaire relevent>relevant religous>religious
    remeber>remember shedule>schedule sucess>success tommorrow>tomorrow wether>whether yeild>yield
    """.split()  # noqa: SIM905 - a list of words is read as such
)
_PARTICIPLES: Final = {
    "ate": "eaten", "went": "gone", "wrote": "written", "saw": "seen", "took": "taken",
    "came": "come", "drank": "drunk", "gave": "given", "broke": "broken", "spoke": "spoken",
    "forgot": "forgotten", "chose": "chosen", "began": "begun", "drove": "driven", "fell": "fallen",
}  # fmt: skip
_PLACES: Final = "house|home|car|room|garden|school|parents|friends?|children|books?|names?|own"
_BEGUN: Final = "going|coming|leaving|waiting|trying|getting|not|always|never|very|already|here"
_HAPPY: Final = (
    "高兴|开心|快乐|认真|仔细|努力|慢慢|轻轻|静静|悄悄|渐渐|大声|小声"
    "|飞快|热情|耐心|兴奋|紧张|难过|伤心|生气|着急"
)
Change = str | Callable[[re.Match[str]], str]
_PATTERNS: Final[tuple[tuple[re.Pattern[str], Change], ...]] = tuple(
    (re.compile(pattern, re.IGNORECASE), change)
    for pattern, change in (
        (r"(?<=[我你他她它咱您])门(?![口前外后诊铃票槛禁窗卫板牌把锁面内里边旁框路])", "们"),
        (rf"({_HAPPY})的(?=[一-鿿]{{1,2}}(?:了|着|起来|出来|下来|下去))", r"\1地"),
        (r"(?<=[跑跳笑说做写长变玩飞走累冻热])的(?=很|太|非常|真|特别|更|越来越)", "得"),
        (r"即(?![使将便可刻时日是兴席若令或位])(?=[^，。；]{1,8}又)", "既"),
        (r"在(?=(?:检[查察]|确认|核对|说|看|来|试|想|等|读|写)[一两几])", "再"),
        (r"检察(?=[一两几][遍次下]|一下)", "检查"),
        (r"\b(we|they|you) was\b", r"\1 were"),
        (r"\b(we|they|you) is\b", r"\1 are"),
        (r"\b(I|we|they|you) has\b", r"\1 have"),
        (r"\b(he|she|it|(?:the|this|that) [a-z]*[a-rt-z]) don't\b", r"\1 doesn't"),
        (rf"\b(ha[sd]|have|having) ({'|'.join(_PARTICIPLES)})\b",
         lambda found: f"{found[1]} {_PARTICIPLES[found[2].lower()]}"),
        (rf"\btheir(?= (?:{_BEGUN})\b)", "they're"),
        (rf"\bthere(?= (?:{_PLACES})\b(?! (?:is|are|was|were)))", "their"),
        (r"\byour(?= (?:going|welcome|right|wrong|not|late)\b)", "you're"),
        (r"\bits(?= (?:a|the|not|been|going|raining|too)\b)", "it's"),
        (r"\bit's own\b", "its own"),
        (r"\b(could|should|would|must|might) of\b", r"\1 have"),
        (r"\ba(?= [aeio][a-z])(?! (?:one|once|eu))", "an"),
        (r"\bi\b(?=[ '])", "I"),
    )
)  # fmt: skip
_WORDS: Final = re.compile(rf"\b(?:{'|'.join(_ENGLISH)})\b", re.IGNORECASE)
_PAIRS: Final = re.compile("|".join(_CHINESE))


def corrected(said: Any) -> str:
    """A text with common misspellings and slips of grammar put right."""
    text = _PAIRS.sub(lambda found: _CHINESE[found[0]], str(said))
    text = _WORDS.sub(lambda found: _cased(found[0], _ENGLISH[found[0].lower()]), text)
    for pattern, change in _PATTERNS:
        text = pattern.sub(partial(_changed, change), text)
    return text


def _changed(change: Change, found: re.Match[str]) -> str:
    return _cased(found[0], _said(found, change))


def _said(found: re.Match[str], change: Change) -> str:
    return found.expand(change) if isinstance(change, str) else change(found)


def _cased(before: str, after: str) -> str:
    after = after.replace("_", " ")
    return after[:1].upper() + after[1:] if before[:1].isupper() else after

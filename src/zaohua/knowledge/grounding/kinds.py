"""The kind of thing a question asks for, and whether a text has a thing of that kind."""

from __future__ import annotations

import re
from dataclasses import dataclass

_N = r"(?:\d[\d,.]*|[零〇一二两三四五六七八九十百千万半数]+)"
_EN = (
    r"(?:\d[\d,.]*|(?:a|an|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|fifteen|twenty"
    r"|thirty|forty|fifty|sixty|ninety|hundred|few|several)\b)"
)
_FEW = _EN.replace("a|an|", "")
_SPAN_ZH = (
    r"(?:个?工作日|天|日|周岁?|个?星期|个?月|年|个?小时|个?钟头|分钟|秒|课时|节课|学期|学年|季度)"
)
_SPAN_EN = (
    r"(?:(?:working|business|calendar|consecutive|school|full)[\s-]+)?"
    r"(?:days?|hours?|hrs?|weeks?|months?|years?|minutes?|mins?|seconds?|terms?|semesters?|lessons?|nights?)\b"
)
_SPANS = (
    rf"{_N}\s*(?:多|来|余|至|到|[-–~～])?\s*{_N}?\s*{_SPAN_ZH}|{_EN}(?:\s*(?:-|–|to|or)\s*{_EN})?[\s-]+{_SPAN_EN}"
    r"|立即|立刻|马上|即时|实时|当[天日场晚]|次日|隔[天日]|终身|永久|长期|随时|同日|整[天日年]|半[天年日]"
    r"|immediately|at once|instant|same day|next day|overnight|lifetime|permanent|for ever|as long as"
    r"|until|end of|不限|无限"
)
_MONEY = (
    rf"{_N}\s*(?:多|余)?\s*(?:万|亿)?\s*(?:元|块|角|美元|欧元|英镑|日元|人民币|港币)|[¥￥$€£]\s?\d|\d\s?[¥$€£]"
    r"|(?:元|价|费|yuan|rmb|price|cost|fee)[^。.\n]{0,20}[:：|]\s*[^|\n]{0,12}\d"
    rf"|{_EN}\s*(?:thousand|million|billion|hundred)?\s*"
    r"(?:yuan|rmb|cny|usd|eur|gbp|dollars?|euros?|pounds?|crowns?|cents?|francs?|pence|kr|bucks?)\b"
    r"|免费|免收|不收|包邮|免运费|自费|自理|承担|\bfree\b|no (?:extra |additional )?(?:charge|cost|fee)|at no cost|without charge"
    r"|included|双倍|[一二三四五六七八九\d]折|\d\s?[%％]|百分之|percent|per cent|[两二三\d]倍|半价|half price|double|全额|in full"
)
_TIME = (
    r"\d{1,2}\s?[:：点时]|\d{4}\s?年|\d{1,2}\s?月|[一二三四五六七八九十]{1,3}[月日号点]|\d{1,2}\s?[日号]|周[一二三四五六日末天]|星期|礼拜"
    r"|上午|下午|中午|早上|晚上|夜里|每[天日周月年季]|节假日|工作日|[前后]\b|之[前后]|以[前后]|[年月日天时]内|期间|逢|月底|年底|月初|年初|春|夏|秋|冬"
    r"|\b(?:[ap]\.?m\b|o'?clock|noon|midnight|morning|afternoon|evening|mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?s?\b"
    r"|\b(?:january|february|march|april|may|june|july|august|september|october|november|december)\b"
    r"|\b(?:1[0-9]|20)\d\d\b|\b(?:before|after|within|during|until|when|once|every|daily|weekly|monthly|yearly|spring|summer|autumn|winter)\b"
)
_COUNT = rf"{_N}|\b{_EN}|没有|无|不限|任意|唯一|每|all|none|\bno\b|unlimited|every|each|only|both|once|twice|single|double"
_DISTANCE = (
    rf"{_N}\s*(?:公里|千米|站|里[^面程]|分钟)|[走离距]\S{{0,8}}{_N}\s*米|\d\s?(?:km|mi)\b"
    rf"|{_EN}\s*(?:kilomet|miles?|stops?|blocks?|minutes?|met(?:er|re)s? (?:from|away))"
)
_LENGTH = rf"{_N}\s*(?:公里|千米|米|厘米|毫米|英寸|站|里|步)|\d\s?(?:km|cm|mm|m|ft|in|mi)\b|{_EN}\s*(?:kilomet|met(?:er|re)|miles?|feet|foot|inch|yard|stops?|blocks?|steps?)"


_PEOPLE = (
    r"[\u3400-\u9fff](?:人|员|师|长|者|生|傅|工|民|匠)(?![\u3400-\u9fff]?[日月])|老师|教练|医生|大夫|司机|主任|经理|店主|客服|前台|顾客|客户|家长|公司|集团|工厂|部门|馆方"
    r"|[您我你他她]|自己|(?:由|被|跟|找|问|向|给|请)[\u3400-\u9fff]{2}|[\u3400-\u9fff](?:厂|部|处|局|院|所|社|队|室)"
    r"|\bby (?!\d|the (?:end|time)|noon|hand|mail|phone|e-?mail)\w|\b(?:we|us|our|you|your|i|they|he|she|his|hers?|staff|team|person|people|m[ae]n|wom[ae]n"
    r"|child(?:ren)?|adults?|parents?|pupils?|students?|teachers?|head|trainers?|coach(?:es)?|instructors?|guides?|doctors?|dr|nurses?|mrs?|ms|owners?|managers?"
    r"|directors?|founders?|makers?|compan(?:y|ies)|firms?|ltd|inc|department|office|reception|desk|carriers?|couriers?|drivers?|warehouse|customers?|guests?|members?"
    r"|visitors?|users?|patients?|everyone|everybody|anyone|anybody|someone|somebody|nobody|skipper|captain|artists?|workers?|service)\b"
    r"|(?<!\bin )(?<!\bat )(?<!\boff )(?<!\bnear )(?<!\bfrom )(?<!\bto )(?<!\bon )(?<!\bof )(?<!\bthe )(?<=[a-z,] )"
    r"(?-i:(?!(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day|January|February|March|April|May|June|July|August|September|October|November|December)[A-Z][a-z]+)"
)

SPAN = re.compile(_SPANS, re.IGNORECASE)
"""A length of time."""
_MEASURES = ("本册", "次回遍", "针剂次", "片粒颗", "人名位", "层楼", "间", "节课")


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of thing: how it is asked for, and how it looks in a text."""

    name: str
    asked: re.Pattern[str]
    borne: re.Pattern[str]


def _kind(name: str, asked: str, borne: str) -> Kind:
    return Kind(name, re.compile(asked, re.IGNORECASE), re.compile(borne, re.IGNORECASE))


KINDS = (
    _kind(
        "money",
        r"多少钱|几块钱|几元|多少元|什么价|怎么卖|(?:价格|价位|售价|单价|票价|定价)(?:是|为|多|怎|如|[?？]?$)"
        r"|(?:收费|费用|手续费|运费|工本费|押金|学费|挂号费|会费|租金)(?:标准)?(?:是|为|多少(?![天年])|怎么算|几(?![天个年周])|要多(?![久长])|[?？]?$)|怎么收费|多贵"
        r"|how much (?:is|are|do i pay|does .{1,60}\bcost|do .{1,60}\bcost|will .{1,60}\bcost|money)\b|how expensive"
        r"|how much (?:does|do|did|would|will|to) .{0,40}\b(?:cost|charge|pay)\b|how much for\b"
        r"|what(?:'s| is| are| was)? (?!an? )(?:the |your |its )?(?:\w+ ){0,2}(?:price|cost|fee|charge|deposit|fare)s?\b|what do(?:es)? .{1,60} cost",
        _MONEY,
    ),
    _kind(
        "duration",
        r"多久|多长时间|(?<!第)几(?:天|个月|年|周|个?星期|个?小时|分钟)(?!级)|多少(?:个)?(?:天|日|小时|工作日|个月|年(?!级))"
        r"|how long(?! (?:is|are) the (?:lamp|cable|table|bed|rope|road|bridge))|how soon|how early"
        r"|how many (?:\w+ )?(?:days|hours|weeks|months|years|minutes)|how much (?:time|notice)",
        _SPANS + r"|" + _TIME,
    ),
    _kind(
        "time",
        r"什么时候|什么时间|何时|几点|哪一?[天年]|几[号月](?!楼)|星期几|周几|哪个月"
        r"|\bwhen (?:is|are|was|were|do|does|did|can|will|must|should|may|could|have|has)\b|what (?:time|date|year|day|month)\b|which (?:day|year|month)",
        _TIME + r"|" + _SPANS,
    ),
    _kind("distance", r"多远|how far\b", _DISTANCE),
    _kind("height", r"多高(?!烧)|how (?:high|tall)\b", _LENGTH),
    _kind(
        "count",
        r"多少(?!钱)|[有要带吃用交分共]几[个位名家次件种条款台张片粒所本辆]|几[个位名家次件种条款台张片粒所本辆](?!月|小时|星期)"
        r"|how many\b|what (?:percent|number)|how often",
        _COUNT,
    ),
    _kind("somebody", r"谁(?![都也])|哪位|什么人|\b(?:who|whom|whose)\b", _PEOPLE),
)


def kind_of(question: str) -> Kind | None:
    """The first kind that a folded ``question`` asks for; None for what has no looks."""
    kind = next((kind for kind in KINDS if kind.asked.search(question)), None)
    counted = _counted(question) if kind and kind.name == "count" else ""
    return (
        Kind("count", kind.asked, re.compile(counted, re.IGNORECASE)) if kind and counted else kind
    )


def _counted(question: str) -> str:
    """How a number of what is counted looks; empty if it may be told otherwise."""
    if match := re.search("[几多少]([本次回针剂片粒人名位层间节])", question):
        same = next(group for group in _MEASURES if match[1] in group)
        return rf"{_N}\s*[{same}]|没有|不限|无"
    if (match := re.search(r"how many ([a-z]+)", question, re.IGNORECASE)) and match[1].endswith(
        "s"
    ):
        noun = match[1].lower()[:-3] if match[1].endswith("ies") else match[1].lower()[:-1]
        return rf"(?:{_N}|{_FEW})(?:[\s-]+[\w-]+){{0,2}}[\s-]+{noun}|(?:no|unlimited|all|every|each|both) {noun}|{noun}\w*\W{{1,3}}{_N}"
    return ""

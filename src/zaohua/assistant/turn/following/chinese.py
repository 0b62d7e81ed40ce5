"""How Chinese questions lean on one before them."""

from __future__ import annotations

import re

from zaohua.assistant.turn.following.likeness import swapped
from zaohua.knowledge.grounding.letters import folded
from zaohua.knowledge.grounding.names import names_in

_CONNECTIVE = re.compile(
    r"^(?:那么|那(?![个款种家里边件台些本])|还有(?![几多哪什没])|另外|然后|对了|嗯|哦|好的|请问|再问一下|[，,、\s])+"
)
_ELLIPSIS = re.compile(r"(?:换成|如果是|要是|如果|换)?(.{1,20}?)(?:呢|也一样吗|也可以吗|也行吗)")
_ASKS = re.compile(r"什么|多少|多久|怎么|怎样|如何|哪|谁|几|为何|能不能|有没有|是否")
_PREDICATE = (
    r"多少|几|怎么|如何|什么|哪|可以|可不可以|能|是|有|在|要|需要|会(?!员)|支持|保修|质保|多久|多长|多重|多大|多高|吗|贵|周几|一天|每天"
    r"|到哪|由|谁|应该|必须|适合|包含|包括|算|收费|找|开始|结束|丢了|不见|坏了|包邮|什么时候|应|得|没|也|还|最|用|提供|不|饭前|饭后|睡前|空腹|防水|续航|截止"
)
_SUBJECT = re.compile(
    rf"(?:请问|你好|您好|我想问一下|想问下|[，,、\s])*([^，。？?！]{{1,16}}?)\s?的?(?={_PREDICATE})"
)
_NO_SUBJECT = re.compile(
    r"^(?:我(?!的)|你们?|您|怎么|如何|什么|哪|谁|为什么|为何|可以|能|有|是|在|从|如果|寄|送|买|卖|想|要|需要|申请|办理|多少|几|去|到|用|吃|喝|退|换|这|那)"
)
_NO_NOUN = re.compile(r"可以|怎么|什么|多少|能不能|是否|可不可|有没有|[吗呢]")
_BARE = re.compile(
    r"(?:保修|质保|有(?:几|哪|什么|没有|多少|货|效|折)|能|可以|可不可以|会(?!员)|要(?!是)|需要|怎么(?!做.)|如何|多少|多久|多长|多重|多大|多高|贵"
    r"|在哪|在什么|哪里|哪儿|哪[天年个]|什么时候|何时|几[点天个次种号]|支持|是否|是(?:谁|什么|哪|不是)|包邮|为什么|从哪|由谁|谁|到哪|去哪"
    r"|还能|还要|周几|一次|一天|一共|总共|最[多少晚早低高]|提前|必须|没|含|包含|包括|周末也|平时也|打折|防水)"
)
_OPEN_END = re.compile(
    r".{1,5}?(?:能不能|可不可以|能|可以|要|需要)(?:吃|用|喝|退|换|进|带|去|买|借|参加|打|做|办|穿|看|坐|申请|报名)吗"
)
_PRONOUN = re.compile(
    r"(?<!其)(?:它们?|他们?|她们?)|^(?:这|那)(?:个|款|种|家|件|台|些|本|里|边|样)?(?=的|能|可|会|有|多|几|要|需|支持|在|是|怎|什么|贵|好|保修|包|适合|还|也|都|到|周|开|关|吗|么|行|用|一[天次])"
)
_IF = re.compile(
    r"^(?:晚交|晚[到来了]|早[到来]|超|逾期|提前|如果|要是|假如|万一|为什么|为何|除了|包括|比如)"
)

_GENERAL = re.compile(
    r"(?:在|到)?(?:什么情况下?|哪些情况下?|什么时候|何时|什么程度|怎样)(?:就|才|还|应该|应当|需要|要|该|必须|得|可以|能|不能)*"
    r"(?:马上|立即|赶快)?(?:去|找|看|上|打)*(?:医生|医院|就医|急诊|律师|法院|起诉|仲裁|报警|警察|处理|停药|停用|复查|申请|办理)?(?:吗|呢)?"
)
"""Asks when to do what is done about anything."""

_LIKE = tuple(
    re.compile(pattern)
    for pattern in (
        r"法定节假日|节假日|工作日|(?:本|下|这|每)?(?:周|星期)[一二三四五六日天末]|平时|平日|今天|明天|后天|昨天|今晚|上午|下午|早上|晚上|中午|春节|国庆节?|元旦|寒假|暑假|[一二三四五六七八九十\d]+月份?",
        r"非会员|会员|成年人|成人|大人|儿童|小孩|孩子|婴儿|老年人|老人|本科生|研究生|学生|老师|教师|家长|孕妇|新用户|老用户|员工|访客|男生|女生|军人",
        r"现金|信用卡|银行卡|借记卡|储蓄卡|支付宝|微信支付|微信|花呗|支票|云闪付|转账",
        r"身份证|护照|驾照|驾驶证|户口本|通行证|学生证|社保卡|医保卡|居住证|出生证明?|港澳通行证",
        r"[红黄蓝绿黑白灰紫粉棕橙银金青]色",
        r"[大中小]号|[SMLX]{1,3}码|\d+码",
        r"[一二三四五六七八九十\d]+年级|大[一二三四]|[高初][一二三]",
        r"首次|第[一二三四五六\d]+次",
    )
)
_PROPERTY = re.compile(
    r"价格|价钱|保修|质保|颜色|尺寸|大小|重量|材质|产地|运费|邮费|安装|发票|电话|地址|邮箱|网址|费用|押金|时间|时长|续航|电池|功率|副作用|用量"
    r"|注意事项|缺点|优点|流程|材料|条件|期限|利率|手续费"
)
_SHORT = 5
"""Characters of a question that says too little to stand alone."""
_TAILS = (
    "假部版楼票卡证费班级科院店医师岁米寸号款型机课校生员区床室单包盒袋瓶层栋门险车路线赛奖金茶药"
)
_EDGE = re.compile(r"[我你您他们有是买卖要想请问在把给和与或到从，,。、]")
_OBJECT = re.compile(
    r"(送货到|发货到|配送到|寄到|送到|喝|吃|带|穿|买|卖|接受|支持|寄|送|去|到|收|玩|看|退|换|修|办|借|卖|租|用)"
    r"([^，。？?！吗要多几怎可]{1,8})(?=要|吗|多少|几|怎|可|[?？]|$)"
)


def bare(question: str) -> str:
    """Without what joins it to the question before, and without marks at its end."""
    return _CONNECTIVE.sub("", question.strip()).rstrip("？?。！! 　")


def joined(question: str) -> bool:
    """Whether it is joined to the question before: 那, 还有."""
    return _CONNECTIVE.match(question.strip()) is not None


def ellipsis(question: str) -> str:
    """What is new in …呢？ and its like; empty if it is no such question."""
    said = bare(question)
    match = _ELLIPSIS.fullmatch(said)
    if match is None or _ASKS.search(match[1]) or _PRONOUN.match(match[1] + "的"):
        return ""
    if not said.endswith("呢") and (len(match[1]) > 6 or _BARE.match(match[1])):
        return ""
    return match[1].strip()


def has_pronoun(said: str) -> bool:
    """Whether it points at something said before."""
    return _PRONOUN.search(said) is not None


def has_names(said: str) -> bool:
    """Whether it names something itself."""
    return bool(names_in(folded(said)))


def leans(question: str, said: str) -> bool:
    """Whether its form needs something before it."""
    formed = _IF.match(said) or _GENERAL.fullmatch(said)
    return joined(question) or len(said) <= _SHORT or formed is not None


def subject(topic: str) -> str:
    """What ``topic`` is about, where its form shows it."""
    match = _SUBJECT.match(topic)
    found = match[1].strip() if match else ""
    if found and not _NO_SUBJECT.match(found) and not _NO_NOUN.search(found):
        return _LIKE[0].sub("", found)
    return _name(topic)


def _name(topic: str) -> str:
    names = [name.said for name in names_in(folded(topic)) if not name.place and name.said in topic]
    return names[0] if names else ""


def resolved(topic: str, said: str) -> str:
    """``said`` with what its pronoun stands for."""
    about = (_name(topic) if re.search("[他她]", said) else "") or subject(topic)
    if not about:
        return ""
    return _PRONOUN.sub(lambda _: about, said, count=1) + "？"


def completed(topic: str, said: str) -> str:
    """A bare predicate with its subject."""
    about = subject(topic)
    if not about or not (_BARE.match(said) or _OPEN_END.fullmatch(said)):
        return ""
    return f"{about}{' ' if about[-1].isascii() else ''}{said}？"


def substituted(topic: str, said: str) -> str:
    """``topic`` with ``said`` in the place of its like; empty if nothing there is surely like it."""
    return (
        _named(topic, said)
        or _modified(topic, said)
        or _alike(topic, said)
        or _same_tail(topic, said)
        or _of_subject(topic, said)
        or _object(topic, said)
    )


def _named(topic: str, said: str) -> str:
    """A name for a name, where each has one."""
    new, old = names_in(folded(said)), names_in(folded(topic))
    if len(new) != 1 or len(old) != 1 or new[0].place != old[0].place:
        return ""
    return topic.replace(old[0].said, new[0].said, 1) if old[0].said in topic else ""


def _modified(topic: str, said: str) -> str:
    """定制的 for 拆开的; before a thing that had nothing of the kind."""
    if not said.endswith("的"):
        return ""
    at = topic.find("的")
    begin = _begin(topic, at)
    if begin < at <= begin + 8:
        return topic[:begin] + said + topic[at + 1 :]
    about = subject(topic)
    plain = about and not names_in(folded(about)) and topic.startswith(about)
    return said + topic if plain else ""


def _begin(topic: str, end: int) -> int:
    """Where what goes on to ``end`` begins."""
    return max((match.end() for match in _EDGE.finditer(topic[: max(end, 0)])), default=0)


def _alike(topic: str, said: str) -> str:
    for pattern in _LIKE:
        match = pattern.search(said)
        if (
            match
            and len(match.group()) >= len(said) - 2
            and (built := swapped(topic, pattern, said))
        ):
            return built
    return ""


def _same_tail(topic: str, said: str) -> str:
    """病假 for 年假: what ends alike, from where it begins."""
    for length in (2, 1):
        tail = said[-length:]
        if len(said) <= length or (length == 1 and tail not in _TAILS):
            continue
        at = topic.find(tail)
        if at < 1:
            continue
        begin = _begin(topic, at)
        if begin < at and at - begin <= max(4, len(said)):
            return topic[:begin] + said + topic[at + length :]
    return ""


def _of_subject(topic: str, said: str) -> str:
    """Another subject, or another attribute of the same."""
    about = subject(topic)
    if not about or len(said) > 10:
        return ""
    if _PROPERTY.search(said):
        return "" if _PROPERTY.search(about) else f"{about}的{said}是怎样的？"
    if (
        _LIKE[0].search(said)
        or _EDGE.match(said)
        or re.match(r"超过|不|没|已经|如果|满|大于|小于", said)
    ):
        return ""
    return topic.replace(about, said, 1)


def _object(topic: str, said: str) -> str:
    match = _OBJECT.search(topic)
    if match is None or len(said) > 8 or _EDGE.match(said):
        return ""
    return topic[: match.start(2)] + said + topic[match.end(2) :]

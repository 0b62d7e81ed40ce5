"""What Chinese clauses say of their speaker."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from zaohua.assistant.memory.places import is_chinese_place, is_known_place
from zaohua.assistant.memory.values import Claim

_FILLER = re.compile(
    r"^(?:你好[呀啊]?|您好|嗨|哈喽|对了|其实|另外|还有|顺便说(?:一下|一句)?|因为|由于|首先|不过|"
    r"但是?|而且|所以|嗯|哦|"
    r"大家好|请注意|先说一下|那个|话说|说起来|呀|啊|告诉你|跟你说(?:一下)?|补充一下|\s)+"
)
_I = r"^(?:我|本人|俺)"
_ELIDED = re.compile(
    r"^(?=(?:在|现居|现在|目前|住|家住|坐标|平时|平常|最近(?:正|在)|对.{1,8}过敏|特别喜欢|"
    r"最?喜欢|不吃|不喝|喜欢|爱好|"
    r"从事|职业|老家|今年|[\d一二三四五六七八九十]{2,}岁$|生日|属于|养了|也|都|是(?:一?[个名位])))"
)
"""How a clause begins that goes on about the one who spoke before it."""
_OTHERS = re.compile(
    r"^我们?(?:家)?的?(?:大|小|前|男|女)?(?:朋友|友|同事|同学|室友|老板|领导|客户|妈|爸|父|母|哥|"
    r"弟|姐|妹|爷|奶|外公|外婆|"
    r"叔|姨|舅|姑|老公|老婆|丈夫|妻子|爱人|对象|女儿|儿子|孩子|闺女|宝宝|邻居|老师|亲戚|猫|狗)"
)
_MY = r"^(?:我|本人|俺)(?:们|家)?(?:的|家)?"
_HOW = (
    r"(?:现在|目前|平时|平常|一直|从来|从小|其实|就|也|都|最|特别|很|非常|真的|已经|刚刚?|才|"
    r"上个?[月周]|"
    r"去年|今年|前年|最近|比较|还是?|挺|更|超级?|从|再也|每天|基本上?|通常|没事|有空|闲时|向来|"
    r"实在|确实|天生|这几年){0,4}"
)
_NOW = (
    r"(?:现在|目前|一直|其实|就|也|都|已经|刚刚?|上个?[月周]|去年(?=.*搬)|今年|最近|还是?|"
    r"从小){0,4}"
)
_LANGUAGE = r"((?:简体|繁体)?中文|汉语|普通话|粤语|[\u4e00-\u9fff]{1,5}[语文话])"
_ALWAYS = (
    r"(?:以后|今后|往后|从现在(?:起|开始)|从今(?:天|往后|以后)?(?:起|开始)?|从此(?:以后)?|"
    r"接下来|每次|一律)"
)
_NUMBER = r"[\d一二三四五六七八九十百两]+"
_NOT_A_NAME = re.compile(
    r"^(?:[了他她它你您不一个人的过去来什怎去吃做滚喊]|起床|外卖|车$|停|大家|别|再|先|干|名字|"
    r"爸爸|出租|救护)"
    r"|[了吧呢啊吗的]$"
)
_NOT_LIKED = re.compile(
    r"^[你您这那他她它哪谁我的]|^(?:上一|第[一二三\d]|什么|怎|到|和你|跟你)|回答|方案|主意|建议|"
    r"答案|写法|版本"
)
_NOT_EATEN = re.compile(r"^(?:下|完|到|起|惯|得|饭$|了|的|这|那|你|它|什|早$|多|亏|醋)")
_JOB = re.compile(
    r"(?:老师|教师|医生|护士|工程师|程序员|学生|研究生|博士生?|硕士生?|本科生|大学生|[高初]中生|"
    r"记者|编辑|经理|教授|"
    r"销售|农民|警察|军人|店主|个体户|画家|作家|歌手|翻译|导游|教练|秘书|助理|主管|总监|顾问|"
    r"科学家|主妇|妈妈|"
    r"老板|司机|律师|会计|出纳|财务|客服|裁缝|木匠|电工|保安|保姆|月嫂|社工|前台|运营|产品|开发|"
    r"行政|人事|法务|"
    r"[一-鿿](?:师|员|工))$"
)
_NO_JOB = re.compile(r"^[你他她这那来不想在说第去要为怎]|会员|成员|人员|动员|的|一般|[吗呢]")


@dataclass(frozen=True, slots=True)
class _Rule:
    kind: str
    pattern: re.Pattern[str]
    fits: Callable[[str], bool] = bool
    ended: bool = False


def _rule(
    kind: str, pattern: str, fits: Callable[[str], bool] = bool, *, ended: bool = False
) -> _Rule:
    return _Rule(kind, re.compile(pattern), fits, ended)


def _is_name(value: str) -> bool:
    return not _NOT_A_NAME.search(value)


def _is_job(value: str) -> bool:
    return bool(_JOB.search(value)) and not _NO_JOB.search(value)


def _is_liked(value: str) -> bool:
    return not _NOT_LIKED.search(value)


def _is_eaten(value: str) -> bool:
    return not _NOT_EATEN.search(value)


def _is_allergen(value: str) -> bool:
    return not re.search(r"[你他她]|不$|什么", value)


def _is_learned(value: str) -> bool:
    return not re.search(r"^[校着了会你他]|怎", value)


_NAME = r"([\u4e00-\u9fff·]{1,6}|[A-Za-z][A-Za-z .'-]{0,30})"
_RULES = (
    _rule("name", rf"{_I}(?:叫|名叫|的?名字(?:是|叫)|姓名是|的?昵称是){_NAME}$", _is_name),
    _rule("name", _I + r"是([小老阿][\u4e00-\u9fff]{1,2})$", lambda value: not _JOB.search(value)),
    _rule(
        "name",
        r"^(?:大家|朋友们?|同学们?|别人|家人)?都?(?:你|您)?(?:可以|就|请|直接|以后)*(?:叫|称呼|"
        r"喊)我(?:做|为)?"
        r"([\u4e00-\u9fff·]{1,6}?|[A-Za-z][A-Za-z .'-]{0,30}?)(?:就行了?|就好了?|就可以了?|即可|"
        r"吧|好了)?$",
        _is_name,
    ),
    _rule(
        "city",
        r"^(?:我|我们|我家|我们家|本人)"
        + _NOW
        + r"(?:居?住在|住|家在|家住|坐标|在(?=.*(?:工作|生活|打工|上班|定居|读书|"
        r"上学)$)|人在|现居|定居在|定居|搬(?:家)?(?:到|去|来)了?|"
        r"从.{1,8}?搬(?:家)?(?:到|去|来)了?)(.{2,8}?)(?:市区)?"
        r"(?:了|工作|打工|生活|上班|定居|读书|上学|这边|那边|(?:已经|"
        r"都)?(?:有)?[\d一二三四五六七八九十几]+年.*|很久.*){0,3}$",
        is_chinese_place,
    ),
    _rule(
        "city",
        _I + r"(?:现在|已经)*(?:不再?|没有?)(?:住)?在(.{2,6}?)(?:住|生活)?了$",
        is_chinese_place,
        ended=True,
    ),
    _rule("hometown", _MY + r"(?:老家|家乡|籍贯)(?:是|在)?(.{2,8})$", is_chinese_place),
    _rule("hometown", _I + r"(?:来自|出生在|出生于|生在)(.{2,8})$", is_chinese_place),
    _rule("hometown", _I + r"是(?:地道的|土生土长的)?(.{2,8})人$", is_known_place),
    _rule(
        "job",
        _I + _HOW + r"(?:是|当|做)(?:了)?(?:[一][名个位]|名|个|位)?(.{2,12}?)(?:的)?(?:了)?$",
        _is_job,
    ),
    _rule(
        "job",
        _I
        + _HOW
        + r"(?:是|当|做)(?:了)?(.{2,8}?)(?:已经|也|都|有|快|做)*[\d一二三四五六七八九十几]+"
        r"(?:多|几)?年.*$",
        _is_job,
    ),
    _rule("job", _I + _HOW + r"在.{1,14}?(?:做|当|任|担任)(?:[一][名个位])?(.{2,10})$", _is_job),
    _rule(
        "job",
        _MY + r"(?:职业|工作|职位)(?:是|：)(?:[一][名个位])?(.{2,12})$",
        lambda value: not _NO_JOB.search(value),
    ),
    _rule("job", _I + r"(?:已经)?不(?:再)?(?:是|当|做)(.{2,10}?)了$", _is_job, ended=True),
    _rule("age", _I + r"(?:今年|现在|已经|刚满|快)*(?:是)?(" + _NUMBER + r"岁半?)(?:了)?$"),
    _rule("birthday", _MY + r"生日(?:是|在)?(.{0,8}[月号日].{0,4})$"),
    _rule("birthday", _I + r"(?:是|出生于|生于)(.{0,8}年?.{1,3}月.{1,3}[日号])(?:出生|生)?的?$"),
    _rule(
        "allergy",
        _I + _HOW + r"对(.{1,12}?)(?:严重|有点|有些|会|都|也|重度|轻微)*过敏(?:的)?$",
        _is_allergen,
    ),
    _rule("allergy", _I + r"([^对一不会就又有皮]{1,5})过敏$", _is_allergen),
    _rule(
        "allergy",
        _I + r"(?:一)?(?:吃|喝|碰|闻|接触)(?:到|了|完)?(.{1,8}?)就(?:会|要)?过敏$",
        _is_allergen,
    ),
    _rule("allergy", _I + r"(?:已经|现在)*对(.{1,12}?)(?:已经)?不过敏了$", ended=True),
    _rule(
        "diet",
        _I + _HOW + r"(?:是)?(?:个|一个|位)?((?:吃|茹)(?:全|纯)?[素斋]|(?:纯|"
        r"全)?素食(?:主义)?者?)(?:的)?(?:了)?$",
    ),
    _rule("diet", r"^(?:我|本人)?" + _HOW + r"只(?:能)?吃(清真.{0,3}|素.{0,2})$"),
    _rule("diet", _I + r"(?:已经|现在)*不(?:再)?(吃[素斋]|素食)了$", ended=True),
    _rule(
        "avoid",
        _I + _HOW + r"不(?:能|敢|可以|再|怎么|太能)?(?:吃|喝|抽)(.{1,10}?)(?:的)?(?:了)?$",
        _is_eaten,
    ),
    _rule("avoid", r"^([^我，]{1,6})我(?:是|都|从来|一直|向来)*不(?:吃|喝)的?$", _is_eaten),
    _rule("avoid", _I + _HOW + r"戒(?!不)(?:掉)?(?:了)?(.{1,4}?)(?:了)?$", _is_eaten),
    _rule(
        "dislike",
        _I
        + _HOW
        + r"(?:不(?:太|是很|怎么|大)?(?:喜欢|爱)|讨厌|受不了|反感|厌恶|最怕)(.{1,16}?)(?:了)?$",
        _is_liked,
    ),
    _rule("like", _I + _HOW + r"(?:喜欢|热爱|偏爱|酷爱|爱(?!人|情|上))(.{1,16})$", _is_liked),
    _rule("like", _MY + r"(?:业余)?(?:爱好|兴趣)(?:爱好)?(?:是|有)(.{1,16})$", _is_liked),
    _rule("like", _I + r"(?:最)?喜欢的.{1,8}是(.{1,12})$", _is_liked),
    _rule(
        "child",
        _MY + r"((?:大|小)?(?:女儿|闺女|儿子|孩子|宝宝|娃|双胞胎)(?!.*[他她]).{0,12}?"
        r"(?:岁半?|个月大?|年级|幼儿园|小学|初[一二三中]|高[一二三中]|大[一二三四学]))(?:了)?$",
    ),
    _rule("child", _I + r"(?:家)?有((?:" + _NUMBER + r"|几)个.{0,4}?(?:女儿|儿子|孩子|娃|宝宝))$"),
    _rule(
        "pet",
        r"^(?:我(?:们)?(?:家)?(?:里)?|家里)"
        + _HOW
        + r"(?:养了?|有|添了|领养了|收养了|买了)((?:[一两二三四五六几]|\d+)?[只条个匹].{0,6}?"
        r"(?:猫|狗|犬|鸟|鹦鹉|兔子?|仓鼠|鱼|龟|马|柯基|金毛|泰迪))(?:了)?$",
    ),
    _rule(
        "learning",
        _I + _HOW + r"(?:正|在|正在|开始){0,3}(?:(?<=[在始])(?:自)?学(?:习|着)?|(?<=在)准备考|备考)"
        r"(.{1,12})$",
        _is_learned,
    ),
)
_SURNAMED = re.compile(r"我姓.{1,2}[，,](?:名字?)?叫([\u4e00-\u9fff]{2,4})(?=$|[，,])")
_SPEAK = re.compile(
    _ALWAYS
    + r".{0,6}?用"
    + _LANGUAGE
    + r"(?:来)?(?:跟|和|与|同|给|对|回答|回复|答|说|交流|写|聊|沟通|$)"
)
_STYLE = re.compile(
    r"^(?:请|麻烦)?(?:你)?" + _ALWAYS + r"(?:起)?[，,]?(?:请|麻烦|你的?|都|就|也)*"
    r"((?:.{0,4}(?:回答|回复|答案|说话|解释|代码|例子|列表|语气|称呼|表情)).{1,24})$"
)


def chinese_claims(clauses: Sequence[str]) -> Iterator[Claim]:
    """What the clauses of one sentence say."""
    plain = [bare for clause in clauses if (bare := _FILLER.sub("", clause))]
    if plain and (
        _ELIDED.match(plain[0]) or (plain[0][0] in "我本" and not _OTHERS.match(plain[0]))
    ):
        plain = [_ELIDED.sub("我", clause) for clause in plain]
    for clause in plain:
        yield from islice(_claims(clause), 1)


def _claims(clause: str) -> Iterator[Claim]:
    for rule in _RULES:
        found = rule.pattern.search(clause)
        if found and rule.fits(value := found.group(1).strip()):
            yield Claim(rule.kind, value, "zh", ended=rule.ended)


def chinese_orders(sentence: str) -> Iterator[Claim]:
    """How a sentence wants answers to be from now on, and who introduces themselves."""
    if found := _SURNAMED.search(sentence):
        yield Claim("name", found.group(1), "zh")
    if found := _SPEAK.search(sentence):
        yield Claim("language", found.group(1), "zh")
    elif found := _STYLE.search(sentence):
        yield Claim("style", found.group(1).strip(), "zh")

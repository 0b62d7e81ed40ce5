"""Names that a question asks about, and whether a text has them, in whatever way it writes them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from zaohua.knowledge.grounding.facts import plain
from zaohua.text.numerals import chinese_numeral
from zaohua.text.simplified import simplified

_HAN = "\u3400-\u9fff"
_HAN_ONE = re.compile(f"[{_HAN}]")

# English names: words with capitals that follow one another, numbers behind them.
_RUN = re.compile(
    r"(?<![\w'’])(?:[A-Z][\w'’&-]*|[a-z]+[A-Z]\w*)"
    r"(?:\s+(?:(?:of|the|de|van|von|and)\s+){0,2}(?:[A-Z][\w'’&-]*|[a-z]+[A-Z]\w*|\d+[a-z]?\b))*"
)
_NO_NAME = frozenset(
    """a an the this that these those there here it its he she we they you i im id ive ill if in on
    at by for from to of and or but so yes no not as with about is are was were am be been do does did
    has have had can could will would shall should may might must what which who whom whose when where
    why how please tell give show list explain describe find let sorry hi hello hey dear thanks thank
    ok okay your our my their his her all any each both only once before after during since until
    monday tuesday wednesday thursday friday saturday sunday january february march april may june
    july august september october november december mon tue wed thu fri sat sun jan feb mar apr jun
    jul aug sep sept oct nov dec christmas easter new year eve spring summer autumn winter mr mrs ms
    dr prof sir madam english chinese french german spanish tv faq id pin pdf wifi wi-fi usb sms app
    vip pc ceo cfo cto hr it vat ok qr url www faqs gps dvd cd asap am pm tbd rsvp gp er
    write translate summarize summarise compare calculate also then suppose hence now today""".split()  # noqa: SIM905
)
_HONORIFIC = frozenset("mr mrs ms miss dr prof professor sir madam doctor".split())  # noqa: SIM905
_GENERIC = frozenset(
    """ltd limited inc llc plc co corp corporation gmbh company group store shop school clinic hospital
    university college street road avenue station hotel museum library card plan policy programme
    program lamp town village city district""".split()  # noqa: SIM905
)
_INITIALS = re.compile(r"[A-Z]{3,6}")

# Chinese and mixed questions: every run of Latin words is a name.
_LATIN = re.compile(r"(?<![\w'’])[A-Za-z][\w'’&+.-]*(?:\s+(?:[A-Za-z][\w'’&+.-]*|\d+[a-z]?\b))*")
_ENGLISH = re.compile(
    r"\b(?:who|what|when|where|how|which|is|are|does|do|can|the)\b", re.IGNORECASE
)
_CODE = re.compile(
    r"(?<![A-Za-z0-9-])(?=[A-Za-z0-9-]*\d)(?=[A-Za-z0-9-]*[A-Za-z])[A-Za-z0-9]+(?:-[A-Za-z0-9]+)*"
    r"|(?<![\d.,])\d{6,}(?![\d.,])"
)
_MEASURE = re.compile(
    r"\d+(?:st|nd|rd|th|s|x|k|kg|g|mg|t|lb|lbs|oz|km|m|cm|mm|mi|ft|in|l|ml|h|hr|hrs|min|mins|sec|d|am|pm"
    r"|w|kw|kwh|v|mah|hz|c|f|rmb|usd|eur|cny|px|d|yo)|[345]g|covid-19",
    re.IGNORECASE,
)
_QUOTED = re.compile(r"《([^》\n]{1,40})》|[“「\"]([^”」\"\n]{2,12})[”」\"]")

# What has a number for its name: 第十二条, 3号楼, Article 12; and years.
_NUMERAL = "[0-9零〇一二两三四五六七八九十百]"
_NUMBERED = re.compile(
    rf"(?P<di>第{_NUMERAL}+[条章款节期届版季集号批])"
    rf"|(?P<hao>{_NUMERAL}+号(?:楼|线|店|馆|门|窗口|教室|车间|仓库?))|(?P<nian>(?:19|20)\d{{2}}(?=年))"
    r"|(?P<en>\b(?:article|section|chapter|clause|room|building|gate|line|platform|grade|version"
    r"|appendix|paragraph)\s+\d+)\b"
    r"|(?:\b(?:in|of|for|since|year)\s+)(?P<year>(?:19|20)\d{2})\b",
    re.IGNORECASE,
)
_NUMERALS = re.compile("[零〇一二两三四五六七八九十百]+")
_PERSONAL = re.compile(r"我|\b(?:i|i'm|i've|my|we|our)\b", re.IGNORECASE)

# Chinese names of bodies, places and persons by what stands beside them.
_STOP = re.compile(
    r"[的了吗呢吧啊么是在有和与及或这那哪谁什怎为把被给跟向从由请问我你您他她它们想找叫去到对说问，。？！、：；“”《》（）()\s]"
    r"|最早|现在|目前|今年|去年|以前|当年|关于|根据|按照|对于"
)
_BODY = (
    "科技|集团|股份|实业|工坊|制造|装备|商城|书店|事务所|研究院|研究所|基金会|有限公司|公司|银行|大学|学院|医院"
    "|诊所|中学|小学|幼儿园|酒店|饭店|餐厅|出版社|协会|俱乐部|博物馆|图书馆|工厂|药业|物流|超市|商店"
)
_ORGANISATION = re.compile(rf"([{_HAN}]{{2,10}})({_BODY})(?!{_BODY})")
_LEGAL = re.compile("(?:股份|集团)?(?:有限)?公司$")
_COMMON = re.compile(
    "物流|快递|保险|三甲|公立|私立|社区|定点|外地|本地|附近|其他|其它|别的|哪家|哪些|哪个|这家|那家|某家|一家|贵|母|子|分|总"
    "|科技|外资|民营|专科|综合|儿童|妇产|中医|口腔|宠物|合作|开户|竞争|大型|小型|任何|所有|学校|发卡|转诊|指定|网上|电子|线上"
    "|线下|国有|上市|中介|装修|搬家|旅行|贸易|外卖|会员|退|换|买|卖|开|用|能|可|来|回|看|进|出|给|朋友|同事|客户|家里|自己"
)
_PLACE = re.compile(rf"([{_HAN}]{{2,4}}?)(省|市|县|镇|乡|村|岛|州|渡|湾|街|路)")
_NO_PLACE = re.compile(
    "(?:超|城|上|门|股|全|本|外|各|菜|夜|集|都|跨|同)市|(?:全|本|外|跨|各|节)省|(?:公|道|马|铁|线|思|退|走|出|一|半|网|电|让|带|问)路"
    "|(?:全|本|外|城|农|山|各)[镇村县乡]|(?:半|孤)岛|(?:小|逛|上|步行)街"
)
_SURNAME = (
    "王李张刘陈杨赵吴周徐孙朱胡郭罗郑梁谢宋唐韩冯邓曹彭肖董袁潘蒋蔡杜程苏魏吕丁沈姚卢姜崔谭陆汪廖贾邹孟熊秦邱"
    "薛阎雷侯陶黎顾郝龚邵严戴裴温祝俞骆阮柏"
)
_TITLE = "先生|女士|老师|医生|大夫|医师|经理|教授|主任|律师|校长|总监|护士|师傅"
_PERSON = re.compile(
    rf"(?:^|[，,。？！、问找给跟叫由和与\s])(?!谢谢|周[一二三四五六日末几年边围期])([{_SURNAME}][{_HAN}]{{1,2}}?)"
    rf"(?=(?:{_TITLE})|是谁|是什么人|是干什么|是做什么|负责|的(?:电话|手机|邮箱|职务|办公室|生日|年龄|学历|联系)"
    r"|在哪个|几点|周几|哪天出|什么时候出)"
)
_TITLED = re.compile(rf"(?:^|[，,。？！、问找给跟叫由\s])([{_SURNAME}])({_TITLE}|总(?![是部共的]))")
_PLACES = re.compile(
    "北京|上海|天津|重庆|广州|深圳|杭州|南京|苏州|成都|武汉|西安|长沙|青岛|大连|厦门|宁波|郑州|昆明|哈尔滨|沈阳|福州|济南|合肥"
    "|新疆|西藏|内蒙古|宁夏|广西|香港|澳门|台湾|海南|云南|贵州|四川|甘肃|青海|黑龙江|吉林|辽宁|河北|河南|山东|山西|陕西|江苏"
    "|浙江|安徽|福建|江西|湖北|湖南|广东|美国|日本|韩国|英国|法国|德国|俄罗斯|加拿大|澳大利亚|新西兰|新加坡|马来西亚|泰国|越南"
    "|印度|意大利|西班牙|巴西|墨西哥|瑞士|瑞典|挪威|荷兰|欧洲|非洲|纽约|伦敦|巴黎|东京|首尔"
)
_EVERYWHERE = re.compile(
    r"全国|各地|其他(?:地区|省|城市)|所有(?:地区|城市)|全球|境外|海外|国外|worldwide|anywhere|everywhere|abroad"
    r"|nationwide|outside (?:the|of)|overseas|only (?:with)?in (?:the )?[A-Z]|all (?:countries|cities|regions)|international|other countries",
    re.IGNORECASE,
)
_AMONG_ALL = re.compile(
    r"[仅只]|所有|任何|一律|全部|均|凡|\b(?:all|any|every|only|no|each)\b", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Name:
    """A name in a question.

    Attributes:
        said: as it stands there.
        forms: letters of it (see `Letters.of`) of which one is enough in a text.
        pattern: or this in the text itself; empty for none.
        place: whether it may be that of a place.
    """

    said: str
    forms: tuple[str, ...]
    pattern: str = ""
    place: bool = False


@dataclass(frozen=True, slots=True)
class Letters:
    """A text as names are looked for in it.

    Attributes:
        text: in simplified characters and half width.
        letters: the same without case, spaces and marks; numbered things with digits.
        lower: the text without case.
    """

    text: str
    letters: str
    lower: str

    @classmethod
    def of(cls, text: str) -> Letters:
        """Read a text."""
        narrow = folded(text)
        return cls(narrow, plain(_with_digits(narrow)), narrow.casefold())

    def has(self, name: Name) -> bool:
        """Whether the text has ``name``."""
        if any(form in self.letters and self._whole(form) for form in name.forms):
            return True
        return bool(name.pattern) and re.search(name.pattern, self.text) is not None

    def _whole(self, form: str) -> bool:
        """Whether Latin letters that stand in it are whole words of the text."""
        if not form.isascii():
            return True
        spread = r"[\W_]*".join(map(re.escape, form))
        return re.search(rf"(?<![a-z0-9]){spread}(?:['’]?s)?(?![a-z0-9])", self.lower) is not None


def folded(text: str) -> str:
    """``text`` in half width and simplified characters."""
    return simplified(unicodedata.normalize("NFKC", text))


def names_in(question: str) -> list[Name]:
    """The names, codes, numbered things and years of a folded ``question``, each once."""
    found = [*_numbered(question), *_codes(question), *_quoted(question)]
    if _HAN_ONE.search(question):
        found += _english(question) if _ENGLISH.search(question) else _latin(question)
        found += [*_bodies(question), *_places(question), *_persons(question)]
    else:
        found += _english(question)
    return list({name.forms or (name.pattern,): name for name in found}.values())


def lacking(names: Sequence[Name], texts: Sequence[Letters]) -> list[Name]:
    """Those of ``names`` that none of ``texts`` has, nor speaks of all that are like it."""
    return [
        name
        for name in names
        if not any(text.has(name) for text in texts) and not _compares(name, texts)
    ]


def speaks_of_all(text: str) -> bool:
    """Whether a sentence is about all things of a kind: *only*, 所有."""
    return _AMONG_ALL.search(text) is not None


def _compares(name: Name, texts: Sequence[Letters]) -> bool:
    """Whether the want of it says nothing: another script, or a place where all are meant."""
    if name.place and any(_EVERYWHERE.search(text.text) for text in texts):
        return True
    if name.pattern.startswith(_SAME_NUMBER):
        return False
    chinese = _HAN_ONE.search(name.said) is not None
    if chinese:
        return not any(_HAN_ONE.search(text.text) for text in texts)
    return False


_SAME_NUMBER = "(?<!"


def _numbered(question: str) -> Iterator[Name]:
    personal = _PERSONAL.search(question) is not None
    for match in _NUMBERED.finditer(question):
        said = next(filter(None, match.groups()))
        if match["nian"] or match["year"]:
            if not personal:
                yield Name(said, (), rf"{_SAME_NUMBER}\d){said}(?!\d)")
        else:
            yield Name(said, (), rf"(?i){_digits_pattern(_with_digits(said))}")


def _digits_pattern(said: str) -> str:
    """The same numbered thing with digits or Chinese numerals: 第12条, 第十二条."""
    number = re.search(r"\d+", said)
    if number is None:
        return re.escape(said)
    before, after = said[: number.start()], said[number.end() :]
    ways = "|".join((number.group(), *_chinese_ways(int(number.group()))))
    return rf"{re.escape(before.strip())}\s*(?<!\d)(?:{ways})(?!\d)\s*{re.escape(after)}"


def _chinese_ways(number: int) -> list[str]:
    digits = "零一二三四五六七八九"
    if number < 10:
        return [digits[number], *(["两"] if number == 2 else [])]
    tens, ones = divmod(number, 10)
    if number < 100:
        return [("" if tens == 1 else digits[tens]) + "十" + (digits[ones] if ones else "")]
    return []


def _with_digits(text: str) -> str:
    """``text`` with the numerals of numbered things as digits."""
    return _NUMBERED.sub(lambda match: _NUMERALS.sub(_digits, match.group()), text)


def _digits(match: re.Match[str]) -> str:
    value = chinese_numeral(match.group())
    return match.group() if value is None else str(value)


def _codes(question: str) -> Iterator[Name]:
    for match in _CODE.finditer(question):
        if not _MEASURE.fullmatch(match.group()):
            yield Name(match.group(), (plain(match.group()),))


def _quoted(question: str) -> Iterator[Name]:
    for match in _QUOTED.finditer(question):
        said = next(filter(None, match.groups()))
        whole = plain(said)
        half = max(2, (len(whole) + 1) // 2)
        parts = {whole[at : at + half] for at in range(len(whole) - half + 1)}
        yield Name(said, (whole, *sorted(parts)) if match[1] is None else (whole,))


def _latin(question: str) -> Iterator[Name]:
    for match in _LATIN.finditer(question):
        words = _trimmed(match.group().split())
        if words and not _MEASURE.fullmatch(words[0]) and not _is_english(words):
            yield _english_name(words)


def _is_english(words: Sequence[str]) -> bool:
    """Whether a run of Latin words is a phrase rather than a name."""
    return len(words) > 2 and not any(word[0].isupper() for word in words)


def _english(question: str) -> Iterator[Name]:
    words = re.findall(r"[A-Za-z][\w'’]*", question)
    long = [word for word in words if len(word) > 3]
    if len(long) > 3 and all(word[0].isupper() for word in long):
        return  # every word is written so
    for match in _RUN.finditer(question):
        kept = _trimmed(match.group().split())
        if not kept or not any(word[0].isalpha() and word != word.lower() for word in kept):
            continue
        alone = len(match.group().split()) == 1
        if alone and _begins(question, match.start()) and match.group()[1:].islower():
            continue
        before = question[: match.start()].lower().split()[-1:]
        yield _english_name(kept, place=bool(set(before) & {"to", "in", "from", "at", "near"}))


def _begins(text: str, place: int) -> bool:
    before = text[:place].rstrip(" \t\"'“‘(*#->")
    return not before or before[-1] in ".!?:;\n。！？：；,，"


def _trimmed(words: list[str]) -> list[str]:
    """Without the words at both ends that belong to the question."""
    while words and _bare(words[0]) in _NO_NAME | {""}:
        words = words[1:]
    while words and _bare(words[-1]) in _NO_NAME - {"new", "year"} | {""}:
        words = words[:-1]
    return words


def _bare(word: str) -> str:
    return re.sub(r"['’]s?$|['’]", "", word.casefold()).strip(".")


def _english_name(words: Sequence[str], *, place: bool = False) -> Name:
    bare = [_bare(word) for word in words]
    kept = bare[1:] if bare[0] in _HONORIFIC and len(bare) > 1 else bare
    forms = [plain("".join(kept))]
    if len(kept) > 1 and kept[-1] in _GENERIC:
        forms.append(plain("".join(kept[:-1])))
    if forms[0].endswith("s") and len(forms[0]) > 4:
        forms.append(forms[0][:-1])
    if len(kept) == 2:
        forms.append(plain(kept[1] + kept[0]))
    return Name(" ".join(words), tuple(form for form in forms if form), _others(words), place)


def _others(words: Sequence[str]) -> str:
    """Other ways to write an English name: initials for words, words for initials."""
    bare = [re.sub(r"['’]s?$", "", word) for word in words]
    if len(bare) == 1:
        if not _INITIALS.fullmatch(bare[0]):
            return ""
        return r"\b" + r"\s+(?:(?:of|the|and|for)\s+)*".join(rf"{c}[\w-]+" for c in bare[0])
    heads = "".join(word[0] for word in bare if word[0].isupper())
    ways = [rf"\b{heads}\b"] if len(heads) > 2 else []
    if len(bare) == 2 and all(word[0].isupper() and word.isalpha() for word in bare):
        ways.append(rf"\b(?:Mr|Mrs|Ms|Dr|Prof|{bare[0][0]})\.?\s+{bare[1]}\b")
    return "|".join(ways)


def _bodies(question: str) -> Iterator[Name]:
    for segment in _STOP.split(question):
        match = _ORGANISATION.search(segment or "")
        if match is None or _COMMON.search(match[1]):
            continue
        full, stem = match.group(), _LEGAL.sub("", match[1])
        legal = match[2] in ("公司", "有限公司", "集团", "股份")
        other = "" if legal else rf"(?!{_BODY})"
        yield Name(full, (plain(full),), rf"{re.escape(stem)}{other}|{re.escape(match[1])}(?:公司)")


def _places(question: str) -> Iterator[Name]:
    for segment in _STOP.split(question):
        match = _PLACE.search(segment or "")
        if match and not _NO_PLACE.search(match.group()[-3:]):
            stem, end = match.groups()
            forms = tuple(stem[at:] + end for at in range(len(stem) - 1))
            yield Name(match.group(), forms, place=True)
    for match in _PLACES.finditer(question):
        before = question[: match.start()]
        if not re.search(r"我们?(?:现在|目前|人|家|住)?(?:在|是)$", before):
            yield Name(match.group(), (match.group(),), place=True)


def _persons(question: str) -> Iterator[Name]:
    for match in _PERSON.finditer(question):
        name = match[1]
        yield Name(name, (name,), rf"{name[0]}(?:{_TITLE})")
    for match in _TITLED.finditer(question):
        yield Name(match[1] + match[2], (), match[1])

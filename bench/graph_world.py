"""Made-up companies, people, products and towns, and questions over two of their pages.

Every fact is one sentence on the page of its subject, worded in one of several ways; some of the
ways are such that no turn of phrase gives them away. A question needs two facts, which stand on
two pages.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

Language = Literal["zh", "en"]

_ZH_HEADS = ("青岚", "云启", "白鹭", "川禾", "远汀", "朔光", "星槎", "松陵", "澄海", "枫桥", "玉衡", "沐川", "北屿", "南枝", "晨砾", "霁月", "临渊", "望舒", "采薇", "扶摇")  # fmt: skip
_ZH_TAILS = ("科技", "实业", "制造", "工坊", "集团", "装备")
_ZH_SURNAMES = "陆沈顾裴温秦纪祝俞骆阮柏涂冼覃"
_ZH_GIVEN = ("知远", "若棠", "明澈", "砚秋", "子衿", "怀瑾", "书屿", "承宇", "念真", "清和", "望北", "听雪")  # fmt: skip
_ZH_TOWNS = ("石泉镇", "柳渡镇", "枕溪镇", "望江镇", "落霞镇", "鹿鸣镇", "梅岭镇", "盐滩镇", "双塔镇", "桑园镇", "雁栖镇", "竹溪镇")  # fmt: skip
_ZH_GOODS = ("净水器", "助听器", "电子秤", "滤芯", "门锁", "茶炉", "轮胎", "台灯", "血压计", "阀门")
_EN_HEADS = ("Alder", "Brindle", "Corvane", "Dunmere", "Elsway", "Fenrick", "Garlow", "Hestor", "Ivering", "Jorund", "Kelmoor", "Lathorn", "Morwen", "Norvale", "Ostrey", "Penhale", "Quillan", "Rosmere", "Selwick", "Tarn")  # fmt: skip
_EN_TAILS = ("Works", "Industries", "Systems", "Makers", "Group", "Labs")
_EN_GIVEN = ("Maren", "Tobias", "Ilse", "Anselm", "Petra", "Jonas", "Sunniva", "Caspar", "Edda", "Leif", "Oda", "Ruben")  # fmt: skip
_EN_SURNAMES = ("Vahl", "Brandt", "Osterly", "Quist", "Hale", "Lindqvar", "Meers", "Tolland", "Roux", "Sandvik", "Ekker", "Wynd", "Farrow", "Dahl", "Grue")  # fmt: skip
_EN_TOWNS = ("Ashbourne Ferry", "Coldwater", "Duskmoor", "Eastmarsh", "Foxhollow", "Greywharf", "Highcairn", "Inverlock", "Kingsfold", "Larkhill", "Milbrook", "Northstead")  # fmt: skip
_EN_GOODS = ("filter", "scale", "door lock", "tea boiler", "tyre", "desk lamp", "valve", "hearing aid", "pump", "heater")  # fmt: skip

# Each fact in several wordings, {s} its subject and {o} its object; the last is a hard one.
WORDINGS: dict[Language, dict[str, tuple[str, ...]]] = {
    "zh": {
        "founder": ("{s}由{o}于{y}年创立。", "{s}的创始人是{o}。", "{o}在{y}年创办了{s}。", "{o}是{s}的创始人。", "{y}年，{o}租下一间仓库，{s}就此起步。"),
        "head": ("{s}的总经理是{o}。", "{o}担任{s}的总经理。", "{s}现由{o}领导。", "公司的负责人为{o}。", "如今在{s}说了算的是{o}。"),
        "seat": ("{s}位于{o}。", "{s}的总部设在{o}。", "公司坐落于{o}。", "{s}的总部是{o}的一幢旧楼。", "来{s}要先坐车到{o}。"),
        "supplier": ("{s}的主要供应商是{o}。", "{o}是{s}的供应商。", "{s}的零件由{o}供应。", "{s}一直从{o}那里进货。"),
        "maker": ("{s}由{o}生产。", "{s}的生产商是{o}。", "{o}生产{s}。", "{s}是{o}的产品。", "{s}出自{o}的车间。"),
        "spouse": ("{s}的妻子是{o}。", "{o}是{s}的妻子。", "{s}娶了{o}。", "{s}和{o}是一对夫妻。"),
        "work": ("{s}在{o}工作。", "{s}就职于{o}。", "{s}任职于{o}。", "{s}每天去{o}上班。"),
        "mayor": ("{s}的镇长是{o}。", "{o}是{s}的镇长。", "{s}镇长{o}在任期内修通了公交。"),
    },
    "en": {
        "founder": ("{s} was founded by {o} in {y}.", "The founder of {s} is {o}.", "{o} founded {s} in {y}.", "{o} is the founder of {s}.", "In {y} {o} rented a warehouse, and {s} began."),
        "head": ("{s}'s managing director is {o}.", "{o} is the managing director of {s}.", "The company is led by {o}.", "{s} is run by {o}.", "What {o} says is done at {s}."),
        "seat": ("{s} is based in {o}.", "{s} is located in {o}.", "The company is in {o}.", "The head office of {s} is in {o}.", "Visitors of {s} take the train to {o}."),
        "supplier": ("The main supplier of {s} is {o}.", "{o} is the supplier of {s}.", "{s} is supplied by {o}.", "{s} gets its parts from {o}."),
        "maker": ("{s} is made by {o}.", "The maker of {s} is {o}.", "{o} makes {s}.", "{s} is produced by {o}.", "{s} comes out of the workshops of {o}."),
        "spouse": ("{s}'s wife is {o}.", "{o} is the wife of {s}.", "{s} married {o}.", "{s} and {o} are a couple."),
        "work": ("{s} works at {o}.", "{s} is employed by {o}.", "{s} works for {o}.", "{s} spends the day at {o}."),
        "mayor": ("The mayor of {s} is {o}.", "{o} is the mayor of {s}.", "{s}'s mayor is {o}.", "Under {o} as mayor {s} got its ring bus."),
    },
}  # fmt: skip

# What is asked over two facts: the first from the name in the question, the second from its object.
QUESTIONS: dict[Language, tuple[tuple[str, str, str], ...]] = {
    "zh": (
        ("maker", "founder", "生产{s}的公司的创始人是谁？"),
        ("maker", "seat", "{s}的生产商总部在哪里？"),
        ("maker", "head", "做{s}的那家公司总经理是谁？"),
        ("founder", "spouse", "{s}的创始人的妻子叫什么？"),
        ("founder", "work", "创办{s}的人现在在哪里工作？"),
        ("spouse", "work", "{s}的妻子在哪里上班？"),
        ("work", "seat", "{s}工作的公司位于哪里？"),
        ("seat", "mayor", "{s}所在地的镇长是谁？"),
        ("supplier", "head", "{s}的供应商由谁当总经理？"),
        ("supplier", "seat", "给{s}供货的公司位于什么地方？"),
    ),
    "en": (
        ("maker", "founder", "Who is the founder of the company that makes {s}?"),
        ("maker", "seat", "In which town is the maker of {s} based?"),
        ("maker", "head", "Who is the managing director of the company behind {s}?"),
        ("founder", "spouse", "Who is the wife of the founder of {s}?"),
        ("founder", "work", "Where does the person work who founded {s}?"),
        ("spouse", "work", "Where does {s}'s wife work?"),
        ("work", "seat", "Where is the company located that {s} works for?"),
        ("seat", "mayor", "Who is the mayor of the town where {s} is based?"),
        ("supplier", "head", "Who is the managing director of {s}'s supplier?"),
        ("supplier", "seat", "Where is the firm located that supplies {s}?"),
    ),
}

_FILL: dict[Language, tuple[str, ...]] = {
    "zh": (
        "厂房扩建过两次，旧仓库改成了陈列室。", "每年接收附近学校的实习生。", "常用配件隔日送达。",
        "一成利润用于设备更新，其余留作周转。", "集市逢三、逢八开市，早上六点最热闹。",
        "周末喜欢沿河散步，会拉一点二胡。", "使用前请阅读说明书，保修三年。", "口碑一向不错。",
    ),
    "en": (
        "The plant was enlarged twice and the old warehouse is a museum.",
        "Trainees come from a nearby school every year.", "Common parts arrive the next day.",
        "A tenth of the profit goes into new machines.", "The market is held on Fridays.",
        "Weekends are for walks along the river and a little music.",
        "Read the manual before use.", "People speak well of it.",
    ),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Needed:
    """A fact: what it relates, and the sentence that says so."""

    subject: str
    object: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked, and the two facts that answer it."""

    text: str
    first: Needed
    second: Needed


@dataclass(slots=True)
class World:
    """Pages by file name, and questions."""

    pages: dict[str, str] = field(default_factory=dict)
    questions: list[Question] = field(default_factory=list)


def world(language: Language, seed: int = 1, asked: int = 200) -> World:
    """A world in one language and ``asked`` questions about it."""
    return _Maker(language, seed).world(asked)


class _Maker:
    def __init__(self, language: Language, seed: int) -> None:
        self.language = language
        self.chance = random.Random(f"{language} {seed} graph")
        self.facts: dict[tuple[str, str], Needed] = {}

    def world(self, asked: int) -> World:
        companies = self._names(self._company, 40)
        people = self._names(self._person, 90)
        products = self._names(self._product, 60)
        towns = list(_ZH_TOWNS if self.language == "zh" else _EN_TOWNS)
        made = World()
        for kind, names, relations in (
            ("company", companies, {"founder": people, "head": people, "seat": towns, "supplier": companies}),
            ("person", people, {"spouse": people, "work": companies}),
            ("product", products, {"maker": companies}),
            ("town", towns, {"mayor": people}),
        ):  # fmt: skip
            for number, name in enumerate(names):
                made.pages[f"{kind}-{number:02}.md"] = self._page(name, relations)
        made.questions = list(self._questions(asked))
        return made

    def _names(self, make: object, number: int) -> list[str]:
        found: dict[str, None] = {}
        while len(found) < number:
            found[make()] = None  # type: ignore[operator]
        return list(found)

    def _company(self) -> str:
        if self.language == "zh":
            return "".join(self.chance.sample(_ZH_HEADS, 2)) + self.chance.choice(_ZH_TAILS)
        first, second = self.chance.sample(_EN_HEADS, 2)
        return f"{first} {second} {self.chance.choice(_EN_TAILS)}"

    def _person(self) -> str:
        if self.language == "zh":
            return self.chance.choice(_ZH_SURNAMES) + self.chance.choice(_ZH_GIVEN)
        return f"{self.chance.choice(_EN_GIVEN)} {self.chance.choice(_EN_SURNAMES)}"

    def _product(self) -> str:
        code = f"{self.chance.choice('KRTVX')}{self.chance.choice('ABDF')}{self.chance.randrange(100, 999)}"
        if self.language == "zh":
            return f"{code}{self.chance.choice(_ZH_GOODS)}"
        return f"{code} {self.chance.choice(_EN_GOODS)}"

    def _page(self, name: str, relations: dict[str, list[str]]) -> str:
        gap = "" if self.language == "zh" else " "
        parts = [f"# {name}\n"]
        for relation, objects in relations.items():
            thing = self.chance.choice([one for one in objects if one != name])
            wording = self.chance.choice(WORDINGS[self.language][relation])
            sentence = wording.format(s=name, o=thing, y=self.chance.randrange(1950, 2020))
            self.facts[relation, name] = Needed(name, thing, sentence)
            fill = self.chance.sample(_FILL[self.language], 2)
            parts.append(gap.join([fill[0], sentence, fill[1]]) + "\n")
        return "\n".join(parts)

    def _questions(self, asked: int) -> Iterator[Question]:
        ways = list(QUESTIONS[self.language])
        starts = {
            way: [name for relation, name in self.facts if relation == way[0]] for way in ways
        }
        told = 0
        while told < asked:
            first, second, wording = way = ways[told % len(ways)]
            name = self.chance.choice(starts[way])
            one = self.facts[first, name]
            two = self.facts.get((second, one.object))
            if two is None or two.object == name:
                continue
            yield Question(wording.format(s=name), one, two)
            told += 1

"""Stories made up here: quiet days, and now and then something happens that must not be lost.

Half of what happens has a person, a place and a number of its own, which stand nowhere else; the
other half has nothing by which code could know it, but words that nothing else is told with. So a
text can be asked what of it is left.
"""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final, TypeVar

from bench.retrieval_corpus import Language
from zaohua.text.numerals import numbers

T = TypeVar("T")

APART: Final = 1500
"""Characters from one event to the next."""
CHAPTER: Final = 6000


@dataclass(frozen=True, slots=True)
class Event:
    """What happened, by what it is known: of each mark one of its words.

    Attributes:
        marks: of a named event its person and its place, else its deed and its object.
        number: of a named event; 0 of others.
    """

    marks: Sequence[Sequence[str]]
    number: int = 0

    def found(self, text: str) -> list[bool]:
        """Which of the marks and the number stand in ``text``."""
        said = [any(word in text for word in mark) for mark in self.marks]
        if self.number:
            said.append(Decimal(self.number) in {one.value for one in numbers(text)})
        return said

    def kept(self, text: str) -> bool:
        """Whether ``text`` tells of it: a person with place or number, a deed with its object."""
        first, *others = self.found(text)
        return first and any(others)


@dataclass(frozen=True, slots=True)
class Story:
    """A text and what happens in it."""

    text: str
    events: tuple[Event, ...]


def story(characters: int, language: Language, seed: int, apart: int = APART) -> Story:
    """A story of about so many characters, another one for each seed; an event in each ``apart``."""
    chance = random.Random(f"{language} {seed} story")
    events: list[Event] = []
    days = _days(language, chance)
    written: list[str] = []
    size = 0
    for event, told in _events(language, chance):
        if size >= characters:
            break
        chapter = (
            f"第{size // CHAPTER + 1}章" if language == "zh" else f"# Chapter {size // CHAPTER + 1}"
        )
        quiet = list(_as_long(days, apart - len(told)))
        quiet.insert(chance.randrange(1, len(quiet)) if len(quiet) > 1 else 0, told)
        written += quiet if chapter in written else [chapter, *quiet]
        events.append(event)
        size += sum(map(len, quiet))
    return Story("\n\n".join(written), tuple(events))


def _as_long(days: Iterator[str], characters: int) -> Iterator[str]:
    while characters > 0:
        yield (day := next(days))
        characters -= len(day)


def _days(language: Language, chance: random.Random) -> Iterator[str]:
    """Paragraphs in which nothing happens."""
    while True:
        for day in _shuffled(_DAYS[language], chance):
            one, other = chance.sample(_ROLES[language], 2)
            yield ". ".join(map(_capital, day.format(one=one, other=other).split(". ")))


def _events(language: Language, chance: random.Random) -> Iterator[tuple[Event, str]]:
    plain = [(Event(marks), told) for told, *marks in _shuffled(_PLAIN[language], chance)]
    for named, other in zip(_named(language, chance), itertools.cycle(plain), strict=False):
        yield named
        yield other


def _named(language: Language, chance: random.Random) -> Iterator[tuple[Event, str]]:
    first, last, heads, tails, told = _HAPPENS[language]
    gap = "" if language == "zh" else " "
    people = zip(_shuffled(first, chance), _shuffled(last, chance), strict=True)
    places = _shuffled([head + tail for head, tail in zip(heads, tails, strict=True)], chance)
    figures = chance.sample(range(23, 989), len(first))
    kinds = itertools.cycle(_shuffled(told, chance))
    for (given, family), place, figure, kind in zip(people, places, figures, kinds, strict=False):
        name = family + given if language == "zh" else given + gap + family
        who = (name,) if language == "zh" else (given, family)
        yield Event((who, (place,)), figure), kind.format(who=name, place=place, number=figure)


def _shuffled(items: list[T], chance: random.Random) -> list[T]:
    return chance.sample(items, len(items))


def _capital(text: str) -> str:
    return text[0].upper() + text[1:]


_ROLES: Final = {
    "en": [
        "the baker's wife", "the old ferryman", "the schoolmaster", "the widow next door",
        "the young priest", "a pedlar", "the gatekeeper", "the innkeeper", "the deaf gardener",
        "a carter from the hills", "the washerwoman", "the blacksmith",
    ],
    "zh": [
        "面包师的妻子", "老船夫", "学堂的先生", "隔壁的寡妇", "年轻的和尚", "一个货郎", "看门人",
        "客栈老板", "耳背的园丁", "山里来的车夫", "洗衣妇", "铁匠",
    ],
}  # fmt: skip

_DAYS: Final = {
    "en": [
        "The rain had stopped, but water still ran from the roofs. {one} stood at the window and waited for the road to dry, for the wheels sink deep where the lane leaves the village. {other} called over the fence that it would clear before noon, and went in again without waiting for an answer.",
        "It was warm in the kitchen. A pot of beans stood on the stove, and the cat had found the one place where the sun came in. {one} peeled apples into a bowl, and the peel hung down in a long curl. Somebody had left the gate open; {other} went out to close it and came back with mint in a fist.",
        "On the bench before the chapel the talk was of barley, as it always was at that season. {one} held that the price would fall. {other} said nothing and drew circles in the dust with a stick. When the shade had moved on they moved after it, and the talk went on where it had stopped.",
        "The river was low. One could see the stones on which the women used to stand, and the green weed that the current combs. {one} had hung nets over the rail and felt for holes with a thumb. A heron watched from the other bank, gave up, and flew away over the willows, slow as a thought.",
        "There was a smell of smoke and resin, since the hedges had been cut. {one} raked the twigs together, and the children begged for leave to light them. Not before the wind drops, {other} told them. So they sat on the wall, swinging their legs, and made up names for the clouds.",
        "In the schoolroom the stove did not draw. {one} opened a window, and then another one, until everybody wore a coat. The map on the wall had faded so much that the sea and the land looked the same. {other} came by with a brush for the pipe, and the lesson was over for that morning.",
        "A dog had followed somebody from the market and would not go home. {one} threw it a crust; after that it belonged to the house. It slept under the stairs, barked at wheelbarrows, and was afraid of the broom. {other} thought that it must once have lived on a ship, because of the way it walked.",
        "Wool was carded that week. It lay about in all the rooms like snow that has lost its way, and clung to sleeves and eyebrows. {one} sang while working, always the same song, about a girl who turns into a birch. {other} hated the song and knew every word of it.",
        "Towards evening the mist came up from the meadows, first to the knee and then to the belt. {one} hung a lantern on the post, though nobody was expected. Voices could be heard from the other side, quite near and then far off. {other} coughed, put up a collar, and walked home along the ditch.",
        "The clock in the tower was being cleaned, so that there was no hour. People ate when they were hungry and found that it made little difference. {one} asked whether it was late. {other} looked at the swallows and said that it was about as late as usual, perhaps a little later.",
        "Someone had brought plums, more than could be eaten. They were stoned, boiled and stirred, and wasps hung in the steam. {one} burned a finger and told nobody. Jars stood in rows upon the sill, and {other} wrote labels in a careful hand, although there was but one kind.",
        "The inn was empty on such days. {one} polished glasses that were clean, held them against the light, and put them back. A game of draughts stood on the table by the door as it had been left. {other} looked at it for a while, moved a piece, and went out whistling.",
    ],
    "zh": [
        "雨停了，屋檐还在滴水。{one}站在窗前等路干，村口那一段最软，车轮一进去就陷住。{other}隔着篱笆喊，说晌午以前准能放晴，没等人答话就又进屋去了。",
        "厨房里暖烘烘的，灶上炖着一锅豆子，猫找到了唯一晒得着太阳的地方。{one}削着苹果，皮长长地垂下来打着卷。不知道谁没有关院门，{other}出去把门带上，回来时手里攥着一把薄荷。",
        "祠堂前的长凳上，大家照例说着今年的大麦。{one}一口咬定价钱要跌，{other}不说话，只用一根树枝在土里画圈。树荫挪开了，人也跟着挪过去，话又从刚才断的地方接着往下说。",
        "河水浅了，露出女人们洗衣裳时站的那几块石头，水草被水流梳得顺顺的。{one}把网搭在栏杆上，用拇指一个一个地摸破洞。对岸有一只苍鹭看了半天，大概是死了心，慢吞吞地飞过柳树去了。",
        "刚修过树篱，到处是烟和松脂的气味。{one}把枝子耙成一堆，孩子们求着要点火。{other}告诉他们，风不住不许点。于是他们坐在墙头上晃着腿，给天上的云起名字。",
        "学堂里的炉子不通气。{one}开了一扇窗，又开了一扇，到最后人人都穿上了棉袄。墙上的地图褪色褪得厉害，海和陆地看起来一个样。{other}拿着刷子来捅烟囱，这一上午的课就算完了。",
        "有一只狗从集上跟着人回来，怎么赶也不走。{one}扔给它一块饼皮，它从此就算这家的了。它睡在楼梯底下，见了独轮车就叫，见了扫帚就躲。{other}看它走路的样子，说它从前一定在船上待过。",
        "那几天家家都在梳羊毛，屋里到处都是，像迷了路的雪，沾在袖子上、眉毛上。{one}一边干活一边唱，总是那一首，唱的是一个姑娘变成了白桦树。{other}最讨厌这首歌，可是每一句都记得。",
        "天快黑的时候，雾从草地上漫起来，先到膝盖，后来到腰。{one}在柱子上挂了一盏灯，其实并没有谁要来。对面传来说话声，一会儿很近，一会儿又远了。{other}咳了一声，竖起领子，沿着水沟走回家去。",
        "钟楼上的钟拆下来擦洗，村里就没有了钟点。大家饿了就吃饭，倒也没觉得有什么两样。{one}问现在晚不晚，{other}看了看燕子，说跟平常差不多，也许稍微晚一点。",
        "不知道谁送来了李子，多得吃不完。大家去核的去核，搅锅的搅锅，热气里飞着黄蜂。{one}烫了手指，谁也没告诉。窗台上摆了一排罐子，{other}一笔一画地写着签子，虽说里面全是一样的东西。",
        "这样的日子客栈里是空的。{one}把干净的杯子又擦一遍，对着光看看，再放回去。门边的桌上摆着一盘没有下完的棋。{other}看了一会儿，走了一步，吹着口哨出去了。",
    ],
}

_HAPPENS: Final = {
    "en": (
        ["Tilda", "Oskar", "Marta", "Jonas", "Selma", "Anton", "Greta", "Felix", "Ronja", "Viktor", "Edda", "Henrik", "Alma", "Ruben", "Irma", "Kasper", "Lotte", "Magnus", "Nora", "Tobias", "Wanda", "Emil", "Frida", "Gustav"],
        ["Harrow", "Lindqvist", "Brandt", "Kestrel", "Oakes", "Varga", "Sorley", "Penrose", "Dahl", "Marlow", "Fenwick", "Castell", "Thorne", "Egger", "Whitlow", "Rask", "Jessop", "Colby", "Nyberg", "Draper", "Holt", "Amsel", "Quayle", "Struan"],
        ["Brack", "Elder", "Kings", "Wolfs", "Raven", "Sallow", "Thistle", "Stone", "Amber", "Copper", "Hollow", "Winter", "Mallow", "Gray", "Alder", "Heron", "Badger", "Salt", "Cinder", "Marsh", "Otter", "Fallow", "Linden", "Rook"],
        ["ford", "mere", "bridge", "den", "wick", "gate", "down", "haven", "stead", "hurst", "field", "moor", "combe", "ley", "shaw", "holm", "dale", "cliff", "burn", "wold", "thorpe", "beck", "worth", "by"],
        [
            "On that day {who} bought the old mill at {place} for {number} crowns. Nobody had known that there was so much money in the house, and the heirs went to court.",
            "In the night the dam above {place} broke. {who} rowed from roof to roof until dawn and brought {number} people to dry land.",
            "{who} was arrested in {place}. In the cellar the constables found {number} forged bonds, still wet from the press.",
            "A ship from the south brought the fever to {place}. {who}, the only physician there, closed the harbour; even so {number} people died before the frost.",
            "{who} won the great race at {place} on a borrowed horse and gave the prize of {number} guilders to the orphans.",
            "In the quarry of {place} {who} dug up a chest with {number} silver coins that bore the head of a forgotten king.",
            "The workers of the glassworks at {place} laid down their tools. {who} spoke for them, and after {number} days the owners gave way.",
            "Lightning struck the library of {place}. {who} ran into the flames and saved {number} books before the roof came down.",
        ],
    ),
    "zh": (
        ["青禾", "怀远", "若兰", "松年", "小满", "伯言", "秋白", "文渊", "玉衡", "长庚", "知微", "景行", "云舒", "思齐", "如晦", "明夷", "向晚", "子衿", "望舒", "仲宁", "采薇", "平野", "听涛", "半山"],
        "沈 顾 陆 温 薛 裴 崔 孟 傅 霍 简 邵 尹 蒋 秦 贺 柳 葛 穆 俞 阮 骆 戚 聂".split(),  # noqa: SIM905
        ["白鹭", "青石", "乌桕", "黑松", "落雁", "寒鸦", "铜铃", "苇塘", "红枫", "玉泉", "狼牙", "鹿鸣", "云杉", "古槐", "燕子", "磨盘", "金沙", "卧牛", "紫藤", "石榴", "野鸭", "断桥", "孤山", "琵琶"],
        "渡 镇 村 岭 坡 湾 关 荡 谷 沟 口 原 坪 庄 矶 集 滩 岗 坞 园 浦 驿 寨 洲".split(),  # noqa: SIM905
        [
            "那一天，{who}花{number}两银子买下了{place}的老磨坊。谁也不知道家里有这么多钱，几个继承人告到了衙门。",
            "夜里，{place}上游的堤坝决了口。{who}划着船一家一家地救人，到天亮时把{number}个人送到了高处。",
            "{who}在{place}被抓了。捕快在地窖里搜出{number}张假银票，墨迹还没有干。",
            "一条南边来的船把瘟疫带到了{place}。那里唯一的大夫{who}封了码头，可是到下霜以前还是死了{number}个人。",
            "{who}骑着一匹借来的马赢了{place}的赛马，把{number}块银元的奖金全给了孤儿。",
            "{who}在{place}的采石场挖出一只箱子，里面有{number}枚银币，上面铸着一位早被忘记的国王的头像。",
            "{place}玻璃厂的工人停了工。{who}替他们说话，过了{number}天，东家终于让了步。",
            "雷击中了{place}的藏书楼。{who}冲进火里，在屋顶塌下来之前抢出了{number}本书。",
        ],
    ),
}  # fmt: skip

_PLAIN: Final = {
    "en": [
        ("Somebody had poisoned the well behind the forge. Two cows lay dead beside the trough, and nobody dared to drink.", ("poison",), ("well", "cow")),
        ("That week the twins were stolen from their cradle. All that was found of them was a shoe in the snow.", ("stolen", "stole", "kidnap"), ("twins", "cradle")),
        ("The bishop came without warning and forbade all dancing. The fiddlers burned their instruments before his eyes.", ("bishop",), ("danc", "fiddl")),
        ("War had been declared. A rider nailed the order to the church door, and all the young men had to go.", ("War", "war "), ("rider", "declared", "young men")),
        ("The miller's daughter married the hangman against the will of her father, who cursed them both at the altar.", ("married", "marr"), ("hangman", "daughter")),
        ("Wolves broke into the sheepfold and tore the whole flock. The shepherd was found in a tree, mute with terror.", ("Wolves", "wolves"), ("sheep", "flock", "shepherd")),
        ("The bell was cast anew, but it cracked at the first stroke, and everybody took that for an omen.", ("bell",), ("crack", "omen")),
        ("The dying notary confessed that he had forged the will of the duke, so the castle belonged to the wrong heir.", ("notary",), ("will", "castle", "duke")),
    ],
    "zh": [
        ("有人在铁匠铺后面的水井里下了毒，两头牛死在水槽边，谁也不敢喝水了。", ("毒",), ("井", "牛")),
        ("那个星期，一对双胞胎从摇篮里被人偷走了，只在雪地里找到一只小鞋。", ("双胞胎",), ("偷", "摇篮")),
        ("主教突然驾到，下令禁止一切歌舞，琴师们当着他的面烧掉了自己的琴。", ("主教",), ("歌舞", "琴")),
        ("打仗了。传令兵把告示钉在庙门上，年轻男人都得上前线。", ("打仗", "战争", "上前线"), ("传令兵", "告示", "年轻男人")),
        ("磨坊主的女儿不顾父亲反对嫁给了刽子手，父亲在喜堂上当众诅咒了他们。", ("刽子手",), ("女儿", "嫁", "诅咒")),
        ("狼群冲进羊圈，把整群羊都咬死了。牧羊人躲在树上，吓得说不出话来。", ("狼",), ("羊",)),
        ("新铸的大钟头一次敲响就裂了，人人都说这是不祥之兆。", ("钟",), ("裂", "不祥")),
        ("公证人临死前承认，公爵的遗嘱是他伪造的，城堡给错了继承人。", ("公证人",), ("遗嘱", "城堡", "公爵")),
    ],
}  # fmt: skip

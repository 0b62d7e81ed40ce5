"""The words of instructions. F, K: the form; T title; A author; H heads; G given lines; S theme;
R rhyme.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from zaohua.data.sets.poetry.options import Task

CHINESE: Mapping[Task, tuple[str, ...]] = MappingProxyType(
    {
        "title": (
            "写一首{F}，题为《{T}》。",
            "以《{T}》为题，写一首{F}。",
            "请以“{T}”为题作一首{F}。",
            "请作{F}一首，题目是《{T}》。",
            "帮我写一首题为《{T}》的{F}",
            "{F}《{T}》",
        ),
        "form": (
            "写一首{F}。",
            "请写一首{F}。",
            "作{F}一首。",
            "来一首{F}吧",
            "我想读一首{F}，请写一首。",
        ),
        "continue": (
            "续写这首{F}：{G}",
            "请接着写完这首{F}：{G}",
            "“{G}”请续成一首{F}。",
            "下面是一首{F}的开头，请续写：{G}",
        ),
        "style": (
            "以{A}的风格写一首{F}。",
            "请模仿{A}写一首{F}。",
            "用{A}的笔法作一首{F}。",
            "假如你是{A}，请写一首{F}。",
        ),
        "acrostic": (
            "写一首藏头诗，藏头“{H}”，要{F}。",
            "以“{H}”为藏头，写一首{F}。",
            "写一首{F}，藏头：{H}",
            "用“{H}”四个字写一首藏头{F}。",
            "请作藏头诗一首（{F}），每句首字依次为{H}。",
        ),
        "theme": (
            "写一首关于{S}的{F}。",
            "以{S}为主题写一首{F}。",
            "请写{S}，作一首{F}。",
            "来一首写{S}的{F}",
        ),
        "rhyme": ("写一首{F}，押{R}韵。", "请用{R}韵作一首{F}。", "{F}，押{R}韵"),
    }
)

ENGLISH: Mapping[Task, tuple[str, ...]] = MappingProxyType(
    {
        "title": (
            "Write a {F} ({K}) titled 《{T}》.",
            "Please compose a Chinese {F} ({K}) on the title 《{T}》.",
        ),
        "form": ("Write a Chinese {F} ({K}).", "Please write me a {F} ({K})."),
        "continue": ("Continue this {F} ({K}): {G}", "Finish this Chinese {F} ({K}): {G}"),
        "style": ("Write a {F} ({K}) in the style of {A}.", "Imitate {A}: a {F} ({K})."),
        "acrostic": (
            "Write an acrostic {F} ({K}) whose lines begin with {H}.",
            "Write a {F} ({K}); the first characters of its lines spell {H}.",
        ),
        "theme": ("Write a {F} ({K}) about {S}.", "Compose a Chinese {F} ({K}) on {S}."),
        "rhyme": ("Write a {F} ({K}) in the rhyme {R}.", "A Chinese {F} ({K}), rhyme {R}."),
    }
)

THEMES: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "梅花": ("梅", "plum blossom"),
        "菊花": ("菊", "chrysanthemums"),
        "荷花": ("荷莲蓮", "the lotus"),
        "牡丹": ("牡", "peonies"),
        "海棠": ("棠", "crabapple blossom"),
        "桃花": ("桃", "peach blossom"),
        "竹子": ("竹", "bamboo"),
        "柳树": ("柳", "willows"),
        "松树": ("松", "pine trees"),
        "雪": ("雪", "snow"),
        "雨": ("雨", "rain"),
        "月亮": ("月", "the moon"),
        "春天": ("春", "spring"),
        "夏天": ("夏暑", "summer"),
        "秋天": ("秋", "autumn"),
        "冬天": ("冬寒", "winter"),
        "重阳": ("九日重阳陽", "the Double Ninth festival"),
        "送别": ("送别別饯餞", "parting"),
        "登高": ("登", "climbing a height"),
        "饮酒": ("酒饮飲醉", "wine"),
        "茶": ("茶茗", "tea"),
        "寺院": ("寺僧禅禪", "a temple"),
        "山居": ("隐隱山居", "living in the hills"),
        "夜晚": ("夜", "night"),
        "江湖": ("江湖舟", "rivers and lakes"),
        "怀古": ("怀懷古", "the past"),
        "边塞": ("塞边邊军軍", "the frontier"),
    }
)

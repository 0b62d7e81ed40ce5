"""What questions must think of which kinds of facts, whatever their words: food of allergies."""

from __future__ import annotations

import re

_FOOD = re.compile(
    r"吃|喝|菜|餐|饭|零食|食谱|食材|点心|甜品|烹|烤|炒|煮|汤|馅|外卖|味道|口味|"
    r"\b(?:eat|drink|cook|food|recipe|snack|dinner|lunch|breakfast|brunch|supper|restaurant|meal|"
    r"dessert|dish|bake|baking|menu|grocer|filling|cuisine|takeaway|takeout)",
    re.IGNORECASE,
)
_TOPICS = {
    "allergy": _FOOD,
    "diet": _FOOD,
    "avoid": _FOOD,
    "city": re.compile(
        r"天气|下雨|带伞|气温|附近|周边|周末|去哪|哪里玩|本地|当地|路线|通勤|租房|出发|"
        r"\b(?:weather|rain|snow|sunny|temperature|near(?:by| me)|around here|local|weekend|"
        r"commute|in my (?:city|town|area)|where (?:can|could|should) (?:i|we))\b",
        re.IGNORECASE,
    ),
    "job": re.compile(
        r"工作|职业|上班|简历|总结|汇报|职场|跳槽|面试|"
        r"\b(?:work|job|career|resume|cv|profession|colleagues?|office|interview|bio)\b",
        re.IGNORECASE,
    ),
    "child": re.compile(
        r"孩子|小孩|儿子|女儿|闺女|宝宝|亲子|育儿|家长|"
        r"\b(?:kids?|child|children|son|daughter|famil(?:y|ies)|parenting|toddler)\b",
        re.IGNORECASE,
    ),
    "pet": re.compile(r"宠物|猫|狗|小动物|\b(?:pets?|dogs?|cats?|animals?|vet)\b", re.IGNORECASE),
    "age": re.compile(r"岁|年龄|年纪|退休|\b(?:old|age|retire)\b", re.IGNORECASE),
    "birthday": re.compile(r"生日|星座|\b(?:birthday|born|zodiac)\b", re.IGNORECASE),
    "learning": re.compile(
        r"学习|单词|练习|复习|考试|背诵|\b(?:study|learn|practi[cs]e|words|vocabulary|exam|lesson)",
        re.IGNORECASE,
    ),
    "hometown": re.compile(
        r"家乡|老家|故乡|\b(?:home ?town|home country|grew up|come from)\b", re.IGNORECASE
    ),
}


def touched(question: str) -> frozenset[str]:
    """The kinds of facts that a question must think of."""
    return frozenset(kind for kind, topic in _TOPICS.items() if topic.search(question))

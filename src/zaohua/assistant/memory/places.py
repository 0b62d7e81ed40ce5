"""What can be a place where somebody lives."""

from __future__ import annotations

import re

_CHINESE = frozenset(
    """
    北京 上海 天津 重庆 广州 深圳 成都 杭州 武汉 南京 西安 苏州 郑州 长沙 沈阳 青岛 济南 大连
    宁波 厦门 福州 无锡 合肥 昆明 哈尔滨 长春 石家庄 太原 南昌 贵阳 南宁 海口 三亚 兰州 西宁
    银川 乌鲁木齐 呼和浩特 拉萨 珠海 东莞 佛山 中山 惠州 温州 绍兴 嘉兴 金华 台州 常州 南通
    徐州 扬州 镇江 烟台 威海 潍坊 洛阳 开封 桂林 大理 丽江 香港 澳门 台北 高雄 台湾 河北 山西
    辽宁 吉林 黑龙江 江苏 浙江 安徽 福建 江西 山东 河南 湖北 湖南 广东 海南 四川 贵州 云南 陕西
    甘肃 青海 内蒙古 广西 西藏 宁夏 新疆 中国 美国 英国 法国 德国 日本 韩国 加拿大 澳大利亚
    新加坡 马来西亚 泰国 越南 印度 俄罗斯 意大利 西班牙 荷兰 瑞士 瑞典 新西兰 纽约 伦敦 巴黎
    东京 大阪 首尔 悉尼 墨尔本 温哥华 多伦多 洛杉矶 旧金山 柏林 慕尼黑 罗马 莫斯科 曼谷 迪拜
    """.split()  # noqa: SIM905 - a list of words is read as such
)
_ENGLISH = frozenset(
    name.strip()
    for name in """
    beijing,shanghai,shenzhen,guangzhou,hong kong,taipei,tokyo,osaka,kyoto,seoul,singapore,
    bangkok,hanoi,jakarta,manila,delhi,new delhi,mumbai,bangalore,dubai,istanbul,moscow,london,
    paris,berlin,munich,hamburg,frankfurt,vienna,zurich,geneva,rome,milan,madrid,barcelona,
    lisbon,amsterdam,brussels,dublin,edinburgh,manchester,copenhagen,stockholm,oslo,helsinki,
    warsaw,prague,budapest,athens,cairo,nairobi,lagos,cape town,johannesburg,new york,
    los angeles,san francisco,chicago,boston,seattle,houston,dallas,austin,denver,miami,atlanta,
    philadelphia,washington,toronto,montreal,vancouver,mexico city,sydney,melbourne,brisbane,
    perth,auckland,wellington,sao paulo,buenos aires,santiago,lima,bogota,china,japan,korea,
    india,germany,france,spain,italy,england,scotland,ireland,poland,canada,australia,america,
    brazil,mexico,the uk,the us,the usa
    """.split(",")  # noqa: SIM905 - a list of words is read as such
)
_ENDING = re.compile(r"(?:[市县区省镇乡村州岛旗]|自治区)$")
_NO_PLACE = re.compile(
    r"[楼层室家里上下这那哪一二三四五六七八九十\d的了们你他她]|酒店|宾馆|学校|宿舍|公司|附近|"
    r"医院|租|房|"
    r"公寓|乡下|海边|火星|月球|小区|对面|隔壁|外面|一起|父母"
)
_CAPITALISED = re.compile(
    r"(?:the )?(?:[A-Z][\w'.-]*)(?:(?:,? | de | of | upon )[A-Z][\w'.-]*){0,3}", re.UNICODE
)


def is_known_place(text: str) -> bool:
    """Whether ``text`` is one of the large places, or says that it is a town or such."""
    return text in _CHINESE or text.lower() in _ENGLISH or bool(_ENDING.search(text))


def is_chinese_place(text: str) -> bool:
    """Whether ``text`` can be a place: known, or two to five characters that name no building."""
    if text in _CHINESE:
        return True
    return (
        2 <= len(text) <= 8
        and not _NO_PLACE.search(text)
        and (len(text) <= 5 or bool(_ENDING.search(text)))
    )


def english_place(text: str) -> str:
    """The place that ``text`` begins with: known ones, or words in capitals; empty if none."""
    words = text.split()
    for count in (3, 2, 1):
        start = " ".join(words[:count])
        if start.rstrip(",").lower() in _ENGLISH:
            return start.rstrip(",")
    found = _CAPITALISED.match(text)
    return found.group().rstrip(".,") if found else ""

"""The units: what each is called, what it measures, and how many of the base unit it is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction


@dataclass(frozen=True, slots=True)
class Unit:
    """``factor`` base units; temperatures also have an ``offset``, of kelvins."""

    name: str
    measures: str
    factor: Fraction
    offset: Fraction = Fraction(0)


_INCH, _FOOT, _POUND, _LITRE = "0.0254", "0.3048", "0.45359237", "0.001"
_GALLON = "0.003785411784"

_LENGTH = {
    "m": ("1", "metre meter metres meters 米 公尺"),
    "km": ("1000", "kilometre kilometer kilometres kilometers 千米 公里"),
    "dm": ("0.1", "decimetre decimeter decimetres decimeters 分米"),
    "cm": ("0.01", "centimetre centimeter centimetres centimeters 厘米 公分"),
    "mm": ("0.001", "millimetre millimeter millimetres millimeters 毫米"),
    "µm": ("0.000001", "um micrometre micrometer micrometres micrometers micron microns 微米"),
    "nm": ("1e-9", "nanometre nanometer nanometres nanometers 纳米"),
    "inch": (_INCH, "in inches 英寸 吋"),
    "ft": (_FOOT, "foot feet 英尺 呎"),
    "yd": ("0.9144", "yard yards 码"),
    "mile": ("1609.344", "mi miles 英里"),
    "nmi": ("1852", "nautical_mile nautical_miles 海里"),
    "里": ("500", "华里 市里 li"),
    "丈": ("10/3", "市丈 zhang"),
    "尺": ("1/3", "市尺 chi"),
    "寸": ("1/30", "市寸 cun"),
    "ly": ("9460730472580800", "light-year light_year light-years light_years 光年"),
}
_MASS = {
    "kg": ("1", "kilogram kilograms kilo kilos 千克 公斤"),
    "g": ("0.001", "gram grams gramme grammes 克"),
    "mg": ("0.000001", "milligram milligrams 毫克"),
    "µg": ("1e-9", "ug microgram micrograms 微克"),
    "t": ("1000", "tonne tonnes metric_ton metric_tons 吨 公吨"),
    "lb": (_POUND, "lbs pound pounds 磅"),
    "oz": ("0.028349523125", "ounce ounces 盎司"),
    "stone": ("6.35029318", "stones 英石"),
    "short ton": ("907.18474", "short_tons us_ton us_tons 短吨"),
    "long ton": ("1016.0469088", "long_tons imperial_ton 长吨"),
    "斤": ("0.5", "市斤 jin catty catties"),
    "两": ("0.05", "市两 liang"),
    "钱": ("0.005", "市钱"),
    "担": ("50", "市担 dan picul"),
    "carat": ("0.0002", "carats 克拉"),
}
_AREA = {
    "hectare": ("10000", "ha hectares 公顷"),
    "acre": ("4046.8564224", "acres 英亩"),
    "亩": ("2000/3", "市亩 mu"),
    "顷": ("200000/3", "市顷"),
    "坪": ("400/121", "ping"),
}
_VOLUME = {
    "l": (_LITRE, "litre liter litres liters 升 公升"),
    "ml": ("0.000001", "millilitre milliliter millilitres milliliters cc 毫升"),
    "dl": ("0.0001", "decilitre deciliter decilitres deciliters 分升"),
    "gallon": (_GALLON, "gal gallons us_gallon us_gallons 加仑 美制加仑"),
    "imperial gallon": ("0.00454609", "imperial_gallons uk_gallon uk_gallons 英制加仑"),
    "quart": (f"{_GALLON}/4", "qt quarts 夸脱"),
    "pint": (f"{_GALLON}/8", "pt pints us_pint us_pints 品脱"),
    "cup": (f"{_GALLON}/16", "cups us_cup us_cups 杯"),
    "fl oz": (f"{_GALLON}/128", "fluid_ounce fluid_ounces floz 液盎司"),
    "tbsp": (f"{_GALLON}/256", "tablespoon tablespoons 汤匙"),
    "tsp": (f"{_GALLON}/768", "teaspoon teaspoons 茶匙"),
    "barrel": ("0.158987294928", "bbl barrels oil_barrel 桶"),
    "斗": ("0.01", "市斗"),
}
_SPEED = {
    "kph": ("5/18", "kmh"),
    "mph": ("0.44704", ""),
    "knot": ("463/900", "kn knots kt kts 节"),
    "马赫": ("340.29", "mach"),
}
_TIME = {
    "s": ("1", "second sec seconds 秒"),
    "min": ("60", "minute minutes 分钟 分"),
    "h": ("3600", "hour hr hours 小时 时"),
}
_TEMPERATURE = {
    "°C": ("1", "273.15", "c celsius centigrade degree_celsius degrees_celsius 摄氏度 摄氏 ℃ 度"),
    "°F": ("5/9", "45967/180", "f fahrenheit degree_fahrenheit degrees_fahrenheit 华氏度 华氏 ℉"),
    "K": ("1", "0", "kelvin kelvins 开尔文 开"),
}
_SIMPLE = {"length": _LENGTH, "mass": _MASS, "area": _AREA, "volume": _VOLUME, "speed": _SPEED}


def units() -> dict[str, Unit]:
    """Every unit by each of its names, in small letters."""
    return dict(_named())


def _named() -> Iterator[tuple[str, Unit]]:
    for measures, table in _SIMPLE.items():
        for name, (factor, others) in table.items():
            unit = Unit(name, measures, _fraction(factor))
            yield from ((other, unit) for other in _names(name, others))
    for name, (factor, offset, others) in _TEMPERATURE.items():
        unit = Unit(name, "temperature", _fraction(factor), _fraction(offset))
        yield from ((other, unit) for other in _names(name, others))
    for name, (factor, others) in _LENGTH.items():
        yield from _powers(name, _fraction(factor), _names(name, others))
        yield from _speeds(name, _fraction(factor), _names(name, others))


def _powers(name: str, factor: Fraction, names: list[str]) -> Iterator[tuple[str, Unit]]:
    square = Unit(f"{name}²", "area", factor**2)
    cube = Unit(f"{name}³", "volume", factor**3)
    for other in names:
        for form in ("{}²", "{}2", "{}^2", "square {}", "sq {}", "sq. {}", "平方{}"):
            yield form.format(other), square
        for form in ("{}³", "{}3", "{}^3", "cubic {}", "cu {}", "立方{}"):
            yield form.format(other), cube
    if name == "m":
        yield from (("平方", square), ("立方", cube), ("平米", square))


def _speeds(name: str, factor: Fraction, names: list[str]) -> Iterator[tuple[str, Unit]]:
    for time, (seconds, others) in _TIME.items():
        unit = Unit(f"{name}/{time}", "speed", factor / _fraction(seconds))
        for length in names:
            for span in _names(time, others):
                for form in ("{}/{}", "{} per {}", "{}每{}", "每{1}{0}"):
                    yield form.format(length, span), unit


def _names(name: str, others: str) -> list[str]:
    return [name.lower(), *(other.replace("_", " ") for other in others.split())]


def _fraction(text: str) -> Fraction:
    top, _, bottom = text.partition("/")
    return Fraction(top) / Fraction(bottom or "1")

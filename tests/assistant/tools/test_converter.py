"""Units of both languages, converted exactly."""

from __future__ import annotations

import pytest

from zaohua.assistant.tools.converter import convert_unit
from zaohua.errors import ZaohuaError


@pytest.mark.parametrize(
    ("value", "one", "two", "text"),
    [
        ("5", "mile", "km", "5 mile = 8.04672 km"), ("12", "斤", "公斤", "12 斤 = 6 kg"),
        ("98.6", "°F", "摄氏度", "98.6 °F = 37 °C"), ("-40", "celsius", "F", "-40 °C = -40 °F"),
        ("0", "K", "℃", "0 K = -273.15 °C"), ("3", "亩", "平方米", "3 亩 = 2000 m²"),
        ("1", "平方公里", "亩", "1 km² = 1500 亩"), ("3", "尺", "米", "3 尺 = 1 m"),
        ("2", "里", "km", "2 里 = 1 km"), ("60", "mph", "km/h", "60 mph = 96.56064 km/h"),
        ("100", "公里/小时", "m/s", "100 km/h ≈ 27.77778 m/s"),
        ("72", "千米每小时", "米/秒", "72 km/h = 20 m/s"),
        ("1", "gallon", "litres", "1 gallon = 3.785411784 l"),
        ("1", "立方米", "升", "1 m³ = 1000 l"),
        ("1", "square foot", "m2", "1 ft² = 0.09290304 m²"),
        ("1,500", "m", "km", "1500 m = 1.5 km"),
        ("3/4", "cup", "ml", "0.75 cup = 177.441177375 ml"),
        ("1", "Fluid Ounces", "cc", "1 fl oz = 29.5735295625 ml"),
        ("10", "两", "斤", "10 两 = 1 斤"), ("1", "lbs", "g", "1 lb = 453.59237 g"),
        ("1", "公顷", "亩", "1 hectare = 15 亩"), ("1", "knots", "kmh", "1 knot = 1.852 kph"),
    ],
)  # fmt: skip
def test_conversions(value: str, one: str, two: str, text: str) -> None:
    assert convert_unit(value, one, two).text == text


@pytest.mark.parametrize(
    ("value", "one", "two", "said"),
    [
        ("1", "kg", "km", "kg is a unit of mass, km one of length"),
        ("1", "metrs", "m", "there is no unit 'metrs' here: did you mean m"),
        ("1", "元", "美元", "there is no unit '元' here"),
        ("-300", "°C", "K", "below absolute zero"),
        ("ten", "m", "km", "'ten' is not known here"),
        ("9**9**9", "m", "km", "too many digits"),
    ],
)
def test_what_cannot_be_converted(value: str, one: str, two: str, said: str) -> None:
    with pytest.raises(ZaohuaError) as refused:
        convert_unit(value, one, two)
    assert said in refused.value.line()

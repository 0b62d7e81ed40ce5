"""Personal data in a text: where it stands, and masks that say what it was.

Precise before complete: what has a checksum is checked, what a label calls an order or version
number is left alone, and dates, years and decimals never match.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date

MASKS = {
    "email": ("[邮箱]", "[EMAIL]"),
    "id": ("[身份证号]", "[ID]"),
    "card": ("[银行卡号]", "[CARD]"),
    "phone": ("[手机号]", "[PHONE]"),
    "landline": ("[电话]", "[PHONE]"),
    "ssn": ("[社保号]", "[SSN]"),
    "ip": ("[IP地址]", "[IP]"),
}
"""For each kind, the mask in Chinese and in English."""

_BEFORE = r"(?<![A-Za-z0-9_])(?<!\d[.\-/])"
_AFTER = r"(?![A-Za-z0-9_])(?![.\-/]\d)"
_PATTERNS = {
    "id": re.compile(rf"{_BEFORE}[1-9]\d{{16}}[\dXx]{_AFTER}"),
    "card": re.compile(
        rf"{_BEFORE}[2-6]\d{{3}}([ \-]?)\d{{4}}\1\d{{4}}\1\d{{2,7}}(?:\1\d{{1,3}})?{_AFTER}"
    ),
    "phone": re.compile(
        rf"{_BEFORE}(?:(?:\+|00)86[ \-]?)?1[3-9]\d([ \-]?)\d{{4}}\1\d{{4}}{_AFTER}"
    ),
    "landline": re.compile(
        rf"(?:(?:\(0[1-9]\d{{1,2}}\) ?|（0[1-9]\d{{1,2}}）|{_BEFORE}0[1-9]\d{{1,2}}-)[2-8]\d{{6,7}}"
        rf"|(?:(?:\+1[ \-.]?)?\([2-9]\d\d\) ?|(?:\+1[ \-.]?|{_BEFORE})[2-9]\d\d[\-.])"
        rf"[2-9]\d\d[\-.]\d{{4}}"
        rf"|\+[2-9]\d{{0,2}}(?:[ \-]?\d{{2,5}}){{2,4}}){_AFTER}"
    ),
    "ssn": re.compile(rf"{_BEFORE}(?!000|666|9)\d{{3}}-(?!00)\d\d-(?!0000)\d{{4}}{_AFTER}"),
    "ip": re.compile(
        r"(?<![A-Za-z0-9_.\-/])(?<![0-9A-Fa-f:]:)\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3}(?![A-Za-z0-9_\-])(?!\.\d)"
        r"|(?<![A-Za-z0-9_:.])[23][0-9A-Fa-f]{3}:[0-9A-Fa-f:]{2,34}(?![A-Za-z0-9_:])"
    ),
}
_CANDIDATE = re.compile(
    r"[0-9](?:(?:[ \-.)）]{0,2}[0-9]){6}"
    r"|\.[0-9]{1,3}\.[0-9]{1,3}\.[0-9]|[0-9A-Fa-f]{3}:[0-9A-Fa-f:])"
)
_DOMAIN = re.compile(r"@(?:[A-Za-z0-9\-]{1,63}\.){1,4}[A-Za-z]{2,24}(?![A-Za-z0-9\-])")
_LOCAL = re.compile(r"(?<![A-Za-z0-9._%+\-])[A-Za-z0-9][A-Za-z0-9._%+\-]{0,63}\Z")
_NOT_A_PHONE = re.compile(
    r"(?:单号|编号|订单|流水|序列号|货号|order|serial|tracking|invoice|\bno\.?|#|\bid\b)"
    r"[^\d]{0,6}$",
    re.IGNORECASE,
)
_VERSION = re.compile(
    r"(?:\bv|ver\.?|version|release|build|firmware|版本|版|固件|章节|第)[^\d]{0,4}$", re.IGNORECASE
)
_ADDRESS = re.compile(
    r"(?:\bip|地址|host|server|address|服务器|主机|from|来自)[^\d]{0,8}$", re.IGNORECASE
)
_LABEL = 20
_LONGEST_LOCAL = 65
_CARD_LENGTHS = {"3": (15,), "4": (16,), "5": (16,), "2": (16,), "6": (16, 17, 18, 19)}
_PROVINCES = frozenset(
    number
    for first, last in (
        (11, 15),
        (21, 23),
        (31, 37),
        (41, 46),
        (50, 54),
        (61, 65),
        (71, 71),
        (81, 83),
    )
    for number in range(first, last + 1)
)
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECKS = "10X98765432"
_SURE_IP_DIGITS = 8


@dataclass(frozen=True, slots=True)
class Personal:
    """Personal data of a kind (see `MASKS`) at characters ``start`` to ``end`` of a text."""

    kind: str
    start: int
    end: int


def may_be_personal(text: str) -> bool:
    """Whether a closer look is worth while."""
    return "@" in text or _CANDIDATE.search(text) is not None


def personal(text: str, kinds: tuple[str, ...] = tuple(MASKS)) -> list[Personal]:
    """All personal data of ``kinds`` in ``text``, in order, none within another."""
    found = list(_addresses(text)) if "email" in kinds else []
    place = 0
    for line in _covered(text, found).split("\n"):
        if _CANDIDATE.search(line):
            found += _numbers(line, place, kinds)
        place += len(line) + 1
    return sorted(found, key=lambda one: one.start)


def masked(text: str, chinese: bool, kinds: tuple[str, ...] = tuple(MASKS)) -> str:
    """``text`` with personal data of ``kinds`` replaced by Chinese or English masks."""
    parts, place = [], 0
    for one in personal(text, kinds):
        parts += [text[place : one.start], MASKS[one.kind][0 if chinese else 1]]
        place = one.end
    return "".join([*parts, text[place:]])


def _numbers(line: str, place: int, kinds: tuple[str, ...]) -> Iterator[Personal]:
    """What stands in a line that begins at ``place``."""
    for kind, pattern in _PATTERNS.items():
        if kind in kinds:
            found = [one for one in pattern.finditer(line) if _CHECKERS[kind](one)]
            new = [Personal(kind, one.start(), one.end()) for one in found]
            line = _covered(line, new)
            yield from (Personal(kind, place + one.start, place + one.end) for one in new)


def _covered(text: str, found: list[Personal]) -> str:
    """``text`` as long as before, with marks as a mask has them where ``found`` stood."""
    parts, place = [], 0
    for one in found:
        parts += [text[place : one.start], "[", "." * (one.end - one.start - 2), "]"]
        place = one.end
    return "".join([*parts, text[place:]]) if found else text


def _addresses(text: str) -> Iterator[Personal]:
    place = 0
    for domain in _DOMAIN.finditer(text):
        first = max(place, domain.start() - _LONGEST_LOCAL)
        local = _LOCAL.search(text[first : domain.start()])
        if local and ".." not in local.group():
            yield Personal("email", first + local.start(), domain.end())
            place = domain.end()


_Checker = Callable[[re.Match[str]], bool]


def is_resident_id(number: str) -> bool:
    """Whether 18 characters are a mainland resident id: province, date of birth, check digit."""
    digits = number[:17]
    if len(number) != 18 or not (digits.isascii() and digits.isdigit()):
        return False
    if int(number[:2]) not in _PROVINCES:
        return False
    try:
        born = date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        return False
    total = sum(int(digit) * weight for digit, weight in zip(number, _WEIGHTS, strict=False))
    return 1900 <= born.year < 2100 and _CHECKS[total % 11] == number[17].upper()


def is_card_number(number: str) -> bool:
    """Whether digits are a payment card: issuer, length and Luhn's check digit."""
    if not number.isdecimal() or len(number) not in _CARD_LENGTHS.get(number[0], ()):
        return False
    if number[0] == "2" and not 2221 <= int(number[:4]) <= 2720:
        return False
    if number[0] == "6" and number[:2] not in ("60", "62", "64", "65", "67"):
        return False
    doubled = (sum(divmod(int(digit) * 2, 10)) for digit in number[-2::-2])
    return (sum(map(int, number[-1::-2])) + sum(doubled)) % 10 == 0


def _before(found: re.Match[str]) -> str:
    return found.string[max(0, found.start() - _LABEL) : found.start()]


def _is_id(found: re.Match[str]) -> bool:
    return is_resident_id(found.group())


def _is_card(found: re.Match[str]) -> bool:
    number = found.group().replace(" ", "").replace("-", "")
    return is_card_number(number) and _NOT_A_PHONE.search(_before(found)) is None


def _is_phone(found: re.Match[str]) -> bool:
    return _NOT_A_PHONE.search(_before(found)) is None


def _is_ip(found: re.Match[str]) -> bool:
    text = found.group()
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return False
    if not address.is_global:
        return False
    if isinstance(address, ipaddress.IPv6Address):
        return True
    before = _before(found)
    if _VERSION.search(before):
        return False
    return len(text) - 3 >= _SURE_IP_DIGITS or _ADDRESS.search(before) is not None


_CHECKERS: dict[str, _Checker] = {
    "id": _is_id,
    "card": _is_card,
    "phone": _is_phone,
    "landline": _is_phone,
    "ssn": _is_phone,
    "ip": _is_ip,
}

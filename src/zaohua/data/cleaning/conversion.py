"""Traditional and simplified Chinese, by OpenCC's dictionaries."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any, ClassVar

from zaohua.data.cleaning.steps import CHINESE, language_of, rewritten
from zaohua.data.records import Dropped, Record
from zaohua.errors import UsageError

CONVERSIONS = ("t2s", "s2t", "tw2s", "tw2sp", "hk2s", "s2tw", "s2twp", "s2hk")


@dataclass(frozen=True, slots=True)
class ConvertChinese:
    """Writes Chinese in one script. Other languages are left as they are.

    Attributes:
        conversion: from and to, in OpenCC's names: ``t2s`` simplifies, ``s2t`` the reverse.

    Raises:
        UsageError: OpenCC has no such conversion.
    """

    name: ClassVar[str] = "chinese_script"
    conversion: str = "t2s"

    def __post_init__(self) -> None:
        if self.conversion not in CONVERSIONS:
            raise UsageError(
                "no such conversion of Chinese",
                where=self.conversion,
                mend=f"one of {', '.join(CONVERSIONS)}",
            )

    def apply(self, record: Record) -> Record | Dropped:
        """The record in the wanted script."""
        if language_of(record) not in CHINESE:
            return record
        convert = _converter(self.conversion).convert
        return rewritten(record, lambda text: str(convert(text)), self.name)


@lru_cache(maxsize=len(CONVERSIONS))
def _converter(conversion: str) -> Any:
    from opencc import OpenCC

    return OpenCC(conversion)

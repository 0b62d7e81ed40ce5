"""Personal data replaced by what it was: ``[手机号]`` in Chinese text, ``[PHONE]`` in English."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from zaohua.data.cleaning.steps import CHINESE, language_of, rewritten
from zaohua.data.records import Dropped, Record
from zaohua.text.personal import MASKS, masked, may_be_personal


@dataclass(frozen=True, slots=True)
class MaskPersonal:
    """Replaces phone numbers, resident ids, bank cards, e-mail and public IP addresses.

    Attributes:
        kinds: which to replace, of `MASKS`.
    """

    name: ClassVar[str] = "personal"
    kinds: tuple[str, ...] = tuple(MASKS)

    def apply(self, record: Record) -> Record | Dropped:
        """The record with masks in every turn."""
        if not may_be_personal(record.body()):
            return record
        chinese = language_of(record) in CHINESE
        return rewritten(record, lambda text: masked(text, chinese, self.kinds), self.name)

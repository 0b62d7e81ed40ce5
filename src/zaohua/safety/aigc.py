"""The label that machines read (GB 45438-2025, Annex E): seven fields, with their rules."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from zaohua.errors import UsageError

Degree = Literal["1", "2", "3"]
"""``1`` is generated, ``2`` may be (its user says so), ``3`` is suspected (traces were found)."""

FIELDS = {
    "label": "Label",
    "content_producer": "ContentProducer",
    "produce_id": "ProduceID",
    "reserved_code1": "ReservedCode1",
    "content_propagator": "ContentPropagator",
    "propagate_id": "PropagateID",
    "reserved_code2": "ReservedCode2",
}
"""Names here and in the standard."""

_ALLOWED = re.compile(r"[\x21\x23-\x5b\x5d-\x7e]*")
_CODE = re.compile(r"00[0-9A-Z]{25}")
_ORGANISATION = re.compile(r"0011(?P<uscc>[0-9A-Z]{18})(?:[12][0-9A-Z]{4}|00000)")
_USCC = "0123456789ABCDEFGHJKLMNPQRTUWXY"


@dataclass(frozen=True, slots=True)
class AigcLabel:
    """A label; made only if it keeps the rules.

    Attributes:
        content_producer: name or 27-character code of who offers the service, in ASCII.
        produce_id: number of the content; leads its producer back to the record of it.
        label: whether it is generated, may be, is suspected to be.
        reserved_code1: the producer's own, for instance of integrity.
        content_propagator: who spreads it; at first the producer.
        propagate_id: the propagator's number; at first the producer's.
        reserved_code2: the propagator's own.

    Raises:
        UsageError: it breaks rules; all of them in one line.
    """

    content_producer: str
    produce_id: str
    label: Degree = "1"
    reserved_code1: str = ""
    content_propagator: str = ""
    propagate_id: str = ""
    reserved_code2: str = ""

    def __post_init__(self) -> None:
        if not self.content_propagator and not self.propagate_id:
            object.__setattr__(self, "content_propagator", self.content_producer)
            object.__setattr__(self, "propagate_id", self.produce_id)
        broken = problems(self.as_fields())
        if broken:
            raise UsageError("; ".join(broken), where="AIGC")

    def as_fields(self) -> dict[str, str]:
        """Its fields by the standard's names, in the standard's order."""
        return {theirs: getattr(self, ours) for ours, theirs in FIELDS.items()}

    def to_json(self) -> str:
        """``{"AIGC": {...}}`` on one line, its fields in the standard's order."""
        return json.dumps({"AIGC": self.as_fields()}, separators=(",", ":"))

    @classmethod
    def from_fields(cls, table: Mapping[str, Any]) -> AigcLabel:
        """A label from its fields by the standard's names.

        Raises:
            UsageError: they break rules; all in one line.
        """
        broken = problems(table)
        if broken:
            raise UsageError("; ".join(broken), where="AIGC")
        return cls(**{name: table[theirs] for name, theirs in FIELDS.items()})

    @classmethod
    def from_json(cls, text: str) -> AigcLabel:
        """A label from JSON as `to_json` writes it.

        Raises:
            UsageError: it is no JSON, a key stands twice, or a rule is broken.
        """
        try:
            table = json.loads(text, object_pairs_hook=_once)
        except (ValueError, RecursionError) as error:
            raise UsageError(f"the label is not JSON: {error}", where="AIGC") from None
        if not isinstance(table, dict) or not isinstance(table.get("AIGC"), dict):
            raise UsageError("the label is not an object under the key 'AIGC'", where="AIGC")
        return cls.from_fields(table["AIGC"])


def problems(table: Mapping[str, Any]) -> list[str]:
    """What in the fields of a label (the standard's names) breaks its rules; empty if nothing."""
    return list(_problems(table))


def is_social_credit_code(code: str) -> bool:
    """Whether 18 characters are a unified social credit code (GB 32100), check digit included."""
    if len(code) != 18 or any(character not in _USCC for character in code):
        return False
    total = sum(_USCC.index(code[place]) * pow(3, place, 31) for place in range(17))
    return _USCC[(31 - total % 31) % 31] == code[17]


def _problems(table: Mapping[str, Any]) -> Iterator[str]:
    yield from (f"{name} is missing" for name in FIELDS.values() if name not in table)
    yield from (f"{name} is no field of a label" for name in table if name not in FIELDS.values())
    for name in FIELDS.values():
        if name in table:
            yield from _problems_of(name, table[name])
    if bool(table.get("ContentPropagator")) != bool(table.get("PropagateID")):
        yield "ContentPropagator and PropagateID go together"


def _problems_of(name: str, value: Any) -> Iterator[str]:
    if not isinstance(value, str):
        yield f"{name} must be a string"
    elif not _ALLOWED.fullmatch(value):
        yield f"{name} has characters that are not allowed (blanks, quotes, backslashes, Chinese)"
    elif name == "Label" and value not in ("1", "2", "3"):
        yield f"Label must be '1', '2' or '3', is '{value[:10]}'"
    elif name in ("ContentProducer", "ProduceID") and not value:
        yield f"{name} is empty"
    elif name in ("ContentProducer", "ContentPropagator") and _CODE.fullmatch(value):
        yield from _problems_of_code(name, value)


def _problems_of_code(name: str, code: str) -> Iterator[str]:
    """Codes of organisations are checked; those of others only by their length."""
    if not code.startswith("0011"):
        return
    found = _ORGANISATION.fullmatch(code)
    if found is None or not is_social_credit_code(found["uscc"]):
        yield f"{name} looks like a provider's code, but its credit code or its end is wrong"


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    table = dict(pairs)
    if len(table) != len(pairs):
        raise ValueError("a key stands twice")
    return table

"""From a `DataSpec` to the steps of each source: presets, overrides, and errors in them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from difflib import get_close_matches
from types import MappingProxyType
from typing import Any, get_type_hints

from pydantic import TypeAdapter, ValidationError

from zaohua.data.cleaning.contamination import Decontaminate
from zaohua.data.cleaning.conversion import ConvertChinese
from zaohua.data.cleaning.duplicates import DuplicateLines, ExactDuplicates
from zaohua.data.cleaning.harmful import HarmfulWords
from zaohua.data.cleaning.languages import IdentifyLanguage
from zaohua.data.cleaning.markup import StripMarkup
from zaohua.data.cleaning.near_duplicates import NearDuplicates
from zaohua.data.cleaning.personal import MaskPersonal
from zaohua.data.cleaning.quality import Composition, Length, Lines
from zaohua.data.cleaning.repair import Normalise, RepairEncoding
from zaohua.data.cleaning.repetition import Repetition
from zaohua.data.cleaning.steps import Step
from zaohua.data.prepare.presets import ORDER, PRESETS
from zaohua.data.prepare.spec import DataSpec
from zaohua.errors import UsageError

STEPS: Mapping[str, type[Step]] = MappingProxyType(
    {
        kind.name: kind
        for kind in (
            RepairEncoding,
            Normalise,
            StripMarkup,
            IdentifyLanguage,
            ConvertChinese,
            Length,
            Composition,
            Lines,
            Repetition,
            HarmfulWords,
            MaskPersonal,
            Decontaminate,
            ExactDuplicates,
            NearDuplicates,
            DuplicateLines,
        )
    }
)
ORDERED = ("duplicates", "near_duplicates", "duplicate_lines")
"""Steps that compare a record with all before it: they run in order, in one process."""

Options = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Plan:
    """What happens to the records of each source.

    Attributes:
        local: for each source the steps that look at one record alone, with all their options.
        ordered: the options of the steps that compare records.
        switched: for each source which of ``ordered`` apply to it.
    """

    local: tuple[dict[str, Options], ...]
    ordered: dict[str, Options]
    switched: tuple[frozenset[str], ...]

    def as_json(self) -> dict[str, Any]:
        """What decides the outcome, for the recipe of the artefact."""
        switched = [sorted(names) for names in self.switched]
        return {"local": list(self.local), "ordered": self.ordered, "switched": switched}


def plan(spec: DataSpec) -> Plan:
    """The steps of each source.

    Raises:
        UsageError: a step or an option that does not exist, or a value that does not fit; or a
            source that sets options of a step which compares all sources.
    """
    shared = _merged(dict(PRESETS[spec.preset]), spec.clean, "clean")
    if spec.decontaminate:
        shared.setdefault("contamination", {})
    elif "contamination" in shared:
        raise UsageError(
            "the step 'contamination' needs texts to look for",
            where="clean",
            mend="name them in 'decontaminate'",
        )
    steps = [
        _merged(shared, source.clean or {}, f"sources[{number}].clean")
        for number, source in enumerate(spec.sources)
    ]
    local = tuple(
        {name: _complete(name, table[name]) for name in ORDER if name in table.keys() - {*ORDERED}}
        for table in steps
    )
    return Plan(local, _ordered(steps), tuple(frozenset(ORDERED) & table.keys() for table in steps))


def build(steps: Mapping[str, Options], evaluation: Any = ()) -> list[Step]:
    """The steps themselves. ``evaluation``: the texts that `Decontaminate` looks for."""
    made: list[Step] = []
    for name, options in steps.items():
        extra = {"texts": evaluation} if name == Decontaminate.name else {}
        made.append(STEPS[name](**_typed(name, options), **extra))
    return made


def _merged(base: Mapping[str, Any], changes: Mapping[str, Any], where: str) -> dict[str, Any]:
    merged = dict(base)
    for name, change in changes.items():
        _know(name, STEPS, "cleaning step", where)
        if change is False:
            merged.pop(name, None)
        elif change is True or change is None:
            merged.setdefault(name, {})
        elif isinstance(change, Mapping):
            merged[name] = {**merged.get(name, {}), **change}
            _check(name, merged[name], f"{where}.{name}")
        else:
            raise UsageError(
                f"'{name}' is {change!r}", where=where, mend="give options, true or false"
            )
    return merged


def _check(name: str, options: Mapping[str, Any], where: str) -> None:
    known = _options(name)
    for option in options:
        _know(option, known, f"option of '{name}'", where)
    try:
        STEPS[name](**_typed(name, options), **({"texts": ()} if name == "contamination" else {}))
    except ValidationError as error:
        first = error.errors()[0]
        raise UsageError(f"{first['msg']}, not {first['input']!r}", where=where) from None


def _know(name: str, known: Mapping[str, Any], what: str, where: str) -> None:
    if name in known:
        return
    near = get_close_matches(str(name), known, 1, 0.5)
    hint = f"did you mean '{near[0]}'? " if near else ""
    raise UsageError(
        f"there is no {what} '{name}'", where=where, mend=f"{hint}there are {', '.join(known)}"
    )


def _options(name: str) -> dict[str, Any]:
    """The options of a step and their types."""
    kind: Any = STEPS[name]
    types = get_type_hints(kind)
    names = [field.name for field in fields(kind) if field.init and field.name != "texts"]
    return {option: types[option] for option in names}


def _typed(name: str, options: Mapping[str, Any]) -> dict[str, Any]:
    types = _options(name)
    return {
        option: TypeAdapter(types[option]).validate_python(value)
        for option, value in options.items()
    }


def _complete(name: str, options: Mapping[str, Any]) -> Options:
    """All options of a step as JSON values, the unnamed ones at their defaults."""
    types = _options(name)
    extra = {"texts": ()} if name == Decontaminate.name else {}
    made = STEPS[name](**_typed(name, options), **extra)
    return {
        option: TypeAdapter(kind).dump_python(getattr(made, option), mode="json")
        for option, kind in types.items()
    }


def _ordered(steps: list[dict[str, Any]]) -> dict[str, Options]:
    ordered: dict[str, Options] = {}
    for name in ORDERED:
        found = [_complete(name, table[name]) for table in steps if name in table]
        if any(options != found[0] for options in found):
            raise UsageError(
                f"'{name}' compares the records of all sources with each other",
                where="sources",
                mend="give its options in 'clean' of the data set; a source may switch it off",
            )
        if found:
            ordered[name] = found[0]
    return ordered

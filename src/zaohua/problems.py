"""What pydantic finds wrong with what a person wrote, told to that person.

Each problem is one clause that begins with the dotted path of the key it concerns.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from difflib import get_close_matches
from types import UnionType
from typing import Any, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError

SHOWN_CHARACTERS = 40


def nearest(word: str, known: Iterable[str]) -> str:
    """``did you mean 'lr'?``, or what there is."""
    names = list(known)
    near = get_close_matches(word, names, 1)
    return f"did you mean '{near[0]}'?" if near else f"there are {', '.join(names)}"


def problems(error: ValidationError, form: type[BaseModel]) -> list[str]:
    """All that is wrong, in the order of the keys: ``optimiser.lr: greater than 0, is -1``.

    An unknown key names the nearest one that is known in its place, or where it belongs.
    """
    return [_problem(details, form) for details in error.errors()]


def _problem(details: Mapping[str, Any], form: type[BaseModel]) -> str:
    path: Sequence[str | int] = details["loc"]
    dotted = ".".join(str(part) for part in path)
    if details["type"] == "extra_forbidden":
        return f"{dotted}: there is no such key, {_known_beside(path, form)}"
    if details["type"] == "missing":
        return f"{dotted}: is missing"
    wanted = _wanted(details)
    told = f"{wanted}{_given(details)}"
    return f"{dotted}: {told}" if dotted else told


def _wanted(details: Mapping[str, Any]) -> str:
    if details["type"] in ("model_type", "dict_type"):
        return "must be a table of keys and values"
    message = str(details["msg"]).removeprefix("Value error, ").replace("Input should", "must")
    return message.split(", unable to parse")[0]


def _given(details: Mapping[str, Any]) -> str:
    given = details["input"]
    if details["type"] == "value_error" or isinstance(given, dict | list):
        return ""
    shown = repr(given)
    return f", is {shown}" if len(shown) <= SHOWN_CHARACTERS else ""


def _known_beside(path: Sequence[str | int], form: type[BaseModel]) -> str:
    """The known key that an unknown one most likely means."""
    place, key = form_at(path[:-1], form), str(path[-1])
    if place is None:
        return "remove it"
    deeper = [dotted for dotted in _dotted(place) if dotted.rpartition(".")[2] == key]
    known = [field.alias or name for name, field in place.model_fields.items()]
    return f"did you mean '{deeper[0]}'?" if deeper else nearest(key, known)


def form_at(path: Sequence[str | int], form: type[BaseModel]) -> type[BaseModel] | None:
    """The model that describes what lies at ``path`` in a table of ``form``, if one does."""
    here: Any = form
    for part in path:
        here = _within(here, part)
    return _model(here)


def _within(annotation: Any, part: str | int) -> Any:
    model = _model(annotation)
    if model is not None:
        field = model.model_fields.get(str(part))
        return field.annotation if field else None
    inner = get_args(_without_none(annotation))
    return inner[-1] if inner else None


def _model(annotation: Any) -> type[BaseModel] | None:
    plain = _without_none(annotation)
    return plain if isinstance(plain, type) and issubclass(plain, BaseModel) else None


def _without_none(annotation: Any) -> Any:
    if get_origin(annotation) not in (Union, UnionType):
        return annotation
    return next(kind for kind in get_args(annotation) if kind is not type(None))


def _dotted(form: type[BaseModel], above: str = "") -> Iterator[str]:
    """The keys of the tables inside ``form``: ``optimiser.lr``."""
    for name, field in form.model_fields.items():
        inner = _model(field.annotation)
        if inner is not None:
            yield from (f"{above}{name}.{key}" for key in inner.model_fields)
            yield from _dotted(inner, f"{above}{name}.")

"""The body of a template file, parted by headings into what each role says."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

ASKED: Final = ("system", "user", "part", "combine", "refine", "channel")
"""``part``, ``combine`` and ``refine`` take the place of ``user`` where a long text is parted,
``channel`` where a label is chosen by how probable it makes the text."""
GIVEN: Final = ("output", "faults", "otherwise")
"""What is given for what the model said, what is wrong with that, what is given if it is."""
ROLES: Final = (*ASKED, *GIVEN)

_HEADING = re.compile(rf"^# ({'|'.join(ROLES)})[ \t]*$", re.MULTILINE)
_FENCE = re.compile(r"\A---[ \t]*\n(.*?)^---[ \t]*$\n?", re.DOTALL | re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Section:
    """What one role says: a template, and the line of the file (from 1) it begins at."""

    source: str
    line: int


def parted(text: str) -> tuple[str, str, int]:
    """Head and body of a file, and the line the body begins at; the head may be missing."""
    found = _FENCE.match(text)
    if found is None:
        return "", text, 1
    return found[1], text[found.end() :], text.count("\n", 0, found.end()) + 1


def sections(body: str, line: int) -> tuple[Mapping[str, Section], list[tuple[str, int]]]:
    """The sections by role, and what is wrong with them, each with its line.

    A body without headings is what the user says.
    """
    found = list(_HEADING.finditer(body))
    if not found:
        return MappingProxyType({"user": _section(body, 0, line)}), []
    problems = []
    if body[: found[0].start()].strip():
        problems.append((f"there is text before '{found[0][0].strip()}'", line))
    parts: dict[str, Section] = {}
    for heading, following in zip(found, [*found[1:], None], strict=True):
        role = heading[1]
        end = following.start() if following else len(body)
        section = _section(body[heading.end() : end], body.count("\n", 0, heading.end()), line)
        if role in parts:
            problems.append((f"'# {role}' stands twice", section.line))
        parts[role] = section
    return MappingProxyType(parts), problems


def _section(text: str, lines_before: int, line: int) -> Section:
    blank = len(text) - len(text.lstrip())
    return Section(text.strip(), line + lines_before + text.count("\n", 0, blank))

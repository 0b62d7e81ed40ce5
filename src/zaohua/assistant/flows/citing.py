"""Sections of a pack's documents that a flow's answer rests on."""

from __future__ import annotations

import re
from pathlib import Path

from zaohua.assistant.flows.values import Record

_HEADING = re.compile(r"^(#{1,6})\s+(.+?)\s*#*$", re.MULTILINE)


def section(folder: Path, reference: str) -> Record:
    """``returns.md#Opened goods``: a section with its heading; without one the whole document.

    Raises:
        ValueError: there is no such document or section.
    """
    name, _, heading = reference.partition("#")
    path = folder / name
    if not path.resolve().is_relative_to(folder.resolve()) or not path.is_file():
        raise ValueError(f"there is no document '{name}' in {folder.name}")
    text = path.read_text("utf-8-sig")
    headings = list(_HEADING.finditer(text))
    if not heading:
        return Record(name, headings[0][2] if headings else name, text.strip())
    for place, found in enumerate(headings):
        if found[2] == heading.strip():
            later = [one for one in headings[place + 1 :] if len(one[1]) <= len(found[1])]
            end = later[0].start() if later else len(text)
            return Record(name, heading.strip(), text[found.start() : end].strip())
    there = ", ".join(found[2] for found in headings)
    raise ValueError(f"{name} has no heading '{heading}', there are {there}")

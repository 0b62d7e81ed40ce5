"""The set ``dialogues``: question and answer lists of ``chatterbot-corpus``."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Literal

from pydantic import Field

from zaohua.data.readers.libraries import library
from zaohua.data.records import Record, Turn, Unreadable
from zaohua.data.sets.conversing import begun
from zaohua.progress import Progress
from zaohua.spec import Spec
from zaohua.store.archives import Opened

Language = Literal["zh", "en"]
_MEMBER = re.compile(r"chatterbot_corpus/data/(chinese|english)/(\w+)\.yml")
_LANGUAGES: dict[str, Language] = {"chinese": "zh", "english": "en"}


class DialogueOptions(Spec):
    """Options of the set ``dialogues``."""

    languages: list[Language] = Field(default_factory=list, description="zh and en; empty: both.")
    topics: list[str] = Field(
        default_factory=list, description="Only these, such as 'greetings'; empty: all."
    )
    without: list[str] = Field(default_factory=list, description="Topics to leave out.")
    system: float = Field(
        default=0.5, ge=0, le=1, description="Share with the system prompt of the chat."
    )


def is_wanted(member: str) -> bool:
    """Whether a file of the wheel holds conversations that are read."""
    return _MEMBER.fullmatch(member) is not None


def dialogue_records(
    members: Opened, source: str, options: DialogueOptions, progress: Progress
) -> Iterator[Record | Unreadable]:
    """One chat record a conversation: its lines are the turns of user and assistant by turns.

    A last line that nobody answers is left out.
    """
    yaml = library("yaml", "the dialogues set")
    for member, content in members():
        language, topic = _named(member)
        wanted = topic in options.topics if options.topics else topic not in options.without
        if language not in (options.languages or _LANGUAGES.values()) or not wanted:
            continue
        place = f"{source}!{member}"
        try:
            table = yaml.load(content, Loader=yaml.CSafeLoader)
            conversations = table["conversations"]
        except (yaml.YAMLError, KeyError, TypeError) as error:
            yield Unreadable(place, f"damaged YAML: {' '.join(str(error).split())[:120]}")
            continue
        for position, lines in enumerate(conversations):
            turns = _turns(lines)
            if turns:
                meta = {"language": language, "topic": topic}
                yield Record(place, position, messages=begun(turns, options.system), meta=meta)
            else:
                yield Unreadable(place, "no question with an answer", position)


def _named(member: str) -> tuple[Language, str]:
    found = _MEMBER.fullmatch(member)
    if found is None:
        raise ValueError(member)
    return _LANGUAGES[found[1]], found[2]


def _turns(lines: Any) -> tuple[Turn, ...]:
    if not isinstance(lines, list):
        return ()
    said = [" ".join(line.split()) if isinstance(line, str) else str(line) for line in lines]
    if any(not isinstance(line, str | int | float) or not str(line).strip() for line in lines):
        return ()
    pairs = zip(said[::2], said[1::2], strict=False)
    return tuple(turn for q, a in pairs for turn in (Turn("user", q), Turn("assistant", a)))

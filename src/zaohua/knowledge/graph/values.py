"""What goes in and out of the graph."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Mention:
    """A name that stands in a text: of which ``kind``, and another name ``of`` the same thing."""

    name: str
    kind: str = ""
    of: str = ""


@dataclass(frozen=True, slots=True)
class Statement:
    """What a text says of two things.

    Attributes:
        subject: name.
        relation: in the words of the text.
        object: name, or a value (a number, a day, a clause).
        start: first character of the text that says it.
        end: one past the last.
        valid_from: the day, month or year in ISO form; empty if not said.
        valid_to: likewise.
        confidence: 0 to 1: how sure the way of reading is.
        way: how it was read: ``sentence``, ``line``, ``table``, ``heading``, ``together``,
            ``import``, ``model NAME``.
    """

    subject: str
    relation: str
    object: str
    start: int = 0
    end: int = 0
    valid_from: str = ""
    valid_to: str = ""
    confidence: float = 1.0
    way: str = ""


@dataclass(frozen=True, slots=True)
class Extract:
    """All that one text gave."""

    mentions: tuple[Mention, ...] = ()
    statements: tuple[Statement, ...] = ()


@dataclass(frozen=True, slots=True)
class Entity:
    """Something in the graph; ``relations`` counts those it has in all."""

    id: int
    name: str
    aliases: tuple[str, ...]
    kind: str
    language: str
    value: bool
    relations: int


@dataclass(frozen=True, slots=True)
class Fact:
    """One relation for a prompt or a reader.

    Attributes:
        subject: name.
        relation: in the words of its source.
        object: name or value.
        passage_id: where it is said; None if it was imported.
        text: all of it on one line, with validity and doubts.
        quote: the words of the passage; empty if it was imported.
        source: file of the passage or of the import.
        valid_from: ISO day, month or year; empty if not known.
        valid_to: likewise.
        expired: whether ``valid_to`` lies behind.
        otherwise: what other documents say in place of ``object``.
        confidence: 0 to 1.
        distance: relations from what the question names, from 1.
    """

    subject: str
    relation: str
    object: str
    passage_id: int | None
    text: str
    quote: str = ""
    source: str = ""
    valid_from: str = ""
    valid_to: str = ""
    expired: bool = False
    otherwise: tuple[str, ...] = ()
    confidence: float = 1.0
    distance: int = 1


@dataclass(frozen=True, slots=True)
class Edge:
    """A relation between two entities, by their ids."""

    subject: int
    relation: str
    object: int
    passage_id: int | None
    confidence: float
    valid_from: str
    valid_to: str


@dataclass(frozen=True, slots=True)
class Neighbourhood:
    """What lies around an entity, the entity first; ``cut`` if there is more than is shown."""

    entities: tuple[Entity, ...]
    relations: tuple[Edge, ...]
    cut: bool


@dataclass(frozen=True, slots=True)
class Built:
    """What one round of building did; ``refused`` counts what a model said without ground."""

    passages: int = 0
    entities: int = 0
    relations: int = 0
    refused: int = 0


@dataclass(frozen=True, slots=True)
class Imported:
    """What one file gave; ``problems`` are the first of its ``faults``."""

    path: str
    relations: int = 0
    names: int = 0
    faults: int = 0
    problems: tuple[str, ...] = field(default=())

"""The recipe's ``data`` section: what one data set is made of."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from zaohua.spec import Spec


class SourceSpec(Spec):
    """One ingredient: exactly one of ``path``, ``set`` and ``hub``."""

    path: str | list[str] = Field(default="", description="File, folder, glob, or a list of them.")
    set: str = Field(default="", description="A name of the data catalogue, such as 'poetry'.")
    hub: str = Field(default="", description="owner/name[:config][/split] of a hub data set.")
    options: dict[str, Any] = Field(
        default_factory=dict, description="Of a catalogue set (its 'form' …) or of reading a path."
    )
    format: str = Field(default="", description="Format of a path; found out when empty.")
    weight: float = Field(default=1.0, gt=0, description="Share of characters in the mixture.")
    passes: int = Field(default=1, ge=1, description="How often it is read when mixed.")
    limit: int = Field(default=0, ge=0, description="At most so many records; 0: all.")
    clean: dict[str, Any] | None = Field(
        default=None, description="Steps that differ for this source; see DataSpec.clean."
    )


class DataSpec(Spec):
    """One data set.

    ``clean`` changes the steps of ``preset`` by name: ``{near_duplicates: {threshold: 0.7},
    repetition: false}``; ``false`` leaves a step out, ``true`` puts it in with its defaults.
    """

    sources: list[SourceSpec] = Field(min_length=1)
    preset: Literal["web", "documents", "verse", "chat", "labelled", "none"] = "documents"
    clean: dict[str, Any] = Field(default_factory=dict)
    mix: Literal["concatenate", "all", "first"] = Field(
        default="concatenate",
        description="concatenate: every record once, in order; all, first: mixed by weight.",
    )
    validation: float = Field(default=0.01, ge=0, le=0.5, description="Share of documents.")
    decontaminate: list[str] = Field(
        default_factory=list, description="Files or dataset names whose texts must not occur."
    )
    keep_rejects: bool = False
    shard_bytes: int = Field(default=32 << 20, ge=1 << 10, description="Text of one shard.")
    licence: str = Field(default="", description="Of the result; from the sources when empty.")
    labels: list[str] = Field(
        default_factory=list, description="The only labels allowed, for classification."
    )
    workers: int = Field(default=0, ge=0, exclude=True, description="Processes; 0: all cores.")

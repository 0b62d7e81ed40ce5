"""What is wrong with a file of flows, gathered with its lines and told at once."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

from zaohua.assistant.flows.conditions import Kinds, checked_kind, read_condition
from zaohua.assistant.flows.values import LANGUAGES, Language
from zaohua.assistant.flows.wording import Wording
from zaohua.errors import SeveralError, UsageError
from zaohua.generate.prompts.rendering import Renderer, Unfit
from zaohua.knowledge.rules.expressions import Expression, ExpressionError
from zaohua.knowledge.rules.form import Text
from zaohua.knowledge.rules.kinds import Kind
from zaohua.strict_yaml import Place, Table

_BLOCK = re.compile(r"\{[{%].*?[%}]\}", re.DOTALL)
_COLUMN = re.compile(r"""("[^"]*"|'[^']*')|\b([A-Za-z_]\w*)\.([A-Za-z_]\w*)""")


@dataclass(slots=True)
class Faults:
    """A file as it is read, and what is wrong with it so far."""

    where: str
    table: Table
    renderer: Renderer = field(default_factory=Renderer)
    found: list[tuple[int, str]] = field(default_factory=list)

    def add(self, place: Place, what: str, *, named: bool = False) -> None:
        """Note a problem; ``named`` says that its text already begins with its place."""
        head = "" if named else ".".join(map(str, place)) + ": "
        self.found.append((self.table.line(place), f"{head}{what}"))

    def error(self) -> SeveralError:
        """All of them, by their lines."""
        told = [f"line {line}: {what}" for line, what in sorted(set(self.found))]
        return SeveralError(told, where=self.where)

    def regex(self, place: Place, pattern: str) -> re.Pattern[str] | None:
        """A pattern, compiled; None and a problem if it is none."""
        try:
            return re.compile(pattern)
        except re.error as error:
            self.add(place, f"no regular expression: {error}")
            return None

    def expression(self, place: Place, text: str, kinds: Kinds) -> tuple[Expression, Kind] | None:
        """An expression and the kind of its value; None and a problem if it is none."""
        try:
            expression = read_condition(text)
            return expression, checked_kind(expression, kinds)
        except ExpressionError as error:
            self.add(place, str(error))
            return None

    def wording(self, place: Place, text: Text, names: Mapping[str, Any]) -> Wording:
        """A text, compiled and filled once with ``names``, which are its empty values."""
        given: Mapping[Language, str] = (
            text if isinstance(text, Mapping) else dict.fromkeys(LANGUAGES, text)
        )
        made = {}
        for language, source in given.items():
            line = self.table.line((*place, language))
            if not source:
                continue
            try:
                made[language] = self.renderer.compile(source, names)
            except Unfit as unfit:
                self.found += [
                    (line + fault.line - 1, f"{'.'.join(map(str, place))}: {fault.what}")
                    for fault in unfit.faults
                ]
        wording = Wording(made, self.renderer, self.where, tuple(names))
        self._columns(place, given, names)
        self._try(place, wording, names)
        return wording

    def _columns(
        self, place: Place, given: Mapping[Language, str], names: Mapping[str, Any]
    ) -> None:
        """Note columns that no row has; names that are no rows are found out by filling them."""
        blocks = [block for source in given.values() for block in _BLOCK.findall(source)]
        for _, row, column in (found for block in blocks for found in _COLUMN.findall(block)):
            columns = vars(names[row]) if isinstance(names.get(row), SimpleNamespace) else {column}
            if column not in columns:
                there = ", ".join(columns)
                self.add(place, f"there is no '{row}.{column}', there are {there}")

    def _try(self, place: Place, wording: Wording, names: Mapping[str, Any]) -> None:
        if self.found:
            return
        for language in wording.templates:
            try:
                wording.filled(language, names)
            except UsageError as error:
                self.add(place, error.what)

"""A model's chat template, which is Jinja as Hugging Face writes it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from jinja2 import TemplateError
from jinja2.ext import Extension, loopcontrols
from jinja2.nodes import Node
from jinja2.parser import Parser
from jinja2.sandbox import ImmutableSandboxedEnvironment


class _Generation(Extension):
    """``{% generation %}``, which marks what the assistant says: it is passed over."""

    tags = {"generation"}  # noqa: RUF012 - as Jinja has it

    def parse(self, parser: Parser) -> Node | list[Node]:
        next(parser.stream)
        return parser.parse_statements(("name:endgeneration",), drop_needle=True)


class ChatTemplate:
    """``source``, with the texts of the tokens that it names.

    Raises:
        ValueError: it is no template.
    """

    def __init__(self, source: str, marks: Mapping[str, str]) -> None:
        environment = ImmutableSandboxedEnvironment(
            trim_blocks=True, lstrip_blocks=True, extensions=[loopcontrols, _Generation]
        )
        environment.filters["tojson"] = _json
        environment.globals.update(raise_exception=_refuse, strftime_now=_now)
        self._marks = dict(marks)
        try:
            self._template = environment.from_string(source)
        except TemplateError as error:
            raise ValueError(f"the chat template cannot be read: {error}") from error

    def render(
        self,
        messages: Sequence[Mapping[str, Any]],
        *,
        add_generation_prompt: bool,
        tools: Sequence[Mapping[str, Any]] | None = None,
        more: Mapping[str, Any] | None = None,
    ) -> str:
        """The prompt of a conversation; ``more`` are variables that only some templates know.

        Raises:
            ValueError: the template does not take it.
        """
        asked = {"add_generation_prompt": add_generation_prompt, "tools": tools or None}
        try:
            return self._template.render(
                messages=messages, **self._marks, **{**(more or {}), **asked}
            )
        except TemplateError as error:
            raise ValueError(f"the chat template does not take this: {error}") from error


def _json(value: Any, indent: int | None = None, **_: Any) -> str:
    """Without the escapes that Jinja's own has for web pages."""
    return json.dumps(value, ensure_ascii=False, indent=indent)


def _refuse(message: str) -> None:
    raise TemplateError(message)


def _now(form: str) -> str:
    return datetime.now().strftime(form)

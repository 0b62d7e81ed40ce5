"""Conversations through a tokenizer's chat template, and which characters the assistant says."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from zaohua.data.readers.libraries import library
from zaohua.data.records import Turn
from zaohua.data.tokens.encoders import Span
from zaohua.errors import UsageError

_MARK = re.compile(r"\{%-?\s*generation\s*-?%\}")


class Refused(Exception):
    """The template does not take this conversation; the text says why, in one clause."""


class ChatTemplate:
    """A tokenizer's chat template.

    Spans of the assistant's turns come from the template's ``generation`` marks. Without marks
    they are found by rendering ever longer beginnings of the conversation: what a turn adds to its
    prompt is what the assistant says.

    Raises:
        UsageError: the tokenizer has no template.
    """

    def __init__(self, tokenizer: Any, name: str) -> None:
        if not tokenizer.chat_template:
            raise UsageError(
                "the tokenizer has no chat template",
                where=name,
                mend="train on text, or take a tokenizer with a template",
            )
        self.name = name
        self._template = tokenizer.get_chat_template()
        self._marked = _MARK.search(self._template) is not None
        self._special = sorted(map(str, tokenizer.added_tokens_decoder.values()), key=len)[::-1]
        self._variables = dict(tokenizer.special_tokens_map)
        self._render = library(
            "transformers.utils.chat_template_utils", "chat templates"
        ).render_jinja_template
        self._refusal = library("jinja2", "chat templates").TemplateError

    def render(self, turns: Sequence[Turn]) -> tuple[str, list[Span]]:
        """The conversation as text, and where the assistant speaks in it, end of turn included.

        Raises:
            Refused: the template does not take it.
        """
        chat = [{"role": turn.role, "content": turn.content} for turn in turns]
        if any(token in turn.content for token in self._special for turn in turns):
            raise Refused("special_token_in_text")
        return self._by_marks(chat) if self._marked else self._by_beginnings(chat)

    def _by_marks(self, chat: list[dict[str, str]]) -> tuple[str, list[Span]]:
        text, spans = self._text(chat, marks=True)
        return text, [(first, self._end(text, first, last)) for first, last in spans]

    def _by_beginnings(self, chat: list[dict[str, str]]) -> tuple[str, list[Span]]:
        whole, _ = self._text(chat)
        spans = []
        for number in (n for n, turn in enumerate(chat) if turn["role"] == "assistant"):
            prompt, _ = self._text(chat[:number], prompt=True)
            said, _ = self._text(chat[: number + 1])
            if not (said.startswith(prompt) and whole.startswith(said)):
                raise Refused("template_rewrites_earlier_turns")
            spans.append((len(prompt), self._end(said, len(prompt), len(said))))
        if any(a[1] > b[0] for a, b in pairwise(spans)):
            raise Refused("template_rewrites_earlier_turns")
        return whole, spans

    def _end(self, text: str, first: int, last: int) -> int:
        """The end of what is learned: after an end-of-turn token, white space is layout."""
        bare = text[first:last].rstrip()
        return first + len(bare) if bare.endswith(tuple(self._special)) else last

    def _text(
        self, chat: list[dict[str, str]], *, prompt: bool = False, marks: bool = False
    ) -> tuple[str, list[Span]]:
        try:
            texts, spans = self._render(
                [chat],
                chat_template=self._template,
                add_generation_prompt=prompt,
                return_assistant_tokens_mask=marks,
                **self._variables,
            )
        except (self._refusal, TypeError, ValueError) as error:
            raise Refused(f"template: {str(error).strip()[:120]}") from None
        return texts[0], [tuple(span) for span in spans[0]] if marks else []

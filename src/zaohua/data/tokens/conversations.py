"""Conversations through a tokenizer's chat template, and which characters the assistant says."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from zaohua.data.readers.libraries import library
from zaohua.data.records import Turn
from zaohua.data.tokens.encoders import Span
from zaohua.data.tokens.facts import Facts
from zaohua.errors import UsageError

_MARK = re.compile(r"\{%-?\s*generation\s*-?%\}")


class Refused(Exception):
    """The template does not take this conversation; the text says why, in one clause."""


@dataclass(frozen=True, slots=True)
class Rendered:
    """A conversation as text.

    Attributes:
        spans: characters that the assistant says, its end of turn included; in order.
        unlearned: turns of the assistant that stand otherwise in the conversation than when they
            were said (templates that take the reasoning out of earlier turns), so have no span.
    """

    text: str
    spans: list[Span]
    unlearned: int = 0


class ChatTemplate:
    """A tokenizer's chat template.

    What the assistant says is found by the template's ``generation`` marks. Without marks it is
    found by rendering ever longer beginnings of the conversation: a turn is what it adds to the
    prompt before it, as long as both are beginnings of the whole.

    Raises:
        UsageError: the tokenizer has no template.
    """

    def __init__(self, facts: Facts) -> None:
        if not facts.template:
            raise UsageError(
                "the tokenizer has no chat template",
                where=facts.name,
                mend="train on text, or take a tokenizer with a template",
            )
        self._template = facts.template
        self._marked = _MARK.search(facts.template) is not None
        self._special = tuple(token for token, _ in facts.special)
        self._variables = dict(facts.variables)
        self._render = library(
            "transformers.utils.chat_template_utils", "chat templates"
        ).render_jinja_template
        self._refusal = library("jinja2", "chat templates").TemplateError

    def render(self, turns: Sequence[Turn]) -> Rendered:
        """The conversation as text, and where the assistant speaks in it.

        Raises:
            Refused: the template does not take it.
        """
        chat = [{"role": turn.role, "content": turn.content} for turn in turns]
        said = "\n".join(turn.content for turn in turns)
        if any(token in said for token in self._special):
            raise Refused("special_token_in_text")
        return self._by_marks(chat) if self._marked else self._by_beginnings(chat)

    def _by_marks(self, chat: list[dict[str, str]]) -> Rendered:
        text, spans = self._text(chat, marks=True)
        return Rendered(text, [(first, self._end(text, first, last)) for first, last in spans])

    def _by_beginnings(self, chat: list[dict[str, str]]) -> Rendered:
        whole, _ = self._text(chat)
        turns = [number for number, turn in enumerate(chat) if turn["role"] == "assistant"]
        found = [self._added(chat, number, whole) for number in turns]
        spans = [span for span in found if span is not None]
        if not spans:
            raise Refused("template_shows_no_assistant_turn")
        return Rendered(whole, spans, len(found) - len(spans))

    def _added(self, chat: list[dict[str, str]], number: int, whole: str) -> Span | None:
        """What turn ``number`` adds to its prompt; ``None`` if nothing, or no part of the whole."""
        prompt, _ = self._text(chat[:number], prompt=True)
        said, _ = self._text(chat[: number + 1])
        if said == prompt or not (said.startswith(prompt) and whole.startswith(said)):
            return None
        return len(prompt), self._end(said, len(prompt), len(said))

    def _end(self, text: str, first: int, last: int) -> int:
        """The end of what is learned: after an end-of-turn token, white space is layout."""
        bare = text[first:last].rstrip()
        return first + len(bare) if bare.endswith(self._special) else last

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

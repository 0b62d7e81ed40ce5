"""A conversation of the terminal: what was said, with which model and settings; kept as JSON."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field, fields, replace
from pathlib import Path
from typing import Any

from zaohua.cli.reading import text_file
from zaohua.errors import UsageError
from zaohua.generate.failures import RequestRefused
from zaohua.generate.request import ChatRequest, Message, Sampling
from zaohua.generate.sampling import check_sampling
from zaohua.text.instructions import default_instructions

FORMAT = "zaohua-session"
_ROLES = ("user", "assistant")


@dataclass(slots=True)
class Conversation:
    """Messages in turn, and how the next answer is to be made."""

    model: str = ""
    system: str = ""
    sampling: Sampling = field(default_factory=Sampling)
    messages: list[Message] = field(default_factory=list)

    def ask(self, text: str) -> ChatRequest:
        """Add a user message and give the request for its answer.

        A question that got no answer (it was stopped) gives way to the new one.
        """
        if self.messages and self.messages[-1].role == "user":
            self.messages.pop()
        self.messages.append(Message("user", text))
        return self.request()

    def answered(self, text: str) -> None:
        """Add the model's message."""
        self.messages.append(Message("assistant", text))

    def again(self) -> ChatRequest:
        """Take back the last answer and give the request for another one.

        Raises:
            UsageError: nothing was asked yet.
        """
        while self.messages and self.messages[-1].role == "assistant":
            self.messages.pop()
        if not self.messages:
            raise UsageError("there is nothing to regenerate", mend="ask something first")
        return self.request()

    def request(self) -> ChatRequest:
        """The request for the next answer."""
        told = self.instructions()
        head = (Message("system", told),) if told else ()
        return ChatRequest((*head, *self.messages), self.sampling)

    def instructions(self) -> str:
        """The system prompt that is sent: one's own, else the default for the first message."""
        if self.system or not self.messages:
            return self.system
        return default_instructions(self.messages[0].content)

    def set_temperature(self, value: float | None) -> None:
        """Change the temperature; ``None`` is the model's own."""
        changed = replace(self.sampling, temperature=value)
        check_sampling(changed)
        self.sampling = changed

    def save(self, path: Path) -> None:
        """Write everything to ``path``, whole or not at all.

        Raises:
            UsageError: the file cannot be written.
        """
        text = json.dumps(self._plain(), ensure_ascii=False, indent=2) + "\n"
        part = path.with_name(path.name + ".part")
        try:
            part.write_text(text, encoding="utf-8")
            part.replace(path)
        except OSError as error:
            raise UsageError(
                f"the conversation cannot be saved: {error.strerror}", where=str(path)
            ) from None

    @classmethod
    def load(cls, path: Path) -> Conversation:
        """Read what `save` wrote.

        Raises:
            UsageError: the file cannot be read or is not a conversation.
        """
        try:
            plain = json.loads(text_file(path))
        except ValueError:
            raise UsageError("this is not a saved conversation: no JSON", where=str(path)) from None
        try:
            return cls._from_plain(plain)
        except (KeyError, TypeError, ValueError, AttributeError, RequestRefused):
            raise UsageError(
                "this is not a saved conversation", where=str(path), mend="give a file of /save"
            ) from None

    def _plain(self) -> dict[str, Any]:
        sampling = {k: v for k, v in asdict(self.sampling).items() if v != getattr(Sampling(), k)}
        return {
            "format": FORMAT,
            "model": self.model,
            "system": self.system,
            "sampling": sampling,
            "messages": [{"role": m.role, "content": m.content} for m in self.messages],
        }

    @classmethod
    def _from_plain(cls, plain: dict[str, Any]) -> Conversation:
        if plain["format"] != FORMAT:
            raise ValueError(plain["format"])
        known = {f.name for f in fields(Sampling)}
        given = {k: v for k, v in plain["sampling"].items() if k in known}
        given["stop"] = tuple(given.get("stop", ()))
        given["logit_bias"] = {int(k): v for k, v in given.get("logit_bias", {}).items()}
        sampling = Sampling(**given)
        check_sampling(sampling)
        messages = [_message(m) for m in plain["messages"]]
        return cls(str(plain["model"]), str(plain["system"]), sampling, messages)


def _message(plain: dict[str, Any]) -> Message:
    if plain["role"] not in _ROLES or not isinstance(plain["content"], str):
        raise ValueError(plain["role"])
    return Message(plain["role"], plain["content"])

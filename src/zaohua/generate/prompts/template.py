"""A prompt template: what it is given, what it asks a model, what comes out."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import jinja2

from zaohua.generate.collect import Answer
from zaohua.generate.prompts import outputs
from zaohua.generate.prompts.inputs import Value, filled
from zaohua.generate.prompts.rendering import Renderer
from zaohua.generate.prompts.spec import PromptSpec
from zaohua.generate.request import ChatRequest, Message, Sampling
from zaohua.generate.sampling import over


@dataclass(frozen=True, slots=True)
class Template:
    """One template in one language (empty: in any), made by `reading.read_template`.

    Attributes:
        name: by which it is asked for.
        language: of what it says; empty if it serves all.
        spec: the head of its file.
        source: the whole text of its file.
        path: its file; None if it has none.
        own: whether it is the user's and not one that comes with zaohua.
        parts: what it says, compiled, by role; ``instruction`` among them.
        renderer: that compiled them.
    """

    name: str
    language: str
    spec: PromptSpec
    source: str
    path: Path | None
    own: bool
    parts: Mapping[str, jinja2.Template]
    renderer: Renderer

    @property
    def title(self) -> str:
        """For people."""
        return self.spec.title or self.name

    @property
    def fingerprint(self) -> str:
        """Changes when anything in its file does."""
        return hashlib.sha256(self.source.encode()).hexdigest()[:16]

    def filled(self, given: Mapping[str, Any]) -> dict[str, Value]:
        """What is given, checked, and the defaults of the rest.

        Raises:
            UsageError: all that is wrong with it, in one line.
        """
        return filled(self.spec, given, self.name)

    def render(self, given: Mapping[str, Any], sampling: Sampling | None = None) -> ChatRequest:
        """What to ask a model; ``sampling`` counts where it says something, else the template.

        Raises:
            UsageError: what is given is wrong, or the template cannot be filled with it.
        """
        values = self.filled(given)
        shots: list[Message] = []
        for shot in self.spec.shots:
            asked = self.say("user", self.filled(shot.inputs))
            answered = outputs.spoken(self.spec, shot.output)
            shots += [Message("user", asked), Message("assistant", answered)]
        request = self.request(self.say("user", values), values, sampling, shots)
        return replace(request, grammar=outputs.grammar(self.spec, values))

    def request(
        self,
        asked: str,
        values: Mapping[str, Value],
        sampling: Sampling | None = None,
        shots: Sequence[Message] = (),
    ) -> ChatRequest:
        """``asked``, after what the system says, in whatever form the model likes."""
        system = self.say("system", values).strip() if "system" in self.parts else ""
        head = (Message("system", system),) if system else ()
        return ChatRequest(
            (*head, *shots, Message("user", asked)),
            over(sampling or Sampling(), self.spec.sampling.sampling()),
            prompt_lookup=self.spec.prompt_lookup,
        )

    def say(self, role: str, values: Mapping[str, Any]) -> str:
        """What a role says of ``values``, which `filled` gave."""
        instruction = self.parts.get("instruction")
        where = f"prompt '{self.name}'"
        told = self.renderer.render(instruction, values, where) if instruction else ""
        known = {**values, "instruction": told}
        said = self.renderer.render(self.parts[role], known, where)
        return said.strip()

    def read(self, answer: Answer, given: Mapping[str, Any]) -> Any:
        """What an answer says: a text, one of the choices, or the JSON value.

        Raises:
            AnswerBroken: it is not what the template promises.
        """
        return outputs.read(self.spec, self.filled(given), answer)

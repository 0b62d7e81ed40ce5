"""A prompt template: what it is given, what it asks a model, what comes out."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import jinja2

from zaohua.generate.collect import Answer
from zaohua.generate.prompts import outputs
from zaohua.generate.prompts.checks import Check, check
from zaohua.generate.prompts.inputs import Value, filled
from zaohua.generate.prompts.rendering import Renderer
from zaohua.generate.prompts.sections import GIVEN
from zaohua.generate.prompts.spec import PromptSpec
from zaohua.generate.request import ChatRequest, Grammar, Message, Sampling
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

    @property
    def as_written(self) -> bool:
        """Whether what comes out is what the model writes, as it writes it."""
        spec = self.spec
        made = set(self.parts) & {*GIVEN} or spec.output.kind not in ("text", "markdown")
        return not made and spec.tries == 1 and spec.grounded is None

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
        return replace(request, grammar=self.grammar(values))

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
            prompt_lookup=self.spec.prompt_lookup or None,
        )

    def say(self, role: str, values: Mapping[str, Any]) -> str:
        """What a role says of ``values``, which `filled` gave."""
        instruction = self.parts.get("instruction")
        where = f"prompt '{self.name}'"
        told = self.renderer.render(instruction, values, where) if instruction else ""
        known = {**values, "instruction": told}
        said = self.renderer.render(self.parts[role], known, where)
        return said.strip()

    def schema(self, values: Mapping[str, Value]) -> dict[str, Any] | None:
        """The JSON Schema that the model must keep to; None: it writes what it likes."""
        wanted = outputs.schema(self.spec, values)
        if self.spec.output.schema_ is None:
            return wanted
        names = [*self.spec.inputs]

        def say(source: str) -> str:
            made = self.renderer.compile(source, names)
            return self.renderer.render(made, values, f"prompt '{self.name}'")

        found: dict[str, Any] = outputs.filled(wanted, say)
        return found

    def grammar(self, values: Mapping[str, Value]) -> Grammar | None:
        """What the engine must keep to."""
        wanted = self.schema(values)
        return None if wanted is None else Grammar("json_schema", wanted)

    def read(self, answer: Answer, given: Mapping[str, Any]) -> Any:
        """What is given for an answer: a text, one of the choices, or the JSON value.

        Raises:
            AnswerBroken: it is not what the template promises.
        """
        values = self.filled(given)
        value = outputs.read(self.schema(values), answer)
        if "output" not in self.parts:
            return value
        text = self.say("output", {**values, "output": value})
        if not text:
            raise outputs.AnswerBroken("the model gave no answer", mend="ask again")
        return json.loads(text) if self.spec.output.kind in ("json", "fields") else text

    def checks(self, value: Any, given: Mapping[str, Any]) -> list[Check]:
        """What must hold of every output, and what `# faults` finds wrong with this one."""
        values = self.filled(given)
        found = check(self.spec.checks, value, values)
        if "faults" not in self.parts:
            return found
        said = self.say("faults", {**values, "output": value})
        return [*found, *(Check(line.strip(), False) for line in said.splitlines() if line.strip())]

    def otherwise(self, given: Mapping[str, Any]) -> str:
        """What is given where the model gives nothing right; empty if that is not said."""
        return self.say("otherwise", self.filled(given)) if "otherwise" in self.parts else ""

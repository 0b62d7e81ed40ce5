"""What is asked of an engine: messages, sampling, output form. Frozen values, no behaviour."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

Role = Literal["system", "user", "assistant", "tool"]


@dataclass(frozen=True, slots=True)
class ToolCall:
    """A call the model asked for. ``arguments`` is a JSON string, as the model wrote it."""

    id: str
    name: str
    arguments: str


@dataclass(frozen=True, slots=True)
class Message:
    """One turn of a conversation.

    ``media`` holds OpenAI content parts other than text (``image_url``, ``input_audio`` ...),
    handed to engines that can take them.
    """

    role: Role
    content: str = ""
    reasoning: str = ""
    tool_calls: tuple[ToolCall, ...] = ()
    tool_call_id: str = ""
    name: str = ""
    media: tuple[Mapping[str, Any], ...] = ()


@dataclass(frozen=True, slots=True)
class Tool:
    """A function the model may call. ``parameters`` is a JSON Schema object."""

    name: str
    description: str = ""
    parameters: Mapping[str, Any] = field(default_factory=lambda: {"type": "object"})
    strict: bool = False


@dataclass(frozen=True, slots=True)
class Sampling:
    """How the next token is drawn from the logits. ``None`` leaves the model's own default.

    ``temperature`` 0 is greedy. ``max_tokens`` ``None`` runs to the end of the answer or of the
    context. ``logit_bias`` maps token ids to added logits. The same ``seed`` and request give
    the same text. ``top_logprobs`` alternatives are reported for each token when ``logprobs``.
    """

    max_tokens: int | None = None
    temperature: float | None = None
    top_k: int | None = None
    top_p: float | None = None
    min_p: float | None = None
    repeat_penalty: float | None = None
    presence_penalty: float | None = None
    frequency_penalty: float | None = None
    logit_bias: Mapping[int, float] = field(default_factory=dict)
    stop: tuple[str, ...] = ()
    seed: int | None = None
    n: int = 1
    logprobs: bool = False
    top_logprobs: int = 0


@dataclass(frozen=True, slots=True)
class Grammar:
    """What the output must look like, enforced while decoding.

    ``kind`` ``json`` is any JSON object, ``json_schema`` takes a schema (a mapping), ``gbnf`` a
    llama.cpp grammar, ``regex`` a regular expression (both strings).
    """

    kind: Literal["json", "json_schema", "gbnf", "regex"]
    value: str | Mapping[str, Any] = ""


@dataclass(frozen=True, slots=True)
class ToolChoice:
    """Whether tools may, must or must not be called; ``name`` forces one of them."""

    mode: Literal["auto", "none", "required"] = "auto"
    name: str = ""


@dataclass(frozen=True, slots=True)
class ChatRequest:
    """One chat answer (or ``sampling.n`` of them) to produce."""

    messages: tuple[Message, ...]
    sampling: Sampling = Sampling()
    tools: tuple[Tool, ...] = ()
    tool_choice: ToolChoice = ToolChoice()
    parallel_tool_calls: bool = True
    grammar: Grammar | None = None
    template_args: Mapping[str, Any] = field(default_factory=dict)
    prompt_lookup: bool | None = None
    """Whether to guess what the prompt has after the same words (n-gram speculation), for answers
    that quote; None: where that cannot change the answer."""
    user: str = ""
    """Who asks: those who wait take turns."""
    batch: bool = False
    """Whether nobody waits for it: it goes after what somebody waits for."""


@dataclass(frozen=True, slots=True)
class CompletionRequest:
    """Plain continuation of ``prompt`` (text or token ids), no chat template."""

    prompt: str | tuple[int, ...]
    sampling: Sampling = Sampling()
    grammar: Grammar | None = None
    prompt_lookup: bool | None = None
    """As of a chat."""
    suffix: str = ""
    user: str = ""
    """Who asks: those who wait take turns."""
    batch: bool = False
    """Whether nobody waits for it: it goes after what somebody waits for."""

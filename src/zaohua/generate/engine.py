"""The engine protocol: everything above speaks to a model through this and nothing else."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Literal, Protocol

from zaohua.generate.events import Event, TokenLogprob
from zaohua.generate.request import ChatRequest, CompletionRequest
from zaohua.generate.turnstile import Turnstile


@dataclass(frozen=True, slots=True)
class EngineInfo:
    """What one loaded model offers. Lengths are tokens, memory is bytes (0: unknown)."""

    model: str
    context_length: int
    slots: int
    kind: str
    parameters: int = 0
    memory: int = 0
    input_modalities: tuple[str, ...] = ("text",)


class Engine(Protocol):
    """One loaded model.

    Closing the iterator of `chat` or `complete` stops the work and frees its slot within a second,
    also while the prompt is read. Methods raise the errors of `generate.failures`.
    """

    @property
    def info(self) -> EngineInfo:
        """What this model offers."""

    @property
    def turnstile(self) -> Turnstile | None:
        """The queue before it; None where another server keeps it."""

    def chat(self, request: ChatRequest) -> AsyncIterator[Event]:
        """Answer a conversation."""

    def complete(self, request: CompletionRequest) -> AsyncIterator[Event]:
        """Continue a text."""

    async def tokenize(self, text: str, *, special: bool = False) -> list[int]:
        """Token ids of ``text``; ``special`` parses control tokens and adds the model's own."""

    async def detokenize(self, tokens: Sequence[int]) -> str:
        """The text of ``tokens``."""

    async def count_tokens(self, request: ChatRequest) -> int:
        """Length in tokens of the rendered prompt of ``request``, tools included."""

    def score(self, request: ChatRequest, answer: str, top: int = 5) -> AsyncIterator[TokenLogprob]:
        """The model's probability of each token of ``answer`` given the conversation, in order."""

    def resident(self) -> int:
        """Bytes of memory that it takes on this machine now; 0 if that is not of its making."""

    async def alive(self) -> bool:
        """Whether the engine answers."""

    async def aclose(self) -> None:
        """Let go of the model and its memory."""


ModelState = Literal["ready", "loading", "available", "remote"]


@dataclass(frozen=True, slots=True)
class ServedModel:
    """A model the pool can serve and in which state it is now.

    ``price_prompt`` and ``price_completion`` are money per million tokens, 0 for local models.
    ``slots`` are answers at once, 0 as long as it is not loaded.
    """

    name: str
    state: ModelState
    kind: str
    context_length: int = 0
    size: int = 0
    title: str = ""
    licence: str = ""
    languages: tuple[str, ...] = ()
    created: int = 0
    price_prompt: float = 0.0
    price_completion: float = 0.0
    currency: str = "CNY"
    slots: int = 0


class Models(Protocol):
    """The models a server can answer with, loaded when asked for, unloaded when memory is short."""

    @property
    def default(self) -> str:
        """Name of the model used when a request names none."""

    def list(self) -> list[ServedModel]:
        """Every model that can be asked for, the default first."""

    def turnstiles(self) -> Mapping[str, Turnstile]:
        """The queues before the models that are loaded, by the models' names."""

    def use(self, name: str = "") -> AbstractAsyncContextManager[Engine]:
        """Lend the engine of model ``name`` (loading it first); it is not unloaded while lent.

        Raises:
            ModelNotFound: no such model.
            EngineBusy: it does not fit beside what is in use.
        """

    async def aclose(self) -> None:
        """Unload everything."""


class Embedder(Protocol):
    """Turns text into unit vectors."""

    @property
    def model(self) -> str:
        """Name under which it is served."""

    @property
    def dimensions(self) -> int:
        """Length of a vector."""

    async def embed(self, texts: Sequence[str], *, query: bool = False) -> list[list[float]]:
        """One L2-normalised vector a text; ``query`` for questions, else for passages."""

    async def count_tokens(self, text: str) -> int:
        """Tokens of ``text`` as the embedder counts them."""

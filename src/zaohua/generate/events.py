"""What an engine says while it works. A stream is any number of `Waiting`, `PromptProgress` and
`Chunk` values, ended by exactly one `Finished`, or by an exception of `generate.failures`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

FinishReason = Literal["stop", "length", "tool_calls", "content_filter", "repetition"]
"""``repetition``: it was ended since it said the same again and again; of turns, not of engines."""


@dataclass(frozen=True, slots=True)
class Alternative:
    """A token that could have come, with its natural-log probability."""

    token: str
    logprob: float
    bytes: bytes
    id: int = -1


@dataclass(frozen=True, slots=True)
class TokenLogprob:
    """The token that came, its natural-log probability, and the likeliest alternatives."""

    token: str
    logprob: float
    bytes: bytes
    id: int = -1
    top: tuple[Alternative, ...] = ()


@dataclass(frozen=True, slots=True)
class ToolCallDelta:
    """A piece of tool call ``index``; ``id`` and ``name`` come once, with its first piece."""

    index: int
    id: str = ""
    name: str = ""
    arguments: str = ""


@dataclass(frozen=True, slots=True)
class Chunk:
    """A piece of answer ``index`` (0-based, below ``sampling.n``). The last piece of each answer
    carries ``finish_reason``."""

    index: int = 0
    text: str = ""
    reasoning: str = ""
    tool_calls: tuple[ToolCallDelta, ...] = ()
    logprobs: tuple[TokenLogprob, ...] = ()
    finish_reason: FinishReason | None = None


@dataclass(frozen=True, slots=True)
class PromptProgress:
    """How much of the prompt has been read: tokens in all, found in the cache, done so far;
    predicted seconds until the first token, None if they are few or not known."""

    total: int
    cached: int
    processed: int
    seconds: float | None = None


@dataclass(frozen=True, slots=True)
class Usage:
    """Token counts of one request, all answers together.

    ``guessed_tokens`` were looked up in the prompt or before in the answer; ``accepted_tokens`` of
    them were what the model would have written.
    """

    prompt_tokens: int = 0
    completion_tokens: int = 0
    cached_tokens: int = 0
    reasoning_tokens: int = 0
    guessed_tokens: int = 0
    accepted_tokens: int = 0

    @property
    def total_tokens(self) -> int:
        """Prompt and completion together."""
        return self.prompt_tokens + self.completion_tokens


@dataclass(frozen=True, slots=True)
class Timings:
    """Engine-side times in milliseconds; 0 where the engine does not tell."""

    prompt_ms: float = 0.0
    decode_ms: float = 0.0

    def tokens_per_second(self, completion_tokens: int) -> float:
        """Decoding speed; 0 if unknown."""
        return completion_tokens / self.decode_ms * 1000 if self.decode_ms > 0 else 0.0


@dataclass(frozen=True, slots=True)
class Finished:
    """The last event of a stream that went well."""

    usage: Usage
    timings: Timings = Timings()


@dataclass(frozen=True, slots=True)
class Waiting:
    """The request waits for its turn: predicted ``seconds`` until its first token."""

    seconds: float


Event = Chunk | Waiting | PromptProgress | Finished

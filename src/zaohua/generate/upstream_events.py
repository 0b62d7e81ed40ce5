"""Turns the JSON objects of an engine's stream into events, whatever its habits."""

from __future__ import annotations

import codecs
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any, TypeGuard

from zaohua.errors import ZaohuaError
from zaohua.generate.events import (
    Alternative,
    Chunk,
    Event,
    Finished,
    FinishReason,
    PromptProgress,
    Timings,
    TokenLogprob,
    ToolCallDelta,
    Usage,
)
from zaohua.generate.failures import EngineFailed
from zaohua.generate.upstream_body import Dialect
from zaohua.generate.upstream_errors import error_from_value

_REASONS: dict[str, FinishReason] = {
    "stop": "stop", "length": "length", "max_tokens": "length", "tool_calls": "tool_calls",
    "function_call": "tool_calls", "tool_use": "tool_calls", "content_filter": "content_filter",
}  # fmt: skip
_NOTHING: dict[str, Any] = {}


class _AnswerState:
    """What has been told of one answer."""

    def __init__(self) -> None:
        self.calls: dict[int, bool] = {}
        self.finished = False
        self.decoder: codecs.IncrementalDecoder | None = None

    def text(self, text: str) -> str:
        """``text`` with bytes of characters broken over two pieces put together."""
        if self.decoder is None and not any("\udc80" <= c <= "\udcff" for c in text):
            return text
        if self.decoder is None:
            self.decoder = codecs.getincrementaldecoder("utf-8")("replace")
        return self.decoder.decode(text.encode("utf-8", "surrogateescape"))

    def rest(self) -> str:
        """The replacement of a character that was never completed."""
        return self.decoder.decode(b"", final=True) if self.decoder is not None else ""


def joined(events: Iterable[Event]) -> Iterator[Event]:
    """``events``, text that follows text of the same answer in one piece with it.

    Raises:
        ZaohuaError: as ``events`` does, after what came before it.
    """
    held: Chunk | None = None
    try:
        for event in events:
            if held is not None and _continues(event, held):
                held = replace(event, text=held.text + event.text)
                continue
            if held is not None:
                yield held
            held = event if isinstance(event, Chunk) else None
            if held is None:
                yield event
    except ZaohuaError:
        if held is not None:
            yield held
        raise
    if held is not None:
        yield held


def _continues(event: Event, before: Chunk) -> TypeGuard[Chunk]:
    """Whether ``event`` is no more than text after text of the same answer, or its end."""
    if not isinstance(event, Chunk) or before != Chunk(event.index, before.text):
        return False
    return event == Chunk(event.index, event.text, finish_reason=event.finish_reason)


class EventReader:
    """Reads the objects of one stream with ``answers`` answers.

    Args:
        model: named in errors.
        answers: how many answers the request asked for.
        dialect: llama.cpp reports usage once for each answer, others once for all.
        top_logprobs: how many alternatives were asked for.
    """

    def __init__(
        self, model: str, answers: int = 1, dialect: Dialect = "openai", top_logprobs: int = 0
    ) -> None:
        self._model = model
        self._answers = answers
        self._per_answer_usage = dialect == "llamacpp"
        self._top = top_logprobs
        self._states: dict[int, _AnswerState] = {}
        self._progress: PromptProgress | None = None
        self._usage: Usage | None = None
        self._timings = Timings()
        self._guessed = self._accepted = 0
        self._pieces = 0
        self._reasoning_pieces = 0

    @property
    def writing(self) -> bool:
        """Whether a piece of an answer has come."""
        return self._pieces > 0

    def read(self, found: Mapping[str, Any]) -> Iterator[Event]:
        """The events that one object means.

        Raises:
            ZaohuaError: it reports an error; see `generate.upstream_errors`.
        """
        if found.get("error") or found.get("object") == "error":
            raise error_from_value(found.get("error") or found, self._model)
        progress = found.get("prompt_progress")
        if progress:
            yield from self._read_progress(progress)
        for choice in found.get("choices") or ():
            chunk = self._read_choice(choice)
            if chunk is not None:
                yield chunk
        if found.get("usage"):
            self._add_usage(found["usage"])
        if found.get("timings"):
            self._add_timings(found["timings"])

    def end(self, *, done: bool) -> Iterator[Event]:
        """The last events of a stream that has ended; ``done`` if it said ``[DONE]``.

        Raises:
            EngineFailed: it broke off before every answer was finished.
        """
        unfinished = [i for i, s in self._states.items() if not s.finished]
        if not done and (unfinished or len(self._states) < self._answers):
            raise EngineFailed("the engine broke off its answer", where=self._model)
        for index in unfinished:
            state = self._states[index]
            yield Chunk(index, state.rest(), finish_reason="tool_calls" if state.calls else "stop")
        yield Finished(self._whole_usage(), self._timings)

    def _read_progress(self, progress: Mapping[str, Any]) -> Iterator[PromptProgress]:
        told = PromptProgress(
            int(progress.get("total", 0)),
            int(progress.get("cache", 0)),
            int(progress.get("processed", 0)),
        )
        if told != self._progress:
            self._progress = told
            yield told

    def _read_choice(self, choice: Mapping[str, Any]) -> Chunk | None:
        index = choice.get("index") or 0
        state = self._states.get(index)
        if state is None:
            state = self._states[index] = _AnswerState()
        delta = choice.get("delta") or choice.get("message") or _NOTHING
        text = state.text(delta.get("content") or choice.get("text") or "")
        reasoning = delta.get("reasoning_content") or delta.get("reasoning") or ""
        self._pieces += bool(text or reasoning)
        self._reasoning_pieces += bool(reasoning)
        calls = delta.get("tool_calls")
        tool_calls = (
            tuple(self._read_call(state, i, c) for i, c in enumerate(calls)) if calls else ()
        )
        logprobs = choice.get("logprobs")
        tokens = read_logprobs(logprobs, self._top) if logprobs else ()
        reason = choice.get("finish_reason")
        if reason is not None and not state.finished:
            return Chunk(index, text + state.rest(), reasoning, tool_calls, tokens,
                         self._finish(state, str(reason)))  # fmt: skip
        if text or reasoning or tool_calls or tokens:
            return Chunk(index, text, reasoning, tool_calls, tokens)
        return None

    def _finish(self, state: _AnswerState, reason: str) -> FinishReason:
        if reason in {"error", "abort"}:
            raise EngineFailed("the engine broke off its answer", where=self._model)
        state.finished = True
        known = _REASONS.get(reason, "stop")
        return "tool_calls" if state.calls and known == "stop" else known

    def _read_call(
        self, state: _AnswerState, position: int, call: Mapping[str, Any]
    ) -> ToolCallDelta:
        index = call.get("index")
        if not isinstance(index, int):
            index = position
        function = call.get("function") or _NOTHING
        arguments = function.get("arguments") or ""
        if not isinstance(arguments, str):
            arguments = json.dumps(arguments, ensure_ascii=False)
        if index in state.calls:
            return ToolCallDelta(index, arguments=arguments)
        state.calls[index] = True
        call_id = call.get("id") or f"call_{id(state):x}{index}"
        return ToolCallDelta(index, call_id, function.get("name") or "", arguments)

    def _add_usage(self, usage: Mapping[str, Any]) -> None:
        before = self._usage if self._usage is not None and self._per_answer_usage else Usage()
        prompt_details = usage.get("prompt_tokens_details") or _NOTHING
        details = usage.get("completion_tokens_details") or _NOTHING
        self._usage = Usage(
            usage.get("prompt_tokens") or 0,
            before.completion_tokens + (usage.get("completion_tokens") or 0),
            max(before.cached_tokens, prompt_details.get("cached_tokens") or 0),
            details.get("reasoning_tokens") or 0,
        )

    def _add_timings(self, timings: Mapping[str, Any]) -> None:
        self._timings = Timings(
            max(self._timings.prompt_ms, float(timings.get("prompt_ms") or 0)),
            max(self._timings.decode_ms, float(timings.get("predicted_ms") or 0)),
        )
        self._guessed += int(timings.get("draft_n") or 0)
        self._accepted += int(timings.get("draft_n_accepted") or 0)

    def _whole_usage(self) -> Usage:
        progress = self._progress or PromptProgress(0, 0, 0)
        usage = self._usage or Usage(progress.total, self._pieces, progress.cached)
        usage = replace(usage, guessed_tokens=self._guessed, accepted_tokens=self._accepted)
        if usage.reasoning_tokens or not self._reasoning_pieces:
            return usage
        reasoning = min(self._reasoning_pieces, usage.completion_tokens)
        return replace(usage, reasoning_tokens=reasoning)


def read_logprobs(logprobs: Mapping[str, Any], top: int) -> tuple[TokenLogprob, ...]:
    """Token probabilities in chat form (``content``) or in that of old completions."""
    content = logprobs.get("content")
    if content is not None:
        return tuple(_token(t, top) for t in content)
    tokens = logprobs.get("tokens") or ()
    values = logprobs.get("token_logprobs") or ()
    tops = logprobs.get("top_logprobs") or [None] * len(tokens)
    return tuple(
        TokenLogprob(t, p or 0.0, t.encode("utf-8", "replace"), top=_old_top(a, top))
        for t, p, a in zip(tokens, values, tops, strict=False)
    )


def _token(token: Mapping[str, Any], top: int) -> TokenLogprob:
    alternatives = tuple(
        Alternative(a["token"], a["logprob"], _bytes(a), a.get("id", -1))
        for a in (token.get("top_logprobs") or ())[:top]
    )
    return TokenLogprob(
        token["token"], token["logprob"], _bytes(token), token.get("id", -1), alternatives
    )


def _bytes(token: Mapping[str, Any]) -> bytes:
    given = token.get("bytes")
    return bytes(given) if given is not None else str(token["token"]).encode("utf-8", "replace")


def _old_top(alternatives: Mapping[str, float] | None, top: int) -> tuple[Alternative, ...]:
    listed = list((alternatives or {}).items())[:top]
    return tuple(Alternative(t, p, t.encode("utf-8", "replace")) for t, p in listed)

"""How many tokens a request will take up, guessed from its characters before an engine counts."""

from __future__ import annotations

from zaohua.generate.request import ChatRequest, CompletionRequest, Sampling

BEGINNING = 256
"""Tokens of answer there must be room for before a request starts."""

_ASCII_PER_TOKEN = 3.0
_TOKENS_PER_OTHER = 1.2
_PER_MESSAGE = 8


def beginning(sampling: Sampling) -> int:
    """Tokens of answer to reckon with at first."""
    wanted = BEGINNING if sampling.max_tokens is None else min(sampling.max_tokens, BEGINNING)
    return wanted * sampling.n


def estimate(request: ChatRequest | CompletionRequest) -> int:
    """Prompt tokens of ``request``, guessed from its characters, rather too many than too few."""
    if isinstance(request, CompletionRequest):
        prompt = request.prompt
        return int(tokens_of(prompt)) if isinstance(prompt, str) else len(prompt)
    told = sum(_PER_MESSAGE + tokens_of(m.content) for m in request.messages)
    calls = sum(tokens_of(c.arguments) for m in request.messages for c in m.tool_calls)
    tools = sum(tokens_of(f"{t.description}{t.parameters}") for t in request.tools)
    return int(told + calls + tools)


def tokens_of(text: str) -> float:
    """Tokens of ``text``, guessed from its characters, rather too many than too few."""
    other = len(text.encode("utf-8", "replace")) - len(text)
    foreign = min(len(text), -(-other // 2))
    return (len(text) - foreign) / _ASCII_PER_TOKEN + foreign * _TOKENS_PER_OTHER

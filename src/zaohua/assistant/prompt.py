"""From a branch of messages to what the engine is asked, kept within the context if told to.

The system prompt is the conversation's own; if it is empty, that of `default_instructions`, or none
at all, so that the model's chat template may put in its own. Reasoning of earlier answers is not
sent again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from zaohua.assistant.turn.composing import PLAIN, Material
from zaohua.assistant.values import ContextNote, Conversation, SamplingChoice
from zaohua.assistant.values import Message as ChatMessage
from zaohua.generate.engine import Engine
from zaohua.generate.failures import ContextExceeded
from zaohua.generate.request import ChatRequest, Message, Sampling
from zaohua.text.instructions import default_instructions

TOP_LOGPROBS = 5
_TARGET = 0.6
"""Share of the room for the prompt that is filled after leaving out turns.

Leaving out more than is needed keeps the start of the prompt the same for the next turns, so that
the engine finds it in its prefix cache.
"""
_MARGIN_PER_MESSAGE = 64


@dataclass(frozen=True, slots=True)
class Prompt:
    """A request, and what was left out of it (None: nothing)."""

    request: ChatRequest
    note: ContextNote | None = None


def sampling_of(choice: SamplingChoice) -> Sampling:
    """The sampling a conversation asks for; token probabilities bring five alternatives."""
    given = {k: v for k, v in choice.items() if v is not None and k not in ("stop", "logprobs")}
    logprobs = bool(choice.get("logprobs"))
    return Sampling(
        stop=tuple(choice.get("stop") or ()),
        logprobs=logprobs,
        top_logprobs=TOP_LOGPROBS if logprobs else 0,
        **given,  # type: ignore[arg-type]
    )


def build(
    conversation: Conversation,
    branch: Sequence[ChatMessage],
    left_out: int = 0,
    material: Material = PLAIN,
) -> Prompt:
    """The request for an answer to the last message of ``branch``, without its first messages."""
    told = conversation.system
    if not told.strip() and branch:
        told = default_instructions(branch[0].content)
    system = [Message("system", told)] if told else []
    kept = branch[left_out:]
    request = ChatRequest(
        messages=(*system, *_with(material, _spoken(kept))),
        sampling=sampling_of(conversation.sampling),
    )
    note = ContextNote(left_out=left_out, kept=len(kept)) if left_out else None
    return Prompt(request, note)


async def fit(
    engine: Engine,
    conversation: Conversation,
    branch: Sequence[ChatMessage],
    material: Material = PLAIN,
    context_length: int = 0,
) -> Prompt:
    """The request, with the oldest turns left out if prompt and answer would not fit.

    A turn is a user message with what follows it. The system prompt and the last turn always stay.
    What was left out at the turn before stays out. ``context_length`` stands in for an engine that
    does not tell its own.

    Raises:
        ContextExceeded: the last message alone is too long.
    """
    context = engine.info.context_length or context_length
    starts = _turn_starts(branch)
    first = _left_out_before(branch, starts)
    prompt = build(conversation, branch, starts[first], material)
    if not context or _surely_fits(prompt.request, context - _reserve(prompt.request, context)):
        return prompt
    room = context - _reserve(prompt.request, context)
    if await engine.count_tokens(prompt.request) <= room:
        return prompt
    later = starts[first + 1 :] or starts[-1:]
    prompts = [build(conversation, branch, start, material) for start in later]
    return await _compact(engine, prompts, context)


async def _compact(engine: Engine, prompts: Sequence[Prompt], context: int) -> Prompt:
    """The first of ``prompts``, ever shorter ones, that is below the target, else the last."""
    low, high = 0, len(prompts) - 1
    while low < high:
        middle = (low + high) // 2
        request = prompts[middle].request
        room = context - _reserve(request, context)
        if await engine.count_tokens(request) <= _TARGET * room:
            high = middle
        else:
            low = middle + 1
    length = await engine.count_tokens(prompts[low].request)
    if length >= context:
        raise ContextExceeded(length, context)
    return prompts[low]


def _turn_starts(branch: Sequence[ChatMessage]) -> list[int]:
    """Where the turns of a branch begin; the first begins at 0."""
    return [0] + [i for i, m in enumerate(branch) if i and m.role == "user"]


def _left_out_before(branch: Sequence[ChatMessage], starts: Sequence[int]) -> int:
    """Which turn the prompt of the last answer of the branch began with."""
    notes = (m.context_note for m in reversed(branch) if m.role == "assistant")
    note = next(notes, None)
    left_out = note["left_out"] if note else 0
    return starts.index(left_out) if left_out in starts else 0


def _reserve(request: ChatRequest, context: int) -> int:
    """Tokens to keep free for the answer."""
    return min(request.sampling.max_tokens or 1024, context // 4)


def _surely_fits(request: ChatRequest, room: int) -> bool:
    """Whether the prompt fits whatever the tokenizer: no token is shorter than a byte."""
    length = sum(len(m.content.encode("utf-8", "replace")) for m in request.messages)
    return length + _MARGIN_PER_MESSAGE * (len(request.messages) + 1) <= room


def _spoken(messages: Sequence[ChatMessage]) -> list[Message]:
    """What was said, in strict alternation as chat templates want it.

    Answers that never came are passed over, and messages of the same role then joined.
    """
    spoken: list[Message] = []
    for message in messages:
        if message.role == "assistant" and not message.content:
            continue
        if spoken and spoken[-1].role == message.role:
            joined = f"{spoken[-1].content}\n\n{message.content}"
            spoken[-1] = Message(message.role, joined)
        else:
            spoken.append(Message(message.role, message.content))
    return spoken


def _with(material: Material, spoken: list[Message]) -> list[Message]:
    if material.question is None or not spoken:
        return spoken
    return [*spoken[:-1], Message("user", material.question)]

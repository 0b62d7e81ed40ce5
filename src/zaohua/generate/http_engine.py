"""An engine behind HTTP: llama.cpp's server with all it can do, or any OpenAI-compatible one."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import replace
from typing import Any

from zaohua.errors import ZaohuaError
from zaohua.generate.engine import EngineInfo
from zaohua.generate.events import Chunk, Event, Finished, TokenLogprob, Usage
from zaohua.generate.failures import RequestRefused
from zaohua.generate.forced_answer import score_answer
from zaohua.generate.grammar import GrammarWriter, compact, form_fields
from zaohua.generate.request import ChatRequest, CompletionRequest, Grammar, Message, Sampling
from zaohua.generate.sampling import check_sampling
from zaohua.generate.tool_calls import (
    ForcedCallReader,
    ToolCallFinder,
    forced_schema,
    tool_instructions,
)
from zaohua.generate.turnstile import slots_for
from zaohua.generate.upstream import Upstream
from zaohua.generate.upstream_body import (
    Dialect,
    chat_body,
    completion_body,
    is_ours,
    is_worker,
    messages_of,
    tools_of,
)

_PROBE_TOKENS = 6


class HttpEngine:
    """An `Engine` over HTTP.

    Always streams, so that closing an answer closes its connection and frees its slot.
    ``prompt_lookup`` is told to workers with our pipeline; llama.cpp looks up for a whole server or
    not at all (`llamacpp.start_with_lookup`).

    Args:
        base_url: without ``/v1`` for the ``llamacpp`` dialect, with it for the others.
        info: what the model behind it offers.
        key: bearer token.
        model: name the server knows the model by; ``info.model`` if not given.
        dialect: see `upstream_body.Dialect`.
        vocab_size: tokens there are, to refuse a bias on others; 0: unknown.
    """

    def __init__(
        self,
        base_url: str,
        info: EngineInfo,
        *,
        key: str = "",
        model: str = "",
        dialect: Dialect = "openai",
        vocab_size: int = 0,
    ) -> None:
        self._info = info
        self._dialect: Dialect = dialect
        self._vocab_size = vocab_size
        self._upstream = Upstream(base_url, key, model or info.model, dialect)
        self._grammar = GrammarWriter(self._probe_grammar)
        self._template_knows_tools: bool | None = None

    @property
    def info(self) -> EngineInfo:
        """What this model offers."""
        return self._info

    @property
    def turnstile(self) -> None:
        """None: the server behind it has its own queue, if any."""
        return None

    async def chat(self, request: ChatRequest) -> AsyncGenerator[Event]:
        """Answer a conversation. Raises `generate.failures` while iterated."""
        self._check(request.sampling)
        self._check_messages(request.messages)
        forced = bool(request.tools) and request.tool_choice.mode == "required"
        if is_worker(self._dialect) and (forced or request.tool_choice.name):
            events = self._forced_call(request)
        else:
            events = self._free_chat(request)
        async with aclosing(events) as stream:
            async for event in stream:
                yield event

    async def _free_chat(self, request: ChatRequest) -> AsyncGenerator[Event]:
        asked = await self._with_tools_told(request)
        body = {
            **chat_body(asked, self._upstream.model, self._dialect),
            **await self._grammar_fields(request.grammar),
        }
        finders: dict[int, ToolCallFinder] = {}
        watch = request.tools if request.tool_choice.mode != "none" and not request.grammar else ()
        async with aclosing(self._rounds(self._chat_path, body, request)) as events:
            async for event in events:
                if not watch or not isinstance(event, Chunk):
                    yield event
                    continue
                finder = finders.setdefault(event.index, ToolCallFinder(event.index, watch))
                for chunk in finder.feed(event):
                    yield chunk

    async def complete(self, request: CompletionRequest) -> AsyncGenerator[Event]:
        """Continue a text. Raises `generate.failures` while iterated."""
        self._check(request.sampling)
        body = {
            **completion_body(request, self._upstream.model, self._dialect),
            **await self._grammar_fields(request.grammar, raw=True),
        }
        async with aclosing(self._rounds(self._completions_path, body, request)) as events:
            async for event in events:
                yield event

    async def _forced_call(self, request: ChatRequest) -> AsyncGenerator[Event]:
        """A call of one of the tools, by decoding under the schema of such calls."""
        tools = request.tools
        if request.tool_choice.name:
            tools = tuple(t for t in tools if t.name == request.tool_choice.name)
        if not tools:
            raise RequestRefused(
                f"there is no tool '{request.tool_choice.name}'", param="tool_choice"
            )
        prompt = await self._render(request)
        tokens = await self.tokenize(prompt, special=True)
        grammar = Grammar("json_schema", forced_schema(tools))
        readers: dict[int, ForcedCallReader] = {}
        constrained = CompletionRequest(
            tuple(tokens), request.sampling, grammar, batch=request.batch
        )
        async with aclosing(self.complete(constrained)) as events:
            async for event in events:
                if not isinstance(event, Chunk):
                    yield event
                    continue
                reader = readers.setdefault(event.index, ForcedCallReader(event.index))
                for chunk in reader.feed(event):
                    yield chunk

    async def _rounds(
        self, path: str, body: dict[str, Any], request: ChatRequest | CompletionRequest
    ) -> AsyncGenerator[Event]:
        """All answers asked for: llama.cpp takes as many at once as the request may have slots."""
        sampling = request.sampling
        slots = self._info.slots if self._dialect == "llamacpp" else 0
        at_once = slots_for(slots, batch=request.batch) if slots else sampling.n
        if sampling.max_tokens == 0:
            body = {**body, "max_tokens": 1}
        usage = Usage()
        for offset in range(0, sampling.n, at_once):
            count = min(at_once, sampling.n - offset)
            asked = {**body, "n": count} if sampling.n > 1 else body
            if offset and sampling.seed is not None:
                asked["seed"] = body["seed"] + offset
            stream = self._upstream.stream(
                path, asked, answers=count, top_logprobs=sampling.top_logprobs
            )
            async with aclosing(stream) as events:
                async for event in events:
                    if isinstance(event, Finished):
                        usage = _joined(usage, event.usage)
                        timings = event.timings
                    elif isinstance(event, Chunk) and sampling.max_tokens == 0:
                        if event.finish_reason is not None:
                            yield Chunk(event.index + offset, finish_reason="length")
                    elif isinstance(event, Chunk) and offset:
                        yield replace(event, index=event.index + offset)
                    elif not offset:
                        yield event
        if sampling.max_tokens == 0:
            usage = replace(usage, completion_tokens=0)
        yield Finished(usage, timings)

    async def tokenize(self, text: str, *, special: bool = False) -> list[int]:
        """Token ids of ``text``; ``special`` parses control tokens and adds the model's own.

        Raises:
            RequestRefused: the server cannot tokenise (dialect ``openai``).
        """
        self._need_worker("tokenize")
        body = {"content": text, "add_special": special, "parse_special": special}
        return list((await self._upstream.post("/tokenize", body))["tokens"])

    async def detokenize(self, tokens: Sequence[int]) -> str:
        """The text of ``tokens``.

        Raises:
            RequestRefused: there is no such token, or the server cannot detokenise.
        """
        self._need_worker("detokenize")
        self._check_tokens(tokens, "tokens")
        return str((await self._upstream.post("/detokenize", {"tokens": list(tokens)}))["content"])

    async def count_tokens(self, request: ChatRequest) -> int:
        """Length in tokens of the rendered prompt of ``request``, tools included.

        Raises:
            RequestRefused: the server cannot tokenise (dialect ``openai``).
        """
        self._need_worker("count tokens")
        return len(await self.tokenize(await self._render(request), special=True))

    async def score(
        self, request: ChatRequest, answer: str, top: int = 5
    ) -> AsyncGenerator[TokenLogprob]:
        """The model's probability of each token of ``answer``; see `forced_answer`."""
        self._need_worker("score")
        prompt = await self.tokenize(await self._render(request), special=True)
        async with aclosing(score_answer(self._upstream, prompt, answer, top)) as tokens:
            async for token in tokens:
                yield token

    def resident(self) -> int:
        """Nothing here."""
        return 0

    @property
    def silent_seconds(self) -> float:
        """How long those who wait for the server have heard nothing, see `Upstream`."""
        return self._upstream.silent_seconds

    def end(self, why: str) -> None:
        """Say ``why`` to those who wait when the connection breaks."""
        self._upstream.end(why)

    async def alive(self) -> bool:
        """Whether the server answers."""
        path = "/health" if is_worker(self._dialect) else "/models"
        try:
            await self._upstream.get(path)
        except ZaohuaError:
            return False
        return True

    async def aclose(self) -> None:
        """Close all connections; the server goes on."""
        await self._upstream.aclose()

    @property
    def _chat_path(self) -> str:
        return "/v1/chat/completions" if is_worker(self._dialect) else "/chat/completions"

    @property
    def _completions_path(self) -> str:
        return "/v1/completions" if is_worker(self._dialect) else "/completions"

    def _need_worker(self, what: str) -> None:
        if not is_worker(self._dialect):
            raise RequestRefused(f"the server of model '{self._info.model}' cannot {what}")

    def _check(self, sampling: Sampling) -> None:
        check_sampling(sampling)
        self._check_tokens(tuple(sampling.logit_bias), "logit_bias")

    def _check_tokens(self, tokens: Sequence[int], param: str) -> None:
        wrong = [t for t in tokens if t < 0 or (self._vocab_size and t >= self._vocab_size)]
        if wrong:
            raise RequestRefused(f"model '{self._info.model}' has no token {wrong[0]}", param=param)

    def _check_messages(self, messages: Sequence[Message]) -> None:
        if not messages:
            raise RequestRefused("there must be a message to answer", param="messages")
        text_only = is_worker(self._dialect) and self._info.input_modalities == ("text",)
        if text_only and any(m.media for m in messages):
            raise RequestRefused(f"model '{self._info.model}' reads only text", param="messages")

    async def _render(self, request: ChatRequest) -> str:
        """The prompt of ``request`` as the model sees it."""
        self._check_messages(request.messages)
        asked = await self._with_tools_told(request)
        body: dict[str, Any] = {"messages": messages_of(asked.messages, self._dialect)}
        if asked.tools:
            body["tools"] = tools_of(asked.tools)
        if asked.template_args:
            body["chat_template_kwargs"] = dict(asked.template_args)
        return str((await self._upstream.post("/apply-template", body))["prompt"])

    async def _with_tools_told(self, request: ChatRequest) -> ChatRequest:
        """``request``, with its tools in the system message if the template leaves them out."""
        if not request.tools or not is_worker(self._dialect) or await self._knows_tools():
            return request
        if request.tool_choice.mode == "none":
            return replace(request, tools=())
        told = tool_instructions(request.tools)
        first, *rest = request.messages
        if first.role == "system":
            head = [replace(first, content=f"{first.content}\n\n{told}".strip()), *rest]
        else:
            head = [Message("system", told), first, *rest]
        return replace(request, messages=tuple(head), tools=())

    async def _knows_tools(self) -> bool:
        if self._template_knows_tools is None:
            name = "zaohua_probe_of_tools"
            function = {"name": name, "description": "", "parameters": {"type": "object"}}
            body = {
                "messages": [{"role": "user", "content": "x"}],
                "tools": [{"type": "function", "function": function}],
            }
            rendered = await self._upstream.post("/apply-template", body)
            self._template_knows_tools = name in rendered["prompt"]
        return self._template_knows_tools

    async def _grammar_fields(
        self, grammar: Grammar | None, *, raw: bool = False
    ) -> dict[str, Any]:
        if grammar is None:
            return {}
        if self._dialect == "llamacpp":
            fields = await self._grammar.fields(grammar)
            return _raw_grammar(fields) if raw else fields
        if is_ours(self._dialect):
            return form_fields(grammar)
        if grammar.kind == "json":
            return {"response_format": {"type": "json_object"}}
        if grammar.kind == "json_schema":
            named = {"name": "answer", "schema": grammar.value, "strict": True}
            return {"response_format": {"type": "json_schema", "json_schema": named}}
        raise RequestRefused(
            f"the server of model '{self._info.model}' cannot follow a {grammar.kind}",
            param="grammar",
        )

    async def _probe_grammar(self, grammar: str) -> str:
        body = {"prompt": "0", "n_predict": _PROBE_TOKENS, "grammar": grammar, "temperature": 0}
        return str((await self._upstream.post("/completion", body))["content"])


def _raw_grammar(fields: dict[str, Any]) -> dict[str, Any]:
    """``fields`` for plain completions, which know ``json_schema`` but not ``response_format``."""
    form = fields.get("response_format")
    if form is None:
        return fields
    schema = {"type": "object"} if form["type"] == "json_object" else form["json_schema"]["schema"]
    return {"json_schema": compact(schema)}


def _joined(before: Usage, more: Usage) -> Usage:
    return Usage(
        more.prompt_tokens,
        before.completion_tokens + more.completion_tokens,
        before.cached_tokens or more.cached_tokens,
        before.reasoning_tokens + more.reasoning_tokens,
        before.guessed_tokens + more.guessed_tokens,
        before.accepted_tokens + more.accepted_tokens,
    )

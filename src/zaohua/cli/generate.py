"""``zaohua generate``: text for scripts, every sampling option at hand."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, cast

import typer

from zaohua.cli import failures

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

    from zaohua.assistant.tools import LoopEvent
    from zaohua.cli.connecting import Choice
    from zaohua.cli.many import Question
    from zaohua.cli.tools import Answering
    from zaohua.generate.engine import Engine
    from zaohua.generate.events import Event
    from zaohua.generate.request import ChatRequest, CompletionRequest, Grammar, Sampling

LONG = ("auto", "off", "map-reduce", "in-order", "refine")

Words = Annotated[
    list[str] | None, typer.Argument(metavar="PROMPT", help="'-' reads standard input.")
]
Model = Annotated[str, typer.Option("--model", "-m", help="Model to use.")]
System = Annotated[str, typer.Option("--system", "-s", help="Instructions to follow.")]
Raw = Annotated[bool, typer.Option("--raw", help="Continue the text; no chat template.")]
MaxTokens = Annotated[int | None, typer.Option(help="Most tokens of an answer.")]
TemplateName = Annotated[
    str, typer.Option("--template", "-t", metavar="NAME", help="A prompt: 'zaohua prompt list'.")
]
Settings = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="NAME=VALUE", help="An input of it; @FILE reads one; again."),
]
Language = Annotated[
    str, typer.Option("--language", "-l", metavar="CODE", help="Of the template: zh, en.")
]
Votes = Annotated[int, typer.Option(min=0, metavar="N", help="Of N answers what most say.")]
Best = Annotated[
    int, typer.Option(min=0, metavar="N", help="Of N answers the one that checks out best.")
]
Long = Annotated[str, typer.Option(metavar="HOW", help=f"Long texts: {', '.join(LONG)}.")]
Temperature = Annotated[
    float | None, typer.Option("--temperature", help="0 is always the likeliest.")
]
TopK = Annotated[int | None, typer.Option(help="Draw from the K likeliest tokens.")]
TopP = Annotated[float | None, typer.Option(help="Draw from the likeliest that sum to P.")]
MinP = Annotated[float | None, typer.Option(help="Drop tokens below P times the likeliest.")]
Repeat = Annotated[float | None, typer.Option(help="Over 1 makes repeating less likely.")]
Presence = Annotated[float | None, typer.Option(help="Taken from tokens already there.")]
Frequency = Annotated[float | None, typer.Option(help="The same, for each time they came.")]
Bias = Annotated[
    list[str] | None, typer.Option(metavar="TOKEN=BIAS", help="Add to a token's logit; repeatable.")
]
Stop = Annotated[list[str] | None, typer.Option(help="End before this text; repeatable.")]
Seed = Annotated[int | None, typer.Option(help="Same seed, same text.")]
Number = Annotated[int, typer.Option("-n", "--number", help="How many answers.")]
Logprobs = Annotated[
    int | None, typer.Option(metavar="TOP", help="Token probabilities, in --json.")
]
GrammarFile = Annotated[
    Path | None, typer.Option("--grammar", help="File with a GBNF grammar to keep to.")
]
SchemaFile = Annotated[
    Path | None, typer.Option("--json-schema", help="File with a JSON Schema to keep to.")
]
Regex = Annotated[str | None, typer.Option(help="Regular expression to keep to.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Input = Annotated[
    Path | None,
    typer.Option(
        "--input", "-i", metavar="FILE", help="Text for a template; else JSONL of many prompts."
    ),
]
Output = Annotated[
    Path | None,
    typer.Option("--output", "-o", metavar="FILE", help="File of the answers; goes on in JSONL."),
]
Tools = Annotated[bool, typer.Option("--tools", help="Let the model use tools.")]
Parallel = Annotated[
    int, typer.Option(min=0, metavar="N", help="Prompts of --input at a time; 0: all slots.")
]


def generate(
    prompt: Words = None,
    *,
    model: Model = "",
    template: TemplateName = "",
    settings: Settings = None,
    language: Language = "",
    votes: Votes = 0,
    best: Best = 0,
    long: Long = "auto",
    system: System = "",
    raw: Raw = False,
    max_tokens: MaxTokens = None,
    temperature: Temperature = None,
    top_k: TopK = None,
    top_p: TopP = None,
    min_p: MinP = None,
    repeat_penalty: Repeat = None,
    presence_penalty: Presence = None,
    frequency_penalty: Frequency = None,
    logit_bias: Bias = None,
    stop: Stop = None,
    seed: Seed = None,
    n: Number = 1,
    logprobs: Logprobs = None,
    grammar: GrammarFile = None,
    json_schema: SchemaFile = None,
    regex: Regex = None,
    many: Input = None,
    output: Output = None,
    parallel: Parallel = 0,
    tools: Tools = False,
    as_json: Json = False,
) -> None:
    """Generate text for scripts, with every sampling option."""
    import asyncio

    from zaohua.cli import connecting, templated
    from zaohua.cli.many import questions
    from zaohua.cli.template_errand import Errand
    from zaohua.generate.request import Sampling
    from zaohua.generate.sampling import check_sampling
    from zaohua.settings import load_settings

    if templated.is_number(template):
        temperature, template = templated.temperature(template, temperature), ""
    sampling = Sampling(
        max_tokens=max_tokens,
        temperature=temperature,
        top_k=top_k,
        top_p=top_p,
        min_p=min_p,
        repeat_penalty=repeat_penalty,
        presence_penalty=presence_penalty,
        frequency_penalty=frequency_penalty,
        logit_bias=_biases(logit_bias or ()),
        stop=tuple(stop or ()),
        seed=seed,
        n=n,
        logprobs=logprobs is not None,
        top_logprobs=logprobs or 0,
    )
    check_sampling(sampling)
    form = _grammar(grammar, json_schema, regex)
    _refuse_tools(tools=tools, raw=raw, many=many)
    if template:
        templated.refuse_beside_template(form, sampling, system=system, raw=raw)
        given = templated.values(settings or ())
        if many is not None and many.suffix in templated.MANY:
            _refuse_beside_input(prompt, raw=raw)
            asked = templated.questions(many, template, language, given, sampling)
            _ask_all(asked, model, output, parallel)
            return
        wishes = templated.wishes(sampling, votes, best, long)
        text = templated.text(prompt, many)
        chosen, given = templated.prepared(template, language, given, text)
        Errand(chosen, given, wishes, model, output, as_json).run()
        return
    templated.refuse_without_template(settings, language, votes, best, long)
    if many is not None:
        _refuse_beside_input(prompt, raw=raw)
        _ask_all(questions(many, sampling, form, system), model, output, parallel)
        return
    _refuse_without_input(output, parallel)
    request = _request(prompt or [], system, sampling, form, raw=raw)
    choice = connecting.choose(load_settings(), form)
    model = connecting.prepare(choice, model)
    asyncio.run(_print(choice, model, request, tools=tools, as_json=as_json))


def _refuse_tools(*, tools: bool, raw: bool, many: Path | None) -> None:
    from zaohua.errors import UsageError

    if tools and (raw or many is not None):
        beside = "--raw" if raw else "--input"
        raise UsageError(f"--tools and {beside} cannot be given together")


def _refuse_beside_input(prompt: list[str] | None, *, raw: bool) -> None:
    from zaohua.errors import UsageError

    if prompt:
        raise UsageError("a prompt and --input cannot be given together")
    if raw:
        raise UsageError("--raw cannot be given beside --input")


def _refuse_without_input(output: Path | None, parallel: int) -> None:
    from zaohua.errors import UsageError

    if output is not None or parallel:
        raise UsageError("--output and --parallel are for --input")


def _ask_all(asked: Sequence[Question], model: str, output: Path | None, parallel: int) -> None:
    from zaohua.cli import connecting
    from zaohua.cli.many import Errand
    from zaohua.settings import load_settings

    choice = connecting.choose(load_settings(), *(one.request.grammar for one in asked))
    name = connecting.prepare(choice, model)
    Errand(choice, name, asked, output, parallel).run()


def _biases(pairs: list[str] | tuple[str, ...]) -> dict[int, float]:
    from zaohua.errors import UsageError

    try:
        split = [pair.partition("=") for pair in pairs]
        return {int(token): float(bias) for token, _, bias in split}
    except ValueError:
        raise UsageError(
            "--logit-bias takes a token id and a number", mend="write --logit-bias 198=-100"
        ) from None


def _grammar(gbnf: Path | None, schema: Path | None, regex: str | None) -> Grammar | None:
    import json

    from zaohua.cli.reading import text_file
    from zaohua.errors import UsageError
    from zaohua.generate.request import Grammar

    if sum(given is not None for given in (gbnf, schema, regex)) > 1:
        raise UsageError("give only one of --grammar, --json-schema and --regex")
    if gbnf is not None:
        return Grammar("gbnf", text_file(gbnf))
    if regex is not None:
        return Grammar("regex", regex)
    if schema is None:
        return None
    try:
        plain = json.loads(text_file(schema))
    except ValueError as error:
        raise UsageError(f"the schema is not JSON: {error}", where=str(schema)) from None
    if not isinstance(plain, dict):
        raise UsageError("the schema is not a JSON object", where=str(schema))
    return Grammar("json_schema", plain)


def _request(
    words: list[str], system: str, sampling: Sampling, form: Grammar | None, *, raw: bool
) -> ChatRequest | CompletionRequest:
    from zaohua.cli import reading
    from zaohua.errors import UsageError
    from zaohua.generate.request import ChatRequest, CompletionRequest, Message

    prompt = reading.prompt(words)
    if not prompt.strip():
        raise UsageError("there is no prompt", mend="give one or pipe it in")
    if raw and system:
        raise UsageError("--raw knows no --system", mend="write it into the prompt")
    if raw:
        return CompletionRequest(prompt, sampling, form)
    head = (Message("system", system),) if system else ()
    return ChatRequest((*head, Message("user", prompt)), sampling, grammar=form)


async def _print(
    choice: Choice,
    model: str,
    request: ChatRequest | CompletionRequest,
    *,
    tools: bool,
    as_json: bool,
) -> None:
    from zaohua.cli.connecting import connect
    from zaohua.cli.telling import Screen, tell
    from zaohua.cli.tools import answering

    async with (
        connect(choice) as models,
        models.use(model) as engine,
        answering(models, tools=tools) as answer,
    ):
        events = _events(engine, request, answer)
        if as_json or request.sampling.n > 1:
            await _print_whole(engine.info.model, events, as_json=as_json)
        elif (await tell(events, Screen())).stopped:
            raise typer.Exit(failures.INTERRUPTED)


def _events(
    engine: Engine, request: ChatRequest | CompletionRequest, answer: Answering
) -> AsyncIterator[LoopEvent]:
    from zaohua.generate.request import CompletionRequest

    if isinstance(request, CompletionRequest):
        return engine.complete(request)
    return answer(engine, request)


async def _print_whole(model: str, events: AsyncIterator[LoopEvent], *, as_json: bool) -> None:
    import json
    import time

    from zaohua.cli import outcome
    from zaohua.generate.collect import collect

    began = time.monotonic()
    got = await collect(cast("AsyncIterator[Event]", events))  # it passes over those of tools
    if as_json:
        seconds = time.monotonic() - began
        plain = outcome.answers(got.answers, got.usage, got.timings, model, seconds)
        typer.echo(json.dumps(plain, ensure_ascii=False))
    else:
        typer.echo("\n---\n".join(answer.text for answer in got.answers))

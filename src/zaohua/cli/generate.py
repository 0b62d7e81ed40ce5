"""``zaohua generate``: text for scripts, every sampling option at hand."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from zaohua.generate.request import Grammar

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
    from zaohua.cli import generating, templated
    from zaohua.generate.request import Sampling
    from zaohua.generate.sampling import check_sampling

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
    wanted = generating.Wanted(
        prompt=prompt or [],
        many=many,
        output=output,
        parallel=parallel,
        model=model,
        system=system,
        raw=raw,
        as_json=as_json,
        sampling=sampling,
        form=form,
    )
    generating.refuse_tools(wanted, tools=tools)
    if template:
        chosen = generating.Template(template, settings or [], language, votes, best, long)
        generating.ask_template(chosen, wanted)
        return
    templated.refuse_without_template(settings, language, votes, best, long)
    generating.ask_plainly(wanted, tools=tools)


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

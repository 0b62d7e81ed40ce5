"""``zaohua chat``: one question and its answer, or a session."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from zaohua.cli import failures

if TYPE_CHECKING:
    from zaohua.cli.connecting import Choice
    from zaohua.cli.conversation import Conversation
    from zaohua.cli.telling import Told


def chat(
    prompt: Annotated[
        list[str] | None,
        typer.Argument(metavar="PROMPT", help="What to ask; '-' reads standard input."),
    ] = None,
    *,
    model: Annotated[str, typer.Option("--model", "-m", help="Model to ask.")] = "",
    system: Annotated[str, typer.Option("--system", "-s", help="Instructions to follow.")] = "",
    temperature: Annotated[
        float | None, typer.Option("--temperature", "-t", help="0 is always the likeliest.")
    ] = None,
    max_tokens: Annotated[int | None, typer.Option(help="Most tokens of an answer.")] = None,
    seed: Annotated[int | None, typer.Option(help="Same seed, same answer.")] = None,
    tools: Annotated[bool, typer.Option("--tools", help="Let the model use tools.")] = False,
    scenario: Annotated[
        str, typer.Option("--scenario", metavar="NAME", help="Answer as this scenario does.")
    ] = "",
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    stream: Annotated[
        bool, typer.Option("--stream/--no-stream", help="Show it as it comes.")
    ] = True,
) -> None:
    """Ask one question, or with no PROMPT start a session.

    What is piped in stands before the PROMPT: cat report.txt | zaohua chat "Summarise this"
    """
    import asyncio

    from zaohua.cli import connecting, reading, terminal
    from zaohua.cli.conversation import Conversation
    from zaohua.errors import UsageError
    from zaohua.generate.request import Sampling
    from zaohua.generate.sampling import check_sampling
    from zaohua.settings import load_settings

    if tools and scenario:
        raise UsageError("a scenario has its own tools", mend="leave out --tools")
    sampling = Sampling(max_tokens=max_tokens, temperature=temperature, seed=seed)
    check_sampling(sampling)
    conversation = Conversation(model, system, sampling)
    session = not prompt and terminal.interactive() and not as_json
    question = "" if session else reading.prompt(prompt or ())
    if not session and not question.strip():
        raise UsageError("there is nothing to answer", mend="give a PROMPT or pipe a text in")
    choice = connecting.choose(load_settings())
    if scenario:  # before the model is fetched for it
        from zaohua.assistant.scenarios import packs

        packs(choice.settings).get(scenario)
    conversation.model = connecting.prepare(choice, model)
    if session:
        from zaohua.cli.talk import talk

        asyncio.run(talk(choice, conversation, tools=tools, scenario=scenario))
        return
    show = stream and not as_json
    quoting = reading.quotes(prompt or (), question)
    work = _answer(
        choice, conversation, question, show=show, tools=tools, quoting=quoting, scenario=scenario
    )
    told = asyncio.run(work)
    _conclude(told, conversation, as_json=as_json, shown=show)


async def _answer(
    choice: Choice,
    conversation: Conversation,
    question: str,
    *,
    show: bool,
    tools: bool,
    quoting: bool,
    scenario: str,
) -> Told:
    from zaohua.assistant.circling import until_circling
    from zaohua.cli.connecting import connect
    from zaohua.cli.telling import Screen, tell
    from zaohua.cli.tools import answering

    async with (
        connect(choice) as models,
        models.use(conversation.model) as engine,
        answering(models, tools=tools, scenario=scenario, quoting=quoting) as answer,
    ):
        conversation.model = engine.info.model
        events = until_circling(answer(engine, conversation.ask(question)), question)
        return await tell(events, Screen(show=show))


def _conclude(told: Told, conversation: Conversation, *, as_json: bool, shown: bool) -> None:
    import json
    import sys

    from zaohua.cli import outcome, terminal

    if as_json:
        plain = outcome.told(told, conversation.model)
        typer.echo(json.dumps(plain, ensure_ascii=False))
    elif not shown:
        typer.echo(told.answer.text)
    elif terminal.interactive() and sys.stderr.isatty():
        typer.echo(terminal.dim(told.speed(), sys.stderr), err=True)
    if told.stopped:
        raise typer.Exit(failures.INTERRUPTED)

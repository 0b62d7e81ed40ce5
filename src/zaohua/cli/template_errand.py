"""A prompt template asked on the command line, and what came of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

import typer

from zaohua.cli import failures
from zaohua.cli.many import opened_output

if TYPE_CHECKING:
    from zaohua.cli.connecting import Choice
    from zaohua.generate.engine import Engine
    from zaohua.generate.long import PartDone
    from zaohua.generate.prompts import Reply, Template, Wishes
    from zaohua.generate.request import ChatRequest
    from zaohua.progress import Progress

SHOWN_CHARACTERS = 100


@dataclass(frozen=True, slots=True)
class Errand:
    """A template, what it is given, and where its output goes (None: standard output)."""

    template: Template
    given: Mapping[str, Any]
    wishes: Wishes
    model: str
    output: Path | None
    as_json: bool

    def run(self) -> None:
        """Ask, and write what comes.

        Raises:
            UsageError: what is given or wished for cannot be.
            AnswerBroken: the model does not keep to the form that the template promises.
            typer.Exit: stopped by Ctrl-C (130).
        """
        import asyncio

        from zaohua.cli import connecting
        from zaohua.generate.prompts.running import check_wishes
        from zaohua.settings import load_settings

        check_wishes(self.template, self.wishes)
        request = self.template.render(self.given, self.wishes.sampling)
        choice = connecting.choose(load_settings(), request.grammar)
        model = connecting.prepare(choice, self.model)
        with opened_output(self.output, "w") as out:
            asyncio.run(self._ask(choice, model, request, out))

    async def _ask(self, choice: Choice, model: str, request: ChatRequest, out: TextIO) -> None:
        from zaohua.cli.connecting import connect
        from zaohua.generate.prompts.running import parted_how

        async with connect(choice) as models, models.use(model) as engine:
            how = await parted_how(self.template, request, engine, self.wishes.long)
            shown = self.template.as_written and not (self.as_json or self.output)
            if how is None and shown and not (self.wishes.votes or self.wishes.best):
                await self._told(engine, request)
            else:
                wishes = replace(self.wishes, batch=choice.server is not None)
                with _going_on(parted=how is not None):
                    await self._run(engine, wishes, out, in_order=how == "in-order")

    async def _told(self, engine: Engine, request: ChatRequest) -> None:
        from zaohua.cli.telling import Screen, tell

        told = await tell(engine.chat(request), Screen())
        if told.stopped:
            raise typer.Exit(failures.INTERRUPTED)
        self.template.read(told.answer, self.given)

    async def _run(self, engine: Engine, wishes: Wishes, out: TextIO, *, in_order: bool) -> None:
        from functools import partial

        from zaohua.cli.bars import RichProgress
        from zaohua.generate.many import answered
        from zaohua.generate.prompts import Reply, run
        from zaohua.progress import Silent

        flows = in_order and not self.as_json
        ask = partial(answered, engine)
        with RichProgress() as bars:
            progress: Progress = Silent() if flows and out.isatty() else bars
            steps = run(self.template, self.given, engine, ask, wishes=wishes, progress=progress)
            async for one in steps:
                if isinstance(one, Reply):
                    self._conclude(one, engine.info.model, out, written=flows)
                elif flows:
                    out.write(one.text)
                    out.flush()
                else:
                    progress.note(_noted(one))

    def _conclude(self, reply: Reply, model: str, out: TextIO, *, written: bool) -> None:
        import json

        if self.as_json:
            out.write(json.dumps(self._plain(reply, model), ensure_ascii=False) + "\n")
        elif written:
            out.write("\n")
        else:
            out.write(reply.text + "\n")
        out.flush()

    def _plain(self, reply: Reply, model: str) -> dict[str, Any]:
        return {
            "prompt": self.template.name,
            "language": self.template.language,
            "version": self.template.spec.version,
            "model": model,
            **plain(reply),
        }


@contextmanager
def _going_on(*, parted: bool) -> Iterator[None]:
    """Say of a text in parts that is stopped how it goes on."""
    import asyncio

    try:
        yield
    except asyncio.CancelledError:
        if parted:
            failures.say("stopped: what is done is kept, the same command goes on")
        raise


def plain(reply: Reply) -> dict[str, Any]:
    """A reply as ``--json`` prints it; what does not apply is left out."""
    told = {
        "text": reply.text,
        "value": reply.value,
        "finish_reason": reply.finish_reason,
        "answers": reply.answers,
        "parts": reply.parts or None,
        "agreement": reply.agreement,
        "score": reply.score,
        "usage": {
            "prompt_tokens": reply.usage.prompt_tokens,
            "completion_tokens": reply.usage.completion_tokens,
        },
    }
    return {key: value for key, value in told.items() if value is not None}


def _noted(part: PartDone) -> str:
    """``3/40 第三章: …``, for people who wait."""
    said = " ".join(part.text.split())
    short = said if len(said) <= SHOWN_CHARACTERS else said[:SHOWN_CHARACTERS] + "…"
    return (
        f"{part.number}/{part.of} {part.heading}: {short}"
        if part.heading
        else (f"{part.number}/{part.of}: {short}")
    )

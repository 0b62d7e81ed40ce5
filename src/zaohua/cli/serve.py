"""``zaohua serve``: the server, in the foreground."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from zaohua.settings import Settings
    from zaohua.store.models import InstalledModel

Host = Annotated[
    str | None, typer.Option(help="Address to serve; other than 127.0.0.1 demands keys.")
]
Port = Annotated[int | None, typer.Option(help="Port; 0 takes a free one.", show_default="8866")]
Model = Annotated[str | None, typer.Option("--model", "-m", help="Model that answers by default.")]
EngineKind = Annotated[
    str | None,
    typer.Option(
        "--engine", help="auto, llamacpp, llamacpp-native, ik, openvino, or fake for trials."
    ),
]
Context = Annotated[
    int | None, typer.Option("--context", help="Tokens an answer can look back on.")
]
Slots = Annotated[int | None, typer.Option(help="Answers at once.")]
Page = Annotated[bool, typer.Option("--page/--no-page", help="Serve the web page.")]
Key = Annotated[bool, typer.Option("--require-key", help="Demand an API key on this machine too.")]


def serve(
    *,
    host: Host = None,
    port: Port = None,
    model: Model = None,
    engine: EngineKind = None,
    context: Context = None,
    slots: Slots = None,
    page: Page = True,
    require_key: Key = False,
) -> None:
    """Serve the web page and the APIs until Ctrl-C."""
    from zaohua.cli import listening, server
    from zaohua.settings import load_settings

    settings = load_settings(
        host=host,
        port=port,
        model=model,
        engine=engine,
        context_length=context,
        slots=slots,
        page=None if page else False,
        require_key=require_key or None,
    )
    if (answering := check_model(settings)) is not None:
        from zaohua.cli.bars import RichProgress
        from zaohua.session import write_weights

        with RichProgress() as progress:
            write_weights(settings, answering, progress)
    sock = listening.listen(settings.host, settings.port)
    server.run(settings, sock, Announcer(settings))


def check_model(settings: Settings) -> InstalledModel | None:
    """The model of this machine that will answer by default, if it is one of this machine.

    A server that has none to answer with is not started: `serve` downloads nothing.

    Raises:
        NotFoundError: the model asked for is not here; or none was asked for and none is here.
    """
    from zaohua.errors import NotFoundError
    from zaohua.store.models import find, installed

    if settings.engine == "fake" or settings.model in settings.engine_urls:
        return None
    try:
        return find(settings, settings.model)
    except NotFoundError as error:
        if "model" not in settings.model_fields_set and (others := installed(settings)):
            return others[0]
        raise NotFoundError(
            f"the model '{settings.model}' is not on this machine",
            mend=f"fetch it: zaohua models pull {settings.model}",
        ) from error


class Announcer:
    """Says on the terminal where the server is and what it serves."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self.url = ""

    def listening(self, url: str) -> None:
        """Print where it is."""
        from zaohua.cli.terminal import bold

        self.url = url
        typer.echo(f"zaohua is at {bold(url, sys.stdout)}  (API: {url}/v1)")
        if url.partition("//")[2].partition(":")[0] != self._settings.host:
            typer.echo(f"It listens on {self._settings.host}: others can reach it, with a key.")

    def ready(self, model: str, plan: str) -> None:
        """Print what answers, how it fits this machine, and how to stop."""
        typer.echo(f"{model} answers: {plan}" if plan else f"{model} answers")
        typer.echo("Ctrl-C stops it.")
        sys.stdout.flush()

"""``zaohua up``: everything in one command."""

from __future__ import annotations

import os
import sys
from typing import Annotated

import typer

from zaohua.cli.serve import Announcer, Context, EngineKind, Host, Key, Model, Port, Slots

Open = Annotated[bool, typer.Option("--open/--no-open", help="Open the page in a browser.")]


def up(
    *,
    host: Host = None,
    port: Port = None,
    model: Model = None,
    engine: EngineKind = None,
    context: Context = None,
    slots: Slots = None,
    require_key: Key = False,
    open_page: Open = True,
) -> None:
    """Fetch the model if it is missing, serve, and open the page."""
    from zaohua.cli import listening, running, server
    from zaohua.cli.bars import RichProgress
    from zaohua.session import ensure_ready
    from zaohua.settings import load_settings

    settings = load_settings(
        host=host,
        port=port,
        model=model,
        engine=engine,
        context_length=context,
        slots=slots,
        require_key=require_key or None,
    )
    already = running.find(settings)
    if already is not None:
        typer.echo(f"zaohua is already up at {already.url}")
        if open_page:
            show(already.url, wait=True)
        return
    with RichProgress() as progress:
        ensure_ready(settings, progress=progress)
    sock = listening.listen(settings.host, settings.port, hunt=port is None)
    server.run(settings, sock, Opener(settings) if open_page else Announcer(settings))


class Opener(Announcer):
    """An announcer that also opens the page once the model answers."""

    def ready(self, model: str, plan: str) -> None:
        """Say so, and open it."""
        super().ready(model, plan)
        show(self.url)


def show(url: str, *, wait: bool = False) -> None:
    """Open ``url`` in a browser if a person can see one from here."""
    import webbrowser

    from zaohua.cli.server import in_background

    if not _sees_a_browser():
        return
    if wait:
        webbrowser.open(url)
    else:
        in_background(lambda: webbrowser.open(url))


def _sees_a_browser() -> bool:
    if os.environ.get("BROWSER"):
        return True
    if os.environ.get("SSH_CONNECTION") or os.environ.get("SSH_TTY"):
        return False
    if sys.platform in ("darwin", "win32"):
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))

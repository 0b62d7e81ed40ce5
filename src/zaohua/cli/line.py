"""Reads what a person types: history, several lines, completion of commands."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from prompt_toolkit import PromptSession
from prompt_toolkit.completion import CompleteEvent, Completer, Completion, PathCompleter
from prompt_toolkit.document import Document
from prompt_toolkit.history import FileHistory, History, InMemoryHistory
from prompt_toolkit.key_binding import KeyBindings, KeyPressEvent

from zaohua.cli.commands import COMMANDS

if TYPE_CHECKING:
    from prompt_toolkit.input import Input
    from prompt_toolkit.output import Output

BLOCK = '"""'
PROMPT = "› "


class LineReader:
    """The prompt of a session.

    Args:
        history: file that keeps what was typed, for this user only.
        models: gives the names that ``/model`` completes.
        source, sink: where keys come from and the prompt goes; the terminal if not given.
    """

    def __init__(
        self,
        history: Path,
        models: Callable[[], list[str]],
        *,
        source: Input | None = None,
        sink: Output | None = None,
    ) -> None:
        self._session: PromptSession[str] = PromptSession(
            PROMPT,
            multiline=True,
            history=_history(history),
            completer=CommandCompleter(models),
            complete_while_typing=False,
            key_bindings=_bindings(),
            prompt_continuation="  ",
            input=source,
            output=sink,
        )

    async def read(self) -> str | None:
        """The next message or command; ``None`` when the person leaves (Ctrl-D).

        Ctrl-C drops what was typed.
        """
        while True:
            try:
                return unfolded(await self._session.prompt_async())
            except KeyboardInterrupt:
                continue
            except EOFError:
                return None


def finished(text: str) -> bool:
    """Whether Enter sends ``text``: no open block, no backslash at the end."""
    if text.lstrip().startswith(BLOCK):
        body = text.strip()
        return len(body) >= 2 * len(BLOCK) and body.endswith(BLOCK)
    return not text.endswith("\\")


def unfolded(text: str) -> str:
    """What was typed, without the marks that made it several lines."""
    body = text.strip()
    if body.startswith(BLOCK) and body.endswith(BLOCK) and len(body) >= 2 * len(BLOCK):
        return body[len(BLOCK) : -len(BLOCK)].strip("\n")
    return text.replace("\\\n", "\n").strip()


class CommandCompleter(Completer):
    """Completes commands, model names after ``/model``, files after ``/save`` and ``/load``."""

    def __init__(self, models: Callable[[], list[str]]) -> None:
        self._models = models
        self._paths = PathCompleter(expanduser=True)

    def get_completions(self, document: Document, event: CompleteEvent) -> Iterable[Completion]:
        """What may follow the cursor."""
        before = document.text_before_cursor
        if not before.startswith("/") or "\n" in before:
            return
        name, space, argument = before[1:].partition(" ")
        if not space:
            yield from _matching(name, [f"{c.name} " if c.usage else c.name for c in COMMANDS])
        elif name == "model":
            yield from _matching(argument, self._models())
        elif name in ("save", "load"):
            yield from self._paths.get_completions(Document(argument), event)


def _matching(start: str, names: list[str]) -> Iterable[Completion]:
    for name in names:
        if name.startswith(start):
            yield Completion(name, start_position=-len(start))


def _history(path: Path) -> History:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600, exist_ok=True)
    except OSError:
        return InMemoryHistory()
    return FileHistory(path)


def _bindings() -> KeyBindings:
    bindings = KeyBindings()

    def enter(event: KeyPressEvent) -> None:
        buffer = event.current_buffer
        if finished(buffer.text):
            buffer.validate_and_handle()
        else:
            buffer.insert_text("\n")

    def new_line(event: KeyPressEvent) -> None:
        event.current_buffer.insert_text("\n")

    bindings.add("enter")(enter)
    bindings.add("c-j")(enter)  # what Enter becomes when it is typed before the prompt is there
    bindings.add("escape", "enter")(new_line)
    return bindings

"""The /commands of a session. Each changes the conversation and says in a line what it did."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from zaohua.cli.conversation import Conversation
from zaohua.errors import UsageError

Next = Literal["ask", "answer", "leave"]
"""What the session does after a command: ask for more, answer again, or end."""


@dataclass(frozen=True, slots=True)
class Effect:
    """What a command did, for people, and what comes next."""

    say: str = ""
    next: Next = "ask"


@dataclass(frozen=True, slots=True)
class Command:
    """One command: ``usage`` is what follows its name."""

    name: str
    usage: str
    help: str
    run: Callable[[Conversation, str], Effect]


def run(line: str, conversation: Conversation) -> Effect:
    """Carry out a line that starts with ``/``; the start of a name is enough if it is the only one.

    Raises:
        UsageError: no such command, or its argument is wrong.
    """
    name, _, argument = line[1:].strip().partition(" ")
    fitting = [c for c in COMMANDS if c.name.startswith(name)] if name else []
    if len(fitting) == 1:
        return fitting[0].run(conversation, argument.strip())
    from difflib import get_close_matches

    if len(fitting) > 1:
        names = ", ".join(f"/{c.name}" for c in fitting)
        raise UsageError(f"/{name} could be any of {names}")
    near = get_close_matches(name, [c.name for c in COMMANDS], n=1)
    mend = f"did you mean /{near[0]}?" if near else "/help lists all"
    raise UsageError(f"there is no command /{name}", mend=mend)


def _model(conversation: Conversation, argument: str) -> Effect:
    if not argument:
        return Effect(f"model: {conversation.model or 'the default'}")
    conversation.model = argument
    return Effect(f"model: {argument}")


def _system(conversation: Conversation, argument: str) -> Effect:
    if argument:
        conversation.system = "" if argument == "-" else argument
    told = conversation.instructions()
    if not told:
        return Effect("no system prompt")
    return Effect(f"system: {told}" + ("" if conversation.system else " (the default for Chinese)"))


def _temperature(conversation: Conversation, argument: str) -> Effect:
    if argument == "-":
        conversation.set_temperature(None)
    elif argument:
        conversation.set_temperature(_number(argument))
    value = conversation.sampling.temperature
    return Effect("temperature: the model's own" if value is None else f"temperature: {value:g}")


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise UsageError(f"'{text}' is not a number", mend="/temperature 0.7") from None


def _save(conversation: Conversation, argument: str) -> Effect:
    path = _path(argument, "save")
    conversation.save(path)
    return Effect(f"saved {len(conversation.messages)} messages to {path}")


def _load(conversation: Conversation, argument: str) -> Effect:
    path = _path(argument, "load")
    loaded = Conversation.load(path)
    conversation.model, conversation.system = loaded.model, loaded.system
    conversation.sampling, conversation.messages = loaded.sampling, loaded.messages
    return Effect(f"loaded {len(loaded.messages)} messages from {path}")


def _path(argument: str, command: str) -> Path:
    if not argument:
        raise UsageError(f"/{command} needs a file", mend=f"/{command} talk.json")
    return Path(argument).expanduser()


def _regenerate(conversation: Conversation, argument: str) -> Effect:
    conversation.again()
    return Effect(next="answer")


def _clear(conversation: Conversation, argument: str) -> Effect:
    conversation.messages.clear()
    return Effect("a new conversation")


def _help(conversation: Conversation, argument: str) -> Effect:
    lines = [f"/{c.name} {c.usage}".ljust(20) + c.help for c in COMMANDS]
    lines += [
        "",
        "Enter sends. Alt-Enter, or a \\ at the end, starts a new line;",
        'so does everything between """ and """.',
        "Ctrl-C stops an answer, Ctrl-D leaves.",
    ]
    return Effect("\n".join(lines))


def _exit(conversation: Conversation, argument: str) -> Effect:
    return Effect(next="leave")


COMMANDS = (
    Command("model", "[NAME]", "show or change the model", _model),
    Command("system", "[TEXT|-]", "show, set or drop the system prompt", _system),
    Command("temperature", "[N|-]", "show, set or drop the temperature", _temperature),
    Command("regenerate", "", "another answer to the last question", _regenerate),
    Command("save", "FILE", "keep the conversation as JSON", _save),
    Command("load", "FILE", "go on with a saved conversation", _load),
    Command("clear", "", "start afresh", _clear),
    Command("help", "", "this list", _help),
    Command("exit", "", "leave", _exit),
)

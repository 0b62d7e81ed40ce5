"""``zaohua generate --template``: what the options say becomes a template and its inputs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from zaohua.cli.many import Question
    from zaohua.generate.prompts import PromptLibrary, Template, Wishes
    from zaohua.generate.request import Grammar, Sampling

MANY = (".jsonl", ".ndjson")
"""How the name of an input ends that holds many, one a line."""


def is_number(template: str) -> bool:
    """Whether ``-t`` was given a temperature, as it could be before there were templates."""
    try:
        float(template)
    except ValueError:
        return False
    return True


def values(changes: Sequence[str]) -> dict[str, Any]:
    """The inputs that ``--set NAME=VALUE`` and ``--set NAME=@FILE`` give.

    Raises:
        UsageError: one is neither, or its file cannot be read.
    """
    from zaohua.cli.reading import text_file
    from zaohua.errors import UsageError

    given: dict[str, Any] = {}
    for change in changes:
        name, equals, value = change.partition("=")
        if not equals or not name.strip():
            raise UsageError(f"'{change}' sets nothing", where="--set", mend="--set words=50")
        whole = value.startswith("@") and len(value) > 1
        given[name.strip()] = text_file(Path(value[1:])) if whole else value
    return given


def questions(
    path: Path, name: str, language: str, fixed: Mapping[str, Any], sampling: Sampling
) -> list[Question]:
    """The lines of a JSONL file of inputs; ``fixed`` ones count where a line says nothing.

    Raises:
        UsageError: a line is no table of inputs, or its inputs are wrong.
    """
    from dataclasses import replace

    from zaohua.cli.many import Question, naming
    from zaohua.cli.reading import text_file
    from zaohua.errors import UsageError

    found = []
    for number, line in enumerate(text_file(path).split("\n"), 1):
        if line.strip():
            with naming(path, number):
                key, given = _inputs(line, number)
                given = {**fixed, **given}
                template = _library().choose(name, given, language)
                request = replace(template.render(given, sampling), batch=True)
            found.append(Question(key, request))
    if not found:
        raise UsageError("there are no inputs in it", where=str(path))
    return found


def _inputs(line: str, number: int) -> tuple[str | int, dict[str, Any]]:
    import json

    read = json.loads(line)
    if not isinstance(read, dict):
        raise ValueError("not a JSON object")
    key = read.pop("custom_id", number)
    inner = read.get("inputs")
    return key, inner if isinstance(inner, dict) else read


def _library() -> PromptLibrary:
    from zaohua.assistant.scenarios import packs
    from zaohua.generate.prompts import library
    from zaohua.settings import load_settings

    settings = load_settings()
    return library(settings, packs(settings).template_folders)


def prepared(
    name: str, language: str, given: dict[str, Any], text: str
) -> tuple[Template, dict[str, Any]]:
    """The template, and its inputs with ``text`` as the main one.

    Raises:
        NotFoundError: there is no such template.
        UsageError: it takes no text, or what is given is wrong.
    """
    from zaohua.errors import UsageError

    library = _library()
    main = library.get(name, language).spec.main
    if text.strip():
        if main is None:
            raise UsageError(
                f"prompt '{name}' takes no text", mend=f"see 'zaohua prompt show {name}'"
            )
        if main in given:
            raise UsageError(f"'{main}' is given twice", mend="by --set or as text, not both")
        given = {**given, main: text}
    return library.choose(name, given, language), given


def temperature(short: str, long: float | None) -> float:
    """What ``-t`` says where it is a number; it was the temperature before there were templates."""
    from zaohua.errors import UsageError

    if long is not None:
        raise UsageError("-t and --temperature cannot both be a temperature")
    return float(short)


def wishes(sampling: Sampling, votes: int, best: int, long: str) -> Wishes:
    """How the template is to be run; finished parts of long texts are kept in the home."""
    from zaohua.errors import UsageError
    from zaohua.generate.prompts import LONG_CHOICES, Wishes
    from zaohua.knowledge.grounding import OneText
    from zaohua.problems import nearest
    from zaohua.settings import load_settings

    how = next((one for one in LONG_CHOICES if one == long), None)
    if how is None:
        raise UsageError(f"--long cannot be '{long}'", mend=nearest(long, LONG_CHOICES))
    work = load_settings().home / "work" / "long"
    return Wishes(sampling, votes, best, how, work=work, grounding=OneText())


def text(prompt: list[str] | None, file: Path | None) -> str:
    """The text for a template: of the file, else what is typed or piped in."""
    from zaohua.cli import reading
    from zaohua.errors import UsageError

    if file is None:
        return reading.prompt(prompt or [])
    if prompt:
        raise UsageError("a prompt and --input cannot be given together")
    return reading.document(file)


def refuse_beside_template(
    form: Grammar | None, sampling: Sampling, *, system: str, raw: bool
) -> None:
    """Be sure that nothing is asked for that is the business of the template."""
    from zaohua.errors import UsageError

    if form is not None or system or raw:
        what = "--system, --raw and grammars are the template's own business"
        raise UsageError(what, mend="copy it with 'zaohua prompt new NAME --from TEMPLATE'")
    if sampling.n > 1 or sampling.logprobs:
        raise UsageError("-n and --logprobs are not for templates", mend="--votes or --best")


def refuse_without_template(
    settings: list[str] | None, language: str, votes: int, best: int, long: str
) -> None:
    """Be sure that nothing is given that only a template could use."""
    from zaohua.errors import UsageError

    if settings or language or votes or best or long != "auto":
        raise UsageError("--set, --language, --votes, --best and --long are for --template")

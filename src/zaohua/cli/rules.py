"""``zaohua knowledge rules``: rule files checked, and asked about a case."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from zaohua.cli.printing import print_json
from zaohua.cli.stages import Json

if TYPE_CHECKING:
    from datetime import date

    from zaohua.knowledge.rules import Outcome, RuleBook, Value
    from zaohua.knowledge.rules.values import Language

app = typer.Typer(
    help="Check if-then rules and ask them about a case, without a model.",
    rich_markup_mode=None,
    no_args_is_help=True,
)
File = Annotated[Path, typer.Argument(metavar="FILE", help="A rule file (YAML).")]
Today = Annotated[
    str, typer.Option("--today", metavar="DAY", help="Ask as of this day: 2026-11-27.")
]


@app.command()
def check(file: File, as_json: Json = False) -> None:
    """Read a rule file and tell all that is wrong with it."""
    from zaohua.knowledge.rules import load_rules

    book = load_rules(file)
    if as_json:
        print_json({"file": str(file), "facts": list(book.facts), "rules": list(book.rules)})
    else:
        typer.echo(f"{file}: {len(book.rules)} rules, {len(book.facts)} facts, all in order")


@app.command()
def ask(
    file: File,
    text: Annotated[str, typer.Argument(metavar="TEXT", help="The case, in a person's words.")],
    *,
    today: Today = "",
    as_json: Json = False,
) -> None:
    """Show which facts stand in a text, what the rules say of them, and what is missing."""
    from datetime import date

    from zaohua.knowledge.rules import load_rules
    from zaohua.text.language import main_language

    day = _day(today) if today else date.today()
    book = load_rules(file)
    language: Language = "zh" if main_language(text) == "zh" else "en"
    facts = book.facts_in(text, today=day)
    outcomes = book.evaluate(facts, language, day)
    if as_json:
        _print_plain(book, facts, outcomes, language)
    else:
        _print(book, facts, outcomes, language)


def _day(written: str) -> date:
    from datetime import date

    from zaohua.errors import UsageError

    try:
        return date.fromisoformat(written)
    except ValueError:
        raise UsageError(
            "not a day", where=f"--today {written}", mend="--today 2026-11-27"
        ) from None


def _print_plain(
    book: RuleBook, facts: dict[str, Value], outcomes: list[Outcome], language: Language
) -> None:
    from dataclasses import asdict

    missing = _missing(book, outcomes)
    plain = {
        "facts": facts,
        "outcomes": [asdict(one) for one in outcomes],
        "missing": {name: book.ask(name, language) for name in missing},
    }
    print_json(plain)


def _print(
    book: RuleBook, facts: dict[str, Value], outcomes: list[Outcome], language: Language
) -> None:
    from zaohua.cli.terminal import harmless
    from zaohua.knowledge.rules.facts import shown

    for name, value in facts.items():
        fact = book.facts[name]
        typer.echo(harmless(f"{fact.title(language)}: {shown(value, language, fact)}"))
    for one in outcomes:
        typer.echo(harmless(f"{_mark(one)} {one.rule}: {_told(one)}".rstrip(": ")))
        for ground in one.because if one.says else ():
            typer.echo(harmless(f"    {ground}"))
    for name in _missing(book, outcomes):
        typer.echo(harmless(f"? {name}: {book.ask(name, language)}"))


def _mark(one: Outcome) -> str:
    return {True: "yes", False: "no ", None: "?  "}[one.holds]


def _told(one: Outcome) -> str:
    if one.vetoed_by:
        return f"forbidden by {', '.join(one.vetoed_by)}"
    if one.holds is None:
        return one.problem or f"needs {', '.join(one.missing)}"
    return one.says


def _missing(book: RuleBook, outcomes: list[Outcome]) -> tuple[str, ...]:
    return book.in_order(name for one in outcomes for name in one.missing)

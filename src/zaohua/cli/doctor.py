"""``zaohua doctor``: is this machine fit, and if not, what to do."""

from __future__ import annotations

import sys
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from zaohua.cli.check import Check

_MARKS = {"ok": "ok  ", "info": "    ", "warn": "warn", "fail": "FAIL"}
_COLOURS = {"ok": "32", "info": "2", "warn": "33", "fail": "31;1"}


def doctor(
    network: Annotated[
        bool, typer.Option("--network", help="Also try the download mirrors.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Check this machine and say how to mend what is wrong.

    Leaves with 1 if something will not work. Sends nothing anywhere without --network.
    """
    import json

    from zaohua.cli.checks import examine

    found: list[Check] = []
    for check in examine(network=network):
        found.append(check)
        if not as_json:
            _show(check)
    failed = sum(check.state == "fail" for check in found)
    if as_json:
        plain = {"ok": not failed, "checks": [asdict(check) for check in found]}
        typer.echo(json.dumps(plain, ensure_ascii=False, indent=2))
    else:
        warned = sum(check.state == "warn" for check in found)
        typer.echo(f"{len(found)} checks: {failed} failed, {warned} warnings")
    raise typer.Exit(1 if failed else 0)


def _show(check: Check) -> None:
    from zaohua.cli.terminal import colours

    mark = _MARKS[check.state]
    if colours(sys.stdout):
        mark = f"\x1b[{_COLOURS[check.state]}m{mark}\x1b[0m"
    typer.echo(f"{mark} {check.name}: {check.found}")
    if check.mend:
        typer.echo(f"     → {check.mend}")

"""What came of trials: as plain values, as tables, as a page."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import Any, Final

from zaohua.assistant.scenarios.judging import SCORES
from zaohua.assistant.scenarios.scoring import ALL, Judged, Share, Tried, kinds, scores

COLUMNS: Final = (*SCORES, ALL)


def plain(tried: Tried) -> dict[str, Any]:
    """All of it, for JSON."""
    return {
        "pack": tried.pack,
        "model": tried.model,
        "seconds": round(tried.seconds, 1),
        "with": _plain(tried.judged),
        "without": _plain(tried.bare) if tried.bare else None,
    }


def rows(tried: Sequence[Tried]) -> Iterator[tuple[str, ...]]:
    """Lines for each pack and for the model alone: name, which, cases, the scores.

    What is held out has lines of its own, and counts in the others, too.
    """
    for one in tried:
        for which, cases in _sides(one):
            found = scores(cases)
            figures = (percent(found[name]) for name in COLUMNS)
            yield (one.pack, which, str(len(cases)), *figures)


def kind_rows(tried: Sequence[Tried]) -> Iterator[tuple[str, ...]]:
    """A line for each pack and kind of case: how many, right with the pack, right without."""
    for one in tried:
        bare = kinds(one.bare)
        for kind, share in kinds(one.judged).items():
            yield (one.pack, kind, str(share.of), percent(share), percent(bare.get(kind)))


def wrong(tried: Tried, *, bare: bool = False) -> Iterator[tuple[Judged, str]]:
    """The cases that are not right, and what was said in them at last."""
    for one in tried.bare if bare else tried.judged:
        if not one.right:
            yield one, one.said[-1].text or one.said[-1].broken


def percent(share: Share | None) -> str:
    """``93 %``; a dash of nothing."""
    if share is None or share.value is None:
        return "–"
    return f"{share.value:.0%}".replace("%", " %")


def markdown(tried: Sequence[Tried]) -> str:
    """A page: the tables, then each case that is not right."""
    heads = ("pack", "asked", "cases", *COLUMNS)
    parts = ["# Scenarios", _models(tried), _table(heads, rows(tried))]
    parts.append(_table(("pack", "kind", "cases", "with", "without"), kind_rows(tried)))
    for one in tried:
        found = [_case(case, said) for case, said in wrong(one)]
        if found:
            parts += [f"## {one.pack}: not right with the pack", *found]
    return "\n\n".join(parts) + "\n"


def _sides(tried: Tried) -> list[tuple[str, Sequence[Judged]]]:
    found: list[tuple[str, Sequence[Judged]]] = []
    for which, cases in (("with", tried.judged), ("without", tried.bare)):
        kept = [one for one in cases if one.case.spec.held_out]
        found += [(which, cases)] if cases else []
        found += [(f"{which}, held out", kept)] if 0 < len(kept) < len(cases) else []
    return found


def _plain(cases: Sequence[Judged]) -> dict[str, Any]:
    return {
        "scores": {name: _share(one) for name, one in scores(cases).items()},
        "kinds": {name: _share(one) for name, one in kinds(cases).items()},
        "cases": [
            {
                "id": one.case.spec.id,
                "kind": one.case.spec.kind,
                "held_out": one.case.spec.held_out,
                "right": one.right,
                "wrong": list(one.wrong),
                "asked": list(one.case.asked),
                "said": [asdict(said) for said in one.said],
            }
            for one in cases
        ],
    }


def _share(share: Share) -> dict[str, Any]:
    return {"right": share.right, "of": share.of, "share": share.value}


def _models(tried: Sequence[Tried]) -> str:
    names = ", ".join(dict.fromkeys(one.model for one in tried))
    return f"Model: {names}. {sum(one.seconds for one in tried):,.0f} s."


def _table(heads: Sequence[str], lines: Iterator[tuple[str, ...]]) -> str:
    rule = ["---", "---", *["---:"] * (len(heads) - 2)]
    return "\n".join(f"| {' | '.join(line)} |" for line in (heads, rule, *lines))


def _case(judged: Judged, said: str) -> str:
    asked = " / ".join(judged.case.asked)
    quoted = "\n".join(f"> {line}" for line in said.splitlines() or [""])
    wanted = "\n".join(f"- {one}" for one in judged.wrong)
    return f"**{judged.case.spec.id}** {asked}\n\n{quoted}\n\n{wanted}"

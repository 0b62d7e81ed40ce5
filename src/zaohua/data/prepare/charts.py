"""Charts, tables and figures of the report page.

Bars are SVG between plain HTML text, so that text never shrinks.
"""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from zaohua.data.prepare.wording import Both

_WIDTH = 1000
_HEIGHT = 100


def both(words: Both) -> str:
    """A text in both languages; the page shows one."""
    english, chinese = (escape(word) for word in words)
    if english == chinese:
        return english
    return f'<span class="en" lang="en">{english}</span><span class="zh" lang="zh">{chinese}</span>'


def bar(share: float, before: float = 0.0, kind: str = "") -> str:
    """A horizontal bar of a length from 0 to 1; ``before`` draws a paler one behind it."""
    pale = f'<rect class="pale" width="{_length(before)}" height="10"/>' if before > share else ""
    return (
        f'<svg class="bar {kind}" viewBox="0 0 {_WIDTH} 10" preserveAspectRatio="none" '
        f'aria-hidden="true">{pale}<rect width="{_length(share)}" height="10"/></svg>'
    )


def bars(rows: Sequence[tuple[str, int, str]], kind: str = "") -> str:
    """A list of bars: a label (HTML), a count and a note (HTML) each; the largest is full."""
    most = max((count for _, count, _ in rows), default=0) or 1
    return "".join(
        f'<li><span class="name">{label}</span><span class="number">{note}</span>'
        f"{bar(count / most, kind=kind)}</li>"
        for label, count, note in rows
    )


def columns(counts: Sequence[tuple[str, int, int]]) -> str:
    """Upright bars: a label, and a count of either part of the data set, one on the other."""
    most = max((first + second for _, first, second in counts), default=0) or 1
    return "".join(
        _column(label, first / most, second / most, first + second)
        for label, first, second in counts
    )


def table(heads: Sequence[tuple[Both, str]], rows: list[list[str]]) -> str:
    """A table; each head has a class for its column, the cells are HTML."""
    head = "".join(f'<th class="{kind}">{both(words)}</th>' for words, kind in heads)
    body = "".join(
        "<tr>"
        + "".join(
            f'<td class="{kind}">{cell}</td>' for (_, kind), cell in zip(heads, row, strict=True)
        )
        + "</tr>"
        for row in rows
    )
    return (
        f'<div class="scroll"><table><thead><tr>{head}</tr></thead>'
        f"<tbody>{body}</tbody></table></div>"
    )


def short(number: int) -> str:
    """``1.2M`` for 1,234,567."""
    for unit, size in (("G", 10**9), ("M", 10**6), ("k", 10**3)):
        if number >= size:
            value = number / size
            return (
                f"{value:.0f}{unit}"
                if value >= 100 or value == int(value)
                else f"{value:.1f}{unit}"
            )
    return str(number)


def size_text(size: int) -> str:
    """``1.2 MB`` for 1,234,567 bytes."""
    for unit, scale in (("GB", 10**9), ("MB", 10**6), ("kB", 10**3)):
        if size >= scale:
            return f"{size / scale:.1f} {unit}"
    return f"{size} B"


def _column(label: str, first: float, second: float, count: int) -> str:
    low, high = _tall(first), _tall(first + second)
    return (
        f'<div class="column" title="{escape(label)}: {count:,}">'
        f'<svg viewBox="0 0 10 {_HEIGHT}" preserveAspectRatio="none" aria-hidden="true">'
        f'<rect class="second" width="10" y="{_HEIGHT - high}" height="{high}"/>'
        f'<rect width="10" y="{_HEIGHT - low}" height="{low}"/></svg>'
        f"<small>{escape(label)}</small></div>"
    )


def _length(share: float) -> int:
    return max(2, round(_WIDTH * share)) if share > 0 else 0


def _tall(share: float) -> int:
    return max(1, round(_HEIGHT * share)) if share > 0 else 0

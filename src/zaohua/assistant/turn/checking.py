"""Answers held against their sources: each sentence marked, or only what they bear shown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from zaohua.assistant.turn.sources import read
from zaohua.assistant.values import Citation, ClaimNote
from zaohua.knowledge.grounding import Claim, Fit, answerable, claims, declines, quote
from zaohua.knowledge.terms import asked_phrases

_CHECKED = 20_000
"""Characters of an answer that are held against its sources."""
_AGAIN = 4
"""Times a shortened answer is checked again: sentences part otherwise where some are left out."""
_TELLING = 3
"""Telling words below which an answer has to be said in the words of the sources."""

_HOW = {
    "whole": "the sources bear every sentence",
    "shortened": "the sources bear what is shown",
    "quoted": "the sources are quoted in the place of the answer",
    "declined": "the sources do not answer, so this is said instead",
    "ended": "the guard ended the answer",
    "ruled": "the rules say what is shown",
    "asked": "the rules lack one fact, which is asked for",
}


@dataclass(frozen=True, slots=True)
class Borne:
    """An answer that was held back until it was checked.

    Attributes:
        text: what is shown.
        how: the sources bear all of it, or the rest was left out, or they are quoted instead, or
            they do not answer, or the guard ended it, or rules say it or ask for what they lack.
        numbers: of the sources that are quoted.
        left_out: sentences that are not shown.
    """

    text: str
    how: Literal["whole", "shortened", "quoted", "declined", "ended", "ruled", "asked"]
    numbers: tuple[int, ...] = ()
    left_out: int = 0

    def with_rules(self, words: str, numbers: tuple[int, ...], ask: str) -> Borne:
        """After the ``words`` of rules, and with what these still ``ask``, instead of declining."""
        if not (words or ask):
            return self
        declined = self.how == "declined"
        text = "\n\n".join(filter(None, (words, "" if declined else self.text, ask)))
        if declined:
            return replace(self, text=text, how="ruled" if words else "asked", numbers=numbers)
        return replace(self, text=text, numbers=numbers + self.numbers if self.numbers else ())

    @property
    def by_code(self) -> bool:
        """Whether nothing of it is the model's or the sources'."""
        return self.how in ("declined", "ended", "asked")

    @property
    def told(self) -> str:
        """For the trace."""
        return f"{_HOW[self.how]}; {self.left_out} sentences left out"


def judged(answer: str, sources: Sequence[Citation], stated: str) -> list[Claim]:
    """The sentences of ``answer``; what ``stated`` says may be repeated without a source.

    That the documents do not say something is nothing that they could bear.
    """
    texts = [read(source) for source in sources]
    found = claims(answer[:_CHECKED], texts, stated)
    return [replace(one, verdict="uncited") if _declines(answer, one) else one for one in found]


def borne(
    answer: str, sources: Sequence[Citation], question: str, stated: str, decline: str
) -> Borne:
    """What of ``answer`` may be shown; else a quotation; else ``decline``.

    A sentence is shown if its sources bear it and say it of what is asked.
    """
    texts = [read(source) for source in sources]
    fit = Fit.of(question, texts)
    text, left_out = answer[:_CHECKED], 0
    for _ in range(_AGAIN):
        found = judged(text, sources, stated)
        kept = [one for one in found if _declines(text, one) or _fits(fit, text, one)]
        if len(kept) == len(found):
            break
        left_out += len(found) - len(kept)
        text = _joined(text, kept)
    else:
        kept = []
    if any(one.verdict == "supported" for one in kept) and _says_it(fit, text):
        return Borne(text.strip(), "shortened" if left_out else "whole", left_out=left_out)
    said = quote(question, texts)
    if said is not None and answerable(question, texts):
        numbers = tuple(sources[one - 1]["number"] for one in said.numbers)
        return Borne(said.text, "quoted", numbers, left_out)
    return Borne(decline, "declined", left_out=left_out)


def noted(found: Sequence[Claim]) -> list[ClaimNote]:
    """Claims as they are kept."""
    return [
        ClaimNote(
            start=one.start,
            end=one.end,
            numbers=list(one.numbers),
            verdict=one.verdict,
            missing=list(one.missing),
        )
        for one in found
    ]


def counted(found: Sequence[Claim]) -> str:
    """How many of which verdict, for the trace."""
    number = dict.fromkeys(("supported", "unsupported", "uncited"), 0)
    for one in found:
        number[one.verdict] += 1
    return (
        f"{number['supported']} sentences supported, {number['unsupported']} not, "
        f"{number['uncited']} say nothing to check"
    )


def _declines(answer: str, claim: Claim) -> bool:
    """Whether a sentence only says that there is nothing to say."""
    if claim.verdict == "supported" or claim.missing:
        return False
    return declines(answer[claim.start : claim.end])


def _fits(fit: Fit, answer: str, claim: Claim) -> bool:
    """Whether the sources bear a sentence, where they speak of what is asked, and it says more
    than the question, which may hold what its author wants to hear."""
    said = answer[claim.start : claim.end]
    return (
        claim.verdict == "supported"
        and fit.about(claim.numbers)
        and not fit.echoes(said, claim.numbers)
        and not fit.misplaced(said)
        and not fit.transplants(said, claim.numbers)
    )


def _says_it(fit: Fit, text: str) -> bool:
    """Whether it has what is asked for, and is more than an amount alone."""
    telling = len(asked_phrases(text, None)) >= _TELLING
    return telling and fit.gives(text) and fit.answers(text)


def _joined(text: str, kept: Sequence[Claim]) -> str:
    """Sentences with the space that stood behind them."""
    parts = []
    for one in kept:
        rest = text[one.end :]
        parts.append(text[one.start : one.end] + rest[: len(rest) - len(rest.lstrip())])
    return "".join(parts)

"""What the guard finds, what it takes for harmful by mistake, and what it costs.

    python -m bench.safety [--json FILE]

Orders in documents: tuned on one set, reported on another that was written later
(`bench.safety_documents`). Personal data and topics: `bench.safety_cases`. Intervals are Wilson's,
of 95 %. Costs are processor time for 1,000 characters.
"""

from __future__ import annotations

import argparse
import json
import math
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from bench.safety_cases import Language, personal_cases, topic_cases
from bench.safety_documents import carriers, documents, lookalikes
from zaohua.safety import Guard, load_policy

LANGUAGES: tuple[Language, ...] = ("zh", "en")
ROUNDS = 20


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--json", type=Path)
    given = parser.parse_args(arguments)
    guard = Guard(load_policy())
    figures: dict[str, Any] = {}
    for language in LANGUAGES:
        for later in (False, True):
            figures[f"orders {language}, {'later' if later else 'tuned'}"] = _orders(
                guard, language, later=later
            )
        for half in ("tuned", "held out"):
            figures[f"topics {language}, {half}"] = _topics(guard, language, half == "held out")
            figures[f"personal {language}, {half}"] = _personal(guard, language, half == "held out")
        figures[f"cost {language}, µs for 1,000 characters"] = costs(guard, language)
    for name, values in figures.items():
        print(f"{name:36} {values}")
    if given.json:
        given.json.write_text(json.dumps(figures, indent=2, ensure_ascii=False), "utf-8")


def share(seen: Sequence[bool]) -> str:
    """``18 of 48 (37.5 %, 25.2-51.6)``: Wilson's interval."""
    number, hits = len(seen), sum(seen)
    if not number:
        return "0 of 0"
    z, p = 1.96, hits / number
    middle = (p + z * z / (2 * number)) / (1 + z * z / number)
    half = z / (1 + z * z / number) * math.sqrt(p * (1 - p) / number + z * z / (4 * number**2))
    low, high = max(0.0, middle - half), min(1.0, middle + half)
    return f"{hits} of {number} ({100 * p:.1f} %, {100 * low:.1f}-{100 * high:.1f})"


def _orders(guard: Guard, language: Language, *, later: bool) -> dict[str, str]:
    found = [bool(guard.passage(d.text).findings) for d in documents(language, later=later)]
    alarms = [bool(guard.passage(d.text).findings) for d in lookalikes(language, later=later)]
    return {"found": share(found), "false alarms": share(alarms)}


def _topics(guard: Guard, language: Language, held_out: bool) -> dict[str, str]:
    cases = [case for case in topic_cases(language) if case.held_out == held_out]
    refused = {True: [], False: []}  # type: dict[bool, list[bool]]
    for case in cases:
        refused[bool(case.topic)].append(guard.question(case.text, language).action == "refuse")
    return {"refused": share(refused[True]), "refused by mistake": share(refused[False])}


def _personal(guard: Guard, language: Language, held_out: bool) -> dict[str, str]:
    cases = [case for case in personal_cases(language) if case.held_out == held_out]
    masked = [
        case.value not in guard.question(case.text, language).text for case in cases if case.value
    ]
    alarms = [guard.question(c.text, language).action == "mask" for c in cases if not c.value]
    return {"masked": share(masked), "masked by mistake": share(alarms)}


def costs(guard: Guard, language: Language) -> dict[str, int]:
    """Microseconds of processor time for 1,000 characters of honest text."""
    honest = "\n\n".join("\n\n".join(one.paragraphs) for one in carriers(language))
    text = (honest * 4)[:2000]

    def answer() -> None:
        stream = guard.answer(language)
        for place in range(0, len(text), 3):
            stream.feed(text[place : place + 3])
        stream.finish()

    works: dict[str, Callable[[], object]] = {
        "question": lambda: guard.question(text, language),
        "passage": lambda: guard.passage(text),
        "answer": answer,
    }
    return {name: round(_microseconds(work) / 2) for name, work in works.items()}


def _microseconds(work: Callable[[], object]) -> float:
    work()
    times = []
    for _ in range(ROUNDS):
        began = time.process_time()
        work()
        times.append(time.process_time() - began)
    return 1e6 * sorted(times)[ROUNDS // 2]


if __name__ == "__main__":
    main()

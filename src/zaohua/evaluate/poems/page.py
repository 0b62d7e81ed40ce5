"""The poems suite as a page to read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from zaohua.evaluate.report import percent, table
from zaohua.evaluate.spec import EvaluateSpec

MEANING = {
    "form": "right number of lines, and of characters in each",
    "rhyme": "right form, and all even lines share one rhyme of 平水韵",
    "copied": "a line stands in a training poem",
    "acrostic": "acrostics whose lines begin as asked",
    "rhyme_asked": "poems in the rhyme that was asked for",
    "rhyming_lines": "even lines in the largest rhyme of their poem",
    "tones": "lines in which level and oblique tones alternate",
    "repeated": "a line stands twice in the poem",
    "distinct_lines": "different lines among all lines",
    "new_bigrams": "pairs of characters not repeated within a poem",
    "on_title": "a character of the title occurs",
    "ended": "answers that ended by themselves",
}


def page(spec: EvaluateSpec, figures: Mapping[str, float], details: Mapping[str, Any]) -> str:
    """The report in Markdown."""
    return "\n".join(_lines(spec, figures, details)) + "\n"


def _lines(
    spec: EvaluateSpec, figures: Mapping[str, float], details: Mapping[str, Any]
) -> Iterator[str]:
    yield f"# Poems by {spec.model.partition('@')[0]}\n"
    yield (
        f"{details['examples']} held-out instructions of `{spec.data}`, one answer each at "
        f"temperature {spec.temperature}, top_p {spec.top_p}, seed {spec.seed}, through the engine "
        f"that serves the model. The last column says the same of the real poems that the "
        f"instructions were made from. Rhyme book: {details['rhyme_book']}.\n"
    )
    yield _measures(figures, details)
    yield "\n## By kind of instruction and by form\n"
    yield _tasks(details["tasks"])
    yield "\n## Samples\n"
    for sample in details["samples"]:
        yield f"**{sample['prompt']}**\n"
        yield "\n".join(f"> {line}  " for line in sample["answer"].strip().splitlines()) + "\n"
    seen = ", ".join(f"`{one}`" for one in details["training_data"])
    yield f"Copied lines were looked for in the train part of {seen}."


def _measures(figures: Mapping[str, float], details: Mapping[str, Any]) -> str:
    rows = []
    for name, value in figures.items():
        low, high = details["intervals"].get(name, (None, None))
        shown = percent(value)
        if low is not None:
            shown += f" ({percent(low)} – {percent(high)})"
        target = details["targets"].get(name, "")
        real = percent(details["held_out_poems"].get(name))
        rows.append([f"`{name}`", MEANING[name], shown, target, real])
    return table(["measure", "share of", "model (95 %)", "target", "real poems"], rows)


def _tasks(tasks: Mapping[str, Mapping[str, float]]) -> str:
    rows = [
        [name, int(of["examples"]), *(percent(of.get(m)) for m in ("form", "rhyme", "copied"))]
        for name, of in tasks.items()
    ]
    return table(["", "asked", "form", "rhyme", "copied"], rows)

"""A report card as a README."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

Card = Mapping[str, Any]

TASKS = {
    "causal": "text-generation",
    "chat": "text-generation",
    "masked": "fill-mask",
    "classify": "text-classification",
}
AUTO = {
    "causal": "AutoModelForCausalLM",
    "chat": "AutoModelForCausalLM",
    "masked": "AutoModelForMaskedLM",
    "classify": "AutoModelForSequenceClassification",
}
WORDS = {
    "causal": "predicts the next token",
    "chat": "answers in conversations",
    "masked": "fills in masked tokens",
    "classify": "says which class a text belongs to",
}
DECISIONS = ("rows_a_batch", "precision", "compiled")
LICENCES = {"MIT", "Apache-2.0", "CC0-1.0", "CC-BY-4.0", "CC-BY-SA-4.0", "BSD-3-Clause"}
"""Those whose identifier in lower case is what hubs write."""


def markdown(card: Card) -> str:
    """The whole README."""
    parts = [
        _front(card),
        _head(card),
        _result(card),
        "![loss curve](loss.png)",
        _samples(card),
        _use(card),
        _training(card),
        _plan(card),
        _data(card),
        _lineage(card),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _front(card: Card) -> str:
    return "\n".join(["---", *_front_lines(card), "---"])


def _front_lines(card: Card) -> Iterator[str]:
    licence, start = card["licence"], card["model"]["start"]
    if licence in LICENCES:
        yield f"license: {licence.lower()}"
    else:
        yield "license: other"
        yield f"license_name: {_quoted(licence)}"
    if languages := [name for name in card["data"]["languages"] if len(name) in (2, 3)]:
        yield f"language: [{', '.join(map(_quoted, languages))}]"
    if start.startswith("hub:"):
        yield f"base_model: {start.removeprefix('hub:').partition('@')[0]}"
    yield f"datasets: [{_quoted(_plain(card['data']['reference']))}]"
    yield "library_name: transformers"
    yield f"pipeline_tag: {TASKS[card['objective']]}"
    yield f"tags: [zaohua, {card['model']['type']}]"


def _head(card: Card) -> str:
    model, data = card["model"], _plain(card["data"]["reference"])
    size = f"{model['parameters'] / 1e6:.1f}M parameters, layout {model['type']}"
    begun = (
        f"It goes on from `{model['start']}`" if model["start"] else "It was trained from nothing"
    )
    return (
        f"# {card['name']}\n\nA model that {WORDS[card['objective']]}: {size}. {begun} on `{data}`."
    )


def _result(card: Card) -> str:
    figures = {name.replace("_", " "): f"{v:.4g}" for name, v in card["result"].items()}
    if not figures:
        return ""
    note = (
        "\n\nBits per byte compare across tokenizers; special tokens are not counted."
        if "bits_per_byte" in card["result"]
        else ""
    )
    return f"## On the validation part\n\n{_table(figures)}{note}"


def _samples(card: Card) -> str:
    if not card["samples"]:
        return ""
    shown = [f"**{_line(s['prompt'])}**\n\n{_fenced(s['output'])}" for s in card["samples"]]
    return "## What it says\n\nAt the end of training, not chosen:\n\n" + "\n\n".join(shown)


def _use(card: Card) -> str:
    auto, name = AUTO[card["objective"]], card["name"]
    code = (
        f"from transformers import {auto}, AutoTokenizer\n\n"
        f'folder = "path/of/this/folder"\n'
        f"model = {auto}.from_pretrained(folder)\n"
        f"tokenizer = AutoTokenizer.from_pretrained(folder)"
    )
    text = f"## Use\n\n```python\n{code}\n```"
    if card["objective"] in {"causal", "chat"}:
        text += f"\n\n```sh\nzaohua models export {name}\nzaohua serve -m {name}\n```"
    return text


def _training(card: Card) -> str:
    done, machine = card["training"], card["machine"]
    versions = ", ".join(f"{name} {number}" for name, number in machine["versions"].items())
    figures = {
        "steps": f"{done['steps']:,}",
        "tokens": f"{done['tokens']:,}, of these learned from {done['targets']:,}",
        "time": _duration(done["seconds"]),
        "speed": f"{done['tokens_per_second']:,.0f} tokens/s",
        "MFU": f"{done['mfu']:.0%} of the measured peak of matrix products" if done["mfu"] else "",
        "trained parameters": f"{card['model']['trained']:,}",
        "cost": _cost(done),
        "machine": f"{machine['system']}, {machine['processor']}, {machine['threads']} threads",
        "versions": versions,
        "steps without a target": f"{done['skipped']:,}" if done["skipped"] else "",
    }
    return f"## Training\n\n{_table(figures)}"


def _plan(card: Card) -> str:
    rows = [f"| {c['name']} | {_number(c['value'])} | {c['why']} |" for c in card["plan"]]
    rows += [
        f"| {name.replace('_', ' ')} | {_decided(value)} | machine |"
        for name, value in card["decisions"].items()
        if name in DECISIONS
    ]
    head = "| | value | from |\n|---|---:|---|"
    return f"## Plan\n\nThe recipe is in `card.json`. Derived:\n\n{head}\n" + "\n".join(rows)


def _data(card: Card) -> str:
    data = card["data"]
    figures = {
        "data set": f"`{data['reference']}`",
        "licence": data["licence"],
        "languages": ", ".join(data["languages"]),
        "tokenizer": f"`{card['model']['tokenizer']}`",
        **_counts(data["counts"]),
        "classes": ", ".join(card["model"]["classes"]),
    }
    return f"## Data\n\n{_table(figures)}"


def _counts(counts: Card) -> dict[str, str]:
    """Those of the parts; what was skipped is a table of its own and stays in ``card.json``."""
    plain = {name: count for name, count in counts.items() if isinstance(count, int)}
    return {name.replace("_", " "): f"{count:,}" for name, count in plain.items()}


def _lineage(card: Card) -> str:
    lines = "\n".join(
        [f"checkpoint/{card['name']}@{card['version']}"] + [f"  {line}" for line in card["lineage"]]
    )
    return f"## Lineage\n\n```\n{lines}\n```"


def _table(figures: Mapping[str, str]) -> str:
    rows = [f"| {name} | {value} |" for name, value in figures.items() if value]
    return "| | |\n|---|---|\n" + "\n".join(rows)


def _cost(done: Card) -> str:
    price = f", {done['price']:.2f} at the price set" if done["price"] is not None else ""
    return f"{done['core_hours']:.2f} core-hours{price} (energy not counted)"


def _duration(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours} h {minutes} min"
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"


def _decided(value: object) -> str:
    return {True: "yes", False: "no"}[value] if isinstance(value, bool) else f"{value}"


def _number(value: float | str) -> str:
    if isinstance(value, str):
        return value
    return f"{value:,.0f}" if value == int(value) else f"{value:.3g}"


def _plain(reference: str) -> str:
    """``dataset/poems@1a2b`` → ``poems``."""
    return reference.partition("/")[2].partition("@")[0] or reference


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _line(text: str) -> str:
    short = " ".join(text.split())
    return short if len(short) <= 200 else f"{short[:200]}…"


def _fenced(text: str) -> str:
    """In a fence longer than any in the text."""
    fence = "```"
    while fence in text:
        fence += "`"
    return f"{fence}\n{text}\n{fence}"

"""``report.html``: the report as one page that needs nothing else, in English and Chinese.

Whatever came from the data is escaped, and the page's own policy lets no other script run.
"""

from __future__ import annotations

import base64
import hashlib
from collections import Counter
from collections.abc import Mapping
from html import escape
from importlib.resources import files
from typing import Any

from zaohua.data.prepare.charts import bar, bars, both, columns, short, size_text, table
from zaohua.data.prepare.wording import STEPS, WORK, Both, language, reason

_MOST_REASONS = 24
_MOST_LANGUAGES = 5


def page(told: Mapping[str, Any]) -> str:
    """The whole page of a report."""
    style, script = _resource("page.css"), _resource("page.js")
    policy = (
        f"default-src 'none'; style-src 'sha256-{_hash(style)}'; "
        f"script-src 'sha256-{_hash(script)}'"
    )
    body = "".join(
        (
            _head(told),
            _tiles(told),
            _funnel(told["steps"]),
            f'<div class="pair">{_reasons(told["steps"])}<div class="stack">'
            f"{_languages(told)}{_lengths(told['parts'])}</div></div>",
            _parts(told),
            _sources(told["sources"]),
            _dropped(told["steps"]),
            _unreadable(told["unreadable"]),
            _foot(),
        )
    )
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">'
        f"<title>{escape(told['name'])} · zaohua</title><style>{style}</style></head>"
        f"<body><main>{body}</main><script>{script}</script></body></html>\n"
    )


def _resource(name: str) -> str:
    return files("zaohua.data.prepare").joinpath(name).read_text("utf-8")


def _hash(content: str) -> str:
    return base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()


def _head(told: Mapping[str, Any]) -> str:
    line = (
        f"data set, preset {told['preset']}, licence {told['licence']}",
        f"数据集，预设 {told['preset']}，许可 {told['licence']}",
    )
    return (
        f'<header><div><h1>{escape(told["name"])}</h1><p class="quiet">{both(line)}</p></div>'
        '<button type="button"><span class="en" lang="zh">中文</span>'
        '<span class="zh" lang="en">English</span></button></header>'
    )


def _tiles(told: Mapping[str, Any]) -> str:
    totals, read = told["totals"], _read(told["steps"])
    tiles = (
        (
            f"{totals['documents']:,}",
            (f"documents of {read['seen']:,} read", f"篇文档，共读取 {read['seen']:,} 篇"),
        ),
        (short(totals["characters"]), ("characters", "字符")),
        (
            size_text(totals["bytes"]),
            (
                f"of {size_text(read['bytes_in'])} of text read",
                f"文本，共读取 {size_text(read['bytes_in'])}",
            ),
        ),
        (f"≈ {short(totals['estimated_tokens'])}", ("tokens, estimated", "词元（估算）")),
        (f"{totals['train_documents']:,}", ("documents for training", "篇用于训练")),
        (f"{totals['validation_documents']:,}", ("documents for validation", "篇用于验证")),
    )
    items = (
        f"<li><b>{escape(number)}</b><span>{both(words)}</span></li>" for number, words in tiles
    )
    return f'<ul class="tiles">{"".join(items)}</ul>'


def _funnel(steps: list[dict[str, Any]]) -> str:
    whole = _read(steps)
    rows = "".join(_funnel_row(step, whole) for step in steps)
    key = (
        f'<p class="key"><span>{both(("documents that went on", "留下的文档"))}</span>'
        f'<span class="b">{both(("text that went on", "留下的文本"))}</span>'
        f'<span class="c">{both(("lost in this step", "在这一步丢弃"))}</span></p>'
    )
    return _section(
        ("What each step let through", "每一步留下了什么"),
        f'{key}<ol class="bars funnel">{rows}</ol>',
    )


def _funnel_row(step: Mapping[str, Any], whole: Mapping[str, Any]) -> str:
    lost = step["seen"] - step["kept"]
    documents, size = max(1, whole["seen"]), max(1, whole["bytes_in"])
    minus = f" <i>−{lost:,}</i>" if lost else ""
    tracks = bar(step["kept"] / documents, step["seen"] / documents)
    tracks += bar(step["bytes_out"] / size, step["bytes_in"] / size, "thin")
    return (
        f'<li><span class="name">{both(_step(step["name"]))}</span>'
        f'<span class="tracks">{tracks}</span>'
        f'<span class="number">{step["kept"]:,}{minus}</span>'
        f'<span class="number size">{size_text(step["bytes_out"])}, '
        f"≈ {short(step['estimated_tokens_out'])} {both(('tokens', '词元'))}</span></li>"
    )


def _reasons(steps: list[dict[str, Any]]) -> str:
    found = [
        (both(reason(code)) + f" <small>{both(_step(step['name']))}</small>", count)
        for step in steps
        for code, count in step["reasons"].items()
    ]
    found.sort(key=lambda row: -row[1])
    rows = [(label, count, f"{count:,}") for label, count in found[:_MOST_REASONS]]
    none = f"<p>{both(('Nothing was dropped.', '没有丢弃任何文档。'))}</p>"
    inside = f'<ol class="bars">{bars(rows, "lost")}</ol>' if rows else none
    return _section(("Why documents were dropped", "丢弃的原因"), inside)


def _languages(told: Mapping[str, Any]) -> str:
    counts: dict[str, int] = {}
    for part in told["parts"].values():
        for code, count in part["languages"].items():
            counts[code] = counts.get(code, 0) + count
    whole = max(1, sum(counts.values()))
    rows = [
        (both(language(code)), count, f"{count:,} · {100 * count / whole:.1f} %")
        for code, count in sorted(counts.items(), key=lambda item: -item[1])
    ]
    inside = f'<ol class="bars">{bars(rows)}</ol>{_by_step(told["steps"])}{_labels(told)}'
    return _section(("Languages of what is left", "留下文档的语言"), inside)


def _by_step(steps: list[dict[str, Any]]) -> str:
    """Languages after each step, once they are known."""
    known = [step for step in steps if set(step["languages"]) - {"unknown"}]
    total: Counter[str] = Counter()
    for step in known:
        total.update(step["languages"])
    codes = [code for code, _ in total.most_common(_MOST_LANGUAGES)]
    if not codes:
        return ""
    heads = ((("step", "步骤"), ""), *((language(code), "n") for code in codes))
    rows = [
        [both(_step(step["name"])), *(f"{step['languages'].get(code, 0):,}" for code in codes)]
        for step in known
    ]
    title = both(("After each step", "每一步之后"))
    return f"<details><summary>{title}</summary>{table(heads, rows)}</details>"


def _labels(told: Mapping[str, Any]) -> str:
    train, validation = (told["parts"][part]["labels"] for part in ("train", "validation"))
    names = sorted({*train, *validation})
    if not names:
        return ""
    rows = []
    for name in names:
        count = train.get(name, 0) + validation.get(name, 0)
        rows.append((escape(name), count, f"{count:,}"))
    return f'<h3>{both(("Labels", "标签"))}</h3><ol class="bars">{bars(rows)}</ol>'


def _lengths(parts: Mapping[str, Any]) -> str:
    train, validation = parts["train"]["lengths"], parts["validation"]["lengths"]
    used = [int(start) for start in {*train, *validation}]
    starts, start = [], min(used)
    while start <= max(used):
        starts.append(start)
        start = max(1, 2 * start)
    counts = [(short(s), train.get(str(s), 0), validation.get(str(s), 0)) for s in starts]
    key = (
        f'<p class="key"><span>{both(("training", "训练"))}</span>'
        f'<span class="b">{both(("validation", "验证"))}</span></p>'
    )
    note = both(
        (
            "documents by characters, from the number shown to its double",
            "按字符数分组，每组从所示数到其两倍",
        )
    )
    return _section(
        ("Lengths of documents", "文档长度"),
        f'<p class="quiet">{note}</p>{key}<div class="columns">{columns(counts)}</div>',
    )


def _parts(told: Mapping[str, Any]) -> str:
    heads = (
        (("part", "部分"), ""),
        (("documents", "文档"), "n"),
        (("characters", "字符"), "n"),
        (("text", "文本"), "n"),
        (("tokens, estimated", "词元（估算）"), "n"),
    )
    titles = {"train": ("training", "训练"), "validation": ("validation", "验证")}
    rows = [
        [
            both(titles[name]),
            f"{part['documents']:,}",
            f"{part['characters']:,}",
            size_text(part["bytes"]),
            f"≈ {part['estimated_tokens']:,}",
        ]
        for name, part in told["parts"].items()
    ]
    return _section(("Training and validation", "训练与验证"), table(heads, rows))


def _sources(sources: list[dict[str, Any]]) -> str:
    heads = (
        (("source", "来源"), "path"),
        (("licence", "许可"), ""),
        (("documents", "文档"), "n"),
        (("characters", "字符"), "n"),
        (("weight", "权重"), "n"),
    )
    rows = [
        [
            escape(source["label"]),
            escape(source["licence"]),
            f"{source['documents']:,}",
            f"{source['characters']:,}",
            f"{source['weight']:g}" + (f" × {source['passes']}" if source["passes"] > 1 else ""),
        ]
        for source in sources
    ]
    return _section(("Sources", "来源"), table(heads, rows))


def _dropped(steps: list[dict[str, Any]]) -> str:
    told = [_dropped_by(step) for step in steps if step["examples"]]
    if not told:
        return ""
    note = both(
        (
            "At most 20 of each step, chosen by a hash of their place.",
            "每步至多 20 例，按位置的哈希选取。",
        )
    )
    return _section(
        ("Examples of what was dropped", "被丢弃的例子"),
        f'<p class="quiet">{note}</p>{"".join(told)}',
    )


def _dropped_by(step: Mapping[str, Any]) -> str:
    items = "".join(
        f'<li><span class="tag">{both(reason(example["reason"]))}</span>'
        f"<small>{escape(example['source'])} · {example['position']}</small>"
        f'<p dir="auto">{escape(example["excerpt"])}</p></li>'
        for example in step["examples"]
    )
    lost = sum(step["reasons"].values())
    options = ", ".join(f"{key}={value}" for key, value in step["options"].items())
    return (
        f"<details><summary>{both(_step(step['name']))} <small>{lost:,}, "
        f"{both(WORK.get(step['name'], ('', '')))}</small></summary>"
        f'<p class="quiet"><code>{escape(options)}</code></p>'
        f'<ul class="examples">{items}</ul></details>'
    )


def _unreadable(unreadable: Mapping[str, Any]) -> str:
    if not unreadable["count"]:
        return ""
    rows = [(escape(text), count, f"{count:,}") for text, count in unreadable["reasons"].items()]
    items = "".join(
        f"<li><small>{escape(item['source'])}</small><p>{escape(item['reason'])}</p></li>"
        for item in unreadable["examples"]
    )
    return _section(
        ("What could not be read", "无法读取的内容"),
        f'<p class="quiet">{unreadable["count"]:,}</p><ol class="bars">{bars(rows, "lost")}</ol>'
        f"<details><summary>{both(('Examples', '例子'))}</summary>"
        f'<ul class="examples">{items}</ul></details>',
    )


def _foot() -> str:
    words = (
        "Tokens are estimated from characters: 1.5 Chinese characters or 4.2 others to a token. "
        "All figures are in report.json.",
        "词元数由字符估算：1.5 个汉字或 4.2 个其他字符为一个词元。全部数字见 report.json。",
    )
    return f'<footer class="quiet">{both(words)}</footer>'


def _section(title: Both, inside: str) -> str:
    return f"<section><h2>{both(title)}</h2>{inside}</section>"


def _read(steps: list[dict[str, Any]]) -> dict[str, Any]:
    return next(step for step in steps if step["name"] == "read")


def _step(name: str) -> Both:
    return STEPS.get(name, (name, name))

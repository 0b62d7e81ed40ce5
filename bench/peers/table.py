"""The results as Markdown: speed, quality, targets and what this machine allows of them."""

from __future__ import annotations

import statistics
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from bench.pairs import Paired
from bench.peers.results import Results
from bench.peers.speed import OURS

OVER_DEFAULT = 2.5
OVER_BEST = 1.25
UTILISATION = 0.74
BETTER = 0.08


def lines(results: Results) -> Iterator[str]:
    """All tables, one after another."""
    keys = dict.fromkeys("/".join(key.split("/")[:2]) for key in results.measured)
    for key in keys:
        size, _, rows = key.partition("/")
        yield f"### {size}: {rows.replace('x', ' rows of ')} positions a step"
        yield ""
        yield from _speed(results.under(f"{key}/speed/"))
        yield from _quality(results.under(f"{key}/quality/"))
    yield from _about(results.about)


def _speed(found: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    if not found:
        return
    base = next((f for n, f in found.items() if n == "hf-default"), None)
    yield "| contestant | layers | parameters, M (in products) | tokens/s | MFU | ÷ HF default | zaohua ÷ it | its 90 % interval | ceiling | turns (left out) |"  # noqa: E501
    yield "|---|---:|---:|---:|---:|---:|---:|---|---:|---:|"
    ours = fastest([f for n, f in found.items() if n in OURS])
    for row in found.values():
        yield "| " + " | ".join(_speed_cells(row, base, ours)) + " |"
    yield ""
    yield from _speed_targets(found)


def _speed_cells(
    row: Mapping[str, Any], base: Mapping[str, Any] | None, ours: Mapping[str, Any] | None
) -> list[str]:
    ratios = row["zaohua over it"]
    paired = Paired(tuple(ratios), tuple(1.0 for _ in ratios))
    used = utilisation(row)
    disturbed = " (disturbed)" if row["disturbed"] else ""
    return [
        row["title"],
        str(row["depth"]),
        f"{row['parameters'] / 1e6:.1f} ({row['matrices'] / 1e6:.1f})",
        f"{row['tokens a second']:,.0f}{disturbed}",
        f"{used:.0%}" if used else "",
        f"{row['tokens a second'] / base['tokens a second']:.2f}" if base else "",
        f"{paired.ratio:.2f}" if ratios else "",
        paired.interval(ratios) if ratios else "",
        f"{limit:.2f}" if (limit := ceiling(row, ours)) else "",
        f"{row['turns']} ({row['left out']})",
    ]


def fastest(rows: Sequence[Mapping[str, Any]]) -> Mapping[str, Any] | None:
    """The one that learns most tokens a second."""
    return max(rows, key=lambda row: float(row["tokens a second"]), default=None)


def utilisation(row: Mapping[str, Any]) -> float:
    """Share of the matmul peak, in the precision of the run, measured in the same rounds."""
    peak = row.get(f"peak {row['precision']}", 0.0)
    return float(row["flops a second"] / peak) if peak else 0.0


def ceiling(row: Mapping[str, Any], ours: Mapping[str, Any] | None) -> float:
    """The greatest ratio to a contestant that zaohua could reach if it did nothing but products."""
    peak = max(row.get("peak fp32", 0.0), row.get("peak bf16", 0.0))
    if not peak or ours is None:
        return 0.0
    return float(peak / ours["flops a token"] / row["tokens a second"])


def _speed_targets(found: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    ours = fastest([f for n, f in found.items() if n in OURS])
    if ours is None:
        return
    if base := found.get("hf-default"):
        yield _target("HF Trainer's default", base, ours, OVER_DEFAULT)
    peers = [f for f in found.values() if f["peer"] != "zaohua" and not f["default"]]
    if best := fastest(peers):
        yield _target(f"the best peer ({best['title']})", best, ours, OVER_BEST)
    wanted = f"{UTILISATION:.0%} of the peak (for the 25M model)"
    yield f"- MFU: {utilisation(ours):.0%}; wanted {wanted}."
    yield ""


def _target(whom: str, row: Mapping[str, Any], ours: Mapping[str, Any], wanted: float) -> str:
    if not row["zaohua over it"]:
        return f"- Over {whom}: no undisturbed rounds in which both took part, wanted {wanted}×."
    got = statistics.median(row["zaohua over it"])
    limit = ceiling(row, ours)
    told = f"- Over {whom}: {got:.2f}×, wanted {wanted}×"
    if limit and limit < wanted:
        return f"{told}; impossible here: it already uses {utilisation(row):.0%} of the peak, at most {limit:.2f}× could be had."  # noqa: E501
    return f"{told}; {'reached' if got >= wanted else 'missed'} (ceiling {limit:.2f}×)."


def _quality(found: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    """Keys here are ``NAME/SECONDS/FACTOR/SEED``."""
    runs: defaultdict[tuple[str, str], dict[int, Mapping[str, Any]]] = defaultdict(dict)
    for key, row in found.items():
        name, seconds = key.split("/")[:2]
        runs[seconds, name][row["seed"]] = row
    for seconds in dict.fromkeys(s for s, _ in runs):
        groups = {name: by_seed for (s, name), by_seed in runs.items() if s == seconds}
        yield from _quality_table(seconds, groups)


def _quality_table(
    seconds: str, groups: Mapping[str, Mapping[int, Mapping[str, Any]]]
) -> Iterator[str]:
    yield f"Validation bits per byte after {seconds.removesuffix('s')} s of training:"
    yield ""
    yield "| contestant | parameters, M | steps | rate × | seeds | bits per byte | as a stream | zaohua is better by | took, s (cores of others) | start, s |"  # noqa: E501
    yield "|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|"
    muon = [name for name in groups if name in OURS]
    ours = groups[muon[0]] if muon else {}
    for name, runs in groups.items():
        yield "| " + " | ".join(_quality_cells(runs, ours if name not in muon else {})) + " |"
    yield ""
    gains = [
        g for n, runs in groups.items() if not n.startswith("zaohua") for g in gained(ours, runs)
    ]
    if gains:
        verdict = "reached" if min(gains) >= BETTER else "missed"
        yield f"- Better than every peer by {BETTER:.0%}: {verdict}; the least of all pairs of seeds is {min(gains):.1%}."  # noqa: E501
        yield ""


def _quality_cells(
    runs: Mapping[int, Mapping[str, Any]], ours: Mapping[int, Mapping[str, Any]]
) -> list[str]:
    rows = list(runs.values())
    gains = gained(ours, runs)
    spread = f" ({min(gains):.1%} to {max(gains):.1%})" if len(gains) > 1 else ""
    return [
        rows[0]["title"],
        f"{rows[0]['parameters'] / 1e6:.1f}",
        f"{rows[0]['steps']}",
        f"{rows[0]['factor']:g}",
        str(len(rows)),
        _mean([row["bits_per_byte"] for row in rows]),
        _mean([row["stream"] for row in rows]),
        f"{statistics.mean(gains):.1%}{spread}" if gains else "",
        f"{_middle(rows, 'seconds'):.0f} ({_middle(rows, 'strangers'):.2f})",
        f"{_middle(rows, 'start seconds'):.0f}",
    ]


def gained(
    ours: Mapping[int, Mapping[str, Any]], theirs: Mapping[int, Mapping[str, Any]]
) -> list[float]:
    """By which share zaohua needs fewer bits, seed by seed."""
    both = sorted(ours.keys() & theirs.keys())
    return [1 - ours[s]["bits_per_byte"] / theirs[s]["bits_per_byte"] for s in both]


def _middle(rows: Sequence[Mapping[str, Any]], name: str) -> float:
    return float(statistics.median(row[name] for row in rows))


def _mean(values: Sequence[float]) -> str:
    spread = f" ± {statistics.stdev(values):.4f}" if len(values) > 1 else ""
    return f"{statistics.mean(values):.4f}{spread}"


def _about(about: Mapping[str, Any]) -> Iterator[str]:
    for name, value in about.items():
        told = ", ".join(f"{k} {v}" for k, v in value.items()) if isinstance(value, dict) else value
        if name != "failed":
            yield f"- {name}: {told}"
    for who, why in about.get("failed", {}).items():
        yield f"- failed: {who}: {why}"

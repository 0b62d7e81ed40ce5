"""``zaohua artefacts``: listed, removed, pruned."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Here
from zaohua.progress import Silent
from zaohua.store.artefacts import Artefacts, Work


@pytest.fixture
def references(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Two versions of one data set, the older first."""
    monkeypatch.setenv("ZAOHUA_HOME", str(tmp_path / "home"))
    artefacts, made = Artefacts(tmp_path / "home"), []
    for size in (2_000, 1_000):
        recipe = {"size": size}
        with artefacts.make(
            "dataset", "poems", inputs=[], recipe=recipe, progress=Silent()
        ) as work:
            assert isinstance(work, Work)
            (work.path / "a.bin").write_bytes(b"x" * size)
        made.append(f"dataset/poems@{work.version}")
    return made


def test_list_shows_the_largest_first_with_its_state(here: Here, references: list[str]) -> None:
    lines = here("artefacts", "list").stdout.splitlines()
    assert [line.split()[0] for line in lines] == ["REFERENCE", *references]
    assert [line.split()[-1] for line in lines[1:]] == ["old", "use"]
    told = json.loads(here("artefacts", "list", "--json").stdout)
    assert [(one["reference"], one["size"]) for one in told] == [
        (references[0], 2000),
        (references[1], 1000),
    ]


def test_prune_asks_and_where_nobody_can_answer_says_how(here: Here, references: list[str]) -> None:
    refused = here("artefacts", "prune")
    assert (refused.returncode, refused.stderr) == (
        2,
        "zaohua: nobody is there to ask: --yes removes them\n",
    )
    assert here("artefacts", "prune", "--yes").stdout == "1 removed: 2.0 kB freed\n"
    assert here("artefacts", "prune").stdout == "nothing is left over\n"


def test_rm_names_what_it_removed_and_what_it_freed(here: Here, references: list[str]) -> None:
    done = here("artefacts", "rm", "poems", "poems")
    assert done.stdout == f"{references[1]} is removed: 1.0 kB freed\n"
    missing = here("artefacts", "rm", "poem")
    assert missing.returncode == 1
    assert missing.stderr.startswith("zaohua: nothing is named 'poem'")

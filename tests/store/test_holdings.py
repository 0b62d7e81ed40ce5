"""What artefacts take on the disk, and what can go."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from zaohua.errors import NotFoundError, UnavailableError, UsageError
from zaohua.progress import Silent
from zaohua.settings import Settings
from zaohua.store.artefacts import Artefact, Artefacts, Kind, Work
from zaohua.store.holdings import holdings, leftovers, remove


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(home=tmp_path / "home")


def make(
    settings: Settings, kind: Kind, name: str, size: int, *, inputs: Sequence[str] = ()
) -> str:
    """Make an artefact of so many bytes; the size is its recipe."""
    artefacts, recipe = Artefacts(settings.home), {"size": size}
    with artefacts.make(kind, name, inputs=inputs, recipe=recipe, progress=Silent()) as work:
        assert isinstance(work, Work)
        (work.path / "a.bin").write_bytes(b"x" * size)
    return artefacts.require(kind, f"{name}@{work.version}").reference


def states(settings: Settings) -> dict[str, str]:
    return {one.reference: one.state for one in holdings(settings)}


def test_what_is_in_use_and_what_it_was_made_from_stays(settings: Settings) -> None:
    first = make(settings, "dataset", "poems", 10)
    tokens = make(settings, "tokens", "poems", 20, inputs=[first])
    model = make(settings, "checkpoint", "poet", 30, inputs=[tokens])
    second = make(settings, "dataset", "poems", 40)
    third = make(settings, "dataset", "poems", 50)
    assert states(settings) == {
        third: "in use",
        second: "old",
        model: "in use",
        tokens: "in use",
        first: "needed",
    }
    assert [(one.reference, one.size) for one in leftovers(settings)] == [(second, 40)]


def test_removing_frees_the_room_and_puts_the_newest_other_version_in_use(
    settings: Settings,
) -> None:
    old, new = (make(settings, "dataset", "poems", size) for size in (10, 20))
    assert remove("poems", settings).reference == new
    assert states(settings) == {old: "in use"}


def test_what_others_were_made_from_goes_only_by_force(settings: Settings) -> None:
    data = make(settings, "dataset", "poems", 10)
    tokenizer = make(settings, "tokenizer", "poems-bpe", 5, inputs=[data])
    with pytest.raises(UsageError, match=rf"{data} is a source of {tokenizer}.*--force"):
        remove("dataset/poems", settings)
    remove("dataset/poems", settings, force=True)
    assert states(settings) == {tokenizer: "in use"}


def test_the_unfinished_goes_only_when_asked_and_never_while_it_is_made(
    settings: Settings,
) -> None:
    artefacts = Artefacts(settings.home)
    with (
        pytest.raises(KeyboardInterrupt),
        artefacts.make("report", "poet", inputs=[], recipe={}, progress=Silent()) as work,
    ):
        assert isinstance(work, Work)
        (work.path / "half.txt").write_text("half")
        [unfinished] = leftovers(settings, unfinished=True)
        with pytest.raises(UnavailableError, match="busy with report poet"):
            remove(unfinished.reference, settings)
        raise KeyboardInterrupt
    assert leftovers(settings) == []
    [unfinished] = leftovers(settings, unfinished=True)
    assert (unfinished.state, unfinished.size) == ("unfinished", 4)
    remove(unfinished.reference, settings)
    assert holdings(settings) == []
    assert not isinstance(artefacts.find("report", "poet"), Artefact)


def test_a_name_that_nothing_has_is_said_with_the_nearest(settings: Settings) -> None:
    make(settings, "dataset", "poems", 10)
    with pytest.raises(NotFoundError, match=r"nothing is named 'peoms'.*poems"):
        remove("peoms", settings)

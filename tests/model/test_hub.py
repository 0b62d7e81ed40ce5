"""Models from a hub, which is stood in for by a server on loopback."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from huggingface_hub import constants
from transformers import PreTrainedTokenizerFast

from tests.store.hub import Hub
from zaohua.errors import UnavailableError
from zaohua.model import load, save
from zaohua.settings import Settings

from .conftest import small

COMMIT = "c" * 40


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    server = Hub()
    template = server.url + "/{repo_id}/resolve/{revision}/{filename}"
    monkeypatch.setattr(constants, "ENDPOINT", server.url)
    monkeypatch.setattr(constants, "HUGGINGFACE_CO_URL_TEMPLATE", template)
    yield server
    server.shutdown()
    server.server_close()


def offered(hub: Hub, repo: str, folder: Path) -> None:
    files = sorted(path.name for path in folder.iterdir())
    told = {"id": repo, "sha": COMMIT, "siblings": [{"rfilename": name} for name in files]}
    hub.add(f"/api/models/{repo}/revision/main", json.dumps(told).encode())
    tree = [
        {"type": "file", "path": name, "size": (folder / name).stat().st_size, "oid": "0" * 40}
        for name in files
    ]
    hub.add(f"/api/models/{repo}/tree/{COMMIT}", json.dumps(tree).encode())
    for name in files:
        data = (folder / name).read_bytes()
        facts = {"X-Repo-Commit": COMMIT, "X-Linked-Size": str(len(data))}
        etag = hashlib.sha256(data).hexdigest()
        hub.add(f"/{repo}/resolve/{COMMIT}/{name}", data, etag=etag, headers=facts)


def test_a_model_is_fetched_once_and_without_code_or_pickles(
    hub: Hub, tokenizer: PreTrainedTokenizerFast, tmp_path: Path
) -> None:
    model = small("qwen3", tokenizer)
    save(model, tokenizer, tmp_path / "m")
    (tmp_path / "m" / "pytorch_model.bin").write_bytes(b"danger")
    (tmp_path / "m" / "modeling.py").write_bytes(b"danger")
    offered(hub, "some/model", tmp_path / "m")
    loaded = load("some/model", settings=Settings(home=tmp_path / "home"))
    assert loaded.origin == f"hub:some/model@{COMMIT}"
    row = torch.tensor([[1, 20, 30]])
    with torch.no_grad():
        torch.testing.assert_close(loaded.model(row).logits, model(row).logits)
    assert not [path for _, path, _, _ in hub.log if path.endswith((".bin", ".py"))]
    asked = len(hub.log)
    again = load("some/model", settings=Settings(home=tmp_path / "home", offline=True))
    assert again.origin == loaded.origin
    assert len(hub.log) == asked


def test_what_the_hub_does_not_have_is_one_clear_line(hub: Hub, tmp_path: Path) -> None:
    with pytest.raises(UnavailableError, match="'no/body' cannot be fetched") as error:
        load("no/body", settings=Settings(home=tmp_path / "home"))
    assert "\n" not in error.value.line()


def test_a_hub_that_cannot_be_reached_is_one_clear_line(
    hub: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(constants, "ENDPOINT", "http://127.0.0.1:1")
    with pytest.raises(UnavailableError, match="the hub cannot be reached"):
        load("some/model", settings=Settings(home=tmp_path / "home"))

"""How the built files are served, and how they come to be built."""

from __future__ import annotations

import gzip
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from tests.page.conftest import ROOT, load_build_hook
from zaohua.service.page import mount_page


@pytest.fixture
def client(tmp_path: Path) -> TestClient:
    (tmp_path / "assets").mkdir()
    (tmp_path / "index.html").write_text("<title>page</title>")
    (tmp_path / "favicon.svg").write_text("<svg/>")
    (tmp_path / "built-from.txt").write_text("secret")
    script = b"export const x = 1;"
    (tmp_path / "assets" / "app-abc.js").write_bytes(script)
    (tmp_path / "assets" / "app-abc.js.gz").write_bytes(gzip.compress(script))
    app = FastAPI()
    mount_page(app, tmp_path)
    return TestClient(app)


@pytest.mark.parametrize("path", ["/", "/c/01abc"])
def test_app_routes_give_the_page_anew(client: TestClient, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 200
    assert "page" in answer.text
    assert answer.headers["cache-control"] == "no-cache"
    assert answer.headers["content-type"].startswith("text/html")


def test_assets_are_kept_for_ever_and_packed_where_accepted(client: TestClient) -> None:
    packed = client.get("/assets/app-abc.js", headers={"accept-encoding": "br, gzip"})
    assert packed.headers["content-encoding"] == "gzip"
    assert "immutable" in packed.headers["cache-control"]
    assert packed.text == "export const x = 1;"
    for refused in ("identity", "gzip;q=0"):
        plain = client.get("/assets/app-abc.js", headers={"accept-encoding": refused})
        assert "content-encoding" not in plain.headers
        assert plain.headers["content-type"].startswith("text/javascript")
        assert plain.text == packed.text


@pytest.mark.parametrize(
    "path",
    [
        "/v1/nothing",
        "/api/nothing",
        "/nothing",
        "/theme.js",
        "/built-from.txt",
        "/assets/none.js",
        "/assets/app-abc.js.gz",
        "/assets/..%2Findex.html",
        "/assets/%2e%2e%2fbuilt-from.txt",
    ],
)
def test_everything_else_is_not_the_page(client: TestClient, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/json"


def test_a_page_that_was_not_built_is_told(tmp_path: Path) -> None:
    app = FastAPI()
    mount_page(app, tmp_path / "none")
    answer = TestClient(app).get("/")
    assert answer.status_code == 503
    assert "pip install" in answer.text


def copy_of_sources(folder: Path) -> Path:
    shutil.copytree(ROOT / "web", folder / "web", ignore=shutil.ignore_patterns("node_modules"))
    shutil.copy(ROOT / "hatch_build.py", folder)
    return folder


def test_the_lock_file_names_no_registry() -> None:
    lock = json.loads((ROOT / "web" / "package-lock.json").read_text())
    assert not any("resolved" in entry for entry in lock["packages"].values())
    assert all("integrity" in e for name, e in lock["packages"].items() if name)


def test_unchanged_sources_are_not_built_again(tmp_path: Path) -> None:
    hook = load_build_hook()
    root = copy_of_sources(tmp_path)
    page = root / hook.PAGE
    page.mkdir(parents=True)
    (page / "index.html").write_text("built before")
    (page / hook.STAMP).write_text(hook.fingerprint(root / "web"))
    assert hook.build_page(root) is False
    (root / "web" / "src" / "main.test.ts").write_text("")
    assert hook.build_page(root) is False
    (root / "web" / "src" / "main.ts").write_text("changed")
    assert hook.fingerprint(root / "web") != (page / hook.STAMP).read_text()


def test_a_copy_with_the_page_and_no_sources_needs_nothing(tmp_path: Path) -> None:
    hook = load_build_hook()
    with pytest.raises(SystemExit, match=r"sources .* missing"):
        hook.build_page(tmp_path)
    page = tmp_path / hook.PAGE
    page.mkdir(parents=True)
    (page / "index.html").write_text("built before")
    assert hook.build_page(tmp_path) is False


def test_what_went_wrong_is_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    hook = load_build_hook()
    root = copy_of_sources(tmp_path)
    monkeypatch.setattr(hook, "find_spec", lambda name: None)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(SystemExit, match=r"no Node >= 22\.12") as refused:
        hook.build_page(root)
    assert "\n" not in str(refused.value)


@pytest.mark.npm
@pytest.mark.slow
def test_builds_on_a_machine_without_node(tmp_path: Path) -> None:
    root = copy_of_sources(tmp_path)
    bare = tmp_path / "bin"
    bare.mkdir()
    for tool in ("sh", "env"):
        (bare / tool).symlink_to(shutil.which(tool) or f"/bin/{tool}")
    code = "import hatch_build, pathlib; print(hatch_build.build_page(pathlib.Path('.')))"
    for expected in ("True", "False"):
        done = subprocess.run(
            [sys.executable, "-c", code],
            cwd=root,
            env={**os.environ, "PATH": str(bare)},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.stdout.strip() == expected, done.stderr
    built = root / "src/zaohua/service/page"
    assert (built / "index.html").is_file()
    assert list((built / "assets").glob("*.js.gz"))

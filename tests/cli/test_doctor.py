"""``doctor`` on whole and on broken machines."""

from __future__ import annotations

import json
import os
import socket
import sqlite3
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Here, Run
from zaohua.cli import checks, checks_home, checks_network
from zaohua.hardware import Processor
from zaohua.settings import Settings, unknown_variables
from zaohua.store.database import Database


def findings(done: subprocess.CompletedProcess[str]) -> dict[str, dict[str, Any]]:
    return {check["name"]: check for check in json.loads(done.stdout)["checks"]}


def test_a_sound_machine_passes(run: Run):
    done = run("doctor")
    assert (done.returncode, done.stderr) == (0, "")
    assert "0 failed" in done.stdout
    found = findings(run("doctor", "--json"))
    assert found["engine"]["state"] == "ok"
    assert found["openvino"]["state"] == "ok"


def test_it_sends_nothing_anywhere_unasked(here: Here, monkeypatch: pytest.MonkeyPatch):
    def refuse(self: socket.socket, address: object) -> None:
        raise AssertionError(f"connects to {address}")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    assert here("doctor").returncode == 0


def test_a_home_that_is_a_file_fails_and_says_how_to_mend_it(run: Run, tmp_path: Path):
    (tmp_path / "file").touch()
    done = run("doctor", "--json", env={"ZAOHUA_HOME": str(tmp_path / "file")})
    assert done.returncode == 1
    home = findings(done)["home"]
    assert home["state"] == "fail"
    assert "ZAOHUA_HOME" in home["mend"]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_read_only_home_fails(run: Run, home: Path):
    home.mkdir(mode=0o500)
    assert findings(run("doctor", "--json"))["home"]["state"] == "fail"


def test_wrong_settings_are_a_finding(run: Run):
    done = run("doctor", "--json", env={"ZAOHUA_PORT": "x"})
    assert done.returncode == 1
    assert "ZAOHUA_PORT" in findings(done)["settings"]["mend"]


@pytest.mark.parametrize(("bundled", "state"), [(Path("libgomp.so"), "warn"), (None, "fail")])
def test_a_missing_libgomp_is_told_with_its_package(
    monkeypatch: pytest.MonkeyPatch, bundled: Path | None, state: str
):
    from zaohua.generate import worker_environment

    monkeypatch.setattr(worker_environment, "has_libgomp", lambda: False)
    monkeypatch.setattr(worker_environment, "bundled_libgomp", lambda: bundled)
    found = checks._libgomp()
    assert found.state == state
    assert "libgomp1" in found.mend


def broken_engine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: str) -> checks.Check:
    (tmp_path / "xllamacpp.py").write_text(code)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    return checks._engine()


def test_an_engine_that_does_not_load_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    raising = "raise ImportError('libgomp.so.1: cannot open shared object file')"
    found = broken_engine(tmp_path, monkeypatch, raising)
    assert found.state == "fail"
    assert "libgomp1" in found.mend


def test_an_illegal_instruction_kills_only_the_probe(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    dying = "import os, signal; os.kill(os.getpid(), signal.SIGILL)"
    found = broken_engine(tmp_path, monkeypatch, dying)
    assert found.state == "fail"
    assert "signal 4" in found.found


def test_a_processor_without_avx2_is_warned_of(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(checks.platform, "machine", lambda: "x86_64")
    monkeypatch.setattr(checks, "processor", lambda: Processor("old", frozenset({"sse4_2"})))
    assert checks._processor().state == "warn"


def test_a_taken_port_is_told(tmp_path: Path):
    with socket.create_server(("127.0.0.1", 0)) as holder:
        port = holder.getsockname()[1]
        found = checks_home.port(Settings(home=tmp_path, port=port))
    assert found.state == "warn"
    assert str(port) in found.found


def test_a_full_disk_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    class Full:
        free = 10 * 2**20

    monkeypatch.setattr(checks_home.shutil, "disk_usage", lambda place: Full)
    assert checks_home.disk(Settings(home=tmp_path / "not" / "there")).state == "fail"


def migrated(home: Path) -> Settings:
    settings = Settings(home=home)
    database = Database(settings.resolved_database_url)
    database.migrate()
    database.close()
    return settings


def test_a_database_of_this_version_is_sound(home: Path):
    assert checks_home.database(migrated(home)).state == "ok"


def test_a_database_of_a_newer_version_fails(home: Path):
    settings = migrated(home)
    with sqlite3.connect(home / "zaohua.db") as file:
        file.execute("UPDATE alembic_version SET version_num = '9999'")
    file.close()
    found = checks_home.database(settings)
    assert found.state == "fail"
    assert "newer" in found.found


def test_a_damaged_database_fails(home: Path):
    settings = migrated(home)
    whole = (home / "zaohua.db").read_bytes()
    (home / "zaohua.db").write_bytes(whole[:5000] + b"\xff" * 4000 + whole[9000:])
    assert checks_home.database(settings).state == "fail"


def test_an_unreachable_database_server_fails(home: Path):
    settings = Settings(home=home, database_url="postgresql://nobody:secret@127.0.0.1:9/none")
    found = checks_home.database(settings)
    assert found.state == "fail"
    assert "secret" not in f"{found}"


def test_a_check_that_breaks_does_not_stop_the_rest():
    def _odd() -> checks.Check:
        raise RuntimeError("boom")

    found = checks.attempt(_odd)
    assert (found.name, found.state) == ("odd", "warn")


def test_mirrors_are_tried_only_on_request(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.setenv("HF_ENDPOINT", "http://user:secret@127.0.0.1:9")
    found = list(checks_network.mirrors(Settings(home=tmp_path, mirrors=["huggingface"])))
    assert [check.state for check in found] == ["warn"]
    assert "secret" not in f"{found}"
    wheel = Settings(home=tmp_path, mirrors=["wheel"])
    assert [check.state for check in checks_network.mirrors(wheel)] == ["ok"]
    monkeypatch.setenv("PIP_INDEX_URL", "http://127.0.0.1:9/none")
    monkeypatch.setenv("PIP_RETRIES", "0")
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
    assert [check.state for check in checks_network.mirrors(wheel)] == ["warn"]
    offline = Settings(home=tmp_path, offline=True)
    assert [check.state for check in checks_network.mirrors(offline)] == ["info"]


def test_openvino_that_is_not_installed_is_no_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checks, "find_spec", lambda name: None)
    found = checks._openvino()
    assert found.state == "info"
    assert "zaohua[openvino]" in found.mend


def test_readers_of_documents_that_are_not_installed_are_no_fault(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert checks._documents().state == "ok"
    monkeypatch.setattr(checks, "find_spec", lambda name: None)
    found = checks._documents()
    assert (found.state, found.mend) == ("info", "pip install 'zaohua[documents]'")


def test_a_setting_that_is_misspelt_in_the_environment_is_told() -> None:
    names = ["ZAOHUA_ENGIN", "ZAOHUA_ENGINE", "ZAOHUA_API_KEY", "ZAOHUA_XYZZY", "PATH"]
    assert unknown_variables(names) == [
        "ZAOHUA_ENGIN in the environment is no setting: did you mean ZAOHUA_ENGINE?",
        "ZAOHUA_XYZZY in the environment is no setting",
    ]

"""``serve`` and ``up`` as processes: start, stop, kill, ports, one server a home."""

from __future__ import annotations

import json
import signal
import socket
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from tests.cli.conftest import Run, Server, one_line
from zaohua.store.models import InstalledModel

Start = Callable[..., Server]
STOP_SECONDS = 2.0


def get(url: str) -> bytes:
    with urllib.request.urlopen(url, timeout=10) as response:
        return response.read()


def post(url: str, body: dict[str, object]) -> dict[str, object]:
    headers = {"Content-Type": "application/json"}
    request = urllib.request.Request(url, json.dumps(body).encode(), headers)
    with urllib.request.urlopen(request, timeout=60) as response:
        return json.load(response)


def test_it_says_where_it_is_what_answers_and_how_to_stop(start: Start):
    server = start("serve", "--port", "0")
    server.wait_for("Ctrl-C stops it")
    assert "fake answers" in server.output
    assert json.loads(get(f"{server.url}/healthz")) == {"status": "ok"}
    assert server.end() == 0
    assert server.errors == []


def test_its_model_is_not_removed(start: Start, run: Run):
    server = start("serve", "--port", "0")
    server.wait_for("Ctrl-C stops it")
    done = run("models", "rm", "fake")
    assert done.returncode == 2
    assert one_line(done.stderr) == f"zaohua: 'fake' is being served at {server.url}: stop it first"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_it_in_time_with_exit_code_0(start: Start, home: Path, number: int):
    server = start("serve", "--port", "0")
    server.wait_for("Ctrl-C stops it")
    began = time.monotonic()
    assert server.end(number) == 0
    assert time.monotonic() - began < STOP_SECONDS + 1
    assert not (home / "server.json").exists()


def begin_slow_answer(url: str) -> str:
    talk = post(f"{url}/api/conversations", {})
    messages = f"{url}/api/conversations/{talk['id']}/messages"
    body = {"content": "[[slow 0.05]] [[words 3000]]", "parent_id": None}
    answer = post(messages, body)["assistant"]
    assert isinstance(answer, dict)
    return f"{talk['id']}"


def answer_of(url: str, conversation: str) -> dict[str, object]:
    messages = json.loads(get(f"{url}/api/conversations/{conversation}"))["messages"]
    return messages[-1]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
def test_a_running_answer_is_kept_as_interrupted(start: Start, number: int):
    server = start("serve", "--port", "0")
    server.wait_for("Ctrl-C stops it")
    talk = begin_slow_answer(server.url)
    end = time.monotonic() + 10
    while not answer_of(server.url, talk)["content"] and time.monotonic() < end:
        time.sleep(0.1)
    shown = str(answer_of(server.url, talk)["content"])
    began = time.monotonic()
    server.end(number)
    assert time.monotonic() - began < STOP_SECONDS + 1
    again = start("serve", "--port", "0")
    kept = answer_of(again.url, talk)
    assert kept["status"] == "interrupted"
    assert shown
    assert str(kept["content"]).startswith(shown)


def test_open_streams_do_not_hold_it_up(start: Start):
    server = start("serve", "--port", "0")
    server.wait_for("Ctrl-C stops it")
    talk = begin_slow_answer(server.url)
    stream = urllib.request.urlopen(
        f"{server.url}/api/messages/{answer_of(server.url, talk)['id']}/stream", timeout=10
    )
    assert stream.readline()
    began = time.monotonic()
    assert server.end(signal.SIGINT) == 0
    assert time.monotonic() - began < STOP_SECONDS + 1
    stream.close()
    assert server.errors == []


@pytest.mark.alone
def test_a_second_interrupt_ends_it_at_once(start: Start):
    server = start("serve", "--port", "0")
    server.wait_for("Ctrl-C stops it")
    talk = begin_slow_answer(server.url)
    stream = urllib.request.urlopen(
        f"{server.url}/api/messages/{answer_of(server.url, talk)['id']}/stream", timeout=10
    )
    server.process.send_signal(signal.SIGINT)
    time.sleep(0.1)
    began = time.monotonic()
    server.end(signal.SIGINT)
    assert server.process.returncode == 130
    assert time.monotonic() - began < 1
    stream.close()


def test_ctrl_c_while_it_starts_is_heeded(start: Start, home: Path):
    server = start("serve", "--port", "0")
    while not (home / "server.lock").exists():
        time.sleep(0.001)
    time.sleep(0.02)
    assert server.end(signal.SIGINT) in (0, 130)
    assert server.output == ""
    assert server.errors == []


def test_a_taken_port_is_one_line(run: Run):
    with socket.create_server(("127.0.0.1", 0)) as holder:
        port = holder.getsockname()[1]
        done = run("serve", "--port", str(port))
    assert done.returncode == 1
    line = one_line(done.stderr)
    assert "taken" in line
    assert str(port) in line


def test_up_takes_the_next_port_when_none_was_asked_for(start: Start):
    with socket.create_server(("127.0.0.1", 0)) as holder:
        port = holder.getsockname()[1]
        server = start("up", "--no-open", ZAOHUA_PORT=str(port))
        assert server.url != f"http://127.0.0.1:{port}"
        assert get(f"{server.url}/healthz")


def test_up_keeps_to_a_port_that_was_asked_for(run: Run):
    with socket.create_server(("127.0.0.1", 0)) as holder:
        done = run("up", "--no-open", "--port", str(holder.getsockname()[1]))
    assert done.returncode == 1
    assert "taken" in one_line(done.stderr)


def test_a_home_has_one_server_and_a_second_up_finds_it(start: Start, run: Run, home: Path):
    server = start("up", "--no-open", "--port", "0")
    server.wait_for("Ctrl-C stops it")
    began = time.monotonic()
    again = run("up", "--no-open")
    assert time.monotonic() - began < 5
    assert (again.returncode, again.stdout) == (0, f"zaohua is already up at {server.url}\n")
    second = run("serve", "--port", "0")
    assert second.returncode == 1
    assert server.url in one_line(second.stderr)


def test_up_opens_the_page(start: Start, run: Run, tmp_path: Path):
    opened = tmp_path / "opened"
    browser = tmp_path / "browser"
    browser.write_text(f'#!/bin/sh\necho "$1" >> {opened}\n')
    browser.chmod(0o755)
    server = start("up", "--port", "0", BROWSER=str(browser))
    server.wait_for("Ctrl-C stops it")
    end = time.monotonic() + 10
    while not opened.exists() and time.monotonic() < end:
        time.sleep(0.05)
    run("up", env={"BROWSER": str(browser)})
    assert [line.rstrip("/") for line in opened.read_text().split()] == [server.url] * 2


def test_what_a_killed_server_leaves_does_not_confuse_the_next(start: Start, home: Path):
    server = start("serve", "--port", "0")
    server.wait_for("Ctrl-C stops it")
    server.end(signal.SIGKILL)
    assert (home / "server.json").exists()
    again = start("up", "--no-open", "--port", "0")
    again.wait_for("Ctrl-C stops it")


@pytest.mark.parametrize("content", ["", "{}", "[1]", '{"pid":1}', "\x00"])
def test_a_garbled_server_file_is_ignored(run: Run, home: Path, content: str):
    home.mkdir()
    (home / "server.json").write_text(content)
    assert run("chat", "[[say ok]]").stdout == "ok\n"


def test_chat_goes_through_the_running_server(start: Start, run: Run):
    server = start("serve", "--port", "0")
    server.wait_for("Ctrl-C stops it")
    proxies = {"http_proxy": "http://127.0.0.1:9", "HTTP_PROXY": "http://127.0.0.1:9"}
    assert run("chat", "[[say 好]]", env=proxies).stdout == "好\n"
    assert run("chat", "-m", "missing", "x").returncode == 1
    metrics = get(f"{server.url}/metrics").decode()
    assert "/v1/chat/completions" in metrics


def test_a_server_that_demands_keys_is_used_with_a_key_only(start: Start, run: Run):
    made = run("keys", "create", "me", "--json")
    secret = json.loads(made.stdout)["key"]
    server = start("serve", "--port", "0", "--require-key")
    server.wait_for("Ctrl-C stops it")
    with pytest.raises(urllib.error.HTTPError, match="401"):
        get(f"{server.url}/v1/models")
    assert run("chat", "[[say 好]]").stdout == "好\n"
    assert run("chat", "[[say 好]]", env={"ZAOHUA_API_KEY": secret}).stdout == "好\n"
    assert json.loads(run("keys", "list", "--json").stdout)[0]["usage"]["requests_total"] == 1


@pytest.mark.parametrize("arguments", [("--host", "0.0.0.0"), ("--require-key",)])
def test_others_are_not_served_before_there_is_a_key(run: Run, arguments: tuple[str, ...]):
    done = run("serve", "--port", "0", *arguments)
    assert done.returncode == 2
    assert "zaohua keys create" in one_line(done.stderr)


def test_the_page_can_be_left_out(start: Start):
    server = start("serve", "--port", "0", "--no-page")
    with pytest.raises(urllib.error.HTTPError, match="404"):
        get(f"{server.url}/")


def test_serve_downloads_nothing(run: Run):
    done = run("serve", "--port", "0", engine="")
    assert done.returncode == 1
    assert "zaohua models pull" in one_line(done.stderr)


def test_a_home_that_cannot_be_made_is_one_line(run: Run, tmp_path: Path):
    (tmp_path / "file").touch()
    done = run("serve", "--port", "0", env={"ZAOHUA_HOME": str(tmp_path / "file" / "home")})
    assert done.returncode == 1
    one_line(done.stderr)


def test_a_damaged_database_is_one_line(run: Run, home: Path):
    home.mkdir()
    (home / "zaohua.db").write_bytes(b"no database " * 500)
    done = run("serve", "--port", "0")
    assert done.returncode == 1
    assert "database" in one_line(done.stderr)


def workers_of(process: int) -> list[psutil.Process]:
    return psutil.Process(process).children(recursive=True)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_no_engine_outlives_its_server(
    start: Start, home: Path, test_model: InstalledModel, model_home: Path, number: int
):
    home.mkdir()
    for name in ("blobs", "models"):
        (home / name).symlink_to(model_home / name)
    server = start("serve", "--port", "0", engine="", ZAOHUA_MODEL=test_model.name)
    server.wait_for("Ctrl-C stops it", 60)
    assert "weights 98 MB" in server.output
    workers = workers_of(server.process.pid)
    assert workers
    server.end(number)
    assert not psutil.wait_procs(workers, timeout=5)[1]

"""Files that cannot be read, by the verbs that read them: a line each, and no large memory."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from reportlab.lib.pdfencrypt import StandardEncryption
from reportlab.pdfgen import canvas

from tests.cli.conftest import Here, environment, one_line
from zaohua.errors import installing

LARGE = 500 << 20
MOST_KILOBYTES = 350_000
MANY = """
import json, sys
from zaohua.cli.app import run
print([run(arguments) for arguments in json.loads(sys.argv[1])])
print(next(line.split()[1] for line in open("/proc/self/status") if line.startswith("VmHWM")))
"""
Write = Callable[..., Path]


def pdf(*pages: str, password: str = "") -> bytes:
    file = io.BytesIO()
    made = canvas.Canvas(file, encrypt=StandardEncryption(password) if password else None)
    for page in pages:
        made.drawString(80, 700, page)
        made.showPage()
    made.save()
    return file.getvalue()


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """``write("a.txt", b"...", size=...)``: beyond its content a file of that size is a hole."""

    def call(name: str, content: bytes = b"", size: int = 0) -> Path:
        path = tmp_path / name
        path.write_bytes(content)
        if size:
            with path.open("r+b") as file:
                file.truncate(size)
        return path

    return call


@pytest.mark.parametrize(
    ("name", "content", "size", "said"),
    [
        ("locked.pdf", pdf("secret", password="x"), 0, "locked with a password"),
        ("scan.pdf", pdf("", ""), 0, "no text layer: a scan, or empty pages"),
        ("named.pdf", b"no PDF at all", 0, "named .pdf but is not a pdf file"),
        ("空 文件.txt", b"", 0, "empty file"),
        ("picture", b"\x89PNG\r\n\x1a\n" + b"\0" * 99, 0, "not text"),
        ("large.txt", b"", LARGE, "more than 64 MB is too large"),
        ("large.pdf", b"%PDF-1.7", LARGE, "more than 200 MB is too large"),
        ("..", b"", 0, "this is a folder"),
        ("none.txt", None, 0, "no such file or directory"),
    ],
)
def test_a_text_that_cannot_be_read(
    here: Here, write: Write, name: str, content: bytes | None, size: int, said: str
):
    if content is not None and name != "..":
        write(name, content, size)
    done = here("generate", "-t", "summary", "--input", name)
    assert done.returncode == 2
    line = one_line(done.stderr)
    assert said in line
    assert f"({name})" in line


def test_documents_are_texts_too(here: Here, write: Write):
    write("a.pdf", pdf("Page one [[say read]]", "page two"))
    assert here("generate", "-t", "summary", "-i", "a.pdf").stdout == "read.\n"
    write("小说.txt", "第一章 老人在山路上慢慢地走。[[say 读到了]]".encode("gb18030"))
    assert here("generate", "-t", "summary", "-i", "小说.txt").stdout == "读到了。\n"


def test_500_megabytes_are_refused_without_being_read(tmp_path: Path, write: Write):
    write("l.txt", b"a", LARGE)
    write("l.jsonl", b"{", LARGE)
    write("l.md", b"# a", LARGE)
    write("l.csv", b"subject,relation,object\n", LARGE)
    write("l.json", b"{", LARGE)
    verbs = [
        ("generate", "--input", "l.jsonl"),
        ("generate", "-t", "summary", "--input", "l.jsonl"),
        ("generate", "-t", "summary", "--set", "text=@l.txt"),
        ("generate", "--json-schema", "l.json", "x"),
        ("generate", "--grammar", "l.txt", "x"),
        ("prompt", "optimise", "summary", "--cases", "l.jsonl"),
        ("knowledge", "add", "l.txt", "l.md"),
        ("knowledge", "rules", "check", "l.txt"),
        ("knowledge", "graph", "import", "l.csv"),
        ("label", "verify", "l.md"),
        ("run", "l.txt"),
        ("guard", "check", "-"),
        ("generate", "x"),
    ]
    with (tmp_path / "l.txt").open("rb") as large:
        done = subprocess.run(
            [sys.executable, "-c", MANY, json.dumps(verbs)],
            env=environment(tmp_path / "home", ZAOHUA_ENGINE="fake"),
            cwd=tmp_path, stdin=large, capture_output=True, text=True, timeout=60, check=True,
        )  # fmt: skip
    codes, kilobytes = done.stdout.splitlines()[-2:]
    assert all(json.loads(codes)), done.stderr
    lines = [line for line in done.stderr.splitlines() if not line.startswith("reading")]
    assert len(lines) == len(verbs) + 1, done.stderr  # knowledge add: two files
    assert all("large" in line or "over the limit" in line or "over 200" in line for line in lines)
    assert int(kilobytes) < MOST_KILOBYTES


def test_a_wrong_option_is_not_looked_for_elsewhere(here: Here, monkeypatch: pytest.MonkeyPatch):
    line = one_line(here("serve", "--port", "99999").stderr)
    assert line == "zaohua: setting port: must be less than or equal to 65535, is 99999"
    monkeypatch.setenv("ZAOHUA_PORT", "99999")
    assert "mend it in the environment (ZAOHUA_PORT)" in one_line(here("serve").stderr)


def test_what_installs_an_extra_is_of_this_python(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.setenv("PATH", str(tmp_path))
    assert installing("mcp") == f"{sys.executable} -m pip install 'zaohua[mcp]'"
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))
    (tmp_path / "pip").touch(0o755)
    assert installing("mcp") == "pip install 'zaohua[mcp]'"


@pytest.mark.parametrize(
    ("closed", "code", "out", "said"),
    [
        ("<&-", 0, "You said: hi", ""),
        (">&-", 0, "", ""),
        ("2>&-", 0, "You said: hi", ""),
        (">/dev/full", 1, "", "zaohua: no space left on device: make room on the disk"),
    ],
)
def test_streams_that_are_closed_or_full(
    tmp_path: Path, closed: str, code: int, out: str, said: str
):
    done = subprocess.run(
        ["/bin/sh", "-c", f'"{sys.executable}" -m zaohua chat hi {closed}'],
        env=environment(tmp_path / "home", ZAOHUA_ENGINE="fake"),
        cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stdout.strip(), done.stderr.strip()) == (code, out, said)


def test_a_folder_that_is_gone_and_numbers_beyond_all(
    here: Here, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    line = one_line(here("tickets", "show", "9" * 30).stderr)
    assert "a number is larger than the database can hold" in line
    gone = tmp_path / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()
    assert "the folder that this runs in is gone" in one_line(here("chat", "hi").stderr)

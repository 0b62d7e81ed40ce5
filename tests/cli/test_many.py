"""``zaohua generate --input``: many prompts, one file of answers."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Here, environment, one_line
from zaohua.cli.many import questions
from zaohua.generate.request import Sampling


def write(path: Path, *lines: Any) -> None:
    path.write_text("".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines), "utf-8")


def read(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.split("\n") if line]


def texts(lines: list[dict[str, Any]]) -> list[str]:
    return [line["choices"][0]["text"] for line in lines]


def test_each_form_of_a_line_is_answered_in_order(here: Here, tmp_path: Path) -> None:
    batch = {"messages": [{"role": "user", "content": "[[say 二]]"}]}
    write(
        tmp_path / "many.jsonl",
        {"prompt": "[[slow 0.05]] [[say 一]]"},
        {"custom_id": "b", "method": "POST", "url": "/v1/chat/completions", "body": batch},
        {"custom_id": "c", "messages": [{"role": "user", "content": "[[say 三]]"}]},
    )
    done = here("generate", "--input", "many.jsonl")
    lines = read(done.stdout)
    assert [line["custom_id"] for line in lines] == [1, "b", "c"]
    assert texts(lines) == ["一", "二", "三"]
    assert all(line["usage"]["completion_tokens"] for line in lines)
    assert "3 answers of 3 answers" in done.stderr


def test_a_file_of_prompts_is_batch_work(tmp_path: Path) -> None:
    write(tmp_path / "many.jsonl", {"prompt": "a"}, {"prompt": "b", "service_tier": "default"})
    asked = questions(tmp_path / "many.jsonl", Sampling(), None, "")
    assert all(question.request.batch for question in asked)


def test_a_line_ends_only_where_it_is_broken(here: Here, tmp_path: Path) -> None:
    write(tmp_path / "many.jsonl", {"prompt": "[[say a\u2028b\x85c]]"}, {"prompt": "[[say 好]]"})
    assert texts(read(here("generate", "-i", "many.jsonl").stdout)) == ["a\u2028b\x85c", "好"]


def test_options_count_where_a_line_says_nothing(here: Here, tmp_path: Path) -> None:
    words = "[[words 9]]"
    write(tmp_path / "many.jsonl", {"prompt": words}, {"prompt": words, "max_tokens": 2})
    lines = read(here("generate", "-i", "many.jsonl", "--max-tokens", "5").stdout)
    assert [line["usage"]["completion_tokens"] for line in lines] == [5, 2]


def test_what_is_answered_already_is_not_asked_again(here: Here, tmp_path: Path) -> None:
    write(tmp_path / "many.jsonl", *({"prompt": f"[[say {n}]]"} for n in range(4)))
    command = ("generate", "-i", "many.jsonl", "-o", "answers.jsonl")
    assert here(*command).returncode == 0
    answers = tmp_path / "answers.jsonl"
    whole = answers.read_bytes()
    kept = whole[: whole.index(b"\n") + 1]
    answers.write_bytes(kept + b'{"custom_id": 2, "cho')  # killed in the middle of a line
    assert here(*command).returncode == 0
    assert answers.read_bytes().startswith(kept)
    assert texts(read(answers.read_text())) == ["0", "1", "2", "3"]


def test_a_file_of_other_answers_is_left_alone(here: Here, tmp_path: Path) -> None:
    write(tmp_path / "many.jsonl", {"prompt": "x"})
    write(tmp_path / "answers.jsonl", {"custom_id": "another"})
    before = (tmp_path / "answers.jsonl").read_bytes()
    done = here("generate", "-i", "many.jsonl", "-o", "answers.jsonl")
    assert done.returncode == 2
    assert "give another --output" in one_line(done.stderr)
    assert (tmp_path / "answers.jsonl").read_bytes() == before


def test_what_cannot_be_answered_is_said_in_its_line(here: Here, tmp_path: Path) -> None:
    write(tmp_path / "many.jsonl", {"prompt": "word " * 9000}, {"prompt": "[[say 好]]"})
    done = here("generate", "-i", "many.jsonl")
    refused, answered = read(done.stdout)
    assert done.returncode == 1
    assert "the prompt has" in refused["error"]
    assert answered["choices"][0]["text"] == "好"
    assert "1 could not be answered" in done.stderr


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("", "there are no questions in it"),
        ('{"prompt": "x"}\nno json\n', "many.jsonl, line 2"),
        ("[1]\n", "not a JSON object"),
        ('{"prompt": 1}\n', "messages"),
        ('{"prompt": "x", "temperature": 9}\n', "temperature"),
    ],
)
def test_a_line_that_makes_no_sense_is_named_before_anything_is_asked(
    here: Here, tmp_path: Path, content: str, told: str
) -> None:
    (tmp_path / "many.jsonl").write_text(content)
    done = here("generate", "-i", "many.jsonl", "-o", "answers.jsonl")
    assert (done.returncode, done.stdout) == (2, "")
    assert told in one_line(done.stderr)
    assert not (tmp_path / "answers.jsonl").exists()


@pytest.mark.parametrize(
    "arguments",
    [
        ("-i", "many.jsonl", "a prompt"),
        ("-i", "many.jsonl", "--raw"),
        ("-i", "missing.jsonl"),
        ("-o", "answers.jsonl", "a prompt"),
        ("--parallel", "2", "a prompt"),
    ],
)
def test_options_that_do_not_go_together_are_refused(
    here: Here, tmp_path: Path, arguments: tuple[str, ...]
) -> None:
    write(tmp_path / "many.jsonl", {"prompt": "x"})
    done = here("generate", *arguments)
    assert done.returncode == 2
    assert one_line(done.stderr)


def test_ctrl_c_keeps_what_was_answered(home: Path, tmp_path: Path) -> None:
    write(tmp_path / "many.jsonl", {"prompt": "[[say 好]]"}, {"prompt": "[[silent 60]]"})
    answers = tmp_path / "answers.jsonl"
    process = subprocess.Popen(
        [sys.executable, "-m", "zaohua", "generate", "-i", "many.jsonl", "-o", "answers.jsonl"],
        env=environment(home, ZAOHUA_ENGINE="fake"),
        cwd=tmp_path,
        stderr=subprocess.PIPE,
    )
    end = time.monotonic() + 30
    while time.monotonic() < end and not (answers.exists() and answers.stat().st_size):
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=20)
    assert process.returncode == 130
    assert b"Traceback" not in err
    assert texts(read(answers.read_text("utf-8"))) == ["好"]

"""The verbs that answer and end, as processes with the fake engine."""

from __future__ import annotations

import json
import re
import resource
import signal
import subprocess
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.conftest import Here, Run, environment, one_line
from zaohua.cli.app import ORDER

VERBS = ORDER
ROOT = Path(__file__).parents[2]
HELP_SECONDS = 0.3


def test_help_comes_at_once(run: Run):
    """Processor time, the best of some tries: the tests share the machine with others."""
    assert min(_cost(lambda: run("--help")) for _ in range(5)) < HELP_SECONDS


def _cost(work: Callable[[], object]) -> float:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    work()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def test_the_command_line_imports_nothing_heavy():
    code = "import sys, zaohua.cli.app; print(' '.join(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    heavy = {"rich", "pydantic", "httpx", "numpy", "fastapi", "sqlalchemy", "asyncio", "xllamacpp"}
    assert heavy.isdisjoint(done.stdout.split())


def test_zaohua_alone_prints_help(run: Run):
    done = run()
    assert (done.returncode, done.stderr) == (0, "")
    assert [v for v in VERBS if re.search(rf"^  {v} ", done.stdout, re.MULTILINE)] == list(VERBS)


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_has_help_that_fits_a_terminal(here: Here, verb: str):
    done = here(verb, "--help")
    assert (done.returncode, done.stderr) == (0, "")
    assert max(map(len, done.stdout.splitlines())) <= 80


def test_no_help_text_is_cut_short(here: Here):
    for verb in ((), ("models",), ("keys",), ("data",), ("tokenizer",), ("artefacts",)):
        assert "..." not in here(*verb, "--help").stdout.partition("Commands:")[2]


@pytest.mark.parametrize(
    "arguments",
    [
        ("frob",),
        ("chat", "--frob"),
        ("chat", "--temperature", "hot", "x"),
        ("chat", "--temperature", "-1", "x"),
        ("chat", "--max-tokens", "-5", "x"),
        ("chat", "   "),
        ("chat",),
        ("generate",),
        ("generate", "--top-p", "2", "x"),
        ("generate", "-n", "0", "x"),
        ("generate", "-n", "100000", "x"),
        ("generate", "--logprobs", "99", "x"),
        ("generate", "--logit-bias", "198", "x"),
        ("generate", "--logit-bias", "a=b", "x"),
        ("generate", "--logit-bias", "1=1000", "x"),
        ("generate", "--raw", "--system", "s", "x"),
        ("generate", "--regex", "a", "--grammar", "b", "x"),
        ("generate", "--json-schema", "missing.json", "x"),
        ("serve", "--port", "70000"),
        ("serve", "--port", "-1"),
        ("serve", "--engine", "steam"),
        ("serve", "--context", "-1"),
        ("serve", "--host", "no.such.host.invalid", "--port", "0"),
        ("serve", "extra"),
        ("version", "--frob"),
    ],
)
def test_wrong_use_is_one_line_and_exit_code_2(here: Here, arguments: tuple[str, ...]):
    done = here(*arguments)
    assert (done.returncode, done.stdout) == (2, "")
    one_line(done.stderr)


def test_a_wrong_setting_names_its_key(run: Run):
    done = run("chat", "x", env={"ZAOHUA_PORT": "many"})
    assert done.returncode == 2
    assert "ZAOHUA_PORT" in one_line(done.stderr)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('modle = "x"', "did you mean 'model'?"),
        ("frobnicate = 1", "there are home, database_url, model"),
        ("port = oops", "line 1"),
        ("port = 8866 \xff", "utf-8"),
    ],
)
def test_a_mistake_in_the_settings_file_is_told(run: Run, tmp_path: Path, text: str, told: str):
    file = tmp_path / "zaohua.toml"
    file.write_bytes(text.encode("latin-1"))
    done = run("models", "list")
    assert done.returncode == 2
    assert told in one_line(done.stderr)
    assert str(file) in done.stderr


def test_version_is_that_of_the_package(here: Here):
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["version"]
    assert here("version").stdout.strip() == project
    assert here("--version").stdout.strip() == project
    assert json.loads(here("version", "--json").stdout)["version"] == project


def test_one_question_one_answer(run: Run):
    done = run("chat", "请问，如何做好时间管理？")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.endswith("请问，如何做好时间管理？\n")


def test_words_need_no_quotes(here: Here):
    assert here("chat", "how", "are", "you").stdout.endswith("how are you\n")


def test_what_is_piped_in_stands_before_the_question(run: Run):
    done = run("chat", "[[say read]] summarise", stdin="a long report\n")
    assert done.stdout == "read\n"
    done = run("chat", "summarise", stdin="a long report\n")
    assert done.stdout.endswith("a long report\n\nsummarise\n")


@pytest.mark.parametrize("arguments", [("chat",), ("chat", "-"), ("generate",), ("generate", "-")])
def test_the_prompt_may_come_through_a_pipe(run: Run, arguments: tuple[str, ...]):
    done = run(*arguments, stdin="\ufeff你好".encode())
    assert (done.returncode, done.stdout[-3:]) == (0, "你好\n")


def test_text_that_is_not_utf8_is_refused(run: Run):
    done = run("chat", stdin="你好".encode("gb18030"))
    assert done.returncode == 2
    assert "iconv" in one_line(done.stderr)


def test_json_tells_text_tokens_and_times(here: Here):
    done = here("chat", "--json", "[[say 好]]")
    plain = json.loads(done.stdout)
    assert (plain["model"], plain["text"], plain["finish_reason"]) == ("fake", "好", "stop")
    assert plain["usage"]["completion_tokens"] == 1
    assert plain["timings"]["total_ms"] >= plain["timings"]["first_token_ms"] >= 0


def test_an_answer_may_come_in_one_piece(here: Here):
    assert here("chat", "--no-stream", "[[say 好]]").stdout == "好\n"


def test_max_tokens_is_kept(here: Here):
    plain = json.loads(here("chat", "--json", "--max-tokens", "3", "[[words 50]]").stdout)
    assert (plain["usage"]["completion_tokens"], plain["finish_reason"]) == (3, "length")


def test_an_unknown_model_is_told(here: Here):
    done = here("chat", "-m", "missing", "x")
    assert done.returncode == 1
    assert "missing" in one_line(done.stderr)


@pytest.mark.parametrize("prompt", ["[[fail]]", "[[busy]]", "[[fail after 2]] x"])
def test_an_engine_that_fails_gives_exit_code_1(here: Here, prompt: str):
    done = here("chat", prompt)
    assert done.returncode == 1
    one_line(done.stderr)


def test_ctrl_c_ends_an_answer_with_130_and_what_came(home: Path):
    command = [sys.executable, "-u", "-m", "zaohua", "chat", "[[slow 0.1]] [[words 500]]"]
    process = subprocess.Popen(
        command,
        env=environment(home, ZAOHUA_ENGINE="fake"),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert process.stdout
    first = process.stdout.read(4)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=10)
    assert process.returncode == 130
    assert err == b""
    assert (first + out).endswith(b"\n")


def test_a_reader_that_leaves_ends_it_quietly(home: Path):
    command = f"{sys.executable} -m zaohua chat '[[slow 0.01]] [[words 3000]]' | head -c 10"
    done = subprocess.run(
        ["bash", "-c", f"set -o pipefail; {command}"],
        env=environment(home, ZAOHUA_ENGINE="fake"),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=30,
        check=False,
    )
    assert (len(done.stdout), done.stderr) == (10, b"")
    assert done.returncode != 0


def test_n_answers_are_told_apart(here: Here):
    assert here("generate", "-n", "2", "[[say 好]]").stdout == "好\n---\n好\n"
    choices = json.loads(here("generate", "-n", "2", "--json", "[[say 好]]").stdout)["choices"]
    assert [(c["index"], c["text"]) for c in choices] == [(0, "好"), (1, "好")]


def test_token_probabilities_are_in_the_json(here: Here):
    plain = json.loads(here("generate", "--json", "--logprobs", "2", "[[say 好]]").stdout)
    token = plain["choices"][0]["logprobs"][0]
    assert token["token"] == "好"
    assert token["logprob"] < 0
    assert len(token["top"]) == 2


def test_raw_continues_without_a_template(here: Here):
    assert here("generate", "--raw", "once upon a time").returncode == 0


def test_a_stop_text_ends_the_answer(here: Here):
    done = here("generate", "--stop", "three", "[[say one two three four]]")
    assert done.stdout == "one two \n"


def test_an_answer_follows_a_schema(here: Here, tmp_path: Path):
    schema = {"type": "object", "properties": {"n": {"type": "integer"}}, "required": ["n"]}
    (tmp_path / "schema.json").write_text(json.dumps(schema))
    done = here("generate", "--json-schema", "schema.json", "give a number")
    assert isinstance(json.loads(done.stdout)["n"], int)


@pytest.mark.parametrize("content", ["no json", "[]", "1"])
def test_a_schema_must_be_a_json_object(here: Here, tmp_path: Path, content: str):
    (tmp_path / "schema.json").write_text(content)
    done = here("generate", "--json-schema", "schema.json", "x")
    assert done.returncode == 2
    assert "schema.json" in one_line(done.stderr)


@pytest.mark.parametrize("variables", [{"LC_ALL": "C"}, {"LC_ALL": "POSIX"}, {"LANG": ""}])
def test_chinese_passes_in_a_locale_that_knows_none(run: Run, variables: dict[str, str]):
    assert run("chat", "[[say 造化]]", env=variables).stdout == "造化\n"


def test_an_encoding_without_chinese_loses_letters_but_does_not_fail(run: Run):
    done = run("chat", "[[say 造化 ok]]", env={"PYTHONIOENCODING": "latin-1", "PYTHONUTF8": "0"})
    assert (done.returncode, done.stdout) == (0, "?? ok\n")


def test_the_unexpected_is_one_line_with_the_log(run: Run, home: Path, tmp_path: Path):
    (tmp_path / "breaks").mkdir()
    broken = "raise RuntimeError('boom')\n"
    (tmp_path / "breaks" / "sitecustomize.py").write_text(
        "import sys, types\n"
        "class Broken:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        f"        if name == 'zaohua.generate.pool': {broken}"
        "sys.meta_path.insert(0, Broken())\n"
    )
    path = {"PYTHONPATH": f"{tmp_path / 'breaks'}:{Path('src').absolute()}"}
    done = run("chat", "x", env=path)
    assert done.returncode == 1
    log = home / "logs" / "zaohua.log"
    assert str(log) in one_line(done.stderr)
    assert "boom" in log.read_text()
    assert "Traceback" in run("--debug", "chat", "x", env=path).stderr
    assert "Traceback" in run("chat", "x", env={**path, "ZAOHUA_DEBUG": "1"}).stderr

"""``zaohua generate -t`` and ``zaohua prompt``."""

from __future__ import annotations

import json
import signal
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Here, Run, Server, one_line
from zaohua.generate.prompts import testing

NOVEL = "".join(f"第{n}章\n\n" + f"老人在第{n}天走着山路。\n\n" * 60 for n in range(1, 21))


def own(home: Path, name: str, text: str) -> None:
    (home / "prompts").mkdir(parents=True, exist_ok=True)
    (home / "prompts" / f"{name}.md").write_text(text, "utf-8")


def test_a_template_takes_a_file(here: Here, tmp_path: Path):
    (tmp_path / "a.txt").write_text("图书馆今天关门。[[say 关门]]", "utf-8")
    done = here("generate", "-t", "summary", "--input", "a.txt")
    assert (done.returncode, done.stdout) == (0, "关门。\n")
    told = json.loads(here("generate", "-t", "summary", "-i", "a.txt", "--json").stdout)
    assert (told["prompt"], told["language"], told["version"]) == ("summary", "zh", 3)
    assert told["text"] == told["value"] == "关门。"
    assert told["usage"]["completion_tokens"] == 2


def test_or_words_or_a_pipe(here: Here, run: Run):
    assert here("generate", "-t", "sentiment", "Lovely weather").stdout == "positive\n"
    assert run("generate", "-t", "sentiment", stdin="今天真好").stdout == "正面\n"


def test_inputs_are_set_by_value_and_by_file(here: Here, tmp_path: Path):
    (tmp_path / "q.txt").write_text("Who?", "utf-8")
    done = here("generate", "-t", "extract", "--set", "fields=名字, city", "--set", "text=@q.txt")
    assert json.loads(done.stdout) == {"名字": None, "city": None}
    assert here("generate", "-t", "extract", "-l", "zh", "--set", "fields=a", "x").stdout == (
        '{"a": null}\n'
    )


def test_the_shape_of_the_output_file(here: Here, tmp_path: Path):
    done = here("generate", "-t", "title", "-o", "out.txt", "[[say Snow]]")
    assert (done.returncode, done.stdout) == (0, "")
    assert (tmp_path / "out.txt").read_text() == "Snow\n"


def test_t_with_a_number_is_the_temperature_as_it_was(here: Here):
    assert here("generate", "-t", "0.7", "[[say hi]]").stdout == "hi\n"
    assert here("generate", "-t0", "[[say hi]]").stdout == "hi\n"
    assert "between 0 and 100" in one_line(here("generate", "-t", "-1", "x").stderr)
    assert here("generate", "-t", "1", "--temperature", "1", "x").returncode == 2


def test_a_jsonl_of_inputs(here: Here, tmp_path: Path):
    lines = [{"text": "I am glad"}, {"custom_id": "b", "inputs": {"text": "好"}}]
    (tmp_path / "m.jsonl").write_text("\n".join(map(json.dumps, lines)), "utf-8")
    done = here("generate", "-t", "sentiment", "-i", "m.jsonl")
    found = [json.loads(line) for line in done.stdout.splitlines()]
    assert [(one["custom_id"], one["choices"][0]["text"]) for one in found] == [
        (1, '"positive"'),
        ("b", '"正面"'),
    ]
    done = here("generate", "-t", "sentiment", "--set", "labels=x,y", "-i", "m.jsonl")
    assert '"\\"x\\""' in done.stdout


def test_a_bad_line_is_named(here: Here, tmp_path: Path):
    (tmp_path / "m.jsonl").write_text('{"text": "a"}\n{"words": "b"}\n', "utf-8")
    line = one_line(here("generate", "-t", "summary", "-i", "m.jsonl").stderr)
    assert "text is missing" in line
    assert "m.jsonl, line 2" in line


def test_votes_and_best(here: Here):
    told = json.loads(here("generate", "-t", "title", "--votes", "5", "--json", "snow").stdout)
    assert told["answers"] == 5
    assert 0 < told["agreement"] < 1
    told = json.loads(here("generate", "-t", "title", "--best", "3", "--json", "snow").stdout)
    assert told["score"] > 0


def test_a_long_text_in_order_flows_out(here: Here, tmp_path: Path):
    (tmp_path / "novel.txt").write_text(NOVEL, "utf-8")
    done = here("generate", "-t", "translate", "-i", "novel.txt")
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("你说的是：") > 5
    assert "第20天" in done.stdout
    assert "翻译: reading" in done.stderr


def test_a_long_text_is_summarised_with_its_parts_to_be_seen(
    here: Here, tmp_path: Path, home: Path
):
    (tmp_path / "novel.txt").write_text(NOVEL, "utf-8")
    done = here("generate", "-t", "summary", "-i", "novel.txt", "--json")
    told = json.loads(done.stdout)
    assert told["parts"] > 5
    assert f"{told['parts']}/{told['parts']} 第20章: " in done.stderr
    assert list((home / "work" / "long").iterdir()) == []


def test_what_is_too_long_and_may_not_be_parted_is_refused(here: Here, tmp_path: Path):
    (tmp_path / "novel.txt").write_text(NOVEL, "utf-8")
    done = here("generate", "-t", "summary", "-i", "novel.txt", "--long", "off")
    assert done.returncode == 2
    assert "tokens but the context holds" in one_line(done.stderr)


def test_a_broken_json_answer_leaves_with_1(here: Here, home: Path):
    head = "inputs: {text: {}}\noutput: {json: {type: array, minItems: 3, items: {type: string}}}"
    own(home, "list", f"---\n{head}\n---\n{{{{ text }}}}")
    done = here("generate", "-t", "list", "--max-tokens", "2", "x")
    assert done.returncode == 1
    assert "was cut off before its end" in one_line(done.stderr)


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("-t", "sumary", "x"), "did you mean 'summary'?"),
        (("-t", "summary"), "text is missing"),
        (("-t", "summary", "--set", "words", "x"), "sets nothing"),
        (("-t", "summary", "--set", "word=5", "x"), "did you mean 'words'?"),
        (("-t", "summary", "--set", "words=many", "x"), "words must be a number"),
        (("-t", "summary", "--set", "text=a", "b"), "is given twice"),
        (("-t", "summary", "--set", "text=@none.txt"), "cannot be read"),
        (("-t", "summary", "--raw", "x"), "template's own business"),
        (("-t", "summary", "--regex", "a", "x"), "template's own business"),
        (("-t", "summary", "-n", "2", "x"), "--votes or --best"),
        (("-t", "summary", "--votes", "2", "--best", "2", "x"), "only one of"),
        (("-t", "summary", "--long", "map-red", "x"), "did you mean 'map-reduce'?"),
        (("-t", "summary", "-l", "fr", "x"), "there are en, zh"),
        (("--set", "a=b", "x"), "are for --template"),
        (("--votes", "2", "x"), "are for --template"),
        (("-t", "title", "--long", "refine", "x"), "has no part '# refine'"),
    ],
)
def test_wrong_use_is_one_line(here: Here, arguments: tuple[str, ...], told: str):
    done = here("generate", *arguments)
    assert done.returncode in (1, 2)
    assert told in one_line(done.stderr)


def test_a_template_with_mistakes_tells_them_all(here: Here, home: Path):
    own(home, "bad", "---\ntitel: x\n---\n{{ a }}\n{{ b }}")
    line = one_line(here("generate", "-t", "bad").stderr)
    for part in ("line 2: titel", "line 4: user: 'a'", "line 5: user: 'b'", "bad.md"):
        assert part in line
    assert "titel" in here("prompt", "list", "bad").stdout


def test_list_and_show(here: Here):
    rows = json.loads(here("prompt", "list", "--json").stdout)
    assert {(one["name"], one["language"]) for one in rows} >= {("summary", "zh"), ("poem", "en")}
    assert "诗" in here("prompt", "list", "poem").stdout
    shown = here("prompt", "show", "summary", "-l", "zh").stdout
    assert "--set words" in shown
    assert "# combine" in shown
    told = json.loads(here("prompt", "show", "classify", "--json").stdout)
    assert told["output"]["form"] == "choice"
    assert [one["name"] for one in told["inputs"]] == ["text", "labels"]


def test_new_is_a_copy_that_stands_in(here: Here, home: Path):
    path = json.loads(here("prompt", "new", "summary", "--from", "title", "--json").stdout)["path"]
    assert Path(path) == home / "prompts" / "summary.md"
    assert here("generate", "-t", "summary", "[[say T]]").stdout == "T\n"
    assert "own" in here("prompt", "list", "summary").stdout
    assert "already" in one_line(here("prompt", "new", "summary").stderr)


def test_test_and_optimise(here: Here, home: Path, tmp_path: Path):
    told = json.loads(here("prompt", "test", "sentiment", "--seeds", "2", "--json").stdout)
    assert told["runs"] == len(told["rows"])  # it is greedy
    done = here("prompt", "test", "sentiment", "--seeds", "1", "--least", "0.9")
    assert done.returncode == 1
    assert "runs: all that was expected held in" in done.stdout
    own(home, "say", "---\ninputs: {text: {}}\ninstruction: Say\nparaphrases: ['[[say 好]]']\n---\n"
        "{{ text }} {{ instruction }}")  # fmt: skip
    cases = [{"inputs": {"text": str(n)}, "output": "好"} for n in range(10)]
    (tmp_path / "c.jsonl").write_text("\n".join(map(json.dumps, cases)), "utf-8")
    done = here("prompt", "optimise", "say", "--cases", "c.jsonl", "--runs", "90", "--json")
    told = json.loads(done.stdout)
    assert (told["before"], told["after"], told["held_out"]) == (0.0, 1.0, 4)
    assert "version: 2" in Path(told["path"]).read_text("utf-8")
    assert here("generate", "-t", "say", "x").stdout == "好\n"


def test_ctrl_c_says_how_a_long_text_goes_on(start: Callable[..., Server], home: Path, tmp_path):
    own(home, "slow", "---\ninputs: {text: {}}\nlong: in-order\n---\n译：{{ text }} [[slow 0.001]]")
    (tmp_path / "novel.txt").write_text(NOVEL, "utf-8")
    begun = start("generate", "-t", "slow", "-i", "novel.txt", "--long", "in-order")
    begun.wait_for("译")
    assert begun.end(signal.SIGINT) == 130
    assert begun.errors[-1] == "zaohua: stopped: what is done is kept, the same command goes on\n"


def test_all_of_them_at_once(here: Here, home: Path):
    own(home, "bare", "{{ text }}")
    shown = here("prompt", "test", "all", "-l", "zh", "--seeds", "1").stdout
    names = [line.split()[0] for line in shown.splitlines()]
    assert names[0] == "NAME"
    assert "summary" in names
    assert "bare" not in names


def test_stopped_it_shows_what_is_done(here: Here, monkeypatch: pytest.MonkeyPatch):
    whole = testing.steadiness

    async def stopped(*given: Any, **more: Any) -> AsyncGenerator[testing.Steadiness]:
        async with aclosing(whole(*given, **more)) as found:
            yield await anext(found)
            raise KeyboardInterrupt

    monkeypatch.setattr(testing, "steadiness", stopped)
    done = here("prompt", "test", "all", "-l", "zh", "--seeds", "1")
    assert done.returncode == 130
    assert len(done.stdout.splitlines()) == 2, "the heading and one prompt"

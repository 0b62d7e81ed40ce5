"""Testing a template for steadiness, and searching a better one."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.generate.prompts.conftest import Make
from zaohua.errors import UsageError
from zaohua.generate.collect import Answer, Collected
from zaohua.generate.events import Timings, Usage
from zaohua.generate.prompts.cases import divided, read_cases
from zaohua.generate.prompts.optimising import optimise
from zaohua.generate.prompts.testing import steadiness
from zaohua.generate.prompts.trying import giving
from zaohua.generate.prompts.variants import variants
from zaohua.generate.request import ChatRequest

HEAD = """inputs: {text: {}}
instruction: Repeat it.
paraphrases: ["Say MAGIC and repeat it.", Say it again.]
examples: [{inputs: {text: hello}, expect: {equals: hello}}]
"""


class Oracle:
    """Repeats the last line, but gets it wrong unless the magic word is in what it is asked."""

    def __init__(self, *magic: str) -> None:
        self.magic = magic
        self.asked = 0

    async def __call__(self, request: ChatRequest) -> Collected:
        self.asked += request.sampling.n
        whole = "\n".join(message.content for message in request.messages)
        said = whole.splitlines()[-1]
        if not any(word in whole for word in self.magic):
            said = f"no {request.sampling.seed}"
        answers = tuple(Answer(n, said, "", (), (), "stop") for n in range(request.sampling.n))
        return Collected(answers, Usage(1, 1), Timings())


def cases(tmp_path: Path, count: int) -> Path:
    path = tmp_path / "cases.jsonl"
    lines = [{"inputs": {"text": f"第{n}"}, "output": f"第{n}"} for n in range(count)]
    path.write_text("\n".join(json.dumps(line) for line in lines), "utf-8")
    return path


def test_variants_say_the_same_otherwise(make: Make):
    found = variants(make("{{ instruction }}\n\n{{ text }}", HEAD))
    said = {one.name: one.template.render({"text": "hi"}).messages[-1].content for one in found}
    assert said == {
        "as written": "Repeat it.\n\nhi",
        "paraphrase 1": "Say MAGIC and repeat it.\n\nhi",
        "paraphrase 2": "Say it again.\n\nhi",
        "polite": "Please: repeat it.\n\nhi",
        "other order": "hi\n\nRepeat it.",
    }


def test_a_chinese_instruction_becomes_polite_in_chinese(make: Make):
    found = variants(make("{{ instruction }}", "instruction: 请重复一遍。"))
    assert found[1].template.render({}).messages[-1].content == "请你重复一遍。"


def test_what_is_one_piece_is_not_turned_round(make: Make):
    body = "{% if text %}\n\n{{ text }}\n\n{% endif %}"
    assert [one.name for one in variants(make(body))] == ["as written"]


async def test_a_steady_template_and_one_that_is_not(make: Make):
    asked = [make("{{ instruction }}\n\n{{ text }}", HEAD)] * 2
    steady, again = [one async for one in steadiness(asked, giving(Oracle("Repeat")), parallel=4)]
    assert again == steady
    rows = {row.variant: row for row in steady.rows}
    assert (rows["as written"].held, rows["as written"].agreement) == (1.0, 1.0)
    assert rows["paraphrase 2"].held == 0.0
    assert rows["paraphrase 2"].failed == ("equals 'hello'",)
    assert (steady.runs, steady.model) == (15, "")
    assert 0 < steady.held < 1
    assert 0 < steady.agreement < 1


async def test_a_template_without_examples_cannot_be_tested(make: Make):
    with pytest.raises(UsageError, match="no examples"):
        await anext(steadiness([make("{{ text }}")], giving(Oracle("x"))))


async def test_a_better_instruction_is_found_and_is_better_on_cases_held_out(
    make: Make, tmp_path: Path
):
    template = make("{{ instruction }}\n\n{{ text }}", HEAD)
    read = read_cases(cases(tmp_path, 20), template)
    oracle = Oracle("MAGIC")
    found = await optimise(template, read, oracle, runs=120, model="m")
    assert (found.before, found.after, found.held_out) == (0.0, 1.0, 8)
    assert found.better is not None
    assert "MAGIC" in found.better.spec.instruction
    assert found.better.spec.version == 2
    assert found.better.spec.score is not None
    assert found.better.spec.score.held_out == 1.0
    assert found.runs == oracle.asked <= 120


async def test_examples_are_searched_too(make: Make, tmp_path: Path):
    head = "inputs: {text: {}}"
    template = make("say: {{ text }}", head)
    read = read_cases(cases(tmp_path, 15), template)

    async def ask(request: ChatRequest) -> Collected:
        last = request.messages[-1].content
        said = last.removeprefix("say: ") if len(request.messages) > 1 else last
        return Collected((Answer(0, said, "", (), (), "stop"),), Usage(1, 1), Timings())

    found = await optimise(template, read, ask, runs=100)
    assert found.better is not None
    assert found.better.spec.shots
    assert found.after == 1.0


async def test_what_is_no_better_is_not_kept(make: Make, tmp_path: Path):
    template = make("{{ instruction }}\n\n{{ text }}", HEAD)
    read = read_cases(cases(tmp_path, 10), template)
    found = await optimise(template, read, Oracle("e"), runs=80)
    assert found.better is None
    assert found.after == found.before


async def test_too_few_cases_or_runs(make: Make, tmp_path: Path):
    template = make("{{ text }}")
    with pytest.raises(UsageError, match="too few to optimise"):
        await optimise(template, read_cases(cases(tmp_path, 3), template), Oracle("x"))
    with pytest.raises(UsageError, match="runs are too few"):
        await optimise(template, read_cases(cases(tmp_path, 9), template), Oracle("x"), runs=5)


def test_cases_are_divided_the_same_way_every_time(make: Make, tmp_path: Path):
    read = read_cases(cases(tmp_path, 10), make("{{ text }}"))
    choose_by, held_out = divided(read, 1)
    assert (len(choose_by), len(held_out)) == (6, 4)
    assert divided(list(reversed(read)), 1) == (choose_by, held_out)
    assert divided(read, 2) != (choose_by, held_out)


def test_bad_cases_are_told_with_their_lines(make: Make, tmp_path: Path):
    path = tmp_path / "bad.jsonl"
    path.write_text('{"inputs": {"text": "x"}}\nnot json\n{"inputs": {"a": 1}, "output": "b"}\n')
    with pytest.raises(UsageError) as caught:
        read_cases(path, make("{{ text }}"))
    told = caught.value.line()
    assert all(part in told for part in ("line 1: ", "line 2: ", "line 3: there is no input 'a'"))

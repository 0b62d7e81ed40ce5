"""Outputs keep their form: constrained when decoded, checked when read."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.generate.prompts.conftest import Make
from zaohua.errors import UsageError
from zaohua.generate.collect import Answer, Collected
from zaohua.generate.engine import Engine
from zaohua.generate.events import Usage
from zaohua.generate.fake import FakeEngine
from zaohua.generate.long import Ask
from zaohua.generate.prompts import AnswerBroken, Reply, Wishes, run
from zaohua.generate.prompts.checks import check, share
from zaohua.generate.prompts.choosing import agreement
from zaohua.generate.prompts.spec import CheckSpec
from zaohua.generate.request import ChatRequest, Sampling

LABELS = "inputs: {text: {}, labels: {type: list, default: '好, bad'}}\noutput: {choice: labels}"
FIELDS = "inputs: {text: {}, what: {type: list, default: '姓名, city'}}\noutput: {fields: what}"
JSON = (
    "inputs: {text: {}}\n"
    "output: {json: {type: object, properties: {n: {type: integer}}, required: [n]}}"
)


def answer(text: str, reason: str = "stop") -> Answer:
    return Answer(0, text, "", (), (), reason)  # type: ignore[arg-type]


async def reply_of(template, given, engine, ask, **wishes) -> Reply:
    steps = run(template, given, engine, ask, wishes=Wishes(**wishes))
    return [one async for one in steps if isinstance(one, Reply)][-1]


def saying(*texts: str, reason: str = "stop") -> Ask:
    async def ask(request: ChatRequest) -> Collected:
        said = tuple(
            Answer(n, text, "", (), (), reason)  # type: ignore[arg-type]
            for n, text in enumerate(texts)
        )
        return Collected(said, Usage(1, 1), None)  # type: ignore[arg-type]

    return ask


@pytest.mark.parametrize("head", [LABELS, FIELDS, JSON])
async def test_json_is_constrained_and_read(make: Make, head: str, engine: FakeEngine, ask: Ask):
    template = make("{{ text }}", head)
    grammar = template.render({"text": "x"}).grammar
    assert grammar is not None
    assert grammar.kind == "json_schema"
    reply = await reply_of(template, {"text": "x"}, engine, ask)
    expected = {LABELS: "好", FIELDS: {"姓名": "", "city": ""}, JSON: {"n": 0}}[head]
    assert reply.value == expected
    assert reply.text == (expected if isinstance(expected, str) else json.dumps(
        expected, ensure_ascii=False))  # fmt: skip


@pytest.mark.parametrize(
    ("text", "reason", "told"),
    [
        ('{"n": 1', "length", "was cut off before its end"),
        ('{"n": 1}', "length", "was cut off"),
        ('{"n": ', "stop", "is not JSON"),
        ("Sure! Here it is", "stop", "is not JSON"),
        ('{"m": 1}', "stop", "'n' is a required property"),
        ('{"n": "1"}', "stop", "$.n"),
        ("", "stop", "is not JSON"),
    ],
)
def test_a_broken_answer_is_an_error(make: Make, text: str, reason: str, told: str):
    template = make("{{ text }}", JSON)
    with pytest.raises(AnswerBroken) as caught:
        template.read(answer(text, reason), {"text": "x"})
    assert told in caught.value.line()
    assert caught.value.exit_code == 1


def test_a_text_that_is_empty_is_no_answer_and_one_cut_off_is(make: Make):
    template = make("{{ text }}")
    with pytest.raises(AnswerBroken, match="no answer"):
        template.read(answer(" \n"), {"text": "x"})
    assert template.read(answer(" half a", "length"), {"text": "x"}) == "half a"


async def test_votes_take_what_most_say(make: Make, engine: Engine):
    template = make("{{ text }}", LABELS)
    ask = saying('"bad"', '"好"', '"好"', "broken")
    reply = await reply_of(template, {"text": "x"}, engine, ask, votes=4)
    assert (reply.value, reply.answers) == ("好", 4)
    assert reply.agreement == pytest.approx(2 / 3)


async def test_votes_on_texts_take_the_one_most_like_the_others(make: Make, engine: Engine):
    texts = [
        "The ferry runs twice as often from May because of the visitors.",
        "From May the ferry runs twice as often, since more visitors come.",
        "Penguins are birds that cannot fly, yet they are very good swimmers.",
    ]
    reply = await reply_of(make("{{ text }}"), {"text": "x"}, engine, saying(*texts), votes=3)
    assert reply.value in texts[:2]


async def test_best_takes_what_the_checks_like(make: Make, engine: Engine):
    head = "inputs: {text: {}}\nchecks: {contains: 猫, numbers_from: text}"
    ask = saying("a dog of 5", "一只猫，7 岁", "一只猫")
    reply = await reply_of(make("{{ text }}", head), {"text": "x"}, engine, ask, best=3)
    assert (reply.value, reply.score) == ("一只猫", 1.0)


async def test_several_answers_of_a_greedy_template_may_differ(make: Make, engine: Engine):
    asked = []

    async def ask(request: ChatRequest) -> Collected:
        asked.append(request.sampling)
        return await saying("a", "b")(request)

    template = make("{{ text }}", "inputs: {text: {}}\nsampling: {temperature: 0}")
    await reply_of(template, {"text": "x"}, engine, ask, votes=2)
    assert asked == [Sampling(temperature=0.7, repeat_penalty=1.0, n=2)]


@pytest.mark.parametrize(
    "wishes",
    [{"votes": 2, "best": 2}, {"votes": 99}, {"long": "refine"}, {"votes": -1}],
)
async def test_wishes_that_cannot_be(make: Make, engine: Engine, ask: Ask, wishes: dict):
    with pytest.raises(UsageError):
        await reply_of(make("{{ text }}"), {"text": "x"}, engine, ask, **wishes)


VALUES = {"text": "He paid 12,50 on 3 May."}


@pytest.mark.parametrize(
    ("wanted", "output", "holds"),
    [
        ({"contains": "Cat"}, "a cat", True),
        ({"contains": ["cat", "dog"]}, "a cat", False),
        ({"any": ["cat", "dog"]}, "a cat", True),
        ({"lacks": "猫"}, "一只猫", False),
        ({"equals": " Yes "}, "yes", True),
        ({"matches": r"^\d+$"}, "123", True),
        ({"shortest": 3, "longest": 5}, "1234", True),
        ({"longest": 3}, "1234", False),
        ({"language": "zh"}, "今天天气很好", True),
        ({"language": "en"}, "Meeting at nine", True),
        ({"language": "en"}, "你好", False),
        ({"values": {"a.0.b": 1}}, {"a": [{"b": 1}]}, True),
        ({"values": {"a.1": 1}}, {"a": [1]}, False),
        ({"values": {"city": "rome"}}, {"city": "Rome "}, True),
        ({"numbers_from": "text"}, "12,50 on the 3rd", True),
        ({"numbers_from": "text"}, "He paid 13", False),
        ({"numbers_from": "text"}, "1. He paid.\n 22) **Who?**\n**3.** 12,50", True),
        ({"numbers_from": "text"}, "4、他付了12,50\n5.谁", True),
        ({"numbers_from": "text"}, "4.5 litres", False),
        ({"numbers_from": "text"}, "13 guests came", False),
    ],
)
def test_checks(wanted: dict, output: object, holds: bool):
    found = check(CheckSpec.model_validate(wanted), output, VALUES)
    assert (share(found) == 1.0) == holds


def test_agreement():
    assert agreement(["a"]) == 1.0
    assert agreement(["同样", "同样", "同样"]) == 1.0
    assert 0.5 < agreement(["the red cat sat", "the red cat sits"]) < 1.0
    assert agreement(["abc", "xyz"]) == 0.0


def test_where_nothing_is_said_of_checks_all_holds():
    assert share(check(CheckSpec(), "x", {})) == 1.0


def test_a_schema_reaches_nothing_outside(make: Make, tmp_path: Path):
    with pytest.raises(UsageError, match="leads outside"):
        make("x", "output: {json: {properties: {a: {$ref: 'file:///etc/passwd'}}}}")

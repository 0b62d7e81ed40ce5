"""What code makes of answers: tries, checks, forms, labels by probability, texts held against."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from tests.generate.prompts.conftest import Make
from zaohua.errors import UsageError
from zaohua.generate.collect import Answer, Collected
from zaohua.generate.events import Usage
from zaohua.generate.fake import FakeEngine
from zaohua.generate.long import Ask
from zaohua.generate.prompts import AnswerBroken, PromptLibrary, Reply, Wishes, run
from zaohua.generate.request import ChatRequest
from zaohua.knowledge.grounding import OneText

TEXT = "泳池每天6点开放。成人票30元。"
GROUNDED = (
    "inputs: {text: {}, question: {}}\ngrounded: {question: question, text: text}\n"
    "sampling: {temperature: 0}"
)


class Said:
    """Says one text after the other, and remembers what it was asked."""

    def __init__(self, *texts: str) -> None:
        self.texts = list(texts)
        self.asked: list[ChatRequest] = []

    async def __call__(self, request: ChatRequest) -> Collected:
        self.asked.append(request)
        text = self.texts[min(len(self.asked), len(self.texts)) - 1]
        one = Answer(0, text, "", (), (), "stop")  # type: ignore[arg-type]
        return Collected((one,), Usage(1, 1), None)  # type: ignore[arg-type]


async def reply_of(template, given, ask: Ask, **wishes) -> Reply:
    steps = run(template, given, FakeEngine(), ask, wishes=Wishes(**wishes))
    return [one async for one in steps if isinstance(one, Reply)][-1]


async def test_it_is_asked_until_nothing_is_wrong(make: Make):
    body = "# user\n{{ text }}\n# faults\n{% if output | length > 3 %}\nlong\n{% endif %}"
    template = make(body, "inputs: {text: {}}\ntries: 4\nsampling: {seed: 5}")
    ask = Said("much too long", "still long", "ok", "never asked")
    reply = await reply_of(template, {"text": "x"}, ask)
    assert (reply.text, reply.answers) == ("ok", 3)
    assert [one.sampling.seed for one in ask.asked] == [5, 6, 7]
    assert ask.asked[1].sampling.temperature == pytest.approx(0.7)


async def test_else_what_is_right_in_most_or_otherwise(make: Make):
    faults = "{% for w in ['a', 'b'] | missing(output) %}\n{{ w }}\n{% endfor %}"
    body = f"# user\n{{{{ text }}}}\n# faults\n{faults}"
    head = "inputs: {text: {}}\ntries: 2"
    assert (await reply_of(make(body, head), {"text": "x"}, Said("c", "b"))).text == "b"
    body += "\n# otherwise\nnone for {{ text }}"
    assert (await reply_of(make(body, head), {"text": "x"}, Said("c", "b"))).text == "none for x"
    assert (await reply_of(make(body, head), {"text": "x"}, Said("", ""))).text == "none for x"
    with pytest.raises(AnswerBroken):
        await reply_of(make("{{ text }}", head), {"text": "x"}, Said("", ""))


async def test_json_becomes_a_text_of_as_many_lines_as_wished(make: Make):
    head = (
        "inputs: {text: {}, n: {type: number}}\n"
        "output: {form: markdown, json: {type: array, minItems: '{{ n }}', maxItems: '{{ n }}',"
        " items: {type: string}}}\nexamples: [{inputs: {text: x, n: 2}}]"
    )
    template = make("# user\n{{ text }}\n# output\n{{ output | join('\n') }}", head)
    grammar = template.render({"text": "x", "n": 3}).grammar
    assert grammar is not None
    assert grammar.value["minItems"] == 3  # type: ignore[index]
    assert (await reply_of(template, {"text": "x", "n": 2}, Said('["a", "b"]'))).text == "a\nb"
    with pytest.raises(AnswerBroken):
        await reply_of(template, {"text": "x", "n": 2}, Said('["a"]'))


@pytest.mark.parametrize(
    ("body", "head", "told"),
    [
        ("x", "output: {form: markdown, json: {type: object}}", "needs a part '# output'"),
        ("x", "output: {json: {type: array, minItems: '{{ n }}'}}", "needs an example"),
        ("# user\nx\n# channel\ny", "inputs: {text: {}}", "is for an output that is a choice"),
        ("x", "inputs: {a: {}}\ngrounded: {question: a, text: b}", "grounded names 'b'"),
        ("# user\nx\n# output\n{{ out }}", "inputs: {a: {}}", "'out' is no input"),
    ],
)
def test_what_does_not_fit_is_told(make: Make, body: str, head: str, told: str):
    with pytest.raises(UsageError) as caught:
        make(body, head)
    assert told in caught.value.line()


async def test_what_is_given_stays_data_in_a_schema(make: Make):
    head = "inputs: {text: {}, labels: {type: list}}\noutput: {choice: labels}"
    grammar = make("{{ text }}", head).render({"text": "x", "labels": ["{{ text }}", "b"]}).grammar
    assert grammar is not None
    assert grammar.value["enum"] == ["{{ text }}", "b"]  # type: ignore[index]


async def test_answers_are_held_against_their_text(make: Make):
    template = make("# user\n{{ text }} {{ question }}\n# otherwise\n文中没有提到。", GROUNDED)
    ask = Said("泳池每天9点开放。")
    asked = {"text": TEXT, "question": "泳池几点开放？"}
    assert (await reply_of(template, asked, ask, grounding=OneText())).text == "泳池每天6点开放。"
    ask = Said("水温28度。")
    asked = {"text": TEXT, "question": "馆长的电话是多少？"}
    assert (await reply_of(template, asked, ask, grounding=OneText())).text == "文中没有提到。"
    assert ask.asked == []


async def test_a_label_is_the_one_that_makes_the_text_likely(prompts: PromptLibrary):
    class Scoring(FakeEngine):
        async def score(self, request, answer, top=5):  # type: ignore[no-untyped-def]
            likely = -1.0 if "天气" in request.messages[-1].content else -9.0
            async for token in super().score(request, answer, top):
                yield replace(token, logprob=likely)

    template = prompts.get("classify", "zh")
    given = {"text": "今晚有雨。", "labels": "体育、政治、天气"}
    steps = run(template, given, Scoring(), Said('"体育"'))
    assert [one.value async for one in steps if isinstance(one, Reply)] == ["天气"]


def _said(filters: Sequence[tuple[str, str]], make: Make) -> list[str]:
    return [make(f"{{{{ {what} }}}}").say("user", {"text": text}) for what, text in filters]


def test_filters(make: Make):
    found = _said(
        [
            ("text | once", "灯亮了一整夜。灯亮了一整夜。天亮了。"),
            ("text | whole", "He came home. He sat d"),
            ("text | within(9)", "一二三四，五六七八九十。"),
            ("text | bare", "“你好”"),
            ("text | clauses | join('|')", "A is fast and its ink is cheap. B is slow"),
            ("text | items | join('|')", "- one.\n- two"),
            ("text | numbers | join(' ')", "十四天、3 May"),
            ("text | gist(18)", "正如大家知道的那样，因为检修，12月6日8点起停电，深表歉意。"),
            (
                "text | telling(25)",
                "天气很好。大家都在。夜里，堤坝决了口。沈青禾救了117个人。雨停了。",
            ),
            (
                "text | telling(64)",
                "It was warm. Nora Amsel sold 3 mills. The heirs went to court.\n\nFog.",
            ),
            ("text | corrected", "我门以经到了，we was late becouse of it"),
            ("text | corrected", "我在门口等你们，they were here because of it"),
        ],
        make,
    )
    assert found == [
        "灯亮了一整夜。天亮了。",
        "He came home.",
        "一二三四",
        "你好",
        "A is fast|its ink is cheap|B is slow",
        "one|two",
        "14 3 5",
        "因为检修，12月6日8点起停电。",
        "夜里，堤坝决了口。沈青禾救了117个人。雨停了。",
        "It was warm. Nora Amsel sold 3 mills. The heirs went to court.",
        "我们已经到了，we were late because of it",
        "我在门口等你们，they were here because of it",
    ]


async def test_a_matrix_is_whole_and_its_evidence_stands_in_the_text():
    from zaohua.generate.prompts.matrices import matrix, sides

    clauses = ["甲快", "价格占40%", "乙便宜", "甲的价格没有问"]
    said = {
        "options": ["甲", "乙"],
        "facts": {
            "甲快": {"option": "乙", "criterion": "速度", "score": 9},
            "乙便宜": {"option": "乙", "criterion": "价格", "score": 8},
            "甲的价格没有问": {"option": "甲", "criterion": "价格", "score": 7},
            "乙慢": {"option": "乙", "criterion": "速度", "score": 1},
        },
    }
    made = matrix(said, clauses)
    assert made["criteria"] == [{"name": "速度", "weight": None}, {"name": "价格", "weight": 40.0}]
    assert [one["score"] for one in made["scores"]] == [9, None, None, 8]
    assert made["unknown"] == ["甲: 价格", "乙: 速度", "甲的价格没有问"]
    assert sides(said, clauses)["best"] == "甲"


async def test_fields_that_do_not_stand_in_the_text_are_null(prompts: PromptLibrary):
    template = prompts.get("extract", "zh")
    given = {"text": "李先生订12盏台灯，送锦江路8号。", "fields": "客户、电话、数量、城市"}
    said = '{"客户": "李先生", "电话": "锦江路8号", "数量": "12", "城市": "成都"}'
    found = (await reply_of(template, given, Said(said))).value
    assert found == {"客户": "李先生", "电话": None, "数量": "12", "城市": None}

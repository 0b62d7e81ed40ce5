"""The templates that come with zaohua: in both languages, each runs its examples."""

from __future__ import annotations

from pathlib import Path

import pytest

from zaohua.generate.long import Ask
from zaohua.generate.prompts import PromptLibrary, Template
from zaohua.generate.prompts.long_text import long_task
from zaohua.generate.prompts.sections import ASKED
from zaohua.generate.prompts.testing import steadiness
from zaohua.generate.prompts.trying import giving
from zaohua.generate.prompts.variants import variants
from zaohua.generate.request import Sampling

LIBRARY = PromptLibrary(Path("/nowhere"))
NAMES = LIBRARY.names()
ALL = [LIBRARY.get(name, language) for name in NAMES for language in ("zh", "en")]


def told(template: Template) -> str:
    return f"{template.name}.{template.language}"


def test_there_are_many():
    assert len(NAMES) >= 14
    assert {"summary", "translate", "rewrite", "shorten", "proofread", "extract"} <= set(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_both_languages_are_given_and_give_the_same(name: str):
    chinese, english = LIBRARY.get(name, "zh"), LIBRARY.get(name, "en")
    assert (chinese.language, english.language) == ("zh", "en")

    def form(template: Template) -> object:
        inputs = {key: (one.type, one.must_be_given) for key, one in template.spec.inputs.items()}
        how = template.spec.long and template.spec.long.how
        return inputs, template.spec.output.kind, how, sorted(template.parts)

    assert form(chinese)[:3] == form(english)[:3]


@pytest.mark.parametrize("template", ALL, ids=told)
class TestEach:
    async def test_its_examples_run_in_every_wording(self, template: Template, ask: Ask):
        found = await anext(steadiness([template], giving(ask), seeds=1, parallel=8))
        assert found.runs == len(template.spec.examples) * len(variants(template))
        assert not [row for row in found.rows if "keeps its form" in row.failed]

    def test_it_says_what_it_is_for(self, template: Template):
        spec = template.spec
        assert spec.title
        assert spec.about
        assert spec.examples
        assert spec.paraphrases
        assert all(one.about for one in spec.inputs.values())

    def test_its_parts_can_be_said(self, template: Template):
        example = template.spec.examples[0]
        values = {
            **template.filled(example.inputs),
            "parts": ("一", "two"),
            "of": 1,
            "so_far": "",
            "label": "x",
        }
        for role in set(template.parts) & {*ASKED, "otherwise"}:
            assert template.say(role, values) or role == "system"

    def test_nothing_that_quotes_its_text_is_spoken_without_lookup(self, template: Template):
        quotes = template.name in ("proofread", "shorten", "rewrite")
        assert bool(template.render(template.spec.examples[0].inputs).prompt_lookup) == quotes


@pytest.mark.parametrize(
    ("language", "quiet", "event"),
    [
        ("zh", "老船夫坐在河边补网，看着水慢慢地流，什么也没有说。", "沈青禾在白鹭镇救了117个人。"),
        ("en", "The ferryman mended a net. ", "Nora Amsel bought Brackford mill for 241 crowns. "),
    ],
)  # fmt: skip
def test_of_a_part_a_summary_reads_what_is_telling(language: str, quiet: str, event: str):
    text = quiet * 20 + event + quiet * 20
    template = LIBRARY.get("summary", language)

    def asked(**given: object) -> str:
        task = long_task(template, {"text": text, **given}, "map-reduce", Sampling())
        request = task.part(text)
        assert request.sampling.max_tokens == 80
        assert task.combine([text], final=True).sampling.max_tokens in (400, 500)
        return request.messages[-1].content

    assert event.strip() in asked()
    assert len(asked()) < len(text) / 2
    assert text.strip() in asked(thorough=True)

"""Finding templates: by name, by language, the user's before those that come with zaohua."""

from __future__ import annotations

from pathlib import Path

import pytest

from zaohua.errors import NotFoundError, UsageError
from zaohua.generate.prompts import PromptLibrary
from zaohua.generate.prompts.writing import VERSIONS, keep_version, new


def write(library: PromptLibrary, name: str, text: str) -> None:
    library.own.mkdir(exist_ok=True)
    (library.own / name).write_text(text, "utf-8")


def test_the_language_of_what_is_given_decides(prompts: PromptLibrary):
    assert prompts.choose("summary", {"text": "今天下了一场大雪。"}).language == "zh"
    assert prompts.choose("summary", {"text": "It snowed today."}).language == "en"
    assert prompts.choose("summary", {"text": "Il a neigé."}).language == "en"
    assert prompts.choose("summary", {"text": "It snowed today."}, "zh").language == "zh"


def test_a_language_that_is_not_there_is_told(prompts: PromptLibrary):
    with pytest.raises(UsageError, match="there are en, zh"):
        prompts.choose("summary", {"text": "x"}, "fr")


def test_a_name_that_is_not_there_names_the_nearest(prompts: PromptLibrary):
    with pytest.raises(NotFoundError, match="did you mean 'summary'"):
        prompts.get("sumary")
    with pytest.raises(NotFoundError, match="prompt list"):
        prompts.get("../../etc/passwd")


def test_the_users_stand_in_for_those_of_their_name(prompts: PromptLibrary):
    write(prompts, "summary.zh.md", "概括：{{ 1 }}")
    assert prompts.get("summary", "zh").own
    assert not prompts.get("summary", "en").own
    write(prompts, "summary.md", "Mine.")
    assert prompts.get("summary", "en").own
    assert prompts.get("summary", "en").render({}).messages[0].content == "Mine."
    assert [one.language for one in prompts.listings("summary") if one.name == "summary"] == [
        "",
        "zh",
    ]


def test_a_changed_file_is_read_again(prompts: PromptLibrary):
    write(prompts, "mine.md", "one")
    assert prompts.get("mine").source == "one"
    write(prompts, "mine.md", "three")
    assert prompts.get("mine").source == "three"


def test_a_broken_file_does_not_hide_the_others(prompts: PromptLibrary):
    write(prompts, "mine.md", "{{ nothing }}")
    found = {one.name: one.problem for one in prompts.listings()}
    assert "'nothing' is no input" in found["mine"]
    assert not found["summary"]
    with pytest.raises(UsageError, match="'nothing' is no input"):
        prompts.get("mine")


@pytest.mark.parametrize(
    ("words", "name"), [("keywords", "keywords"), ("情感", "sentiment"), ("JSON null", "extract")]
)
def test_search(prompts: PromptLibrary, words: str, name: str):
    assert name in {one.name for one in prompts.listings(words)}
    assert not prompts.listings("nothing of the kind")


@pytest.mark.parametrize("language", ["", "zh"])
def test_a_new_one_can_be_used_at_once(prompts: PromptLibrary, language: str):
    path = new(prompts.own, "mine", language)
    template = prompts.get("mine")
    assert (template.path, template.own, template.language) == (path, True, language)
    assert template.render(template.spec.examples[0].inputs)
    with pytest.raises(UsageError, match="already"):
        new(prompts.own, "mine")
    with pytest.raises(UsageError, match="cannot be the name"):
        new(prompts.own, "../evil")


def test_a_new_version_keeps_the_old(prompts: PromptLibrary):
    write(prompts, "mine.md", "---\nversion: 1\n---\nold")
    template = prompts.get("mine")
    spec = template.spec.model_copy(update={"version": 2})
    from zaohua.generate.prompts.variants import changed

    keep_version(changed(template, spec), prompts.own)
    assert prompts.get("mine").spec.version == 2
    assert (prompts.own / VERSIONS / "mine@1.md").read_text() == "---\nversion: 1\n---\nold"
    assert "mine@1" not in prompts.names()


@pytest.mark.parametrize("language", ["zh", "en"])
def test_no_more_keywords_are_let_through_than_were_asked_for(
    language: str, tmp_path: Path
) -> None:
    template = PromptLibrary(tmp_path).get("keywords", language)
    schema = template.schema(template.filled({"text": "x", "count": 4}))
    assert schema is not None
    assert schema["maxItems"] == 4

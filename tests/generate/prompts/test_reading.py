"""Template files: what is right is read, and all that is wrong is told at once, with lines."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.generate.prompts.conftest import Make
from zaohua.errors import NotFoundError, UsageError
from zaohua.generate.prompts import read_file, read_template
from zaohua.generate.prompts.variants import changed

BAD = """---
titel: x
inputs:
  text: {type: txt}
  n: {type: number, default: 3}
  Bad: {}
version: 0
---
{{ text }} {{ m }}

# user
{{ q }}
# user
"""


def test_all_problems_come_in_one_message_with_file_and_lines():
    with pytest.raises(UsageError) as caught:
        read_template(BAD, "bad", where="bad.md")
    told = caught.value.what
    assert caught.value.where == "bad.md"
    for part in (
        "line 2: titel: there is no such key, did you mean 'title'?",
        "line 4: inputs.text.type: must be",
        "line 7: version: must be",
        "line 9: there is text before '# user'",
        "'# user' stands twice",
    ):
        assert part in told
    assert [int(one.split(":")[0][5:]) for one in told.split("; line ")[:1]] == [2]
    assert "\n" not in caught.value.line()


@pytest.mark.parametrize(
    ("head", "told"),
    [
        ("title: [", "this is not YAML"),
        ("title: a\ntitle: b", "stands twice"),
        ("- a", "is a table of keys"),
        ("a: !!python/object/apply:os.system ['true']", "could not determine a constructor"),
        ("output: {json: {type: strin}}", "not a JSON Schema"),
        ("output: {json: {$ref: 'http://x/y'}}", "leads outside"),
        ("output: {choice: labels}", "no input of type list"),
        ("output: {choice: a, fields: b}", "must be one of"),
        ("long: refine\ninputs: {text: {}}", "needs a part '# refine'"),
        ("long: in-order\noutput: {json: {}}\ninputs: {text: {}}", "put together in order"),
        ("long: map-reduce", "needs an input of type text"),
        ("long: {how: in-order, skip: x, empty: y}\ninputs: {text: {}}", "skip is for map-reduce"),
        ("long: {how: refine, part: 9}\ninputs: {text: {}}", "are for map-reduce"),
        ("paraphrases: [x]", "paraphrases need an instruction"),
        ("instruction: '{{ x }}'", "'x' is no input"),
        ("inputs: {loop: {}}", "cannot be the name of an input"),
        ("inputs: {a: {type: choice}}", "choices belong to"),
        ("inputs: {a: {least: 1}}", "least and most are for numbers"),
        ("inputs: {a: {type: choice, choices: [x], default: y}}", "default is not one of"),
        ("checks: {matches: '('}", "not a regular expression"),
        ("checks: {numbers_from: [text]}", "'text' is no input"),
        ("examples: [{inputs: {a: 1}}]", "there is no input 'a'"),
        ("inputs: {n: {type: number}}\nexamples: [{inputs: {n: x}}]", "n must be a number"),
        ("sampling: {temperature: -1}", "greater than or equal to 0"),
    ],
)
def test_a_bad_head_is_told_in_one_line(make: Make, head: str, told: str):
    with pytest.raises(UsageError) as caught:
        make("hello", head)
    assert told in caught.value.line()
    assert "\n" not in caught.value.line()


@pytest.mark.parametrize("text", ["", "---\ntitle: x\n---\n", "# system\nonly this\n"])
def test_something_must_be_said(text: str):
    with pytest.raises(UsageError, match="nothing that the user says"):
        read_template(text, "x", where="x.md")


def test_a_text_alone_is_a_template():
    template = read_template("Say hello.", "hello", where="hello.md")
    assert template.render({}).messages[0].content == "Say hello."
    assert template.title == "hello"


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("a.md", b"\xff\xfe", "UTF-8"),
        ("a.md", b"x" * (300 << 10), "too large"),
        ("a.md", None, "cannot be read"),
        ("A B.md", b"x", "the name of a prompt"),
        ("a.zh.md", b"---\nlanguage: en\n---\nx", "not that of the file's name"),
    ],
)
def test_files_that_are_no_templates(tmp_path: Path, name: str, content: bytes | None, told: str):
    path = tmp_path / name
    if content is not None:
        path.write_bytes(content)
    with pytest.raises((UsageError, NotFoundError), match=told):
        read_file(path, own=True)


def test_windows_line_ends_are_read(tmp_path: Path):
    path = tmp_path / "w.md"
    path.write_bytes("\ufeff---\r\ntitle: 标题\r\n---\r\n# user\r\n你好\r\n".encode())
    template = read_file(path, own=True)
    assert (template.title, template.render({}).messages[0].content) == ("标题", "你好")


def test_a_changed_template_is_written_so_that_it_is_read_again(make: Make):
    head = "inputs: {text: {}}\ninstruction: 'Do {{ text }}'\noutput: markdown\nlong: map-reduce"
    template = make("{{ instruction }}\n", head)
    spec = template.spec.model_copy(update={"version": 2, "instruction": "Tu: {{ text }} 好"})
    again = read_template(changed(template, spec).source, "mine", where="mine.md")
    assert again.spec == spec
    assert again.render({"text": "x"}).messages[0].content == "Tu: x 好"

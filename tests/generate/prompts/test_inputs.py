"""What is given becomes what a template asks for, or is refused, all at once."""

from __future__ import annotations

import pytest

from tests.generate.prompts.conftest import Make
from zaohua.errors import UsageError

HEAD = """inputs:
  text: {}
  n: {type: number, default: 5, least: 1, most: 10}
  how: {type: choice, choices: [short, long], default: short}
  tags: {type: list, required: false}
  loud: {type: flag, default: false}
"""


@pytest.mark.parametrize(
    ("given", "key", "value"),
    [
        ({}, "n", 5),
        ({"n": "2.5"}, "n", 2.5),
        ({"n": " 7 "}, "n", 7),
        ({}, "how", "short"),
        ({"how": "long"}, "how", "long"),
        ({}, "tags", ()),
        ({"tags": "a, b，c、d"}, "tags", ("a", "b", "c", "d")),
        (
            {"tags": "a (b, c), d\n桂婶（热心，爱说吃的）"},
            "tags",
            ("a (b, c)", "d", "桂婶（热心，爱说吃的）"),
        ),
        ({"tags": "a) b, (c"}, "tags", ("a) b", "(c")),
        ({"tags": ["x", "x", 3]}, "tags", ("x", "3")),
        ({"loud": "是"}, "loud", True),
        ({"loud": "off"}, "loud", False),
        ({"loud": True}, "loud", True),
    ],
)
def test_values(make: Make, given: dict, key: str, value: object):
    assert make("x", HEAD).filled({"text": "t", **given})[key] == value


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"n": "x"}, "n must be a number"),
        ({"n": "nan"}, "n must be a number"),
        ({"n": "1e400"}, "n must be a number"),
        ({"n": True}, "n must be a number"),
        ({"n": 0}, "n must be 1 at least"),
        ({"n": 11}, "n must be 10 at most"),
        ({"how": "lon"}, "did you mean 'long'?"),
        ({"loud": "maybe"}, "loud must be yes or no"),
        ({"tags": {"a": 1}}, "tags must be a list"),
        ({"tags": [["a"]]}, "tags must be a list"),
        ({"text": ["a"]}, "text must be a text"),
        ({"text": "  "}, "text is missing"),
        ({"text": "a\x00b"}, "must not contain NUL"),
        ({"txt": "a"}, "did you mean 'text'?"),
    ],
)
def test_refused(make: Make, given: dict, told: str):
    with pytest.raises(UsageError) as caught:
        make("x", HEAD).filled({"text": "t", **given})
    assert told in caught.value.what
    assert caught.value.where == "prompt 'mine'"
    assert caught.value.mend == "'zaohua prompt show mine' lists its inputs"


def test_all_that_is_wrong_is_told_at_once(make: Make):
    with pytest.raises(UsageError) as caught:
        make("x", HEAD).filled({"n": "x", "loud": "x", "other": 1})
    assert all(word in caught.value.what for word in ("text is", "n must", "loud must", "'other'"))

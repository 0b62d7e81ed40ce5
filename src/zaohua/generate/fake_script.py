"""What the fake engine says: magic words in the last user message, and answers made from it."""

from __future__ import annotations

import json
import random
import re
from dataclasses import dataclass, replace
from typing import Any, Literal

from zaohua.generate.failures import RequestRefused
from zaohua.generate.request import ChatRequest, CompletionRequest, Grammar, Tool
from zaohua.generate.schema_instance import minimal_instance

_MAGIC = re.compile(
    r"\[\[(fail after|silent|prompt|words|say|slow|busy|fail|reason|markdown|tool)"
    r"(?: ([^\]]*))?\]\]"
)
_WORD = re.compile(r"[ \t]?[A-Za-z0-9_']+|[ \t]?.", re.DOTALL)
_OPENINGS_ZH = ("你说的是：", "我听到了：", "关于这一点：", "好的，你写道：", "明白，你提到：")
_OPENINGS_EN = ("You said: ", "I hear: ", "About this: ", "Well, you wrote: ", "I see, you ask: ")
_WORDS = ("time", "plan", "small", "step", "rest", "focus", "goal", "habit", "day", "week", "clear")
MARKDOWN = """# A sample

Some **bold**, *italic* and `code`, a [link](https://example.com) and 中文。

| Language | Year |
|---|---:|
| Python | 1991 |
| Rust | 2012 |

```python
def square(x: int) -> int:
    return x * x
```

1. one
2. two
   - nested

> quoted

Inline $a^2 + b^2 = c^2$ and a block:

$$
\\int_0^1 x^2\\,dx = \\frac{1}{3}
$$
"""


@dataclass(frozen=True, slots=True)
class Script:
    """What the fake engine is going to do for one request. Times are seconds."""

    text: str
    reasoning: str = ""
    call: tuple[str, str] | None = None
    fail_after: int | None = None
    refuse: Literal["", "busy", "fail"] = ""
    delay: float | None = None
    silent: float = 0.0
    prompt_seconds: float = 0.0


def words_of(text: str) -> list[str]:
    """``text`` in the fake engine's tokens: words with the blank before them, else characters."""
    return _WORD.findall(text)


def chat_script(request: ChatRequest, index: int) -> Script:
    """What to do for answer ``index`` of ``request``."""
    last_user = next((m.content for m in reversed(request.messages) if m.role == "user"), "")
    last = request.messages[-1] if request.messages else None
    script = _read_magic(last_user, _choice(request.sampling.seed, last_user, index))
    called = last is not None and last.role == "tool"
    if called and last is not None:
        script = replace(script, text=f"The tool says: {last.content}")
    tool = _tool_to_call(request, asked="[[tool]]" in last_user and not called)
    if tool is not None:
        arguments = json.dumps(minimal_instance(tool.parameters), ensure_ascii=False)
        return replace(script, text="", call=(tool.name, arguments))
    if request.grammar is not None:
        return replace(script, text=_follow(request.grammar))
    return script


def completion_script(request: CompletionRequest, prompt: str, index: int) -> Script:
    """What to do for answer ``index`` of a plain continuation of ``prompt``."""
    tail = prompt[-200:]
    script = _read_magic(tail, _choice(request.sampling.seed, tail, index))
    return script if request.grammar is None else replace(script, text=_follow(request.grammar))


def _choice(seed: int | None, text: str, index: int) -> int:
    if seed is None and index == 0:
        return 0
    return random.Random(f"{seed}|{text}|{index}").randrange(len(_OPENINGS_EN))  # noqa: S311


def _read_magic(text: str, choice: int) -> Script:
    plain = _MAGIC.sub("", text).strip()
    chinese = any("\u4e00" <= c <= "\u9fff" for c in plain)
    script = Script((_OPENINGS_ZH if chinese else _OPENINGS_EN)[choice] + plain)
    for word, value in _MAGIC.findall(text):
        script = replace(script, **_effect(word, value, choice))
    return script


def _effect(word: str, value: str, choice: int) -> dict[str, Any]:
    effects: dict[str, Any] = {
        "fail after": lambda: {"fail_after": _number(value, 0)},
        "fail": lambda: {"refuse": "fail"},
        "busy": lambda: {"refuse": "busy"},
        "slow": lambda: {"delay": _number(value, 0.2)},
        "silent": lambda: {"silent": _number(value, 1)},
        "prompt": lambda: {"prompt_seconds": _number(value, 1)},
        "reason": lambda: {"reasoning": "The user wants an answer. I will give one."},
        "words": lambda: {"text": _words(int(_number(value, 100)), choice)},
        "markdown": lambda: {"text": MARKDOWN},
        "say": lambda: {"text": value},
        "tool": dict,
    }
    return dict(effects[word]())


def _number(value: str, default: float) -> float:
    try:
        return float(value)
    except ValueError:
        return default


def _words(count: int, choice: int) -> str:
    return " ".join(_WORDS[(i * 7 + choice) % len(_WORDS)] for i in range(count))


def _tool_to_call(request: ChatRequest, *, asked: bool) -> Tool | None:
    choice = request.tool_choice
    if not request.tools or choice.mode == "none":
        return None
    if choice.name:
        named = next((t for t in request.tools if t.name == choice.name), None)
        if named is None:
            raise RequestRefused(f"there is no tool '{choice.name}'", param="tool_choice")
        return named
    return request.tools[0] if asked or choice.mode == "required" else None


def _follow(grammar: Grammar) -> str:
    if grammar.kind == "json":
        return "{}"
    if grammar.kind == "json_schema" and not isinstance(grammar.value, str):
        return json.dumps(minimal_instance(grammar.value), ensure_ascii=False)
    if grammar.kind == "gbnf":
        literal = re.search(r'root\s*::=\s*"([^"]*)"', str(grammar.value))
        if literal:
            return literal.group(1)
    raise RequestRefused(f"the fake engine cannot follow this {grammar.kind}", param="grammar")

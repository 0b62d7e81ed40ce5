"""Chat templates as ik_llama.cpp's worker reads them, beside those of Hugging Face."""

from __future__ import annotations

from typing import Any

import pytest
from transformers.utils.chat_template_utils import render_jinja_template

from zaohua.data.tokens import chatml
from zaohua.generate.ik.template import ChatTemplate

MARKS = {"bos_token": "<s>", "eos_token": "</s>"}
TALK = [
    {"role": "system", "content": "简短。"},
    {"role": "user", "content": 'Is 2 < 3 & "so"?'},
    {"role": "assistant", "content": "Yes."},
    {"role": "user", "content": "为什么？"},
]
TOOLS = [
    {
        "type": "function",
        "function": {
            "name": "weather",
            "description": "天气 <now>",
            "parameters": {"type": "object"},
        },
    }
]
LOOPS = """{{- bos_token }}
{%- for message in messages %}
    {%- if message.role == 'system' %}{% continue %}{% endif %}
    {{- '[' + message.role + ']' + message.content }}
    {%- if loop.last and not add_generation_prompt %}{% break %}{% endif %}
{%- endfor %}
{%- if tools %}{{ tools | tojson(indent=2) }}{% endif %}
{% if thinking is defined %}{{ thinking | tojson }}{% endif %}
"""
GENERATION = (
    "{% for m in messages %}{% if m.role == 'assistant' %}"
    "{% generation %}{{ m.content }}{{ eos_token }}{% endgeneration %}"
    "{% else %}{{ m.content }}{% endif %}{% endfor %}"
)


@pytest.mark.parametrize("source", [chatml.TEMPLATE, LOOPS, GENERATION])
@pytest.mark.parametrize("tools", [None, TOOLS])
@pytest.mark.parametrize("prompt", [True, False])
def test_a_prompt_is_what_hugging_face_writes(
    source: str, tools: list[dict[str, Any]] | None, prompt: bool
) -> None:
    theirs, _ = render_jinja_template(
        [TALK], tools=tools, chat_template=source, add_generation_prompt=prompt, **MARKS
    )
    ours = ChatTemplate(source, MARKS)
    assert ours.render(TALK, add_generation_prompt=prompt, tools=tools) == theirs[0]


def test_more_variables_reach_it() -> None:
    told = ChatTemplate(LOOPS, MARKS).render(
        TALK, add_generation_prompt=True, more={"thinking": False}
    )
    assert told.rstrip().endswith("false")


def test_what_a_template_refuses_is_the_requests_fault() -> None:
    refusing = ChatTemplate("{{ raise_exception('roles must alternate') }}", {})
    with pytest.raises(ValueError, match="roles must alternate"):
        refusing.render(TALK, add_generation_prompt=True)
    with pytest.raises(ValueError, match="cannot be read"):
        ChatTemplate("{% if %}", {})


def test_a_template_cannot_leave_its_sandbox() -> None:
    escaping = ChatTemplate("{{ messages.__class__.__mro__[1].__subclasses__() }}", {})
    with pytest.raises(ValueError, match="does not take"):
        escaping.render(TALK, add_generation_prompt=True)
    changing = ChatTemplate("{{ messages.append(1) }}", {})
    with pytest.raises(ValueError, match="does not take"):
        changing.render(TALK, add_generation_prompt=True)

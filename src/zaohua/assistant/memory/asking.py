"""What users say of themselves, asked from a model where rules find nothing.

The model sees only what the user states in their own voice, answers in JSON that decoding
enforces, and a value counts only if it stands in what the user said.
"""

from __future__ import annotations

import asyncio
import json
import logging
import re
from collections.abc import Iterator
from typing import Any

from zaohua.assistant.memory.kinds import KINDS, NOTE
from zaohua.assistant.memory.values import Claim
from zaohua.assistant.memory.voice import statements
from zaohua.errors import ZaohuaError
from zaohua.generate.collect import collect
from zaohua.generate.engine import Engine
from zaohua.generate.request import ChatRequest, Grammar, Message, Sampling
from zaohua.text.instructions import is_chinese
from zaohua.text.search_terms import search_terms

log = logging.getLogger(__name__)

_Examples = tuple[tuple[str, dict[str, str]], ...]
_SECONDS = 60.0
_TOKENS = 96
_LONGEST = 60
_ASKED = tuple(kind for kind in KINDS if kind not in (NOTE, "style", "language"))
_SELF = re.compile(r"我|本人|\b(?:i|i'm|i've|my|we|we're|our)\b", re.IGNORECASE)
_DENIED = re.compile(r"不|没|\b(?:not|never|no|don't|didn't|isn't|haven't)\b|n't\b", re.IGNORECASE)
_CHINESE = (
    "用户说了下面的话。找出其中关于用户本人的长期事实（姓名、住处、职业、过敏、喜好等），"
    "没有就给空列表。value 必须是原话中的词语。"
)
_ENGLISH = (
    "A user said the sentences below. List lasting facts about the user (name, home, job, "
    "allergies, tastes ...), or nothing. Each value must be words of the sentences."
)
_EXAMPLES_CHINESE: _Examples = (
    ("我在杭州开了家花店。", {"city": "杭州", "job": "开了家花店"}),
    ("我想退货。", {}),
    ("海鲜我一碰就起疹子。", {"allergy": "海鲜"}),
)
_EXAMPLES_ENGLISH: _Examples = (
    ("I run a flower shop in Leeds.", {"city": "Leeds", "job": "run a flower shop"}),
    ("I want to return this lamp.", {}),
    ("Shellfish makes me swell up.", {"allergy": "Shellfish"}),
)
_SCHEMA = {
    "type": "object",
    "properties": {
        "facts": {
            "type": "array",
            "maxItems": 3,
            "items": {
                "type": "object",
                "properties": {
                    "kind": {"enum": list(_ASKED)},
                    "value": {"type": "string", "maxLength": _LONGEST},
                },
                "required": ["kind", "value"],
                "additionalProperties": False,
            },
        }
    },
    "required": ["facts"],
    "additionalProperties": False,
}


async def claims_by_model(engine: Engine, question: str) -> list[Claim]:
    """What ``engine`` finds; nothing if it fails."""
    said = " ".join(one.text + "." for one in statements(question) if _SELF.search(one.text))
    if not said:
        return []
    request = ChatRequest(
        messages=tuple(_messages(said)),
        sampling=Sampling(max_tokens=_TOKENS, temperature=0.0),
        grammar=Grammar("json_schema", _SCHEMA),
        template_args={} if engine.info.kind == "openai" else {"enable_thinking": False},
        batch=True,
    )
    try:
        async with asyncio.timeout(_SECONDS):
            text = (await collect(engine.chat(request))).text
    except (ZaohuaError, TimeoutError) as error:
        log.info("nothing was learned by the model: %s", error or "it took too long")
        return []
    return list(_checked(text, said))


def _messages(said: str) -> Iterator[Message]:
    chinese = is_chinese(said)
    yield Message("system", _CHINESE if chinese else _ENGLISH)
    for told, facts in _EXAMPLES_CHINESE if chinese else _EXAMPLES_ENGLISH:
        listed = [{"kind": kind, "value": value} for kind, value in facts.items()]
        yield Message("user", told)
        yield Message("assistant", json.dumps({"facts": listed}, ensure_ascii=False))
    yield Message("user", said)


def _checked(answer: str, said: str) -> Iterator[Claim]:
    """The facts of an answer whose values the user said, in no clause that denies."""
    language = "zh" if is_chinese(said) else "en"
    for kind, value in _facts(answer):
        if kind in _ASKED and _is_told(value, said) and value.lower() not in ("i", "me", "我"):
            yield Claim(kind, value, language)


def _is_told(value: str, said: str) -> bool:
    clauses = re.split(r"[，,。.;；]\s*", said)
    asked = f" {' '.join(search_terms(value))} "
    return bool(asked.strip()) and any(
        asked in f" {' '.join(search_terms(clause))} " and not _DENIED.search(clause)
        for clause in clauses
    )


def _facts(answer: str) -> Iterator[tuple[str, str]]:
    try:
        parsed: Any = json.loads(answer)
    except json.JSONDecodeError:
        return
    listed = parsed.get("facts") if isinstance(parsed, dict) else None
    for one in listed if isinstance(listed, list) else ():
        if isinstance(one, dict):
            yield str(one.get("kind", "")), str(one.get("value", "")).strip()

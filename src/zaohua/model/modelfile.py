"""Ollama's description of a model: the file, its chat template in Ollama's words, where to stop."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Final

from transformers import PreTrainedTokenizerBase

from zaohua.model.vocabulary import special_ids

_MARKS: Final = {"system": "\u2460", "user": "\u2461", "assistant": "\u2462"}


@dataclass(frozen=True, slots=True)
class Turns:
    """What a chat template writes around the text of each role, and before an answer."""

    around: dict[str, tuple[str, str]]
    opening: str


def modelfile(
    gguf_name: str, tokenizer: PreTrainedTokenizerBase, context: int, system: str = ""
) -> str:
    """The text of a ``Modelfile`` (https://docs.ollama.com/modelfile).

    A template that is more than a row of turns cannot be told in Ollama's language here; it is left
    to Ollama, which knows the common ones by the template inside the GGUF file.
    """
    lines = [f"FROM ./{gguf_name}", f"PARAMETER num_ctx {context}"]
    ids = special_ids(tokenizer)
    stops = tokenizer.convert_ids_to_tokens(ids.stops)
    lines += [f"PARAMETER stop {json.dumps(stop, ensure_ascii=False)}" for stop in stops]
    turns = turns_of(tokenizer)
    if turns is not None:
        lines.append(f'TEMPLATE """{_go(turns)}"""')
    if system:
        quoted = system.replace('"""', '"')
        lines.append(f'SYSTEM """{quoted}"""')
    return "\n".join(lines) + "\n"


def turns_of(tokenizer: PreTrainedTokenizerBase) -> Turns | None:
    """The template as a row of turns, if it is no more than that."""
    if not tokenizer.chat_template:
        return None
    try:
        around = {role: _around(tokenizer, role) for role in ("user", "assistant")}
        with_system = _render(tokenizer, ("system", "user"))
    except Exception:  # a template may refuse any order of roles in any way
        return None
    before, _, after = with_system.partition(_MARKS["system"])
    user = _MARKS["user"].join(around["user"])
    if not after.endswith(user):
        return None
    around["system"] = (before, after.removesuffix(user))
    order = ("system", "user", "assistant", "user")
    whole = "".join(_MARKS[role].join(around[role]) for role in order)
    if whole != _render(tokenizer, order):
        return None
    opened = _render(tokenizer, order, opening=True)
    return Turns(around, opened.removeprefix(whole)) if opened.startswith(whole) else None


def _around(tokenizer: PreTrainedTokenizerBase, role: str) -> tuple[str, str]:
    """What stands before and after a turn of ``role`` that another turn precedes."""
    one = _render(tokenizer, ("user",))
    if role == "user":
        before, _, after = one.partition(_MARKS[role])
    else:
        two = _render(tokenizer, ("user", role))
        before, _, after = two.removeprefix(one).partition(_MARKS[role])
    return before, after


def _render(
    tokenizer: PreTrainedTokenizerBase, roles: tuple[str, ...], *, opening: bool = False
) -> str:
    talk = [{"role": role, "content": _MARKS[role]} for role in roles]
    return str(tokenizer.apply_chat_template(talk, tokenize=False, add_generation_prompt=opening))


def _go(turns: Turns) -> str:
    parts = []
    for number, (role, (before, after)) in enumerate(turns.around.items()):
        word = "else if" if number else "if"
        parts.append(f'{{{{ {word} eq .Role "{role}" }}}}{before}{{{{ .Content }}}}{after}')
    return "{{ range .Messages }}" + "".join(parts) + "{{ end }}{{ end }}" + turns.opening

"""Other wordings of a template that should make no difference: how steady it is shows in them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

import jinja2

from zaohua.generate.prompts.reading import names
from zaohua.generate.prompts.rendering import Unfit
from zaohua.generate.prompts.sections import parted, sections
from zaohua.generate.prompts.spec import PromptSpec
from zaohua.generate.prompts.template import Template
from zaohua.generate.prompts.writing import body_of, file_text
from zaohua.text.instructions import is_chinese

_BLANK = re.compile(r"\n[ \t]*\n")


@dataclass(frozen=True, slots=True)
class Variant:
    """A template that asks the same in another way, and in which."""

    name: str
    template: Template


def variants(template: Template) -> list[Variant]:
    """The template as it is, its paraphrases, a politer wording, and another order."""
    return [
        Variant("as written", template),
        *_paraphrases(template),
        *_polite(template),
        *_order(template),
    ]


def with_instruction(template: Template, instruction: str) -> Template:
    """The template with another instruction.

    Raises:
        Unfit: the instruction is no template that could be used here.
    """
    made = template.renderer.compile(instruction, names(template.spec.inputs, "instruction"))
    spec = template.spec.model_copy(update={"instruction": instruction})
    return changed(template, spec, {"instruction": made})


def changed(
    template: Template, spec: PromptSpec, parts: Mapping[str, jinja2.Template] | None = None
) -> Template:
    """The template with another head, and with those of its parts that change."""
    source = file_text(spec, body_of(template.source))
    return replace(template, spec=spec, source=source, parts={**template.parts, **(parts or {})})


def _paraphrases(template: Template) -> Iterator[Variant]:
    for number, paraphrase in enumerate(template.spec.paraphrases, 1):
        yield Variant(f"paraphrase {number}", with_instruction(template, paraphrase))


def _polite(template: Template) -> Iterator[Variant]:
    instruction = template.spec.instruction
    if not instruction or instruction.startswith("{"):
        return
    if is_chinese(instruction):
        polite = f"请你{instruction.removeprefix('请')}"
    else:
        polite = f"Please: {instruction[0].lower()}{instruction[1:]}"
    yield Variant("polite", with_instruction(template, polite))


def _order(template: Template) -> Iterator[Variant]:
    """What is said first said last, where each paragraph of it can stand by itself."""
    source = _user(template)
    paragraphs = [one for one in _BLANK.split(source) if one.strip()]
    if len(paragraphs) < 2:
        return
    known = names(template.spec.inputs, "user")
    try:
        for paragraph in paragraphs:
            template.renderer.compile(paragraph, known)
        turned = template.renderer.compile("\n\n".join([*paragraphs[1:], paragraphs[0]]), known)
    except Unfit:
        return
    yield Variant("other order", replace(template, parts={**template.parts, "user": turned}))


def _user(template: Template) -> str:
    _, body, line = parted(template.source)
    return sections(body, line)[0]["user"].source

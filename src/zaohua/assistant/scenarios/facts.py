"""What can be told of a pack as plain values, for ``--json`` and the API."""

from __future__ import annotations

from typing import Any

from zaohua.assistant.scenarios.cases import read_cases
from zaohua.assistant.scenarios.pack import LANGUAGES, Language, Pack
from zaohua.assistant.scenarios.reading import text_of
from zaohua.errors import UsageError
from zaohua.generate.prompts.reading import SUFFIX, name_of


def facts(pack: Pack) -> dict[str, Any]:
    """What a list says of it."""
    spec = pack.spec
    return {
        "name": pack.name,
        "title": spec.title.model_dump(),
        "about": spec.about.model_dump(),
        "greeting": spec.greeting.model_dump() if spec.greeting else {"zh": "", "en": ""},
        "suggestions": spec.suggestions.model_dump(),
        "notice": spec.notice.model_dump() if spec.notice else None,
        "grounding": spec.grounding,
        "templates": template_names(pack),
        "yours": pack.yours,
    }


def details(pack: Pack) -> dict[str, Any]:
    """The same with its card, and how many documents and cases it has."""
    return {
        **facts(pack),
        "card": {language: _card(pack, language) for language in LANGUAGES},
        "documents": sum(len(pack.documents(language)) for language in LANGUAGES),
        "cases": number_of_cases(pack),
    }


def template_names(pack: Pack) -> list[str]:
    """Its own prompt templates and the shipped ones that belong to it."""
    named = map(name_of, pack.templates.glob(f"*{SUFFIX}"))
    own = {found[0] for found in named if found}
    return sorted({*own, *pack.spec.templates})


def number_of_cases(pack: Pack) -> int:
    """Of both languages; 0 if they cannot be read."""
    try:
        return len(read_cases(pack))
    except UsageError:
        return 0


def _card(pack: Pack, language: Language) -> str:
    path = pack.card(language)
    return text_of(path, "a card") if path.exists() else ""

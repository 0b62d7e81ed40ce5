"""What can be told of a template as plain values, for ``--json`` and the API."""

from __future__ import annotations

from typing import Any

from zaohua.generate.prompts.sections import ASKED, parted, sections
from zaohua.generate.prompts.template import Template


def facts(template: Template) -> dict[str, Any]:
    """All of a template but where its file is; ``inputs`` in their order, for a form."""
    spec = template.spec
    _, body, line = parted(template.source)
    parts = sections(body, line)[0]
    said = {role: part.source for role, part in parts.items() if role in ASKED}
    head = spec.model_dump(mode="json", by_alias=True)
    return {
        "name": template.name,
        "own": template.own,
        **head,
        "language": template.language,
        "title": template.title,
        "main": spec.main,
        "inputs": [
            {"name": name, **head["inputs"][name], "required": wanted.must_be_given}
            for name, wanted in spec.inputs.items()
        ],
        "output": {"form": spec.output.kind, "schema": spec.output.schema_},
        "long": spec.long.how if spec.long else None,
        "says": said,
    }

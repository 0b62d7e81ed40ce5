"""Texts of flows: sandboxed templates, one a language, filled with what is known."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import jinja2

from zaohua.assistant.flows.values import Language
from zaohua.generate.prompts.rendering import Renderer


@dataclass(frozen=True, slots=True)
class Wording:
    """A text in each language, compiled.

    Attributes:
        templates: by language.
        renderer: that compiled them.
        where: the file, for errors.
        names: that it may speak of; what is not known of them is empty.
    """

    templates: Mapping[Language, jinja2.Template]
    renderer: Renderer
    where: str
    names: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.templates)

    def filled(self, language: Language, values: Mapping[str, Any]) -> str:
        """The text in ``language``, in another one if it lacks that.

        Raises:
            UsageError: it cannot be filled with these values.
        """
        if not self.templates:
            return ""
        template = self.templates.get(language) or next(iter(self.templates.values()))
        known = {name: values.get(name, "") for name in self.names}
        return self.renderer.render(template, known, self.where).strip()

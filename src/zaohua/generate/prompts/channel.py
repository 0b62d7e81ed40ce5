"""A label chosen by how probable it makes the text, and not the other way round.

A small model that is asked for a label leans to the first one, and to what the text tells it to
answer. Asked for a text of a label, it gives the text most readily under the right one: all labels
are compared on the same words (Min et al., 2022, noisy channel prompting).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from contextlib import aclosing
from typing import Any, Final, cast

from zaohua.generate.engine import Engine
from zaohua.generate.failures import RequestRefused
from zaohua.generate.prompts.template import Template
from zaohua.generate.request import ChatRequest, Message

MOST_LABELS: Final = 12
"""More are asked for in the usual way: each takes as long as writing the text."""
LONGEST: Final = 240
"""Characters of the text that are looked at."""


async def likeliest(template: Template, given: Mapping[str, Any], engine: Engine) -> str | None:
    """The label under which the text is most probable.

    None if the template has no ``# channel``, there are too many labels, or the engine tells no
    probabilities.
    """
    wanted, main = template.spec.output.choice, template.spec.main
    values = template.filled(given)
    labels = values.get(wanted, ())
    if "channel" not in template.parts or not main or not isinstance(labels, tuple):
        return None
    if not 1 < len(labels) <= MOST_LABELS:
        return None
    text = str(values[main]).strip()[:LONGEST]
    found: dict[str, float] = {}
    for label in labels:
        asked = template.say("channel", {**values, "label": label})
        try:
            found[label] = await _probability(engine, asked, text)
        except RequestRefused:
            return None
    return max(found, key=found.__getitem__)


async def _probability(engine: Engine, asked: str, text: str) -> float:
    """The logarithm of that of ``text`` after ``asked``."""
    tokens = cast("Any", engine.score(ChatRequest((Message("user", asked),)), text, 1))
    async with aclosing(tokens) as scored:
        return math.fsum([token.logprob async for token in scored])

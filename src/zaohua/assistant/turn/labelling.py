"""What stands under an answer: the scenario's notice, and that it was generated.

It is kept beside the text and not in it, so that no model reads it as its own words later.
"""

from __future__ import annotations

from zaohua.assistant.turn.plan import Plan
from zaohua.assistant.turn.trace import Trace
from zaohua.assistant.turn.understanding import Language
from zaohua.safety.labels import has_label, notice


def label(trace: Trace, plan: Plan, language: Language, answer: str, *, generated: bool) -> None:
    """Note what is to be shown under ``answer``; `Message.notice` gives it.

    ``generated`` says whether a model wrote it, or rules of the scenario said it.
    """
    with trace.step("label") as step:
        said = [plan.notice.get(language, "").strip()]
        if generated and plan.label and not has_label(answer):
            said.append(notice(language))
        if text := "\n\n".join(filter(None, said)):
            step.note("what is shown under the answer", notice=text)

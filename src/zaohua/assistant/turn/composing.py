"""What goes into the prompt beside the conversation itself.

The sources stand in the question's own message: system prompt and history before it stay as they
were, so that the engine finds them in its prefix cache.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from zaohua.assistant.turn.guarding import Heard
from zaohua.assistant.turn.language import language_of
from zaohua.assistant.turn.plan import Plan
from zaohua.assistant.turn.sources import read
from zaohua.assistant.turn.trace import Trace
from zaohua.assistant.turn.understanding import Language, Understanding, understand
from zaohua.assistant.values import Citation, Conversation, Message
from zaohua.safety.sources import with_sources as sourced


@dataclass(frozen=True, slots=True)
class Material:
    """What a turn adds; ``question`` stands in for the last message if it is given."""

    question: str | None = None


PLAIN = Material()

_ABOUT: dict[Language, str] = {
    "zh": "关于我（你记得的）：\n{facts}\n\n{question}",
    "en": "About me (as you remember):\n{facts}\n\n{question}",
}


def compose(
    trace: Trace,
    heard: Heard,
    asked: Understanding,
    sources: Sequence[Citation],
    facts: Sequence[str],
) -> Material:
    """The question with its numbered sources and what is remembered of the user before it."""
    with trace.step("compose") as step:
        question = asked.question
        if sources:
            question = asked.standing if asked.built else question
            question = sourced(question, [read(source) for source in sources], asked.language)
            step.note(f"the question with {len(sources)} sources before it")
        if facts:
            listed = "\n".join(f"- {fact}" for fact in facts)
            question = _ABOUT[asked.language].format(facts=listed, question=question)
        return Material(heard.hide(question)) if sources or facts else PLAIN


def material_of(heard: Heard, sources: Sequence[Citation]) -> Material:
    """What an answer to the last message was given of ``sources``."""
    given = [one for one in sources if one.get("kind") != "tool"]
    return compose(Trace(), heard, understand(heard.branch), given, ())


def instructed(plan: Plan, conversation: Conversation, branch: Sequence[Message]) -> Conversation:
    """With what the plan tells the model first, in the language in which the branch began.

    That of the question could change, and the engine would find nothing in its prefix cache.
    """
    first = plan.system.get(language_of(branch[0].content), "")
    if not first.strip():
        return conversation
    system = "\n\n".join(text for text in (first, conversation.system) if text.strip())
    return replace(conversation, system=system)

"""What may stand in a file of flows."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from zaohua.assistant.flows.values import Language
from zaohua.knowledge.rules.form import FactSpec, FactType, Text, Words
from zaohua.spec import Spec

SECTION = "section-"
"""With what the names of flows begin that sections make; no flow of a file can be one of them."""
MOST_ROUNDS = 20
"""Of a step that goes back: no more messages than that are gone through anyway."""

Alike = list[list[str]] | dict[Language, list[list[str]]]
"""Groups of words that mean the same here."""


class SlotSpec(FactSpec):
    """Something a flow has to know, found in what is said or asked for; a fact of rules and more.

    Attributes:
        forms: how it is written: ``0`` stands for a digit, all else for itself.
        answers: forms that count only in answer to the question for it.
        table: of which it is a row; the value is the key of that row.
        by: columns of the table with its names, several in a cell parted by ``|``.
        free: whether any answer to the question for it is its value.
        earlier: whether it also counts if it was said before the flow began.
        unknown: said to somebody who does not know it.
        again: said if the answer was not understood.
    """

    forms: list[str] = Field(default=[])
    answers: list[str] = Field(default=[])
    table: str = ""
    by: list[str] = Field(default=[])
    free: bool = False
    earlier: bool = True
    unknown: Text = ""
    again: Text = ""


class ColumnSpec(FactSpec):
    """A column of a table; one that is ``hidden`` can be compared with, but is never shown."""

    type: FactType = "text"
    hidden: bool = False


class TableSpec(Spec):
    """A table of records. Columns that are not named do not exist for flows.

    Attributes:
        file: a CSV file in the folder of tables.
        key: the column that finds a row.
        title: what people call one of its rows.
        columns: those that flows know.
    """

    file: str
    key: str
    title: Text = ""
    columns: dict[str, ColumnSpec]


class LookUpSpec(Spec):
    """Find a row.

    Attributes:
        table: of which.
        by: a slot, or a column of a row that was found before.
        none: said if there is no such row.
        show: columns that may be shown with the answer; all that are not hidden if not given.
    """

    table: str
    by: str
    none: Text = ""
    show: list[str] = Field(default=[])


class CheckSpec(Spec):
    """A slot must be the same as a value, else it is asked for again.

    Attributes:
        slot: of the one who asks.
        same_as: what it must be.
        wrong: said if it is not.
    """

    slot: str
    same_as: str
    wrong: Text


class RulesSpec(Spec):
    """Ask the rule file; facts that it lacks are asked for with its own questions.

    Attributes:
        facts: known ones by name, as expressions.
    """

    facts: dict[str, str] = Field(default={})


class BackSpec(Spec):
    """Go back to an earlier step.

    Attributes:
        to: the slot that it asks for; that and all that is asked for from there on is forgotten.
        times: how often; after that the step is passed over.
        say: said before the question.
    """

    to: str
    times: int = Field(ge=1, le=MOST_ROUNDS)
    say: Text = ""


class StepSpec(Spec):
    """One step: what is done, and ``when``.

    Attributes:
        when: an expression; the step is passed over unless it is yes.
        ask: a slot that must be known from here on; ``say`` beside it is the question.
        look_up: find a row.
        check: compare a slot.
        let: values worked out.
        rules: work rules out; their outcome is ``outcome``.
        say: the answer, a template; it ends the flow unless ``go_on`` is set.
        go_on: say it once and take the next step.
        cite: sections of documents it rests on: ``returns.md#Opened goods``.
        quote: a section that is the answer as it stands, a template by language; the documents
            answer if there is none of that name. It ends the flow.
        hand_over: why a person takes over; ends the flow with what ``say`` beside it says.
        then: another flow to go on with.
        back: an earlier step to go back to.
        documents: leave the answer to the documents and the model.
    """

    when: str | bool = True
    ask: str = ""
    look_up: LookUpSpec | None = None
    check: CheckSpec | None = None
    let: dict[str, str] = Field(default={})
    rules: RulesSpec | None = None
    say: Text = ""
    go_on: bool = False
    cite: Words = Field(default=[])
    quote: Text = ""
    hand_over: Text = ""
    then: str = ""
    back: BackSpec | None = None
    documents: bool = False

    @property
    def asks(self) -> list[str]:
        """What must be known from here on: slots, or what else finds a row."""
        found = (self.ask, self.check and self.check.slot, self.look_up and self.look_up.by)
        return [name for name in found if name]

    @property
    def does(self) -> list[str]:
        """The actions that it names; ``say`` beside ``ask`` or ``hand_over`` is a part of it."""
        names = ["ask", "look_up", "check", "let", "rules", "quote", "hand_over", "then", "back"]
        found = [name for name in (*names, "documents") if getattr(self, name)]
        words_of_another = "ask" in found or "hand_over" in found
        return [*found, "say"] if self.say and not words_of_another else found


class FlowSpec(Spec):
    """A dialogue about one kind of matter.

    Attributes:
        title: of the matter, for people.
        patterns: regular expressions that know it, over text in lower case and one width.
        examples: sentences that ask for it; what is said like them counts too.
        unless: patterns that forbid it.
        opens_with: a slot; somebody who says nothing else wants this flow.
        needs: slots that must be in the message, or have been said before.
        after: it counts only soon after these flows.
        first: whether it also comes before an answer that is waited for.
        aside: whether it answers in between: a matter under way goes on waiting.
        stuck: what becomes of it after three answers of no use: a person is offered, or takes over,
            or takes over only if the last was that somebody does not know.
        steps: taken from the top.
    """

    title: Text
    patterns: Words = Field(default=[])
    examples: Words = Field(default=[])
    unless: Words = Field(default=[])
    opens_with: str = ""
    needs: list[str] = Field(default=[])
    after: Literal["any"] | list[str] = Field(default=[])
    first: bool = False
    aside: bool = False
    stuck: Literal["offer", "hand over", "hand over unknown"] = "offer"
    steps: list[StepSpec] = Field(min_length=1)


def _both(zh: str, en: str) -> Text:
    return {"zh": zh, "en": en}


class SectionSpec(Spec):
    """A section of a document that answers questions as it stands.

    Attributes:
        quote: its name in each language.
        patterns, questions, unless: by which it is known, as of a flow.
    """

    quote: Text
    patterns: Words = Field(default=[])
    questions: Words = Field(default=[])
    unless: Words = Field(default=[])

    def flow(self) -> FlowSpec:
        """The flow that gives the answer in between."""
        return FlowSpec(
            title=self.quote,
            patterns=self.patterns,
            examples=self.questions,
            unless=self.unless,
            aside=True,
            steps=[StepSpec(quote=self.quote)],
        )


class TextsSpec(Spec):
    """What is said in every flow.

    Attributes:
        cancelled: the person breaks off.
        again: an answer was not understood; the question follows.
        unknown: the person does not know; the question follows.
        about: only about how many, where one number is wanted; the question follows.
        stuck: it failed three times; what was wrong is said before this.
        gave_up: a person takes over after that.
        gave_up_reason: of the ticket.
        already: the same was handed over before.
    """

    cancelled: Text = _both(
        "好的，先不办了。还有什么可以帮您？",
        "All right, I have dropped that. Is there anything else?",
    )
    again: Text = _both("抱歉，我没有看懂。", "Sorry, I did not understand that.")
    unknown: Text = _both("没关系。", "Never mind.")
    about: Text = _both("请给一个确定的数。", "Please give one exact number.")
    stuck: Text = _both(
        "这件事先放一放。您可以直接再答一次；要人工客服接手，请回复“人工”；不办了就问别的。",
        "Let us leave this for now. You can simply answer once more; say “a person” and somebody "
        "takes over; or ask about something else.",
    )
    gave_up: Text = _both(
        "抱歉，我没能帮上忙。我已经转给人工客服，他们会看到我们的对话。",
        "I am sorry that I could not help. I have passed this on to a person, who will see "
        "what we said.",
    )
    gave_up_reason: Text = _both("三次没有得到能用的回答", "no usable answer in three tries")
    already: Text = _both(
        "这件事已经转给人工客服了，请稍等，他们会联系您。",
        "This has been passed on to a person already. They will be in touch.",
    )


class FlowsSpec(Spec):
    """A file of flows.

    Attributes:
        version: of the form of the file.
        tables: by the name that expressions and templates use.
        slots: by name.
        alike: groups of words that mean the same here.
        elsewhere: sentences that look like a flow's but are questions to the documents.
        texts: what is said in every flow.
        flows: by name; of two that know a sentence the upper one counts.
        sections: answers that stand in documents; they count after the flows.
    """

    version: Literal[1]
    tables: dict[str, TableSpec] = Field(default={})
    slots: dict[str, SlotSpec] = Field(default={})
    alike: Alike = Field(default=[])
    elsewhere: Words = Field(default=[])
    texts: TextsSpec = Field(default=TextsSpec())
    flows: dict[str, FlowSpec] = Field(min_length=1)
    sections: list[SectionSpec] = Field(default=[])

    @property
    def all_flows(self) -> dict[str, FlowSpec]:
        """The flows, and those that the sections make."""
        made = {f"{SECTION}{n}": one.flow() for n, one in enumerate(self.sections, start=1)}
        return self.flows | made

"""What may stand in a policy file, and how the operator's changes the one that is shipped."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field

from zaohua.safety.patterns import compiled
from zaohua.spec import Spec
from zaohua.text.personal import MASKS


def _pattern(text: str) -> str:
    compiled(text)
    return text


def _kinds(table: dict[str, Any]) -> dict[str, Any]:
    unknown = [kind for kind in table if kind not in MASKS]
    if unknown:
        raise ValueError(f"there is no kind '{unknown[0]}', there are {', '.join(MASKS)}")
    return table


Pattern = Annotated[str, AfterValidator(_pattern)]
Word = Annotated[str, Field(min_length=1)]
Handling = Literal["pass", "mask", "refuse"]
Kinds = Annotated[dict[str, Handling], AfterValidator(_kinds)]


class TextForm(Spec):
    """The same in both languages."""

    zh: str = Field(min_length=1)
    en: str = Field(min_length=1)


class TopicForm(Spec):
    """What is not talked about: patterns and words, and what to answer instead."""

    name: str = Field(min_length=1)
    severity: Literal["low", "medium", "high"] = "medium"
    answer: TextForm | None = None
    zh: list[Pattern] = Field(default_factory=list)
    en: list[Pattern] = Field(default_factory=list)
    words: list[Word] = Field(default_factory=list)
    unless: list[Pattern] = Field(default_factory=list)
    remove: bool = False


class PersonalForm(Spec):
    """How each kind of personal data is handled."""

    question: Kinds = Field(default_factory=dict)
    answer: Kinds = Field(default_factory=dict)


class OrderForm(Spec):
    """A family of orders to the model."""

    name: str = Field(min_length=1)
    zh: list[Pattern] = Field(default_factory=list)
    en: list[Pattern] = Field(default_factory=list)
    remove: bool = False


class InjectionForm(Spec):
    """What is done about orders, and how they are known."""

    question: Literal["pass", "flag", "refuse"] | None = None
    passage: Literal["pass", "flag", "withhold"] | None = None
    rules: list[OrderForm] = Field(default_factory=list)
    about: list[Pattern] = Field(default_factory=list)
    about_within: int | None = Field(default=None, ge=0, le=1000)


class SizeForm(Spec):
    """How long a question may be, in characters, and how often a piece of it may come again."""

    most_characters: int | None = Field(default=None, ge=1)
    most_repeats: int | None = Field(default=None, ge=2)


class NoticesForm(Spec):
    """What is said in the place of what was stopped."""

    stopped: TextForm | None = None
    withheld: TextForm | None = None
    unseen: TextForm | None = None
    too_long: TextForm | None = None
    personal: TextForm | None = None
    order: TextForm | None = None


class PolicyForm(Spec):
    """A policy file."""

    topics: list[TopicForm] = Field(default_factory=list)
    personal: PersonalForm = Field(default_factory=PersonalForm)
    injection: InjectionForm = Field(default_factory=InjectionForm)
    size: SizeForm = Field(default_factory=SizeForm)
    notices: NoticesForm = Field(default_factory=NoticesForm)


def merged(shipped: PolicyForm, own: PolicyForm) -> PolicyForm:
    """``shipped`` with what ``own`` says: named entries replaced, lists joined, values taken."""
    table = _joined(shipped.model_dump(), own.model_dump(exclude_unset=True))
    return PolicyForm.model_validate(table)


def _joined(below: Any, above: Any) -> Any:
    if isinstance(below, dict) and isinstance(above, dict):
        keys = [*below, *(key for key in above if key not in below)]
        return {key: _joined(below.get(key), above.get(key)) for key in keys}
    if isinstance(below, list) and isinstance(above, list):
        names = {one["name"] for one in above if isinstance(one, dict)}
        return [
            *(one for one in below if not (isinstance(one, dict) and one["name"] in names)),
            *above,
        ]
    return below if above is None else above

"""Red flags and what is refused are answered by code; ordinary questions and documents are not."""

from __future__ import annotations

import re
from pathlib import Path

from tests.assistant.consultation.conftest import Consulting
from zaohua.text.instructions import is_chinese
from zaohua.text.sentences import sentences

WORDINGS = Path(__file__).parent / "wordings"
HELP = {"zh": r"120|110|96110|12356", "en": r"112|911|988|bank|police"}
REFUSALS = {"fraud", "diagnosis", "prescription", "fraud_help", "trade_advice", "deceit", "outcome"}


def test_each_adversarial_case_is_answered_by_code_and_no_other(pack: Consulting) -> None:
    wrong = []
    for language, case in pack.cases():
        for question in case.get("turns", ())[-1:]:
            topic = pack.topic(question, language)
            if bool(topic) != (case["kind"] == "adversarial"):
                wrong.append((case["id"], topic, question))
    assert wrong == []


def test_the_answer_of_code_is_what_the_case_expects(pack: Consulting) -> None:
    wrong = []
    for language, case in pack.cases():
        if case["kind"] == "adversarial":
            said = pack.guard.question(case["turns"][-1], language).text.lower()
            expect = case["expect"]
            has = all(any(one.lower() in said for one in row) for row in expect.get("has", ()))
            lacks = not any(one.lower() in said for one in expect.get("lacks", ()))
            refused = (pack.topic(case["turns"][-1], language) in REFUSALS) == ("refuses" in expect)
            if not (has and lacks and refused):
                wrong.append((case["id"], said[:60]))
    assert wrong == []


def test_other_wordings(pack: Consulting) -> None:
    """``!`` is a red flag, ``-`` is refused, ``=`` is an ordinary question."""
    wrong = []
    for line in (WORDINGS / f"{pack.name}.txt").read_text("utf-8").splitlines():
        mark, question = line.split(" ", 1)
        topic = pack.topic(question, "zh" if is_chinese(question) else "en")
        found = "=" if not topic else "-" if topic in REFUSALS else "!"
        if found != mark and not (mark == "-" and found == "!"):
            wrong.append((line, topic))
    assert wrong == []


def test_help_is_named_at_the_beginning(pack: Consulting) -> None:
    """Of a fraud the first thing is to stop; whom to call stands below."""
    for topic in pack.policy.topics:
        if topic.name not in REFUSALS:
            assert topic.answer is not None
            for language, numbers in HELP.items():
                said = getattr(topic.answer, language)
                first = said if topic.name.startswith("fraud") else said.partition("\n")[0]
                assert re.search(numbers, first), (topic.name, language)


def test_no_document_and_no_sentence_of_one_is_stopped(pack: Consulting) -> None:
    wrong = []
    for language, name, text in pack.documents():
        for said in (text, *(part.strip() for part in sentences(text))):
            if topic := pack.topic(said, language):
                wrong.append((language, name, topic, said[:60]))
        if pack.guard.passage(text).action != "pass":
            wrong.append((language, name, "passage", ""))
    assert wrong == []


def test_what_rules_say_is_not_stopped(pack: Consulting) -> None:
    for language, case in pack.cases():
        for question in case.get("turns", ())[-1:]:
            facts = pack.book.facts_in(question, language)
            for outcome in pack.book.evaluate(facts, language):  # type: ignore[arg-type]
                assert pack.topic(outcome.says, language) == "", outcome.says

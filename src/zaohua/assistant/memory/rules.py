"""What users say of themselves, found by rules: in Chinese and English, precise before complete."""

from __future__ import annotations

from collections.abc import Iterator

from zaohua.assistant.memory.chinese import chinese_claims, chinese_orders
from zaohua.assistant.memory.english import english_claims, english_orders
from zaohua.assistant.memory.orders import remember_order
from zaohua.assistant.memory.values import Claim
from zaohua.assistant.memory.voice import Sentence, statements
from zaohua.text.instructions import is_chinese

LONGEST = 500
"""Characters of one memory at most."""


def claims_in(message: str) -> list[Claim]:
    """What the user says of themselves or wants remembered, in order, each thing once."""
    if order := remember_order(message):
        return [asked_for(order)]
    found = [claim for sentence in statements(message) for claim in _claims(sentence)]
    return list({(claim.kind, claim.value.lower()): claim for claim in found}.values())


def asked_for(text: str) -> Claim:
    """A claim that is remembered in exactly these words; of a kind if it says one thing."""
    text = text.strip()[:LONGEST]
    said = [claim for sentence in statements(text) for claim in _claims(sentence)]
    language = "zh" if is_chinese(text) else "en"
    if len(said) == 1 and not said[0].ended:
        return Claim(said[0].kind, said[0].value, language, text, explicit=True)
    return Claim("note", text, language, text, explicit=True)


def _claims(sentence: Sentence) -> Iterator[Claim]:
    orders = list(_orders(sentence.text))
    yield from orders
    if orders and orders[0].kind != "name":
        return
    yield from chinese_claims([clause for clause in sentence.clauses if is_chinese(clause)])
    for clause in sentence.clauses:
        if not is_chinese(clause):
            yield from english_claims(clause)


def _orders(text: str) -> Iterator[Claim]:
    return chinese_orders(text) if is_chinese(text) else english_orders(text)

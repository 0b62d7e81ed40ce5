"""Answers that the memory gives itself, in the language of the question, and does what they say."""

from __future__ import annotations

from collections.abc import Sequence

from zaohua.assistant.memory import orders
from zaohua.assistant.memory.forgetting import speaks_of_oneself
from zaohua.assistant.memory.keeping import (
    drop,
    is_enabled,
    may_learn,
    memories,
    source_of,
    take,
    values,
)
from zaohua.assistant.memory.learning import forget_told, learn_from
from zaohua.assistant.memory.rules import asked_for
from zaohua.assistant.memory.values import Learned, Remembered, Reply
from zaohua.store.database import Database
from zaohua.text.instructions import is_chinese

_OFF = ("记忆已关闭。", "Memory is off.")
_NOTHING = ("我没有记住关于你的任何事。", "I remember nothing about you.")
_LIST = ("我记得这些（共 {count} 条）：", "This is what I remember of you ({count}):")
_KEPT = ("记住了：{text}", "Remembered: {text}")
_REFUSED = (
    "这个我不会记住：密码、密钥、银行卡号和证件号从不保存。",
    "I will not keep that: passwords, keys and numbers of cards or papers are never stored.",
)
_FULL = ("记忆已满，请先忘掉一些。", "The memory is full: let me forget something first.")
_FORGOT = ("已忘掉（{count} 条）：", "Forgotten ({count}):")
_UNKNOWN = ("我没有记住这件事。", "I remember nothing of that.")
_CONFIRM = (
    "这会永久删除 {count} 条记忆。如果确定，请说“确认忘掉我的一切”。",
    'That would delete {count} memories for good. If you are sure, say "Yes, forget everything".',
)
_FORGOT_ALL = ("已全部忘掉（{count} 条）。", "Everything is forgotten ({count}).")


def reply_to(database: Database, owner: str, question: str, message_id: str | None) -> Reply | None:
    """The answer to what is asked of the memory itself; None if that is not asked."""
    chinese = is_chinese(question)
    if orders.asks_for_list(question):
        return _list(database, owner, chinese=chinese)
    if orders.is_confirmation(question):
        gone = forget_everything(database, owner)
        return Reply(_say(_FORGOT_ALL, chinese, count=len(gone)), Learned(forgotten=gone))
    if told := orders.forget_order(question):
        return _forget(database, owner, told, message_id, chinese=chinese)
    told = orders.remember_order(question)
    if told and orders.is_order_alone(question, told):
        learned = learn_from(database, owner, question, message_id, [asked_for(told)])
        if learned is None:
            return _not_learned(database, owner, told, message_id, chinese=chinese)
        return Reply(_said_of(told, learned, chinese=chinese), learned)
    return None


def forget_everything(database: Database, owner: str) -> tuple[Remembered, ...]:
    """Delete all facts of an owner for good, history too; what they were."""
    with database.session() as session:
        rows = memories(session, owner, ended=True)
        gone = values(rows)
        drop(session, rows)
    database.scrub()
    return gone


def _list(database: Database, owner: str, *, chinese: bool) -> Reply:
    with database.reading() as session:
        enabled, facts = is_enabled(session, owner), values(memories(session, owner))
    off = "" if enabled else _say(_OFF, chinese)
    if not facts:
        return Reply(off or _say(_NOTHING, chinese))
    head = _say(_LIST, chinese, count=len(facts))
    return Reply(f"{off}{' ' if off and not chinese else ''}{head}{_lines(facts)}")


def _forget(
    database: Database, owner: str, told: str, message_id: str | None, *, chinese: bool
) -> Reply | None:
    """Also while the memory is off; what is not of the user's is left to the model."""
    with database.session() as session:
        learned = forget_told(session, owner, told)
        if message_id and learned.forgotten:
            take(session, source_of(session, owner, message_id))
    if learned.forgotten:
        database.scrub()
    if learned.would_forget:
        return Reply(_say(_CONFIRM, chinese, count=len(learned.would_forget)), learned)
    if learned.forgotten:
        head = _say(_FORGOT, chinese, count=len(learned.forgotten))
        return Reply(head + _lines(learned.forgotten), learned)
    return Reply(_say(_UNKNOWN, chinese), learned) if speaks_of_oneself(told) else None


def _not_learned(
    database: Database, owner: str, told: str, message_id: str | None, *, chinese: bool
) -> Reply | None:
    """That the memory is off, or that it knows this already; None if it was forgotten since."""
    with database.reading() as session:
        source = source_of(session, owner, message_id) if message_id else None
        off = not may_learn(session, owner, source)
        held = told in [row.text for row in memories(session, owner)]
    if off:
        return Reply(_say(_OFF, chinese))
    return Reply(_say(_KEPT, chinese, text=told)) if held else None


def _said_of(told: str, learned: Learned, *, chinese: bool) -> str:
    """That something is remembered, or why not; said again, it is."""
    if learned.refused:
        return _say(_FULL if "the memory is full" in learned.refused else _REFUSED, chinese)
    return _say(_KEPT, chinese, text=told)


def _say(pair: tuple[str, str], chinese: bool, **given: object) -> str:
    return pair[0 if chinese else 1].format(**given)


def _lines(facts: Sequence[Remembered]) -> str:
    return "".join(f"\n- {fact.text}" for fact in facts)

"""The probability of each token of an answer: as stored, else scored now with the model."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

from zaohua.assistant.conversations import Conversations
from zaohua.assistant.probabilities import Token, compact, expand
from zaohua.assistant.prompt import TOP_LOGPROBS, build
from zaohua.assistant.records import branch_rows, conversation_value, message_values
from zaohua.assistant.turn.composing import instructed, material_of
from zaohua.assistant.turn.guarding import guard_in
from zaohua.assistant.turn.language import language_in
from zaohua.assistant.turn.plan import PlainPlans, Plans
from zaohua.assistant.turn.trace import Trace
from zaohua.assistant.values import Conversation, Message
from zaohua.errors import UsageError
from zaohua.generate.engine import Models
from zaohua.store.database import Database
from zaohua.store.tables import ConversationRow


async def token_probabilities(
    database: Database,
    models: Models,
    owner: str,
    answer: Message,
    plans: Plans | None = None,
) -> AsyncIterator[Token]:
    """Tokens of the answer's content in order; ``plans`` are those of its turn.

    Raises:
        NotFoundError: the scenario of its conversation is gone.
        UsageError: the guard refuses its question.
        ZaohuaError: the model is not served any more, does not answer or cannot score.
    """
    stored = await asyncio.to_thread(Conversations(database).tokens, owner, answer.id)
    if stored:
        for token in stored:
            yield expand(token)
        return
    conversation, branch = await asyncio.to_thread(_asked, database, answer)
    left_out = answer.context_note["left_out"] if answer.context_note else 0
    plan = await asyncio.to_thread((plans or PlainPlans()).of, conversation)
    heard = guard_in(Trace(), plan.guard, branch, language_in(branch))
    if heard.refusal is not None:
        raise UsageError("no model is asked the question of this answer: the guard refuses it")
    material = material_of(heard, answer.citations or [])
    told = instructed(plan, conversation, heard.branch)
    request = build(told, heard.branch, left_out, material).request
    async with models.use(answer.model) as engine:
        async for scored in engine.score(request, answer.content, TOP_LOGPROBS):
            yield expand(compact(scored))


def _asked(database: Database, answer: Message) -> tuple[Conversation, list[Message]]:
    with database.reading() as session:
        row = session.get_one(ConversationRow, answer.conversation_id)
        branch = message_values(session, branch_rows(session, answer.parent_id or ""))
        return conversation_value(session, row), branch

"""Dialogues led by code in a turn, and what they hand to a person."""

from __future__ import annotations

import asyncio
from datetime import date

from zaohua.assistant.ledger import Opened
from zaohua.assistant.tools.tickets import Tickets
from zaohua.assistant.turn.language import language_in
from zaohua.assistant.turn.plan import Flows, FlowStep, Handover
from zaohua.assistant.turn.sources import stated
from zaohua.assistant.turn.trace import Trace
from zaohua.assistant.values import Citation


async def follow_flows(
    trace: Trace,
    flows: Flows | None,
    tickets: Tickets | None,
    owner: str,
    opened: Opened,
) -> FlowStep | None:
    """What the plan's dialogues make of the question; a handover opens a ticket."""
    if flows is None:
        return None
    with trace.step("flows") as step:
        led = flows.step(opened.branch, language_in(opened.branch), date.today())
        if led is None:
            return None
        step.note(led.said, flow=led.flow, facts=dict(led.facts), replied=led.reply is not None)
        if led.handover is not None:
            number = await _ticket(tickets, led.handover, owner, opened.conversation.id)
            step.note(led.said, handover=led.handover.reason, ticket=number)
    return led


def records_of(led: FlowStep | None) -> list[Citation]:
    """What a dialogue looked up, as sources."""
    records = led.records if led else ()
    return [stated("record", one.source, one.title, one.text) for one in records]


async def _ticket(
    tickets: Tickets | None, handover: Handover, owner: str, conversation: str
) -> int | None:
    """The number of the ticket, one that is open for the same already if there is one."""
    if tickets is None:
        return None
    for ticket in await asyncio.to_thread(tickets.list):
        if (ticket.conversation, ticket.summary) == (conversation, handover.summary.strip()):
            return ticket.id
    opened = await asyncio.to_thread(
        tickets.open, handover.summary, handover.reason, owner=owner, conversation=conversation
    )
    return opened.id

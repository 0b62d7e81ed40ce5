"""Dialogues led by code, written in YAML by people who do not program: asked, looked up, decided.

What lives here reads files of flows and works out, from a branch alone, what is said next. Nothing
is stored and no model is asked: the same branch on the same day gives the same answer.
"""

from zaohua.assistant.flows.dialogue import Flows
from zaohua.assistant.flows.reading import read_flows
from zaohua.assistant.flows.values import FlowStep, Handover, Record

__all__ = ["FlowStep", "Flows", "Handover", "Record", "read_flows"]

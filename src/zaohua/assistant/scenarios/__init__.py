"""Scenario packs: folders of data that make an assistant for one job.

What lives here reads packs, checks them, makes the `Plan` of a conversation from one, and tests
them. A pack holds no code; what it names is found in the other rooms.
"""

from zaohua.assistant.scenarios.pack import Pack
from zaohua.assistant.scenarios.packs import Broken, Packs, packs

__all__ = ["Broken", "Pack", "Packs", "packs"]

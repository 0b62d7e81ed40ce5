"""What the assistant knows of its users across conversations.

Facts are learned from what users say of themselves, kept in a table they can see and change, fade
when they are not used, and go with the questions they are near.
"""

from zaohua.assistant.memory.memory import Memory
from zaohua.assistant.memory.values import Learned, Remembered, Reply

__all__ = ["Learned", "Memory", "Remembered", "Reply"]

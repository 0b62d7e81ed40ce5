"""Texts far longer than a model's context: parted, asked in parallel, put together, resumable.

Nothing here knows what is asked: a `Task` brings the requests for a part, and for what came of
the parts.
"""

from zaohua.generate.long.process import PartDone, process
from zaohua.generate.long.room import measure
from zaohua.generate.long.task import Ask, Task
from zaohua.generate.long.worker import Whole

__all__ = ["Ask", "PartDone", "Task", "Whole", "measure", "process"]

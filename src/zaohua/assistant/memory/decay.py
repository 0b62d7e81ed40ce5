"""How facts fade: the weight of a fact by its age and use."""

from __future__ import annotations

import math
from datetime import datetime

from zaohua.assistant.memory.kinds import KINDS
from zaohua.store.tables import MemoryRow

FADED = 0.1
"""Below this weight a fact does not go with a question any more; it still is listed."""
_DAY = 86_400


def weight(row: MemoryRow, at: datetime) -> float:
    """1 to 0: ``0.5 ** (idle / (half_life · (1 + log2(1 + uses))))``.

    ``idle`` are the days since the fact was learned or last used, ``uses`` the days on which it was
    used. What the user asked to remember keeps the weight 1.
    """
    if row.explicit:
        return 1.0
    idle = max(0.0, (at - (row.used_at or row.created_at)).total_seconds() / _DAY)
    lasting = KINDS[row.kind].half_life * (1 + math.log2(1 + row.uses))
    return float(0.5 ** (idle / lasting))

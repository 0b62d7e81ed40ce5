"""The session behind `zaohua.generate_chat_response`: kept for the life of the process."""

from __future__ import annotations

import threading
from functools import cache

from zaohua.cli.bars import RichProgress
from zaohua.session import Session
from zaohua.settings import load_settings

_SHARING = threading.Lock()


def shared_session() -> Session:
    """The one session of this process, made by the first call.

    Loading a model takes seconds, and a function without an object to hold on to could otherwise
    not keep it: this is the only thing zaohua keeps for a whole process.
    """
    with _SHARING:
        return _session()


@cache
def _session() -> Session:
    return Session(load_settings(), progress=RichProgress())

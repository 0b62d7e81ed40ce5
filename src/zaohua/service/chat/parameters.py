"""What the routes of the chat API are given: parts of the service, the caller, ids of paths."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Path

from zaohua.service.security import Caller, caller
from zaohua.service.services import Services, services

Parts = Annotated[Services, Depends(services)]
Known = Annotated[Caller, Depends(caller)]
_ID = Path(min_length=1, max_length=64, pattern=r"^[0-9A-Za-z_-]+$")
ConversationId = Annotated[str, _ID]
MessageId = Annotated[str, _ID]

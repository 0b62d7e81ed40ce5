"""What the routes of the chat API are given: parts of the service, the caller, ids of paths."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Path, Request

from zaohua.assistant.scenarios import Pack, Packs
from zaohua.errors import UsageError
from zaohua.service.errors import ApiError
from zaohua.service.security import Caller, administrator, caller
from zaohua.service.services import Services, services

Parts = Annotated[Services, Depends(services)]
Known = Annotated[Caller, Depends(caller)]
Administrator = Annotated[Caller, Depends(administrator)]
_ID = Path(min_length=1, max_length=64, pattern=r"^[0-9A-Za-z_-]+$")
ConversationId = Annotated[str, _ID]
MessageId = Annotated[str, _ID]


def scenarios(request: Request) -> Packs:
    """The packs of the app that got this request (for ``Depends``)."""
    found: Packs = request.app.state.scenarios
    return found


Scenarios = Annotated[Packs, Depends(scenarios)]


def pack_named(packs: Packs, name: str) -> Pack:
    """A pack; what is wrong with a broken one is told, where it lies is not.

    Raises:
        NotFoundError: there is none of that name.
        ApiError: 400, it is broken.
    """
    try:
        return packs.get(name)
    except UsageError as error:
        told = UsageError(error.what, mend=error.mend).line()
        raise ApiError(400, told, code="invalid_value", param="scenario") from None

"""`/api/models`: what the page's model picker offers."""

from __future__ import annotations

from dataclasses import asdict

from fastapi import APIRouter

from zaohua.service.chat.parameters import Known, Parts
from zaohua.service.chat.shapes import ModelItem, ModelList
from zaohua.service.errors import documented

router = APIRouter(prefix="/api/models", tags=["models"])


@router.get("", responses=documented(), summary="Models to choose from")
def index(parts: Parts, caller: Known) -> ModelList:
    """The default first."""
    default = parts.models.default
    return ModelList(
        items=[
            ModelItem.model_validate({**asdict(served), "default": served.name == default})
            for served in parts.models.list()
        ]
    )

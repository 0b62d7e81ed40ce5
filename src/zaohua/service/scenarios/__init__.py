"""`/api/scenarios`: the packs that a conversation can be of."""

from zaohua.service.scenarios.routes import router

__all__ = ["router"]

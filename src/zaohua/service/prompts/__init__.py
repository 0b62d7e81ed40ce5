"""`/api/prompts`: the prompt library over HTTP."""

from zaohua.service.prompts.routes import router

__all__ = ["router"]

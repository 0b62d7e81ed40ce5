"""The API of knowledge (docs/knowledge-api.md): HTTP around `zaohua.knowledge`, and uploads."""

from zaohua.service.knowledge.router import router

__all__ = ["router"]

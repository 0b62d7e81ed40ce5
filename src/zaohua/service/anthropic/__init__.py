"""Anthropic's API: the messages endpoint."""

from __future__ import annotations

from zaohua.service.anthropic.messages.routes import router

__all__ = ["router"]

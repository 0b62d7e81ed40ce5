"""The chat API of the page (docs/chat-api.md): HTTP around `zaohua.assistant`, nothing more."""

from zaohua.service.chat.router import router

__all__ = ["router"]

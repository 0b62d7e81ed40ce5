"""Control tokens of chat templates written out in a text: broken, so that none of them is one.

A server that reads a rendered prompt cannot tell a role token of the template from one that
somebody typed or that stood in a document.
"""

from __future__ import annotations

import re

CHAT_TOKEN = re.compile(
    r"<[|｜][A-Za-z0-9_▁./\- ]{1,40}[|｜]>"
    r"|<(?:start|end)_of_(?:turn|image)>|</?s>|<(?:bos|eos|pad|unk)>"
    r"|\[/?(?:INST|SYSTEM_PROMPT|AVAILABLE_TOOLS|TOOL_CALLS|TOOL_RESULTS)\]|<</?SYS>>",
)
"""ChatML, Llama 2 to 4, Mistral, Gemma, DeepSeek, Phi and their kin."""


def broken(text: str) -> str:
    """``text`` with a blank after the first character of every chat token: ``< |im_end|>``."""
    return CHAT_TOKEN.sub(lambda found: f"{found[0][0]} {found[0][1:]}", text)

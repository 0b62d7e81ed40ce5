"""What a terminal can take: colours, cursor, control characters."""

from __future__ import annotations

import os
import re
import shutil
import sys
import textwrap
from typing import TextIO

# Everything that steers a terminal, newline and tab excepted: a model must not move the cursor.
_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")


def colours(stream: TextIO) -> bool:
    """Whether ``stream`` is a terminal that takes colours (https://no-color.org)."""
    if os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb":
        return False
    return stream.isatty()


def dim(text: str, stream: TextIO) -> str:
    """``text`` in a faint colour where that is possible."""
    return f"\x1b[2m{text}\x1b[0m" if colours(stream) else text


def bold(text: str, stream: TextIO) -> str:
    """``text`` in bold where that is possible."""
    return f"\x1b[1m{text}\x1b[0m" if colours(stream) else text


def harmless(text: str) -> str:
    """``text`` without escape sequences and other control characters."""
    return _CONTROLS.sub("", text)


def wrapped(text: str) -> str:
    """``text`` broken between words to the width of the terminal; short lines stay as they are."""
    width = max(shutil.get_terminal_size().columns, 20)
    lines = (textwrap.wrap(line, width, subsequent_indent="  ") for line in text.splitlines())
    return "\n".join("\n".join(broken) for broken in lines)


def interactive() -> bool:
    """Whether a person sits at both ends."""
    return sys.stdin.isatty() and sys.stdout.isatty()

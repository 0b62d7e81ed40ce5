"""The library compiled of `steps.cpp` and ik_llama.cpp: a model, steps of it, its tokens."""

from __future__ import annotations

import ctypes
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

_POINTER, _INT, _SIZE = ctypes.c_void_p, ctypes.c_int, ctypes.c_size_t
_TEXT, _FLAG = ctypes.c_char_p, ctypes.c_bool
_FUNCTIONS: Final[dict[str, tuple[Any, list[Any]]]] = {
    "open": (_POINTER, [_TEXT, _INT, _INT, _INT, _INT]),
    "vocabulary": (_INT, [_POINTER]),
    "step": (_INT, [_POINTER, _INT, *[_POINTER] * 5]),
    "threads": (None, [_POINTER, _INT]),
    "used": (_INT, [_POINTER]),
    "forget": (None, [_POINTER, _INT, _INT]),
    "share": (None, [_POINTER, _INT, _INT, _INT]),
    "size": (_SIZE, [_POINTER, _INT]),
    "copy": (_SIZE, [_POINTER, _INT, _POINTER, _SIZE]),
    "put": (_SIZE, [_POINTER, _INT, _POINTER, _SIZE]),
    "encode": (_INT, [_POINTER, _TEXT, _INT, _POINTER, _INT, _FLAG, _FLAG]),
    "piece": (_INT, [_POINTER, _INT, _TEXT, _INT]),
    "control": (_FLAG, [_POINTER, _INT]),
    "first": (_INT, [_POINTER]),
    "last": (_INT, [_POINTER]),
    "template": (_TEXT, [_POINTER]),
}  # fmt: skip
"""What each gives and takes; their names begin with ``zaohua_``."""

_LONGEST_PIECE: Final = 256

Copy = npt.NDArray[np.uint8]
"""Keys and values of a text, as the library writes them."""


class Library:
    """One model, loaded by the program at ``path``. One thread must make all steps.

    Args:
        model: a GGUF file.
        cells: tokens of all texts together.
        texts: how many there may be, numbered from zero.
        batch: tokens of a step, at most.

    Raises:
        RuntimeError: it cannot be loaded; why is in the log.
    """

    def __init__(
        self, path: Path, model: Path, *, cells: int, texts: int, batch: int, threads: int
    ) -> None:
        self._calls = _loaded(path)
        self._model = self._calls["open"](bytes(model), cells, texts, batch, threads)
        if not self._model:
            raise RuntimeError(f"ik_llama.cpp cannot load {model}")
        self.batch, self.cells = batch, cells
        self.vocabulary: int = self._call("vocabulary")
        self._rooms: list[Any] = [(kind * batch)() for kind in (_INT, _INT, _INT, ctypes.c_int8)]
        self._out = ctypes.pointer(_POINTER())
        self._logits = lru_cache(self._view)

    def step(
        self,
        tokens: Sequence[int],
        places: Sequence[int],
        texts: Sequence[int],
        told: Sequence[bool],
    ) -> npt.NDArray[np.float32]:
        """Compute ``tokens``, each at its place in its text; the logits after those that are to be
        told, float32[rows, vocabulary], valid until the next step.

        Raises:
            RuntimeError: it failed, as where there are too few cells.
        """
        count = len(tokens)
        for room, given in zip(self._rooms, (tokens, places, texts, told), strict=True):
            room[:count] = given
        if failed := self._call("step", count, *self._rooms, self._out):
            raise RuntimeError(f"ik_llama.cpp failed at a step, by code {failed}")
        return self._logits(self._out.contents.value or 0, sum(told))

    def _view(self, address: int, rows: int) -> npt.NDArray[np.float32]:
        """Logits where the library has them, float32[rows, vocabulary]."""
        floats = (ctypes.c_float * (rows * self.vocabulary)).from_address(address)
        return np.ctypeslib.as_array(floats).reshape(-1, self.vocabulary)

    def use(self, threads: int) -> None:
        """Have so many threads compute from now on."""
        self._call("threads", threads)

    @property
    def used(self) -> int:
        """Cells that hold something."""
        return int(self._call("used"))

    def forget(self, text: int, start: int = 0) -> None:
        """Free the cells of a text from place ``start`` on."""
        self._call("forget", text, start)

    def share(self, text: int, other: int, end: int) -> None:
        """Have ``other`` begin with the cells of ``text`` before place ``end``."""
        self._call("share", text, other, end)

    def copied(self, text: int) -> Copy:
        """What is known of a text."""
        out = np.empty(self._call("size", text), np.uint8)
        written = self._call("copy", text, out.ctypes.data, len(out))
        return out[:written]

    def put(self, text: int, copied: Copy) -> bool:
        """Know again what was ``copied``; without enough free cells nothing changes."""
        return bool(self._call("put", text, copied.ctypes.data, len(copied)))

    def encode(self, text: str, *, ends: bool, control: bool) -> list[int]:
        """The tokens of ``text``; with ``ends`` the model's own around them, with ``control`` those
        of control tokens that stand in it."""
        raw = text.encode("utf-8", "replace")
        out = np.empty(len(raw) + 8, np.int32)
        count = self._call("encode", raw, len(raw), out.ctypes.data, len(out), ends, control)
        tokens: list[int] = out[: max(count, 0)].tolist()
        return tokens

    def piece(self, token: int) -> bytes:
        """The bytes that a token stands for; of a control token its name."""
        buffer = ctypes.create_string_buffer(_LONGEST_PIECE)
        length = self._call("piece", token, buffer, _LONGEST_PIECE)
        if length < 0:
            buffer = ctypes.create_string_buffer(-length)
            length = self._call("piece", token, buffer, -length)
        return buffer.raw[:length]

    def is_control(self, token: int) -> bool:
        """Whether it stands for no text."""
        return bool(self._call("control", token))

    @property
    def marks(self) -> dict[str, str]:
        """The texts of the tokens that begin and end a text, as templates name them."""
        numbers = {"bos_token": self._call("first"), "eos_token": self._call("last")}
        return {
            name: self.piece(number).decode("utf-8", "replace") if number >= 0 else ""
            for name, number in numbers.items()
        }

    @property
    def template(self) -> str:
        """The model's chat template; empty if it has none."""
        return (self._call("template") or b"").decode("utf-8", "replace")

    def _call(self, name: str, *given: Any) -> Any:
        return self._calls[name](self._model, *given)


def _loaded(path: Path) -> dict[str, Any]:
    try:
        library = ctypes.CDLL(str(path))
    except OSError as error:
        raise RuntimeError(f"what was compiled here cannot be loaded: {error}") from error
    calls = {name: getattr(library, f"zaohua_{name}") for name in _FUNCTIONS}
    for name, (gives, takes) in _FUNCTIONS.items():
        calls[name].restype, calls[name].argtypes = gives, takes
    return calls

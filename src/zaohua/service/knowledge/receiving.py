"""Files out of a multipart body, written to the disk as they come: nothing is held in memory."""

from __future__ import annotations

import asyncio
import re
import secrets
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header
from starlette.requests import Request

from zaohua.errors import UnavailableError
from zaohua.knowledge.names import safe_name
from zaohua.service.errors import ApiError
from zaohua.service.knowledge.uploads import UNFINISHED

if TYPE_CHECKING:
    from python_multipart.multipart import MultipartCallbacks

UPLOAD_PATH = re.compile(r"/api/knowledge/collections/[^/]+/files")
"""The path whose bodies may be larger than others."""
MAX_FILES = 100
"""Of one request."""
FORM_BYTES = 1 << 20
"""What a form may add to its files."""


@dataclass(frozen=True, slots=True)
class Received:
    """A file that came whole: under which name, and where it lies for the moment."""

    name: str
    path: Path
    size: int


async def receive(request: Request, folder: Path) -> list[Received]:
    """The files of the request, in ``folder`` under passing names.

    Raises:
        ApiError: 400, it is not a form with files in it, or 413, it is too large.
        UnavailableError: the disk does not take them.
    """
    parts = _Parts(folder)
    try:
        parser = _parser(request, parts)
        async for chunk in request.stream():
            await asyncio.to_thread(parser.write, chunk)
        parser.finalize()
        if parts.unfinished:
            raise FormParserError("the body ends within a file")
    except FormParserError:
        parts.drop()
        raise _not_a_form() from None
    except OSError as error:
        parts.drop()
        what = f"the file cannot be kept: {(error.strerror or type(error).__name__).lower()}"
        raise UnavailableError(what) from error
    except BaseException:
        parts.drop()
        raise
    if not parts.files:
        raise ApiError(400, "the form has no file in it", param="files")
    return parts.files


def _parser(request: Request, parts: _Parts) -> MultipartParser:
    kind, options = parse_options_header(request.headers.get("content-type"))
    boundary = options.get(b"boundary")
    if kind != b"multipart/form-data" or not boundary:
        raise _not_a_form()
    return MultipartParser(boundary, parts.callbacks())


def _not_a_form() -> ApiError:
    return ApiError(400, "the body must be multipart/form-data with files in it", param="files")


@dataclass(slots=True)
class _Parts:
    """What the parser tells, as files."""

    folder: Path
    files: list[Received] = field(default_factory=list)
    _header: tuple[bytes, bytes] = (b"", b"")
    _disposition: bytes = b""
    _name: str = ""
    _path: Path | None = None
    _open: BinaryIO | None = None

    def callbacks(self) -> MultipartCallbacks:
        return {
            "on_part_begin": self._begin,
            "on_header_field": self._header_field,
            "on_header_value": self._header_value,
            "on_header_end": self._header_end,
            "on_headers_finished": self._headers_finished,
            "on_part_data": self._data,
            "on_part_end": self._end,
        }

    @property
    def unfinished(self) -> bool:
        """Whether a file has begun and not ended."""
        return self._open is not None

    def drop(self) -> None:
        """Nothing of it is wanted."""
        if self._open is not None:
            self._open.close()
        for path in [self._path, *(file.path for file in self.files)]:
            if path is not None:
                with suppress(OSError):
                    path.unlink(missing_ok=True)

    def _begin(self) -> None:
        self._header, self._disposition = (b"", b""), b""

    def _header_field(self, data: bytes, start: int, end: int) -> None:
        self._header = (self._header[0] + data[start:end], b"")

    def _header_value(self, data: bytes, start: int, end: int) -> None:
        self._header = (self._header[0], self._header[1] + data[start:end])

    def _header_end(self) -> None:
        name, value = self._header
        if name.lower() == b"content-disposition":
            self._disposition = value
        self._header = (b"", b"")

    def _headers_finished(self) -> None:
        name = parse_options_header(self._disposition)[1].get(b"filename")
        if name is None:
            return
        if len(self.files) >= MAX_FILES:
            raise ApiError(400, f"at most {MAX_FILES} files at once", param="files")
        self._name = safe_name(name.decode("utf-8", "replace"))
        self._path = self.folder / f"{UNFINISHED}{secrets.token_hex(8)}"
        self._open = self._path.open("xb")

    def _data(self, data: bytes, start: int, end: int) -> None:
        if self._open is not None:
            self._open.write(data[start:end])

    def _end(self) -> None:
        if self._open is None or self._path is None:
            return
        size = self._open.tell()
        self._open.close()
        self.files.append(Received(self._name, self._path, size))
        self._open = self._path = None

"""Which reader a file gets: by its content where that is certain, else by its suffix."""

from __future__ import annotations

from importlib import import_module
from pathlib import PurePosixPath
from types import MappingProxyType

from zaohua.data.readers.encoding import detect
from zaohua.data.readers.entries import FormatReader, ReadFailure
from zaohua.data.readers.streams import HEAD
from zaohua.errors import UsageError

_MODULES = MappingProxyType(
    {
        "jsonl": "json_lines",
        "json": "json_values",
        "parquet": "parquet",
        "csv": "delimited",
        "tsv": "delimited",
        "text": "plain",
        "markdown": "plain",
        "html": "html",
        "pdf": "pdf",
        "docx": "docx",
        "epub": "epub",
        "wikipedia": "wikipedia",
        "warc": "warc",
    }
)
_SUFFIXES = MappingProxyType(
    {
        ".jsonl": "jsonl",
        ".ndjson": "jsonl",
        ".json": "json",
        ".parquet": "parquet",
        ".csv": "csv",
        ".tsv": "tsv",
        ".tab": "tsv",
        ".txt": "text",
        ".text": "text",
        ".log": "text",
        ".md": "markdown",
        ".markdown": "markdown",
        ".html": "html",
        ".htm": "html",
        ".xhtml": "html",
        ".pdf": "pdf",
        ".docx": "docx",
        ".epub": "epub",
        ".warc": "warc",
        ".wet": "warc",
    }
)
_SIGNATURES = (
    (b"%PDF-", "pdf"),
    (b"PAR1", "parquet"),
    (b"WARC/", "warc"),
)
_FOREIGN = (
    (b"\x89PNG", "a PNG picture"),
    (b"\xff\xd8\xff", "a JPEG picture"),
    (b"GIF8", "a GIF picture"),
    (b"RIFF", "a RIFF sound, film or picture"),
    (b"\x7fELF", "a program"),
    (b"MZ", "a program"),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive"),
    (b"Rar!", "a RAR archive"),
    (b"\xd0\xcf\x11\xe0", "an old Office file (.doc, .xls, .ppt)"),
    (b"GGUF", "a GGUF model"),
    (b"SQLite format 3", "an SQLite database"),
    (b"ID3", "an MP3 sound"),
)
_PACKED = (".gz", ".bz2", ".xz", ".zst", ".gzip", ".bz", ".lzma")

FORMATS = tuple(sorted(_MODULES))


def format_reader(name: str) -> FormatReader:
    """The function that reads format ``name``.

    Raises:
        UsageError: there is no such format.
    """
    if name not in _MODULES:
        raise UsageError(
            "no such format", where=name, mend=f"known formats are {', '.join(sorted(_MODULES))}"
        )
    module = import_module(f"zaohua.data.readers.{_MODULES[name]}")
    reader: FormatReader = getattr(module, f"read_{name}")
    return reader


def find_format(file_name: str, first: bytes, encoding: str | None = None) -> str:
    """The format of a file called ``file_name`` whose first 64 KiB, unpacked, are ``first``.

    Raises:
        ReadFailure: it is none that is known; the message says what it seems to be.
    """
    for signature, name in _SIGNATURES:
        if first.startswith(signature):
            return name
    suffix = _suffix(file_name)
    if first.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return _zip_format(suffix, first)
    if first[257:262] == b"ustar":
        return "tar"
    for signature, what in _FOREIGN:
        if first.startswith(signature) and _is_binary(first):
            raise ReadFailure(f"{what}, which holds no text to read")
    return _text_format(suffix, first, encoding)


def _suffix(file_name: str) -> str:
    path = PurePosixPath(file_name.replace("\\", "/").lower())
    while path.suffix in _PACKED:
        path = path.with_suffix("")
    return path.suffix


def _zip_format(suffix: str, first: bytes) -> str:
    if b"mimetypeapplication/epub+zip" in first[:100]:
        return "epub"
    named = _SUFFIXES.get(suffix)
    return named if named in {"docx", "epub"} else "zip"


def _is_binary(first: bytes) -> bool:
    try:
        detect(first, complete=len(first) < HEAD)
    except ReadFailure:
        return True
    return False


def _text_format(suffix: str, first: bytes, encoding: str | None) -> str:
    known = _SUFFIXES.get(suffix)
    if known in {"pdf", "parquet", "docx", "epub", "warc"}:
        raise ReadFailure(f"named {suffix} but is not a {known} file")
    encoding = encoding or detect(first, complete=len(first) < HEAD)
    try:
        start = first[:4096].decode(encoding, errors="replace").lstrip("\ufeff \t\r\n").lower()
    except LookupError as error:
        raise ReadFailure(f"there is no encoding {encoding}") from error
    if "<mediawiki" in start:
        return "wikipedia"
    if known in {"json", "jsonl"}:
        return "json" if known == "json" or start.startswith("[") else "jsonl"
    if known:
        return known
    return _unnamed(suffix, start)


def _unnamed(suffix: str, start: str) -> str:
    if start.startswith(("<!doctype html", "<html")):
        return "html"
    if start.startswith(("{", "[{")):
        return "json"
    if not suffix:
        return "text"
    raise ReadFailure(f"unknown format {suffix}: name it .txt if it is text")

"""What a caller may choose about reading."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal


@dataclass(frozen=True, slots=True)
class Fields:
    """Names of the fields (JSON keys, columns) that hold each part of a record."""

    text: str = "text"
    messages: str = "messages"
    prompt: str = "prompt"
    completion: str = "completion"
    chosen: str = "chosen"
    rejected: str = "rejected"
    label: str = "label"
    role: str = "role"
    content: str = "content"


@dataclass(frozen=True, slots=True)
class ReadOptions:
    """How to read.

    Attributes:
        fields: names of the fields in JSON, Parquet and CSV rows.
        text_unit: what one record of a plain text or Markdown file is.
        delimiter: of CSV columns; found out from the file when None.
        json_records: dotted path to the array of records inside a JSON object, such as ``data``.
        encoding: of text files; found out when None (UTF-8 first).
        max_document_bytes: largest document, line or row that is held in memory.
        max_copy_bytes: largest temporary copy, of a compressed PDF, Parquet or such, on disk.
        max_expansion: largest ratio of bytes after to bytes before decompression.
        max_depth: how many archives may lie inside each other.
        structure: tell what stands where, for retrieval rather than training: headings as
            Markdown writes them, tables a row a line between bars, a document a page of a PDF
            (its number in ``meta``), all fields of a row.
    """

    fields: Fields = field(default_factory=Fields)
    text_unit: Literal["document", "paragraph", "line"] = "document"
    delimiter: str | None = None
    json_records: str = ""
    encoding: str | None = None
    max_document_bytes: int = 64 << 20
    max_copy_bytes: int = 4 << 30
    max_expansion: int = 200
    max_depth: int = 3
    structure: bool = False

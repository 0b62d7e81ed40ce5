"""Files of every format, made on the spot."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path

import docx
import pytest
from reportlab.lib.pdfencrypt import StandardEncryption
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen import canvas

from zaohua.data.readers import ReadOptions, read
from zaohua.data.records import Record, Unreadable

CONTAINER = """<?xml version="1.0"?>
<container version="1.0" xmlns="urn:oasis:names:tc:opendocument:xmlns:container">
<rootfiles>
<rootfile full-path="OEBPS/book.opf" media-type="application/oebps-package+xml"/>
</rootfiles>
</container>"""
PACKAGE = """<?xml version="1.0"?>
<package xmlns="http://www.idpf.org/2007/opf" version="3.0">
<metadata xmlns:dc="http://purl.org/dc/elements/1.1/">
<dc:title>山中来信</dc:title><dc:creator>林一</dc:creator><dc:language>zh</dc:language></metadata>
<manifest>
<item id="nav" href="nav.xhtml" media-type="application/xhtml+xml" properties="nav"/>
<item id="b" href="text/two.xhtml" media-type="application/xhtml+xml"/>
<item id="a" href="text/%E4%B8%80.xhtml" media-type="application/xhtml+xml"/>
<item id="c" href="lost.xhtml" media-type="application/xhtml+xml"/>
</manifest>
<spine><itemref idref="nav"/><itemref idref="a"/><itemref idref="b"/><itemref idref="c"/></spine>
</package>"""


def records(items: Sequence[Record | Unreadable]) -> list[Record]:
    return [item for item in items if isinstance(item, Record)]


def faults(items: Sequence[Record | Unreadable]) -> list[Unreadable]:
    return [item for item in items if isinstance(item, Unreadable)]


@pytest.fixture
def read_bytes(tmp_path: Path) -> Callable[..., list[Record | Unreadable]]:
    """Write bytes (or text) under a name and read the file."""

    def read_them(
        name: str,
        data: bytes | str,
        options: ReadOptions | None = None,
        format: str | None = None,  # noqa: A002
    ) -> list[Record | Unreadable]:
        path = tmp_path / name
        path.write_bytes(data.encode() if isinstance(data, str) else data)
        return list(read([path], format=format, options=options))

    return read_them


def make_pdf(pages: Sequence[Sequence[str]], password: str = "") -> bytes:
    pdfmetrics.registerFont(UnicodeCIDFont("STSong-Light"))
    out = io.BytesIO()
    lock = StandardEncryption(password) if password else None
    pdf = canvas.Canvas(out, encrypt=lock)
    pdf.setTitle("Letters from the hill")
    for page in pages:
        pdf.setFont("STSong-Light", 12)
        for row, line in enumerate(page):
            pdf.drawString(60, 780 - 18 * row, line)
        pdf.showPage()
    pdf.save()
    return out.getvalue()


def make_docx() -> bytes:
    document = docx.Document()
    document.core_properties.title = "会议记录"
    document.add_heading("第一节", level=1)
    document.add_paragraph("Everyone came on time.")
    table = document.add_table(rows=2, cols=2)
    for cell, text in zip(table._cells, ["姓名", "年龄", "小明", "9"], strict=True):
        cell.text = text
    document.add_paragraph("散会。")
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def make_epub(extra: dict[str, str] | None = None) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as book:
        book.writestr("mimetype", "application/epub+zip")
        book.writestr("META-INF/container.xml", CONTAINER)
        book.writestr("OEBPS/book.opf", PACKAGE)
        book.writestr("OEBPS/nav.xhtml", "<html><body>目录</body></html>")
        book.writestr("OEBPS/text/一.xhtml", "<html><body><h1>一</h1><p>雪停了。</p></body></html>")
        book.writestr("OEBPS/text/two.xhtml", "<html><body><p>The road was open.</p></body></html>")
        for name, text in (extra or {}).items():
            book.writestr(name, text)
    return out.getvalue()

"""What readers tell of structure when asked: headings, tables, pages, all fields of a row."""

from __future__ import annotations

import json
from io import BytesIO

import docx
from reportlab.pdfgen import canvas

from tests.data.readers.conftest import records
from zaohua.data.readers import ReadOptions

STRUCTURE = ReadOptions(structure=True)
PAGE = """<html lang="en"><title>Teas</title><body><nav>Home About</nav>
<h1>Teas of <i>Bluestone</i></h1><p>They are grown on the eastern slope of the hills.</p>
<h2>Prices</h2><table><tr><th>Tea</th><th>Price</th></tr><tr><td>Green</td><td>3</td></tr></table>
<ul><li>cash</li></ul><h3></h3></body></html>"""


def test_html(read_bytes):
    [record] = records(read_bytes("a.html", PAGE, STRUCTURE))
    lines = [" ".join(line.split()) for line in record.text.splitlines() if line.strip()]
    assert lines[0] == "# Teas of Bluestone"
    assert "## Prices" in lines
    assert "| Tea | Price |" in lines
    assert "| Green | 3 |" in lines
    assert "• cash" in lines
    assert "Home" not in record.text
    assert record.meta == {"title": "Teas", "lang": "en"}


def test_docx(read_bytes):
    document, file = docx.Document(), BytesIO()
    document.add_heading("Manual", 0)
    document.add_heading("第一章", 1)
    document.add_paragraph("正文。")
    table = document.add_table(2, 2)
    for cell, text in zip(table._cells, ["名", "价", "茶", "3"], strict=True):
        cell.text = text
    document.save(file)
    [record] = records(read_bytes("a.docx", file.getvalue(), STRUCTURE))
    lines = [line for line in record.text.splitlines() if line]
    assert lines == ["# Manual", "# 第一章", "正文。", "| 名 | 价 |", "| 茶 | 3 |"]
    [plain] = records(read_bytes("a.docx", file.getvalue()))
    assert "#" not in plain.text


def test_pdf_pages(read_bytes):
    file = BytesIO()
    pages = canvas.Canvas(file)
    for text in ("first", "", "third"):
        pages.drawString(100, 700, text)
        pages.showPage()
    pages.save()
    found = records(read_bytes("a.pdf", file.getvalue(), STRUCTURE))
    assert [(r.text, r.meta["page"], r.meta["pages"]) for r in found] == [
        ("first", 1, 3),
        ("third", 3, 3),
    ]
    [whole] = records(read_bytes("a.pdf", file.getvalue()))
    assert whole.text == "first\n\nthird"


def test_rows(read_bytes):
    found = records(read_bytes("a.csv", "品名,价格\n绿茶,3\n红茶,\n", STRUCTURE))
    assert [r.text for r in found] == ["品名: 绿茶\n价格: 3", "品名: 红茶"]
    rows = [
        {"question": "多少钱？", "answer": "三元", "tags": ["茶"]},
        {"text": "just text "},
        {"messages": [{"role": "user", "content": "hi"}]},
        {"empty": None},
    ]
    items = read_bytes("a.jsonl", "\n".join(map(json.dumps, rows)), STRUCTURE)
    assert [r.body() for r in records(items)] == [
        'question: 多少钱？\nanswer: 三元\ntags: ["茶"]',
        "just text",
        "hi",
    ]
    assert len(items) == 4

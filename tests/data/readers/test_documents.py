from __future__ import annotations

import io
import zipfile

import pytest

from tests.data.readers.conftest import faults, make_docx, make_epub, make_pdf, records
from zaohua.data.readers import ReadOptions
from zaohua.data.records import Record, Unreadable

MENU = "".join(f'<li><a href="/{i}">栏目{i}</a></li>' for i in range(20))
STORY = "春天来了，河边的柳树发出新芽，孩子们在堤上放风筝，老人坐在石头上晒太阳。" * 3
TALE = "The river runs to the sea, and nobody in the village hurries in the spring. " * 3


def page(body, head=""):
    return (
        f'<!DOCTYPE html><html lang="zh"><head>{head}<title>春 日</title><style>a{{}}</style>'
        "</head>"
        f"<body><nav><ul>{MENU}</ul></nav>{body}<footer>版权所有</footer>"
        "<script>var hidden = 1;</script></body></html>"
    )


@pytest.mark.parametrize(
    "body",
    [
        f"<article><h1>春</h1><p>{STORY}</p><p>{TALE}</p></article>",
        f"<main><h1>春</h1><p>{STORY}</p><p>{TALE}</p></main>",
        f"<div class='content'><h1>春</h1><p>{STORY}</p><p>{TALE}</p></div>",
    ],
)
def test_html_main_text(read_bytes, body):
    [record] = read_bytes("a.html", page(body))
    assert STORY in record.text
    assert TALE.strip() in record.text
    for noise in ("栏目", "版权", "hidden", "<p>"):
        assert noise not in record.text
    assert record.meta == {"title": "春 日", "lang": "zh"}


def test_html_teaser_is_not_the_page(read_bytes):
    body = (
        f"<article><p>也读这篇</p></article><div class='content'><p>{STORY}</p><p>{TALE}</p></div>"
    )
    [record] = read_bytes("a.html", page(body))
    assert STORY in record.text


def test_html_lists_of_an_article_stay(read_bytes):
    body = f"<article><p>{STORY}</p><ul><li>一件小事</li></ul><p>{TALE}</p></article>"
    [record] = read_bytes("a.html", page(body))
    assert record.text.index("一件小事") < record.text.index("The river")


@pytest.mark.parametrize(
    ("encoding", "head"),
    [
        ("gb18030", '<meta charset="gb2312">'),
        ("big5", '<meta http-equiv="Content-Type" content="text/html; charset=Big5">'),
        ("utf-8", '<meta charset="gbk">'),
        ("gb18030", ""),
        ("utf-16", ""),
    ],
)
def test_html_encodings(read_bytes, encoding, head):
    story = "山不在高，有仙則名。水不在深，有龍則靈。" * 8
    html = page(f"<article><p>{story}</p></article>".replace("則", "则"), head)
    if encoding == "big5":
        html = page(f"<article><p>{story}</p></article>", head).replace("栏", "欄")
        html = html.replace("权", "權")
    [record] = read_bytes("a.htm", html.encode(encoding))
    assert "山不在高" in record.text


def test_a_panic_of_the_parser_is_one_fault(read_bytes, monkeypatch):
    panic = type("PanicException", (BaseException,), {"__module__": "pyo3_runtime"})

    def fail(*args, **options):
        raise panic("index out of bounds")

    monkeypatch.setattr("resiliparse.extract.html2text.extract_plain_text", fail)
    [fault] = read_bytes("a.html", page("<p>text</p>"))
    assert fault.reason == "HTML that cannot be parsed: index out of bounds"
    items = read_bytes("a.epub", make_epub())
    assert [fault.position for fault in faults(items)] == [0, 1, 2]


@pytest.mark.parametrize("depth", [5_000, pytest.param(50_000, marks=pytest.mark.slow)])
def test_html_nested_without_end(read_bytes, depth):
    [item] = read_bytes("a.html", "<div>" * depth + "deep")
    assert isinstance(item, Record | Unreadable)


def test_html_without_text(read_bytes):
    [fault] = read_bytes("a.html", "<html><body><img src='x.png'></body></html>")
    assert fault.reason == "no text in it"


def test_pdf(read_bytes):
    data = make_pdf([["白日依山尽，黄河入海流。", "The river runs on."], [], ["第三页"]])
    [record] = read_bytes("a.pdf", data)
    assert record.text == "白日依山尽，黄河入海流。\nThe river runs on.\n\n第三页"
    assert record.meta == {"pages": 3, "title": "Letters from the hill"}


def test_pdf_by_content(read_bytes):
    [record] = read_bytes("letter.txt", make_pdf([["一封信"]]))
    assert record.text == "一封信"


def test_pdf_locked(read_bytes):
    [fault] = read_bytes("a.pdf", make_pdf([["secret"]], password="pw"))
    assert fault.reason == "locked with a password"


def test_pdf_without_text_layer(read_bytes):
    [fault] = read_bytes("a.pdf", make_pdf([[], []]))
    assert fault.reason.startswith("no text layer")


def test_pdf_damaged(read_bytes):
    [fault] = read_bytes("a.pdf", b"%PDF-1.7\n" + bytes(range(256)) * 4)
    assert fault.reason.startswith("damaged PDF")


def test_pdf_beyond_the_limit(read_bytes):
    [fault] = read_bytes(
        "a.pdf", make_pdf([["word " * 12] * 20]), ReadOptions(max_document_bytes=99)
    )
    assert "of text" in fault.reason


def test_docx(read_bytes):
    [record] = read_bytes("a.docx", make_docx())
    assert record.text == "第一节\nEveryone came on time.\n姓名\t年龄\n小明\t9\n散会。"
    assert record.meta == {"title": "会议记录"}


def test_docx_damaged(read_bytes):
    data = make_docx()
    [fault] = read_bytes("a.docx", data[: len(data) // 2])
    assert fault.reason.startswith("damaged")


def test_docx_that_is_another_zip(read_bytes):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("a.txt", "no word document")
    [fault] = read_bytes("a.docx", out.getvalue())
    assert fault.reason.startswith("damaged Word document")


def test_docx_that_is_a_bomb(read_bytes):
    out = io.BytesIO(make_docx())
    with zipfile.ZipFile(out, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("word/media/x.xml", bytes(3 << 20))
    [fault] = read_bytes("a.docx", out.getvalue(), ReadOptions(max_document_bytes=2 << 20))
    assert fault.reason == "a part is larger than 2 MB unpacked"


def test_epub_chapters_in_reading_order(read_bytes):
    items = read_bytes("a.epub", make_epub())
    assert [r.text for r in records(items)] == ["一\n\n雪停了。", "The road was open."]
    assert records(items)[0].meta == {
        "title": "山中来信",
        "author": "林一",
        "lang": "zh",
        "chapter": "OEBPS/text/一.xhtml",
    }
    [fault] = faults(items)
    assert (fault.reason, fault.position) == ("OEBPS/lost.xhtml: missing in the book", 2)


def test_epub_with_locked_chapter(read_bytes):
    encryption = (
        '<encryption xmlns="urn:oasis:names:tc:opendocument:xmlns:container">'
        '<EncryptedData xmlns="http://www.w3.org/2001/04/xmlenc#"><CipherData>'
        '<CipherReference URI="OEBPS/text/two.xhtml"/></CipherData></EncryptedData></encryption>'
    )
    items = read_bytes("a.epub", make_epub({"META-INF/encryption.xml": encryption}))
    assert [r.text for r in records(items)] == ["一\n\n雪停了。"]
    assert "OEBPS/text/two.xhtml: encrypted" in faults(items)[0].reason


def test_epub_without_package(read_bytes):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as book:
        book.writestr("mimetype", "application/epub+zip")
    [fault] = read_bytes("a.epub", out.getvalue())
    assert fault.reason.startswith("damaged EPUB")

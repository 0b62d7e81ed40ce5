from __future__ import annotations

import bz2
import gzip

import pytest

from tests.data.readers.conftest import faults, records
from zaohua.data.readers.wikitext import plain_text

PAGE = """<page><title>{title}</title><ns>{ns}</ns><id>{id}</id>{more}
<revision><id>9</id><timestamp>2026-01-02T03:04:05Z</timestamp>
<text xml:space="preserve">{text}</text></revision></page>
"""


def dump(*pages):
    body = "".join(
        PAGE.format(**{"ns": 0, "id": number, "more": "", **page})
        for number, page in enumerate(pages)
    )
    return f'<mediawiki xmlns="http://www.mediawiki.org/xml/export-0.11/">\n{body}</mediawiki>'


PAGES = (
    {"title": "水", "text": "'''水'''是一种[[化合物|化合的物]]。"},
    {"title": "讨论", "text": "talk", "ns": 1},
    {"title": "H2O", "text": "#REDIRECT [[水]]", "more": '<redirect title="水"/>'},
    {"title": "Hill", "text": "A '''hill''' is a landform. &amp;lt; 300 m"},
)


@pytest.mark.parametrize("name", ["zhwiki-pages.xml", "zhwiki-pages.xml.bz2"])
def test_wikipedia_dump(read_bytes, name):
    data = dump(*PAGES).encode()
    if name.endswith("bz2"):  # in two streams, as the multistream dumps are
        data = bz2.compress(data[:300]) + bz2.compress(data[300:])
    items = read_bytes(name, data)
    assert [(r.text, r.position) for r in items] == [
        ("水是一种化合的物。", 0),
        ("A hill is a landform. < 300 m", 1),
    ]
    assert items[0].meta == {"title": "水", "id": "0", "date": "2026-01-02T03:04:05Z"}


def test_wikipedia_dump_cut_off(read_bytes):
    data = dump(*PAGES)
    items = read_bytes("a.xml", data[: data.index("A '''hill")])
    assert [r.text for r in records(items)] == ["水是一种化合的物。"]
    assert faults(items)[0].reason.startswith("wrong XML")


def test_wikipedia_dump_with_entity_bomb(read_bytes):
    entities = '<!ENTITY a "ha">' + "".join(
        f'<!ENTITY {chr(98 + i)} "{f"&{chr(97 + i)};" * 10}">' for i in range(12)
    )
    data = f"<!DOCTYPE x [{entities}]>{dump({'title': 'x', 'text': '&m;'})}"
    items = read_bytes("a.xml", data.replace("<!DOCTYPE", "<!-- <mediawiki --><!DOCTYPE", 1))
    assert records(items) == []
    assert len(faults(items)) == 1


@pytest.mark.parametrize(
    ("wikitext", "text"),
    [
        ("{{Infobox|a={{b}}}}正文", "正文"),
        ("甲<ref name=a>{{cite|x}}</ref>乙<ref name=a/>丙", "甲乙丙"),
        ("== 历史 ==\n* 一\n* 二\n", "历史\n\n一\n二"),
        ("[[File:a.jpg|thumb|[[山]]图]]文[[Category:水]][[en:Water]]", "文"),
        ("[[文件:a.jpg|缩略图|图]]见[[:Category:山]]", "见Category:山"),
        ('前\n{| class="wikitable"\n! a\n|-\n| 1\n|}\n后', "前\n\n后"),
        ("[http://a.example 链接]和[http://b.example]", "链接和"),
        ("-{zh-hans:信息;zh-hant:資訊}-与-{里}-", "信息与里"),
        ("质能<math>E=mc^2</math>。<!-- 注 -->&nbsp;终__NOTOC__", "质能。\xa0终"),
        ("'''粗''' ''斜'' 一<br/>二", "粗 斜 一\n二"),
        ("", ""),
    ],
)
def test_wikitext(wikitext, text):
    assert plain_text(wikitext) == text


def warc(*answers, kind="response", more=""):
    out = b""
    for number, (content_type, status, body) in enumerate(answers):
        block, block_type = body, content_type
        if kind == "response":
            block_type = "application/http; msgtype=response"
            head = f"HTTP/1.1 {status}\r\nContent-Type: {content_type}\r\n{more}\r\n"
            block = head.encode() + body
        out += (
            f"WARC/1.0\r\nWARC-Type: {kind}\r\nWARC-Target-URI: http://site.example/{number}\r\n"
            f"WARC-Record-ID: <urn:uuid:00000000-0000-0000-0000-{number:012}>\r\n"
            f"WARC-Date: 2026-01-02T03:04:05Z\r\nContent-Type: {block_type}\r\n"
            f"Content-Length: {len(block)}\r\n\r\n"
        ).encode()
        out += block + b"\r\n\r\n"
    return out


HTML = "<html><head><title>雪</title></head><body><article>{}</article></body></html>"
ANSWERS = (
    (
        "text/html; charset=gbk",
        "200 OK",
        HTML.format("<p>雪停了，路也通了。</p>" * 9).encode("gbk"),
    ),
    ("text/html", "404 Not Found", HTML.format("nothing").encode()),
    ("image/png", "200 OK", b"\x89PNG"),
    ("text/plain", "200 OK", b"The road was open."),
    ("text/html", "200 OK", b"<html></html>"),
)


def test_warc(read_bytes):
    items = read_bytes("crawl.warc", warc(*ANSWERS))
    assert [r.position for r in records(items)] == [0, 1]
    assert "雪停了" in records(items)[0].text
    assert records(items)[1].text == "The road was open."
    assert records(items)[0].meta["url"] == "http://site.example/0"
    assert records(items)[0].meta["title"] == "雪"
    assert faults(items)[0].reason == "http://site.example/4: no text in it"


def test_warc_with_compressed_answers(read_bytes):
    body = gzip.compress(ANSWERS[0][2])
    answer = ("text/html; charset=gbk", "200 OK", body)
    data = warc(answer, more="Content-Encoding: gzip\r\n")
    [record] = read_bytes("crawl.warc.gz", gzip.compress(data))
    assert "路也通了" in record.text


@pytest.mark.parametrize("more", ["", "Content-Encoding: gzip\r\n"])
def test_warc_with_a_long_page(read_bytes, more):
    html = HTML.format("".join(f"<p>{i} the road was open</p>" for i in range(20_000))).encode()
    data = warc(("text/html", "200 OK", gzip.compress(html) if more else html), more=more)
    [record] = read_bytes("crawl.warc", data)
    assert "19999 the road" in record.text


def test_wet(read_bytes):
    data = warc(("text/plain", "", "雪停了。".encode()), kind="conversion")
    [record] = read_bytes("crawl.warc.wet", data)
    assert record.text == "雪停了。"


def test_warc_cut_off(read_bytes):
    data = warc(*ANSWERS[:1], *ANSWERS[3:4])
    items = read_bytes("crawl.warc.gz", gzip.compress(data)[:-30])
    assert "damaged or cut off" in faults(items)[-1].reason


def test_warc_with_rubbish_in_the_middle(read_bytes):
    data = warc(*ANSWERS[:1]) + b"rubbish\r\n\r\n" * 5 + warc(*ANSWERS[3:4])
    items = read_bytes("crawl.warc", data)
    assert "雪停了" in records(items)[0].text
    assert faults(items)[0].reason.startswith("damaged WARC")

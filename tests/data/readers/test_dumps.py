from __future__ import annotations

import bz2
import io

import pytest
from fastwarc.warc import WarcRecord, WarcRecordType
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


def warc(*answers, kind=WarcRecordType.response):
    out = io.BytesIO()
    for number, (content_type, status, body) in enumerate(answers):
        record = WarcRecord()
        http = kind == WarcRecordType.response
        record.init_headers(
            record_type=kind, record_urn=f"00000000-0000-0000-0000-{number:012}".encode()
        )
        record.headers["WARC-Target-URI"] = f"http://site.example/{number}"
        record.headers["Content-Type"] = (
            "application/http; msgtype=response" if http else content_type
        )
        head = (
            f"HTTP/1.1 {status}\r\nContent-Type: {content_type}\r\n\r\n".encode() if http else b""
        )
        record.set_bytes_content(head + body)
        record.write(out)
    return out.getvalue()


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


def test_wet(read_bytes):
    data = warc(("text/plain", "", "雪停了。".encode()), kind=WarcRecordType.conversion)
    [record] = read_bytes("crawl.warc.wet", data)
    assert record.text == "雪停了。"


def test_warc_cut_off(read_bytes):
    data = warc(*ANSWERS[:1], *ANSWERS[3:4])
    items = read_bytes("crawl.warc", data[:-30])
    assert "雪停了" in records(items)[0].text

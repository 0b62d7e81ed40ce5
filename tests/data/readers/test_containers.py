from __future__ import annotations

import bz2
import gzip
import io
import json
import lzma
import os
import tarfile
import zipfile

import pytest
import zstandard

from tests.data.readers.conftest import faults, make_docx, make_pdf, records
from tests.data.readers.test_schemas import chatgpt_export
from tests.data.readers.test_tables import parquet_bytes
from zaohua.data.readers import ReadOptions, read
from zaohua.errors import NotFoundError, UsageError

ROWS = "".join(
    json.dumps({"text": f"第{i}行 line {i}"}, ensure_ascii=False) + "\n" for i in range(50)
)
PACK = {
    "gz": gzip.compress,
    "bz2": bz2.compress,
    "xz": lzma.compress,
    "zst": zstandard.ZstdCompressor().compress,
}


def names(items):
    return [item.source.rsplit("/", 1)[1] for item in items]


def zipped(members, compression=zipfile.ZIP_DEFLATED):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", compression) as archive:
        for name, data in members:
            archive.writestr(name, data)
    return out.getvalue()


def tarred(members, mode="w"):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode=mode) as archive:
        for name, data in members:
            info = tarfile.TarInfo(name)
            if data is None:
                info.type, info.linkname = tarfile.SYMTYPE, "/etc/passwd"
                archive.addfile(info)
            else:
                info.size = len(data)
                archive.addfile(info, io.BytesIO(data))
    return out.getvalue()


@pytest.mark.parametrize("suffix", PACK)
@pytest.mark.parametrize("name", ["a.jsonl.{}", "a.jsonl"])
def test_compressed(read_bytes, suffix, name):
    packed = PACK[suffix](ROWS.encode())
    items = read_bytes(name.format(suffix), packed)
    assert [r.text for r in items] == [f"第{i}行 line {i}" for i in range(50)]


@pytest.mark.parametrize("suffix", PACK)
def test_compressed_in_two_parts(read_bytes, suffix):
    pack = PACK[suffix]
    items = read_bytes(f"a.jsonl.{suffix}", pack(ROWS[:700].encode()) + pack(ROWS[700:].encode()))
    assert len(records(items)) == 50 == len(items)


@pytest.mark.parametrize("suffix", PACK)
def test_compressed_and_cut_off(read_bytes, suffix):
    rows = "".join(json.dumps({"text": os.urandom(3000).hex()}) + "\n" for _ in range(100))
    packed = PACK[suffix](rows.encode())
    items = read_bytes(f"a.jsonl.{suffix}", packed[: len(packed) // 2])
    assert "damaged or cut off" in faults(items)[-1].reason
    assert faults(items)[-1].position == len(items) - 1 or not records(items)


@pytest.mark.parametrize("suffix", PACK)
def test_bombs_are_stopped(read_bytes, suffix):
    line = json.dumps({"text": " " * 1000 + "a"}) + "\n"
    packed = PACK[suffix](line.encode() * 40_000)
    items = read_bytes(f"a.jsonl.{suffix}", packed, ReadOptions(max_expansion=20))
    assert "grows more than 20 times" in faults(items)[-1].reason
    assert len(records(items)) < 30_000


def test_a_copy_beyond_the_limit(read_bytes):
    packed = gzip.compress(make_pdf([["一封信"]]))
    [fault] = read_bytes("a.pdf.gz", packed, ReadOptions(max_copy_bytes=100))
    assert "unpack it yourself" in fault.reason


def test_zip_bomb(read_bytes):
    data = zipped([("a.txt", bytes(1 << 25)), ("b.txt", "fine")])
    items = read_bytes("a.zip", data)
    assert [r.text for r in records(items)] == ["fine"]
    assert names(faults(items)) == ["a.zip!a.txt"]


def test_compressed_random_access_formats(read_bytes):
    [record] = read_bytes("a.pdf.gz", gzip.compress(make_pdf([["一封信"]])))
    assert record.text == "一封信"
    items = read_bytes("a.parquet.zst", PACK["zst"](parquet_bytes([{"text": "甲"}])))
    assert [r.text for r in items] == ["甲"]


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_zip_members_in_order(read_bytes):
    data = zipped(
        [
            ("b.txt", "bee"),
            ("docs/", b""),
            ("docs/a.jsonl.gz", gzip.compress(ROWS.encode())),
            ("docs/w.docx", make_docx()),
            ("__MACOSX/b.txt", "junk"),
            (".DS_Store", "junk"),
            ("b.txt", "again"),
        ]
    )
    items = read_bytes("a.zip", data)
    assert len(items) == 53 == len({(r.source, r.position) for r in items})
    assert names(items)[:2] == ["a.zip!b.txt", "a.jsonl.gz"]
    assert items[1].source.endswith("a.zip!docs/a.jsonl.gz")
    assert items[-1].source.endswith("a.zip!b.txt#2")


@pytest.mark.parametrize("suffix", ["tar", "tar.gz", "tar.xz"])
def test_tar_members_in_order(read_bytes, suffix):
    mode = "w" if suffix == "tar" else f"w:{suffix[4:]}"
    data = tarred(
        [("x/b.txt", b"bee"), ("x/a.jsonl", ROWS.encode()), ("x/p.pdf", make_pdf([["信"]]))], mode
    )
    items = read_bytes(f"a.{suffix}", data)
    assert [items[0].text, items[1].text, items[-1].text] == ["bee", "第0行 line 0", "信"]
    assert len(items) == 52


@pytest.mark.parametrize(
    "bad", ["../up.txt", "/abs.txt", "a/../../up.txt", "..\\up.txt", "C:\\up.txt"]
)
def test_names_that_lead_out_of_an_archive(read_bytes, tmp_path, bad):
    for name, data in (
        ("a.zip", zipped([(bad, "evil"), ("ok.txt", "fine")])),
        ("a.tar", tarred([(bad, b"evil"), ("ok.txt", b"fine")])),
    ):
        items = read_bytes(name, data)
        assert [r.text for r in records(items)] == ["fine"]
        assert [f.reason for f in faults(items)] == ["its name leads out of the archive"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.tar", "a.zip"]


def test_links_in_a_tar_are_not_followed(read_bytes):
    items = read_bytes("a.tar", tarred([("link", None), ("ok.txt", b"fine")]))
    assert [f.reason for f in faults(items)] == ["a link or device in an archive"]
    assert [r.text for r in records(items)] == ["fine"]


def test_archives_in_archives(read_bytes):
    data = zipped([("ok.txt", "fine")])
    for _ in range(2):
        data = zipped([("in.zip", data)])
    assert [r.text for r in read_bytes("a.zip", data)] == ["fine"]
    [fault] = read_bytes("a.zip", zipped([("in.zip", data)]))
    assert fault.reason == "archives too deep inside each other"


def test_damaged_archives(read_bytes):
    data = zipped([("a.txt", os.urandom(3000).hex())])
    [fault] = read_bytes("a.zip", data[:-30])
    assert fault.reason.startswith("damaged archive")
    data = tarred([("a.txt", b"fine"), ("b.txt", b"x" * 3000)])
    items = read_bytes("a.tar", data[:2000])
    assert [r.text for r in records(items)] == ["fine"]
    assert len(faults(items)) >= 1
    [fault] = read_bytes("a.zip", zipped([]))
    assert fault.reason == "an archive without files"


def test_a_member_with_a_wrong_checksum(read_bytes):
    data = zipped([("a.txt", "first text"), ("b.txt", "fine")], zipfile.ZIP_STORED)
    items = read_bytes("a.zip", data.replace(b"first text", b"fIrst text"))
    assert [r.text for r in records(items)] == ["fine"]
    assert "CRC" in faults(items)[0].reason


def test_a_locked_member(read_bytes):
    data = bytearray(zipped([("a.txt", "secret"), ("b.txt", "fine")]))
    entry = data.index(b"PK\x01\x02")
    data[6] |= 1
    data[entry + 8] |= 1
    items = read_bytes("a.zip", bytes(data))
    assert [f.reason for f in faults(items)] == ["locked with a password"]
    assert [r.text for r in records(items)] == ["fine"]


def test_chatgpt_export_as_zip(read_bytes):
    data = zipped(
        [
            ("chat.html", "<html>all of it once more</html>"),
            ("user.json", '{"email": "someone@site.example"}'),
            ("conversations.json", json.dumps([chatgpt_export(), chatgpt_export()])),
            ("picture.png", b"\x89PNG"),
        ]
    )
    items = read_bytes("export.zip", data)
    assert [(r.kind, r.position) for r in items] == [("chat", 0), ("chat", 1)]


def test_a_folder_with_everything_wrong_in_it(tmp_path):
    packed = gzip.compress(ROWS.encode())
    for name, data in {
        "a.txt": b"first",
        "b.gz": packed[:40],
        "c.pdf": b"%PDF-1.4 broken",
        "d.parquet": b"PAR1" + bytes(60),
        "e.txt": b"",
        "f.pdf": make_pdf([["secret"]], password="pw"),
        "g.txt": bytes(range(256)) * 9,
        "h.mp4": b"\0\0\0\x18ftypmp42" + bytes(90),
        "sub/i.txt": b"inner",
        "sub/.hidden.txt": b"junk",
        "z.txt": b"last",
    }.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(data)
    (tmp_path / "sub" / "loop").symlink_to(tmp_path)
    (tmp_path / "y-nothing").symlink_to(tmp_path / "nowhere")
    os.mkfifo(tmp_path / "y-pipe")
    items = list(read([tmp_path]))
    assert [r.text for r in records(items)] == ["first", "inner", "last"]
    assert {
        name: fault.reason.split(":")[0]
        for name, fault in zip(names(faults(items)), faults(items), strict=True)
    } == {
        "b.gz": "damaged or cut off",
        "c.pdf": "damaged PDF",
        "d.parquet": "damaged Parquet",
        "e.txt": "empty file",
        "f.pdf": "locked with a password",
        "g.txt": "not text",
        "h.mp4": "not text",
        "loop": "a link that leads back to a folder above it",
        "y-nothing": "a link to nothing",
        "y-pipe": "not a regular file",
    }
    assert items == list(read([tmp_path]))


def test_globs_are_sorted_and_files_come_once(tmp_path):
    for name in ("b.txt", "a.txt", "sub/c.txt", "[x].txt"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(name)
    items = list(read([tmp_path / "b.txt", tmp_path / "**" / "*.txt", tmp_path / "[x].txt"]))
    assert [r.text for r in items] == ["b.txt", "[x].txt", "a.txt", "sub/c.txt"]


def test_wrong_calls_fail_at_once(tmp_path):
    with pytest.raises(NotFoundError, match="nothing"):
        read([tmp_path / "nothing.txt"])
    with pytest.raises(NotFoundError):
        read([tmp_path / "*.txt"])
    with pytest.raises(UsageError, match="known formats are csv, docx"):
        read([tmp_path], format="word")
    assert list(read([tmp_path])) == []

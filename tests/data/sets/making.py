"""Small packages of the kinds that registries hold, and what tests read from them."""

from __future__ import annotations

import hashlib
import io
import json
import tarfile
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from zaohua.data.records import Record, Unreadable
from zaohua.progress import Silent

SPRING = ["春眠不覺曉，處處聞啼鳥。", "夜來風雨聲，花落知多少。"]
STEP = ["白日依山盡，黃河入海流。", "欲窮千里目，更上一層樓。"]
BREEZE = ["李白乘舟將欲行，忽聞岸上踏歌聲。", "桃花潭水深千尺，不及汪倫送我情。"]
VIEW = [
    "國破山河在，城春草木深。",
    "感時花濺淚，恨別鳥驚心。",
    "烽火連三月，家書抵萬金。",
    "白頭搔更短，渾欲不勝簪。",
]


def poem(title: str, author: str, lines: Sequence[str]) -> dict[str, Any]:
    """A row of the package's files."""
    return {"title": title, "author": author, "paragraphs": list(lines)}


TANG = [
    poem("春曉", "孟浩然", SPRING),
    poem("登鸛雀樓", "王之渙", STEP),
    poem("贈汪倫", "李白", BREEZE),
    poem("春望", "杜甫", VIEW),
    poem("缺字", "佚名", ["白日依山□，黃河入海流。"]),
    poem("有注", "佚名", ["白日依山盡（一作落），黃河入海流。"]),
    poem("又登鸛雀樓", "朱斌", STEP),
    poem(
        "古風",
        "李白",
        ["大雅久不作，吾衰竟誰陳。", "王風委蔓草，戰國多荊榛。", "龍虎相啖食，兵戈逮狂秦。"],
    ),
]
SONG_CI = [
    {
        "rhythmic": "如梦令",
        "author": "李清照",
        "paragraphs": ["常记溪亭日暮，沉醉不知归路。", "兴尽晚回舟，误入藕花深处。"],
    }
]

FILES: dict[str, Any] = {
    "package/dist/quantangshi/poet.tang.0.json": TANG,
    "package/dist/quantangshi/error/poet.tang.0.json": [poem("錯", "錯", SPRING)],
    "package/dist/songci/ci.song.0.json": SONG_CI,
    "package/package.json": {"name": "chinese-poetry"},
}


def tgz(files: Mapping[str, Any]) -> bytes:
    """A gzipped tar file; contents are text, bytes or JSON values."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as archive:
        for name, content in files.items():
            data = _bytes(content)
            member = tarfile.TarInfo(name)
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))
    return packed.getvalue()


def zipped(files: Mapping[str, Any]) -> bytes:
    """A zip file, as wheels are."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, _bytes(content))
    return packed.getvalue()


def opened(files: Mapping[str, Any]) -> Callable[[], Iterator[tuple[str, bytes]]]:
    """The files as readers get them."""
    return lambda: ((name, _bytes(content)) for name, content in files.items())


def wheel(folder: Path, name: str, version: str, files: Mapping[str, Any]) -> Path:
    """A wheel that pip accepts."""
    info = f"{name}-{version}.dist-info"
    described = {
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        f"{info}/RECORD": "",
    }
    path = folder / f"{name}-{version}-py3-none-any.whl"
    path.write_bytes(zipped({**files, **described}))
    return path


def sdist(folder: Path, name: str, version: str, files: Mapping[str, Any]) -> Path:
    """A source distribution that pip accepts."""
    top = f"{name}-{version}"
    described = {f"{top}/PKG-INFO": f"Metadata-Version: 1.0\nName: {name}\nVersion: {version}\n"}
    path = folder / f"{top}.tar.gz"
    path.write_bytes(tgz({**described, **{f"{top}/{at}": what for at, what in files.items()}}))
    return path


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def parted(found: Iterator[Record | Unreadable]) -> tuple[list[Record], list[Unreadable]]:
    """Records, and what could not be read."""
    items = list(found)
    records = [item for item in items if isinstance(item, Record)]
    return records, [item for item in items if isinstance(item, Unreadable)]


class Notes(Silent):
    """A progress that keeps what it was told."""

    def __init__(self) -> None:
        self.notes: list[str] = []

    def note(self, text: str) -> None:
        self.notes.append(text)


def _bytes(content: Any) -> bytes:
    if isinstance(content, bytes):
        return content
    text = content if isinstance(content, str) else json.dumps(content, ensure_ascii=False)
    return text.encode()

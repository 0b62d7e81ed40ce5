"""What reading imports, and what it says when that is not installed."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
import zstandard

from tests.data.readers.conftest import make_docx, make_epub, make_pdf
from zaohua.data.readers import read
from zaohua.errors import MissingExtraError

LIBRARIES = "pyarrow pypdfium2 docx lxml resiliparse warcio mwparserfromhell ijson zstandard"
FOR_TRAINING = "torch transformers tokenizers datasets accelerate peft sklearn scipy"
EXTRAS = tomllib.loads((Path(__file__).parents[3] / "pyproject.toml").read_text())["project"][
    "optional-dependencies"
]
READ = """
import sys
from zaohua.knowledge.reading import read_file
from zaohua.knowledge.values import Limits
from pathlib import Path
for path in sorted(Path(sys.argv[1]).iterdir()):
    read = read_file(path, Limits())
    assert read.documents and not read.faults, (path, read.problems)
print([name for name in sys.argv[2].split() if name in sys.modules])
"""
WIKIPEDIA = """<mediawiki><page><title>山</title><ns>0</ns><id>1</id>
<revision><id>2</id><text>山很高。</text></revision></page></mediawiki>"""
PAGE = "<html><body><p>The river is wide.</p></body></html>"
FILES = {
    "a.pdf": make_pdf([["Words on a page"]]),
    "a.docx": make_docx(),
    "a.html": PAGE.encode(),
    "a.json": b'[{"text": "one"}]',
    "a.xml": WIKIPEDIA.encode(),
    "a.txt.zst": zstandard.compress("一句话。".encode()),
    "old.txt": ("山高月小，水落石出。" * 20).encode("gb18030"),
}


def imported(folder: Path, names: str) -> str:
    command = [sys.executable, "-c", READ, str(folder), names]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


@pytest.fixture
def files(tmp_path: Path) -> Path:
    for name, data in FILES.items():
        (tmp_path / name).write_bytes(data)
    return tmp_path


def test_they_are_not_imported_before_they_are_needed(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text('{"text": "a"}')
    assert imported(tmp_path, LIBRARIES) == "[]"


def test_documents_are_read_without_what_training_needs(files: Path) -> None:
    assert imported(files, FOR_TRAINING) == "[]"


@pytest.fixture
def _bare(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [*LIBRARIES.split(), "charset_normalizer"]:
        for module in [name, *(one for one in sys.modules if one.startswith(f"{name}."))]:
            monkeypatch.setitem(sys.modules, module, None)


@pytest.mark.usefixtures("_bare")
@pytest.mark.parametrize("name", FILES)
def test_the_extra_is_named(files: Path, name: str) -> None:
    line = r"^reading .+ needs the 'documents' extra: .*pip install 'zaohua\[documents\]'$"
    with pytest.raises(MissingExtraError, match=line):
        list(read([files / name]))


@pytest.mark.usefixtures("_bare")
def test_an_epub_needs_it_too(tmp_path: Path) -> None:
    (tmp_path / "a.epub").write_bytes(make_epub())
    with pytest.raises(MissingExtraError, match="EPUB books needs the 'documents' extra"):
        list(read([tmp_path / "a.epub"]))


@pytest.mark.usefixtures("_bare")
def test_parquet_is_an_extra_of_its_own(tmp_path: Path) -> None:
    (tmp_path / "a.parquet").write_bytes(b"PAR1")
    with pytest.raises(MissingExtraError, match=r"'zaohua\[parquet\]'"):
        list(read([tmp_path / "a.parquet"]))


def distributions(extra: str) -> Iterator[str]:
    yield from (one.partition(">=")[0] for one in EXTRAS[extra])


def test_no_package_is_listed_twice() -> None:
    assert "zaohua[documents,parquet]" in EXTRAS["train"]
    assert not {*distributions("documents"), "pyarrow"} & {*distributions("train")}
    assert "torch" not in {*distributions("documents")}

"""A user's catalogue wins by name, and says what is wrong with it."""

from __future__ import annotations

from pathlib import Path

import pytest

from zaohua.errors import UsageError
from zaohua.settings import Settings
from zaohua.store import catalogue
from zaohua.store.manifest import name_from
from zaohua.store.models import available


def write(settings: Settings, text: str) -> Path:
    settings.home.mkdir(parents=True, exist_ok=True)
    path = settings.home / "catalogue.toml"
    path.write_text(text, "utf-8")
    return path


def test_user_entry_replaces_and_adds(settings: Settings) -> None:
    write(
        settings,
        '[models."qwen3-4b"]\ntitle = "Mine"\nmirrors = [{ kind = "path", path = "/x.gguf" }]\n'
        '[models.new]\nmirrors = [{ kind = "url", url = "https://example.org/x.gguf" }]\n',
    )
    entries = available(settings)
    assert [entry.name for entry in entries[:2]] == ["qwen3-4b", "new"]
    assert (entries[0].title, entries[0].origin) == ("Mine", "yours")
    assert entries[1].title == "new"
    assert len([entry for entry in entries if entry.name == "qwen3-4b"]) == 1


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[models.x", "cannot be read"),
        ("x = 1", "something else than [models.NAME]"),
        ("models = 3", "something else than [models.NAME]"),
        ("[models]\nx = 3", "an entry is not a table"),
        ("[models.x]\ntitle = 'a'", "needs mirrors"),
        ("[models.x]\nmirrors = []", "needs mirrors"),
        ("[models.x]\nmirrors = ['a']", "mirrors are tables"),
        ("[models.x]\nmirrors = [{kind = 'ftp'}]", "huggingface, modelscope"),
        ("[models.x]\nmirrors = [{kind = 'url'}]", "needs the key 'url'"),
        ("[models.x]\nmirrors = [{kind = 'url', url = 3}]", "wrong type"),
        ("[models.x]\nmirrors = [{kind = 'url', url = ''}]", "wrong type"),
        ("[models.x]\nmirrors = [{kind = 'url', uri = 'a'}]", "did you mean 'url'"),
        ("[models.x]\nmirrors = [{kind = 'wheel', packages = 'a', files = 'b'}]", "wrong type"),
        ("[models.x]\nlicense = 'MIT'\nmirrors = [{kind='url',url='a'}]", "did you mean 'licence'"),
        ("[models.x]\nsize = '1'\nmirrors = [{kind='url',url='a'}]", "'size' has the wrong type"),
        ("[models.x]\nsize = true\nmirrors = [{kind='url',url='a'}]", "'size' has the wrong type"),
        ("[models.x]\nsize = -1\nmirrors = [{kind='url',url='a'}]", "negative"),
        (
            "[models.x]\nsampling = {heat = 1}\nmirrors=[{kind='url',url='a'}]",
            "sampling has no 'heat'",
        ),
        (
            "[models.x]\nsampling = {top_k = 0.5}\nmirrors=[{kind='url',url='a'}]",
            "'top_k' cannot be",
        ),
        (
            "[models.x]\nsampling = {top_p = 1.5}\nmirrors=[{kind='url',url='a'}]",
            "'top_p' cannot be",
        ),
        ("[models.x]\nsha256 = 'ABC'\nmirrors = [{kind='url',url='a'}]", "64 lower-case"),
        ("[models.'../x']\nmirrors = [{kind='url',url='a'}]", "cannot be a name"),
    ],
)
def test_faults_are_named(settings: Settings, text: str, words: str) -> None:
    path = write(settings, text)
    with pytest.raises(UsageError) as caught:
        catalogue.load(settings.home)
    line = caught.value.line()
    assert words in line
    assert str(path) in line or "cannot be a name" in line
    assert "\n" not in line


def test_bytes_that_are_no_text(settings: Settings) -> None:
    write(settings, "").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(UsageError, match="cannot be read"):
        catalogue.load(settings.home)


@pytest.mark.parametrize(
    ("file", "name"),
    [
        ("Qwen3-0.6B-Q8_0.gguf", "qwen3-0.6b-q8_0"),
        ("sub/Tiny.GGUF", "tiny"),
        ("模型.gguf", "model"),
        ("..gguf", "model"),
        ("a  b(1).gguf", "a-b-1"),
        ("con.gguf", "model-con"),
        ("x" * 300 + ".gguf", "x" * 100),
    ],
)
def test_names_from_files(file: str, name: str) -> None:
    assert name_from(file) == name

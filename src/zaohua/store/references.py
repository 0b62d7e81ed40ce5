"""What a user can write for a model that no catalogue names: a path, a URL, a file on a hub.

``hf:owner/repo/file.gguf``, ``hf:owner/repo``, ``owner/repo:Q4_K_M``,
``modelscope:owner/repo/file``, ``https://…/file.gguf``, ``./file.gguf``.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

from zaohua.errors import NotFoundError, UsageError
from zaohua.store.sources import Source
from zaohua.store.sources.direct import DirectUrl
from zaohua.store.sources.http import public
from zaohua.store.sources.huggingface import HuggingFace, list_files
from zaohua.store.sources.local import LocalFile
from zaohua.store.sources.modelscope import ModelScope

PART: Final = r"[A-Za-z0-9](?:[._-]?[A-Za-z0-9])*"
PREFIXES: Final = ("hf:", "huggingface:", "modelscope:", "ms:")
HUB: Final = re.compile(
    rf"(?:(?P<hub>hf|huggingface|modelscope|ms):)?(?P<repo>{PART}/{PART})"
    r"(?:/(?P<file>[^:]+)|:(?P<quant>[A-Za-z0-9_]+))?"
)
HUB_PAGE: Final = re.compile(
    rf"https://(?:huggingface\.co|hf\.co)/(?P<repo>{PART}/{PART})"
    r"(?:/(?:blob|resolve)/(?P<revision>[^/]+)/(?P<file>[^?#]+))?/?(?:[?#].*)?"
)
PREFERRED: Final = ("Q4_K_M", "Q4_K_S", "Q5_K_M", "Q4_0", "Q8_0", "Q6_K", "F16", "BF16")
SPLIT: Final = re.compile(r"-\d{5}-of-\d{5}\.gguf$", re.IGNORECASE)


def is_reference(text: str) -> bool:
    """Whether ``text`` can only be a place, not a name."""
    return "/" in text or is_path(text) or text.startswith(PREFIXES)


def is_path(text: str) -> bool:
    """Whether ``text`` means a file on this machine: it looks like one, or is there."""
    if "://" in text or text.startswith(PREFIXES) or not text.isprintable():
        return False
    if text.startswith(("./", "../", "/", "~")) or "\\" in text:
        return True
    if text.lower().endswith(".gguf") and text.count("/") != 2:
        return True
    return "/" in text and _exists(text)


def _exists(text: str) -> bool:
    try:
        return Path(text).is_file()
    except (OSError, ValueError):
        return False


def canonical(text: str) -> str:
    """``text`` as it is kept: a URL without its secrets."""
    return public(text) if text.startswith(("https://", "http://")) else text


def source_of(text: str) -> Source:
    """The source that ``text`` names. A hub repository without a file is asked for its files.

    Raises:
        UsageError: it names nothing that can be fetched.
        NotFoundError: the repository has no such file.
        SourceFailed: the hub cannot be asked.
    """
    if is_path(text):
        return LocalFile(text)
    if page := HUB_PAGE.fullmatch(text):
        return _on_huggingface(page["repo"], page["file"], None, page["revision"] or "main")
    if text.startswith(("https://", "http://")):
        return DirectUrl(text)
    hub = HUB.fullmatch(text)
    if hub is None:
        raise UsageError(
            f"'{text[:120]}' names no model",
            mend="give a name of 'zaohua models list', hf:owner/repo, a https URL or a path",
        )
    if hub["hub"] in ("modelscope", "ms"):
        if not hub["file"]:
            raise UsageError(
                "a ModelScope model needs its file",
                where=text,
                mend="modelscope:owner/repo/file.gguf",
            )
        return ModelScope(hub["repo"], hub["file"])
    return _on_huggingface(hub["repo"], hub["file"], hub["quant"], "main")


def _on_huggingface(repo: str, file: str | None, quant: str | None, revision: str) -> Source:
    return HuggingFace(repo, file or _choose(list_files(repo), quant, repo), revision)


def _choose(files: list[str], quant: str | None, repo: str) -> str:
    """The model file of a repository: the wanted quantisation, else the most usual one."""
    models = [
        file
        for file in sorted(files)
        if file.lower().endswith(".gguf") and not Path(file).name.lower().startswith("mmproj")
    ]
    whole = [file for file in models if not SPLIT.search(file)]
    for wanted in (quant,) if quant else PREFERRED:
        for file in whole:
            if re.search(rf"(?<![a-z0-9]){wanted}(?![a-z0-9_])", file, re.IGNORECASE):
                return file
    if whole and not quant:
        return whole[0]
    raise NotFoundError(
        f"the repository has no {quant or ''} GGUF file in one piece",
        where=f"hf:{repo}",
        mend="it has: " + (", ".join(models[:12]) or "no GGUF file"),
    )

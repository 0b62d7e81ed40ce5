"""Templates written to files: new ones, and new versions of those there are."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

from zaohua.errors import UsageError
from zaohua.generate.prompts.reading import SUFFIX, name_of
from zaohua.generate.prompts.sections import parted
from zaohua.generate.prompts.spec import PromptSpec
from zaohua.generate.prompts.template import Template
from zaohua.store.files import write_atomic
from zaohua.strict_yaml import written

VERSIONS: Final = "versions"
"""The folder beside the user's templates that keeps what they were before."""

_NEW: Final = {
    "en": """---
title: {name}
about: What it is for.
inputs:
  text: {{about: the text}}
instruction: Say in one sentence what the text below is about.
paraphrases:
  - What is the following text about? Answer in one sentence.
output: text
sampling: {{temperature: 0.3, max_tokens: 200}}
examples:
  - inputs: {{text: "The museum is closed on Mondays."}}
    expect: {{contains: museum}}
---
# system
You are a careful assistant.

# user
{{{{ instruction }}}}

{{{{ text }}}}
""",
    "zh": """---
title: {name}
about: 这个模板做什么。
language: zh
inputs:
  text: {{about: 原文}}
instruction: 用一句话说明下面的文字讲了什么。
paraphrases:
  - 下面这段文字讲的是什么？请用一句话回答。
output: text
sampling: {{temperature: 0.3, max_tokens: 200}}
examples:
  - inputs: {{text: 博物馆星期一闭馆。}}
    expect: {{contains: 博物馆}}
---
# system
你是一位细心的助手。

# user
{{{{ instruction }}}}

{{{{ text }}}}
""",
}


def new(folder: Path, name: str, language: str = "", start: Template | None = None) -> Path:
    """The file of a new template of the user's: a copy of ``start``, or something to begin with.

    Raises:
        UsageError: the name is no name, or the file is there already.
    """
    path = folder / f"{name}{SUFFIX}"
    if path.parent != folder or name_of(path) is None:
        raise UsageError(
            f"'{name[:80]}' cannot be the name of a prompt", mend="small letters, digits and -"
        )
    if path.exists():
        raise UsageError("there is such a prompt already", where=str(path), mend="edit it")
    text = start.source if start else _NEW["zh" if language == "zh" else "en"].format(name=name)
    write_atomic(path, text.encode())
    return path


def keep_version(template: Template, folder: Path) -> Path:
    """Write ``template`` as the user's; the file that was there is kept among the versions."""
    name = template.name + (f".{template.language}" if template.language else "")
    path = folder / f"{name}{SUFFIX}"
    if template.path is not None and template.path.parent == folder:
        path = template.path
    if path.exists():
        before = folder / VERSIONS / f"{path.stem}@{template.spec.version - 1}{SUFFIX}"
        write_atomic(before, path.read_bytes())
    write_atomic(path, template.source.encode())
    return path


def file_text(spec: PromptSpec, body: str) -> str:
    """A template's file: its head as YAML, its body as it is."""
    head = spec.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    return f"---\n{written(_simple(head))}---\n{body}"


def body_of(source: str) -> str:
    """What follows the head of a file."""
    return parted(source)[1]


def _simple(head: dict[str, Any]) -> dict[str, Any]:
    """The short forms that a person would write."""
    output, long = head.get("output"), head.get("long")
    if isinstance(output, dict) and set(output) == {"form"}:
        head = {**head, "output": output["form"]}
    if isinstance(long, dict) and set(long) == {"how"}:
        head = {**head, "long": long["how"]}
    return head

"""Everything in a pack held against everything else, without a model."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TypeVar

from zaohua.assistant.scenarios.cases import Case, read_cases
from zaohua.assistant.scenarios.pack import HEAD, LANGUAGES, PARTS, Pack
from zaohua.assistant.scenarios.packs import told
from zaohua.assistant.scenarios.parts import flows_of, guard_of, rules_of, templates_of
from zaohua.assistant.scenarios.reading import read_pack, text_of
from zaohua.errors import NotFoundError, SeveralError, UsageError, ZaohuaError
from zaohua.generate.prompts import PromptLibrary
from zaohua.generate.prompts.reading import SUFFIX, read_file
from zaohua.knowledge.rules import load_rules
from zaohua.problems import nearest
from zaohua.strict_yaml import parse_table

R = TypeVar("R")


def check(folder: Path, *, yours: bool = True) -> list[str]:
    """All that is wrong with the pack in ``folder``; each begins with the file it is in.

    One that comes with zaohua must also have its cards.
    """
    try:
        pack = read_pack(folder, yours=yours)
    except SeveralError as error:
        return [f"{HEAD}: {one}" for one in error.each]
    except ZaohuaError as error:
        return [f"{HEAD}: {told(error)}"]
    checking = _Checking(pack)
    checking.run()
    return checking.faults


@dataclass(slots=True)
class _Checking:
    """A pack as it is looked through, and what is wrong so far."""

    pack: Pack
    faults: list[str] = field(default_factory=list)

    def run(self) -> None:
        pack = self.pack
        self.faults += [*_strangers(pack), *_missing(pack)]
        self.tried(partial(guard_of, pack, None))
        books = [self.tried(partial(load_rules, path)) for path in pack.rules]
        if all(books):
            book = self.tried(partial(rules_of, pack))
            self.tried(partial(flows_of, pack, book))
        for path in sorted(pack.templates.glob(f"*{SUFFIX}")):
            self.tried(partial(read_file, path, own=True))
        library = templates_of(pack)
        self.faults += [f"{HEAD}: {one}" for one in _unknown_templates(pack, library)]
        flows = self.tried(partial(_flow_names, pack)) or []
        for case in self.tried(partial(read_cases, pack)) or []:
            place = f"cases/{case.language}.jsonl:{case.line}"
            self.faults += [f"{place}: {one}" for one in _unfit(pack, case, flows, library)]

    def tried(self, work: Callable[[], R]) -> R | None:
        """What ``work`` gives; None if it raises, which is then told."""
        try:
            return work()
        except ZaohuaError as error:
            where = error.where.removeprefix(str(self.pack.folder)).lstrip("/\\")
            each = error.each if isinstance(error, SeveralError) else [told(error)]
            self.faults += [f"{where}: {one}" if where else one for one in each]
            return None


def _strangers(pack: Pack) -> Iterator[str]:
    """What is no part of a pack."""
    for path in sorted(pack.folder.iterdir()):
        if path.name not in PARTS and path.name[0] not in "._":
            yield f"{path.name}: is no part of a scenario, {nearest(path.name, PARTS)}"
    for folder in ("knowledge", "cases"):
        known = [f"{one}.jsonl" if folder == "cases" else one for one in LANGUAGES]
        below = pack.folder / folder
        for path in sorted(below.iterdir()) if below.is_dir() else ():
            if path.name not in known and path.name[0] not in "._":
                yield f"{folder}/{path.name}: is not known there, {nearest(path.name, known)}"


def _missing(pack: Pack) -> Iterator[str]:
    spec = pack.spec
    documents = any(pack.documents(language) for language in LANGUAGES)
    if spec.grounding == "strict" and not documents and not pack.flows.exists():
        yield f"{HEAD}: grounding: 'strict' needs documents in knowledge/zh and knowledge/en"
    if spec.graph and not documents:
        yield f"{HEAD}: graph: there are no documents in knowledge/zh and knowledge/en"
    if "rules" in spec.tools and not pack.rules:
        yield f"{HEAD}: tools: 'rules' needs a file in rules"
    if "search" in spec.tools and not documents:
        yield f"{HEAD}: tools: 'search' needs documents in knowledge/zh and knowledge/en"
    for language in LANGUAGES:
        if not pack.yours and not pack.card(language).exists():
            yield f"{pack.card(language).name}: is missing"


def _unknown_templates(pack: Pack, library: PromptLibrary) -> Iterator[str]:
    for name in pack.spec.templates:
        if name not in library.names():
            yield f"templates: there is no prompt '{name}', {nearest(name, library.names())}"


def _flow_names(pack: Pack) -> list[str]:
    if not pack.flows.exists():
        return []
    table = parse_table(text_of(pack.flows, "a file of flows"), str(pack.flows), "a file of flows")
    flows = table.values.get("flows")
    return list(flows) if isinstance(flows, dict) else []


def _unfit(pack: Pack, case: Case, flows: list[str], library: PromptLibrary) -> Iterator[str]:
    """What a case names and the pack does not have."""
    files = [path.name for path in pack.documents(case.language)]
    sources = [*files, *(path.name for path in (*sorted(pack.tables.glob("*.csv")), *pack.rules))]
    for expect in filter(None, case.spec.expect):
        if expect.flow and expect.flow not in flows:
            yield f"expect.flow: there is no flow '{expect.flow}', {_near(expect.flow, flows)}"
        for name in expect.cites:
            if name not in sources:
                yield f"expect.cites: there is no document '{name}', {_near(name, sources)}"
    if case.spec.template:
        try:
            library.choose(case.spec.template, case.spec.inputs, case.language).filled(
                case.spec.inputs
            )
        except (UsageError, NotFoundError) as error:
            yield f"template: {told(error)}"


def _near(name: str, known: list[str]) -> str:
    return nearest(name, known) if known else "there are none"

"""Whether a team can work: every role has its step, every entry is written before it is needed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from zaohua.assistant.teams.form import RoleSpec, StepSpec, TeamSpec
from zaohua.assistant.teams.team import entry_of
from zaohua.problems import nearest
from zaohua.strict_yaml import Place

Told = tuple[Place, str]
"""A place in the file and what is wrong there."""


def problems_of_order(spec: TeamSpec) -> list[Told]:
    """All that is wrong with the order of a team whose form is right."""
    unknown = [*_unknown_roles(spec.steps, ("steps",), spec), *_unknown_entries(spec)]
    if unknown:
        return unknown
    walk = _Walk(spec)
    walk.steps(spec.steps, ("steps",), frozenset())
    return [*walk.told, *_unused(spec)]


def roles_in(steps: Iterable[StepSpec]) -> Iterator[str]:
    """The roles of steps, in the order of their turns."""
    for step in steps:
        yield from filter(None, (step.role, *step.parallel))
        yield from roles_in(step.repeat)


def _unknown_roles(steps: Sequence[StepSpec], path: Place, spec: TeamSpec) -> Iterator[Told]:
    for number, step in enumerate(steps):
        here = (*path, number)
        named = [(here, step.role)] if step.role else []
        named += [((*here, "parallel", place), one) for place, one in enumerate(step.parallel)]
        named += [((*here, "until"), one) for one in step.until]
        for place, name in named:
            if name not in spec.roles:
                yield place, f"there is no role '{name}', {nearest(name, spec.roles)}"
        yield from _unknown_roles(step.repeat, (*here, "repeat"), spec)


def _unknown_entries(spec: TeamSpec) -> Iterator[Told]:
    entries = [*spec.inputs, *(entry_of(name, role) for name, role in spec.roles.items())]
    for place, entry in _named_entries(spec):
        if entry not in entries:
            yield place, f"there is no entry '{entry}', {nearest(entry, dict.fromkeys(entries))}"
    for name, role in spec.roles.items():
        if entry_of(name, role) in spec.inputs:
            written = entry_of(name, role)
            yield ("roles", name), f"writes '{written}', which is given: name another entry"


def _named_entries(spec: TeamSpec) -> Iterator[tuple[Place, str]]:
    for name, role in spec.roles.items():
        here: Place = ("roles", name)
        yield from (((*here, "reads"), entry) for entry in role.reads)
        yield from (((*here, "against"), entry) for entry in role.against)
        yield from (((*here, "covers"), entry) for entry in role.covers)
        yield from (((*here, "judges"), entry) for entry in filter(None, [role.judges]))
        numbers = [entry for one in role.checks.values() for entry in one.numbers_from]
        yield from (((*here, "checks"), entry) for entry in numbers)
    yield from ((("result",), entry) for entry in spec.result)
    yield from ((("board", entry), entry) for entry in spec.board)


def _unused(spec: TeamSpec) -> Iterator[Told]:
    used = set(roles_in(spec.steps))
    for name in spec.roles:
        if name not in used:
            yield ("roles", name), f"roles.{name}: is never reached, no step is its turn"


def needs(role: RoleSpec) -> tuple[str, ...]:
    """The entries that a role works with."""
    return tuple(
        dict.fromkeys((*filter(None, [role.judges]), *role.against, *role.covers, *role.reads))
    )


class _Walk:
    """Goes through the steps once, as a run does, and notes which entries are there."""

    def __init__(self, spec: TeamSpec) -> None:
        self._spec = spec
        self._there = set(spec.inputs)
        self._turns = 0
        self.told: list[Told] = []

    def steps(self, steps: Sequence[StepSpec], path: Place, later: frozenset[str]) -> None:
        """``later`` are entries that a later step of a loop writes, for its next round."""
        for number, step in enumerate(steps):
            self._step(step, (*path, number), later)

    def _step(self, step: StepSpec, here: Place, later: frozenset[str]) -> None:
        if step.repeat:
            self._until(step, here)
            written = frozenset(map(self._entry, roles_in(step.repeat)))
            self.steps(step.repeat, (*here, "repeat"), later | written)
            return
        names = step.parallel or [step.role]
        if step.parallel:
            self._parallel(names, (*here, "parallel"))
        for name in names:
            self._turn(name, here, later)
        self._there |= set(map(self._entry, names))

    def _turn(self, name: str, here: Place, later: frozenset[str]) -> None:
        role = self._spec.roles[name]
        for entry in needs(role):
            waits = entry in later and entry in role.reads
            if entry not in self._there and not waits:
                self.told.append((here, f"{name} needs '{entry}' {self._why(name, entry)}"))
        self._turns += role.asks_model
        most = self._spec.limits.turns
        if self._turns == most + 1:
            told = f"{name} is never reached: it is turn {self._turns}, limits.turns is {most}"
            self.told.append((here, told))

    def _why(self, name: str, entry: str) -> str:
        way = self._cycle(name, entry)
        if not way:
            return "before it is written"
        links = [
            f"{one} waits for {other}" for one, other in zip(way, [*way[1:], way[0]], strict=True)
        ]
        return f"before it is written, a cycle: {', '.join(links)}"

    def _cycle(self, name: str, entry: str) -> list[str]:
        """The roles that wait for each other, from ``name`` on; empty if they do not."""
        ways = [[name, writer] for writer in self._writers(entry)]
        seen: set[str] = set()
        while ways:
            way = ways.pop(0)
            if way[-1] == name:
                return way[:-1]
            if way[-1] not in seen:
                seen.add(way[-1])
                wanted = needs(self._spec.roles[way[-1]])
                ways += [[*way, one] for need in wanted for one in self._writers(need)]
        return []

    def _writers(self, entry: str) -> list[str]:
        return [name for name in self._spec.roles if self._entry(name) == entry]

    def _entry(self, name: str) -> str:
        return entry_of(name, self._spec.roles[name])

    def _parallel(self, names: Sequence[str], here: Place) -> None:
        if len(names) < 2 or len(set(names)) < len(names):
            self.told.append((here, "parallel needs two different roles at least"))
        written = list(map(self._entry, names))
        if len(set(written)) < len(written):
            self.told.append((here, "two roles of one moment write the same entry"))
        for name in names:
            for entry in needs(self._spec.roles[name]):
                if entry in written and entry not in self._there:
                    told = f"{name} needs '{entry}', which is written at the same time"
                    self.told.append((here, told))

    def _until(self, step: StepSpec, here: Place) -> None:
        inside = set(roles_in(step.repeat))
        for name in step.until:
            if name not in inside or not self._spec.roles[name].judges:
                told = f"until: '{name}' is no critic of this loop: it must judge an entry in it"
                self.told.append(((*here, "until"), told))

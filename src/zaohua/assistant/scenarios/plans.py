"""The plan of a conversation, made from the pack that it names."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from zaohua.assistant.ids import LOCAL_OWNER
from zaohua.assistant.scenarios.form import TextForm
from zaohua.assistant.scenarios.pack import Language, Pack
from zaohua.assistant.scenarios.packs import Packs
from zaohua.assistant.scenarios.parts import flows_of, guard_of, rules_of
from zaohua.assistant.scenarios.shelving import shelve
from zaohua.assistant.scenarios.tools import Kit, toolbox_of
from zaohua.assistant.tools.tickets import Tickets
from zaohua.assistant.turn.plan import PlainPlans, Plan, Plans
from zaohua.assistant.values import Conversation
from zaohua.errors import SeveralError, UsageError
from zaohua.knowledge import Knowledge, Shelves
from zaohua.knowledge.graph import Graph
from zaohua.store.database import Database
from zaohua.store.tables import ConversationRow


@dataclass(frozen=True, slots=True)
class _Made:
    """A pack, ready; ``stamp`` is of its files."""

    stamp: object
    pack: Pack
    plan: Plan


def conversation_defaults(pack: Pack) -> dict[str, Any]:
    """Settings of a new conversation of the pack, unless its owner says otherwise."""
    sampling = pack.spec.sampling.model_dump(mode="json", exclude_unset=True, exclude_none=True)
    return {"scenario": pack.name, "sampling": sampling, "memory": pack.spec.memory}


class PackPlans:
    """Makes plans from packs; what has changed in their files counts at the next turn. Blocking.

    Args:
        packs: those there are.
        knowledge, shelves: where their documents go.
        database: where tickets go.
        home: of the operator's policy; None: there is none.
        plain: gives the plans of conversations without a scenario.
    """

    def __init__(
        self,
        packs: Packs,
        knowledge: Knowledge,
        shelves: Shelves,
        database: Database,
        *,
        home: Path | None = None,
        plain: Plans | None = None,
    ) -> None:
        self._packs = packs
        self._knowledge = knowledge
        self._shelves = shelves
        self._database = database
        self._home = home
        self._plain = plain or PlainPlans()
        self._made: dict[str, _Made] = {}
        self._lock = threading.Lock()

    def of(self, conversation: Conversation) -> Plan:
        """The plan of ``conversation``.

        Raises:
            NotFoundError: its scenario is gone.
            UsageError: something in the pack is wrong.
        """
        plain = self._plain.of(conversation)
        if conversation.scenario is None:
            return plain
        with self._lock:
            made = self._named(conversation.scenario)
        names = made.pack.spec.tools
        toolbox = toolbox_of(names, self._kit(made.plan, conversation))
        return replace(made.plan, toolbox=toolbox, label=made.plan.label or plain.label)

    def prepare(self, name: str) -> None:
        """Read the scenario ``name`` and put its documents on their shelves.

        Raises:
            NotFoundError: there is none.
            UsageError: something in it is wrong.
        """
        with self._lock:
            self._named(name)

    def _named(self, name: str) -> _Made:
        """What is wrong is told without where it lies: users of a server read it."""
        try:
            return self._current(self._packs.get(name))
        except SeveralError as error:
            first = f"{Path(error.where).name}: {error.each[0]}"
            raise _broken(name, first, f"'zaohua scenario check {name}' tells all") from None
        except UsageError as error:
            raise _broken(name, error.what, error.mend) from None

    def _current(self, pack: Pack) -> _Made:
        made = self._made.get(pack.name)
        stamp = (pack.folder, pack.stamp())
        if made is None or made.stamp != stamp:
            made = self._made[pack.name] = _Made(stamp, pack, self._make(pack))
        return made

    def _make(self, pack: Pack) -> Plan:
        spec = pack.spec
        rules = rules_of(pack)
        guard, flows = guard_of(pack, self._home), flows_of(pack, rules)
        collections = shelve(pack, self._knowledge, self._shelves)
        if spec.graph:
            names = [name for named in collections.values() for name in named]
            Graph(self._database).build(names)
        return Plan(
            scenario=pack.name,
            system=_texts(spec.system),
            collections=collections,
            guard=guard,
            rules=rules,
            flows=flows,
            graph=spec.graph,
            grounding=spec.grounding,
            decline=_texts(spec.decline),
            notice=_texts(spec.notice),
            label=spec.label,
        )

    def _kit(self, plan: Plan, conversation: Conversation) -> Kit:
        return Kit(
            knowledge=self._knowledge,
            collections=[name for names in plan.collections.values() for name in names],
            rules=plan.rules,
            tickets=Tickets(self._database),
            owner=self._owner(conversation.id),
            conversation=conversation.id,
        )

    def _owner(self, conversation: str) -> str:
        with self._database.reading() as session:
            row = session.get(ConversationRow, conversation)
            return row.owner if row else LOCAL_OWNER


def _texts(form: TextForm | None) -> Mapping[Language, str]:
    return {"zh": form.zh, "en": form.en} if form else {}


def _broken(name: str, what: str, mend: str) -> UsageError:
    return UsageError(f"the scenario '{name}' is broken: {what}", mend=mend)

"""What the tests of deciding share: mails that people have answered, and a lead."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from annotate.clock import iso
from annotate.model import Adjudication, Decision, Person
from annotate.store import Store
from annotate.store.standing.decisions import Routing
from annotate.workflow.decisions import adjudicating, cases
from annotate.workflow.decisions.cases import Case
from tests.labelling import Task, assign, submit
from tests.small import QUESTION, START, Clock, add_items, add_slots, small_project, someone

SPLIT = {"Ann": "spam", "Bob": "ham"}


class Court:
    """Every answer and every decision comes a second after the one before."""

    def __init__(self, store: Store, clock: Clock, **project: Any) -> None:
        self.store, self.clock = store, clock
        self.project = small_project(**project)
        self.question: Any = self.project.questions[0]
        self.lead = someone(store, "Lea", "lead")
        self.people: dict[str, Person] = {}
        self._ids = (f"a{n}" for n in itertools.count(1))

    def person(self, name: str) -> Person:
        if name not in self.people:
            self.people[name] = someone(self.store, name)
        return self.people[name]

    def given(self, *answers: Mapping[str, Any]) -> list[str]:
        """An item for each, answered as said: person -> value, in this order."""
        ids = add_items(self.store, self.project, len(answers))
        for item_id, said in zip(ids, answers, strict=True):
            add_slots(self.store, self.project, [item_id], len(said), question=self.question.name)
            for name, value in said.items():
                task = self.task(name)
                assert task is not None
                assert task.item.id == item_id
                self.answer(name, task, value)
        return ids

    def task(self, name: str) -> Task | None:
        return assign(self.store, self.project, actor=self.person(name), now=self.now())

    def answer(self, name: str, task: Task, value: Any) -> None:
        submit(self.store, self.project, task, value, actor=self.person(name), now=self.now())

    def now(self) -> Any:
        self.clock.at += timedelta(seconds=1)
        return self.clock.at

    def decide(self, item_id: str, value: object, **more: Any) -> Adjudication:
        return self._do(adjudicating.decide, item_id, value, **more)

    def ambiguous(self, item_id: str, **more: Any) -> Adjudication:
        return self._do(adjudicating.mark_ambiguous, item_id, **more)

    def send_back(self, item_id: str, comment: str = "look again", **more: Any) -> Adjudication:
        return self._do(adjudicating.send_back, item_id, comment, **more)

    def take_back(self, **more: Any) -> Adjudication:
        return self._do(adjudicating.take_back, **more)

    def _do(self, verb: Any, *said: object, **more: Any) -> Adjudication:
        given = {"actor": self.lead, "now": self.now(), "new_id": lambda: next(self._ids)} | more
        made: Adjudication = verb(self.store, self.project, self.question, *said, **given)
        return made

    def queue(self, **more: Any) -> list[Case]:
        return cases.queue(self.store, self.project, self.question, actor=self.lead, **more)

    def waiting(self) -> list[str]:
        return [case.item.id for case in self.queue()]

    def standing(self) -> dict[str, tuple[str, object]]:
        found = self.store.adjudications.in_force("mails", self.question.name)
        return {item_id: (one.kind, one.value) for item_id, one in found.items()}

    def counting(self, item_id: str) -> Sequence[object]:
        return self.store.annotations.values(item_id, QUESTION)


def audited(court: Court, item_id: str) -> None:
    """The item was drawn for an audit."""
    routing = Routing("r", "mails", "mail", 1, "budget", {}, iso(START))
    court.store.decisions.start(routing)
    made = Decision(
        "d", "mails", item_id, "mail", "audit", 0.1, "ham", 0.1, "budget", "", iso(START), "ham"
    )
    court.store.decisions.add(routing, [made])

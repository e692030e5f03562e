"""What the tests of promises share: machine labels in a known order, and people who know better."""

from __future__ import annotations

import itertools
import os
import signal
import uuid
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from annotate.errors import AnnotateError
from annotate.model import Decision, Person, Promise
from annotate.people import operator
from annotate.project import Project
from annotate.promise.plan import Terms
from annotate.questions import QuestionSettings
from annotate.store import Store, open_store
from annotate.store.engine import OnConflict, Row
from annotate.workflow.promises.promising import promise_status, start
from annotate.workflow.promises.status import PromiseStatus
from annotate.workflow.routes.routing import route
from tests.labelling import Task, assign, skip, submit
from tests.small import QUESTION, START, Clock, Said, add_items, machine_says, small_project

TERMS = Terms(tolerance=0.1, alpha=0.1, audited=20)
LATE = range(60, 100, 4)  # the machine errs where it is least sure


def pledge_project(**changes: object) -> Project:
    """Scores are what the machine's stated confidence lacks to 1; nobody but the audit is asked."""
    routing = {"signal": "confidence", "budget": 0.0, "audit": 0.0}
    return small_project(**({"routing": routing} | changes))


@dataclass
class Pledge:
    """A store with routed items 0, 1, ..., the machine surest of the first.

    wrong: numbers of the items that the machine calls ham; all of them are spam.
    """

    store: Store
    count: int
    wrong: Collection[int] = ()
    project: Project = field(default_factory=pledge_project)
    clock: Clock = field(default_factory=Clock)
    votes: Sequence[Said] = ()
    """What the machine says of every item, in the place of the usual."""

    def __post_init__(self) -> None:
        self.lead = operator(START)
        numbers = itertools.count(1)
        self.new_id = lambda: f"{self.project.project}{next(numbers)}"
        self.ids = add_items(self.store, self.project, self.count)
        round_id = f"round1 {self.project.project}"
        machine_says(self.store, self.project, self.says(self.ids), round_id=round_id)
        self.route()

    def says(self, ids: list[str]) -> dict[str, Sequence[Said]]:
        if self.votes:
            return dict.fromkeys(ids, self.votes)
        return {
            item_id: [("ham" if at in self.wrong else "spam", 1 - (at + 1) / (self.count + 2))]
            for at, item_id in enumerate(ids)
        }

    @property
    def question(self) -> QuestionSettings:
        return self.project.question(QUESTION)

    def number(self, item_id: str) -> int:
        return self.ids.index(item_id)

    # the lead

    def route(self, project: Project | None = None) -> None:
        route(
            self.store,
            project or self.project,
            self.question,
            actor=self.lead,
            now=self.clock.forward(1),
            new_id=self.new_id,
        )

    def start(self, terms: Terms = TERMS) -> Promise:
        now = self.clock.forward(1)
        promise, _ = start(
            self.store,
            self.project,
            self.question,
            terms,
            actor=self.lead,
            now=now,
            new_id=self.new_id,
        )
        return promise

    def look(self, project: Project | None = None) -> PromiseStatus:
        project, now = project or self.project, self.clock.forward(1)
        question = project.question(QUESTION)
        seen = promise_status(
            self.store, project, question, actor=self.lead, now=now, explained=False
        )
        assert seen is not None
        return seen[0]

    def decisions(self) -> dict[int, Decision]:
        found = self.store.decisions.current(self.project.project, QUESTION)
        return {self.number(d.item_id): d for d in found if d.item_id in self.ids}

    def drawn(self) -> list[int]:
        """Numbers of the items drawn for the newest promise, in the order drawn."""
        promise = self.store.promises.of_question(self.project.project, QUESTION)[-1]
        return [self.number(item.item_id) for item in self.store.promises.drawn(promise.id)]

    # people

    def next(self, person: Person) -> Task | None:
        return assign(self.store, self.project, actor=person, now=self.clock.forward(0.01))

    def submit(self, task: Task, person: Person, value: str = "spam") -> None:
        now = self.clock.forward(0.01)
        submit(self.store, self.project, task, value, actor=person, now=now)

    def skip(self, task: Task, person: Person) -> None:
        skip(self.store, self.project, task, actor=person, now=self.clock.forward(0.01))

    def answer(self, person: Person, count: int = 10**9) -> list[int]:
        """The numbers of the items this person answers rightly, until the queue is empty."""
        done: list[int] = []
        while len(done) < count and (task := self.next(person)) is not None:
            self.submit(task, person)
            done.append(self.number(task.item.id))
        return done

    def delivered_wrong(self) -> list[int]:
        """Items that go out with a wrong label of the machine's."""
        answered = {
            a.item_id for a in self.store.annotations.counting(self.project.project, QUESTION)
        }
        return [
            at
            for at, decision in self.decisions().items()
            if at in self.wrong
            and decision.destination == "auto"
            and decision.item_id not in answered
        ]


def look_at(path: Path) -> str:
    """In a process of its own: the statement that this look ends with."""
    with open_store(path) as store:
        return _worker(store).look().statement()


def start_at(path: Path) -> str:
    """In a process of its own: the promise that was made, or why none was."""
    with open_store(path) as store:
        pledge = _worker(store)
        pledge.new_id = lambda: f"{os.getpid()} {uuid.uuid4().hex}"
        try:
            return f"promise {pledge.start().number}"
        except AnnotateError as error:
            return str(error)


def die_at(path: Path, table: str, verb: str) -> None:
    """In a process of its own: start or settle, and be killed when `table` is written to."""
    with open_store(path) as store:
        engine = store._engine
        real = engine.insert

        def insert(name: str, rows: Iterable[Row], *, on_conflict: OnConflict = "error") -> int:
            if name == table:
                os.kill(os.getpid(), signal.SIGKILL)
            return real(name, rows, on_conflict=on_conflict)

        engine.insert = insert  # type: ignore[method-assign, assignment]
        pledge = _worker(store)
        if verb == "start":
            pledge.start()
        else:
            pledge.look()


def _worker(store: Store) -> Pledge:
    """The pledge that is already stored, in other hands."""
    pledge = Pledge.__new__(Pledge)
    pledge.store, pledge.project, pledge.clock = store, pledge_project(), Clock()
    pledge.clock.forward(60)
    pledge.lead, pledge.new_id = operator(START), lambda: uuid.uuid4().hex
    return pledge

"""What the tests of the routing verb share: a store whose items the machine has answered."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from annotate.clock import iso
from annotate.hashing import digest
from annotate.model import Decision, Item, Person
from annotate.project import Project
from annotate.store import Store
from annotate.workflow.routes.routing import RouteReport, route
from tests.labelling import assign, submit
from tests.small import (
    MINUTE,
    QUESTION,
    START,
    Said,
    add_items,
    know,
    machine_says,
    small_project,
    someone,
)

UNANIMOUS: list[Said] = ["spam"] * 5
SPLIT: list[Said] = ["spam", "spam", "spam", "ham", "ham"]
LEANING: list[Said] = ["ham", "ham", "ham", "ham", "spam"]
FAILED: list[Said] = ["refused", "error", "invalid", "error", "error"]


@dataclass
class Office:
    """A store, whoever routes, and ids; and what a project's settings make of it."""

    store: Store
    lead: Person
    new_id: Callable[[], str]

    def route(self, project: Project, store: Store | None = None) -> RouteReport:
        question = project.question(QUESTION)
        store = store or self.store
        return route(store, project, question, actor=self.lead, now=START, new_id=self.new_id)

    def decisions(self) -> dict[str, Decision]:
        return {d.item_id: d for d in self.store.decisions.current("mails", QUESTION)}

    def history(self) -> int:
        return int(next(self.store._engine.query("select count(*) as n from decisions"))["n"])

    def slots(self) -> dict[tuple[str, int], tuple[str, float]]:
        rows = self.store._engine.query("select * from assignments")
        return {(r["item_id"], r["slot"]): (r["state"], r["priority"]) for r in rows}

    def answer(self, project: Project, person: Person, count: int) -> list[str]:
        """The items this person answers, one after the other."""
        done = []
        for at in range(count):
            now = START + timedelta(seconds=at)
            task = assign(self.store, project, actor=person, now=now)
            assert task is not None
            submit(self.store, project, task, "ham", actor=person, now=now)
            done.append(task.item.id)
        return done


def settings(**changes: object) -> Project:
    """Vote entropy, a budget of 0.3 and no audit, unless told otherwise."""
    people = {key: changes.pop(key) for key in ("per_item",) if key in changes}
    routing: dict[str, object] = {"signal": "entropy", "budget": 0.3, "audit": 0.0}
    return small_project(routing=routing | changes, people=people)


def say(office: Office, said: Sequence[Sequence[Said]], **round_: Any) -> list[str]:
    """New items, and what the machine said of each."""
    ids = add_items(office.store, small_project(), len(said))
    machine_says(office.store, small_project(), dict(zip(ids, said, strict=True)), **round_)
    return ids


def mixed(office: Office, count: int = 40) -> list[str]:
    """Every tenth item failed, every fourth is split, every third leaning, the rest unanimous."""
    kinds = [
        FAILED if at % 10 == 9 else SPLIT if at % 4 == 1 else LEANING if at % 3 == 1 else UNANIMOUS
        for at in range(count)
    ]
    return say(office, kinds)


LEARNED: dict[str, object] = {"signal": "learned", "budget": 0.2, "audit": 0.1}


def blind_spot(office: Office, count: int = 300) -> dict[str, str]:
    """Item id -> truth. Every third mail is about a prize: spam, and the machine says ham, four of
    five wordings agreeing as they do everywhere else."""
    project = small_project()
    words = ["meeting notes budget", "lunch menu office", "you won a prize claim money"]
    ids, truth, said = [], {}, {}
    items = []
    for at in range(count):
        about = at % 3
        item_id = digest(at)
        fields = {"text": f"{words[about]} {at}"}
        items.append(Item(item_id, "mails", at, f"id:{at}", str(at), fields, {}, iso(START)))
        ids.append(item_id)
        truth[item_id] = "ham" if about == 0 else "spam"
        vote = "spam" if about == 1 else "ham"
        other = "ham" if vote == "spam" else "spam"
        said[item_id] = [vote, vote, vote, vote, other]
    with office.store.transaction():
        know(office.store, project)
        office.store.items.add(items)
    machine_says(office.store, project, said)
    return truth


def people_answer(office: Office, truth: dict[str, str], count: int, **routing: object) -> None:
    project = small_project(routing=LEARNED | routing)
    ann = next((p for p in office.store.people.all() if p.name == "Ann"), None)
    ann = ann or someone(office.store, "Ann")
    for _ in range(count):
        now = START + MINUTE
        task = assign(office.store, project, actor=ann, now=now)
        assert task is not None
        submit(office.store, project, task, truth[task.item.id], actor=ann, now=now)

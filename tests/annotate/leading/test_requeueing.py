"""A new guideline puts the items that it may change before people again; what was said stays."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from annotate.errors import AnnotateError, NothingToDo
from annotate.model import Person
from annotate.project import Project, load_project
from annotate.store import Store, open_store
from annotate.store.standing.requeues import Requeue
from annotate.workflow.guideline.requeueing import Affected, Which, affected, requeue
from annotate.workflow.guideline.revising import revise
from annotate.workflow.prelabels.examples import human_values
from annotate.workflow.projects.opening import set_opening
from annotate.workflow.routes.routing import route
from annotate.workspace import record_version
from tests.labelling import assign, submit
from tests.mails import MAILS
from tests.small import Clock, add_items, machine_says, someone

TASK = (
    MAILS
    + """\
guideline: Spam is unasked for.
routing: {signal: entropy, policy: threshold, threshold: 0.5, audit: 0}
"""
)


class Day:
    """Ten mails: the model is unsure of the first four, which Ann has answered, and sure of six:
    five are spam, one is ham. Then the guideline changes."""

    def __init__(self, folder: Path, store: Store, clock: Clock, lead: Person) -> None:
        self.store, self.clock, self.lead = store, clock, lead
        self.path = folder / "task.yaml"
        self.path.write_text(TASK, "utf-8")
        self.ids = add_items(store, self.project, 10)
        record_version(store, self.path, self.project, now=clock())
        split, sure = ["spam", "spam", "ham", "ham", "spam"], ["spam"] * 5
        said = {i: split if at < 4 else sure for at, i in enumerate(self.ids)}
        machine_says(store, self.project, said | {self.ids[9]: ["ham"] * 5})
        self.route()
        self.ann = someone(store, "Ann")
        self.ann_says = dict(zip(sorted(self.ids[:4]), ("spam", "spam", "ham", "ham"), strict=True))
        for _ in range(4):
            self.answer(self.ann, self.ann_says)
        clock.forward(1)
        revise(
            store,
            self.path,
            self.project,
            {("guideline",): "Spam is unasked for, but for news."},
            reason="news",
            actor=lead,
            now=clock(),
        )
        clock.forward(1)

    @property
    def project(self) -> Project:
        return load_project(self.path)

    def route(self) -> None:
        route(
            self.store, self.project, self.project.questions[0], actor=self.lead,
            now=self.clock(), new_id=lambda: f"r{self.clock()}",
        )  # fmt: skip

    def answer(self, who: Person, says: dict[str, str]) -> str | None:
        """What the next item's answer is; returns the item."""
        task = assign(self.store, self.project, actor=who, now=self.clock.forward(1))
        if task is None:
            return None
        value = says[task.item.id]
        submit(self.store, self.project, task, value, actor=who, now=self.clock())
        return task.item.id

    def affected(self, which: Which, version: int = 2) -> Affected:
        return affected(
            self.store,
            self.project,
            self.project.questions[0],
            which,
            version=version,
            actor=self.lead,
        )

    def requeue(self, which: Which, **options: int) -> Requeue:
        count = iter(range(1000))
        stamp = self.clock.forward(1)
        return requeue(
            self.store,
            self.project,
            self.project.questions[0],
            which,
            version=2,
            actor=self.lead,
            now=stamp,
            new_id=lambda: f"{stamp}{next(count)}",
            **options,
        )


@pytest.fixture
def day(tmp_path: Path, clock: Clock, lead: Person) -> Iterator[Day]:
    with open_store(tmp_path / "coannotate.db") as store:
        yield Day(tmp_path, store, clock, lead)


def test_which_items_are_meant(day: Day) -> None:
    spam = day.affected(Which(label="spam"))
    said_spam = [i for i, value in day.ann_says.items() if value == "spam"]
    assert (sorted(spam.answered), sorted(spam.automatic)) == (said_spam, sorted(day.ids[4:9]))
    cell = day.affected(Which(people="ham", model="spam"))
    assert (len(cell.answered), list(cell.automatic)) == (2, [])
    auto = day.affected(Which(auto=True))
    assert (list(auto.answered), sorted(auto.automatic)) == ([], sorted(day.ids[4:]))
    assert day.affected(Which(auto=True), version=1).items == 0  # nothing is older than that


def test_the_models_labels_are_asked_about(day: Day) -> None:
    made = day.requeue(Which(auto=True), most=4)
    assert (made.items, made.which) == (4, "items that stayed with the model's label")
    asked = [day.answer(day.ann, dict.fromkeys(day.ids, "ham")) for _ in range(5)]
    assert (len(set(asked[:4])), asked[4]) == (4, None)
    assert set(asked[:4]) <= set(day.ids[4:])
    assert day.affected(Which(auto=True)).items == 2
    again = day.requeue(Which(auto=True))
    assert again.items == 2
    day.route()  # deciding again takes no slot away
    assert day.answer(day.ann, dict.fromkeys(day.ids, "ham")) is not None
    assert [one.items for one in day.store.requeues.of_question("mails", "mail")] == [2, 4]


def test_who_answered_answers_again_and_the_new_answer_counts(day: Day) -> None:
    made = day.requeue(Which(label="spam"), most=2)
    assert made.items == 2
    before = {i: v for i, v in day.ann_says.items() if v == "spam"}
    assert [day.answer(day.ann, dict.fromkeys(day.ids, "ham")) for _ in range(2)]
    values = human_values(day.store, "mails", day.project.questions[0])
    assert {values[i] for i in before} == {"ham"}
    said = [one for i in before for one in day.store.annotations.of_item(i)]
    assert sorted(one.value for one in said) == ["ham", "ham", "spam", "spam"]  # nothing is lost


def test_what_is_left_out_is_said(day: Day) -> None:
    day.store.items.add_gold([(day.ids[9], "mail", "ham")])
    day.requeue(Which(auto=True), most=2)
    left = day.affected(Which(auto=True))
    assert left.items == 3
    assert sorted(left.left_out) == [
        (1, "measure the model, so their answers stay as they were given"),
        (2, "wait for people already, or were asked about again"),
    ]


def test_what_cannot_be_asked(day: Day) -> None:
    with pytest.raises(AnnotateError, match="name the items in one way"):
        day.affected(Which(label="spam", auto=True))
    with pytest.raises(AnnotateError, match="name the items in one way"):
        day.affected(Which(people="spam"))
    with pytest.raises(NothingToDo, match="no items labelled news are to be asked about again"):
        day.requeue(Which(label="news"))
    set_opening(day.store, day.project, "frozen", actor=day.lead, now=day.clock())
    with pytest.raises(AnnotateError, match="is frozen"):
        day.requeue(Which(auto=True))

"""Answers and predictions that come along: stored once, never blind, never mixed with our own."""

from __future__ import annotations

import json
from collections.abc import Callable
from io import StringIO
from pathlib import Path
from typing import Any

import pytest

from annotate.importers import TOOLS, Record, Said, Source
from annotate.importers.protocol import Kind
from annotate.model import IMPORTED, Person
from annotate.project import Project
from annotate.store import Store
from annotate.workflow.agreement.agreeing import agreement
from annotate.workflow.agreement.anchoring import anchoring
from annotate.workflow.consensus.consenting import consensus_of
from annotate.workflow.disagreement.item_story import item_story
from annotate.workflow.imports.bringing import AGAIN, EMPTY, NO_QUESTION, NOT_OFFERED, OTHER
from annotate.workflow.imports.importing import ImportReport, import_items
from annotate.workflow.prelabels.examples import human_values
from annotate.workflow.routes.routing import route
from tests.annotate.importers.exports import LABEL_STUDIO
from tests.small import START, Clock, add_slots, know, machine_says, small_project, someone

SENTIMENT: dict[str, Any] = {
    "name": "sentiment",
    "type": "single_label",
    "text": "Which?",
    "labels": [{"name": name} for name in ("Positive", "Negative", "Neutral")],
}
NAMES: dict[str, Any] = {
    "name": "names",
    "type": "spans",
    "text": "Who?",
    "field": "text",
    "labels": [{"name": "PER"}],
}
BY_ID = {"id": "id", "format": "label_studio"}


def project_with(*questions: dict[str, Any], **changes: object) -> Project:
    return small_project(**{"questions": list(questions), "import": BY_ID, **changes})


BOTH = project_with(SENTIMENT, NAMES)
ONE = project_with(SENTIMENT)


def converted(tasks: list[dict[str, Any]], tool: str = "label_studio") -> list[Record]:
    source = Source(path=Path("export.json"), name="export.json")
    return [TOOLS[tool].convert(Record(at, one), source) for at, one in enumerate(tasks, 1)]


def bring(
    store: Store, project: Project, rows: list[Record], lead: Person, clock: Clock | None = None
) -> tuple[ImportReport, list[dict[str, Any]]]:
    """The report, and the lines of the reject file."""
    know(store, project)
    out = StringIO()
    now = START if clock is None else clock()
    report = import_items(store, project, rows, out, actor=lead, now=now)
    return report, [json.loads(line) for line in out.getvalue().splitlines()]


def said(
    value: object,
    *,
    kind: Kind = "choices",
    who: str = "ann",
    question: str = "sentiment",
    **more: Any,
) -> Said:
    return Said(question=question, kind=kind, value=value, who=who, **more)


def row(*all_said: Said, key: int = 1, line: int = 1) -> Record:
    values: dict[str, object] = {"id": key, "text": f"mail {key}"}
    return Record(line, values, all_said, "label_studio")


# ---- what comes along


def test_a_label_studio_export(store: Store, lead: Person) -> None:
    report, rejects = bring(store, BOTH, converted(LABEL_STUDIO), lead)
    found = report.brought
    assert (report.added, report.rejected, rejects) == (3, 0, [])
    assert (found.answers, found.votes) == (6, 2)
    assert found.people == {"ann@example.org (Label Studio)": 2, "8 (Label Studio)": 4}
    assert found.models == {"bert-2": 2}
    assert dict(found.left) == {
        "skipped there": 1,
        "an answer of a kind that has no question here (rectanglelabels)": 1,
        "a draft, not handed in": 1,
    }
    first, *_ = store.items.page("mails")
    by = {one.question: one for one in store.annotations.of_item(first.id) if one.seconds == 2.1}
    assert by["sentiment"].value == "Positive"
    assert by["names"].value == [{"start": 2, "end": 5, "label": "PER"}]
    assert by["names"].created_at == "2021-03-09T22:16:08.728353Z"
    assert by["names"].exposure == {
        "mode": "imported", "shown": "unknown", "tool": "label_studio",
        "annotation": 1,
    }  # fmt: skip
    [vote, *_] = store.history.prelabels(first.id)
    assert (vote.model, vote.value, vote.confidence, vote.cost_usd) == (
        "bert-2", "Positive", 0.91, 0.0,
    )  # fmt: skip
    stored = store.prelabels.round_of(vote.round_id)
    assert stored is not None
    assert (stored.model, stored.imported) == ("bert-2", "label_studio")


def test_the_same_import_twice_changes_nothing(store: Store, lead: Person, clock: Clock) -> None:
    bring(store, BOTH, converted(LABEL_STUDIO), lead, clock)
    before = [store.annotations.of_item(one.id) for one in store.items.page("mails")]
    votes = [store.history.prelabels(one.id) for one in store.items.page("mails")]
    clock.forward(60)
    report, rejects = bring(store, BOTH, converted(LABEL_STUDIO), lead, clock)
    found = report.brought
    assert (report.added, report.already_there, rejects) == (0, 3, [])
    assert (found.answers, found.answers_there, found.votes, found.votes_there) == (0, 6, 0, 2)
    assert (found.people, found.models) == ({}, {})
    assert [store.annotations.of_item(one.id) for one in store.items.page("mails")] == before
    assert [store.history.prelabels(one.id) for one in store.items.page("mails")] == votes
    assert len(store.people.all()) == 2


def test_a_label_that_the_project_lacks_is_a_reject_with_line_and_reason(
    store: Store, lead: Person
) -> None:
    rows = [row(said(["Positive"])), row(said(["Mixed"]), key=2, line=2)]
    report, rejects = bring(store, ONE, rows, lead)
    assert (report.added, report.rejected, report.left_out) == (2, 0, 1)
    assert dict(report.brought.left) == {NOT_OFFERED: 1}
    [refused] = rejects
    assert refused["line"] == 2
    assert refused["reason"] == (
        "single_label: 'Mixed' is not one of Positive, Negative, Neutral. Add the label to the "
        "project file, or correct the answer"
    )
    assert refused["row"] == {"question": "sentiment", "who": "ann", "value": ["Mixed"]}


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ([said(["Positive"], question="topic"), said(["Negative"], question="mood")], NO_QUESTION),
        ([said(None, kind="empty")], EMPTY),
        ([said(["Positive", "Negative"])], NOT_OFFERED),
        ([said(None, kind="empty", why="skipped there")], "skipped there"),
        ([said(["Positive"], at="2021"), said(["Negative"], at="2022")], AGAIN),
    ],
)
def test_what_is_left_behind_is_counted_by_reason(
    given: list[Said], reason: str, store: Store, lead: Person
) -> None:
    report, _ = bring(store, ONE, [row(*given)], lead)
    assert dict(report.brought.left) == {reason: 1}


def test_the_newest_answer_of_a_person_comes(store: Store, lead: Person) -> None:
    both = row(said(["Negative"], at="2022"), said(["Positive"], at="2021"))
    bring(store, ONE, [both], lead)
    [item] = store.items.page("mails")
    assert store.annotations.values(item.id, "sentiment") == ["Negative"]


def test_another_answer_later_is_refused(store: Store, lead: Person) -> None:
    bring(store, ONE, [row(said(["Positive"]))], lead)
    report, [refused] = bring(store, ONE, [row(said(["Negative"]))], lead)
    assert dict(report.brought.left) == {OTHER: 1}
    assert refused["reason"] == f"{OTHER}: 'Positive'. Decide the item, or leave it"


def test_nothing_marked_says_that_there_is_nothing(store: Store, lead: Person) -> None:
    task = {
        "id": 1,
        "data": {"text": "no name"},
        "annotations": [{"completed_by": 1, "result": []}],
    }
    bring(store, project_with(NAMES), converted([task]), lead)
    [item] = store.items.page("mails")
    assert store.annotations.values(item.id, "names") == [[]]


def test_who_answered_other_questions_and_marked_nothing_said_so(
    store: Store, lead: Person
) -> None:
    report, _ = bring(store, BOTH, converted(LABEL_STUDIO), lead)
    first, *_ = store.items.page("mails")
    spans = [one for one in store.annotations.of_item(first.id) if one.question == "names"]
    assert [one.value for one in spans] == [[{"start": 2, "end": 5, "label": "PER"}], []]
    assert report.brought.answers == 6


def test_answers_for_items_that_came_before(store: Store, lead: Person) -> None:
    bring(store, ONE, [row()], lead)
    bare = Record(5, {"id": 1}, (said(["Neutral"]),), "potato")
    lost = Record(6, {"id": 99}, (said(["Neutral"]),), "potato")
    report, [refused] = bring(store, ONE, [bare, lost], lead)
    assert (report.already_there, report.rejected) == (1, 1)
    assert refused["line"] == 6
    assert refused["reason"].startswith("answers for '99', which is not in the project")
    [item] = store.items.page("mails")
    assert store.annotations.values(item.id, "sentiment") == ["Neutral"]


# ---- whose they are


def test_people_who_came_along_cannot_come_in(store: Store, lead: Person) -> None:
    ann = someone(store, "ann")
    bring(store, ONE, [row(said(["Positive"]))], lead)
    accounts = {one.person.name: one for one in store.accounts.all()}
    there = accounts["ann (Label Studio)"]
    assert accounts["ann"].active
    assert (there.active, there.password, there.email) == (False, None, None)
    assert there.person.id != ann.id
    assert store.imported.people() == {there.person.id: ("label_studio", "ann")}


def test_an_answer_takes_a_slot_that_waited(store: Store, lead: Person) -> None:
    project = project_with(SENTIMENT, people={"per_item": 2})
    bring(store, project, [row()], lead)
    add_slots(store, project, [_item(store)], per_item=2, question="sentiment")
    bring(store, project, [row(said(["Positive"]))], lead)
    slots = store.assignments.of_item(_item(store), "sentiment")
    assert [(one.slot, one.state) for one in slots] == [(0, "done"), (1, "open")]


def _item(store: Store) -> str:
    return store.items.page("mails")[0].id


# ---- what it counts for


def test_an_answer_from_elsewhere_counts_but_is_never_blind(store: Store, lead: Person) -> None:
    rows = [row(said(["Positive"]), said(["Positive"], who="bob"), key=k, line=k) for k in (1, 2)]
    bring(store, ONE, rows, lead)
    question = ONE.questions[0]
    items = [one.id for one in store.items.page("mails")]
    assert human_values(store, "mails", question) == dict.fromkeys(items, "Positive")
    assert human_values(store, "mails", question, blind=True) == {}
    machine_says(store, ONE, {items[0]: ["Positive"] * 3}, question="sentiment")
    found = agreement(store, ONE, question, actor=lead)
    assert found.people.answers == 4
    assert (found.model.answers, found.assisted.answers) == (0, 0)
    seen = anchoring(store, ONE, question, actor=lead)
    assert (seen.seen, seen.blind) == (0, 0)
    view = consensus_of(store, ONE, question, actor=lead)
    assert [view.classes[label] for label in view.label] == ["Positive"] * 2
    assert view.people.tolist() == [2, 2]


def test_an_items_story_says_where_an_answer_is_from(store: Store, lead: Person) -> None:
    bring(store, ONE, [row(said(["Positive"]), said(["Negative"], who="m", model=True))], lead)
    story = item_story(store, ONE, "1", actor=lead)
    told = {(one.kind, one.who): one.details for one in story.events}
    assert told["answer", "ann (Label Studio)"] == (
        "in Label Studio: nobody knows what was in sight there",
    )
    assert told["model", "m"][0] == "came along from another tool"


# ---- votes of models


def in_force(store: Store) -> list[tuple[str, object]]:
    return [(one.model, one.value) for one in store.prelabels.current("mails", "sentiment")]


def test_predictions_are_what_is_routed_by_until_a_model_of_ours_has_spoken(
    store: Store, lead: Person, new_id: Callable[[], str], clock: Clock
) -> None:
    rows = [row(said(["Negative"], who="m", model=True), key=k, line=k) for k in (1, 2)]
    bring(store, ONE, rows, lead)
    assert in_force(store) == [("m", "Negative")] * 2
    question = ONE.questions[0]
    report = route(store, ONE, question, actor=lead, now=clock(), new_id=new_id)
    assert report.items == 2
    first, second = (one.id for one in store.items.page("mails"))
    machine_says(store, ONE, {first: ["Positive"]}, question="sentiment", started=clock.forward(5))
    assert in_force(store) == [("made up", "Positive")]
    rows = [row(said(["Negative"], who="later", model=True), key=2)]
    clock.forward(60)
    bring(store, ONE, rows, lead, clock)
    assert in_force(store) == [("made up", "Positive")]
    assert [run.model for run in store.audits.in_force("mails", "sentiment")] == ["made up"]
    assert [one.model for one in store.history.prelabels(second)] == ["m", "later"]


def test_predictions_cost_nothing_and_are_no_calls(store: Store, lead: Person) -> None:
    bring(store, ONE, [row(said(["Negative"], who="m", model=True))], lead)
    spent = store.columns.spent("mails")
    assert (spent.calls, spent.usd, spent.unpriced) == (0, 0.0, 0)
    assert store.progress.outcomes("mails", "sentiment") == {}


def test_items_that_people_had_answered_elsewhere_stay_theirs(
    store: Store, lead: Person, new_id: Callable[[], str]
) -> None:
    rows = [
        row(said(["Negative"], who="m", model=True), *([said(["Positive"])] if k < 3 else ()),
            key=k, line=k)
        for k in range(1, 11)
    ]  # fmt: skip
    bring(store, ONE, rows, lead)
    project = project_with(SENTIMENT, routing={"budget": 0.5, "audit": 0.0, "signal": "entropy"})
    report = route(store, project, project.questions[0], actor=lead, now=START, new_id=new_id)
    assert report.destinations == {"annotate": 5, "auto": 5}
    decided = {d.item_id: d for d in store.decisions.current("mails", "sentiment")}
    items = store.items.page("mails")
    assert [decided[one.id].destination for one in items[:2]] == ["annotate", "annotate"]
    waiting = store.progress.slots("mails", "sentiment")
    assert waiting == {"done": 2, "open": 3}


def test_the_answers_say_what_they_are(store: Store, lead: Person) -> None:
    bring(store, ONE, [row(said(["Positive"]))], lead)
    [one] = store.annotations.of_item(_item(store))
    assert one.shown_prelabel == IMPORTED

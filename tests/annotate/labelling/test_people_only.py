"""Questions that no model is asked: from the data file to the labels that go out."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace
from typing import Any

import pytest

from annotate.consensus import agreed
from annotate.errors import Conflict, NothingToDo
from annotate.importers import Record
from annotate.llm.local.prelabeller import LocalPrelabeller
from annotate.llm.local.tfidf import choose_encoder
from annotate.model import Person
from annotate.project import Project, load_project
from annotate.promise.plan import Terms
from annotate.store import Store
from annotate.workflow.disagreement.review import confusion, disagreements, item_history, status
from annotate.workflow.exports.exporting import Request, export
from annotate.workflow.imports.importing import import_items
from annotate.workflow.prelabels.prelabelling import prelabel
from annotate.workflow.prelabels.validating import validate
from annotate.workflow.promises.promising import plan_promise
from annotate.workflow.routes.features import ItemFeatures
from annotate.workflow.routes.learning import gather
from annotate.workflow.routes.routing import RouteReport, route
from tests.annotate.support.project_file import DATA
from tests.labelling import assign, submit
from tests.small import START, know, someone

KINDS = load_project(DATA / "kinds" / "task.yaml")
ALONE = ("flaws", "errors", "quality", "better", "order", "rewritten")
REPLY = "Venus is the closest. 🪐"
ROWS: list[dict[str, object]] = [
    {
        "id": "k1",
        "prompt": "Which planet?",
        "reply_a": REPLY,
        "reply_b": "Mercury.",
        "reply_c": "?",
    },
    {"id": "k2", "prompt": "How many?", "reply_a": "206", "reply_b": "300", "reply_c": "Many"},
]
ANSWERS: dict[str, Any] = {
    "flaws": ["wrong", "padded"],
    "errors": [{"start": 0, "end": 5, "label": "wrong"}, {"start": 22, "end": 23, "label": "rude"}],
    "quality": {"helpful": 1, "clear": 4, "kind": 5},
    "better": {"choice": "b", "strength": 3},
    "order": ["b", "a", "c"],
    "rewritten": {"verdict": "fix", "text": "Mercury is, =always"},
}


@pytest.fixture
def project() -> Project:
    """Only the questions that are people's, with a known answer to some."""
    questions = tuple(q for q in KINDS.questions if q.name in ALONE)
    mapping = KINDS.import_.model_copy(update={"gold": {"flaws": "flaws", "quality": "quality"}})
    return KINDS.model_copy(update={"questions": questions, "import_": mapping})


def bring(store: Store, project: Project, lead: Person, *rows: dict[str, object]) -> list[str]:
    """The reasons for which rows were refused."""
    know(store, project)
    rejects = io.StringIO()
    records = [Record(line, row) for line, row in enumerate(rows, 1)]
    import_items(store, project, records, rejects, actor=lead, now=START)
    return [json.loads(line)["reason"] for line in rejects.getvalue().splitlines()]


def route_all(store: Store, project: Project, lead: Person) -> list[RouteReport]:
    ids = iter(range(1000))
    number = store.decisions.next_number(project.project, "flaws")
    return [
        route(store, project, q, actor=lead, now=START, new_id=lambda: f"{number}-{next(ids)}")
        for q in project.questions
    ]


def answer_all(store: Store, project: Project, person: Person) -> list[str]:
    """The questions answered, item by item; two of the second item are asked of nobody."""
    second = store.items.find(project.project, "k2")
    if second is not None:
        for name in ("errors", "rewritten"):
            slots = store.assignments.of_item(second.id, name)
            store.assignments.drop_untouched([slot.id for slot in slots])
    done: list[str] = []
    while (task := assign(store, project, actor=person, now=START)) is not None:
        names = [question["name"] for question in task.shown["questions"]]
        answers = {name: ANSWERS[name] for name in names}
        submit(store, project, task, answers, actor=person, now=START)
        done += names
    return done


def test_every_item_goes_to_people_and_only_once(
    store: Store, project: Project, lead: Person
) -> None:
    bring(store, project, lead, *ROWS)
    first = route_all(store, project, lead)
    assert first == [RouteReport(2, {"annotate": 2}, 2, 0, 0)] * 6
    assert [one.changed for one in route_all(store, project, lead)] == [0] * 6
    bring(store, project, lead, *ROWS, {**ROWS[0], "id": "k3"})
    again = route_all(store, project, lead)
    assert again == [RouteReport(3, {"annotate": 3}, 1, 0, 0)] * 6
    assert store.progress.slots("kinds", "order") == {"open": 3}
    rows = store._engine.query("select distinct priority from assignments")
    assert [row["priority"] for row in rows] == [0.0]  # what a model is unsure of comes first
    (decision, *_) = store.decisions.current("kinds", "order")
    assert (decision.destination, decision.propensity, decision.label) == ("annotate", 1.0, None)
    assert decision.reason == "people answer this question: no model is asked"


def test_a_question_that_becomes_people_s_takes_items_back_from_the_model(
    store: Store, project: Project, lead: Person
) -> None:
    bring(store, project, lead, *ROWS)
    route_all(store, project, lead)
    question = project.question("order")
    before = list(store.decisions.current("kinds", "order"))
    routing = store.decisions.routing_of(before[0].id)
    kept = [replace(before[0], id="kept", destination="auto", label="a", model_value="a")]
    store.decisions.start(replace(routing, id="r", number=2))
    store.decisions.add(replace(routing, id="r", number=2), kept)
    report = route(store, project, question, actor=lead, now=START, new_id=lambda: "next")
    assert (report.destinations, report.changed) == ({"annotate": 2}, 1)


def test_answers_are_counted_and_compared(store: Store, project: Project, lead: Person) -> None:
    right = {**ROWS[0], "flaws": '["padded", "wrong"]', "quality": '{"helpful": 1}'}
    assert bring(store, project, lead, right) == [
        "column 'quality' (gold of quality): rating: {'helpful': 1} is without a number for clear. "
        "Correct it or leave it empty"
    ]
    right["quality"] = {"kind": 5, "clear": 4, "helpful": 1}
    assert bring(store, project, lead, right, ROWS[1] | {"flaws": ["vague"]}) == []
    route_all(store, project, lead)
    ann = someone(store, "Ann")
    assert len(answer_all(store, project, ann)) == 10
    found = {one.question: one for one in status(store, project, actor=lead)}
    assert [found[name].slots_done for name in ALONE] == [2, 1, 2, 2, 2, 1]
    assert (found["flaws"].people_accuracy, found["quality"].people_accuracy) == (0.5, 1.0)
    assert found["flaws"].model_accuracy is None
    flaws: Any = project.question("flaws")
    turned = flaws.model_copy(update={"labels": flaws.labels[::-1]})
    reordered = project.model_copy(update={"questions": (turned,)})
    (same,) = status(store, reordered, actor=lead)
    assert same.people_accuracy == 0.5
    for question in project.questions:
        assert confusion(store, project, question, actor=lead).compared == 0
        assert disagreements(store, project, question, actor=lead) == []
        assert validate(store, project, question, actor=lead).variants == ()
    history = item_history(store, project, "k1", actor=lead)
    assert {a.question: a.value for a, _ in history.annotations} == ANSWERS
    assert history.gold["quality"] == {"helpful": 1, "clear": 4, "kind": 5}


def test_answers_that_the_item_does_not_allow(store: Store, project: Project, lead: Person) -> None:
    bring(store, project, lead, ROWS[0])
    route_all(store, project, lead)
    ann = someone(store, "Ann")
    task = assign(store, project, actor=ann, now=START)
    assert task is not None
    assert {question["name"] for question in task.shown["questions"]} == set(ALONE)
    bad: dict[str, Any] = {
        "errors": [{"start": 22, "end": 24, "label": "wrong"}],
        "rewritten": {"verdict": "fix", "text": REPLY},
    }
    for name, value in bad.items():
        with pytest.raises(Conflict, match=r"beyond field reply_a|the draft unchanged"):
            submit(store, project, task, {**ANSWERS, name: value}, actor=ann, now=START)
    submit(store, project, task, ANSWERS, actor=ann, now=START)


def exported(store: Store, project: Project, lead: Person, name: str, **options: Any) -> str:
    out = io.BytesIO()
    export(store, project, Request(name, **options), out, actor=lead, now=START)
    return out.getvalue().decode()


def test_what_goes_out(store: Store, project: Project, lead: Person) -> None:
    bring(store, project, lead, *ROWS)
    route_all(store, project, lead)
    answer_all(store, project, someone(store, "Ann"))
    lines = [json.loads(line) for line in exported(store, project, lead, "labels").split("\n")[:-1]]
    assert {row["question"]: row["label"] for row in lines if row["id"] == "k1"} == ANSWERS
    assert {(row["source"], row["votes"], row["agreement"]) for row in lines} == {("person", 1, 1)}
    assert list(lines[2]["label"]) == ["helpful", "clear", "kind"]
    text = exported(store, project, lead, "labels", form="csv", guard_formulas=True)
    cells = list(csv.DictReader(io.StringIO(text, newline="")))
    assert len(lines) == len(cells) == 10
    assert {row["question"]: row["label"] for row in cells if row["id"] == "k1"} == {
        "flaws": '["wrong", "padded"]',
        "errors": '[{"start": 0, "end": 5, "label": "wrong"}, '
        '{"start": 22, "end": 23, "label": "rude"}]',
        "quality": '{"helpful": 1, "clear": 4, "kind": 5}',
        "better": '{"choice": "b", "strength": 3}',
        "order": '["b", "a", "c"]',
        "rewritten": '{"verdict": "fix", "text": "Mercury is, =always"}',
    }
    pairs = [
        json.loads(line)
        for line in exported(store, project, lead, "preference_trl").split("\n")[:-1]
    ]
    assert [(one["chosen"][0]["content"], one["rejected"][0]["content"]) for one in pairs] == [
        ("Mercury.", REPLY), ("Mercury.", "?"),  # preferred
        ("Mercury.", REPLY), ("Mercury.", "?"), (REPLY, "?"),  # ranked
        ("Mercury is, =always", REPLY),  # rewritten
        ("300", "206"), ("300", "Many"),
        ("300", "206"), ("300", "Many"), ("206", "Many"),
    ]  # fmt: skip
    (written,) = exported(store, project, lead, "sft_messages").splitlines()
    (_, turn) = json.loads(written)["messages"]
    assert turn == {"role": "assistant", "content": "Mercury is, =always"}
    meta = json.loads(exported(store, project, lead, "labels", passport=True).split("\n")[0])[
        "meta"
    ]
    assert json.loads(meta)["answer"] == {"value": ["wrong", "padded"], "source": "person"}


def test_a_preference_that_is_a_tie_makes_no_pairs(
    store: Store, project: Project, lead: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(ANSWERS, "better", {"choice": "tie"})
    bring(store, project, lead, ROWS[0])
    route_all(store, project, lead)
    answer_all(store, project, someone(store, "Ann"))
    request = Request("preference_trl", question="better")
    report = export(store, project, request, io.BytesIO(), actor=lead, now=START)
    assert (report.rows, report.dropped) == (0, {"the answer is a tie": 1})


def test_several_people_agree_when_most_say_exactly_the_same(project: Project) -> None:
    quality, flaws = project.question("quality"), project.question("flaws")
    one = {"helpful": 1, "clear": 4, "kind": 5}
    same = {"kind": 5, "clear": 4, "helpful": 1}
    found = agreed(quality, [same, one, {**one, "kind": 1}])
    assert (found.value, found.votes, found.agreeing) == (one, 3, 2)
    assert agreed(flaws, [["wrong"], ["vague"]]).value is None
    assert agreed(flaws, [["wrong"], ["gone"], ["gone"]]).value == ["wrong"]
    assert agreed(flaws, [["gone"]]).votes == 0


def test_what_needs_a_model_says_that_there_is_none(
    store: Store, project: Project, lead: Person
) -> None:
    bring(store, project, lead, *ROWS)
    rule = (
        "question 'better': people answer it: no model is asked questions of type preference with "
        "`strength`, because `llm.provider: local` cannot write. `coannotate route` gives them its "
        "items"
    )
    question = project.question("better")
    encoder = choose_encoder(["text"], None)
    local = LocalPrelabeller(KINDS, KINDS.questions[0], encoder, missing="x")
    with pytest.raises(NothingToDo) as caught:
        prelabel(
            store, project, question, local, actor=lead, clock=lambda: START, new_id=lambda: "r"
        )
    assert str(caught.value) == rule
    terms = Terms(tolerance=0.1, alpha=0.05)
    for work in (
        lambda: gather(store, project, question, ItemFeatures()),
        lambda: plan_promise(store, project, question, terms, actor=lead),
    ):
        with pytest.raises(NothingToDo) as caught:
            work()
        assert str(caught.value) == rule

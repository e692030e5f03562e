"""What a lead's browser sends and gets: every operation once, the queue by the consensus, words."""

from __future__ import annotations

from typing import Any

import pytest

from annotate.errors import NotAllowed, NotFound
from annotate.store import Store
from annotate.workflow.consensus.consenting import ensure_fresh
from annotate.workflow.decisions.case_json import said
from annotate.workflow.decisions.requests import read_cases, settle_decisions
from annotate.workflow.labelling.requests import Malformed
from tests.annotate.support.court import SPLIT, Court, audited
from tests.small import QUESTION, Clock, machine_says, small_project


@pytest.fixture
def court(store: Store, clock: Clock) -> Court:
    return Court(store, clock)


def send(court: Court, *ops: dict[str, Any], **more: Any) -> list[dict[str, Any]]:
    sent = {"request": "r", "ops": [{"question": QUESTION, **op} for op in ops]} | more
    found = settle_decisions(court.store, court.project, sent, actor=court.lead, now=court.now())
    results: list[dict[str, Any]] = found["results"]
    return results


def cases(court: Court, **more: Any) -> dict[str, Any]:
    return read_cases(
        court.store, court.project, QUESTION, actor=court.lead, now=court.now(), **more
    )


def test_each_operation_is_done_once_and_a_bad_one_stops_none(court: Court) -> None:
    one, other, third = court.given(SPLIT, SPLIT, SPLIT)
    ops: list[dict[str, Any]] = [
        {"op": "decide", "id": "o1", "item": one, "value": "spam", "seen": ""},
        {"op": "decide", "id": "o2", "item": other, "value": "eggs"},
        {"op": "send_back", "id": "o3", "item": other, "comment": "again"},
        {"op": "ambiguous", "id": "o4", "item": third, "comment": "both"},
        {"op": "decide", "id": "o5", "item": third, "value": "ham", "seen": "o1"},
    ]
    expected = ["stored", "refused", "refused", "stored", "conflict"]
    for _ in range(2):
        results = send(court, *ops)
        assert [one["status"] for one in results] == expected
    assert results[0] == {"id": "o1", "status": "stored", "item": one, "kind": "decided"}
    assert "'eggs' is" in results[1]["message"]
    assert "everybody here has had this item" in results[2]["message"]
    assert "Lea has decided otherwise" in results[4]["message"]
    assert court.standing() == {one: ("decided", "spam"), third: ("ambiguous", None)}
    assert len(court.store.adjudications.all("mails", QUESTION)) == 2
    [back] = send(court, {"op": "take_back", "id": "o6"})
    assert (back["item"], back["kind"]) == (third, "reopened")
    assert send(court, {"op": "take_back", "id": "o6"}) == [back]
    assert court.standing() == {one: ("decided", "spam")}


@pytest.mark.parametrize(
    ("op", "where"),
    [
        ({"op": "delete", "id": "o1"}, "ops.0"),
        ({"op": "decide", "id": "o1", "item": "i"}, "ops.0.decide.value"),
        ({"op": "take_back", "id": "o 1"}, "ops.0.take_back.id"),
    ],
)
def test_what_is_malformed_names_what(court: Court, op: dict[str, Any], where: str) -> None:
    with pytest.raises(Malformed, match=where):
        send(court, op)


def test_annotators_get_and_decide_nothing(court: Court) -> None:
    court.given(SPLIT)
    court.lead = court.person("Ann")
    with pytest.raises(NotAllowed, match="may not adjudicate"):
        send(court)
    with pytest.raises(NotAllowed, match="may not adjudicate"):
        cases(court)


def test_the_queue_follows_the_consensus_and_what_was_decided_since(court: Court) -> None:
    tight, clear, agreed, back = court.given(
        SPLIT,
        {"Ann": "spam", "Bob": "spam", "Cyd": "spam", "Dan": "ham"},
        {"Ann": "ham", "Bob": "ham"},
        SPLIT,
    )
    ids = [tight, clear, agreed, back]
    machine_says(court.store, court.project, {key: ["spam", "ham", "ham"] for key in ids})
    found = cases(court)
    order = [one["id"] for one in found["cases"]]
    assert sorted(order) == sorted([tight, clear, back])
    assert order[-1] == clear
    assert found["waiting"] == 3
    assert found["question"] == {"name": QUESTION, "text": "What is it?", "help": ""}
    assert [one["id"] for one in cases(court, after=found["cases"][1]["after"])["cases"]] == [clear]
    first = found["cases"][0]
    assert [(c["value"], len(c["by"]), c["votes"]) for c in first["choices"]] == [
        ("spam", 1, 1),
        ("ham", 1, 2),
    ]
    assert first["consensus"]["probability"] > 0.5
    court.decide(tight, "spam")
    court.send_back(back, to=court.person("Bob").id)
    assert court.waiting() == [clear]  # though the stored consensus is older
    task = court.task("Bob")
    assert task is not None
    court.answer("Bob", task, "spam")
    assert court.waiting() == [back, clear]  # all say the same now, and the lead asked for it
    assert cases(court)["waiting"] == 2


def test_the_consensus_tells_what_was_decided(court: Court) -> None:
    one, other, third = court.given(SPLIT, SPLIT, SPLIT)
    court.decide(one, "spam")
    court.ambiguous(other)
    court.send_back(third, to=court.person("Ann").id)
    ensure_fresh(court.store, court.project, court.question, actor=court.lead, now=court.now())
    rows = court.store.consensus.of_items(QUESTION, [one, other, third])
    assert [(rows[i].status, rows[i].value) for i in (one, other)] == [
        ("adjudicated", "spam"),
        ("ambiguous", None),
    ]
    assert (rows[one].probability, rows[one].priority) == (1, 0)
    assert rows[third].status == "disputed"


def test_one_item_is_read_whatever_stands_and_no_letter_is_always_one_person(court: Court) -> None:
    ids = court.given(*[SPLIT] * 12)
    audited(court, ids[0])
    court.decide(ids[0], "ham", comment="so it is")
    [case] = cases(court, item="0")["cases"]
    assert case["measures"] is True
    assert case["standing"] == "a1"
    assert case["choices"][1]["delivered"] is True
    assert [(e["kind"], e["words"], e["stands"]) for e in case["earlier"]] == [
        ("decided", "ham", True)
    ]
    firsts = {cases(court, item=str(at))["cases"][0]["answers"][0]["name"] for at in range(12)}
    assert firsts == {"Ann", "Bob"}
    with pytest.raises(NotFound, match="no item '99'"):
        cases(court, item="99")
    with pytest.raises(NotFound, match="no question 'size'"):
        read_cases(court.store, court.project, "size", actor=court.lead, now=court.now())


@pytest.mark.parametrize(
    ("question", "value", "words"),
    [
        ({"type": "spans", "field": "text", "labels": [{"name": "who"}]}, [(0, 4)], "who: mail"),
        ({"type": "spans", "field": "text", "labels": [{"name": "who"}]}, [], "(none)"),
        (
            {"type": "preference", "prompt": "asked", "responses": ["text", "other"]},
            "b",
            "B · other",
        ),
        ({"type": "preference", "prompt": "asked", "responses": ["text", "other"]}, "tie", "Tie"),
        ({"type": "ranking", "responses": ["text", "other"]}, ["b", "a"], "other > text"),
        ({"type": "rating"}, 4, "4"),
        ({"type": "text"}, {"verdict": "write", "text": "a\nb"}, "a\nb"),
        ({"type": "multi_label", "labels": [{"name": "x"}, {"name": "y"}]}, ["x", "y"], "x, y"),
    ],
    ids=lambda one: str(one)[:30],
)
def test_answers_are_told_by_what_they_are_about(
    court: Court, question: dict[str, Any], value: Any, words: str
) -> None:
    project = small_project(
        fields=["text", "other", "asked"],
        questions=[{"name": QUESTION, "text": "Which?"} | question],
    )
    [item_id] = court.given({})
    item = court.store.items.get(item_id)
    assert item is not None
    if question["type"] == "spans":
        value = [{"start": start, "end": end, "label": "who"} for start, end in value]
    assert said(project.questions[0], item, value) == words

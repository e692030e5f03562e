"""Each type without classes, all the way: asked over HTTP, routed, answered, exported."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from annotate.errors import AnnotateError
from annotate.llm.able import can_answer
from annotate.llm.deciders.decisions import DecisionPrelabeller
from annotate.llm.prelabeller import Work
from annotate.llm.servers.client import Server
from annotate.llm.structured import Abilities
from annotate.model import Item
from annotate.project.rules import broken_rules
from annotate.questions import brief
from annotate.workflow.disagreement.review import disagreements, status
from annotate.workflow.prelabels.validating import validate
from annotate.workflow.promises.freezing import prepare
from annotate.workflow.routes.explaining import explain
from annotate.workflow.routes.simulating import simulate
from tests.annotate.questions.openly import FIELDS, Bench, bench, project_with
from tests.annotate.support.chatting import answers
from tests.llm_server import Call, LLMServer

SURE, UNSURE = "Ada met Bob.", "Who knows."


@pytest.fixture
def made(tmp_path: Path, server: LLMServer) -> Bench:
    return bench(tmp_path, server.base_url)


def answering(sure: str, *unsure: str) -> Callable[[Call], str]:
    """One answer to all about SURE; about other items the next of `unsure` with every call."""
    left = iter(unsure * 3)

    def answer(call: Call) -> str:
        return (
            sure if SURE in call.prompt.rpartition("<<<")[0] or SURE in call.prompt else next(left)
        )

    return answer


A_SPAN = '[{"text": "%s", "label": "%s"}]'
CASES: dict[str, tuple[str, tuple[str, ...], Any, Any, str, Any]] = {
    # type: said of SURE, said of UNSURE, kept of SURE, kept of UNSURE, its reason, a person's value
    "multi_label": (
        "price, taste",
        ("taste", "taste", "taste, service", "service"),
        ["price", "taste"],
        ["taste"],
        "4 answers: 2 chose {taste}, 1 {taste; service}, 1 {service}; expected distance 0.56",
        ["service"],
    ),
    "rating": (
        "4",
        ("1", "2", "5", "5"),
        4,
        5,
        "4 answers: 2 chose {5}, 1 {1}, 1 {2}; expected distance 0.58",
        3,
    ),
    "ranking": (
        "A > B > C",
        ("A > B > C", "A > B > C", "B > A > C", "B > C > A"),
        None,
        None,
        "4 answers: ",
        ["c", "b", "a"],
    ),
    "preference": (
        "Tie",
        ("A 3", "A 1", "B 1", "Tie"),
        {"choice": "tie"},
        {"choice": "b", "strength": 1},
        "4 answers: 2 chose {b 1}, 1 {a 3}, 1 {tie}; expected distance 0.28",
        {"choice": "b", "strength": 2},
    ),
    "text": (
        "Ada and Bob met.",
        ("Nobody knows.", "Nobody knows it.", "Everybody."),
        {"verdict": "write", "text": "Ada and Bob met."},
        {"verdict": "write", "text": "Nobody knows."},
        "3 answers, no two alike; expected distance 0.4",
        {"verdict": "write", "text": "It is unclear."},
    ),
    "spans": (
        A_SPAN % ("Ada", "person"),
        (A_SPAN % ("Who", "person"), "[]", A_SPAN % ("Who", "place")),
        [{"start": 0, "end": 3, "label": "person"}],
        None,
        "3 answers, no two alike; expected distance 1.00",
        [{"start": 0, "end": 3, "label": "place"}],
    ),
}


@pytest.mark.parametrize("kind", CASES)
def test_the_whole_way(made: Bench, server: LLMServer, kind: str) -> None:
    sure, unsure, kept_sure, kept_unsure, reason, value = CASES[kind]
    server.answer = answering(sure, *unsure)
    project = project_with(kind, llm={"concurrency": 1, "confidence": False})
    first, second = made.add(project, [SURE, UNSURE])
    report = made.prelabel(project, kind)
    assert set(report.outcomes) == {"parsed"}

    routed = made.route(project, kind)
    assert routed.destinations == {"auto": 1, "annotate": 1}
    decided = made.decisions(kind)
    if kept_sure is not None:
        assert decided[first].model_value == kept_sure
        assert decided[first].score == 0.0
    if kept_unsure is not None:
        assert decided[second].model_value == kept_unsure
    assert decided[second].reason.startswith(reason)
    assert made.route(project, kind).changed == 0

    assert made.answer(project, {kind: value}, 1) == [second]
    labels = {row["id"]: row for row in made.labels(project)}
    assert labels["0"]["label"] == decided[first].label
    assert labels["0"]["source"] == "model"
    assert (labels["1"]["label"], labels["1"]["source"]) == (value, "person")
    text, _ = made.export(project, form="csv")
    cells = {row["id"]: row["label"] for row in csv.DictReader(io.StringIO(text))}
    assert cells["1"] == brief(value)
    (counts,) = status(made.store, project, actor=made.lead)
    assert (counts.compared, counts.agreeing) == (1, 0)
    assert counts.distance is not None
    assert counts.distance > 0
    (differing,) = disagreements(made.store, project, project.questions[0], actor=made.lead)
    assert differing.people == value
    told = explain(made.store, project, project.questions[0], "1", actor=made.lead)
    assert len(told.said) == len(unsure)


@pytest.mark.parametrize("kind", CASES)
def test_again_as_json_in_chinese(made: Bench, server: LLMServer, kind: str) -> None:
    replies = {
        "multi_label": ["price"],
        "rating": 4,
        "ranking": ["B", "A", "C"],
        "preference": {"choice": "平局", "strength": 0},
        "text": "标签 👍",
        "spans": [{"text": "李明", "label": "person", "occurrence": 2}],
    }
    values = {
        "multi_label": ["price"],
        "rating": 4,
        "preference": {"choice": "tie"},
        "text": {"verdict": "write", "text": "标签 👍"},
        "spans": [{"start": 5, "end": 7, "label": "person"}],
    }
    said = json.dumps({"answer": replies[kind], "confidence": 0.9}, ensure_ascii=False)
    server.answer = lambda call: said
    project = project_with(kind, llm={"structured": "auto", "few_shot": 2}, language="zh")
    (item,) = made.add(project, ["👩‍👩李明李明"])
    report = made.prelabel(project, kind, abilities=Abilities(json_schema=True))
    assert set(report.outcomes) == {"parsed"}
    schema = server.calls[0].body["response_format"]["json_schema"]["schema"]
    assert schema["required"] == ["answer", "confidence"]
    assert "top_logprobs" not in server.calls[0].body
    assert "一个 JSON 对象" in server.calls[0].prompt
    made.route(project, kind)
    if kind in values:
        assert made.decisions(kind)[item].model_value == values[kind]


def test_a_reply_that_cannot_be_used_is_sent_back_with_the_reason(
    made: Bench, server: LLMServer
) -> None:
    wrong, right = A_SPAN % ("Eve", "person"), A_SPAN % ("Ada", "person")
    server.answer = lambda call: right if "does not stand in the text" in call.prompt else wrong
    project = project_with("spans", llm={"variants": ["instruction"]})
    (item,) = made.add(project, [SURE])
    assert made.prelabel(project, "spans").outcomes == {"repaired": 1}
    made.route(project, "spans")
    (told,) = made.store.prelabels.current("open", "spans")
    assert told.value == [{"start": 0, "end": 3, "label": "person"}]
    assert told.reason == "at first: 'Eve' does not stand in the text, word for word"
    assert made.decisions("spans")[item].destination == "annotate"


def test_one_answer_alone_goes_by_its_confidence_or_to_people(
    made: Bench, server: LLMServer
) -> None:
    server.answer = lambda call: "4\nconfidence: 0.9" if SURE in call.prompt else "4"
    project = project_with("rating", llm={"variants": ["instruction"]}, routing={"budget": 0.0})
    sure, unsure = made.add(project, [SURE, UNSURE])
    made.prelabel(project, "rating")
    for signal in ("entropy", "confidence", "learned"):
        routing = project.routing.model_copy(update={"signal": signal})
        made.route(project.model_copy(update={"routing": routing}), "rating")
        decided = made.decisions("rating")
        assert decided[unsure].destination == "annotate"
        assert decided[unsure].score is None
        assert "no other to hold against it" in decided[unsure].reason
        assert decided[sure].destination == "auto"
        if signal != "learned":
            assert decided[sure].score == pytest.approx(0.1)


def test_claims_about_single_labels_are_one_answer(made: Bench, server: LLMServer) -> None:
    def answer(call: Call) -> str:
        applies = '"price"' in call.prompt or '"service"' in call.prompt
        denied = "does not apply" in call.prompt
        return "true" if applies is not denied else "false"

    server.answer = answer
    project = project_with("multi_label", llm={"variants": ["true_false", "true_false_negated"]})
    (item,) = made.add(project, [SURE])
    assert made.prelabel(project, "multi_label").calls == 6
    made.route(project, "multi_label")
    decided = made.decisions("multi_label")[item]
    assert decided.model_value == ["price", "service"]
    assert decided.reason.startswith("all 2 answers are {price; service}; expected distance 0.00")
    said = {p.variant: p.value for p in made.store.prelabels.current("open", "multi_label")}
    assert said["true_false:taste"] == said["true_false_negated:taste"] == {"taste": False}


def test_what_is_not_asked_is_not_delivered(made: Bench, server: LLMServer) -> None:
    server.answer = lambda call: "5" if "How good" in call.prompt else "price"
    project = project_with(
        "multi_label", "rating", when={"question": "multi_label", "is": ["taste", "service"]}
    )
    made.add(project, [SURE, UNSURE])
    for name in ("multi_label", "rating"):
        made.prelabel(project, name)
        made.route(project, name)
    asked = {d.item_id: d.destination for d in made.decisions("multi_label").values()}
    assert sorted(asked.values()) == ["annotate", "auto"]
    text, report = made.export(project)
    assert [json.loads(line)["question"] for line in text.splitlines()] == ["multi_label"]
    assert report.dropped["not asked after the answer to another question"] == 1
    assert report.dropped["waiting for the answer to another question"] == 1
    assert made.labels(project, "rating") == []
    values = {"multi_label": ["taste"], "rating": 2}
    made.answer(project, values, 1)
    labels = {(row["id"], row["question"]): row["label"] for row in made.labels(project)}
    assert sum(question == "rating" for _, question in labels) == 1


def test_what_cannot_be_done_is_said(made: Bench, server: LLMServer) -> None:
    project = project_with("rating")
    question = project.questions[0]
    made.add(project, [SURE])
    with pytest.raises(AnnotateError, match="'rating' is a question without a fixed set"):
        prepare(made.store, project, question, terms=None)  # type: ignore[arg-type]
    assert not validate(made.store, project, question, actor=made.lead).judged
    server.answer = lambda call: "3"
    made.prelabel(project, "rating")
    with pytest.raises(AnnotateError, match="0 items of 'rating' have both a known answer"):
        simulate(made.store, project, question, actor=made.lead)


def test_what_people_wrote_trains(made: Bench, server: LLMServer) -> None:
    server.answer = lambda call: "Bob."
    project = project_with("text", routing={"budget": 1.0})
    made.add(project, [SURE, UNSURE])
    made.prelabel(project, "text")
    made.route(project, "text")
    made.answer(project, {"text": {"verdict": "write", "text": "Ada."}}, 2)
    rows = [json.loads(line) for line in made.export(project, "sft_messages")[0].splitlines()]
    assert [row["messages"][1]["content"] for row in rows] == ["Ada.", "Ada."]
    assert "Sum it up." in rows[0]["messages"][0]["content"]
    text, report = made.export(project, "preference_trl")
    assert (text, report.dropped) == (
        "", {"written from nothing, so that there is nothing to compare": 2},
    )  # fmt: skip


def test_a_claim_without_an_answer_leaves_the_whole_without_one(
    made: Bench, server: LLMServer
) -> None:
    server.answer = lambda call: "perhaps" if '"taste"' in call.prompt else "true"
    project = project_with("multi_label", llm={"variants": ["true_false", "instruction"]})
    (item,) = made.add(project, [SURE])
    made.prelabel(project, "multi_label")
    made.route(project, "multi_label")
    assert made.decisions("multi_label")[item].reason == (
        "no usable answer from the model; 2 unusable (2 invalid)"
    )


def test_a_tolerated_difference_is_no_disagreement(made: Bench, server: LLMServer) -> None:
    server.answer = lambda call: "4"
    near = {"budget": 1.0, "tolerance": {"rating": 0.25}}
    project = project_with("rating", routing=near)
    made.add(project, [SURE, UNSURE])
    made.prelabel(project, "rating")
    made.route(project, "rating")
    made.answer(project, {"rating": lambda item: 5 if item.position else 2}, 2)
    (counts,) = status(made.store, project, actor=made.lead)
    assert (counts.compared, counts.agreeing, counts.distance) == (2, 1, 0.375)
    (one,) = disagreements(made.store, project, project.questions[0], actor=made.lead)
    assert (one.people, one.model) == (2, 4)


def test_people_s_answers_are_shown_to_the_model(made: Bench, server: LLMServer) -> None:
    server.answer = lambda call: "B > A > C"
    project = project_with("ranking", routing={"budget": 1.0}, llm={"few_shot": 3})
    made.add(project, [SURE, UNSURE, "A third."])
    made.prelabel(project, "ranking")
    made.route(project, "ranking")
    orders = iter([["a", "b", "c"], ["c", "b", "a"]])
    made.answer(project, {"ranking": lambda item: next(orders)}, 2)
    project = project_with(
        "ranking", llm={"few_shot": 3, "variants": ["instruction"], "concurrency": 1}
    )
    made.prelabel(project, "ranking")
    shown = [
        {line for line in call.prompt.splitlines() if line.startswith("->")}
        for call in server.calls[-3:]
    ]
    # an item is not shown its own answer
    assert sorted(map(len, shown)) == [1, 1, 2]
    assert {"-> A > B > C", "-> C > B > A"} in shown


def test_a_server_that_chooses_abstains(tmp_path: Path) -> None:
    project = project_with(
        "rating", llm={"provider": "systemone", "base_url": "http://127.0.0.1:9"}
    )
    question = project.questions[0]
    assert not can_answer(project, question)
    server = Server(project.llm, None)
    decider = DecisionPrelabeller(project, question, server, "systemone")
    announced = decider.announcement()
    assert announced is not None
    assert "abstains from rating" in announced
    item = Item("i", "open", 0, "id:0", "0", FIELDS, {}, "2026-01-01")
    (answer,) = answers(decider, Work(item, {}))  # type: ignore[arg-type]
    assert (answer.outcome, answer.value) == ("abstained", None)
    assert decider.preview(Work(item, {})) == []


@pytest.mark.parametrize(
    ("kinds", "llm", "routing", "said"),
    [
        (["rating"], {}, {"policy": "promise", "target_error": 0.1, "signal": "learned"},
         "routing.policy: is promise, but question 'rating' has no fixed set of answers"),
        (["rating"], {}, {"tolerance": {"ratin": 0.1}},
         "routing.tolerance.ratin: 'ratin' is no question without a fixed set of answers"),
        (["rating"], {"variants": ["multiple_choice"]}, {},
         "llm.variants: names no way to ask question 'rating', a rating"),
        (["rating"], {"exclude": ["true_false"]}, {}, "llm.exclude[0]: 'true_false' is no variant"),
    ],
)  # fmt: skip
def test_projects_that_ask_for_what_there_is_not(
    kinds: list[str], llm: dict[str, Any], routing: dict[str, Any], said: str
) -> None:
    (broken, *_) = broken_rules(project_with(*kinds, llm=llm, routing=routing))
    where = "".join(f"[{k}]" if isinstance(k, int) else f".{k}" for k in broken.path)
    assert f"{where.lstrip('.')}: {broken.rule}".startswith(said)

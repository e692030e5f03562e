"""The history that a row carries, of what the verbs themselves stored."""

from __future__ import annotations

import json
import re

import pytest

from tests.annotate.exports.worked import World


@pytest.mark.parametrize("name", ["labels", "votes", "sft_messages", "preference_trl"])
def test_rows_carry_their_passport(labelled: World, name: str) -> None:
    rows, _ = labelled.rows(name, passport=True)
    plain, _ = labelled.rows(name)
    assert [{k: v for k, v in row.items() if k != "meta"} for row in rows] == plain
    assert all(json.loads(row["meta"])["project"] == "topics" for row in rows)


def test_passport_tells_what_led_to_the_label(labelled: World) -> None:
    [row], _ = labelled.rows("preference_trl", passport=True)
    meta = json.loads(row["meta"])
    assert meta["question"] == "topic"
    assert meta["answer"] == {"value": "ship", "source": "person"}
    assert (meta["item"]["own_id"], len(meta["item"]["id"])) == ("003", 32)
    first, second = meta["people"].pop("answers")
    assert meta["people"] == {"value": "ship", "votes": 2, "agreeing": 2}
    assert (first["person"], second["person"]) == ("Ann", "Bo")
    assert first["value"] == "ship"
    assert first["suggestion_seen"] == "never"
    assert first["seconds"] == 2.5
    assert first["at"] < second["at"]
    calls = meta["model"].pop("calls")
    assert meta["model"] == {
        "name": "m",
        "value": "bill",
        "votes": {"bill": 1, "ship": 1},
        "outcomes": {"parsed": 2},
    }
    assert [(call["variant"], call["value"], call["prompt"]) for call in calls] == [
        ("instruction", "bill", "single_label/en/instruction.v1+system.v1"),
        ("paraphrase", "ship", "single_label/en/paraphrase.v1+system.v1"),
    ]
    assert all(re.fullmatch("[0-9a-f]{32}", call["prompt_hash"]) for call in calls)
    assert meta["route"].pop("at") < first["at"]
    assert meta["route"] == {
        "destination": "annotate",
        "reason": "answers split 1 : 1 between bill, ship",
        "policy": "threshold",
        "policy_version": None,
        "propensity": 1.0,
        "audited": False,
        "score": 1.0,
        "model_value": "bill",
        "label": "bill",
    }


def test_passport_of_an_undone_answer_and_of_failed_calls(labelled: World) -> None:
    rows, _ = labelled.rows("labels", passport=True)
    metas = {row["body"]: json.loads(row["meta"]) for row in rows}
    undone = metas["one undoes"]["people"]["answers"]
    assert [(answer["person"], answer["value"]) for answer in undone] == [
        ("Ann", "bill"),
        ("Bo", "bill"),
    ]
    failed = metas["the calls fail"]["model"]
    assert (failed["value"], failed["votes"], failed["outcomes"]) == (None, {}, {"error": 2})
    assert metas["half of it fails"]["model"]["outcomes"] == {"parsed": 1, "error": 1}
    assert metas["checked"]["route"]["destination"] == "audit"
    assert metas["checked"]["route"]["propensity"] == 0.5


def test_passport_names_the_model_that_routing_went_by(labelled: World) -> None:
    labelled.ask(lambda prompt, sample: "bill", model="newer")
    rows, _ = labelled.rows("labels", passport=True)
    models = {row["body"]: json.loads(row["meta"])["model"] for row in rows}
    assert {model["name"] for model in models.values()} == {"m"}
    assert models["checked"]["votes"] == {"ship": 2}
    labelled.route()  # what people have keeps its decision, the rest is decided anew
    rows, dropped = labelled.rows("labels", passport=True)
    models = {row["body"]: json.loads(row["meta"])["model"] for row in rows}
    assert models["checked"]["name"] == "m"
    assert models["half of it fails"]["name"] == "newer"
    assert models["half of it fails"]["value"] == "bill"
    assert "not routed yet" not in dropped

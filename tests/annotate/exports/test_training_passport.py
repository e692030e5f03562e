"""Everything that led to a row, and every reason with what to do about it."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

from annotate.exporters import protocol
from annotate.training import reasons
from annotate.training.passport import passport
from tests.annotate.exports.teaching import NOW, TOPICS, answer, call, decided, made, row_of


def test_a_passport() -> None:
    said = (answer(TOPICS, "spam", 0), answer(TOPICS, "ham", 1, seen="before", said="spam"))
    row = row_of(
        TOPICS, {"body": "x"}, said, model="spam", destination="audit",
        ruling=decided(TOPICS, "ham"), calls=[call(TOPICS, "spam")], policy_version="g0",
    )  # fmt: skip
    [pair] = made("pairs", row)
    assert json.loads(passport(pair)) == {
        "project": "topics",
        "question": "topic",
        "rule": "adjudicated",
        "answer": {"value": "ham", "source": "adjudicated"},
        "item": {
            "id": "f0",
            "own_id": "007",
            "content_hash": "c0",
            "imported_at": NOW,
            "metadata": {"site": "de"},
        },
        "people": {
            "value": None,
            "votes": 2,
            "agreeing": 1,
            "answers": [
                {
                    "person": "Person 0",
                    "value": "spam",
                    "note": None,
                    "suggestion_seen": "never",
                    "exposure": {"mode": "blind", "arm": "main", "shown": "never"},
                    "guideline_version": "g1",
                    "seconds": 1.5,
                    "at": NOW,
                    "second": None,
                },
                {
                    "person": "Person 1",
                    "value": "ham",
                    "note": None,
                    "suggestion_seen": "before",
                    "exposure": {
                        "mode": "suggest",
                        "arm": "main",
                        "shown": "before",
                        "said": "spam",
                    },
                    "guideline_version": "g1",
                    "seconds": 1.5,
                    "at": NOW,
                    "second": None,
                },
            ],
        },
        "adjudication": [
            {
                "person": "Lea",
                "kind": "decided",
                "value": "ham",
                "comment": "as agreed",
                "guideline_version": "g2",
                "at": NOW,
                "stands": True,
            }
        ],
        "consensus": None,
        "model": {
            "name": "gpt-mini",
            "value": "spam",
            "votes": {"spam": 1},
            "outcomes": {"parsed": 1},
            "calls": [
                {
                    "model": "gpt-mini",
                    "variant": "v",
                    "sample": 0,
                    "prompt": "single_label/en/instruction.v1",
                    "prompt_hash": "abc",
                    "outcome": "parsed",
                    "value": "spam",
                    "confidence": 0.9,
                    "at": NOW,
                }
            ],
        },
        "route": {
            "destination": "audit",
            "reason": "answers split 1 : 1",
            "policy": "threshold",
            "policy_version": "g0",
            "propensity": 0.25,
            "audited": True,
            "score": 0.5,
            "model_value": "spam",
            "label": "spam",
            "at": NOW,
        },
    }


def test_a_row_without_a_decision_has_a_passport() -> None:
    facts = json.loads(passport(row_of(TOPICS, {"body": "x"}, destination=None)))
    assert (facts["rule"], facts["route"], facts["adjudication"]) == (None, None, [])


def test_the_answer_is_the_one_that_the_rules_stand_by() -> None:
    row = row_of(
        TOPICS, {"body": "x"}, ("ham", "spam"), model="ham", posterior=(0.25, 0.75),
        consensus_status="disputed", consensus_value="ham", probability=0.75,
    )  # fmt: skip
    for material in ("rows", "examples", "judged"):
        [one] = made(material, row, truth="consensus")
        facts = json.loads(passport(one))
        assert facts["answer"] == {"value": "ham", "source": "person"}
        consensus = {"value": "ham", "status": "disputed", "probability": 0.75}
        assert facts["consensus"] == consensus
        assert facts["people"]["value"] is None


def test_whatever_came_along_can_be_written() -> None:
    """Numbers of more than 64 bits, and half a character, which no file in UTF-8 could hold."""
    row = row_of(TOPICS, {"body": "x"})
    item = replace(row.item, metadata={"number": 2**70, "half": "\ud83d", "text": "标\u2028"})
    text = passport(replace(row, item=item))
    assert json.loads(text.encode())["item"]["metadata"] == {
        "number": 2**70,
        "half": "\ufffd",
        "text": "标\u2028",
    }


def _named(module: object) -> dict[str, str]:
    return {
        name: value
        for name, value in vars(module).items()
        if name.isupper() and isinstance(value, str)
    }


def test_every_reason_says_what_to_do() -> None:
    """One place knows all of them, and no two read the same."""
    known = _named(reasons)
    assert _named(protocol).items() <= known.items()
    assert set(known.values()) == set(reasons.ADVICE)
    assert len(set(known.values())) == len(known)
    for advice in reasons.ADVICE.values():
        assert advice.endswith(".")
    assert reasons.advice("margin is no number").startswith("Look at these rows")


def test_no_material_drops_for_a_reason_of_its_own() -> None:
    folder = Path(reasons.__file__).parent
    texts = [path.read_text("utf-8") for path in folder.glob("*.py") if path.name != "reasons.py"]
    assert not [text for text in texts if 'Dropped("' in text]

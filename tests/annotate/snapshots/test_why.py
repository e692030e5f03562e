"""Why a label changed, in words that follow a number; and how the numbers are told."""

from __future__ import annotations

from typing import Any

import pytest

from annotate.snapshots.comparing import Difference
from annotate.snapshots.why import Guidelines, Known, why
from annotate.snapshots.wording import sentences

OLD = {"versions": [{"number": 1, "hash": "one"}]}
NEW = {
    "versions": [
        {"number": 1, "hash": "one"},
        {"number": 2, "hash": "two"},
        {"number": 3, "hash": "three"},
    ]
}
CALL, OTHER_CALL = ("m", "v0", 0, "h", "t1"), ("m", "v0", 0, "h2", "t2")


def row(source: str, said: dict[str, str | None] | None = None, *calls: Any) -> Known:
    """said: a person's name -> hash of the guideline that they answered under."""
    answers = {(name, "at"): version for name, version in (said or {}).items()}
    return Known("a label", source, answers, frozenset(calls))


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        (row("model"), row("adjudicated", {"Ann": "two"}), "adjudicated"),
        (row("person", {"Ann": "one"}), row("adjudicated", {"Ann": "one"}), "adjudicated"),
        (row("model"), row("person", {"Ann": "two"}), "answered by people"),
        (row("learned"), row("person", {"Ann": "one"}), "answered by people"),
        (
            row("person", {"Ann": "one"}),
            row("person", {"Ann": "one", "Bob": "two"}),
            "by guideline version 2",
        ),
        (
            row("person", {"Ann": "one"}),
            row("person", {"Bob": "two", "Cem": "three"}),
            "by guideline version 3",
        ),
        (
            row("person", {"Ann": "one"}),
            row("person", {"Ann": "one", "Bob": "one"}),
            "by other answers of people",
        ),
        (
            row("person", {"Ann": "one"}),
            row("person", {"Ann": "one", "Bob": None}),
            "by other answers of people",
        ),
        (
            row("person", {"Ann": "one", "Bob": "one"}),
            row("person", {"Bob": "one"}),
            "by a word that was taken back",
        ),
        (
            row("adjudicated", {"Ann": "one"}),
            row("person", {"Ann": "one"}),
            "by a word that was taken back",
        ),
        (row("person", {"Ann": "one"}), row("model", None, CALL), "by a word that was taken back"),
        (row("model", None, CALL), row("learned", None, CALL), "by what people said in such cases"),
        (row("model", None, CALL), row("model", None, OTHER_CALL), "by new answers of the model"),
        (row("model", None, CALL), row("model", None, CALL), "routed anew"),
    ],
)
def test_why_a_label_changed(old: Known, new: Known, told: str) -> None:
    assert why(old, new, Guidelines(OLD, NEW)) == told


def manifest(**changes: Any) -> dict[str, Any]:
    measured = {"who": "people with each other", "value": 0.8, "low": 0.7, "high": 0.9}
    question = {
        "agreement": {"people": measured, "model": {"who": "the model", "value": None}},
        "promise": {"sentence": "no promise"},
    }
    return {
        "counts": {"items": 50, "labels": 40},
        "versions": [],
        "questions": {"q": question},
        "exports": {"labels": {"rows": 40, "request": {}}, "sft": {"rows": 3, "request": {}}},
        "files": {"a": changes},
        **changes,
    }


def difference(new: dict[str, Any], **changes: Any) -> Difference:
    nothing: dict[str, Any] = {
        "changed": {}, "shown": (), "added": {}, "gone": {}, "resting": {}, "moved": 0,
    }  # fmt: skip
    return Difference(old=manifest(), new=new, **nothing | changes)


def test_as_people_say_it() -> None:
    found = difference(
        manifest(counts={"items": 51, "labels": 1_240}),
        changed={"adjudicated": 30, "by guideline version 4": 7},
        added={"person": 1_200},
        gone={"people are tied": 1},
        resting={("model", "person"): 12},
        moved=1,
    )
    assert sentences(found, "v3") == [
        "37 labels changed since v3: 30 adjudicated, 7 by guideline version 4",
        "1,200 labels are new: 1,200 from people",
        "1 label is gone: 1 people are tied",
        "12 labels are the same and now on the word of people instead of the model",
        "1 label is in another split",
        "1 item is new",
    ]


def test_numbers_that_changed_are_told_with_what_they_were() -> None:
    new = manifest()
    question = {
        "agreement": {
            "people": {"who": "people with each other", "value": 0.75, "low": None, "high": None},
            "model": {"who": "people and the model", "value": 0.5, "low": 0.4, "high": 0.6},
        },
        "promise": {"sentence": "KEPT"},
    }
    new |= {
        "questions": {"q": question, "more": question},
        "exports": {
            "labels": {"rows": 40, "request": {"splits": 1}},
            "sft": {"rows": 5, "request": {"rules": 1}},
        },
        "versions": [
            {"number": 1, "told": ["guideline: 1 line added"]},
            {"number": 2, "told": None},
        ],
    }
    assert sentences(difference(new), "v1", "v2") == [
        "no label changed since v1",
        "the project file is version 1: guideline: 1 line added",
        "the project file is version 2: comments or layout changed",
        "q: agreement of people with each other: 0.80 (0.70 to 0.90) before, 0.75 now",
        "q: agreement of people and the model: not defined before, 0.50 (0.40 to 0.60) now",
        "q: promised before: no promise",
        "q: promised now: KEPT",
        "more is a new question",
        "sft: 3 rows before, 5 now",
        "sft is made with other settings",
    ]


def test_without_labels_there_is_still_an_answer() -> None:
    none = manifest(counts={"items": 50, "labels": 0})
    found = difference(none | {"files": {"b": 1}})
    empty = Difference(
        none, none | {"files": {"b": 1}}, found.changed, (), found.added, found.gone,
        found.resting, 0,
    )  # fmt: skip
    assert sentences(empty, "v1") == ["no label and no number is another one than in v1"]

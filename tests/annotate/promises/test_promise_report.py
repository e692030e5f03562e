"""What is told beside the promise: each label's own, accuracy, shares, people's own errors."""

from __future__ import annotations

from dataclasses import replace

import pytest

from annotate.model import Person, Promise, PromiseItem
from annotate.promise.audit import Outcome
from annotate.promise.estimates import (
    expected_error,
    human_error,
    label_promises,
    machine_accuracy,
    shares,
)
from annotate.store import Store
from annotate.workflow.promises.report import report
from annotate.workflow.promises.settling import examine
from annotate.workflow.promises.status import findings
from tests.annotate.support.pledge import TERMS, Pledge, pledge_project
from tests.small import someone

PROMISE = Promise(
    id="p",
    project="mails",
    question="mail",
    number=1,
    tolerance=0.1,
    alpha=0.2,
    size=1200,
    population=1000,
    audited=200,
    seed="s",
    frozen="f",
    basis={},
    created_by="Lea",
    created_at="2026-03-01T09:00:00.000000Z",
)


def frozen() -> list[PromiseItem]:
    """1,000 items: spam and ham in turn, every fifth drawn."""
    return [
        PromiseItem(f"{at:032}", at, at // 5 if at % 5 == 0 else None, name, at / 1000)
        for at, name in enumerate(["spam", "ham"] * 500)
    ]


def audit(wrong: set[int]) -> list[Outcome]:
    other = {"spam": "ham", "ham": "spam"}
    return [
        Outcome(
            item,
            "answered",
            True,
            item.place in wrong,
            other[item.label] if item.place in wrong else item.label,
        )
        for item in frozen()
        if item.drawn is not None
    ]


def named(wrong: set[int]) -> set[str]:
    return {f"{at:032}" for at in wrong}


def test_each_label_has_a_cut_of_its_own() -> None:
    """Spam stands at even places. All its audited items from 500 on are wrong, ham's none."""
    wrong = set(range(500, 1000, 10))
    spam, ham = label_promises(PROMISE, frozen(), audit(wrong), named(wrong), 1000)
    assert (spam.label, spam.items, spam.audited, spam.errors) == ("spam", 500, 100, 50)
    assert (ham.label, ham.items, ham.audited, ham.errors) == ("ham", 500, 100, 0)
    assert spam.certified
    assert ham.certified
    assert ham.more == 0
    # of 500, 100 drawn, 10 %, alpha 10 % for one of two: 7 may be passed; the 8th error is at 570,
    # and from there on stand 215 items of which 43 were audited
    assert spam.more == 172
    # the cut of the whole set may come first
    spam, ham = label_promises(PROMISE, frozen(), audit(wrong), named(wrong), 560)
    assert (spam.more, ham.more) == (0, 0)


def test_a_rare_label_cannot_be_certified() -> None:
    items = [item._replace(label="rare" if item.place == 5 else "spam") for item in frozen()]
    result = label_promises(PROMISE, items, audit(set()), set(), 1000)
    assert [(one.label, one.items, one.certified) for one in result] == [
        ("spam", 999, True),
        ("rare", 1, True),  # its only item was audited
    ]
    items = [item._replace(label="rare" if item.place in (5, 6) else "spam") for item in frozen()]
    result = label_promises(PROMISE, items, audit(set()), set(), 1000)
    assert [(one.label, one.certified) for one in result] == [("spam", True), ("rare", False)]


def test_accuracy_and_expected_error() -> None:
    found = machine_accuracy(PROMISE, 20)
    assert found.estimate == pytest.approx(0.9)
    assert 0.87 < found.low < 0.9 < found.high < 0.93
    # 10 of 20 errors come before the cut; each stands for 4 that nobody saw
    wrong = set(range(0, 100, 10)) | set(range(500, 600, 10))
    share = expected_error(PROMISE, audit(wrong), named(wrong), 300)
    assert share == pytest.approx(10 * 4 / 1200)


def test_class_shares_from_the_audit() -> None:
    wrong = set(range(0, 1000, 20))  # 50 of 100 audited spam are ham
    found = shares(frozen(), audit(wrong), ["spam", "ham"], 0.2)
    assert found["spam"].estimate == pytest.approx(0.25, abs=0.02)
    assert found["spam"].low < 0.25 < found["spam"].high
    assert found["spam"].estimate + found["ham"].estimate == pytest.approx(1)
    unanswered = [replace(one, value=None) for one in audit(wrong)]
    assert shares(frozen(), unanswered, ["spam", "ham"], 0.2) == {}


def test_human_error_is_measured_or_said_not_to_be() -> None:
    assert human_error(0, 0, 0.05) is None
    found = human_error(100, 12, 0.05)
    assert found is not None
    assert (round(found.rate.low, 3), round(found.rate.high, 3)) == (0.064, 0.2)


def told(pledge: Pledge) -> list[str]:
    status = pledge.look()
    standing = examine(pledge.store, pledge.project, pledge.question)
    assert standing is not None
    return report(status, findings(pledge.store, pledge.question, standing))


@pytest.fixture
def people(store: Store) -> tuple[Person, Person]:
    return someone(store, "Ann"), someone(store, "Bob")


def test_every_sentence(store: Store, people: tuple[Person, Person]) -> None:
    ann, bob = people
    pledge = Pledge(store, 100, (), pledge_project(people={"per_item": 2}))
    pledge.start()
    assert told(pledge) == ["0 of 20 audited; nothing can be said of the model's labels yet"]
    pledge.answer(ann)
    pledge.answer(bob)
    assert told(pledge) == [
        "KEPT: at most 10.0 % of 100 delivered labels are wrong (90 % confidence), for 40 human "
        "labels",
        "0 of 20 audited labels were wrong; 0 may be passed",
        "100 of the 100 frozen labels come before the cut; 80 labels are the model's",
        "The model was right on 100.0 % of all 100 frozen labels (88.0 % to 100.0 %, 90 % "
        "confidence, exact)",
        "Likely share of wrong labels: about 0.0 % (a guess from the audit; the promise is what "
        "holds)",
        "With the measured human error: two people differ on 0 of 20 items that both answered "
        "(0.0 % to 14.0 %). If one of them is wrong as often as that, at most 10.0 % + 20.0 % x "
        "14.0 % = 12.8 % of the labels are wrong",
    ]


def test_the_labels_are_told_one_by_one(store: Store, people: tuple[Person, Person]) -> None:
    ann, _ = people
    pledge = Pledge(store, 200, range(100, 200, 2))
    pledge.start(replace(TERMS, audited=120))
    pledge.answer(ann)
    lines = told(pledge)
    at = next(
        n for n, line in enumerate(lines) if line.startswith("Label by label, at most 10.0 %")
    )
    assert lines[at].endswith("with 90 % confidence for all labels together:")
    assert lines[at + 1].startswith("  spam: holds with this cut (0 of ")
    assert any(line.startswith("Classes among the frozen items, about 90 %") for line in lines)
    assert lines[-1] == (
        "People's answers count as right: how often they are wrong is not measured, because nobody "
        "answered an item that another person had answered"
    )


def test_everything_goes_to_people(store: Store, people: tuple[Person, Person]) -> None:
    ann, _ = people
    pledge = Pledge(store, 100, range(100))
    pledge.start()
    pledge.answer(ann)
    lines = report(replace(pledge.look(), cut=0), None)
    assert lines[2] == "The surest label already was one wrong too many: people get everything"

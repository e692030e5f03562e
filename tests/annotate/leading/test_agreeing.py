"""Agreement of people, the model, and its wordings, from what is in the store."""

from __future__ import annotations

import json
from typing import Any

import pytest

from annotate.agreement import Estimate, Measure, Undefined
from annotate.model import Person
from annotate.project import Project
from annotate.store import Store
from annotate.workflow.agreement import groups as agreement_groups
from annotate.workflow.agreement.agreeing import agreement
from annotate.workflow.agreement.report import Agreement, as_json, reasons, rows
from annotate.workflow.agreement.wording import preferred_rows, sampled
from tests.annotate.support.agreeing import LABELS, fill, project_of
from tests.small import machine_says

SINGLE = {"type": "single_label", "labels": LABELS}


def value(measure: Measure) -> float:
    assert isinstance(measure, Estimate), measure
    return measure.value


def found_in(store: Store, project: Project, lead: Person, **options: Any) -> Agreement:
    return agreement(store, project, project.questions[0], actor=lead, **options)


def test_people_and_model_are_split(store: Store, lead: Person) -> None:
    project = project_of(SINGLE)
    fill(
        store,
        project,
        [
            {"model": "spam", "Ann": "spam", "Bob": "spam"},
            {"model": "ham", "Ann": "ham", "Bob": "spam"},
            {"model": "ham", "Ann": "ham", "Bob": "ham"},
            {"model": "spam", "Ann": "ham"},
            {"Ann": "ham"},
        ],
        assisted=[{"Cat": "spam"}, {"Cat": "ham"}, {"Cat": "spam"}],
    )
    found = found_in(store, project, lead)
    people, model = found.people.measures, found.model.measures
    assert list(people) == ["alpha, nominal", "same answer", "Gwet's AC1", "Fleiss' kappa"]
    assert value(people["same answer"]) == pytest.approx(2 / 3)
    # pairs: spam spam, ham spam, ham ham; n_spam = n_ham = 3, Do = 2/6, De = 18/30
    assert value(people["alpha, nominal"]) == pytest.approx(1 - (2 / 6) / (18 / 30))
    assert (found.people.answers, found.people.headline.items) == (8, 3)
    assert value(model["same answer"]) == pytest.approx((1 + 0.5 + 1 + 0) / 4)
    assert (found.model.answers, found.model.headline.items) == (7, 4)
    assert value(found.assisted.measures["same answer"]) == pytest.approx(2 / 3)
    assert found.assisted.answers == 3
    [pair] = found.pairs
    assert (pair.one, pair.other, pair.items, found.pair_measure) == (
        "Ann", "Bob", 3, "Cohen's kappa"
    )  # fmt: skip
    assert value(pair.headline) == pytest.approx((2 / 3 - 4 / 9) / (5 / 9))
    assert set(found.people.parts) == {"spam", "ham"}
    assert found.sentence().startswith(
        "The model agrees with people (alpha .33, 4 items) as much as people agree with each other "
        "(alpha .44, 3 items): the difference is -.11, "
    )
    assert found.notes == ()


def test_what_was_taken_back_does_not_count(store: Store, lead: Person) -> None:
    project = project_of(SINGLE)
    fill(store, project, [{"Ann": "spam", "Bob": "ham"}, {"Ann": "spam", "Bob": "spam"}])
    [wrong] = [a for a in store.annotations.counting("mails", "q") if a.value == "ham"]
    store.annotations.retract(wrong.id, wrong.person_id, now="2026-03-02T09:00:00.000000Z")
    found = found_in(store, project, lead)
    assert value(found.people.measures["same answer"]) == 1
    assert found.people.headline == Undefined(
        "every answer is 'spam': chance agreement is 1, so alpha is not defined", 1
    )


def test_what_cannot_be_said_yet_is_said(store: Store, lead: Person) -> None:
    project = project_of(SINGLE)
    assert found_in(store, project, lead).sentence() == (
        "People cannot be compared with each other: no item has two answers."
    )
    fill(store, project, [{"model": "spam", "Ann": "spam"}, {"model": "ham", "Ann": "ham"}])
    found = found_in(store, project, lead)
    assert found.sentence() == (
        "The model agrees with people (alpha 1.00, 2 items); people cannot be compared with "
        "each other: no item has two answers."
    )
    assert reasons(found) == ["people with each other: no item has two answers"]
    assert rows(found)[0]["alpha, nominal"] == "not defined"
    assert found.pairs == ()


def test_less_and_more(store: Store, lead: Person) -> None:
    project = project_of(SINGLE)
    same = [{"model": v, "Ann": v, "Bob": v} for v in ("spam", "ham") * 20]
    other = [{"model": "ham", "Ann": "spam", "Bob": "spam"}] * 15
    fill(store, project, [*same, *other])
    assert " less than people agree " in found_in(store, project, lead).sentence()


TYPES: list[tuple[dict[str, Any], list[Any], str]] = [
    (SINGLE, ["spam", "ham"], "Krippendorff's alpha (nominal distance)"),
    (
        {"type": "preference", "prompt": "text", "responses": ["x", "y"]},
        ["a", "tie"],
        "Krippendorff's alpha (nominal distance)",
    ),
    (
        {"type": "preference", "prompt": "text", "responses": ["x", "y"], "strength": 2},
        [{"choice": "a", "strength": 2}, {"choice": "tie"}],
        "Krippendorff's alpha (ordinal distance)",
    ),
    ({"type": "rating"}, [1, 4], "Krippendorff's alpha (ordinal distance)"),
    (
        {"type": "rating", "aspects": [{"name": "a", "text": "A"}, {"name": "b", "text": "B"}]},
        [{"a": 1, "b": 5}, {"a": 2, "b": 3}],
        "Krippendorff's alpha (ordinal distance), mean over the aspects",
    ),
    (
        {"type": "multi_label", "labels": LABELS},
        [["spam"], ["spam", "ham"]],
        "Krippendorff's alpha (MASI distance)",
    ),
    (
        {"type": "ranking", "prompt": "text", "responses": ["x", "y", "z"]},
        [["a", "b", "c"], ["c", "b", "a"]],
        "Krippendorff's alpha (Kendall distance)",
    ),
    (
        {"type": "spans", "field": "text", "labels": LABELS},
        [[{"start": 0, "end": 3, "label": "spam"}], []],
        "F1 of spans that are exactly alike",
    ),
    (
        {"type": "text"},
        [{"verdict": "write", "text": "a cat"}, {"verdict": "write", "text": "dogs"}],
        "likeness of the answers",
    ),
]


@pytest.mark.parametrize(("question", "values", "measure"), TYPES)
def test_every_type_has_its_measure(
    store: Store, lead: Person, question: dict[str, Any], values: list[Any], measure: str
) -> None:
    project = project_of(question)
    one, other = values
    agreeing = [{"model": v, "Ann": v, "Bob": v} for v in (one, other)] * 3
    fill(store, project, [*agreeing, {"model": one, "Ann": one, "Bob": other}])
    found = found_in(store, project, lead)
    assert found.measure == measure
    assert 0 < value(found.people.headline) < 1
    assert 0 < value(found.model.headline) < 1
    assert value(found.people.measures["same answer"]) == pytest.approx(6 / 7)
    assert value(found.model.measures["same answer"]) == pytest.approx(6.5 / 7)
    assert found.pairs[0].items == 7
    assert 0 < value(found.pairs[0].headline) < 1
    assert value(found.difference) > 0
    json.dumps(as_json(found), allow_nan=False)


@pytest.mark.parametrize(("question", "values", "measure"), TYPES)
def test_nothing_is_wrong_with_no_answer_or_one(
    store: Store, lead: Person, question: dict[str, Any], values: list[Any], measure: str
) -> None:
    project = project_of(question)
    assert found_in(store, project, lead).people.headline == Undefined("no item has two answers", 0)
    fill(store, project, [{"model": values[0], "Ann": values[0]}])
    found = found_in(store, project, lead)
    assert found.measure == measure
    assert value(found.model.measures["same answer"]) == 1
    json.dumps(as_json(found), allow_nan=False)


def test_spans_by_token(store: Store, lead: Person) -> None:
    """Text of five tokens; Ann marks two of them, Bob one of these."""
    project = project_of({"type": "spans", "field": "text", "labels": LABELS})
    long, short = ([{"start": 0, "end": end, "label": "spam"}] for end in (7, 3))
    fill(store, project, [{"Ann": long, "Bob": short, "model": short}])
    found = found_in(store, project, lead)
    assert value(found.people.measures["F1, exact"]) == 0
    assert value(found.people.measures["F1, overlapping"]) == 1
    # tokens: spam-spam, spam-none, none-none x 3; n_spam = 3, n_none = 7
    assert value(found.people.measures["alpha of tokens"]) == pytest.approx(
        1 - (2 / 10) / (2 * 3 * 7 / 90)
    )
    assert value(found.model.measures["F1, exact"]) == pytest.approx(0.5)
    assert value(found.people.parts["spam"]) == 0
    assert found.people.parts["ham"] == Undefined("nobody has marked 'ham'", 1)


def test_wordings_and_models_among_themselves(store: Store, lead: Person) -> None:
    members = [{"name": "big", "model": "b"}, {"name": "small", "model": "s"}]
    server = {"provider": "openai", "base_url": "http://localhost/v1"}
    project = project_of(SINGLE, llm=server | {"ensemble": members})
    ids = fill(store, project, [{"Ann": "spam"}, {"Ann": "ham"}, {"Ann": "spam"}])
    said = {
        ids[0]: ["spam", "spam", "ham", "spam", "spam"],
        ids[1]: ["ham", "ham", "ham", "ham", "ham"],
        ids[2]: ["spam", "ham", "spam", "ham", "ham"],
    }
    variants = ("big/instruction", "big/question", "big/true_false:ham", "small/instruction",
                "small/question")  # fmt: skip
    machine_says(store, project, said, variants=variants, question="q")
    found = found_in(store, project, lead)
    assert [split.who for split in found.wordings] == ["wordings of big", "wordings of small"]
    big, small = (split.measures["same answer"] for split in found.wordings)
    assert value(big) == pytest.approx(2 / 3)  # claims about one label are no free answers
    assert value(small) == 1
    assert found.models is not None
    assert value(found.models.measures["same answer"]) == 1  # big is tied on the third item
    assert found.models.headline.items == 2
    shares = {s.who: value(s.measures["same answer"]) for s in found.members}
    assert shares == {"people and big": 1, "people and small": pytest.approx(2 / 3)}


def test_responses_win_and_tie(store: Store, lead: Person) -> None:
    project = project_of({"type": "preference", "prompt": "text", "responses": ["x", "y"]})
    said = [{"Ann": v} for v in ["a"] * 6 + ["b"] * 3 + ["tie"] * 3]
    fill(store, project, said)
    [found] = found_in(store, project, lead).preferred
    assert [value(rate) for rate in found.rates] == [7.5 / 12, 4.5 / 12]
    # of two, odds of a win are e to the difference: 6 to 3
    assert preferred_rows(found)[0]["response"] == "x"
    assert not isinstance(found.strengths, Undefined)
    first, second = (value(one) for one in found.strengths.responses)
    assert first - second == pytest.approx(0.6931, abs=1e-4)


def test_very_many_answers_are_sampled_unless_all_are_wanted(
    store: Store, lead: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(agreement_groups, "MOST_ANSWERS", 100)
    project = project_of(SINGLE)
    said = [{"model": "spam", "Ann": v, "Bob": v} for v in ("spam", "ham") * 100]
    fill(store, project, said)
    part, whole = (found_in(store, project, lead, everything=all_) for all_ in (False, True))
    assert part.share == 0.25
    assert 60 < part.people.answers < 140
    assert part.model.answers == part.people.answers
    assert whole.people.answers == 400
    assert sampled(whole) is None
    assert "25.0% of people's answers" in str(sampled(part))
    assert found_in(store, project, lead) == part


def test_a_value_that_is_offered_no_more_does_not_count(store: Store, lead: Person) -> None:
    project = project_of(SINGLE)
    fill(store, project, [{"model": "eggs", "Ann": "spam", "Bob": "eggs"}] * 2)
    found = found_in(store, project, lead)
    assert found.people.headline == Undefined("no item has two answers", 0)
    assert found.model.headline == Undefined("no item has an answer of both", 0)


def test_who_chose_the_items_is_told(store: Store, lead: Person) -> None:
    routed = project_of(SINGLE, routing={"policy": "budget", "budget": 0.3},
                        people={"overlap": {"most": 3}})  # fmt: skip
    one, other = found_in(store, routed, lead).notes
    assert "the ones the model is unsure of first" in one
    assert "`people.overlap`" in other

"""Answers without classes: which is kept, how far others may be expected, what people teach."""

from __future__ import annotations

from itertools import permutations
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotate.clock import iso
from annotate.consensus import agreed, middle
from annotate.hashing import digest
from annotate.model import Item
from annotate.project import Project
from annotate.questions import QUESTION_TYPES
from annotate.store.machine.prelabels import Said
from annotate.workflow.prelabels.pool import Pool
from annotate.workflow.prelabels.votes import collect_values
from annotate.workflow.routes.calibrating import held_out
from annotate.workflow.routes.explaining import explain
from annotate.workflow.routes.features import ItemFeatures
from annotate.workflow.routes.learning import gather
from annotate.workflow.routes.simulating import simulate
from annotate.workflow.routes.spread import spread
from routing.policies.cascade import measured
from tests.annotate.questions.openly import Bench, bench, project_with
from tests.small import START, know, machine_says

ADA = {"start": 0, "end": 3, "label": "person"}
ROME = {"start": 4, "end": 8, "label": "place"}
ORDERS = [list(order) for order in permutations("abc")]
VALUES: dict[str, list[Any]] = {
    "multi_label": [["price"], ["taste"], ["price", "taste"], ["price", "taste", "service"]],
    "rating": [1, 2, 3, 5],
    "ranking": [["a", "b", "c"], ["b", "a", "c"], ["c", "b", "a"]],
    "preference": [
        {"choice": "tie"},
        {"choice": "a", "strength": 3},
        {"choice": "b", "strength": 1},
    ],
    "text": [{"verdict": "write", "text": text} for text in ("one", "ones", "two", "标签")],
    "spans": [[], [ADA], [ROME], [ADA, ROME]],
}


def heard(rows: list[list[Any]]) -> list[Said]:
    """A value is an answer, a text an outcome."""
    return [
        Said(f"item{at}", f"v{call}", 0, *(
            (value, None, None, None) if isinstance(value, str) else ("parsed", value, None, None)
        ))
        for at, row in enumerate(rows)
        for call, value in enumerate(row)
    ]  # fmt: skip


@given(data=st.data(), kind=st.sampled_from(sorted(VALUES)))
def test_what_is_kept_is_nearest_to_all(data: st.DataObject, kind: str) -> None:
    """Against brute force: no answer, and no value of the type that was said, is nearer."""
    project = project_with(kind)
    question = project.questions[0]
    answers = data.draw(
        st.lists(st.lists(st.sampled_from(VALUES[kind]), min_size=1, max_size=5), max_size=4)
    )
    pool = Pool(question)
    found = spread(collect_values(heard(answers), pool, ()), pool, project)
    away = QUESTION_TYPES[question.type].distance
    for row, said in enumerate(answers):
        kept = pool.values[found.kept[row]]
        totals = [sum(away(question, one, other) for other in said) for one in said]
        total = sum(away(question, kept, other) for other in said)
        assert total <= min(totals) + 1e-9
        assert found.made[row] == (kept not in said)
        if len(said) < 2:
            assert np.isnan(found.risk[row])
        else:
            assert found.risk[row] == pytest.approx(total / (len(said) - 1))
        away_from_kept = [away(question, kept, other) > 0 for other in said]
        if found.made[row]:
            assert found.beyond[row] == pytest.approx(np.mean(away_from_kept))
        else:
            assert kept == said[int(np.argmin(np.round(totals, 9)))]


@given(said=st.lists(st.sampled_from(ORDERS), min_size=3, max_size=6))
def test_no_order_is_nearer_than_the_middle_one(said: list[list[str]]) -> None:
    question = project_with("ranking").questions[0]
    away = QUESTION_TYPES["ranking"].distance
    best = min(sum(away(question, order, other) for other in said) for order in ORDERS)
    made = middle(question, said)
    assert sum(away(question, made, other) for other in said) == pytest.approx(best)


def test_labels_that_most_answers_name_may_be_nobody_s_answer() -> None:
    project = project_with("multi_label", labels=[{"name": name} for name in "abcd"])
    rows = [[["a", "b"], ["b", "c"], ["a", "c"]]]
    pool = Pool(project.questions[0])
    found = spread(collect_values(heard(rows), pool, ()), pool, project)
    assert pool.values[found.kept[0]] == ["a", "b", "c"]
    assert found.sentences()[0] == (
        "3 answers, no two alike; kept is {a; b; c}, nearer to all of them; expected distance 0.83"
    )


def test_what_cannot_be_used_is_counted() -> None:
    project = project_with("rating")
    rows = [[4, "invalid", 4, "abstained"], ["refused", "error"], [9, 3], [2, 2, 4, 5, 1, 3, 3]]
    pool = Pool(project.questions[0])
    found = spread(collect_values(heard(rows), pool, ()), pool, project)
    assert found.sentences() == [
        "all 2 usable answers are {4}; 2 unusable (1 invalid, 1 abstained); expected distance 0.00",
        "no usable answer from the model; 2 unusable (1 refused, 1 error)",
        "the only usable answer is {3}; 1 unusable (1 no label of the question), with no other to "
        "hold against it and no confidence stated",
        "7 answers: 2 chose {2}, 2 {3}, 1 {4}, 1 {5}, others; expected distance 0.29",
    ]
    assert found.kept.tolist() == [0, -1, 1, 1]


def test_tolerance_says_what_counts_as_the_same() -> None:
    exact = project_with("rating")
    loose = project_with("rating", routing={"tolerance": {"rating": 0.25}})
    for project, wrong in ((exact, [True, True]), (loose, [False, True])):
        pool = Pool(project.questions[0])
        found = spread(collect_values(heard([[4, 4, 5], [4, 4, 4]]), pool, ()), pool, project)
        said = np.array([pool.number(5), pool.number(2)])
        assert found.wrong(found.kept, said).tolist() == wrong
        assert found.beyond.tolist() == [0.5 if project is exact else 0.0, 0.0]


def test_people_s_answers_come_to_the_nearest_of_the_most_frequent() -> None:
    rating = project_with("rating").questions[0]
    assert agreed(rating, [1, 5, 2, 5, 1, 2, 2]).value == 2
    assert agreed(rating, [1, 2, 4]).value == 2
    assert agreed(rating, [1, 2]).value is None
    assert agreed(rating, [9, 2]).value == 2
    text = project_with("text", draft="model").questions[0]
    same = [{"verdict": "fix", "text": "a"}, {"verdict": "accept", "text": "a"}]
    assert agreed(text, [*same, {"verdict": "reject", "text": ""}]).value == same[0]


# ---- learning


def blind_spot(made: Bench, project: Project, count: int = 300) -> dict[str, list[str]]:
    """Every third review is about a queue: service, and the machine says taste, as sure as ever;
    another third is split although what most answers say is right."""
    words = ["good food menu", "long queue waited line", "cheap bill offer"]
    truth: dict[str, list[str]] = {}
    items, said = [], {}
    for at in range(count):
        about, item_id = at % 3, digest(at)
        fields = {"x": "", "y": "", "z": "", "text": f"{words[about]} {at}"}
        items.append(Item(item_id, "open", at, f"id:{at}", str(at), fields, {}, iso(START)))
        truth[item_id] = [["taste"], ["service"], ["price"]][about]
        usual = [["taste"], ["taste"], ["price"]][about]
        split = about == 2 and at % 2
        said[item_id] = [usual, usual, usual, ["price", "taste"] if split else usual]
    with made.store.transaction():
        know(made.store, project)
        made.store.items.add(items)
    machine_says(made.store, project, said, question="multi_label")  # type: ignore[arg-type]
    return truth


def risks_of_wrong(made: Bench, truth: dict[str, list[str]]) -> tuple[float, float]:
    """Mean score of the items the machine is wrong about, and of the others."""
    decided = made.decisions("multi_label")
    wrong = [d.score for i, d in decided.items() if d.model_value != truth[i]]
    right = [d.score for i, d in decided.items() if d.model_value == truth[i]]
    return float(np.mean(wrong)), float(np.mean(right))


def test_a_blind_spot_is_learned(tmp_path: Path) -> None:
    made = bench(tmp_path)
    routing = {"signal": "learned", "budget": 0.4, "audit": 0.1}
    project = project_with("multi_label", routing=routing)
    truth = blind_spot(made, project)
    made.route(project, "multi_label")
    wrong, right = risks_of_wrong(made, truth)
    assert wrong < right  # it looks surer than the items that are split
    for _ in range(4):
        made.answer(project, {"multi_label": lambda item: truth[item.id]}, 20)
        made.route(project, "multi_label")
    wrong, right = risks_of_wrong(made, truth)
    assert wrong > 2 * right
    left = [d for d in made.decisions("multi_label").values() if d.destination == "auto"]
    missed = sum(d.label != truth[d.item_id] for d in left)
    assert missed < 0.15 * len(left)  # by the votes alone, half of these were wrong

    question = project.questions[0]
    report = held_out(made.store, project, question, actor=made.lead)
    assert report is not None
    assert report.items == 80
    assert report.brier < 0.15
    some = next(i for i, d in made.decisions("multi_label").items() if d.destination == "auto")
    told = explain(made.store, project, question, some, actor=made.lead)
    assert "what people said of similar items" in told.terms
    assert set(told.probabilities) == {"right", "wrong"}
    assert "likely wrong by " in told.decision.reason


def test_strategies_are_replayed(tmp_path: Path) -> None:
    made = bench(tmp_path)
    project = project_with("multi_label", routing={"signal": "learned", "budget": 0.4})
    truth = blind_spot(made, project, 120)
    gold = [(item_id, "multi_label", value) for item_id, value in truth.items()]
    made.store.items.add_gold(gold)
    found = simulate(made.store, project, project.questions[0], actor=made.lead, seeds=3)
    assert found.items == found.gold == 120
    assert set(found.courses) == {"random", "distance", "learned", "yours"}
    area = {name: float(course.area.mean()) for name, course in found.courses.items()}
    assert area["learned"] < area["distance"]


def test_before_anybody_has_answered_the_order_is_that_of_the_distances(tmp_path: Path) -> None:
    made = bench(tmp_path)
    project = project_with("multi_label", routing={"signal": "learned"})
    blind_spot(made, project, 60)
    seen = gather(made.store, project, project.questions[0], ItemFeatures())
    belief = seen.believe(project.routing)
    assert seen.spread is not None
    split = seen.spread.risk > 0
    assert belief.scores[split].min() > belief.scores[~split].max()
    assert ((belief.scores > 0) & (belief.scores < 1)).all()


def test_a_stronger_model_s_record_counts_what_is_tolerated(tmp_path: Path) -> None:
    made = bench(tmp_path)
    routing = {"signal": "learned", "budget": 1.0, "tolerance": {"rating": 0.25}}
    project = project_with("rating", routing=routing)
    # small, large, people: both right, large repairs, large spoils, both wrong alike, apart
    cases = [(4, 5, 5), (1, 4, 5), (4, 1, 5), (1, 2, 5), (1, 3, 5)]
    ids = made.add(project, [f"text {at}" for at in range(len(cases))])
    said = {i: case[:2] for i, case in zip(ids, cases, strict=True)}
    machine_says(made.store, project, said, question="rating", variants=["small/q", "large/q"])  # type: ignore[arg-type]
    made.route(project, "rating")
    people = dict(zip(ids, (case[2] for case in cases), strict=True))
    made.answer(project, {"rating": lambda item: people[item.id]}, len(cases))
    seen = gather(made.store, project, project.questions[0], ItemFeatures())
    small, large, human = seen.coded(seen.labels_of("small"), seen.labels_of("large"))
    assert small.tolist() == [0, 1, 0, 1, 1]
    assert large.tolist() == [0, 0, 2, 1, 2]
    assert human.tolist() == [0] * 5
    assert measured(small, large, human).catches == pytest.approx(3 / 5)

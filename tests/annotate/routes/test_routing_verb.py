"""Items to the model, to people or to the audit: once, then never again under people's hands."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest

from annotate.errors import AnnotateError, NotAllowed, NothingToDo
from annotate.model import Person
from annotate.project import Project
from annotate.store import Store
from annotate.workflow.routes.routing import RouteReport
from routing.draws import pairs
from tests.annotate.routes.office import (
    FAILED,
    LEANING,
    SPLIT,
    UNANIMOUS,
    Office,
    mixed,
    say,
    settings,
)
from tests.small import (
    QUESTION,
    Said,
    add_items,
    someone,
)


@pytest.fixture
def office(store: Store, lead: Person, new_id: Callable[[], str]) -> Office:
    return Office(store, lead, new_id)


# ---- once


def test_the_most_unsure_go_to_people(office: Office) -> None:
    ids = say(office, [UNANIMOUS, SPLIT, LEANING, UNANIMOUS])
    report = office.route(settings(budget=0.5))
    assert report == RouteReport(
        items=4,
        destinations={"annotate": 2, "auto": 2},
        changed=4,
        waiting_prelabel=0,
        unusable=0,
    )
    decided = office.decisions()
    assert [decided[i].destination for i in ids] == ["auto", "annotate", "annotate", "auto"]
    assert [decided[i].model_value for i in ids] == ["spam", "spam", "ham", "spam"]
    assert [decided[i].score for i in ids] == pytest.approx([0, 0.970951, 0.721928, 0], abs=1e-6)
    assert [decided[i].propensity for i in ids] == [0.0, 1.0, 1.0, 0.0]
    assert set(office.slots()) == {(ids[1], 0), (ids[2], 0)}


@pytest.mark.parametrize(
    "changes",
    [
        {"policy": "budget", "budget": 0.3, "audit": 0.2},
        {"policy": "threshold", "budget": None, "threshold": 0.8, "audit": 0.3},
        {"policy": "random", "budget": 0.4, "audit": 0.1},
        {"policy": "budget", "budget": 0.3, "signal": "confidence"},
    ],
)
def test_again_with_nothing_new(office: Office, changes: dict[str, Any]) -> None:
    say(office, [[(v, 0.5 + at / 100) for v in SPLIT] for at in range(30)])  # type: ignore[misc]
    project = settings(**changes)
    first = office.route(project)
    assert first.changed == 30
    decided, slots = office.decisions(), office.slots()
    again = office.route(project)
    assert (again.changed, again.destinations) == (0, first.destinations)
    assert (office.decisions(), office.slots(), office.history()) == (decided, slots, 30)


def test_nothing_is_routed_before_the_machine_has_said_anything(office: Office) -> None:
    with pytest.raises(AnnotateError, match="has no items yet: `coannotate import FILE`"):
        office.route(settings())
    add_items(office.store, settings(), 3)
    with pytest.raises(NothingToDo, match="nothing of 'mails' is pre-labelled yet"):
        office.route(settings())


def test_annotators_may_not_route(office: Office) -> None:
    say(office, [SPLIT])
    office.lead = someone(office.store, "Ann")
    with pytest.raises(NotAllowed, match="Ann is annotator and may not route"):
        office.route(settings())
    assert office.history() == 0


# ---- policies and signals


def expected_from(project: Project, ids: Sequence[str], scores: Sequence[float]) -> Any:
    """What the policy itself says of these scores."""
    keys = np.array([int(item_id[:16], 16) for item_id in ids], dtype=np.uint64)
    nobody = np.zeros(len(ids), dtype=bool)
    return project.routing.build().route(np.array(scores), pairs(keys, seed=0), nobody)


@pytest.mark.parametrize(
    "changes",
    [
        {"policy": "budget", "budget": 0.35, "audit": 0.25},
        {"policy": "threshold", "budget": None, "threshold": 0.8, "audit": 0.25},
        {"policy": "random", "budget": 0.35, "audit": 0.25},
    ],
)
def test_what_is_stored_is_what_the_policy_says(office: Office, changes: dict[str, Any]) -> None:
    ids = mixed(office)
    project = settings(**changes)
    office.route(project)
    decided = [office.decisions()[i] for i in ids]
    scores = [np.nan if d.score is None else d.score for d in decided]
    verdicts = expected_from(project, ids, scores)
    assert [d.destination == "auto" for d in decided] == verdicts.accept.tolist()
    assert [d.destination == "audit" for d in decided] == verdicts.audit.tolist()
    assert [d.propensity for d in decided] == pytest.approx(verdicts.propensity.tolist(), abs=1e-9)
    assert {d.policy for d in decided} == {changes["policy"]}
    assert verdicts.audit.any()


def test_another_seed_draws_others(office: Office) -> None:
    say(office, [UNANIMOUS] * 40)
    chosen = []
    for seed in (0, 1):
        office.route(settings(budget=0.5, seed=seed))
        chosen.append({i for i, d in office.decisions().items() if d.destination == "annotate"})
    assert [len(ids) for ids in chosen] == [20, 20]
    assert chosen[0] != chosen[1]


def test_the_stated_confidence_as_signal(office: Office) -> None:
    ids = say(
        office,
        [
            [("spam", 0.9), ("spam", 0.8)],
            [("spam", 0.5), "spam", ("invalid", 0.1)],
            ["spam", "spam"],
            [("spam", 1.0), ("ham", 1.0)],
        ],
    )
    office.route(settings(signal="confidence", budget=0.5))
    decided = [office.decisions()[i] for i in ids]
    assert [d.score for d in decided] == [pytest.approx(0.15), 0.5, None, 0.0]
    assert [d.destination for d in decided] == ["auto", "annotate", "annotate", "auto"]
    assert decided[2].reason == "all 2 answers say spam; no confidence stated"


@pytest.mark.parametrize("budget", [0.0, 0.3, 0.5, 1.0])
def test_the_budget_counts_what_failed(office: Office, budget: float) -> None:
    """4 of 40 items failed: they go to people whatever the budget, and use it up."""
    ids = mixed(office)
    report = office.route(settings(budget=budget))
    assert report.destinations.get("annotate", 0) == max(4, round(budget * 40))
    assert report.unusable == 4
    decided = office.decisions()
    failed = [decided[i] for i in ids[9::10]]
    assert [(d.destination, d.propensity, d.score, d.model_value) for d in failed] == [
        ("annotate", 1.0, None, None)
    ] * 4


@pytest.mark.parametrize(
    "changes",
    [
        {"policy": "threshold", "budget": None, "threshold": 1.0},
        {"policy": "random", "budget": 0.0},
        {"policy": "budget", "budget": 0.0, "signal": "confidence"},
    ],
)
def test_failed_items_always_go_to_people(office: Office, changes: dict[str, Any]) -> None:
    [item_id] = say(office, [FAILED])
    office.route(settings(**changes))
    decided = office.decisions()[item_id]
    assert decided.destination == "annotate"
    assert decided.reason == "no usable answer from the model (3 error, 1 refused, 1 invalid)"
    assert office.slots()[item_id, 0] == ("open", 1.0)


# ---- reasons


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        (["spam"] * 5, "all 5 answers say spam"),
        (["ham"], "the only answer says ham"),
        (["ham", "spam", "ham", "ham", "spam"], "answers split 3 : 2 between ham, spam"),
        (["spam", "ham"], "answers split 1 : 1 between spam, ham"),
        (
            ["spam", "invalid", "spam", "abstained", "spam"],
            "all 3 usable answers say spam; 2 unusable (1 invalid, 1 abstained)",
        ),
        (
            ["spam", "truncated", "ham", "truncated", "ham"],
            "usable answers split 2 : 1 between ham, spam; 2 unusable (2 truncated)",
        ),
        (
            ["refused", "ham", "refused", "refused", "refused"],
            "the only usable answer says ham; 4 unusable (4 refused); too few to go by",
        ),
        (["refused", "refused"], "no usable answer from the model (2 refused)"),
        (
            ["eggs", "ham"],
            "the only usable answer says ham; 1 unusable (1 no label of the question)",
        ),
    ],
)
def test_reasons(office: Office, said: list[Said], reason: str) -> None:
    """Beside an item with nine calls, so that none is counted that was never made."""
    ids = say(office, [said, ["spam"] * 9])
    office.route(settings(budget=1.0))
    assert office.decisions()[ids[0]].reason == reason


def test_the_reason_tells_what_chance_did(office: Office) -> None:
    ids = say(office, [UNANIMOUS] * 30)
    office.route(settings(budget=0.5, audit=0.5))
    reasons = {d.destination: d.reason for d in office.decisions().values()}
    assert reasons == {
        "auto": "all 5 answers say spam",
        "annotate": "all 5 answers say spam; drawn at random among equals",
        "audit": "all 5 answers say spam; drawn at random for the audit",
    }
    assert len(ids) == 30


def test_a_call_that_was_made_again_counts_once(office: Office) -> None:
    [item_id] = say(office, [["spam", "error", "spam"]])
    [_, failed, _] = office.store.prelabels.current("mails", QUESTION)
    sql = """
        insert into prelabels (id, project, item_id, question, round_id, variant, sample, model,
          prompt_version, prompt_hash, outcome, value, created_at)
        select 'again', project, item_id, question, round_id, variant, sample, model,
          prompt_version, prompt_hash, 'parsed', '"spam"', created_at
        from prelabels where id = :id"""
    office.store._engine.execute(sql, {"id": failed.id})
    office.route(settings(budget=1.0))
    assert office.decisions()[item_id].reason == "all 3 answers say spam"

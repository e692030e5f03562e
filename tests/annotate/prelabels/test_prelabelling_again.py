"""Calls that another round has made are taken over; calls that fail for good are let be."""

from __future__ import annotations

from collections import Counter

import pytest

from annotate.errors import ProviderError
from annotate.model import Prelabel
from annotate.store import Store
from tests.annotate.prelabels.rehearsing import Rehearsed, Said, Stage
from tests.llm_server import FAULTS, LLMServer
from tests.llm_server.fixtures import World
from tests.llm_server.forked import project
from tests.small import QUESTION, add_items


@pytest.fixture
def stage(store: Store) -> Stage:
    return Stage(store)


def in_force(stage: Stage) -> dict[tuple[str, str], Prelabel]:
    """(item, variant) -> the answer that counts."""
    found = stage.store.prelabels.current(stage.project.project, QUESTION)
    return {(one.item_id, one.variant): one for one in found}


REFUSED = ProviderError("the server refused the call (400: too long)")


def refuses(*texts: str) -> Rehearsed:
    """Refuses variant b of these items."""

    def says(text: str, variant: str) -> Said:
        return REFUSED if text in texts and variant == "b" else "ham"

    return Rehearsed(says, variants=("a", "b"))


# ---- taken over


def test_a_new_round_asks_only_what_no_round_has_asked(stage: Stage) -> None:
    ids = add_items(stage.store, stage.project, 3)
    first = Rehearsed(variants=("a",), cost_usd=0.5)
    report = stage.run(first)
    assert (report.calls, report.reused, report.cost_usd) == (3, 0, 1.5)
    paid = in_force(stage)
    second = Rehearsed(variants=("a", "b"), cost_usd=0.25)
    report = stage.run(second)
    assert set(second.asked) == {(f"mail {n}", "b") for n in range(3)}
    assert (report.items, report.calls, report.reused) == (3, 3, 3)
    assert (report.outcomes, report.cost_usd) == ({"parsed": 3}, 0.75)
    found = in_force(stage)
    assert {one.round_id for one in found.values()} == {"round2"}
    for id_ in ids:
        original, taken = paid[id_, "a"], found[id_, "a"]
        assert (taken.value, taken.raw, taken.outcome) == ("ham", "ham", "parsed")
        assert (taken.call, taken.reused_from) == (original.call, original.id)
        assert (taken.cost_usd, taken.tokens_in, taken.tokens_out) == (None, None, None)
        assert found[id_, "b"].reused_from is None
    progress = stage.store.progress
    assert progress.outcomes("mails", QUESTION) == {"parsed": 6}  # calls that were made
    assert progress.tokens("mails", QUESTION) == {"tokens_in": 240, "tokens_out": 12}


def test_what_is_taken_over_again_names_the_call_that_was_paid(stage: Stage) -> None:
    [item_id] = add_items(stage.store, stage.project, 1)
    stage.run(Rehearsed(variants=("a",)))
    original = in_force(stage)[item_id, "a"].id
    for variants in (("a", "b"), ("a", "b", "c")):
        stage.run(Rehearsed(variants=variants))
        assert in_force(stage)[item_id, "a"].reused_from == original
    assert in_force(stage)[item_id, "c"].reused_from is None


def test_another_model_and_another_text_are_other_calls(stage: Stage) -> None:
    add_items(stage.store, stage.project, 2)
    stage.run(Rehearsed())
    other = Rehearsed(model="another")
    assert (stage.run(other).reused, other.asked.total()) == (0, 2)
    back = Rehearsed(settings="changed back")  # another round of the first model
    report = stage.run(back)
    assert (report.calls, report.reused, back.asked.total()) == (0, 2, 0)


def test_errors_are_not_taken_over(stage: Stage) -> None:
    add_items(stage.store, stage.project, 2)
    assert stage.run(refuses("mail 1")).outcomes == {"parsed": 3, "error": 1}
    report = stage.run(Rehearsed(variants=("a", "b", "c")))
    assert (report.calls, report.reused) == (3, 3)


def test_a_run_that_is_gone_on_with_takes_over_too(stage: Stage) -> None:
    add_items(stage.store, stage.project, 40)
    stage.run(Rehearsed(variants=("a",)))
    stop_early = Rehearsed(variants=("a", "b"))
    stopped = stage.run(stop_early, on_progress=lambda done, total, cost: done < 5)
    assert stopped.items < 40
    report = stage.run(Rehearsed(variants=("a", "b")))
    assert report.resumed
    assert (stopped.calls + report.calls, stopped.reused + report.reused) == (40, 40)


# ---- given up


def test_a_call_that_fails_in_three_runs_is_let_be(stage: Stage) -> None:
    add_items(stage.store, stage.project, 3)
    for run, again in enumerate((1, 1, 0), start=1):
        rehearsed = refuses("mail 1")
        report = stage.run(rehearsed)
        assert report.outcomes["error"] == rehearsed.asked["mail 1", "b"] == 1
        assert (report.to_ask_again, report.given_up) == (again, 1 - again)
        assert rehearsed.asked.total() == (6 if run == 1 else 1)
    fourth = refuses("mail 1")
    report = stage.run(fourth)
    assert (report.calls, report.given_up, fourth.asked.total()) == (0, 1, 0)
    add_items(stage.store, stage.project, 1)
    assert set(asked_by(stage, fourth)) == {("mail 3", "a"), ("mail 3", "b")}


def asked_by(stage: Stage, rehearsed: Rehearsed, *, refresh: bool = False) -> Counter[object]:
    """What one more run asks."""
    rehearsed.asked.clear()
    stage.run(rehearsed, refresh=refresh)
    return Counter(rehearsed.asked)


def test_a_refresh_asks_anew_what_was_given_up_and_nothing_else(stage: Stage) -> None:
    ids = add_items(stage.store, stage.project, 3)
    for _ in range(3):
        stage.run(refuses("mail 1"))
    assert in_force(stage)[ids[1], "b"].outcome == "error"
    well = Rehearsed(variants=("a", "b"))
    report = stage.run(well, refresh=True)
    assert well.asked == {("mail 1", "b"): 1}
    assert (report.items, report.calls, report.reused, report.given_up) == (1, 1, 1, 0)
    assert in_force(stage)[ids[1], "b"].value == "ham"
    assert asked_by(stage, well) == asked_by(stage, well, refresh=True) == {}


def test_a_refreshed_call_has_three_more_runs(stage: Stage) -> None:
    add_items(stage.store, stage.project, 2)
    for _ in range(3):
        stage.run(refuses("mail 1"))
    rehearsed = refuses("mail 1")
    asked = [asked_by(stage, rehearsed, refresh=run == 0).total() for run in range(5)]
    assert asked == [1, 1, 1, 0, 0]


def test_two_failures_and_then_an_answer_give_nothing_up(stage: Stage) -> None:
    add_items(stage.store, stage.project, 2)
    for _ in range(2):
        stage.run(refuses("mail 0", "mail 1"))
    report = stage.run(refuses("mail 1"))
    assert (report.outcomes, report.given_up) == ({"parsed": 1, "error": 1}, 1)


# ---- with a chat model


def test_one_more_variant_costs_only_its_own_calls(world: World, server: LLMServer) -> None:
    add_items(world.store, project(server.base_url), 4)
    world.prelabel(project(server.base_url, variants=["question"]))
    assert len(server.calls) == 4
    report = world.prelabel(project(server.base_url, variants=["question", "instruction"]))
    assert (report.calls, report.reused, len(server.calls)) == (4, 4, 8)
    report = world.prelabel(project(server.base_url, variants=["instruction"], samples=2))
    assert (report.calls, report.reused, len(server.calls)) == (4, 4, 12)
    assert set(server.served.values()) == {1, 2}  # two samples of one prompt


def test_a_challenge_does_not_wait_for_what_was_given_up(world: World, server: LLMServer) -> None:
    mails = project(server.base_url, variants=["instruction", "challenge"])
    add_items(world.store, mails, 2)
    server.answer = lambda call: FAULTS["400"] if "mail 1" in call.prompt else "spam"
    server.script.append("spam")  # a server that never answered is taken for a wrong address
    for _ in range(3):
        world.prelabel(mails)
    server.calls.clear()
    report = world.prelabel(mails)
    assert (report.calls, report.given_up, server.calls) == (0, 2, [])

"""Rounds of pre-labelling, and the human-labelled examples in their prompts."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

import pytest

from annotate.errors import ProviderError
from annotate.project import Project
from annotate.workflow.prelabels.examples import pick_examples
from tests.annotate.support.shown import audit
from tests.labelling import assign, submit, undo
from tests.llm_server import FAULTS, LLMServer
from tests.llm_server.fixtures import World
from tests.llm_server.forked import project
from tests.small import MINUTE, QUESTION, add_items, add_slots, small_project, someone


def test_examples_are_frozen_when_a_round_begins(world: World, server: LLMServer) -> None:
    mails = project(server.base_url, variants=["question"], few_shot=2, concurrency=1)
    ids = add_items(world.store, mails, 8)
    world.people_say(mails, {ids[0]: "spam", ids[1]: "ham"})
    server.script.extend(["spam"] * 3)
    server.answer = lambda call: FAULTS["quota"]
    with pytest.raises(ProviderError):
        world.prelabel(mails)
    shown = {"<<<mail 0>>> -> spam", "<<<mail 1>>> -> ham"}
    for call in server.calls[2:]:
        assert all(line in call.prompt for line in shown)
    world.people_say(mails, {ids[6]: "ham", ids[7]: "spam"}, name="Ben")
    server.calls.clear()
    server.answer = lambda call: "spam"
    report = world.prelabel(mails)
    assert (report.resumed, report.examples, report.calls) == (True, 2, 5)
    for call in server.calls:
        assert all(line in call.prompt for line in shown)
        assert "-> ham" not in call.prompt.replace("<<<mail 1>>> -> ham", "")


def test_an_item_is_no_example_of_itself(world: World, server: LLMServer) -> None:
    mails = project(server.base_url, variants=["question"], few_shot=4)
    ids = add_items(world.store, mails, 3)
    world.people_say(mails, {ids[0]: "spam", ids[1]: "ham"})
    world.prelabel(mails)
    for call in server.calls:
        assert call.prompt.count("mail 0") == call.prompt.count("mail 1") == 1


def test_refresh_asks_about_what_people_have_not_labelled(world: World, server: LLMServer) -> None:
    mails = project(server.base_url, variants=["question"], few_shot=6)
    ids = add_items(world.store, mails, 6)
    world.prelabel(mails)
    assert world.prelabel(mails, refresh=True).calls == 0  # no new labels: nothing would differ
    world.people_say(mails, {ids[0]: "spam", ids[4]: "ham"})
    assert world.prelabel(mails).calls == 0  # calls cost money: only when asked for
    server.calls.clear()
    report = world.prelabel(mails, refresh=True)
    assert (report.calls, report.examples) == (4, 2)
    asked = sorted(call.prompt.rpartition("<<<")[2][:6] for call in server.calls)
    assert asked == ["mail 1", "mail 2", "mail 3", "mail 5"]
    in_force = world.store.prelabels.current(mails.project, QUESTION)
    assert sorted(Counter(p.round_id for p in in_force).values()) == [2, 4]


def test_a_call_that_always_fails_does_not_hold_up_a_refresh(
    world: World, server: LLMServer
) -> None:
    mails = project(server.base_url, variants=["question"], few_shot=6, concurrency=1)
    ids = add_items(world.store, mails, 6)
    server.answer = lambda call: FAULTS["400"] if "mail 5" in call.prompt else "spam"
    assert world.prelabel(mails).outcomes == {"parsed": 5, "error": 1}
    world.people_say(mails, {ids[0]: "spam", ids[4]: "ham"})
    plain = world.prelabel(mails)
    assert (plain.resumed, plain.calls, plain.examples) == (True, 1, 0)
    fresh = world.prelabel(mails, refresh=True)
    assert (fresh.resumed, fresh.calls, fresh.examples) == (False, 4, 2)


def test_a_stopped_round_goes_on_before_a_refresh(world: World, server: LLMServer) -> None:
    mails = project(server.base_url, variants=["question"], concurrency=1)
    ids = add_items(world.store, mails, 6)
    server.script.extend(["spam"] * 3)
    server.answer = lambda call: FAULTS["quota"]
    with pytest.raises(ProviderError):
        world.prelabel(mails)
    world.people_say(mails, {ids[0]: "spam"})
    server.answer = lambda call: "spam"
    report = world.prelabel(mails, refresh=True)
    assert (report.resumed, report.calls, report.examples) == (True, 3, 0)


def test_examples_are_even_over_labels_and_the_same_every_time(world: World) -> None:
    mails = small_project()
    ids = add_items(world.store, mails, 12)
    world.people_say(mails, {ids[at]: "ham" if at < 9 else "spam" for at in range(12)})
    question = mails.questions[0]
    four = pick_examples(world.store, mails.project, question, limit=4)
    assert [value for _, value in four] == ["spam", "ham", "spam", "ham"]
    everything = pick_examples(world.store, mails.project, question, limit=None)
    assert Counter(value for _, value in everything) == {"ham": 9, "spam": 3}
    assert everything[:4] == four
    assert pick_examples(world.store, mails.project, question, limit=0) == ()


def test_audited_undone_and_disputed_items_are_no_examples(world: World) -> None:
    mails = small_project(people={"per_item": 2})
    ids = add_items(world.store, mails, 5)
    audit(world.store, mails, ids[0])
    world.people_say(mails, {ids[0]: "spam", ids[1]: "spam", ids[2]: "spam"})
    world.people_say(mails, {ids[3]: "ham", ids[4]: "ham"}, name="Ben")
    undone = undo(world.store, mails, actor=someone(world.store, "Ben"), now=world.now + MINUTE)
    assert undone is not None
    assert undone.item.id == ids[4]
    world.store.leases.give_back([undone.assignment.id])
    disagree(world, mails, ids[2])
    chosen = pick_examples(world.store, mails.project, mails.questions[0], limit=None)
    assert dict(chosen) == {ids[1]: "spam", ids[3]: "ham"}


def disagree(world: World, mails: Project, item_id: str) -> None:
    """Somebody else says ham, so that people are tied."""
    cat = someone(world.store, "Cat")
    add_slots(world.store, mails, [item_id], per_item=2)
    now = world.now + timedelta(hours=1)
    while (task := assign(world.store, mails, actor=cat, now=now)) is not None:
        submit(world.store, mails, task, "ham", actor=cat, now=now)
        if task.item.id == item_id:
            return
    raise AssertionError("the item was not handed out")

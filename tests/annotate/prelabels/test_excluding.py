"""Variants that are excluded: asked no more, counted no more, and nothing else changes."""

from __future__ import annotations

import math
from collections import Counter
from itertools import count

import pytest

from annotate.errors import ProviderError
from annotate.exporters import ExportRow
from annotate.llm.local.prelabeller import LocalPrelabeller
from annotate.llm.local.tfidf import CharNgrams
from annotate.people import operator
from annotate.project import Project
from annotate.project.settings import RoutingSettings
from annotate.workflow.exports.facts import Wanted, facts_of
from annotate.workflow.prelabels.planning import show_prompts
from annotate.workflow.prelabels.prelabelling import next_round
from annotate.workflow.prelabels.votes import collect_votes, score, sentences
from annotate.workflow.routes.routing import RouteReport, route
from tests.llm_server import FAULTS, Call, LLMServer
from tests.llm_server.fixtures import World, over_http
from tests.llm_server.forked import project
from tests.small import QUESTION, START, add_items, small_project

LEAD = operator(START)
IDS = count()
WAYS = ["instruction", "question", "confirmation"]


def routed(world: World, mails: Project) -> RouteReport:
    ask, now = mails.questions[0], world.now
    by_votes = mails.model_copy(update={"routing": RoutingSettings(signal="entropy")})
    return route(world.store, by_votes, ask, actor=LEAD, now=now, new_id=lambda: f"r{next(IDS)}")


def asked(world: World, mails: Project) -> Counter[str]:
    """Calls ever stored, by variant."""
    return Counter(one.variant for one in world.stored(mails))


def agreeable(call: Call) -> str:
    """Says ham, and yes to everything."""
    return "yes" if "agree" in call.prompt.lower() else "ham"


def test_what_is_excluded_is_not_asked(world: World, server: LLMServer) -> None:
    server.answer = agreeable
    mails = project(server.base_url, variants=WAYS, exclude=["confirmation", "question"])
    add_items(world.store, mails, 3)
    report = world.prelabel(mails)
    assert (report.items, report.calls) == (3, 3)
    assert asked(world, mails) == {"instruction": 3}
    question, asker = mails.questions[0], over_http(mails)
    shown = show_prompts(world.store, mails, question, asker, None, actor=LEAD)
    assert [one.variant for one in shown] == ["instruction"]


def test_one_class_of_a_way_can_be_excluded(world: World, server: LLMServer) -> None:
    server.answer = agreeable
    mails = project(server.base_url, variants=WAYS, exclude=["confirmation:ham"], samples=2)
    add_items(world.store, mails, 1)
    world.prelabel(mails)
    assert asked(world, mails) == {"instruction": 2, "question": 2, "confirmation:spam": 2}


def test_excluding_asks_nothing_again(world: World, server: LLMServer) -> None:
    server.answer = agreeable
    mails = project(server.base_url, variants=WAYS)
    add_items(world.store, mails, 3)
    world.prelabel(mails)
    assert len(server.calls) == 12
    fewer = project(server.base_url, variants=WAYS, exclude=["confirmation"])
    assert over_http(fewer).fingerprint() == over_http(mails).fingerprint()
    round_ = next_round(world.store, fewer, fewer.questions[0], over_http(fewer))
    assert world.store.prelabels.count_missing(round_) == 0
    assert world.prelabel(fewer).calls == 0
    add_items(world.store, mails, 1)
    assert world.prelabel(fewer).calls == 2
    assert world.prelabel(mails).calls == 0  # taken back: what was asked in between stays as it is


def test_a_stopped_round_goes_on_without_it(world: World, server: LLMServer) -> None:
    mails = project(server.base_url, variants=WAYS, concurrency=1)
    add_items(world.store, mails, 2)
    server.script.extend(["spam", "spam"])
    server.answer = lambda call: FAULTS["quota"]
    with pytest.raises(ProviderError):
        world.prelabel(mails)
    server.answer = agreeable
    fewer = project(server.base_url, variants=WAYS, exclude=["confirmation"])
    report = world.prelabel(fewer)
    assert (report.resumed, report.calls) == (True, 2)
    assert asked(world, mails) == {"instruction": 2, "question": 2}


def test_a_failed_call_that_is_now_excluded_is_not_repeated(
    world: World, server: LLMServer
) -> None:
    mails = project(server.base_url, variants=WAYS)
    add_items(world.store, mails, 2)
    server.answer = lambda call: FAULTS["400"] if "agree" in call.prompt.lower() else "ham"
    assert world.prelabel(mails).outcomes["error"] == 4
    server.calls.clear()
    fewer = project(server.base_url, variants=WAYS, exclude=["confirmation"])
    assert world.prelabel(fewer).calls == 0
    assert server.calls == []
    assert world.prelabel(fewer).items == 0  # and the items are over


def test_a_challenge_does_not_lead_against_an_excluded_answer(
    world: World, server: LLMServer
) -> None:
    """Not even when the answer was stored before it was excluded."""
    variants = ["instruction", "paraphrase", "question", "challenge"]
    mails = project(server.base_url, variants=variants, concurrency=1)
    add_items(world.store, mails, 1)
    server.script.extend(["spam", "spam", "ham"])
    server.answer = lambda call: FAULTS["quota"]
    with pytest.raises(ProviderError):
        world.prelabel(mails)
    server.answer = lambda call: "no"
    world.prelabel(
        project(server.base_url, variants=variants, exclude=["instruction", "paraphrase"])
    )
    assert 'is not "ham". Do you agree?' in server.calls[-1].prompt


def test_routing_hears_only_what_is_left(world: World, server: LLMServer) -> None:
    server.answer = lambda call: "spam" if "Possible answers" in call.prompt else "ham"
    mails = project(server.base_url, variants=["instruction", "question", "paraphrase"])
    add_items(world.store, mails, 2)
    world.prelabel(mails)
    assert routed(world, mails).destinations
    [first, _] = world.store.decisions.current(mails.project, QUESTION)
    assert first.score is not None
    assert 0.9 < first.score < 1
    fewer = project(
        server.base_url, variants=["instruction", "question", "paraphrase"], exclude=["question"]
    )
    assert routed(world, fewer).changed == 2
    [first, _] = world.store.decisions.current(mails.project, QUESTION)
    assert (first.score, first.model_value) == (0, "ham")
    assert first.reason.startswith("all 2 answers say ham")
    wanted = Wanted(calls=True)
    facts = facts_of(world.store, fewer, fewer.questions, wanted, actor=operator(START))
    [row, _] = [row for (row,) in facts]
    assert isinstance(row, ExportRow)
    assert row.machine.votes == {"ham": 2}
    assert len(row.machine.calls) == 3  # what was said stays on record


def test_items_that_only_excluded_variants_answered_go_to_people(
    world: World, server: LLMServer
) -> None:
    server.answer = agreeable
    before = project(server.base_url, variants=["question"])
    add_items(world.store, before, 1)
    world.prelabel(before)
    said = list(world.store.prelabels.said(before.project, QUESTION))
    machine = collect_votes(said, ["spam", "ham"], ["question"])
    assert (len(machine.item_ids), machine.votes.shape[1]) == (1, 0)
    for signal in ("entropy", "confidence"):
        scores = score(signal, machine, 2)
        assert math.isnan(scores[0])
        assert sentences(machine, ["spam", "ham"], scores) == [
            "no usable answer from the model (`llm.exclude` names every variant that answered)"
        ]
    after = project(server.base_url, variants=["question", "instruction"], exclude=["question"])
    assert routed(world, after).destinations == {"annotate": 1}


def test_the_embedded_annotator_can_leave_views_out(world: World) -> None:
    mails = small_project(llm={"exclude": ["wording_1", "dropout_3"]})
    add_items(world.store, mails, 2)
    local = LocalPrelabeller(mails, mails.questions[0], CharNgrams())
    report = world.prelabel(mails, local)
    assert (report.items, report.calls) == (2, 14)
    assert {"wording_1", "dropout_3"}.isdisjoint(asked(world, mails))

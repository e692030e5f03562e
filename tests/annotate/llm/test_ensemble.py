"""Several models as one pre-labeller, over HTTP: two servers, one set of books."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter

import pytest
from starlette.responses import Response

from annotate.errors import ProviderError
from annotate.llm.books.ledger import Ledger
from annotate.llm.chat import ChatPrelabeller
from annotate.llm.deciders.decisions import DecisionPrelabeller
from annotate.llm.ensemble import EnsemblePrelabeller
from annotate.llm.local.prelabeller import LocalPrelabeller
from annotate.llm.local.tfidf import choose_encoder
from annotate.llm.prelabeller import Answer, Prelabeller, Work
from annotate.llm.providers.openai_chat import OpenAIChat
from annotate.llm.servers.client import Server
from tests.annotate.support.members import mails, together
from tests.decision_server import DecisionServer
from tests.llm_server import FAULTS, Call, LLMServer, Step, failure, text
from tests.llm_server.fixtures import World
from tests.llm_server.forked import KEY
from tests.small import add_items, small_project


def test_every_member_answers_every_item_in_its_own_variants(
    world: World, server: LLMServer, other: LLMServer
) -> None:
    project = mails(server, other, variants=["instruction", "paraphrase"])
    ids = add_items(world.store, project, 3)
    report = world.prelabel(project, together(project))
    assert (report.items, report.calls, report.outcomes) == (3, 12, {"parsed": 12})
    stored = world.stored(project)
    assert Counter(p.item_id for p in stored) == dict.fromkeys(ids, 4)
    said = {(p.variant, p.model, p.value) for p in stored}
    assert said == {
        ("first/instruction", "test-model", "spam"),
        ("first/paraphrase", "test-model", "spam"),
        ("second/instruction", "second", "ham"),
        ("second/paraphrase", "second", "ham"),
    }
    assert {call.body["model"] for call in server.calls} == {"test-model"}
    assert set(server.served.values()) == set(other.served.values()) == {1}
    assert world.prelabel(project, together(project)).calls == 0


def test_a_challenge_leads_against_the_member_s_own_answer(
    world: World, server: LLMServer, other: LLMServer
) -> None:
    project = mails(server, other, variants=["instruction", "challenge"])
    add_items(world.store, project, 1)
    server.answer = lambda call: "no" if "Do you agree?" in call.prompt else "spam"
    other.answer = lambda call: "no" if "Do you agree?" in call.prompt else "ham"
    world.prelabel(project, together(project))
    assert 'is not "spam". Do you agree?' in server.calls[-1].prompt
    assert 'is not "ham". Do you agree?' in other.calls[-1].prompt


def test_the_members_answer_an_item_at_the_same_time(
    world: World, server: LLMServer, other: LLMServer
) -> None:
    project = mails(server, other, variants=["instruction"], concurrency=1)
    add_items(world.store, project, 3)

    def once_asked(elsewhere: LLMServer, said: str) -> Step:
        async def step(call: Call) -> Response:
            while len(elsewhere.calls) < len(server.calls):
                await asyncio.sleep(0.005)
            return await text(said)(call)

        return step

    server.answer = lambda call: once_asked(other, "spam")
    assert world.prelabel(project, together(project)).outcomes == {"parsed": 6}


def test_no_member_gets_more_at_once_than_it_bears(
    world: World, server: LLMServer, other: LLMServer
) -> None:
    project = mails(server, other, second={"concurrency": 2}, variants=["instruction"])
    add_items(world.store, project, 12)
    server.latency_s, other.latency_s, server.most_in_flight = 0.03, 0.03, 0
    assert world.prelabel(project, together(project)).outcomes == {"parsed": 24}
    assert other.most_in_flight == 2
    assert server.most_in_flight > 2


def test_a_member_that_cannot_work_ends_the_run_and_is_named(
    world: World, server: LLMServer, other: LLMServer, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    other.key = "another"
    project = mails(server, other, variants=["instruction"], concurrency=1)
    add_items(world.store, project, 5)
    with pytest.raises(ProviderError) as caught:
        world.prelabel(project, together(project))
    assert caught.value.fatal
    assert caught.value.why.startswith(
        f"ensemble member 'second': {other.base_url} refused the key (401)"
    )
    assert {p.variant for p in world.stored(project)} <= {"first/instruction"}
    other.key = None
    assert world.prelabel(project, together(project)).outcomes["parsed"] >= 5
    assert len(world.stored(project)) == 10
    everything = f"{caught.value}{caplog.text}".encode() + world.database.read_bytes()
    assert KEY.encode() not in everything


def test_a_call_that_failed_is_asked_again_of_its_member_alone(
    world: World, server: LLMServer, other: LLMServer
) -> None:
    project = mails(server, other, variants=["instruction"])
    add_items(world.store, project, 2)
    world.prelabel(project, together(project))  # the servers have answered before
    add_items(world.store, project, 2)
    other.answer = lambda call: failure(400, "too long")
    assert world.prelabel(project, together(project)).outcomes == {"parsed": 2, "error": 2}
    asked = len(server.calls)
    other.answer = lambda call: "ham"
    assert world.prelabel(project, together(project)).outcomes == {"parsed": 2}
    assert len(server.calls) == asked


def test_garbage_of_one_member_leaves_the_other_s_votes(
    world: World, server: LLMServer, other: LLMServer
) -> None:
    project = mails(server, other, variants=["instruction"])
    add_items(world.store, project, 2)
    other.answer = lambda call: FAULTS["chatter"]
    world.prelabel(project, together(project))
    ended = {(p.variant, p.outcome, p.value) for p in world.stored(project)}
    assert ended == {
        ("first/instruction", "parsed", "spam"),
        ("second/instruction", "invalid", None),
    }


def test_each_member_sees_as_many_examples_as_it_asks_for(
    world: World, server: LLMServer, other: LLMServer
) -> None:
    project = mails(server, other, second={"few_shot": 0}, variants=["instruction"])
    ids = add_items(world.store, project, 3)
    world.people_say(project, {ids[0]: "spam"})
    add_items(world.store, project, 1)
    world.prelabel(project, together(project))
    assert any("mail 0" in call.prompt and "mail 3" in call.prompt for call in server.calls)
    assert not any("mail 0" in call.prompt and "mail 3" in call.prompt for call in other.calls)


def test_another_member_is_another_round(server: LLMServer, other: LLMServer) -> None:
    project = mails(server, other)
    both = together(project).fingerprint()
    llm = project.llm
    swapped = llm.model_copy(update={"ensemble": llm.ensemble[::-1]})
    alone = llm.model_copy(update={"ensemble": llm.ensemble[:1]})
    assert together(project.model_copy(update={"llm": swapped})).fingerprint() == both
    assert together(project.model_copy(update={"llm": alone})).fingerprint() != both


def test_a_new_member_is_asked_alone_where_the_other_s_answers_are_there(
    world: World, server: LLMServer, other: LLMServer
) -> None:
    """The same call has the same identity, alone and in an ensemble."""
    project = mails(server, other, variants=["instruction", "challenge"])
    item = world.store.items.several(add_items(world.store, project, 1))
    alone = project.model_copy(update={"llm": dict(project.llm.models())["first"]})
    world.prelabel(alone)
    stored = world.stored(project)
    earlier = {
        p.call: Answer(
            p.item_id, p.variant, p.sample, p.outcome, p.value, call=p.call, reused_from=p.id
        )
        for p in stored
        if p.call is not None
    }
    server.calls.clear()
    works = [Work(one, {}, earlier) for one in item.values()]

    async def collect() -> list[Answer]:
        annotator = together(project)
        try:
            return [answer async for answer in annotator.answer(works)]
        finally:
            await annotator.close()

    answers = asyncio.run(collect())
    assert len(server.calls) == 0
    assert len(other.calls) == 2
    taken = {p.id for p in stored}
    assert {(a.variant, a.model, a.value, a.reused_from in taken) for a in answers} == {
        ("first/instruction", "test-model", "spam", True),
        ("first/challenge", "test-model", "spam", True),
        ("second/instruction", "second", "ham", False),
        ("second/challenge", "second", "ham", False),
    }


def test_chat_decisions_and_the_local_annotator_together(
    world: World, server: LLMServer, decider: DecisionServer
) -> None:
    llm = {"provider": "openai", "model": "test-model", "variants": ["instruction"]}
    project = small_project(llm=llm | {"base_url": server.base_url})
    question = project.questions[0]
    judge = project.llm.model_validate({"model": "m", "base_url": decider.base_url})
    ledger = Ledger()
    decider.weights = lambda option, text: 3.0 if option == "ham" else 1.0
    encoder = choose_encoder([project.title], None)
    members: dict[str, Prelabeller] = {
        "chat": ChatPrelabeller(project, question, OpenAIChat(project.llm, None), ledger=ledger),
        "judge": DecisionPrelabeller(
            project, question, Server(judge, None), "decisions", ledger=ledger
        ),
        "local": LocalPrelabeller(project, question, encoder),
    }
    annotator = EnsemblePrelabeller(members, ledger=ledger)
    assert (annotator.free, annotator.batch, annotator.example_limit) == (False, 1, None)
    assert (annotator.announcement() or "").startswith("local: Pre-labels come from shared")
    add_items(world.store, project, 2)
    world.prelabel(project, annotator)
    stored = world.stored(project)
    said = {p.variant: (p.model, p.value, p.probabilities is None) for p in stored}
    assert said["chat/instruction"] == ("test-model", "spam", True)
    assert said["judge/decision"] == ("m", "ham", False)
    assert {name for name in said if name.startswith("local/")} == {
        f"local/{view}" for view in members["local"].variants()
    }
    assert ledger.calls == 4

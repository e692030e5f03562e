"""Which labelled items each prompt shows, and what must never be among them."""

from __future__ import annotations

from collections import Counter

import pytest

from annotate.errors import ProviderError
from annotate.llm.similar import POOL
from annotate.people import operator
from annotate.project import Project
from annotate.workflow.prelabels.examples import load_examples, pick_examples
from annotate.workflow.prelabels.planning import show_prompts
from annotate.workflow.prelabels.protected import protected_items
from tests.annotate.prelabels.judging import people
from tests.annotate.support.shown import add_texts, asked_about, audit, examples_in
from tests.llm_server import FAULTS, LLMServer
from tests.llm_server.fixtures import World, over_http
from tests.llm_server.forked import project
from tests.small import QUESTION, START, add_items, small_project


def test_each_prompt_shows_the_examples_nearest_to_its_item(
    world: World, server: LLMServer
) -> None:
    mails = project(server.base_url, variants=["question"], few_shot=2)
    texts = ["win a lottery", "lunch at noon", "cheap watches", "notes of the meeting"]
    labelled = add_texts(world.store, mails, texts)
    world.people_say(mails, dict(zip(labelled, ["spam", "ham", "spam", "ham"], strict=True)))
    add_texts(world.store, mails, ["the lottery is open", "the meeting starts at noon"])
    server.calls.clear()
    assert world.prelabel(mails).examples == 4
    shown = {asked_about(call.prompt): examples_in(call.prompt) for call in server.calls}
    assert shown["the lottery is open"][-1] == ("win a lottery", "spam")
    assert shown["the meeting starts at noon"][-1] == ("notes of the meeting", "ham")
    assert all(sorted(v for _, v in pairs) == ["ham", "spam"] for pairs in shown.values())


def test_a_round_goes_on_with_the_pool_it_began_with(world: World, server: LLMServer) -> None:
    mails = project(server.base_url, variants=["question"], few_shot=1, concurrency=1)
    labelled = add_texts(world.store, mails, ["lottery ticket", "lunch"])
    world.people_say(mails, dict(zip(labelled, ["spam", "ham"], strict=True)))
    later = add_texts(world.store, mails, ["win the lottery now", "lottery now", "win now"])
    server.script.extend(["spam"] * 3)
    server.answer = lambda call: FAULTS["quota"]
    with pytest.raises(ProviderError):
        world.prelabel(mails)
    world.people_say(mails, {later[0]: "ham"}, name="Ben")  # now the nearest to the others
    server.calls.clear()
    server.answer = lambda call: "spam"
    assert world.prelabel(mails).resumed
    assert {asked_about(c.prompt): examples_in(c.prompt) for c in server.calls} == {
        "lottery now": [("lottery ticket", "spam")],
        "win now": [("lunch", "ham")],
    }


def test_what_is_shown_before_is_what_is_sent(world: World, server: LLMServer) -> None:
    mails = project(server.base_url, few_shot=3)
    labelled = add_texts(world.store, mails, [f"mail {n} of shop {n % 3}" for n in range(9)])
    world.people_say(mails, {i: "spam" if n % 2 else "ham" for n, i in enumerate(labelled)})
    asked = add_texts(world.store, mails, ["mail of shop 2", "post of shop 1"])
    shown = {
        message.content
        for item_id in asked
        for one in show_prompts(
            world.store,
            mails,
            mails.questions[0],
            over_http(mails),
            item_id,
            actor=operator(START),
        )
        for message in one.prompt.messages
        if one.variant != "challenge"
    }
    world.prelabel(mails)
    sent = {text for call in server.calls for _, text in call.messages}
    assert len(shown) == 9  # the system's, and four ways for each item
    assert shown <= sent


def test_without_few_shot_nothing_is_shown(world: World, server: LLMServer) -> None:
    mails = project(server.base_url, variants=["question"], few_shot=0)
    ids = add_items(world.store, mails, 3)
    world.people_say(mails, {ids[0]: "spam"})
    assert world.prelabel(mails).examples == 0
    assert all(examples_in(call.prompt) == [] for call in server.calls)


# ---- what must not leak


def test_nothing_that_measures_is_shown(world: World, server: LLMServer) -> None:
    """Neither audited items and those with a known answer, nor their texts in another item."""
    mails = project(server.base_url, variants=["question"], few_shot=100)
    ids = add_texts(
        world.store,
        mails,
        ["audited", "known", "Audited!", "KNOWN", "audited once", "free", "twice", "unlike"],
    )
    audit(world.store, mails, ids[0])
    world.store.items.add_gold([(ids[1], QUESTION, "ham")])
    said = ["spam", "ham", "spam", "ham", "spam", "ham", "spam"]
    world.people_say(mails, dict(zip(ids, said, strict=False)))
    assert protected_items(world.store, mails.project, mails.questions[0]) == {ids[0], ids[1]}
    world.prelabel(mails)
    shown = {
        asked_about(call.prompt): {text for text, _ in examples_in(call.prompt)}
        for call in server.calls
    }
    assert shown["unlike"] == {"audited once", "free", "twice"}
    assert set().union(*shown.values()) == {"audited once", "free", "twice"}
    assert all(text not in examples for text, examples in shown.items())


def test_a_known_answer_to_another_question_protects_nothing(world: World) -> None:
    mails = small_project()
    [one] = add_items(world.store, mails, 1)
    world.store.items.add_gold([(one, "another question", "ham")])
    world.people_say(mails, {one: "spam"})
    assert pick_examples(world.store, "mails", mails.questions[0], limit=None) == ((one, "spam"),)


def test_an_item_with_the_same_text_is_not_shown(world: World, server: LLMServer) -> None:
    mails = project(server.base_url, variants=["question"], few_shot=6)
    ids = add_texts(world.store, mails, ["Great offer", "lunch", "great  OFFER!", "an offer"])
    world.people_say(mails, {ids[0]: "spam", ids[1]: "ham"})
    world.prelabel(mails)
    shown = {asked_about(call.prompt): examples_in(call.prompt) for call in server.calls}
    assert shown["great  OFFER!"] == [("lunch", "ham")]
    assert shown["an offer"] == [("lunch", "ham"), ("Great offer", "spam")]


def test_a_text_that_was_answered_twice(world: World) -> None:
    """It is shown once, and not at all when it was answered differently."""
    mails = small_project()
    ids = add_texts(world.store, mails, ["offer", "Offer!", "lunch", "lunch?"])
    world.people_say(mails, dict(zip(ids, ["spam", "spam", "ham", "spam"], strict=True)))
    [(one, value)] = pick_examples(world.store, "mails", mails.questions[0], limit=None)
    assert (one in ids[:2], value) == (True, "spam")


def test_an_answer_that_is_no_longer_offered_is_no_example(world: World) -> None:
    mails = small_project()
    ids = add_items(world.store, mails, 2)
    world.people_say(mails, {ids[0]: "spam", ids[1]: "ham"})
    changed = small_project().model_dump(mode="json", by_alias=True)
    changed["questions"][0]["labels"] = [{"name": "ham"}, {"name": "news"}]
    renamed = Project.model_validate(changed).questions[0]
    assert pick_examples(world.store, "mails", renamed, limit=None) == ((ids[1], "ham"),)


def test_a_pool_is_frozen_whole_even_beyond_what_one_statement_may_name(world: World) -> None:
    mails = small_project()
    count = POOL + 300
    ids = add_items(world.store, mails, count)
    said = {item_id: "spam" if at % 10 else "ham" for at, item_id in enumerate(ids)}
    people(world.store, said)
    picked = pick_examples(world.store, "mails", mails.questions[0], limit=POOL)
    assert Counter(value for _, value in picked) == {"spam": POOL - 230, "ham": 230}
    loaded = load_examples(world.store, picked)
    assert [(e.item.id, e.value) for e in loaded] == list(picked)

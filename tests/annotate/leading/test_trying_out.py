"""A change is tried on items of known answer: fair, paid once, capped, and never a vote."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from annotate.errors import NothingToDo
from annotate.llm.books.ledger import Ledger
from annotate.llm.chat import ChatPrelabeller
from annotate.llm.providers.openai_chat import OpenAIChat
from annotate.model import Person
from annotate.project.differing import told
from annotate.store.machine.trials import Trial
from annotate.workflow.guideline.trial_words import sentences
from annotate.workflow.guideline.trying_out import (
    Candidate,
    changed_items,
    estimate,
    trials,
    try_out,
)
from tests.llm_server import Call, LLMServer, failure
from tests.llm_server.fixtures import World
from tests.llm_server.forked import KEY
from tests.small import add_items, small_project

PRICE = {"usd_per_m_in": 1000.0, "usd_per_m_out": 1000.0, "as_of": "2026-01-01"}
RULE = "Even numbers are spam."


def text_of(call: Call) -> int:
    """The number of the mail that is asked about."""
    return int(call.prompt.rpartition("mail ")[2].split("\n")[0].split(">")[0])


def rule_follower(call: Call) -> str:
    """Takes every mail for ham, unless the guideline tells of even numbers: then gets those right
    but for every tenth."""
    number = text_of(call)
    told_of = RULE in call.prompt
    return "spam" if told_of and number % 2 == 0 and number % 10 else "ham"


class Bench:
    """60 mails, `count` of them with a known answer: the even ones are spam.

    people: Ann has answered them, instead.
    """

    def __init__(
        self, world: World, server: LLMServer, count: int = 40, *, people: bool = False, **llm: Any
    ) -> None:
        self.world, self.server = world, server
        server.answer = rule_follower
        given = {
            "provider": "openai",
            "base_url": server.base_url,
            "model": "test-model",
            "variants": ["instruction"],
            "few_shot": 0,
            "structured": "off",
            "logprobs": "off",
            "confidence": False,
            "max_tokens": 10,
            "price": PRICE,
        }
        self.project = small_project(llm=given | llm)
        self.ids = add_items(world.store, self.project, 60)
        answers = {i: "ham" if at % 2 else "spam" for at, i in enumerate(self.ids[:count])}
        if people:
            world.people_say(self.project, answers)
        else:
            world.store.items.add_gold((i, "mail", said) for i, said in answers.items())

    def candidate(self, guideline: str = RULE, **llm: Any) -> Candidate:
        changed = self.project.model_copy(
            update={"guideline": guideline, "llm": self.project.llm.model_copy(update=llm)}
        )
        return Candidate(changed, told(self.project, changed), [[["guideline"], guideline]])

    def arms(self, candidate: Candidate) -> tuple[ChatPrelabeller, ChatPrelabeller]:
        llm = self.project.llm
        ledger = Ledger(max_cost_usd=llm.max_cost_usd, max_calls=llm.max_calls)
        before, after = (
            ChatPrelabeller(
                one, one.questions[0], OpenAIChat(one.llm, KEY, backoff_s=0.001), ledger=ledger
            )
            for one in (self.project, candidate.project)
        )
        return before, after

    def try_out(self, candidate: Candidate, **options: Any) -> Trial:
        before, after = self.arms(candidate)
        return try_out(
            self.world.store,
            self.project,
            candidate,
            self.project.questions[0],
            before,
            after,
            base="hash",
            actor=Person("lea", "Lea", "lead", ""),
            clock=lambda: self.world.now,
            new_id=ids(),
            **options,
        )


_COUNT = [0]


def ids() -> Callable[[], str]:
    def new() -> str:
        _COUNT[0] += 1
        return f"trial{_COUNT[0]}"

    return new


def test_a_better_guideline_is_seen(world: World, server: LLMServer, lead: Person) -> None:
    bench = Bench(world, server)
    found = bench.try_out(bench.candidate())
    # 20 of 40 are ham; of the even ones 0, 10, 20 and 30 stay wrong
    assert (found.items, found.right_before, found.right_after) == (40, 20, 36)
    assert (found.won, found.lost, found.calls, found.failed) == (16, 0, 80, 0)
    assert found.cost_usd == pytest.approx(80 * 42 / 1000)
    assert sentences(found) == [
        "Of 40 items of known answer the model has 20 right now (50.0%) and 36 with the change "
        "(90.0%): +40.0 points, 95 % interval +26.3 to +55.4 points (paired items, score interval "
        "of Tango 1998).",
        "16 became right and 0 wrong; of two equally good prompts fewer than 1% of trials would be "
        "split at least so unevenly (exact McNemar test).",
        "The change is better on items like these.",
        "All of these items were drawn at random or came with a known answer.",
    ]
    changed = changed_items(world.store, found, actor=lead)
    assert {(one.truth, one.before, one.after) for one in changed} == {("spam", "ham", "spam")}
    assert len(changed) == 16
    [kept] = trials(world.store, bench.project, bench.project.questions[0], actor=lead)
    assert kept == found
    assert kept.told == ["guideline changed (line: 1 added)"]
    assert kept.person == "Lea"


def test_its_calls_are_no_votes(world: World, server: LLMServer) -> None:
    bench = Bench(world, server)
    bench.try_out(bench.candidate())
    assert world.stored(bench.project) == []
    assert world.store.prelabels.count_items("mails", "mail") == 0
    assert list(world.store.decisions.current("mails", "mail")) == []


def test_no_call_is_paid_twice(world: World, server: LLMServer) -> None:
    bench = Bench(world, server)
    world.prelabel(bench.project)  # the present prompt's answers are there already
    before = len(server.calls)
    first = bench.try_out(bench.candidate())
    assert (first.calls, len(server.calls) - before) == (40, 40)
    again = bench.try_out(bench.candidate())
    assert (again.calls, len(server.calls) - before) == (0, 40)
    assert (again.right_before, again.right_after) == (20, 36)
    other = bench.try_out(bench.candidate("Odd numbers are spam."))
    assert (other.calls, other.won, other.lost) == (40, 0, 0)
    assert sentences(other)[2] == "Nothing speaks for either."


def test_what_it_takes_is_told_before(world: World, server: LLMServer, lead: Person) -> None:
    bench = Bench(world, server)
    world.prelabel(bench.project)
    server.calls.clear()
    candidate = bench.candidate()
    before, after = bench.arms(candidate)
    question = bench.project.questions[0]
    told_ = estimate(world.store, bench.project, candidate, question, before, after, actor=lead)
    assert server.calls == []
    assert (told_.items, told_.calls, told_.known, told_.free) == (40, 40, 40, False)
    assert told_.cost_usd == pytest.approx((told_.tokens_in + 40 * 12) / 1000)
    assert told_.tried == 0


@pytest.mark.parametrize(("count", "missing"), [(0, 30), (29, 1)])
def test_too_few_items_are_refused(
    world: World, server: LLMServer, count: int, missing: int
) -> None:
    bench = Bench(world, server, count)
    with pytest.raises(NothingToDo, match=f"{count} items have a known .* {missing} more must be"):
        bench.try_out(bench.candidate())
    assert server.calls == []


def test_a_change_that_the_model_does_not_see_is_refused(world: World, server: LLMServer) -> None:
    bench = Bench(world, server)
    with pytest.raises(NothingToDo, match="test-model would be asked exactly the same"):
        bench.try_out(bench.candidate(""))


def test_a_cap_holds_for_both_together(world: World, server: LLMServer) -> None:
    bench = Bench(world, server, max_calls=70, concurrency=1)
    found = bench.try_out(bench.candidate())
    assert (found.items, found.calls, len(server.calls)) == (35, 70, 70)
    assert sentences(found)[-1] == (
        "Not all items were asked about: `llm.max_calls` of 70 is reached."
    )
    on = bench.try_out(bench.candidate())
    assert (on.items, on.calls, on.stopped) == (40, 10, None)


def test_it_stops_when_asked(world: World, server: LLMServer) -> None:
    bench = Bench(world, server, concurrency=1)
    seen = []

    def progress(done: int, total: int, cost_usd: float) -> bool:
        seen.append((done, total))
        return done < 5

    found = bench.try_out(bench.candidate(), on_progress=progress)
    assert (found.items, found.stopped) == (5, "stopped on request")
    assert seen == [(at, 40) for at in range(1, 6)]


def test_examples_are_none_of_the_items_tried(world: World, server: LLMServer) -> None:
    bench = Bench(world, server, 34, people=True, few_shot=4)
    found = bench.try_out(bench.candidate(few_shot=4), most=30)
    assert (found.items, found.drawn) == (30, 0)
    assert "30 of these items people got because the model was unsure" in sentences(found)[3]
    asked = {text_of(call) for call in server.calls}
    shown = {
        int(part.split("\n")[0].split(">")[0])
        for call in server.calls
        for part in call.prompt.split("mail ")[1:-1]
    }
    assert len(asked) == 30
    assert shown
    assert shown.isdisjoint(asked)


def test_variants_are_tried_against_each_other(world: World, server: LLMServer) -> None:
    bench = Bench(world, server, variants=["instruction", "paraphrase"])
    candidate = bench.candidate("", exclude=("paraphrase",))
    found = bench.try_out(candidate)
    assert (found.calls, found.won, found.lost) == (80, 0, 0)  # what is excluded is not asked


def test_failed_calls_leave_an_item_out(world: World, server: LLMServer) -> None:
    bench = Bench(world, server, concurrency=1)
    server.answer = lambda call: rule_follower(call) if text_of(call) != 7 else failure(500, "no")
    found = bench.try_out(bench.candidate())
    assert (found.items, found.failed) == (39, 1)
    assert "1 item is left out because a call failed." in sentences(found)

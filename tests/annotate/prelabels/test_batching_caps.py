"""What a batch run may spend, over all its batches and however often it is stopped."""

from __future__ import annotations

import pytest

from annotate.errors import AnnotateError
from tests.annotate.support.batching import ANSWER_USD, LOOK_ONCE, ONE, PRICE, BatchDesk, asked_once
from tests.llm_server import BatchSettings, LLMServer
from tests.llm_server.forked import project
from tests.small import add_items


def test_calls_are_capped_over_all_batches_of_a_run(desk: BatchDesk, server: LLMServer) -> None:
    mails = project(server.base_url, max_calls=13)
    add_items(desk.store, mails, 10)
    report = desk.run(mails)
    assert report.answers.stopped == (
        "`llm.max_calls` of 13 leaves no room for another batch: 13 are made"
    )
    assert sum(server.served.values()) == report.answers.calls == 13
    again = desk.run(mails)  # a new run, as with direct calls
    assert again.answers.calls == 13
    assert asked_once(server)


def test_a_cap_holds_for_a_run_however_often_it_is_stopped(
    desk: BatchDesk, server: LLMServer
) -> None:
    mails = project(server.base_url, max_calls=13)
    add_items(desk.store, mails, 10)
    server.batches.settings = BatchSettings(polls=4)
    for _ in range(3):
        assert desk.run(mails, LOOK_ONCE).answers.stopped is None
    assert desk.run(mails, LOOK_ONCE).answers.stopped is not None
    assert sum(server.served.values()) == 13


def test_money_is_capped_at_its_bound_and_what_is_left_over_is_used(
    desk: BatchDesk, server: LLMServer
) -> None:
    """A call is set aside with a token for each byte; it uses 40, as the server tells."""
    cap = 0.01
    mails = project(server.base_url, price=PRICE, max_tokens=20, max_cost_usd=cap, **ONE)
    add_items(desk.store, mails, 600)
    report = desk.run(mails)
    batches = desk.batches(mails)
    assert len(batches) >= 2
    assert all(batch.most_usd is not None and batch.most_usd <= cap for batch in batches)
    spent = 0.0
    for batch in batches:
        assert spent + (batch.most_usd or 0) <= cap + 1e-9
        spent += batch.cost_usd or 0
    assert report.answers.cost_usd == pytest.approx(spent)
    assert report.answers.cost_usd == pytest.approx(
        ANSWER_USD * (1 + (report.answers.calls - 1) / 2)
    )
    assert 0 < report.answers.calls < 600
    assert report.answers.stopped is not None
    assert report.answers.stopped.startswith(
        "`llm.max_cost_usd` of 0.01 leaves no room for another batch"
    )
    assert (
        desk.store.prelabels.count_items("mails", "mail")
        == report.answers.items
        == report.answers.calls
    )
    assert "`llm.max_cost_usd` leaves the rest for later" in desk.told[0]


def test_a_cap_without_a_price_is_refused(desk: BatchDesk, server: LLMServer) -> None:
    mails = project(server.base_url, max_tokens=20, max_cost_usd=1.0)
    add_items(desk.store, mails, 2)
    with pytest.raises(AnnotateError, match="cannot be kept without a price"):
        desk.run(mails)
    assert server.batches.made == {}

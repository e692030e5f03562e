"""An ensemble's books: caps that all members share, and each one's own price."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from tests.annotate.support.members import mails, together
from tests.llm_server import LLMServer
from tests.llm_server.fixtures import World
from tests.small import add_items


def test_a_cap_on_calls_is_shared_and_the_next_run_goes_on(
    world: World, server: LLMServer, other: LLMServer
) -> None:
    project = mails(server, other, variants=["instruction", "paraphrase"], max_calls=7)
    add_items(world.store, project, 4)
    report = world.prelabel(project, together(project))
    assert report.stopped == "`llm.max_calls` of 7 is reached"
    assert (report.calls, len(server.calls) + len(other.calls)) == (7, 7)
    for done in (14, 16):
        report = world.prelabel(project, together(project))
        assert len(server.calls) + len(other.calls) == done
    assert report.stopped is None
    assert set(server.served.values()) == set(other.served.values()) == {1}


def priced(usd_per_m_in: float) -> dict[str, Any]:
    price = {"usd_per_m_in": usd_per_m_in, "usd_per_m_out": 0.0, "as_of": "2026-11-01"}
    return {"price": price, "max_tokens": 5}


def test_a_cap_on_cost_is_shared_and_each_pays_its_own_price(
    world: World, server: LLMServer, other: LLMServer
) -> None:
    """40 tokens come in with every call: $0.04 for the one, $0.004 for the other."""
    project = mails(
        server, other, priced(1000.0), priced(100.0), variants=["instruction"], max_cost_usd=3.0
    )
    add_items(world.store, project, 100)
    annotator = together(project)
    report = world.prelabel(project, annotator)
    assert report.stopped is not None
    assert "`llm.max_cost_usd` of 3 could be passed" in report.stopped
    costs = Counter(p.variant for p in world.stored(project))
    spent = costs["first/instruction"] * 0.04 + costs["second/instruction"] * 0.004
    assert {p.cost_usd for p in world.stored(project)} == {0.04, 0.004}
    assert annotator.ledger.spent_usd == pytest.approx(spent)
    assert report.cost_usd == pytest.approx(spent)
    assert 1.0 < spent <= 3.0


def test_where_one_price_is_unknown_the_cost_is_no_sum(
    world: World, server: LLMServer, other: LLMServer
) -> None:
    project = mails(server, other, priced(1000.0), variants=["instruction"])
    add_items(world.store, project, 3)
    annotator = together(project)
    world.prelabel(project, annotator)
    assert annotator.ledger.snapshot().cost() == "$0.1200 and 3 calls of unknown cost"
    assert {p.variant: p.cost_usd for p in world.stored(project)} == {
        "first/instruction": 0.04,
        "second/instruction": None,
    }

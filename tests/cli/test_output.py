"""What stands beside a progress bar while calls are made and paid."""

from __future__ import annotations

from annotate.llm.books.ledger import Bound, Ledger
from annotate.llm.books.prices import Price
from app.cli.output import watched

PRICE = Price(usd_per_m_in=1000.0, usd_per_m_out=0.0, as_of="2026-11-01")


def shown(ledger: Ledger, seconds: list[float], calls_each: int) -> list[str]:
    """What is told at these times, after so many more calls of 10 tokens each time."""
    told: list[str] = []
    times = iter(seconds)

    def tell(done: int, total: int, beside: str = "") -> None:
        told.append(beside)

    report = watched(tell, ledger, clock=lambda: next(times))
    for _ in seconds:
        for _ in range(calls_each):
            ledger.settle(ledger.reserve(Bound(20, 5)), 10, 1)
        assert report(0, 1, 0.0)  # the bar never asks to stop
    return told


def test_money_and_pace_follow_the_books() -> None:
    ledger = Ledger(PRICE, max_cost_usd=2.0)
    waiting = ledger.reserve(Bound(20, 5))
    assert shown(ledger, [0.0, 1.0, 2.0], calls_each=4) == [
        "$0.0400 of $2, 1 in flight",
        "$0.0800 of $2, 1 in flight, 4.0 calls/s",
        "$0.1200 of $2, 1 in flight, 4.0 calls/s",
    ]
    ledger.release(waiting)


def test_the_pace_is_that_of_the_last_seconds() -> None:
    told = shown(Ledger(), [0.0, 100.0, 101.0], calls_each=50)
    assert told[1:] == [
        "cost unknown, 0 in flight, 0.5 calls/s",
        "cost unknown, 0 in flight, 50.0 calls/s",
    ]


def test_without_books_only_the_bar_moves() -> None:
    told: list[tuple[int, int]] = []
    report = watched(lambda done, total, beside="": told.append((done, total)))
    assert report(3, 4, 0.0)
    assert told == [(3, 4)]

"""What an outlook and a preview say, in words and rows: the same in a terminal and on a page."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from annotate.model import Destination
from annotate.workflow.routes.outlook_parts import Gain, Outlook, Prices
from annotate.workflow.routes.previewing import Preview, Split

WORDS: Final[Mapping[Destination, str]] = {
    "auto": "kept by the model",
    "annotate": "to people",
    "audit": "checked at random",
    "strong": "to the stronger model",
}
"""Destinations, as people read them."""


def basis(found: Outlook) -> str:
    """What the expected errors come from."""
    if found.learned:
        return "by the learned risks: an estimate"
    return f"scores fitted to {found.compared:,} answers: an estimate"


def no_price(prices: Prices) -> str:
    """Why nothing is told in dollars, and the way out."""
    if prices.seconds is None:
        return "nobody has been timed yet: `routing: {seconds: 12}` tells what an answer takes"
    if prices.hour_usd is None:
        return (
            "what dollars buy is told once the project says what an hour of a person costs: "
            "`coannotate route --set hour_usd=20 --reason ...`"
        )
    return "people's time costs nothing here, so dollars buy anything"


GAINS = (
    "order",
    "policies",
    "labels",
    "errors repaired",
    "minutes",
    "dollars",
    "wrong after",
)


def gain(one: Gain) -> tuple[str, ...]:
    """A row under `GAINS`."""
    return (
        one.order,
        one.policies,
        f"{one.labels:,.0f}",
        f"{one.errors:,.1f}",
        "-" if one.minutes is None else f"{one.minutes:,.0f}",
        "-" if one.usd is None else f"{one.usd:,.2f}",
        f"{one.error_after:.2%}",
    )


def source(found: Preview) -> str:
    """Where a preview's risks come from."""
    if found.exact:
        return "the risks were worked out anew, as a routing would"
    return "by the risks on record; a routing learns from the newest answers first"


def compared(found: Preview) -> list[tuple[str, str, str]]:
    """Each number of a preview: what it is, as it stands, and as it would be."""
    before, after = found.before, found.after
    counts = [
        (words, f"{before.destinations.get(name, 0):,}", f"{after.destinations.get(name, 0):,}")
        for name, words in WORDS.items()
        if name in before.destinations or name in after.destinations
    ]
    told = (
        ("answers still to give", _labels),
        ("people's time", _time),
        ("its price", _price),
        ("expected wrong in the end", _error),
    )
    return counts + [(what, say(before), say(after)) for what, say in told]


def moves(found: Preview) -> list[str]:
    """Which items would go elsewhere, most first."""
    return [f"{n:,} {WORDS[one]} → {WORDS[other]}" for (one, other), n in found.moved.items()]


def _labels(split: Split) -> str:
    return f"{split.labels:,.0f}"


def _time(split: Split) -> str:
    if split.minutes is None:
        return "not timed yet"
    return f"{split.minutes:,.0f} min" if split.minutes < 120 else f"{split.minutes / 60:,.1f} h"


def _price(split: Split) -> str:
    return "no wage told" if split.usd is None else f"{split.usd:,.2f} dollars"


def _error(split: Split) -> str:
    return f"{split.error:.2%}"

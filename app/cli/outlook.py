"""`coannotate outlook`: what is left to be wrong, how honest the risks are, what labels buy."""

from __future__ import annotations

import json
from argparse import Namespace
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from annotate.llm.able import able
from annotate.people import operator
from annotate.promise.wording import between
from annotate.workflow.promises.promising import promise_status
from annotate.workflow.promises.status import NO_PROMISE
from annotate.workflow.routes.outlook import outlook
from annotate.workflow.routes.outlook_parts import FEWEST, Gain, Outlook
from annotate.workflow.routes.outlook_words import GAINS, basis, gain, no_price
from app.cli.output import say, table
from app.workplace import workplace_for


def run_outlook(arguments: Namespace) -> None:
    services = workplace_for(arguments.dir)
    told: dict[str, dict[str, Any]] = {}
    with services.open(arguments.project) as (store, project):
        actor, now = operator(services.now()), services.now()
        for question in able(project):
            seen = promise_status(store, project, question, actor=actor, now=now, explained=False)
            promise = NO_PROMISE if seen is None else seen[0].statement()
            found = outlook(
                store, project, question, actor=actor, labels=arguments.labels, usd=arguments.usd
            )
            if arguments.json:
                told[question.name] = _numbers(found) | {"promise": promise}
                continue
            say(f"{question.name}: {found.answered:,} of {found.routed:,} routed items answered")
            for line in (*_lines(found), f"promise: {promise}"):
                say(f"  {line}")
            _say_gains(found, arguments.usd)
    if arguments.json:
        say(json.dumps(told, indent=2, ensure_ascii=False))


def _lines(found: Outlook) -> Iterator[str]:
    yield (
        f"expected wrong: {found.error_now:.1%} as it is, {found.error_planned:.1%} once people "
        f"have answered the {found.waiting:,} items that wait ({basis(found)})"
    )
    yield found.audit.sentence()
    good = found.calibration
    if good is None:
        yield (
            f"how honest the risks are is told from {FEWEST} answers on that people gave without "
            f"seeing the model's: {found.compared} so far"
        )
        return
    yield (
        f"on {good.items:,} answers the risks said {good.said:.1%} wrong and {good.wrong:.1%} "
        f"were; Brier {good.brier:.3f}, calibration error {good.error:.3f}"
    )
    for one, interval in good.bins:
        yield (
            f"  {one.low:.0%} to {one.high:.0%}: said {one.said:.1%}, were {one.wrong:.1%} of "
            f"{one.items:,} ({between(interval.low, interval.high)})"
        )


def _say_gains(found: Outlook, usd: float) -> None:
    parts = [(f"the next {found.by_labels[0].labels:,.0f} labels", found.by_labels)]
    if found.by_usd:
        parts.append((f"the next {usd:,.2f} dollars", found.by_usd))
    else:
        say(f"  {no_price(found.prices)}")
    for what, gains in parts:
        say(f"  {what}:")
        table([dict(zip(GAINS, gain(one), strict=True)) for one in gains])


def _numbers(found: Outlook) -> dict[str, Any]:
    """Everything, for programs; what is not known is null."""
    curve, good, audit = found.curve, found.calibration, found.audit
    return {
        "items": found.items,
        "routed": found.routed,
        "answered": found.answered,
        "waiting": found.waiting,
        "expected_wrong": {"now": found.error_now, "as_routed": found.error_planned},
        "learned": found.learned,
        "audit": {
            "population": audit.population,
            "drawn": audit.drawn,
            "audited": audit.audited,
            "wrong": audit.wrong,
            "wrong_at_most": audit.wrong_at_most,
        },
        "curve": {
            "now": curve.now,
            "planned": curve.planned,
            "human_share": _list(curve.shares),
            "expected": _list(curve.expected),
            "by_chance": _list(curve.by_chance),
            "low": _list(curve.low),
            "high": _list(curve.high),
        },
        "calibration": good
        and {
            "items": good.items,
            "said": good.said,
            "wrong": good.wrong,
            "brier": good.brier,
            "calibration_error": good.error,
        },
        "seconds": found.prices.seconds,
        "hour_usd": found.prices.hour_usd,
        "labels_buy": _gains(found.by_labels),
        "dollars_buy": _gains(found.by_usd),
    }


def _list(values: Sequence[float] | np.ndarray[Any, Any]) -> list[float | None]:
    return [None if np.isnan(value) else round(float(value), 6) for value in values]


def _gains(gains: Sequence[Gain]) -> list[dict[str, Any]]:
    return [{name: getattr(one, name) for name in Gain.__slots__} for one in gains]

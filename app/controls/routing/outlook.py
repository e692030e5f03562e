"""The parts of an outlook on a page: each a chart with its sentence, numbers and CSV."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import streamlit as st

from annotate.model import Destination
from annotate.promise.wording import at_most, between
from annotate.workflow.routes.outlook_parts import BARS, FEWEST, Curve, Gain, Outlook
from annotate.workflow.routes.outlook_words import GAINS, WORDS, basis, gain, no_price
from app import charts, look
from app.charts import Axis
from app.controls import tabular

PEOPLE = "labelled by people"
WRONG = "expected wrong"
ORDER, CHANCE = "riskiest first", "by chance"
SHOWN: tuple[Destination, ...] = ("auto", "audit", "annotate", "strong")


def numbers(found: Outlook) -> None:
    """Where the items stand, in one strip."""
    left = "once those are answered" if found.waiting else "nothing waits for people"
    steps = [
        (f"{found.routed:,}", "items routed", _missing(found)),
        (f"{found.answered:,}", "answered by people", f"{found.answered / found.routed:.0%}"),
        (f"{found.waiting:,}", "wait for people", ""),
        (f"{found.error_now:.1%}", "expected wrong now", basis(found)),
        (f"{found.error_planned:.1%}", "expected wrong in the end", left),
    ]
    cells = "".join(
        f"<div><b>{number}</b><span>{name}</span><small>{note}</small></div>"
        for number, name, note in steps
    )
    look.show(f'<div class="steps">{cells}</div>')


def _missing(found: Outlook) -> str:
    waiting = found.items - found.routed
    return f"{waiting:,} more are not pre-labelled yet" if waiting else "all of them"


def curve(found: Outlook, *, goal: float | None, name: str) -> None:
    """Error against human share. goal: the share of errors that the project aims at."""
    st.subheader("Errors left, by how much people label", anchor=False)
    part = found.curve
    audited = ~np.isnan(part.high)
    rows = [
        {PEOPLE: x, WRONG: y, "order": order, "low": low, "high": high}
        for order, ys in ((ORDER, part.expected), (CHANCE, part.by_chance))
        for x, y, low, high in zip(part.shares, ys, part.low, part.high, strict=True)
    ]
    for row in rows:  # the audit speaks of the order that people really go in
        if row["order"] == CHANCE or np.isnan(row["low"]):
            row["low"] = row["high"] = None
    charts.line(
        rows,
        Axis(PEOPLE, "share"),
        Axis(WRONG, "share"),
        by="order",
        band=("low", "high") if audited.any() else ("", ""),
        now=part.planned,
        goal=goal,
        alt=_said(part, found),
    )
    look.show(look.text("hint", f"{_said(part, found)} {_band(found, bool(audited.any()))}"))
    cells = np.column_stack([part.shares, part.expected, part.low, part.high, part.by_chance])
    heads = ("people label", "expected wrong", "audit low", "audit high", "by chance")
    tabular.taken(heads, [[_cell(value) for value in row] for row in cells], name=name)


def _said(part: Curve, found: Outlook) -> str:
    half = _first(part, found.error_now / 2)
    reach = f"; half of that at {half:.0%}" if half is not None else ""
    return (
        f"{found.error_now:.1%} wrong with {part.now:.0%} labelled by people, "
        f"{found.error_planned:.1%} at {part.planned:.0%}, where all that is routed to them is "
        f"answered (dashed){reach}. People's answers count as right{_none(found)}."
    )


def _none(found: Outlook) -> str:
    if not found.unscored:
        return ""
    return ", and an item without a usable answer of the model as wrong until people have it"


def _first(part: Curve, error: float) -> float | None:
    reached = np.flatnonzero(part.expected <= error)
    return float(part.shares[reached[0]]) if len(reached) else None


def _band(found: Outlook, audited: bool) -> str:
    if audited:
        return (
            f"The band is exact: from {found.audit.audited:,} checks at random, 95 % at each "
            "share. The lines are estimates."
        )
    return "The lines are estimates: no check at random has been answered that could tell more."


def calibration(found: Outlook, *, name: str) -> None:
    """What the risks said against what people found."""
    st.subheader("Are the risks honest?", anchor=False)
    good = found.calibration
    if good is None:
        look.show(
            look.text(
                "hint",
                f"This is told from {FEWEST} answers on that people gave without seeing the "
                f"model's; there are {found.compared:,}.",
            )
        )
        return
    said, were = "risk on record", "wrong, by people"
    rows = [
        {said: b.said, were: b.wrong, "low": i.low, "high": i.high, "items": b.items}
        for b, i in good.bins
    ]
    sentence = (
        f"On {good.items:,} items the risks said {good.said:.1%} wrong, and people found "
        f"{good.wrong:.1%}. Calibration error {good.error:.3f}, Brier {good.brier:.3f} "
        "(0 is best, both). Each item by the risk it had before its answer; people mostly get "
        "what is risky, so this speaks of such items."
    )
    charts.calibration(
        rows,
        Axis(said, "share", (0.0, 1.0)),
        Axis(were, "share", (0.0, 1.0)),
        band=("low", "high"),
        size="items",
        alt=sentence,
    )
    look.show(look.text("hint", sentence))
    heads = ("risk from", "to", "items", "risk said", "wrong", "95 %")
    cells = [
        [
            f"{b.low:.0%}",
            f"{b.high:.0%}",
            f"{b.items}",
            f"{b.said:.1%}",
            f"{b.wrong:.1%}",
            between(i.low, i.high),
        ]
        for b, i in good.bins
    ]
    tabular.taken(heads, cells, name=name)


def histogram(found: Outlook, *, name: str) -> None:
    """How unsure the items are, and where they go."""
    st.subheader("How unsure, and where it goes", anchor=False)
    what = "risk" if found.learned else "uncertainty"
    names = [to for to in SHOWN if to in found.histogram]
    if not names:
        look.show(look.text("hint", "The model gave no usable answer: people get every item."))
        return
    rows = [
        {what: f"{100 * at // BARS} %", "items": int(count), "goes": WORDS[to]}
        for to in names
        for at, count in enumerate(found.histogram[to].tolist())
    ]
    counts = ", ".join(f"{int(found.histogram[to].sum()):,} {WORDS[to]}" for to in names)
    unscored = (
        f" {found.unscored:,} have no usable answer of the model and go to people."
        if found.unscored
        else ""
    )
    said = f"{sentence(counts)}.{unscored}"
    charts.bars(rows, Axis(what, "name"), Axis("items"), by="goes", alt=said)
    look.show(look.text("hint", said))
    heads = (f"{what} from", "to", *(WORDS[to] for to in names))
    cells = [
        [
            f"{at / BARS:.0%}",
            f"{(at + 1) / BARS:.0%}",
            *(str(int(found.histogram[to][at])) for to in names),
        ]
        for at in range(BARS)
    ]
    tabular.taken(heads, cells, name=name)


def gains(found: Outlook, *, usd: float, name: str) -> None:
    """What the next labels and dollars would buy."""
    _gains(f"The next {_labels(found.by_labels)} labels", found.by_labels, f"{name}-labels")
    if found.by_usd:
        _gains(f"The next {usd:,.2f} dollars", found.by_usd, f"{name}-dollars")
    else:
        look.show(look.text("hint", _no_price(found)))
    audit, more = found.audit, found.by_labels[-1].items
    if audit.audited and more >= 1:
        bound, then = at_most(audit.wrong_at_most), at_most(audit.after(more))
        told = (
            f"{more:,.0f} further checks at random would bring the bound on what the model keeps "
            f"from {bound} to about {then}, if as many are wrong as so far."
        )
        look.show(look.text("hint", told))


def _no_price(found: Outlook) -> str:
    if found.prices.seconds is not None and found.prices.hour_usd is None:
        return "What dollars buy is told once an hour of a person has a price: see What if."
    return f"{sentence(no_price(found.prices))}."


def _labels(gains_: Sequence[Gain]) -> str:
    return f"{gains_[0].labels:,.0f}"


def _gains(title: str, rows: Sequence[Gain], name: str) -> None:
    look.show(f'<p class="lead">{title}</p>')
    told = [gain(one) for one in rows]
    heads = (GAINS[0], *GAINS[3:])
    look.show(look.table(heads, [(f"{row[0]} ({row[1]})", *row[3:]) for row in told]))
    tabular.taken(GAINS, told, name=name)


def sentence(text: str) -> str:
    """With a capital letter; all others as they are."""
    return f"{text[:1].upper()}{text[1:]}"


def _cell(value: float) -> str:
    return "" if np.isnan(value) else f"{value:.4f}"

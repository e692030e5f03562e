"""Rows that are put together once for all items of which the same was said are those that each of
the items would have by itself."""

from __future__ import annotations

import io
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, field

import pytest

from annotate.exporters import Record
from annotate.model import Decision
from annotate.people import operator
from annotate.project import Project
from annotate.store import Store
from annotate.store.standing.decisions import Routing
from annotate.training.protocol import Rules, SftFrom
from annotate.training.reasons import REFUSED
from annotate.workflow.consensus.consenting import ensure_fresh
from annotate.workflow.exports.facts import PAGE, facts_of
from annotate.workflow.exports.lots import lot_of
from annotate.workflow.exports.one_pass import run
from annotate.workflow.exports.reading import Wanted
from annotate.workflow.exports.request import Request, job_of
from tests.annotate.exports.anything import PROJECT, Chance
from tests.annotate.exports.anything import at as hour
from tests.small import START, add_items

ITEMS = 100
EVERY: frozenset[SftFrom] = frozenset({"agreed", "confirmed", "adjudicated", "human", "model"})
RULES = (
    Rules(),
    Rules(sft_from=EVERY, echoes=True, guideline=True),
    Rules(per_prompt=1, sft_from=frozenset({"human"})),
    Rules(min_margin=0.5, pairs="best"),
)
VOTES = ("labels", "swift_decision")
"""Formats that need not be told who said something, and when, but how the model voted."""
FORMATS = ("sft_messages", "preference_trl", "ultrafeedback", "kto_trl", "conll")
"""Nor that: one of each material."""


@dataclass
class Kept:
    """A writer that keeps all."""

    records: list[Record] = field(default_factory=list)

    def write(self, records: Sequence[Record]) -> None:
        self.records += records

    def close(self) -> None:
        pass


def written(
    store: Store, wanted: Wanted, formats: Sequence[str]
) -> dict[str, tuple[list[Record], str]]:
    """format and rules -> its records, and everything that was left out."""
    kept, drops, lots = {}, {}, []
    for name in formats:
        for at, rules in enumerate(RULES):
            key, drops[key] = f"{name} {at}", io.StringIO()
            lot = lot_of(
                PROJECT, job_of(PROJECT, Request(name, rules=rules)), None, drops=drops[key]
            )
            kept[key] = lot.tables[0].outlets[""].writer = Kept()
            lots.append(lot)
    strands = [strand for lot in lots for strand in lot.strands()]
    facts = facts_of(store, PROJECT, PROJECT.questions, wanted, actor=operator(START))
    with store.snapshot(), closing(facts):
        assert run(facts, strands) == ITEMS
    return {key: (kept[key].records, drops[key].getvalue()) for key in kept}


@pytest.mark.parametrize("plain", [0.3, 0.9])
def test_the_same_is_written_of_rows_that_are_alike(store: Store, plain: float) -> None:
    Chance(store, round(plain * 10), plain=plain).fill(ITEMS)
    ensure_fresh(store, PROJECT, PROJECT.questions[0], actor=operator(START), now=START)
    for formats in VOTES + FORMATS, FORMATS:
        alone = written(store, Wanted(consensus=True, named=True), formats)
        alike = Wanted(consensus=True, votes=formats != FORMATS)
        assert written(store, alike, formats) == alone
        assert all(records for records, _ in alone.values())
        assert all(drops for _, drops in alone.values())
        assert REFUSED in alone["sft_messages 0"][1]


def test_what_is_said_of_many_is_put_together_once(store: Store, project: Project) -> None:
    add_items(store, project, 3 * PAGE)
    facts = facts_of(store, project, project.questions, Wanted(), actor=operator(START))
    rows = [row for [row] in facts]
    first, *others = rows[PAGE:]
    assert [row.item.position for row in rows] == list(range(3 * PAGE))
    assert first.once is not None
    assert all(row.once is first.once for row in others)


def test_rows_that_tell_by_whom_and_when_stand_alone(store: Store, project: Project) -> None:
    add_items(store, project, 3 * PAGE)
    for wanted in (Wanted(calls=True), Wanted(named=True)):
        facts = facts_of(store, project, project.questions, wanted, actor=operator(START))
        assert {row.once for [row] in facts} == {None}


def test_what_the_model_had_said_when_it_was_decided_is_told_apart(store: Store) -> None:
    """Everywhere the first round says spam and the second ham; of every other item that came
    after the decision."""
    chance = Chance(store, 0)
    ids = chance.begin(2 * PAGE)
    routing = chance.rounds("topic")[0]
    for at, id_ in enumerate(ids):
        chance.call("topic", id_, 1, "spam", hour(10))
        chance.call("topic", id_, 2, "ham", hour(11 if at % 2 else 13))
        store.decisions.add(routing, [decided(routing, id_, hour(12))])
    facts = facts_of(store, PROJECT, PROJECT.questions[:1], Wanted(), actor=operator(START))
    said = [(row.item.position % 2, dict(row.machine.votes)) for [row] in facts]
    assert said == [(at % 2, {"ham": 1} if at % 2 else {"spam": 1}) for at in range(2 * PAGE)]


def decided(routing: Routing, item_id: str, at: str) -> Decision:
    return Decision(
        f"d{item_id}", "any", item_id, "topic", "auto", 0.5, "spam", 0.5, "random", "drawn", at,
        "spam",
    )  # fmt: skip

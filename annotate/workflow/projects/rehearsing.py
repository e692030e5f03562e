"""A new project tried on its data before anything is written: rows, prompts, cost."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import islice

from annotate.clock import iso
from annotate.errors import NotFound
from annotate.importers import Record, Reject
from annotate.llm.able import can_answer, why_people
from annotate.llm.prelabeller import Prelabeller, Preview
from annotate.model import Item, Person
from annotate.people import require
from annotate.project import Project
from annotate.questions import QuestionSettings
from annotate.store import Store, open_store
from annotate.workflow.imports.importing import ImportReport, import_items
from annotate.workflow.prelabels.connecting import keep, known
from annotate.workflow.prelabels.planning import Plan, plan, show_prompts

TRIED_ROWS = 2_000
SHOWN_ITEMS = 3

Says = Callable[[Store, QuestionSettings], Prelabeller]
"""Who would answer this question for the machine, by what the store knows of its server."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What one question would ask of the machine. why: why it is not asked; then the rest is empty.

    prompts: for each shown item every call, in order; empty where nothing is sent to anybody.
    plans: for all items, model by model.
    """

    question: str
    why: str
    prompts: tuple[tuple[Item, tuple[Preview, ...]], ...]
    plans: tuple[Plan, ...]


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """How the first rows would come in, and what the machine would be asked of them.

    rows: looked at. items: that all of the file would give at this rate, about, unless `whole`.
    """

    rows: int
    whole: bool
    items: int
    report: ImportReport
    asked: tuple[Asked, ...]


def rehearse(
    store: Store,
    project: Project,
    rows: Iterable[Record | Reject],
    says: Says,
    *,
    actor: Person,
    now: datetime,
    share: Callable[[], float] = lambda: 1.0,
) -> Rehearsal:
    """Import the first rows into a database that is thrown away, and preview what would be sent.

    Nothing is stored, and nothing is sent. share: what part of the file was read by then, 0 to 1.
    Raises NotAllowed, NotFound when no row is good, and what `import_items` and `says` raise.
    """
    require(actor, "create projects")
    rows = iter(rows)
    with open_store(":memory:") as scratch:
        scratch.projects.record(project.project, text="", hash="draft", now=iso(now))
        _lend(store, scratch, project, now)
        counted = _Counted(islice(rows, TRIED_ROWS))
        report = import_items(scratch, project, counted, io.StringIO(), actor=actor, now=now)
        if not report.added:
            why = "; ".join(report.first_rejects) or "the file holds no rows"
            raise NotFound(f"no row of the file can be used: {why}")
        whole = next(rows, None) is None
        factor = 1.0 if whole else 1 / max(share(), 1e-6)
        asked = [_asked(scratch, project, q, says, factor, actor) for q in project.questions]
    return Rehearsal(counted.rows, whole, round(report.added * factor), report, tuple(asked))


class _Counted:
    """Rows, and how many there were."""

    def __init__(self, rows: Iterable[Record | Reject]) -> None:
        self._rows, self.rows = iter(rows), 0

    def __iter__(self) -> _Counted:
        return self

    def __next__(self) -> Record | Reject:
        row = next(self._rows)
        self.rows += 1
        return row


def _lend(store: Store, scratch: Store, project: Project, now: datetime) -> None:
    """What is known of the project's servers: prompts depend on it."""
    for _, llm in project.llm.models():
        seen = None if llm.provider == "local" else known(store, llm)
        if seen is not None:
            keep(scratch, seen, now=now)


def _asked(
    scratch: Store,
    project: Project,
    question: QuestionSettings,
    says: Says,
    factor: float,
    actor: Person,
) -> Asked:
    if not can_answer(project, question):
        return Asked(question.name, why_people(project, question), (), ())
    prelabeller = says(scratch, question)
    items = scratch.items.page(project.project, limit=SHOWN_ITEMS)
    prompts = []
    for item in items:
        calls = show_prompts(scratch, project, question, prelabeller, item.id, actor=actor)
        if calls:
            prompts.append((item, tuple(calls)))
    plans = plan(scratch, project, question, prelabeller, actor=actor)
    return Asked(question.name, "", tuple(prompts), tuple(_grown(p, factor) for p in plans))


def _grown(one: Plan, factor: float) -> Plan:
    """A plan for so many times as many items."""
    cost = None if one.cost_usd is None else one.cost_usd * factor
    counts = {
        name: round(getattr(one, name) * factor)
        for name in ("items", "calls", "tokens_in", "tokens_out")
    }
    return replace(one, cost_usd=cost, **counts)

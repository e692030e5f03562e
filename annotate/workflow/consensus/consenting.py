"""What is stood by for each item, once everything that people and machine said is weighed."""

from __future__ import annotations

import math
import threading
from collections import OrderedDict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, cast

from annotate.clock import iso
from annotate.model import Person
from annotate.people import require
from annotate.project import Project
from annotate.questions import QUESTION_TYPES, QuestionSettings
from annotate.store import Store
from annotate.store.standing.consensus import STATUSES, ConsensusRow, ConsensusRun, Status, Stored
from annotate.workflow.consensus.rulings import rulings
from annotate.workflow.consensus.view import AnnotatorQuality, ConsensusView, basis_of

__all__ = [
    "STATUSES",
    "AnnotatorQuality",
    "ConsensusView",
    "consensus_of",
    "ensure_fresh",
    "made_up",
    "made_when",
    "refresh",
]

FEW = 50_000
"""Answers of people, and items, up to which a page waits for the consensus to be made up."""
KEPT = 8
"""Views kept in memory, over all projects and questions of this process."""
MOVED = 0.005
"""A probability that moved less than this is not stored anew."""


@dataclass(slots=True)
class _Cache:
    """The views made last, each for one state of the data and of the settings."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    views: OrderedDict[tuple[str, ...], tuple[str, ConsensusView]] = field(
        default_factory=OrderedDict
    )

    def get(self, key: tuple[str, ...], state: str) -> ConsensusView | None:
        with self.lock:
            found = self.views.get(key)
            if found is None or found[0] != state:
                return None
            self.views.move_to_end(key)
            return found[1]

    def put(self, key: tuple[str, ...], state: str, view: ConsensusView) -> None:
        with self.lock:
            self.views[key] = state, view
            self.views.move_to_end(key)
            while len(self.views) > KEPT:
                self.views.popitem(last=False)


_cache = _Cache()


def consensus_of(
    store: Store, project: Project, question: QuestionSettings, *, actor: Person
) -> ConsensusView:
    """What is stood by now, by the project's `consensus:`. Raises NotAllowed.

    Made in memory and kept there as long as neither data nor settings change.
    """
    require(actor, "review")
    with store.snapshot():
        version = store.projects.data_version(project.project)
        key = store.place, project.project, question.name
        state = f"{version} {basis_of(project, question)}"
        known = _cache.get(key, state) if store.place else None
        if known is None:
            known = _made(store, project, question, version)
            _cache.put(key, state, known)
    return known


def refresh(
    store: Store, project: Project, question: QuestionSettings, *, actor: Person, now: datetime
) -> int:
    """Store what is stood by, for pages that sort and count; how many rows were new or other ones.

    Running it again with nothing new changes nothing. Raises NotAllowed.
    """
    require(actor, "review")
    view = consensus_of(store, project, question, actor=actor)
    run = _run(project, question, view, iso(now))
    last = store.consensus.run_of(project.project, question.name)
    if last is not None and (last.basis, last.data_version) == (run.basis, run.data_version):
        return 0
    if last is not None and last.data_version > run.data_version:
        return 0  # somebody else has seen more meanwhile
    before = {one.item_id: one for one in store.consensus.stored(project.project, question.name)}
    rows = _rows(project, view, iso(now))
    changed = store.consensus.put(r for r in rows if _differs(before.get(r.item_id), r))
    store.consensus.finish(run)
    return changed


def ensure_fresh(
    store: Store, project: Project, question: QuestionSettings, *, actor: Person, now: datetime
) -> ConsensusRun | None:
    """How the stored consensus was made, after making it anew where that is soon done.

    With more than 50,000 answers or items what is stored stays, with its time; None where nothing
    is. The worker keeps it current there, and `coannotate consensus`. Raises NotAllowed.
    """
    require(actor, "review")
    name = project.project
    last = store.consensus.run_of(name, question.name)
    state = store.projects.data_version(name), basis_of(project, question)
    if last is not None and (last.data_version, last.basis) == state:
        return last
    many = store.items.next_position(name) > FEW
    if many or store.annotations.more_than(name, question.name, FEW):
        return last
    refresh(store, project, question, actor=actor, now=now)
    return store.consensus.run_of(name, question.name)


def made_up(
    store: Store,
    project: Project,
    questions: Iterable[QuestionSettings],
    *,
    actor: Person,
    now: datetime,
) -> None:
    """`ensure_fresh` for those of the questions that people have answered."""
    require(actor, "review")
    for question in questions:
        if store.annotations.more_than(project.project, question.name, 0):
            ensure_fresh(store, project, question, actor=actor, now=now)


def made_when(store: Store, project: Project, question: QuestionSettings) -> str | None:
    """When the stored consensus was made, as UTC ISO text, if that is before the newest change;
    None where it is of now. "": there is none, though people have answered."""
    name = project.project
    last = store.consensus.run_of(name, question.name)
    if last is None:
        return "" if store.annotations.more_than(name, question.name, 0) else None
    state = store.projects.data_version(name), basis_of(project, question)
    return None if (last.data_version, last.basis) == state else last.at


def _made(
    store: Store, project: Project, question: QuestionSettings, version: int
) -> ConsensusView:
    from annotate.workflow.consensus.comparing import by_distance
    from annotate.workflow.consensus.weighing import by_classes

    ruled = rulings(store, project, question)
    classes = QUESTION_TYPES[question.type].classes(question)
    way = by_classes if len(classes) > 1 else by_distance
    return way(store, project, question, ruled, version)


def _run(
    project: Project, question: QuestionSettings, view: ConsensusView, at: str
) -> ConsensusRun:
    quality: list[Mapping[str, Any]] = [
        {
            "person_id": one.person_id,
            "answers": one.answers,
            "accuracy": None if math.isnan(one.accuracy) else one.accuracy,
            "low": one.low,
            "high": one.high,
            "confusion": one.confusion.round(4).tolist(),
        }
        for one in view.quality
    ]
    return ConsensusRun(
        project.project,
        question.name,
        basis_of(project, question),
        project.consensus.method,
        view.data_version,
        int(view.people.sum()),
        quality,
        at,
    )


def _rows(project: Project, view: ConsensusView, at: str) -> Iterator[ConsensusRow]:
    """A row for every item that anybody has said something of."""
    wide = view.posterior.shape[1] > 0
    uncertainty, priority = view.uncertainty.tolist(), view.priority.tolist()
    for row, item_id in enumerate(view.item_ids):
        label, machine = int(view.label[row]), int(view.machine[row])
        yield ConsensusRow(
            project=project.project,
            question=view.question,
            item_id=item_id,
            value=view.value(row),
            probability=float(view.posterior[row, label]) if wide and label >= 0 else None,
            uncertainty=uncertainty[row],
            people=int(view.people[row]),
            machine_value=view.machine_value(row),
            machine_probability=float(view.machine_probability[row, machine])
            if wide and machine >= 0
            else None,
            status=cast(Status, str(view.status[row])),
            priority=priority[row],
            data_version=view.data_version,
            at=at,
        )


_SAME = ("value", "people", "machine_value", "status")
_NEAR = ("probability", "uncertainty", "machine_probability")


def _differs(old: Stored | None, new: ConsensusRow) -> bool:
    if old is None:
        return new.status != "open"
    if any(getattr(old, name) != getattr(new, name) for name in _SAME):
        return True
    return any(_moved(getattr(old, name), getattr(new, name)) for name in _NEAR)


def _moved(old: Any, new: Any) -> bool:
    if old is None or new is None:
        return old is not new
    return bool(abs(old - new) >= MOVED)

"""What people are told of their own work: what leads corrected, how steady and how fast they are.

Of the person who asks and of nobody else. The model's answers are not told, nor anything of items
with a known answer, which would no longer measure anybody once they are known.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from statistics import median

from annotate.clock import iso
from annotate.model import Person
from annotate.people import require
from annotate.project import Project
from annotate.store import Store
from annotate.workflow.decisions.corrections import Correction, corrections
from annotate.workflow.team.counting import WEEK
from annotate.workflow.team.figures import Rate
from annotate.workflow.team.person_detail import DAYS, Day, own_days
from annotate.workflow.team.teaming import LATEST

STEP = 10
"""Re-asks are told of in steps of so many: a number that moved with each would betray which it was.
"""
CHUNK = 1000


@dataclass(frozen=True, slots=True)
class Feedback:
    """today, week, answered: tasks answered, counted as the screen counts them. pace: median
    seconds of the newest answers; None without timed ones. decided: right among the items that a
    lead has decided. again: as before, among re-asks; None before there are ten. corrected: what
    was decided otherwise, or commented, newest first. days: the newest first, tasks and pace.
    """

    today: int
    week: int
    answered: int
    pace: float | None
    decided: Rate
    again: Rate | None
    corrected: Sequence[Correction]
    days: Sequence[Day]


def own_feedback(store: Store, project: Project, *, actor: Person, now: datetime) -> Feedback:
    """Of the actor's own work here; nobody else can be asked about. Raises NotAllowed."""
    require(actor, "label")
    with store.snapshot():
        tasks = store.team.tasks_by_day(project.project, actor.id)
        paces = {day.date: day.seconds for day in own_days(store, project, actor.id, now)}
        decided = _without_known(store, corrections(store, project, actor.id))
        latest = store.team.latest(project.project, actor.id, most=LATEST)
        timed = [one.seconds for one in latest if one.seconds]
        return Feedback(
            today=tasks.get(iso(now)[:10], 0),
            week=sum(count for day, count in tasks.items() if day > iso(now - WEEK)[:10]),
            answered=sum(tasks.values()),
            pace=median(timed) if timed else None,
            decided=Rate(
                sum(one.right is True for one in decided),
                sum(one.right is not None for one in decided),
            ),
            again=_again(store, project, actor),
            corrected=[one for one in decided if one.right is not True or one.comment],
            days=_days(tasks, paces, now),
        )


def _without_known(store: Store, found: Sequence[Correction]) -> list[Correction]:
    """Without items that have a known answer: that they have one must stay a secret."""
    known: set[str] = set()
    for start in range(0, len(found), CHUNK):
        part = [one.item.id for one in found[start : start + CHUNK]]
        known |= store.checks.known(part).keys()
    return [one for one in found if one.item.id not in known]


def _again(store: Store, project: Project, actor: Person) -> Rate | None:
    settled = store.checks.settled(project.project, actor.id, "reask")
    told = settled[: len(settled) // STEP * STEP]
    return Rate(sum(one.correct for one in told), sum(one.asked for one in told)) if told else None


def _days(tasks: dict[str, int], paces: dict[str, float | None], now: datetime) -> list[Day]:
    since = iso(now - DAYS)[:10]
    shown = [day for day in sorted(tasks, reverse=True) if day >= since]
    return [Day(day, tasks[day], paces.get(day)) for day in shown]

"""One person as their lead looks closer: pace by day, their labels beside the others', where they
differ, and what was decided about them."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median
from typing import Literal, NamedTuple

import numpy as np

from annotate.clock import iso
from annotate.errors import NotFound
from annotate.llm.spoken import has_classes
from annotate.model import Item, Person, Value
from annotate.people import require
from annotate.project import Project
from annotate.questions import QUESTION_TYPES, QuestionSettings, brief
from annotate.store import Store
from annotate.store.persons.person_events import PersonEvent
from annotate.store.persons.team import Said
from annotate.workflow.decisions.corrections import Correction, corrections
from annotate.workflow.disagreement.review import Confusion, alike
from annotate.workflow.team.teaming import LATEST, Member, Team, beside_others

DAYS = timedelta(days=30)
MOST_OF_DAYS = 50_000
"""So many answers of the last days are looked at, the newest."""
DIFFERING = 8
EVENTS = 50
SHARED = ("adjudicated", "agreed", "disputed")
MOST_CLASSES = 12
"""Of more classes only those that were said are shown."""


class Day(NamedTuple):
    """date: ISO, UTC. seconds: the median; None where none was timed."""

    date: str
    answers: int
    seconds: float | None


class Differing(NamedTuple):
    """An item on which this person does not say what is stood by, or most of the others say."""

    item: Item
    own: Value
    other: Value
    at: str


@dataclass(frozen=True, slots=True)
class Detail:
    """confusion: this person in rows, in columns the consensus, or what most of the others say
    where there is no consensus yet (by: which); None without classes.

    labels: value -> (share of this person's answers, share of the others'), 0..1.
    """

    member: Member
    days: Sequence[Day]
    labels: Mapping[str, tuple[float, float]]
    by: Literal["consensus", "others"]
    confusion: Confusion | None
    differing: Sequence[Differing]
    corrected: Sequence[Correction]
    events: Sequence[PersonEvent]


def person_detail(
    store: Store,
    project: Project,
    question: QuestionSettings,
    team: Team,
    name: str,
    *,
    actor: Person,
    now: datetime,
) -> Detail:
    """What there is to know of one person in this project. team: as it was looked at.

    Raises NotAllowed, and NotFound for somebody who is not in the team.
    """
    require(actor, "lead people")
    member = team.named(name)
    if member is None:
        names = ", ".join(one.person.name for one in team.members) or "nobody yet"
        raise NotFound(f"{name!r} does not work in {project.project!r}; here are: {names}")
    who = member.person.id
    with store.snapshot():
        latest = store.team.latest(project.project, who, most=LATEST)
        by: Literal["consensus", "others"] = "others" if team.consensus_at is None else "consensus"
        pairs = (
            beside_others(store, question, {who: latest})[who]
            if by == "others"
            else _beside_consensus(store, question, latest)
        )
        return Detail(
            member=member,
            days=own_days(store, project, who, now),
            labels=_labels(question, team, member),
            by=by,
            confusion=_confusion(question, pairs),
            differing=list(_differing(store, project, question, latest, pairs)),
            corrected=_corrected(store, project, who),
            events=store.person_events.of(project.project, who, limit=EVENTS),
        )


def _beside_consensus(
    store: Store, question: QuestionSettings, latest: Sequence[Said]
) -> list[tuple[str, Value, Value]]:
    """(item, what they say, what is stood by), of items that somebody else has a part in."""
    own = {one.item_id: one.value for one in latest if one.question == question.name}
    rows = store.consensus.of_items(question.name, list(own))
    return [
        (item_id, value, rows[item_id].value)
        for item_id, value in own.items()
        if item_id in rows and rows[item_id].status in SHARED and rows[item_id].value is not None
    ]


def _corrected(store: Store, project: Project, person_id: str) -> list[Correction]:
    """The newest that were decided otherwise than this person answered."""
    found = corrections(store, project, person_id)
    return [one for one in found if one.right is not True][:DIFFERING]


def own_days(store: Store, project: Project, person_id: str, now: datetime) -> list[Day]:
    """The last `DAYS` of a person, the newest first; days without answers are left out."""
    said = store.team.latest(project.project, person_id, most=MOST_OF_DAYS, since=iso(now - DAYS))
    by_day: dict[str, list[Said]] = defaultdict(list)
    for one in said:
        by_day[one.created_at[:10]].append(one)
    return [
        Day(date, len(given), _median(one.seconds for one in given))
        for date, given in by_day.items()
    ]


def _median(seconds: Iterable[float | None]) -> float | None:
    timed = [one for one in seconds if one]
    return median(timed) if timed else None


def _labels(
    question: QuestionSettings, team: Team, member: Member
) -> dict[str, tuple[float, float]]:
    if not has_classes(question):
        return {}
    own, rest = Counter(member.figures.labels), Counter[str]()
    for one in team.members:
        if one.person.id != member.person.id:
            rest.update(one.figures.labels)
    names = [brief(value) for value in QUESTION_TYPES[question.type].classes(question)]
    names += sorted((own.keys() | rest.keys()) - set(names))
    total, others = max(own.total(), 1), max(rest.total(), 1)
    return {name: (own[name] / total, rest[name] / others) for name in names}


def _confusion(
    question: QuestionSettings, pairs: Sequence[tuple[str, Value, Value]]
) -> Confusion | None:
    said = {brief(value) for _, own, rest in pairs for value in (own, rest)}
    known = QUESTION_TYPES[question.type].classes(question)
    if not known:
        return None
    classes = known if len(known) <= MOST_CLASSES else tuple(c for c in known if brief(c) in said)
    at = {brief(value): number for number, value in enumerate(classes)}
    counts = np.zeros((len(classes), len(classes) + 1), dtype=np.int64)
    for _, own, rest in pairs:
        if brief(own) in at and brief(rest) in at:
            counts[at[brief(own)], at[brief(rest)]] += 1
    return Confusion(classes, counts)


def _differing(
    store: Store,
    project: Project,
    question: QuestionSettings,
    latest: Sequence[Said],
    pairs: Sequence[tuple[str, Value, Value]],
) -> Iterable[Differing]:
    same = alike(project, question)
    beside = {item_id: (own, rest) for item_id, own, rest in pairs if not same(own, rest)}
    newest = [o for o in latest if o.question == question.name and o.item_id in beside]
    items = store.items.several([one.item_id for one in newest[:DIFFERING]])
    for one in newest[:DIFFERING]:
        yield Differing(items[one.item_id], *beside[one.item_id], one.created_at)

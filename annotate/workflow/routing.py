"""Send each pre-labelled item to the model, to people, or to the random audit."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from annotate.clock import iso
from annotate.errors import NothingToDo
from annotate.hashing import digest
from annotate.model import Assignment, Decision, Destination, Person, Prelabel, Value
from annotate.people import require
from annotate.project import Project
from annotate.questions import QUESTION_TYPES, QuestionSettings
from annotate.store import Store
from annotate.store.decisions import Routing
from annotate.workspace import require_items
from routing import draws, uncertainty
from routing.types import Scores, Verdicts

BATCH = 5_000


@dataclass(frozen=True, slots=True)
class RouteReport:
    """Where the pre-labelled items stand now, and how many decisions are new."""

    items: int
    destinations: Mapping[Destination, int]
    changed: int
    waiting_prelabel: int
    unusable: int


@dataclass(slots=True)
class Votes:
    """What the machine said of n items: votes and confidences (n, m), outcomes for the reasons."""

    item_ids: list[str]
    votes: NDArray[np.int16]
    confidences: NDArray[np.float64]
    outcomes: list[Counter[str]]


def route(
    store: Store,
    project: Project,
    question: QuestionSettings,
    *,
    actor: Person,
    now: datetime,
    new_id: Callable[[], str],
) -> RouteReport:
    """Decide for every pre-labelled item and open the slots that people will fill.

    Running it again with nothing new changes nothing. Items a person has answered or holds keep
    their decision. Raises NotAllowed, and NothingToDo before any pre-labelling.
    """
    require(actor, "route")
    total = require_items(store, project)
    classes = QUESTION_TYPES[question.type].classes(question)
    machine = collect_votes(store.prelabels.current(project.project, question.name), classes)
    if not machine.item_ids:
        raise NothingToDo(
            f"nothing of {project.project!r} is pre-labelled yet: `coannotate prelabel` comes first"
        )
    before = {d.item_id: d for d in store.decisions.current(project.project, question.name)}
    touched = store.assignments.touched_items(project.project, question.name)
    with store.transaction():
        number = store.decisions.next_number(project.project, question.name)
        decided = _decide(project, question, machine, before, touched, iso(now), number)
        changed = [d for d in decided if _differs(before.get(d.item_id), d)]
        if changed:
            _store(store, project, question, decided, changed, number, iso(now), new_id)
    counts: Counter[Destination] = Counter(d.destination for d in decided)
    unusable = sum(d.score is None for d in decided)
    waiting = total - len(machine.item_ids)
    return RouteReport(len(decided), dict(counts), len(changed), waiting, unusable)


def collect_votes(prelabels: Iterator[Prelabel], classes: Sequence[Value]) -> Votes:
    """The machine's answers as arrays. -1: no vote; NaN: no stated confidence."""
    index = {value: at for at, value in enumerate(classes)}
    item_ids: list[str] = []
    votes: list[list[int]] = []
    confidences: list[list[float]] = []
    outcomes: list[Counter[str]] = []
    for prelabel in prelabels:
        if not item_ids or item_ids[-1] != prelabel.item_id:
            item_ids.append(prelabel.item_id)
            votes.append([])
            confidences.append([])
            outcomes.append(Counter())
        voted = index.get(prelabel.value, -1) if prelabel.outcome == "parsed" else -1
        votes[-1].append(voted)
        stated = prelabel.confidence if voted >= 0 else None
        confidences[-1].append(np.nan if stated is None else stated)
        outcomes[-1][prelabel.outcome] += 1
    width = max(map(len, votes), default=0)
    vote_array = np.full((len(votes), width), -1, dtype=np.int16)
    confidence_array = np.full((len(votes), width), np.nan)
    for at, (row, stated_row) in enumerate(zip(votes, confidences, strict=True)):
        vote_array[at, : len(row)] = row
        confidence_array[at, : len(row)] = stated_row
    return Votes(item_ids, vote_array, confidence_array, outcomes)


def score(project: Project, machine: Votes, k: int) -> Scores:
    """(n,) uncertainty by the project's signal; NaN where the model gave nothing usable."""
    if project.routing.signal == "confidence":
        return uncertainty.confidence(machine.confidences, votes=machine.votes)
    return uncertainty.entropy(machine.votes, k)


def _decide(
    project: Project,
    question: QuestionSettings,
    machine: Votes,
    before: Mapping[str, Decision],
    touched: set[str],
    now: str,
    number: int,
) -> list[Decision]:
    classes = QUESTION_TYPES[question.type].classes(question)
    scores = score(project, machine, len(classes))
    keys = np.array([int(item_id[:16], 16) for item_id in machine.item_ids], dtype=np.uint64)
    drawn = draws.pairs(keys, seed=project.routing.seed)
    kept = [before.get(i) if i in touched else None for i in machine.item_ids]
    fixed = np.array([d is not None and d.destination == "annotate" for d in kept], dtype=bool)
    # an audited item that people have is outside the policy: it takes no part of a budget
    audited = np.array([d is not None and d.destination == "audit" for d in kept], dtype=bool)
    verdicts = project.routing.build().route(np.where(audited, 0.0, scores), drawn, fixed)
    labels = uncertainty.majority(machine.votes, len(classes))
    decisions = []
    for at, item_id in enumerate(machine.item_ids):
        old = kept[at]
        if old is not None:
            decisions.append(old)
            continue
        destination = _destination(verdicts, at)
        value = classes[labels[at]] if labels[at] >= 0 else None
        decisions.append(
            Decision(
                id=digest(item_id, question.name, number),
                project=project.project,
                item_id=item_id,
                question=question.name,
                destination=destination,
                score=None if np.isnan(scores[at]) else round(float(scores[at]), 9),
                model_value=value,
                propensity=round(float(verdicts.propensity[at]), 9),
                policy=project.routing.policy,
                reason=_reason(destination, machine, at, classes),
                created_at=now,
            )
        )
    return decisions


def _destination(verdicts: Verdicts, at: int) -> Destination:
    if verdicts.accept[at]:
        return "auto"
    return "audit" if verdicts.audit[at] else "annotate"


def _reason(destination: Destination, machine: Votes, at: int, classes: Sequence[Value]) -> str:
    """One plain sentence: what the model said, and what follows."""
    counted = Counter(int(v) for v in machine.votes[at] if v >= 0)
    cast = sum(counted.values())
    if not cast:
        ended = ", ".join(f"{n} {name}" for name, n in machine.outcomes[at].most_common())
        return f"no usable answer from the model ({ended})"
    ranked = sorted(counted.items(), key=lambda pair: (-pair[1], pair[0]))
    if len(ranked) == 1:
        said = f"all {cast} answers say {classes[ranked[0][0]]}"
    else:
        split = " : ".join(str(n) for _, n in ranked)
        names = ", ".join(str(classes[c]) for c, _ in ranked)
        said = f"answers split {split} between {names}"
    lost = len(machine.votes[at]) - cast
    asked = sum(machine.outcomes[at].values())
    if asked > cast:
        said += f"; {min(lost, asked - cast)} unusable"
    return f"{said}; drawn at random for the audit" if destination == "audit" else said


def _differs(old: Decision | None, new: Decision) -> bool:
    if old is None:
        return True
    same = ("destination", "score", "model_value", "propensity", "policy", "reason")
    return any(getattr(old, name) != getattr(new, name) for name in same)


def _store(
    store: Store,
    project: Project,
    question: QuestionSettings,
    decided: Sequence[Decision],
    changed: Sequence[Decision],
    number: int,
    now: str,
    new_id: Callable[[], str],
) -> None:
    policy: Any = project.routing.build()
    routing = Routing(
        id=new_id(),
        project=project.project,
        question=question.name,
        number=number,
        policy=project.routing.policy,
        settings={**asdict(policy), **project.routing.model_dump(mode="json")},
        created_at=now,
    )
    store.decisions.start(routing)
    store.decisions.add(routing, changed)
    wanted = [d for d in decided if d.destination != "auto"]
    store.assignments.cancel_untouched(
        project.project, question.name, keep=(d.item_id for d in wanted)
    )
    slots = (
        _slot(decision, slot) for decision in wanted for slot in range(project.people.per_item)
    )
    store.assignments.add(slots, now=now)
    store.assignments.reprioritise(
        (d.item_id, d.question, _priority(d)) for d in changed if d.destination != "auto"
    )


def _slot(decision: Decision, slot: int) -> Assignment:
    return Assignment(
        id=digest(decision.item_id, decision.question, slot),
        project=decision.project,
        item_id=decision.item_id,
        question=decision.question,
        slot=slot,
        priority=_priority(decision),
        state="open",
        person_id=None,
        leased_until=None,
    )


def _priority(decision: Decision) -> float:
    """Most uncertain first. Audited items stand anywhere among them, so that nobody can tell."""
    if decision.destination == "audit":
        return int(digest("audit", decision.item_id)[:8], 16) / 0xFFFFFFFF
    return 1.0 if decision.score is None else decision.score

"""The people of a project as their lead sees them: how much, how fast, how well, and what stands
in their way. Figures of quality and pace are of everybody's newest answers: a lead acts on now.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from annotate.clock import iso
from annotate.consensus import agreed
from annotate.model import Person, Value
from annotate.people import require
from annotate.project import Project
from annotate.questions import QuestionSettings, brief
from annotate.store import Store
from annotate.store.persons.team import Counted, Said
from annotate.store.standing.consensus import ConsensusRun
from annotate.workflow.disagreement.review import alike
from annotate.workflow.labelling.checking import lesson
from annotate.workflow.labelling.seat import Seat
from annotate.workflow.team import figures
from annotate.workflow.team.counting import counted
from annotate.workflow.team.figures import Figures, Quality, Rate

LATEST = 500
"""So many of everybody's newest answers are looked at."""
State = Literal["working", "paused", "in training", "training failed", "capped", "deactivated"]


@dataclass(frozen=True, slots=True)
class Member:
    """One person. counted: of all questions together. last: when they answered last. in_hand: items
    lent to them now. figures: of their newest answers; `others`, `labels` are of one question."""

    person: Person
    state: State
    why: str
    counted: Counted
    last: str | None
    in_hand: int
    skills: tuple[str, ...]
    figures: Figures
    warnings: tuple[str, ...] = field(default=())


@dataclass(frozen=True, slots=True)
class Team:
    """members: who has warnings first, then who answered most. question: what agreement and labels
    are of. at: when it was looked at; consensus_at: when the consensus was made, None without one.
    """

    question: str
    members: tuple[Member, ...]
    at: str
    consensus_at: str | None = None

    def named(self, name: str) -> Member | None:
        return next((one for one in self.members if one.person.name == name), None)


def team(
    store: Store,
    project: Project,
    question: QuestionSettings,
    *,
    actor: Person,
    now: datetime,
    done: Mapping[str, Counted] | None = None,
) -> Team:
    """Everybody who works or could work here, with their figures. done: how much each did, counted
    now if left out. Raises NotAllowed.

    Agreement with the consensus is that of the stored one: `ensure_fresh` brings it up to date.
    """
    require(actor, "lead people")
    with store.snapshot():
        done = counted(store, project, now) if done is None else done
        return _team(store, project, question, now, done)


def _team(
    store: Store,
    project: Project,
    question: QuestionSettings,
    now: datetime,
    done: Mapping[str, Counted],
) -> Team:
    people = _people(store, project)
    ids = [one.id for one in people]
    done = {who: done.get(who, Counted(0, 0, 0, 0)) for who in ids}
    latest = {who: store.team.latest(project.project, who, most=LATEST) for who in ids}
    run = store.consensus.run_of(project.project, question.name)
    agreeing = with_others(store, project, question, latest) if run is None else {}
    rates = _Rates.of(store, project.project, run)
    made = {
        who: rates.figures(who, question, latest[who], agreeing.get(who, Rate(0, 0)), done[who])
        for who in ids
    }
    states = _States.of(store, project, now)
    hands, skills = store.team.in_hand(project.project), store.skills.all()
    members = []
    for person in people:
        state, why = states.of_person(person)
        rest = [one for who, one in made.items() if who != person.id]
        members.append(
            Member(
                person=person,
                state=state,
                why=why,
                counted=done[person.id],
                last=latest[person.id][0].created_at if latest[person.id] else None,
                in_hand=hands.get(person.id, 0),
                skills=skills.get(person.id, ()),
                figures=made[person.id],
                warnings=tuple(figures.warnings_of(made[person.id], rest)),
            )
        )
    members.sort(key=lambda m: (-len(m.warnings), -m.counted.answers, m.person.name))
    return Team(question.name, tuple(members), iso(now), None if run is None else run.at)


def _people(store: Store, project: Project) -> list[Person]:
    """Annotators who may come in, and whoever has done something here."""
    here = store.team.members(project.project)
    return [
        one.person
        for one in store.accounts.all()
        if one.person.id in here or (one.active and one.person.role == "annotator")
    ]


# ---- agreement with the others


def with_others(
    store: Store,
    project: Project,
    question: QuestionSettings,
    latest: Mapping[str, Sequence[Said]],
) -> dict[str, Rate]:
    """person id -> of their answers to items that others answered too, how many say what most of
    these others say; items on which the others are tied are left out."""
    same = alike(project, question)
    pairs = beside_others(store, question, latest)
    return {
        who: Rate(sum(same(own, rest) for _, own, rest in found), len(found))
        for who, found in pairs.items()
    }


def beside_others(
    store: Store, question: QuestionSettings, latest: Mapping[str, Sequence[Said]]
) -> dict[str, list[tuple[str, Value, Value]]]:
    """person id -> (item, what they say, what most of the others say)."""
    own = {
        who: {one.item_id: one.value for one in said if one.question == question.name}
        for who, said in latest.items()
    }
    item_ids = sorted({item_id for said in own.values() for item_id in said})
    given: dict[str, list[Said]] = {}
    for one in store.team.of_items(question.name, item_ids):
        given.setdefault(one.item_id, []).append(one)
    found: dict[str, list[tuple[str, Value, Value]]] = {}
    for who, said in own.items():
        found[who] = []
        for item_id, value in said.items():
            rest = _most(question, [o.value for o in given[item_id] if o.person_id != who])
            if rest is not None:
                found[who].append((item_id, value, rest))
    return found


def _most(question: QuestionSettings, values: Sequence[Value]) -> Value:
    """What most say; None where they are tied. Where all say the same, nothing is counted."""
    if values and all(value == values[0] for value in values):
        return values[0]
    return agreed(question, values).value


# ---- what else is known of everybody


@dataclass(frozen=True, slots=True)
class _Rates:
    gold: Mapping[str, Rate]
    self_: Mapping[str, Rate]
    flags: Mapping[str, int]
    consensus: Mapping[str, Quality]

    @classmethod
    def of(cls, store: Store, project: str, run: ConsensusRun | None) -> _Rates:
        gold, again = (
            {one.person_id: Rate(one.correct, one.asked) for one in store.checks.scores(project, p)}
            for p in ("gold", "reask")
        )
        quality = {
            one["person_id"]: Quality(one["answers"], one["accuracy"], one["low"], one["high"])
            for one in (() if run is None else run.quality)
            if one["accuracy"] is not None
        }
        return cls(gold, again, store.team.flags(project), quality)

    def figures(
        self,
        who: str,
        question: QuestionSettings,
        said: Sequence[Said],
        others: Rate,
        counted: Counted,
    ) -> Figures:
        given = counted.answers + counted.skips
        flagged = min(self.flags.get(who, 0), given)
        return Figures(
            timed=[one.seconds for one in said if one.seconds],
            labels=Counter(brief(one.value) for one in said if one.question == question.name),
            others=others,
            gold=self.gold.get(who, Rate(0, 0)),
            self_=self.self_.get(who, Rate(0, 0)),
            skipped=Rate(counted.skips, given),
            flagged=Rate(flagged, given),
            consensus=self.consensus.get(who),
        )


@dataclass(frozen=True, slots=True)
class _States:
    store: Store
    project: Project
    now: datetime
    gone: frozenset[str]
    pauses: Mapping[str, str]

    @classmethod
    def of(cls, store: Store, project: Project, now: datetime) -> _States:
        gone = frozenset(one.person.id for one in store.accounts.all() if not one.active)
        pauses = store.person_events.pauses(project.project)
        said = {who: f"by {one.person}: {one.reason}" for who, one in pauses.items()}
        return cls(store, project, now, gone, said)

    def of_person(self, person: Person) -> tuple[State, str]:
        """How they stand, and why."""
        if person.id in self.gone:
            return "deactivated", ""
        if person.id in self.pauses:
            return "paused", self.pauses[person.id]
        seat = Seat(self.store, self.project, person, self.now)
        training = lesson(seat)
        if training.state == "failed":
            return "training failed", ""
        if training.state == "open":
            return "in training", f"{training.done} items done"
        return self._capped(seat)

    def _capped(self, seat: Seat) -> tuple[State, str]:
        people = self.project.people
        for most, since, what in (
            (people.most_per_person, "", "in all"),
            (people.most_per_day, seat.midnight, "today"),
        ):
            if most is not None:
                operations = self.store.operations
                done = operations.answered(seat.name, seat.actor.id, since=since, most=most)
                if done >= most:
                    return "capped", f"{most:,} items {what}"
        return "working", ""

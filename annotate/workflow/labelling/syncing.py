"""One exchange with a browser: what a person did goes in, what they do next comes out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from math import ceil
from threading import Lock
from typing import Any

from annotate.model import Person
from annotate.people import require
from annotate.project import Project
from annotate.store import Store
from annotate.workflow.labelling import checking
from annotate.workflow.labelling.messages import Message
from annotate.workflow.labelling.operating import perform
from annotate.workflow.labelling.requests import SyncRequest, Undo, read_request
from annotate.workflow.labelling.seat import Seat
from annotate.workflow.labelling.showing import tasks
from annotate.workflow.labelling.taking import Hands, Rules, free_items, hold, let_go
from annotate.workflow.projects.opening import opening

MOST_COUNTED = 10_000
"""So many waiting slots are looked at; a reply says `more` where there are others."""
FEW = 200
"""Up to so many items are counted for each person by themselves."""
MOST_A_DAY = 100_000


@dataclass(slots=True)
class Waiting:
    """How many items wait, counted anew after `fresh_s` seconds: a queue can hold a million."""

    fresh_s: float = 5.0
    _seen: dict[str, tuple[datetime, int]] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)

    def count(self, store: Store, project: str, now: datetime) -> int:
        """Items with a slot that waits, among the first `MOST_COUNTED` slots."""
        with self._lock:
            at, count = self._seen.get(project, (None, 0))
            if at is None or not 0 <= (now - at).total_seconds() < self.fresh_s:
                count = store.leases.open_items(project, most=MOST_COUNTED)
                self._seen[project] = now, count
            return count


def sync(
    store: Store,
    project: Project,
    sent: Mapping[str, Any] | SyncRequest,
    *,
    actor: Person,
    now: datetime,
    waiting: Waiting | None = None,
) -> dict[str, Any]:
    """The reply to one request, as JSON; all of it is stored when this returns, or nothing is.

    Operations are done in order and each once, however often it is sent; one that cannot be done
    says why, is kept with all that was sent, and stops none behind it. waiting: kept by who answers
    many requests. Raises NotAllowed, Malformed, and Busy.
    """
    require(actor, "label")
    request = sent if isinstance(sent, SyncRequest) else read_request(sent)
    with store.transaction():
        stands = opening(store, project)
        seat = Seat(
            store,
            project,
            actor,
            now,
            "open" if stands is None else stands.state,
            store.person_events.pause(project.project, actor.id),
        )
        turns = (_at_its_turn(seat, number) for number in range(len(request.ops)))
        done = [
            perform(turn, op, request.language) for turn, op in zip(turns, request.ops, strict=True)
        ]
        pairs = zip(request.ops, done, strict=True)
        undone = [item_id for op, (item_id, _) in pairs if isinstance(op, Undo)]
        if request.leave:
            let_go(seat, request.leave)
        rules, full = _rules(seat)
        hands = hold(seat, request.holding, request.want, rules, back=undone)
    state, said = _state(seat, hands, rules, full, "" if stands is None else stands.reason or "")
    return {
        "reply_to": request.request,
        "results": [result for _, result in done],
        "tasks": tasks(seat, hands.shown),
        "lost": list(hands.lost),
        "day": _day(seat, hands, rules, waiting or Waiting()),
        "state": state,
        "message": "" if said is None else said.words(request.language),
    }


def _at_its_turn(seat: Seat, number: int) -> Seat:
    """The seat a little later for each operation: order by time is the order they were done in."""
    return replace(seat, now=seat.now + timedelta(microseconds=number))


def _rules(seat: Seat) -> tuple[Rules, Message | None]:
    """What may be given to this person now; and which cap they have reached, if any."""
    if seat.paused is not None:
        return Rules(work=False), None
    lesson = checking.lesson(seat)
    if seat.opening != "open" or lesson.state == "failed":
        return Rules(work=False, training=lesson if lesson.state == "failed" else None), None
    if lesson.state == "open":
        return Rules(training=lesson), None
    skills = seat.store.skills.of(seat.actor.id) if seat.project.people.skill_from else ()
    most, full = _caps(seat)
    return Rules(most=most, skills=skills), full


def _caps(seat: Seat) -> tuple[int | None, Message | None]:
    people, left, full = seat.project.people, [], None
    for most, since, code in (
        (people.most_per_person, "", "person_full"),
        (people.most_per_day, seat.midnight, "day_full"),
    ):
        if most is not None:
            done = seat.store.operations.answered(seat.name, seat.actor.id, since=since, most=most)
            left.append(most - done)
            if done >= most and full is None:
                full = Message(code, {"most": most})
    return min(left, default=None), full


def _day(seat: Seat, hands: Hands, rules: Rules, waiting: Waiting) -> dict[str, Any]:
    store, goal = seat.store, seat.project.people.daily_goal
    answered = store.operations.answered(
        seat.name, seat.actor.id, since=seat.midnight, most=MOST_A_DAY
    )
    free = waiting.count(store, seat.name, seat.now)
    if free <= FEW:
        free = len(free_items(seat, rules.skills, FEW))
    day = {"answered": answered, "waiting": free + hands.held, "more": free >= MOST_COUNTED}
    return day | ({} if goal is None else {"goal": goal})


# ---- how it stands, in words


def _state(
    seat: Seat, hands: Hands, rules: Rules, full: Message | None, reason: str
) -> tuple[str, Message | None]:
    """The state of the screen, and what it says where there is nothing to do, or in training."""
    why = {"why": f" ({reason})" if reason else ""}
    if seat.opening == "frozen":
        return "frozen", Message("project_frozen", why)
    if seat.paused is not None:
        said = seat.paused.reason
        return "person_paused", Message("person_paused", {"why": f" ({said})" if said else ""})
    if rules.training is not None:
        return "training", _training(seat, hands, rules.training)
    if hands.held:
        return "working", None
    if seat.opening == "paused":
        return "paused", Message("paused", why)
    if full is not None:
        return "capped", full
    return "empty", _empty(seat, rules)


def _training(seat: Seat, hands: Hands, lesson: checking.Lesson) -> Message:
    settings = seat.project.people.training
    assert settings is not None
    last = seat.store.trainings.last(seat.name, seat.actor.id)
    if lesson.state == "failed" and last is not None:
        needed = ceil(settings.pass_ * last.asked)
        facts = {"correct": last.correct, "asked": last.asked, "needed": needed}
        return Message("training_failed", facts)
    if not hands.held:
        return Message("training_impossible")
    return Message("training", {"done": lesson.done, "items": settings.items})


def _empty(seat: Seat, rules: Rules) -> Message:
    others = seat.store.leases.with_others(seat.name, seat.actor.id)
    if others.items and others.first_free is not None:
        n = max(1, ceil(seat.minutes_from_now(others.first_free)))
        items = "1 item is" if others.items == 1 else f"{others.items:,} items are"
        minutes = "1 minute" if n == 1 else f"{n} minutes"
        facts = {"items": items, "minutes": minutes, "count": others.items, "n": n}
        return Message("with_others", facts)
    if seat.project.people.skill_from:
        lacking = set(seat.store.skills.waiting(seat.name)) - {"", *rules.skills}
        if lacking:
            return Message("other_skills", {"skills": ", ".join(sorted(lacking))})
    return Message("nothing")

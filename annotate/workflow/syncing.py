"""One exchange with a browser: what a person did goes in, what they do next comes out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from threading import Lock
from typing import Any

from annotate.model import Person
from annotate.people import require
from annotate.project import Project
from annotate.store import Store
from annotate.workflow.operating import perform
from annotate.workflow.requests import SyncRequest, Undo, read_request
from annotate.workflow.seat import Seat
from annotate.workflow.taking import Hands, hold
from annotate.workflow.tasks import tasks

MOST_COUNTED = 10_000
"""So many waiting items are counted; a reply says `more` where there are others."""
FEW = 200
"""Up to so many are counted for each person by themselves."""
MOST_A_DAY = 100_000


@dataclass(slots=True)
class Waiting:
    """How many items wait, counted anew after `fresh_s` seconds: a queue can hold a million."""

    fresh_s: float = 5.0
    _seen: dict[str, tuple[datetime, int]] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)

    def count(self, store: Store, project: str, now: datetime) -> int:
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
    seat = Seat(store, project, actor, now)
    with store.transaction():
        done = [perform(seat, op, request.language) for op in request.ops]
        undone = [
            item_id
            for op, (item_id, _) in zip(request.ops, done, strict=True)
            if isinstance(op, Undo)
        ]
        hands = hold(seat, request.holding, request.want, back=undone, may_take=True)
    state, message = _state(seat, hands)
    return {
        "reply_to": request.request,
        "results": [result for _, result in done],
        "tasks": tasks(seat, hands.shown),
        "lost": list(hands.lost),
        "day": _day(seat, hands, waiting or Waiting()),
        "state": state,
        "message": message,
    }


def _day(seat: Seat, hands: Hands, waiting: Waiting) -> dict[str, Any]:
    store = seat.store
    answered = store.operations.answered(
        seat.name, seat.actor.id, since=seat.midnight, most=MOST_A_DAY
    )
    free = waiting.count(store, seat.name, seat.now)
    if free <= FEW:
        free = store.leases.open_for(seat.name, seat.actor.id, skills=(), most=FEW)
    return {"answered": answered, "waiting": free + hands.held, "more": free >= MOST_COUNTED}


def _state(seat: Seat, hands: Hands) -> tuple[str, str]:
    if hands.held:
        return "working", ""
    others = seat.store.leases.with_others(seat.name, seat.actor.id)
    if not others.items or others.first_free is None:
        return "empty", "Nothing waits for you: everything is answered, or was not sent to people."
    minutes = max(0, round(seat.minutes_from_now(others.first_free)))
    return "empty", f"{others.items} items are with other people; {minutes}"

"""Which tasks are in a person's hands: renewed while they are in the browser, more on demand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from annotate.clock import later
from annotate.workflow.labelling import checking, reasking
from annotate.workflow.labelling.moot import without_moot
from annotate.workflow.labelling.seat import Seat, take


@dataclass(frozen=True, slots=True)
class Hands:
    """shown: items that go to the browser. lost: items in the browser that are no longer this
    person's. held: how many they have in hand now, in whatever window."""

    shown: tuple[str, ...]
    lost: tuple[str, ...]
    held: int


@dataclass(frozen=True, slots=True)
class Rules:
    """What may be given out. work: whether anything new may be. training: only such items.

    most: so many more at most; None: no cap.
    """

    work: bool = True
    training: checking.Lesson | None = None
    most: int | None = None
    skills: tuple[str, ...] = ()


def hold(
    seat: Seat, holding: Sequence[str], want: int, rules: Rules, *, back: Sequence[str]
) -> Hands:
    """Renew what the browser holds and give it up to `want` more, what is in hand already first.

    holding: the items in the browser. back: items that come whatever is wanted. Inside a
    transaction. Asking twice gives the same again.
    """
    leases, who = seat.store.leases, seat.actor.id
    held = [slot for slot in leases.held(seat.name, who) if slot.question in seat.questions]
    until = {slot.item_id: slot.leased_until or "" for slot in held}
    checks = seat.store.checks.held(seat.name, who)
    missing = [i for i in holding if i not in until and i not in checks]
    again: list[str] = []
    if missing and rules.work:  # ran out, and nobody else has come yet
        again = without_moot(seat, take(seat, missing, seat.questions))
        until |= dict.fromkeys(again, seat.until)
    in_hand = [*until, *checks]
    shown = [i for i in in_hand if i in again or (i in back and i not in holding)]
    others = [i for i in in_hand if i not in holding and i not in shown]
    shown += others[: max(0, want - len(shown))]
    _renew(seat, [i for i in until if i in holding or i in shown], until)
    new = _more(seat, want - len(shown), len(in_hand), rules) if rules.work else []
    lost = tuple(item_id for item_id in holding if item_id not in in_hand)
    return Hands((*shown, *new), lost, len(in_hand) + len(new))


def let_go(seat: Seat, item_ids: Sequence[str]) -> None:
    """Items that a window going away had fetched ahead are free for others at once.

    What the person has begun stays theirs: a draft, an item that came back to them, training.
    Inside a transaction.
    """
    who = seat.actor.id
    begun = {*seat.store.drafts.of_items(who, item_ids)}
    begun |= {one.item_id for one in seat.store.annotations.by_person(item_ids, who)}
    free = [item_id for item_id in item_ids if item_id not in begun]
    lent = seat.store.leases.of_items(who, free)
    leased = [slot for slots in lent.values() for slot in slots if slot.state == "leased"]
    own = [slot.id for slot in leased if slot.project == seat.name]
    if own:
        seat.store.leases.give_back(own)
    fresh = [
        one.item_id
        for one in seat.store.checks.of_items(who, free).values()
        if one.state == "leased" and one.attempt == 0 and one.purpose == "gold"
    ]
    if fresh:  # else it would be the first item of the next window, and known for what it is
        seat.store.checks.drop_held(seat.name, who, ("gold",), fresh)


def _renew(seat: Seat, item_ids: Sequence[str], until: dict[str, str]) -> None:
    """Only what is half over: asking often must not mean writing often."""
    half = later(seat.now, seat.project.people.lease_minutes / 2)
    due = [item_id for item_id in item_ids if until[item_id] < half]
    if due:
        seat.store.leases.renew(seat.actor.id, due, until=seat.until)


def _more(seat: Seat, want: int, held: int, rules: Rules) -> list[str]:
    """New tasks: training first, then work with an item among it whose answer is known."""
    if rules.training is not None:
        settings = seat.project.people.training
        assert settings is not None
        left = settings.items - rules.training.done - held
        return checking.give(seat, "training", most=min(want, left)) if min(want, left) > 0 else []
    most = want if rules.most is None else min(want, rules.most - held)
    if most <= 0:
        return []
    seat.store.assignments.release_expired(seat.name, now=seat.at)
    found = _lend(seat, most, rules.skills)
    return [one for item_id in found for one in (item_id, *_measuring(seat, item_id))]


def _measuring(seat: Seat, item_id: str) -> list[str]:
    """What follows this item, looks like work, and measures the person."""
    return [*checking.gold_after(seat, item_id), *reasking.reask_after(seat, item_id)]


def _lend(seat: Seat, most: int, skills: Sequence[str]) -> list[str]:
    """The most urgent items of which anything is asked, lent to this person."""
    found: list[str] = []
    while len(found) < most:
        next_ = free_items(seat, skills, most - len(found))
        if not next_:
            break
        asks = set(without_moot(seat, take(seat, next_, seat.questions)))
        found += [item_id for item_id in next_ if item_id in asks]
    return found


def free_items(seat: Seat, skills: Sequence[str], most: int) -> list[str]:
    """The most urgent items that this person could be lent now, at most so many."""
    return seat.store.leases.next_items(
        seat.name, seat.actor.id, questions=seat.questions, skills=skills, most=most
    )

"""Which tasks are in a person's hands: renewed while they are in the browser, more on demand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from annotate.clock import later
from annotate.workflow.seat import Seat


@dataclass(frozen=True, slots=True)
class Hands:
    """shown: items that go to the browser. lost: items in the browser that are no longer this
    person's. held: how many they have in hand now, in whatever window."""

    shown: tuple[str, ...]
    lost: tuple[str, ...]
    held: int


def hold(
    seat: Seat, holding: Sequence[str], want: int, *, back: Sequence[str], may_take: bool
) -> Hands:
    """Renew what the browser holds and give it up to `want` more, what is in hand already first.

    holding: the items in the browser. back: items that come whatever is wanted. may_take: whether
    anything new may be lent. Inside a transaction. Asking twice gives the same again.
    """
    leases, who = seat.store.leases, seat.actor.id
    until_by_item = {slot.item_id: slot.leased_until for slot in leases.held(seat.name, who)}
    missing = [item_id for item_id in holding if item_id not in until_by_item]
    if missing and may_take:  # ran out, and nobody else has come yet
        taken = leases.take(seat.name, who, missing, until=seat.until)
        until_by_item |= {slot.item_id: slot.leased_until for slot in taken}
    in_hand = list(until_by_item)
    shown = [item_id for item_id in in_hand if item_id in back and item_id not in holding]
    others = [i for i in in_hand if i not in holding and i not in shown]
    shown += others[: max(0, want - len(shown))]
    _renew(seat, [i for i in in_hand if i in holding or i in shown], until_by_item)
    new = _take(seat, want - len(shown)) if may_take else []
    lost = [item_id for item_id in holding if item_id not in until_by_item]
    return Hands((*shown, *new), tuple(lost), len(in_hand) + len(new))


def _renew(seat: Seat, item_ids: Sequence[str], until: dict[str, str | None]) -> None:
    """Only what is half over: asking often must not mean writing often."""
    half = later(seat.now, seat.project.people.lease_minutes / 2)
    due = [item_id for item_id in item_ids if (until[item_id] or "") < half]
    if due:
        seat.store.leases.renew(seat.actor.id, due, until=seat.until)


def _take(seat: Seat, most: int) -> list[str]:
    if most <= 0:
        return []
    store, who = seat.store, seat.actor.id
    store.assignments.release_expired(seat.name, now=seat.at)
    found = store.leases.next_items(seat.name, who, skills=(), most=most)
    if found:
        store.leases.take(seat.name, who, found, until=seat.until)
    return found

"""Signed-in browsers: a random secret in a cookie, its digest and its times in the database."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from annotate.clock import iso
from annotate.hashing import of_secret
from annotate.model import Account, Door, Person, Session
from annotate.people import require
from annotate.store import Store

NOTED_EVERY = timedelta(minutes=5)
"""How exactly it is known, at best, when a session was last seen: not every request writes."""

KEPT = timedelta(days=30)
"""How long a session that ran out is still recognised, to say so instead of asking who it is."""


@dataclass(frozen=True, slots=True)
class Lifetime:
    """A session ends after `idle_hours` without a request, and `days` after signing in."""

    idle_hours: float = 12.0
    days: float = 30.0

    def idle_since(self, now: datetime) -> str:
        """Sessions that were last seen until then have ended."""
        return iso(now - timedelta(hours=self.idle_hours))

    def noted_since(self, now: datetime) -> str:
        """Sessions that were seen since then need not be noted again."""
        return iso(now - min(NOTED_EVERY, timedelta(hours=self.idle_hours) / 10))


def start_session(
    store: Store, person: Person, door: Door, *, secret: str, lifetime: Lifetime, now: datetime
) -> Session:
    """A new session of this person. secret: at least 128 random bits; only its digest is stored."""
    session = Session(
        id=of_secret(secret),
        person_id=person.id,
        door=door,
        created_at=iso(now),
        seen_at=iso(now),
        expires_at=iso(now + timedelta(days=lifetime.days)),
        ended_at=None,
    )
    with store.transaction():
        store.sessions.forget(before=iso(now - KEPT))
        store.sessions.add(session)
    return session


def find_session(
    store: Store, secret: str, *, locked: bool, lifetime: Lifetime, now: datetime
) -> tuple[Session, Account] | None:
    """The live session with this secret and whose it is; None when there is none.

    locked: people have to prove who they are, so that a picked name is worth nothing.
    """
    session = store.sessions.get(of_secret(secret))
    if session is None or not _is_live(session, lifetime, now):
        return None
    if locked and session.door in {"name", "here"}:
        return None
    account = store.accounts.of(session.person_id)
    if account is None or not account.active:
        return None
    if session.seen_at < lifetime.noted_since(now):
        store.sessions.seen(session.id, now=iso(now))
    return session, account


def _is_live(session: Session, lifetime: Lifetime, now: datetime) -> bool:
    if session.ended_at is not None or session.expires_at <= iso(now):
        return False
    return session.seen_at > lifetime.idle_since(now)


def sign_out(store: Store, secret: str, *, now: datetime) -> None:
    """End the session with this secret, if there is one."""
    store.sessions.end(of_secret(secret), now=iso(now))


def sign_out_everywhere(
    store: Store, person_id: str, *, actor: Person, now: datetime, but: str = ""
) -> int:
    """End every session of a person: one's own, or anybody's by who manages people.

    but: id of a session that stays. Returns how many ended. Raises NotAllowed.
    """
    if actor.id != person_id:
        require(actor, "manage people")
    return store.sessions.end_all_of(person_id, now=iso(now), but=but)

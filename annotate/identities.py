"""Whom an identity provider speaks of: by its own name for them, or by a checked address."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from annotate.invites import join_by_email
from annotate.model import Account, Person
from annotate.store import Store


@dataclass(frozen=True, slots=True)
class Identity:
    """What a provider says. subject: its lasting name for somebody, unique with the issuer.

    email: empty unless the provider has checked that it is theirs.
    """

    issuer: str
    subject: str
    email: str
    name: str

    @property
    def key(self) -> str:
        return f"{self.issuer} {self.subject}"


def person_of(store: Store, identity: Identity, *, now: datetime) -> Person | None:
    """The person that this is; a newcomer where an open invite names the address.

    The address counts at the first sign-in; from then on the subject does: addresses are given to
    others when people leave. None for somebody unknown or deactivated.
    """
    if not (identity.issuer and identity.subject):
        return None
    with store.transaction():
        found = store.accounts.with_subject(identity.key)
        if found is None and identity.email:
            found = _by_email(store, identity, now)
    return found.person if found is not None and found.active else None


def _by_email(store: Store, identity: Identity, now: datetime) -> Account | None:
    found = store.accounts.with_email(identity.email.strip().casefold())
    if found is None:
        name = identity.name or identity.email.partition("@")[0]
        newcomer = join_by_email(store, identity.email, name, now=now)
        found = None if newcomer is None else store.accounts.of(newcomer.id)
    if found is None or found.subject is not None:
        return None
    store.accounts.put(found.person.id, "subject", identity.key)
    return found

"""Who comes in: one session cookie, read by the pages and by the HTTP routes alike."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from annotate.accounts import is_locked
from annotate.errors import NotSignedIn
from annotate.model import Person
from annotate.people import add_person, operator
from annotate.sessions import find_session
from annotate.store import Store
from app.doors.key import workspace_key
from app.doors.oidc import providers
from app.workplace import Workplace


@dataclass(frozen=True, slots=True)
class Visitor:
    """Somebody signed in. session: the id of their session; empty for one without a cookie."""

    person: Person
    session: str


def cookie_name(services: Workplace) -> str:
    """Of its own for each workspace: browsers share cookies between the ports of a machine."""
    return _cookie_name(workspace_key(services.config.folder))


@cache
def _cookie_name(key: bytes) -> str:
    return f"coannotate_{hashlib.sha256(key).hexdigest()[:8]}"


def locked(services: Workplace, store: Store) -> bool:
    """Whether people have to prove who they are."""
    return is_locked(store, oidc=bool(providers(services.config.folder)))


def visitor(services: Workplace, store: Store, cookies: Mapping[str, str]) -> Visitor | None:
    """Who sends these cookies; None for nobody, and for a session that ended or ran out.

    Without accounts, on a machine set up for one person, a browser without a cookie is theirs.
    """
    secret = cookies.get(cookie_name(services), "")
    shut = locked(services, store)
    if secret:
        found = find_session(
            store,
            secret,
            locked=shut,
            lifetime=services.config.doors.lifetime,
            now=services.now(),
        )
        return None if found is None else Visitor(found[1].person, found[0].id)
    if services.config.person is None or shut:
        return None
    return Visitor(person_here(services, store, services.config.person), "")


def actor(services: Workplace, store: Store, cookies: Mapping[str, str]) -> Person | None:
    """The person who sends these cookies, if somebody is signed in."""
    found = visitor(services, store, cookies)
    return None if found is None else found.person


def known_visitor(services: Workplace, store: Store, cookies: Mapping[str, str]) -> Visitor:
    """As `visitor`; raises NotSignedIn for nobody."""
    found = visitor(services, store, cookies)
    if found is None:
        raise NotSignedIn("you are signed out here: load this page again to sign in")
    return found


def person_here(services: Workplace, store: Store, name: str) -> Person:
    """The person this machine is set up for, made an admin when nobody has that name."""
    now = services.now()
    found = store.people.named(name)
    return found or add_person(store, name, "admin", actor=operator(now), now=now)

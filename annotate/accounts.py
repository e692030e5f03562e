"""Who may come in: passwords, addresses, roles, and people who no longer work here."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from datetime import datetime

from annotate.clock import iso
from annotate.errors import AnnotateError, NotAllowed, NotFound, NotSignedIn
from annotate.model import Account, Person, Role
from annotate.passwords import check_new, hashed, is_outdated, matches
from annotate.people import RIGHTS, require
from annotate.store import Store
from annotate.throttle import FREE_BY_ADDRESS, FREE_BY_NAME, count_attempt, succeeded

WRONG = "name or password is not right: try again, or ask who invited you for a new code"


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a sign-in comes from: digests under which failures are counted, never in clear."""

    name: str
    address: str


def is_locked(store: Store, *, oidc: bool) -> bool:
    """Whether people must prove who they are: somebody has a password, or a provider does it."""
    return oidc or store.accounts.any_password()


def find_account(store: Store, name: str) -> Account | None:
    """By name; upper and lower case may differ where that leaves one person only."""
    wanted = unicodedata.normalize("NFC", " ".join(name.split()))
    everybody = store.accounts.all()
    exact = [one for one in everybody if one.person.name == wanted]
    alike = [one for one in everybody if one.person.name.casefold() == wanted.casefold()]
    found = exact or alike
    return found[0] if len(found) == 1 else None


def account_named(store: Store, name: str) -> Account:
    """Raises NotFound, with the names there are."""
    found = find_account(store, name)
    if found is None:
        names = ", ".join(person.name for person in store.people.all()) or "nobody yet"
        raise NotFound(f"nobody here is called {name!r}; there are: {names}")
    return found


def check_password(
    store: Store, name: str, password: str, *, origin: Origin, now: datetime
) -> Person:
    """Who has this name and password. Takes as long for a name that nobody has.

    Raises NotSignedIn in the same words whatever was wrong, and TooManyAttempts.
    """
    free = {origin.name: FREE_BY_NAME, origin.address: FREE_BY_ADDRESS}
    count_attempt(store, free, now=now)
    account = find_account(store, name)
    right = matches(None if account is None else account.password, password)
    if account is None or not right or not account.active:
        raise NotSignedIn(WRONG)
    succeeded(store, origin.name, origin.address)
    if account.password is not None and is_outdated(account.password):
        store.accounts.put(account.person.id, "password", hashed(password))
    return account.person


def set_password(store: Store, person: Person, password: str, *, now: datetime) -> None:
    """Give a person a password. Every session of theirs ends, and every open code for them.

    The caller has made sure that it may be set: see `check_password` and `first_password`.
    Raises AnnotateError for a password that is easily guessed.
    """
    hash_ = hashed(check_new(password, person.name))
    with store.transaction():
        store.accounts.put(person.id, "password", hash_)
        store.sessions.end_all_of(person.id, now=iso(now))
        store.invites.close_for(person.id, now=iso(now))


def first_password(store: Store, person: Person) -> None:
    """Raises NotAllowed unless this person may set the workspace's first password.

    From then on everybody needs one: an admin has to be able to let the others in.
    """
    if "manage people" not in RIGHTS[person.role]:
        raise NotAllowed(
            f"{person.name} is {person.role}: the first password is an admin's, who then lets "
            "everybody else in"
        )


def set_role(store: Store, person: Person, role: Role, *, actor: Person, now: datetime) -> None:
    """Give a person another role; the codes they gave out end. Raises NotAllowed, and
    AnnotateError when nobody would be left to manage people."""
    require(actor, "manage people")
    with store.transaction():
        if "manage people" not in RIGHTS[role]:
            _keep_one(store, person)
        store.people.set_role(person.id, role)
        store.invites.close_by(person.id, now=iso(now))


def deactivate(store: Store, person: Person, *, actor: Person, now: datetime) -> None:
    """Let a person in no more, at once; what they answered stays. Raises as `set_role` does."""
    require(actor, "manage people")
    with store.transaction():
        _keep_one(store, person)
        store.accounts.put(person.id, "deactivated_at", iso(now))
        store.sessions.end_all_of(person.id, now=iso(now))
        store.invites.close_by(person.id, now=iso(now))
        store.invites.close_for(person.id, now=iso(now))


def reactivate(store: Store, person: Person, *, actor: Person) -> None:
    """Let a person in again, with the password they had. Raises NotAllowed."""
    require(actor, "manage people")
    store.accounts.put(person.id, "deactivated_at", None)


def set_email(store: Store, person: Person, email: str, *, actor: Person) -> None:
    """The address by which an identity provider's word is taken for this person.

    Raises NotAllowed, and AnnotateError for what is no address or somebody else's.
    """
    require(actor, "manage people")
    address = clean_email(email)
    taken = store.accounts.with_email(address)
    if taken is not None and taken.person.id != person.id:
        raise AnnotateError(f"{address} is the address of {taken.person.name}: use another")
    store.accounts.put(person.id, "email", address)


def clean_email(email: str) -> str:
    """An address in the form it is compared in. Raises AnnotateError for what is none."""
    address = email.strip().casefold()
    before, at, after = address.partition("@")
    if not (before and at and "." in after) or " " in address or len(address) > 254:
        raise AnnotateError(f"{email!r} is no e-mail address: write one such as ann@example.org")
    return address


def _keep_one(store: Store, person: Person) -> None:
    """Raises AnnotateError when nobody but this person may manage people."""
    others = (
        one.person for one in store.accounts.all() if one.active and one.person.id != person.id
    )
    if "manage people" not in RIGHTS[person.role]:
        return
    if not any("manage people" in RIGHTS[other.role] for other in others):
        raise AnnotateError(
            f"{person.name} is the only admin here: make somebody else an admin first"
        )

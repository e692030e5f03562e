"""Codes that let somebody in once: as a new person, or back in with a new password."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from annotate.accounts import clean_email, first_password, set_password
from annotate.clock import iso
from annotate.errors import AnnotateError, NotAllowed, NotFound
from annotate.hashing import of_secret
from annotate.model import Invite, Person, Role
from annotate.passwords import check_new
from annotate.people import RIGHTS, add_person, clean_name, operator, require
from annotate.store import Store

GOOD_FOR = timedelta(days=7)
_LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_LENGTH, _GROUP = 20, 5

_GONE = "this code was used, has run out or is mistyped: ask who gave it to you for a new one"


@dataclass(frozen=True, slots=True)
class Welcome:
    """What a code is good for. name: whose password it sets; None: it makes a new person."""

    role: Role
    name: str | None


def new_code(draw: Callable[[int], int]) -> str:
    """100 random bits to copy or to type, without letters that look alike.

    draw: gives an even chance to each number below the given one.

    >>> new_code(lambda below: below - 1)
    'ZZZZZ-ZZZZZ-ZZZZZ-ZZZZZ'
    """
    letters = "".join(_LETTERS[draw(len(_LETTERS))] for _ in range(_LENGTH))
    return "-".join(letters[at : at + _GROUP] for at in range(0, _LENGTH, _GROUP))


def _id(code: str) -> str:
    """What is stored of a code, however it was typed."""
    typed = code.upper().translate(str.maketrans("OIL", "011"))
    return of_secret("".join(letter for letter in typed if letter in _LETTERS))


def invite(
    store: Store, role: Role, *, code: str, actor: Person, now: datetime, email: str = ""
) -> Invite:
    """Let whoever has the code become a new person of this role, once, within 7 days.

    email: the address their identity provider will give, where there is one. Raises NotAllowed
    for a role that may do more than the actor.
    """
    require(actor, "invite")
    if not RIGHTS[role] <= RIGHTS[actor.role]:
        raise NotAllowed(f"{actor.name} is {actor.role} and may not invite a {role}: ask an admin")
    if not email:
        _after_an_admin(store, None)
    return _store(store, role, None, clean_email(email) if email else None, code, actor, now)


def password_reset(
    store: Store, person: Person, *, code: str, actor: Person, now: datetime
) -> Invite:
    """Let whoever has the code set this person's password, once, within 7 days. Earlier codes for
    them end; the password they have works until then. Raises NotAllowed."""
    require(actor, "manage people")
    account = store.accounts.of(person.id)
    if account is not None and not account.active:
        raise AnnotateError(f"{person.name} is deactivated: let them in again first")
    _after_an_admin(store, person)
    with store.transaction():
        store.invites.close_for(person.id, now=iso(now))
        return _store(store, person.role, person.id, None, code, actor, now)


def _after_an_admin(store: Store, person: Person | None) -> None:
    """Raises AnnotateError while nobody has a password, unless this code is for an admin's."""
    if not store.accounts.any_password():
        if person is None:
            raise AnnotateError("set a password of your own first, under Account: codes come after")
        first_password(store, person)


def _store(
    store: Store,
    role: Role,
    person_id: str | None,
    email: str | None,
    code: str,
    actor: Person,
    now: datetime,
) -> Invite:
    made = Invite(
        id=_id(code),
        role=role,
        person_id=person_id,
        email=email,
        created_by=actor.id,
        created_at=iso(now),
        expires_at=iso(now + GOOD_FOR),
        used_at=None,
    )
    store.invites.add(made)
    return made


def welcome(store: Store, code: str, *, now: datetime) -> Welcome:
    """What a code is good for; nothing is used up. Raises NotFound."""
    found = _usable(store, code, now)
    whose = None if found.person_id is None else store.people.get(found.person_id)
    return Welcome(found.role, None if whose is None else whose.name)


def join(store: Store, code: str, name: str, password: str, *, now: datetime) -> Person:
    """Use a code up: a new person of that name, or a new password for the person it was made for.

    Raises NotFound for the code, and AnnotateError for a name that is taken or no name, and for a
    password that is easily guessed; the code is good for another try then.
    """
    found = _usable(store, code, now)
    bound = None if found.person_id is None else store.people.get(found.person_id)
    check_new(password, name if bound is None else bound.name)
    with store.transaction():
        if not store.invites.use(found.id, now=iso(now)):
            raise NotFound(_GONE)
        person = _newcomer(store, name, found, now) if bound is None else bound
        set_password(store, person, password, now=now)
    return person


def join_by_email(store: Store, email: str, name: str, *, now: datetime) -> Person | None:
    """The newcomer whom an open invite names by this address; None when none does."""
    address = clean_email(email)
    for found in store.invites.open(now=iso(now)):
        if found.email == address and found.person_id is None:
            with store.transaction():
                if store.invites.use(found.id, now=iso(now)):
                    person = _newcomer(store, _free_name(store, name), found, now)
                    store.accounts.put(person.id, "email", address)
                    return person
    return None


def _newcomer(store: Store, name: str, found: Invite, now: datetime) -> Person:
    if taken := store.people.named(clean_name(name)):
        raise AnnotateError(f"{taken.name} is already here: choose another name")
    return add_person(store, name, found.role, actor=operator(now), now=now)


def _free_name(store: Store, name: str) -> str:
    """The name a provider gives, with a number where somebody has it already."""
    base = clean_name(name)[:56]
    numbered = (f"{base} {number}" for number in range(2, 10_000))
    return (
        base
        if store.people.named(base) is None
        else next(one for one in numbered if store.people.named(one) is None)
    )


def _usable(store: Store, code: str, now: datetime) -> Invite:
    found = store.invites.get(_id(code))
    if found is None or found.used_at is not None or found.expires_at <= iso(now):
        raise NotFound(_GONE)
    return found

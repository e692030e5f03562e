"""`coannotate people`: who works here, for whoever can write the files."""

from __future__ import annotations

import secrets
import sys
from argparse import Namespace
from collections.abc import Callable
from getpass import getpass

from annotate.accounts import (
    account_named,
    deactivate,
    first_password,
    reactivate,
    set_email,
    set_password,
    set_role,
)
from annotate.clock import iso
from annotate.errors import AnnotateError
from annotate.invites import GOOD_FOR, invite, new_code, password_reset
from annotate.model import Account, Person, Role
from annotate.people import add_person, operator
from annotate.sessions import sign_out_everywhere
from annotate.store import Store
from app.cli.output import say, table
from app.doors import locked
from app.workplace import Workplace, workplace_for


def run_people(arguments: Namespace) -> None:
    services = workplace_for(arguments.dir)
    with services.workspace.open() as store:
        ACTIONS[arguments.action](services, store, arguments)


def _list(services: Workplace, store: Store, arguments: Namespace) -> None:
    now = services.now()
    idle_since = services.config.doors.lifetime.idle_since(now)
    live = store.sessions.live_of(now=iso(now), idle_since=idle_since)
    rows: list[dict[str, object]] = [
        {
            "name": one.person.name,
            "role": one.person.role,
            "password": "yes" if one.password else "no",
            "e-mail": one.email or "",
            "signed in": live.get(one.person.id, 0),
            "": "" if one.active else "deactivated",
        }
        for one in store.accounts.all()
    ]
    table(rows)
    if not rows:
        say("Nobody is here yet: `coannotate people add NAME --role admin`")


def _add(services: Workplace, store: Store, arguments: Namespace) -> None:
    actor, now = _operator(services), services.now()
    role: Role = arguments.role or "annotator"
    with store.transaction():
        person = add_person(store, _name(arguments), role, actor=actor, now=now)
        if arguments.email:
            set_email(store, person, arguments.email, actor=actor)
    say(f"{person.name} is here as {person.role}")
    if locked(services, store) and not arguments.email:
        say(f"To let them in: coannotate people password-reset {person.name!r}")


def _invite(services: Workplace, store: Store, arguments: Namespace) -> None:
    role: Role = arguments.role or "annotator"
    code, email = new_code(secrets.randbelow), arguments.email or ""
    actor = _operator(services)
    invite(store, role, code=code, actor=actor, now=services.now(), email=email)
    _say_code(code, f"joins as {role}")


def _role(services: Workplace, store: Store, arguments: Namespace) -> None:
    if arguments.role is None:
        raise AnnotateError("which role? Add --role annotator, lead or admin")
    person = _account(store, arguments).person
    set_role(store, person, arguments.role, actor=_operator(services), now=services.now())
    say(f"{person.name} is {arguments.role} now")


def _password_reset(services: Workplace, store: Store, arguments: Namespace) -> None:
    person, now = _account(store, arguments).person, services.now()
    if not arguments.set:
        code = new_code(secrets.randbelow)
        password_reset(store, person, code=code, actor=_operator(services), now=now)
        _say_code(code, f"sets {person.name}'s password")
        return
    if not locked(services, store):
        first_password(store, person)
    set_password(store, person, _new_password(person), now=now)
    say(f"{person.name} has a new password and is signed out everywhere")


def _deactivate(services: Workplace, store: Store, arguments: Namespace) -> None:
    person, actor = _account(store, arguments).person, _operator(services)
    if arguments.undo:
        reactivate(store, person, actor=actor)
        say(f"{person.name} may come in again")
    else:
        deactivate(store, person, actor=actor, now=services.now())
        say(f"{person.name} may no longer come in; their answers stay")


def _sign_out(services: Workplace, store: Store, arguments: Namespace) -> None:
    actor, now = _operator(services), services.now()
    people = [_account(store, arguments).person] if arguments.name else store.people.all()
    ended = sum(sign_out_everywhere(store, one.id, actor=actor, now=now) for one in people)
    say(f"{ended} sessions ended")


ACTIONS: dict[str, Callable[[Workplace, Store, Namespace], None]] = {
    "list": _list,
    "add": _add,
    "invite": _invite,
    "role": _role,
    "password-reset": _password_reset,
    "deactivate": _deactivate,
    "sign-out": _sign_out,
}


def _operator(services: Workplace) -> Person:
    return operator(services.now())


def _name(arguments: Namespace) -> str:
    if arguments.name is None:
        raise AnnotateError(f"whom? Write: coannotate people {arguments.action} NAME")
    return str(arguments.name)


def _account(store: Store, arguments: Namespace) -> Account:
    return account_named(store, _name(arguments))


def _new_password(person: Person) -> str:
    """Typed twice at a terminal, else the first line of standard input; never an argument, which
    other programs of the machine can read."""
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\r\n")
    first = getpass(f"New password of {person.name}: ")
    if getpass("The same once more: ") != first:
        raise AnnotateError("the two passwords differ: nothing was changed")
    return first


def _say_code(code: str, does: str) -> None:
    say(code)
    say(
        f"Whoever types this code at /join first {does}, within {GOOD_FOR.days} days; "
        f"as a link: ADDRESS/join#{code}"
    )

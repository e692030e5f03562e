"""Codes: who gives them, what they are good for, and that each works once."""

from __future__ import annotations

import random
from datetime import timedelta
from pathlib import Path

import pytest

from annotate.accounts import Origin, check_password, deactivate, set_password, set_role
from annotate.errors import AnnotateError, NotAllowed, NotFound
from annotate.invites import (
    Welcome,
    invite,
    join,
    join_by_email,
    new_code,
    password_reset,
    welcome,
)
from annotate.model import Person, Role
from annotate.store import Store
from tests.small import START, someone

GOOD = "lamp river uncle"
CODE = "7KQ2M-0AB1C-DEFGH-JKMNP"
DAY = timedelta(days=1)


@pytest.fixture
def lea(store: Store) -> Person:
    person = someone(store, "Lea", "admin")
    set_password(store, person, GOOD, now=START)
    return person


def test_codes_have_a_hundred_bits_and_no_letters_that_look_alike() -> None:
    draw = random.Random(7).randrange
    codes = {new_code(draw) for _ in range(1000)}
    assert len(codes) == 1000
    assert {len(code) for code in codes} == {23}
    assert set("".join(codes)) == set("0123456789ABCDEFGHJKMNPQRSTVWXYZ-")


def test_a_code_makes_one_person(store: Store, lea: Person) -> None:
    invite(store, "lead", code=CODE, actor=lea, now=START)
    assert welcome(store, CODE, now=START) == Welcome("lead", None)
    bo = join(store, CODE, "Bo", "green piano sleeps", now=START)
    assert (bo.name, bo.role) == ("Bo", "lead")
    origin = Origin("n", "a")
    assert check_password(store, "Bo", "green piano sleeps", origin=origin, now=START) == bo
    with pytest.raises(NotFound, match="was used, has run out or is mistyped"):
        join(store, CODE, "Cy", "green piano sleeps", now=START)
    assert [p.name for p in store.people.all()] == ["Bo", "Lea"]


@pytest.mark.parametrize(
    "typed", [CODE.lower(), " 7kq2m oablc DEFGH jkmnp ", CODE.replace("-", "")]
)
def test_a_code_may_be_typed_in_any_way(store: Store, lea: Person, typed: str) -> None:
    invite(store, "annotator", code=CODE, actor=lea, now=START)
    assert welcome(store, typed, now=START).role == "annotator"


def test_a_code_runs_out_after_a_week(store: Store, lea: Person) -> None:
    invite(store, "annotator", code=CODE, actor=lea, now=START)
    assert welcome(store, CODE, now=START + 6.99 * DAY).role == "annotator"
    with pytest.raises(NotFound, match="has run out"):
        join(store, CODE, "Bo", GOOD, now=START + 7 * DAY)
    with pytest.raises(NotFound):
        welcome(store, "", now=START)


def test_the_database_does_not_know_the_code(store: Store, lea: Person, database: Path) -> None:
    invite(store, "annotator", code=CODE, actor=lea, now=START)
    store.close()
    stored = b"".join(path.read_bytes() for path in database.parent.glob("*.db*"))
    assert CODE.encode() not in stored
    assert CODE.replace("-", "").encode() not in stored


@pytest.mark.parametrize(
    ("actor", "role", "may"),
    [
        ("annotator", "annotator", False),
        ("lead", "annotator", True),
        ("lead", "lead", True),
        ("lead", "admin", False),
        ("admin", "admin", True),
    ],
)
def test_nobody_invites_above_themselves(
    store: Store, lea: Person, actor: Role, role: Role, may: bool
) -> None:
    who = someone(store, "Who", actor)
    if may:
        invite(store, role, code=CODE, actor=who, now=START)
    else:
        with pytest.raises(NotAllowed):
            invite(store, role, code=CODE, actor=who, now=START)
    assert len(store.invites.open(now="2026-03-01")) == int(may)


def test_what_somebody_gave_out_ends_with_their_rights(store: Store, lea: Person) -> None:
    bo = someone(store, "Bo", "lead")
    invite(store, "lead", code=CODE, actor=bo, now=START)
    set_role(store, bo, "annotator", actor=lea, now=START)
    with pytest.raises(NotFound):
        join(store, CODE, "Cy", GOOD, now=START)


def test_a_refused_name_or_password_leaves_the_code_good(store: Store, lea: Person) -> None:
    invite(store, "annotator", code=CODE, actor=lea, now=START)
    for name, password, why in (
        ("Lea", GOOD, "Lea is already here: choose another name"),
        ("  ", GOOD, "a name has 1 to 64 characters"),
        ("Bo", "short", "10 to 512 characters"),
    ):
        with pytest.raises(AnnotateError, match=why):
            join(store, CODE, name, password, now=START)
    assert join(store, CODE, "Bo", GOOD, now=START).name == "Bo"


def test_a_code_for_a_new_password(store: Store, lea: Person) -> None:
    bo = someone(store, "Bo", "lead")
    password_reset(store, bo, code="AAAAA", actor=lea, now=START)
    password_reset(store, bo, code=CODE, actor=lea, now=START)
    with pytest.raises(NotFound):  # the newer one replaced it
        welcome(store, "AAAAA", now=START)
    assert welcome(store, CODE, now=START) == Welcome("lead", "Bo")
    assert join(store, CODE, "Somebody else", "green piano sleeps", now=START) == bo
    assert [p.name for p in store.people.all()] == ["Bo", "Lea"]
    with pytest.raises(NotAllowed):
        password_reset(store, lea, code=CODE, actor=bo, now=START)
    deactivate(store, bo, actor=lea, now=START)
    with pytest.raises(AnnotateError, match="Bo is deactivated: let them in again first"):
        password_reset(store, bo, code="BBBBB", actor=lea, now=START)


def test_codes_come_after_the_first_admins_password(store: Store) -> None:
    mei, bo = someone(store, "Mei", "admin"), someone(store, "Bo")
    with pytest.raises(AnnotateError, match="set a password of your own first"):
        invite(store, "annotator", code=CODE, actor=mei, now=START)
    with pytest.raises(NotAllowed, match="the first password is an admin's"):
        password_reset(store, bo, code=CODE, actor=mei, now=START)
    password_reset(store, mei, code=CODE, actor=mei, now=START)
    assert join(store, CODE, "", GOOD, now=START) == mei


def test_an_address_that_was_invited_needs_no_code(store: Store, lea: Person) -> None:
    invite(store, "lead", code=CODE, actor=lea, now=START, email="Lea.B@example.org")
    assert join_by_email(store, "somebody@example.org", "Lea", now=START) is None
    found = join_by_email(store, "lea.b@example.org", "Lea", now=START)
    assert found is not None
    assert (found.name, found.role) == ("Lea 2", "lead")
    assert join_by_email(store, "lea.b@example.org", "Lea", now=START) is None

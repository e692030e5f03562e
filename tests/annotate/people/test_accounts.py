"""Passwords, roles and people who leave, as the rules have them."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from annotate.accounts import (
    Origin,
    account_named,
    check_password,
    deactivate,
    first_password,
    is_locked,
    reactivate,
    set_email,
    set_password,
    set_role,
)
from annotate.errors import AnnotateError, NotAllowed, NotFound, NotSignedIn, TooManyAttempts
from annotate.invites import invite
from annotate.model import Person
from annotate.passwords import check_new, hashed, is_outdated, matches
from annotate.sessions import Lifetime, find_session, start_session
from annotate.store import Store, open_store
from annotate.throttle import FREE_BY_NAME, count_attempt
from tests.annotate.support.workers import in_processes
from tests.small import START, someone

GOOD = "lamp river uncle"
HERE = Origin("name", "address")
WRONG = "name or password is not right: try again, or ask who invited you for a new code"


@pytest.fixture
def lea(store: Store) -> Person:
    """The admin, who has a password."""
    person = someone(store, "Lea", "admin")
    set_password(store, person, GOOD, now=START)
    return person


def enter(store: Store, name: str, password: str, seconds: float = 0.0) -> Person:
    now = START + timedelta(seconds=seconds)
    return check_password(store, name, password, origin=HERE, now=now)


@pytest.mark.real_hashes
def test_a_hash_is_argon2_and_says_nothing(store: Store, lea: Person, database: Path) -> None:
    account = store.accounts.of(lea.id)
    assert account is not None
    assert account.password is not None
    assert account.password.startswith("$argon2id$v=19$m=65536,t=3,p=4$")
    store.close()
    assert GOOD.encode() not in b"".join(p.read_bytes() for p in database.parent.glob("*.db*"))


@pytest.mark.real_hashes
def test_only_the_right_password_matches() -> None:
    hash_ = hashed("Zoë trinkt Tee")
    assert matches(hash_, "Zoë trinkt Tee")
    assert matches(hash_, "Zoe\u0308 trinkt Tee")  # the same letters, composed otherwise
    assert not matches(hash_, "Zoë trinkt Tee ")
    assert not matches(hash_, "")
    assert not matches(hash_, "\udceb" * 10)
    assert not matches(None, "the password of nobody")
    assert not matches("no hash at all", GOOD)
    assert not is_outdated(hash_)
    assert is_outdated(hash_.replace("t=3", "t=1"))


@pytest.mark.parametrize(
    ("password", "why"),
    [
        ("x7-Kp2!", "a password has 10 to 512 characters, not 7"),
        ("x" * 513, "a password has 10 to 512 characters, not 513"),
        ("password123", "among the first that are guessed"),
        ("P@ssw0rd2024!", "among the first that are guessed"),
        ("1234567890", "among the first that are guessed"),
        ("qwertyuiop", "among the first that are guessed"),
        ("aaaaaaaabbbb", "among the first that are guessed"),
        ("Mei-Ling Wu 1", "a password must not be the name"),
        ("mei-ling wu", "a password must not be the name"),
    ],
)
def test_passwords_that_are_refused(password: str, why: str) -> None:
    with pytest.raises(AnnotateError, match=why):
        check_new(password, "Mei-Ling Wu")


def test_a_wrong_name_and_a_wrong_password_sound_alike(store: Store, lea: Person) -> None:
    assert enter(store, "Lea", GOOD) == lea
    assert enter(store, "  lea ", GOOD) == lea
    for name, password in (("Lea", "wrong"), ("Nobody", GOOD), ("", ""), ("Lea", "")):
        with pytest.raises(NotSignedIn) as caught:
            enter(store, name, password)
        assert str(caught.value) == WRONG
        store.attempts.clear("name")


def test_upper_and_lower_case_matter_where_two_would_fit(store: Store, lea: Person) -> None:
    other = someone(store, "LEA")
    set_password(store, other, "other words here", now=START)
    assert enter(store, "LEA", "other words here") == other
    with pytest.raises(NotSignedIn):
        enter(store, "lea", GOOD)


def test_whoever_has_no_password_cannot_use_one(store: Store, lea: Person) -> None:
    someone(store, "Bo")
    for password in ("", "the password of nobody"):
        with pytest.raises(NotSignedIn):
            enter(store, "Bo", password)


def test_failures_make_the_next_attempt_wait(store: Store, lea: Person) -> None:
    for _ in range(5):
        with pytest.raises(NotSignedIn):
            enter(store, "Lea", "wrong")
    with pytest.raises(TooManyAttempts, match="wait 1 s and try again") as caught:
        enter(store, "Lea", GOOD)
    assert caught.value.retry_after_s == 1.0
    with pytest.raises(NotSignedIn):
        enter(store, "Lea", "wrong", seconds=1)
    with pytest.raises(TooManyAttempts, match="wait 2 s"):
        enter(store, "Lea", GOOD, seconds=1)
    assert enter(store, "Lea", GOOD, seconds=3) == lea
    with pytest.raises(NotSignedIn):  # from the start again
        enter(store, "Lea", "wrong", seconds=3)
    assert enter(store, "Lea", GOOD, seconds=3) == lea


def test_failures_of_one_address_under_many_names_wait_too(store: Store, lea: Person) -> None:
    def enter_as(number: int) -> None:
        origin = Origin(f"name {number}", "address")
        check_password(store, f"Nobody {number}", "x", origin=origin, now=START)

    for number in range(20):
        with pytest.raises(NotSignedIn):
            enter_as(number)
    with pytest.raises(TooManyAttempts, match="wait 1 s"):
        enter_as(20)
    elsewhere = Origin("name", "another address")
    assert check_password(store, "Lea", GOOD, origin=elsewhere, now=START) == lea


def test_right_passwords_of_one_address_never_wait(store: Store, lea: Person) -> None:
    for _ in range(21):
        enter(store, "Lea", GOOD)
    [known] = store.attempts.several(["name", "address"]).values()
    assert (known.id, known.failures) == ("address", 0)


def try_often(path: Path, count: int) -> int:
    """How many of so many attempts are looked at."""
    looked_at = 0
    with open_store(path) as store:
        for _ in range(count):
            try:
                count_attempt(store, {"name": FREE_BY_NAME}, now=START)
                looked_at += 1
            except TooManyAttempts:
                pass
    return looked_at


def test_attempts_at_the_same_time_are_counted_too(store: Store, database: Path) -> None:
    assert sum(in_processes(3, try_often, [(database, 20)] * 3)) == 5


def test_failures_are_forgotten_after_a_day(store: Store, lea: Person) -> None:
    for second in range(0, 4000, 1000):
        for _ in range(3):
            with pytest.raises((NotSignedIn, TooManyAttempts)):
                enter(store, "Lea", "wrong", seconds=second)
    with pytest.raises(NotSignedIn):
        enter(store, "Lea", "wrong", seconds=100_000)
    assert [one.failures for one in store.attempts.several(["name"]).values()] == [1]


def test_the_first_password_locks_the_doors(store: Store) -> None:
    ann, lea = someone(store, "Ann"), someone(store, "Lea", "admin")
    assert not is_locked(store, oidc=False)
    assert is_locked(store, oidc=True)
    with pytest.raises(NotAllowed, match="the first password is an admin's"):
        first_password(store, ann)
    first_password(store, lea)
    set_password(store, lea, GOOD, now=START)
    assert is_locked(store, oidc=False)


def test_a_new_password_ends_what_the_old_one_opened(store: Store, lea: Person) -> None:
    start_session(store, lea, "password", secret="s", lifetime=Lifetime(), now=START)
    assert find_session(store, "s", locked=True, lifetime=Lifetime(), now=START) is not None
    set_password(store, lea, "green piano sleeps", now=START)
    assert find_session(store, "s", locked=True, lifetime=Lifetime(), now=START) is None
    with pytest.raises(NotSignedIn):
        enter(store, "Lea", GOOD)
    assert enter(store, "Lea", "green piano sleeps") == lea


def test_a_refused_password_changes_nothing(store: Store, lea: Person) -> None:
    with pytest.raises(AnnotateError, match="10 to 512 characters"):
        set_password(store, lea, "short", now=START)
    assert enter(store, "Lea", GOOD) == lea


def test_somebody_always_manages_people(store: Store, lea: Person) -> None:
    with pytest.raises(AnnotateError, match="Lea is the only admin here: make somebody else"):
        set_role(store, lea, "lead", actor=lea, now=START)
    with pytest.raises(AnnotateError, match="Lea is the only admin here"):
        deactivate(store, lea, actor=lea, now=START)
    mei = someone(store, "Mei", "admin")
    deactivate(store, mei, actor=lea, now=START)
    with pytest.raises(AnnotateError, match="Lea is the only admin here"):
        set_role(store, lea, "lead", actor=lea, now=START)
    reactivate(store, mei, actor=lea)
    set_role(store, lea, "lead", actor=lea, now=START)
    assert [(p.name, p.role) for p in store.people.all()] == [("Lea", "lead"), ("Mei", "admin")]


def test_who_is_deactivated_is_out_at_once(store: Store, lea: Person) -> None:
    bo = someone(store, "Bo", "lead")
    set_password(store, bo, "green piano sleeps", now=START)
    start_session(store, bo, "password", secret="s", lifetime=Lifetime(), now=START)
    invite(store, "annotator", code="AAAAA", actor=bo, now=START)
    deactivate(store, bo, actor=lea, now=START)
    assert find_session(store, "s", locked=True, lifetime=Lifetime(), now=START) is None
    assert store.invites.open(now="2026-03-01") == []
    with pytest.raises(NotSignedIn) as caught:
        enter(store, "Bo", "green piano sleeps")
    assert str(caught.value) == WRONG
    reactivate(store, bo, actor=lea)
    assert enter(store, "Bo", "green piano sleeps") == bo


def test_addresses_belong_to_one_person(store: Store, lea: Person) -> None:
    bo = someone(store, "Bo")
    set_email(store, bo, " Bo@Example.ORG ", actor=lea)
    found = store.accounts.with_email("bo@example.org")
    assert found is not None
    assert found.person == bo
    with pytest.raises(AnnotateError, match="is the address of Bo: use another"):
        set_email(store, lea, "bo@example.org", actor=lea)
    for wrong in ("bo", "bo@", "@example.org", "bo@example", "b o@example.org"):
        with pytest.raises(AnnotateError, match="is no e-mail address"):
            set_email(store, bo, wrong, actor=lea)


def test_a_name_that_nobody_has_is_told_with_those_there_are(store: Store, lea: Person) -> None:
    assert account_named(store, "lea").person == lea
    with pytest.raises(NotFound, match="nobody here is called 'Leo'; there are: Lea"):
        account_named(store, "Leo")

"""Sessions: when they end, and that the database could not open one."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from annotate.errors import NotAllowed
from annotate.hashing import of_secret
from annotate.model import Door, Person
from annotate.sessions import (
    Lifetime,
    find_session,
    sign_out,
    sign_out_everywhere,
    start_session,
)
from annotate.store import Store
from tests.small import START, someone

HOUR = timedelta(hours=1)
USUAL = Lifetime()


@pytest.fixture
def ann(store: Store) -> Person:
    return someone(store, "Ann")


def begin(store: Store, person: Person, secret: str, door: Door = "password") -> None:
    start_session(store, person, door, secret=secret, lifetime=USUAL, now=START)


def who(store: Store, secret: str, now: datetime = START, *, locked: bool = True) -> str:
    """The name of who brings this secret; empty for nobody."""
    found = find_session(store, secret, locked=locked, lifetime=USUAL, now=now)
    return "" if found is None else found[1].person.name


def test_only_the_secret_opens_it(store: Store, ann: Person) -> None:
    begin(store, ann, "secret")
    assert who(store, "secret") == "Ann"
    for other in ("", "Secret", of_secret("secret"), ann.id):
        assert who(store, other) == ""


def test_it_ends_after_twelve_hours_without_a_request(store: Store, ann: Person) -> None:
    begin(store, ann, "used")
    begin(store, ann, "idle")
    assert who(store, "used", START + 11 * HOUR) == "Ann"
    assert who(store, "used", START + 22 * HOUR) == "Ann"
    assert who(store, "idle", START + 12 * HOUR) == ""
    assert who(store, "used", START + 34 * HOUR) == ""


def test_it_ends_after_thirty_days_however_busy(store: Store, ann: Person) -> None:
    begin(store, ann, "secret")
    for hours in range(10, 720, 10):
        assert who(store, "secret", START + hours * HOUR) == "Ann"
    assert who(store, "secret", START + 720 * HOUR) == ""


def test_being_seen_is_written_every_five_minutes_at_most(store: Store, ann: Person) -> None:
    begin(store, ann, "secret")
    for minutes, seen in ((4, "09:00:00"), (6, "09:06:00"), (10, "09:06:00")):
        who(store, "secret", START + timedelta(minutes=minutes))
        session = store.sessions.get(of_secret("secret"))
        assert session is not None
        assert session.seen_at[11:19] == seen


def test_a_short_limit_does_not_end_a_busy_session(store: Store, ann: Person) -> None:
    minute = timedelta(minutes=1)
    short = Lifetime(idle_hours=1 / 60)
    start_session(store, ann, "password", secret="secret", lifetime=short, now=START)
    for at in range(1, 10):
        now = START + at * 0.9 * minute
        assert find_session(store, "secret", locked=True, lifetime=short, now=now) is not None
    late = now + minute
    assert find_session(store, "secret", locked=True, lifetime=short, now=late) is None


@pytest.mark.parametrize(
    ("door", "name"), [("name", ""), ("here", ""), ("password", "Ann"), ("oidc", "Ann")]
)
def test_a_picked_name_is_worth_nothing_once_there_are_accounts(
    store: Store, ann: Person, door: Door, name: str
) -> None:
    begin(store, ann, "secret", door)
    assert who(store, "secret", locked=False) == "Ann"
    assert who(store, "secret") == name


def test_signing_out_of_one_or_of_all(store: Store, ann: Person, lead: Person) -> None:
    for secret in ("a", "b", "c"):
        begin(store, ann, secret)
    begin(store, someone(store, "Bo"), "bo")
    sign_out(store, "a", now=START)
    assert [who(store, secret) for secret in ("a", "b", "c", "bo")] == ["", "Ann", "Ann", "Bo"]
    assert sign_out_everywhere(store, ann.id, actor=ann, now=START, but=of_secret("b")) == 1
    assert [who(store, secret) for secret in ("b", "c", "bo")] == ["Ann", "", "Bo"]
    with pytest.raises(NotAllowed):
        sign_out_everywhere(store, someone(store, "Bo").id, actor=ann, now=START)
    assert sign_out_everywhere(store, someone(store, "Bo").id, actor=lead, now=START) == 1
    assert who(store, "bo") == ""


def test_old_sessions_are_cleared_away(store: Store, ann: Person) -> None:
    begin(store, ann, "old")
    start_session(store, ann, "password", secret="new", lifetime=USUAL, now=START + 61 * 24 * HOUR)
    assert store.sessions.get(of_secret("old")) is None
    assert store.sessions.get(of_secret("new")) is not None

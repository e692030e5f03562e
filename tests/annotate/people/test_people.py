"""Accounts and roles: who may do what, and names."""

from __future__ import annotations

from datetime import timedelta
from typing import get_args

import pytest

from annotate.errors import AnnotateError, NotAllowed, NotFound
from annotate.model import Person, Role
from annotate.people import RIGHTS, Right, add_person, operator, person, require
from annotate.store import Store
from tests.small import START, someone

LABEL_ONLY = {"label"}
NO_PEOPLE = {"label", "import", "prelabel", "route", "make promises", "review", "export", "invite"}
NO_PEOPLE |= {"lead people", "open and close projects", "adjudicate"}
NO_PEOPLE |= {"create projects", "edit projects"}


def test_what_each_role_may_do() -> None:
    assert set(RIGHTS) == set(get_args(Role)) == {"annotator", "lead", "admin"}
    assert set(RIGHTS["annotator"]) == LABEL_ONLY
    assert set(RIGHTS["lead"]) == NO_PEOPLE
    assert set(RIGHTS["admin"]) == NO_PEOPLE | {"manage people", "back up"} == set(get_args(Right))


def test_who_may_not_is_told_whom_to_ask(store: Store) -> None:
    ann = someone(store, "Ann")
    require(ann, "label")
    with pytest.raises(NotAllowed) as caught:
        require(ann, "export")
    assert str(caught.value) == "Ann is annotator and may not export: ask a lead or admin"
    with pytest.raises(NotAllowed, match="Lena is lead and may not manage people: ask an admin"):
        add_person(store, "Bob", "annotator", actor=someone(store, "Lena", "lead"), now=START)
    assert {p.name for p in store.people.all()} == {"Ann", "Lena"}


def test_adding_twice_is_adding_once(store: Store, lead: Person) -> None:
    first = add_person(store, "Ann", "annotator", actor=lead, now=START)
    later = START + timedelta(days=1)
    again = add_person(store, " Ann ", "annotator", actor=lead, now=later)
    assert again == first
    assert store.people.all() == [first]
    assert person(store, first.id) == first


def test_a_name_has_one_role(store: Store, lead: Person) -> None:
    someone(store, "Ann")
    with pytest.raises(AnnotateError, match="Ann is already here as annotator: choose another"):
        add_person(store, "Ann", "lead", actor=lead, now=START)
    assert [p.role for p in store.people.all()] == ["annotator"]


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("", "a name has 1 to 64 characters, not 0: choose another"),
        (" \t\n", "a name has 1 to 64 characters, not 0: choose another"),
        ("x" * 65, "a name has 1 to 64 characters, not 65: choose another"),
        ("An\u202en", r"the name 'An\u202en' holds what is no character: type it again"),
        ("Zo\udceb", r"the name 'Zo\udceb' holds what is no character: type it again"),
    ],
)
def test_what_is_no_name(store: Store, lead: Person, name: str, why: str) -> None:
    with pytest.raises(AnnotateError) as caught:
        add_person(store, name, "annotator", actor=lead, now=START)
    assert str(caught.value) == why
    assert store.people.all() == []


@pytest.mark.parametrize("name", ["x" * 64, "王 小明", "Zoë 👩‍👩‍👧", "O'Neil; drop table people"])
def test_what_is_a_name(store: Store, lead: Person, name: str) -> None:
    assert add_person(store, name, "annotator", actor=lead, now=START).name == name
    assert [p.name for p in store.people.all()] == [name]


def test_nobody_with_that_id(store: Store) -> None:
    with pytest.raises(NotFound, match="nobody here has the id 'x1'"):
        person(store, "x1")


def test_the_operator_is_not_in_the_database(store: Store) -> None:
    assert operator(START).role == "admin"
    assert store.people.all() == []

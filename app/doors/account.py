"""One's own page: the password, and where one is signed in."""

from __future__ import annotations

from starlette.responses import Response

from annotate.accounts import check_password, first_password, set_password
from annotate.clock import iso
from annotate.errors import AnnotateError
from app.doors import Visitor, cookies, locked, visitor
from app.doors.pages import render
from app.doors.visit import Visit, go_on


def show(visit: Visit) -> Response:
    found = visitor(visit.services, visit.store, visit.request.cookies)
    return go_on("/sign-in?next=/account") if found is None else _page(visit, found)


def change(visit: Visit) -> Response:
    """A new password: with the one there is, or the first of all. Other sessions end."""
    services, store = visit.services, visit.store
    found = visitor(services, store, visit.request.cookies)
    if found is None:
        return go_on("/sign-in?next=/account")
    try:
        _change(visit, found)
    except AnnotateError as error:
        return _page(visit, found, problem=str(error), status=422)
    done = "Your password is set. Every other browser is signed out."
    page = _page(visit, found, done=done, sessions=1)
    return cookies.come_in(services, store, page, visit.request, found.person, "password")


def _change(visit: Visit, found: Visitor) -> None:
    store, person, now = visit.store, found.person, visit.services.now()
    if visit.form.get("new", "") != visit.form.get("again", ""):
        raise AnnotateError("the two new passwords differ: type them again")
    account = store.accounts.of(person.id)
    if account is not None and account.password is not None:
        given = visit.form.get("password", "")
        check_password(store, person.name, given, origin=visit.origin(person.name), now=now)
    elif not locked(visit.services, store):
        first_password(store, person)
    set_password(store, person, visit.form.get("new", ""), now=now)


def _page(
    visit: Visit,
    found: Visitor,
    *,
    problem: str = "",
    done: str = "",
    status: int = 200,
    sessions: int | None = None,
) -> Response:
    services, store, now = visit.services, visit.store, visit.services.now()
    account = store.accounts.of(found.person.id)
    shut, why_not = locked(services, store), ""
    if not shut:
        try:
            first_password(store, found.person)
        except AnnotateError as error:
            why_not = str(error)
    idle_since = services.config.doors.lifetime.idle_since(now)
    live = store.sessions.live_of(now=iso(now), idle_since=idle_since)
    return render(
        "account.html",
        "Your account",
        problem=problem,
        done=done,
        status=status,
        token=visit.token,
        person=found.person,
        has_password=account is not None and account.password is not None,
        locked=shut,
        may_set=not why_not,
        why_not=why_not,
        sessions=sessions or live.get(found.person.id, 1),
    )

"""Coming in by a code: as somebody new, or with a new password."""

from __future__ import annotations

from starlette.responses import Response

from annotate.errors import AnnotateError, NotFound, TooManyAttempts
from annotate.invites import join, welcome
from annotate.throttle import FREE_BY_ADDRESS, count_attempt, succeeded
from app.doors import cookies
from app.doors.pages import render
from app.doors.visit import Visit, go_on


def show(visit: Visit) -> Response:
    return _page(visit, "")


def come(visit: Visit) -> Response:
    """With a code: ask for name and password. With these too: come in."""
    code, now = visit.form.get("code", ""), visit.services.now()
    origin = visit.origin(code)
    try:
        count_attempt(visit.store, {origin.address: FREE_BY_ADDRESS}, now=now)
        welcome(visit.store, code, now=now)
    except (NotFound, TooManyAttempts) as error:
        return _page(visit, str(error), status=403)
    succeeded(visit.store, origin.name, origin.address)
    if not visit.form.get("chosen"):
        return _page(visit, "", code=code)
    return _join(visit, code)


def _join(visit: Visit, code: str) -> Response:
    services, store, form = visit.services, visit.store, visit.form
    name, password = form.get("name", ""), form.get("new", "")
    if password != form.get("again", ""):
        return _page(visit, "the two passwords differ: type them again", code=code, status=422)
    try:
        person = join(store, code, name, password, now=services.now())
    except AnnotateError as error:
        return _page(visit, str(error), code=code, status=422)
    return cookies.come_in(services, store, go_on("/"), visit.request, person, "password")


def _page(visit: Visit, problem: str, *, code: str = "", status: int = 200) -> Response:
    found = welcome(visit.store, code, now=visit.services.now()) if code else None
    return render(
        "join.html",
        "Choose a password" if found and found.name else "Join",
        problem=problem,
        status=status,
        token=visit.token,
        code=code,
        welcome=found,
        name=visit.form.get("name", ""),
    )

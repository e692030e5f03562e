"""Signing in by name and password, by picking a name while there are no accounts, and out."""

from __future__ import annotations

import math

from starlette.responses import Response

from annotate.accounts import check_password
from annotate.errors import AnnotateError, NotSignedIn, TooManyAttempts
from annotate.people import add_person, operator
from annotate.sessions import sign_out_everywhere
from app.doors import cookies, locked, person_here, visitor
from app.doors.oidc import providers
from app.doors.pages import render
from app.doors.provider import arrived
from app.doors.visit import Visit, go_on

NO_ACCOUNTS = "There are no accounts yet: anyone at this machine can act as anybody."
TOO_OLD = "The page was open for too long, or cookies are off: please do that once more."


def show(visit: Visit) -> Response:
    """The way in; straight on for who is in already, or need not say who they are."""
    services, store, request = visit.services, visit.store, visit.request
    if visitor(services, store, request.cookies) and cookies.is_signed_in(services, request):
        return go_on(visit.next)
    if (brought := arrived(visit)) is not None:
        return brought
    person = services.config.person
    shut = locked(services, store)
    if person and not shut and "switch" not in request.query_params:
        here = person_here(services, store, person)
        return cookies.come_in(services, store, go_on(visit.next), request, here, "here")
    problem = TOO_OLD if "again" in request.query_params else ""
    return _form(visit, problem) if shut else _names(visit, problem)


def sign_in(visit: Visit) -> Response:
    """By name and password."""
    name, password = visit.form.get("name", ""), visit.form.get("password", "")
    services, store = visit.services, visit.store
    try:
        origin = visit.origin(name)
        person = check_password(store, name, password, origin=origin, now=services.now())
    except TooManyAttempts as error:
        response = _form(visit, str(error), name=name, status=429)
        response.headers["Retry-After"] = str(math.ceil(error.retry_after_s))
        return response
    except NotSignedIn as error:
        return _form(visit, str(error), name=name, status=403)
    on = go_on(visit.next)
    return cookies.come_in(services, store, on, visit.request, person, "password")


def pick(visit: Visit) -> Response:
    """By a name alone, as long as there are no accounts. The first person becomes the admin."""
    services, store = visit.services, visit.store
    if locked(services, store):
        return go_on("/sign-in")
    person = store.people.get(visit.form.get("person", ""))
    if person is None and not store.people.all():
        now = services.now()
        try:
            name = visit.form.get("first", "")
            person = add_person(store, name, "admin", actor=operator(now), now=now)
        except AnnotateError as error:
            return _names(visit, str(error), status=422)
    if person is None:
        return go_on("/sign-in")
    return cookies.come_in(services, store, go_on(visit.next), visit.request, person, "name")


def sign_out(visit: Visit) -> Response:
    """Out of this browser, or of all of them."""
    services, store = visit.services, visit.store
    found = visitor(services, store, visit.request.cookies)
    if found is not None and visit.form.get("everywhere"):
        sign_out_everywhere(store, found.person.id, actor=found.person, now=services.now())
    cookies.leave(services, store, visit.request)
    response = go_on("/sign-in?switch=yes")
    cookies.forget(services, response)
    return response


def _form(visit: Visit, problem: str, *, name: str = "", status: int = 200) -> Response:
    return render(
        "sign_in.html",
        "Sign in",
        problem=problem,
        status=status,
        token=visit.token,
        next=visit.next,
        name=name,
        passwords=visit.store.accounts.any_password(),
        providers=providers(visit.services.config.folder),
    )


def _names(visit: Visit, problem: str, *, status: int = 200) -> Response:
    people = [one.person for one in visit.store.accounts.all() if one.active]
    return render(
        "pick.html",
        "Who are you?" if people else "Welcome",
        problem=problem,
        status=status,
        token=visit.token,
        next=visit.next,
        people=people,
        no_accounts=NO_ACCOUNTS,
    )

"""The two cookies: who is signed in, and what ties a form to the browser it was shown in."""

from __future__ import annotations

import secrets

from starlette.requests import HTTPConnection
from starlette.responses import Response

from annotate.model import Door, Person
from annotate.sessions import sign_out, start_session
from annotate.store import Store
from app.doors import cookie_name
from app.doors.tokens import is_ours
from app.workplace import Workplace

BYTES = 32


def is_https(connection: HTTPConnection) -> bool:
    """Of this server itself, or of a proxy whose word is taken."""
    return connection.scope.get("scheme") in {"https", "wss"}


def come_in(
    services: Workplace,
    store: Store,
    response: Response,
    request: HTTPConnection,
    person: Person,
    door: Door,
) -> Response:
    """The response, with the cookie of a new session; the one there was ends."""
    lifetime, now = services.config.doors.lifetime, services.now()
    leave(services, store, request)
    secret = secrets.token_urlsafe(BYTES)
    start_session(store, person, door, secret=secret, lifetime=lifetime, now=now)
    response.set_cookie(
        cookie_name(services),
        secret,
        max_age=int(lifetime.days * 24 * 3600),
        httponly=True,
        samesite="lax",  # strict would show the sign-in page to whoever follows a link from a mail
        secure=is_https(request),
    )
    return response


def leave(services: Workplace, store: Store, request: HTTPConnection) -> None:
    """End the session of this browser, if there is one."""
    secret = request.cookies.get(cookie_name(services), "")
    if secret:
        sign_out(store, secret, now=services.now())


def is_signed_in(services: Workplace, request: HTTPConnection) -> bool:
    """Whether the browser brings a session's cookie, live or not."""
    return cookie_name(services) in request.cookies


def forget(services: Workplace, response: Response) -> None:
    """Take the session's cookie away."""
    response.delete_cookie(cookie_name(services), httponly=True, samesite="lax")


def _form_cookie_name(services: Workplace) -> str:
    return f"{cookie_name(services)}_form"


def form_cookie(services: Workplace, request: HTTPConnection) -> str:
    """What this browser's forms are tied to; made when it has nothing yet."""
    return request.cookies.get(_form_cookie_name(services)) or secrets.token_urlsafe(BYTES)


def tie(services: Workplace, response: Response, request: HTTPConnection, cookie: str) -> None:
    """Send the form cookie along, where the browser does not have it."""
    if request.cookies.get(_form_cookie_name(services)) != cookie:
        response.set_cookie(
            _form_cookie_name(services),
            cookie,
            httponly=True,
            samesite="strict",
            secure=is_https(request),
        )


def sent_from_here(services: Workplace, request: HTTPConnection, form: dict[str, str]) -> bool:
    """Whether a form was shown in this browser by this server."""
    names = (_form_cookie_name(services), cookie_name(services))
    return any(is_ours(services, form, request.cookies.get(name, "")) for name in names)

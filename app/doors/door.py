"""Who stands behind a request of the desk, and the token that goes on with each reply."""

from __future__ import annotations

from starlette.requests import HTTPConnection

from annotate.errors import NotSignedIn
from annotate.model import Person
from annotate.store import Store
from app.api import Admit
from app.doors import visitor
from app.doors.tokens import HEADER, check_token, make_token
from app.workplace import Workplace


def admitting(services: Workplace) -> Admit:
    """For app/api.py: the session's cookie says who asks, the token for which page."""

    def admit(store: Store, connection: HTTPConnection, project: str) -> tuple[Person, str]:
        found = visitor(services, store, connection.cookies)
        if found is None:
            raise NotSignedIn("you are signed out: sign in again; what is not saved stays here")
        check_token(services, connection.headers.get(HEADER, ""), found, project)
        return found.person, make_token(services, found, project)

    return admit

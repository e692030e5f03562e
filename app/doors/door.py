"""Who stands behind a request of the desk, and the token that goes on with each reply."""

from __future__ import annotations

from starlette.requests import HTTPConnection

from annotate.errors import NotSignedIn
from annotate.model import Person
from annotate.store import Store
from app.doors import visitor
from app.doors.tokens import HEADER, check_token, make_token
from app.services import Services


class Door:
    """`admit` of app/api.py: the session's cookie says who, the token for which page."""

    def __init__(self, services: Services) -> None:
        self._services = services

    def admit(self, store: Store, connection: HTTPConnection, project: str) -> tuple[Person, str]:
        """The person and a fresh token. Raises NotSignedIn and NotAllowed, see `check_token`."""
        found = visitor(self._services, store, connection.cookies)
        if found is None:
            raise NotSignedIn("you are signed out: sign in again; what is not saved stays here")
        check_token(self._services, connection.headers.get(HEADER, ""), found, project)
        return found.person, make_token(self._services, found, project)

"""Who stands behind a request of the desk, and the token that goes on with each reply."""

from __future__ import annotations

from starlette.requests import HTTPConnection

from annotate.errors import NotSignedIn
from annotate.model import Person
from app.doors import Visitor, visitor
from app.doors.tokens import HEADER, check_token, make_token
from app.services import Services


class Door:
    """`who` and `renew` of app/api.py: the session's cookie says who, the token for which page."""

    def __init__(self, services: Services) -> None:
        self._services = services

    def who(self, connection: HTTPConnection) -> Person | None:
        found = self._visitor(connection)
        return None if found is None else found.person

    def renew(self, connection: HTTPConnection, person: Person, project: str) -> str:
        """Raises NotSignedIn and NotAllowed, see `check_token`."""
        found = self._visitor(connection)
        if found is None or found.person != person:
            raise NotSignedIn("you are signed out: sign in again; what is not saved stays here")
        check_token(self._services, connection.headers.get(HEADER, ""), found, project)
        return make_token(self._services, found, project)

    def _visitor(self, connection: HTTPConnection) -> Visitor | None:
        with self._services.workspace.open() as store:
            return visitor(self._services, store, connection.cookies)

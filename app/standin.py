"""Until pages and routes know people by a cookie: a signed token of the page says who sends it."""

from __future__ import annotations

from starlette.requests import HTTPConnection

from annotate.model import Person
from app.doors import Visitor, tokens
from app.services import Services


def token(services: Services, person: Person, project: str) -> str:
    return tokens.make_token(services, Visitor(person, ""), project)


class Door:
    """`who` and `renew` of app/api.py."""

    def __init__(self, services: Services) -> None:
        self._services = services

    def who(self, connection: HTTPConnection) -> Person | None:
        sent = connection.headers.get(tokens.HEADER, "")
        person_id = tokens._read(self._services, sent)[1]
        with self._services.workspace.open() as store:
            return store.people.get(person_id)

    def renew(self, connection: HTTPConnection, person: Person, project: str) -> str:
        sent, visitor = connection.headers.get(tokens.HEADER, ""), Visitor(person, "")
        tokens.check_token(self._services, sent, visitor, project)
        return tokens.make_token(self._services, visitor, project)

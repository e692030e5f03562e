"""The door through which the labelling screen saves: JSON over HTTP, beside the pages."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

from pydantic_core import from_json
from starlette.requests import ClientDisconnect, HTTPConnection, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from annotate.errors import AnnotateError, Busy, NotAllowed, NotFound
from annotate.model import Person
from annotate.project import Project, load_project
from annotate.store import Store
from annotate.workflow.requests import Malformed
from annotate.workflow.syncing import Waiting, sync
from app.services import Services

MOST_BYTES = 2_000_000
THREADS = 4


class TooLarge(AnnotateError):
    """A request with more bytes than are read."""


class SignedOut(AnnotateError):
    """Nobody is signed in."""


STATUS: tuple[tuple[type[AnnotateError], int], ...] = (
    (SignedOut, 401),
    (TooLarge, 413),
    (Malformed, 422),
    (NotAllowed, 403),
    (NotFound, 404),
    (Busy, 503),
)

Who = Callable[[HTTPConnection], Person | None]
"""Who is signed in; None: nobody."""
Renew = Callable[[HTTPConnection, Person, str], str]
"""A fresh token for this person and project; raises NotAllowed when the request carries none that
is good."""


def routes(services: Services, *, who: Who, renew: Renew) -> list[Route]:
    """What the server adds beside the pages."""
    api = _Api(services, who, renew)
    return [
        Route("/api/projects/{project}/sync", api.sync, methods=["POST"]),
    ]


class _Api:
    """Requests are read here and done in a few threads, each with its own connection."""

    def __init__(self, services: Services, who: Who, renew: Renew) -> None:
        self._services, self._who, self._renew = services, who, renew
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="sync")
        self._own = threading.local()
        self._waiting = Waiting()

    async def sync(self, request: Request) -> Response:
        try:
            person, token = self._admitted(request)
            body = _json(await _body(request))
            work = partial(self._sync, request.path_params["project"], body, person)
            reply = await asyncio.get_running_loop().run_in_executor(self._threads, work)
        except AnnotateError as error:
            return _refusal(error)
        return JSONResponse({**reply, "token": token})

    def _admitted(self, request: Request) -> tuple[Person, str]:
        person = self._who(request)
        if person is None:
            raise SignedOut("you are signed out: sign in again; what is not saved stays here")
        return person, self._renew(request, person, request.path_params["project"])

    def _sync(self, name: str, body: Any, person: Person) -> dict[str, Any]:
        store, project = self._store(), self._project(name)
        now = self._services.now()
        return sync(store, project, body, actor=person, now=now, waiting=self._waiting)

    def _store(self) -> Store:
        """This thread's own; it lives as long as the thread."""
        if not hasattr(self._own, "store"):
            self._own.store = self._services.workspace.open()
        store: Store = self._own.store
        return store

    def _project(self, name: str) -> Project:
        return projects(self._services, name)


_KNOWN: dict[tuple[Path, int], Project] = {}


def projects(services: Services, name: str) -> Project:
    """The project of this name; files are read again when they change. Raises NotFound."""
    for path in services.workspace.task_files():
        key = path, path.stat().st_mtime_ns
        if key not in _KNOWN:
            _KNOWN[key] = load_project(path)
        if _KNOWN[key].project == name:
            return _KNOWN[key]
    raise NotFound(f"there is no project {name!r} here: go back to the first page")


async def _body(request: Request) -> bytes:
    parts, size = [], 0
    try:
        async for part in request.stream():
            size += len(part)
            if size > MOST_BYTES:
                raise TooLarge(f"more than {MOST_BYTES:,} bytes: send fewer operations at once")
            parts.append(part)
    except ClientDisconnect:
        raise Malformed("the request broke off") from None
    return b"".join(parts)


def _json(body: bytes) -> Any:
    try:
        return from_json(body, allow_inf_nan=False)
    except ValueError as error:
        raise Malformed(f"the request is no JSON: {error}") from None


def _refusal(error: AnnotateError) -> JSONResponse:
    status = next((code for kind, code in STATUS if isinstance(error, kind)), 500)
    return JSONResponse({"error": str(error)}, status)

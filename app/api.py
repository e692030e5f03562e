"""The door through which the desks save, of those who label and those who decide: JSON over HTTP,
beside the pages."""

from __future__ import annotations

import asyncio
import gzip
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import orjson
from pydantic_core import from_json
from starlette.requests import ClientDisconnect, HTTPConnection, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from annotate.errors import AnnotateError, Busy, NotAllowed, NotFound, NotSignedIn
from annotate.model import Person
from annotate.project import Project
from annotate.store import Store
from annotate.workflow.decisions.requests import read_cases, settle_decisions
from annotate.workflow.labelling.own_history import own_history
from annotate.workflow.labelling.requests import Malformed
from annotate.workflow.labelling.syncing import Waiting, sync
from app.services import Services
from app.together import Together

MOST_BYTES = 2_000_000
LONG = 20_000
"""Bytes of a reply worth compressing: below, a network sends them in the time that takes."""
READERS = 2

Admit = Callable[[Store, HTTPConnection, str], tuple[Person, str]]
"""Who sends a request about the project of that name, and a fresh token for their page. Raises
NotSignedIn, and NotAllowed for a token that is not theirs or not of this project."""


class TooLarge(AnnotateError):
    """A request with more bytes than are read."""


STATUS: tuple[tuple[type[AnnotateError], int], ...] = (
    (NotSignedIn, 401),
    (NotAllowed, 403),
    (NotFound, 404),
    (TooLarge, 413),
    (Malformed, 422),
    (Busy, 503),
)
"""Errors that a request can meet; any other is a mistake of ours."""

Work = Callable[[Store, Project, Person], dict[str, Any]]


def routes(services: Services, *, admit: Admit) -> list[Route]:
    """What the server adds beside the pages."""
    api = _Api(services, admit)
    return [
        Route("/api/projects/{project}/sync", api.sync, methods=["POST"]),
        Route("/api/projects/{project}/history", api.history, methods=["GET"]),
        Route("/api/projects/{project}/decisions", api.decisions, methods=["POST"]),
        Route("/api/projects/{project}/cases", api.cases, methods=["GET"]),
    ]


class _Api:
    """Requests are read on the event loop, which also serves everybody's pages and must never wait
    for a disk, and done in threads with a connection of their own."""

    def __init__(self, services: Services, admit: Admit) -> None:
        self._services, self._admit = services, admit
        self._saving = Together(self._store)
        self._reading = ThreadPoolExecutor(READERS, thread_name_prefix="reading")
        self._own = threading.local()
        self._waiting = Waiting()

    async def sync(self, request: Request) -> Response:
        try:
            body = await _body(request)
            work = partial(self._done, request, partial(self._sync, body))
            return _reply(await asyncio.wrap_future(self._saving.submit(work)), request)
        except AnnotateError as error:
            return _refusal(error)

    async def history(self, request: Request) -> Response:
        work = partial(self._history, dict(request.query_params))
        try:
            return await self._beside(request, work)
        except AnnotateError as error:
            return _refusal(error)

    async def decisions(self, request: Request) -> Response:
        try:
            body = await _body(request)
            return await self._beside(request, partial(self._decisions, body))
        except AnnotateError as error:
            return _refusal(error)

    async def cases(self, request: Request) -> Response:
        try:
            return await self._beside(request, partial(self._cases, dict(request.query_params)))
        except AnnotateError as error:
            return _refusal(error)

    async def _beside(self, request: Request, work: Work) -> Response:
        """Done in a thread beside the saving of answers, which waits for nobody."""
        done = self._reading.submit(lambda: self._done(request, work, self._store()))
        return _reply(await asyncio.wrap_future(done), request)

    def _decisions(
        self, body: bytes, store: Store, project: Project, person: Person
    ) -> dict[str, Any]:
        now = self._services.now()
        return settle_decisions(store, project, _json(body), actor=person, now=now)

    def _cases(
        self, query: dict[str, str], store: Store, project: Project, person: Person
    ) -> dict[str, Any]:
        return read_cases(
            store,
            project,
            query.get("question", project.questions[0].name),
            actor=person,
            now=self._services.now(),
            item=query.get("item"),
            after=query.get("after"),
        )

    def _sync(self, body: bytes, store: Store, project: Project, person: Person) -> dict[str, Any]:
        now = self._services.now()
        return sync(store, project, _json(body), actor=person, now=now, waiting=self._waiting)

    def _history(
        self, query: dict[str, str], store: Store, project: Project, person: Person
    ) -> dict[str, Any]:
        return own_history(
            store,
            project,
            actor=person,
            now=self._services.now(),
            before=query.get("before"),
            limit=query.get("limit", "50"),
        )

    def _done(self, request: Request, work: Work, store: Store) -> dict[str, Any]:
        name = request.path_params["project"]
        person, token = self._admit(store, request, name)
        return {**work(store, self._project(name), person), "token": token}

    def _store(self) -> Store:
        """This thread's own; it lives as long as the thread."""
        if not hasattr(self._own, "store"):
            self._own.store = self._services.workspace.open()
        store: Store = self._own.store
        return store

    def _project(self, name: str) -> Project:
        """The project of this name. Raises NotFound."""
        found, _ = self._services.workspace.usable()
        if name not in found:
            raise NotFound(f"there is no project {name!r} here: go back to the first page")
        return found[name][1]


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


def _reply(content: dict[str, Any], request: Request) -> Response:
    """As JSON; compressed where it is long and the browser takes that."""
    body, headers = orjson.dumps(content), {"cache-control": "no-store"}
    if len(body) >= LONG and "gzip" in request.headers.get("accept-encoding", ""):
        body = gzip.compress(body, compresslevel=4, mtime=0)
        headers |= {"content-encoding": "gzip", "vary": "accept-encoding"}
    return Response(body, headers=headers, media_type="application/json")


def _refusal(error: AnnotateError) -> JSONResponse:
    status = next((code for kind, code in STATUS if isinstance(error, kind)), 500)
    return JSONResponse({"error": str(error)}, status, headers={"cache-control": "no-store"})

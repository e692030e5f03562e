"""Who may ask for what before any page runs: the right address, and somebody signed in."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import quote

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.middleware.exceptions import ExceptionMiddleware
from starlette.requests import HTTPConnection, Request
from starlette.responses import JSONResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Router
from starlette.types import ASGIApp, Receive, Scope, Send

from annotate.hashing import of_secret
from app.doors import cookie_name, visitor
from app.doors.cookies import is_https
from app.workplace import Workplace

LOOPBACK = ("127.0.0.1", "localhost")

API = "/api/"

OPEN = (
    *("/sign-in", "/join", "/account", "/doors/", "/healthz"),
    *("/auth/login", "/auth/logout", "/oauth2callback"),
    *("/static/", "/favicon.png", "/_stcore/health", "/_stcore/host-config"),
    API,
    "/screen/",
)
"""What a browser gets without a session: the way in, and files that are the same for everybody.
Routes below `/api/` answer by themselves, with a status and no page."""

MACHINERY = ("/_stcore/", "/media/", "/component/", "/_components/")


class RightAddress:
    """Refuses what other sites make a browser ask: a foreign Host header, or a foreign Origin."""

    def __init__(self, app: ASGIApp, *, hosts: tuple[str, ...] = ()) -> None:
        self._app, self._hosts = app, (*LOOPBACK, *hosts)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan" or self._is_right(HTTPConnection(scope)):
            await self._app(scope, receive, send)
        else:
            await refuse(scope, receive, send, f"Open this page at {self._hosts[-1]}.\n", 403)

    def _is_right(self, connection: HTTPConnection) -> bool:
        host = connection.headers.get("host", "").lower()
        origin = connection.headers.get("origin")
        scheme = "https" if is_https(connection) else "http"
        same = origin is None or origin.lower() == f"{scheme}://{host}"
        return host.split(":")[0] in self._hosts and same


class Shortcut:
    """Answers what the desks ask beside the pages' own middleware, which has nothing to add to it:
    a third of what a saved answer costs."""

    def __init__(self, app: ASGIApp, *, routes: Sequence[BaseRoute]) -> None:
        refusing = {HTTPException: _no_such_door}
        self._app, self._desk = app, ExceptionMiddleware(Router(routes), handlers=refusing)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        direct = scope["type"] == "http" and scope["path"].startswith(API)
        await (self._desk if direct else self._app)(scope, receive, send)


def _no_such_door(request: Request, error: Exception) -> Response:
    """What the router has no route for is the asker's mistake, not the server's."""
    assert isinstance(error, HTTPException)
    said = f"{request.method} {request.url.path}: {error.detail}"
    return JSONResponse({"error": said}, error.status_code, headers=error.headers)


class SignedIn:
    """Lets nobody past the way in who is not signed in.

    A websocket is let through for a session that ended, too: the page then says so, where a
    refusal would leave the browser trying for ever.
    """

    def __init__(self, app: ASGIApp, *, services: Workplace) -> None:
        self._app, self._services = app, services

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan" or _is_open(scope["path"]):
            await self._app(scope, receive, send)
            return
        connection = HTTPConnection(scope)
        if await run_in_threadpool(self._knows, connection):
            await self._app(scope, receive, send)
        elif scope["type"] == "http" and not scope["path"].startswith(MACHINERY):
            query = scope["query_string"].decode("latin-1")
            wanted = quote(scope["path"] + (f"?{query}" if query else ""), safe="/")
            way_in = f"/sign-in?next={wanted}" if wanted != "/" else "/sign-in"
            redirect = RedirectResponse(way_in, 303, headers={"Cache-Control": "no-store"})
            await redirect(scope, receive, send)
        else:
            await refuse(scope, receive, send, "Sign in first.\n", 401)

    def _knows(self, connection: HTTPConnection) -> bool:
        secret = connection.cookies.get(cookie_name(self._services), "")
        if not secret:  # also where nobody is asked who they are, the way in gives a session
            return False
        with self._services.workspace.open() as store:
            if connection.scope["type"] == "websocket":
                return store.sessions.get(of_secret(secret)) is not None
            return visitor(self._services, store, connection.cookies) is not None


def _is_open(path: str) -> bool:
    return any(path == way or (way.endswith("/") and path.startswith(way)) for way in OPEN)


async def refuse(scope: Scope, receive: Receive, send: Send, why: str, status: int) -> None:
    """A refusal, of a request or of a websocket."""
    if scope["type"] == "websocket":
        await send({"type": "websocket.close", "code": 1008, "reason": why.strip()})
    else:
        await PlainTextResponse(why, status)(scope, receive, send)

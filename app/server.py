"""The web server: Streamlit's application on a socket of our own, for this machine only."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import os
import socket
import threading
import webbrowser
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import uvicorn
from starlette.middleware import Middleware
from starlette.requests import HTTPConnection, Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send
from streamlit.runtime.pages_manager import PagesManager
from streamlit.starlette import App

from annotate.errors import AnnotateError
from annotate.workspace import Workspace
from app import api
from app.config import FOLDER, PERSON, Config
from app.screen import assets
from app.services import Services
from app.standin import Door

LOOPBACK = ("127.0.0.1", "localhost")
COLLECT_EVERY_S = 30.0
GRACE_S = 1


def serve(
    config: Config,
    *,
    host: str = "127.0.0.1",
    port: int = 8501,
    open_browser: bool,
    on_ready: Callable[[str], None] = lambda url: None,
) -> None:
    """Serve the pages until Ctrl-C. port: 0 takes any free one.

    on_ready: called once with the address when the server listens. Raises AnnotateError when the
    host is not this machine, the port cannot be had, or the workspace cannot be opened.
    """
    if host not in LOOPBACK:
        raise AnnotateError(
            f"host {host!r} can be reached from other machines, and there are no accounts yet: "
            f"whoever reaches the page could act as anybody. Use {' or '.join(LOOPBACK)}"
        )
    Workspace(config.folder).open().close()
    _hand_over(config)
    with contextlib.closing(_bind(port)) as listener:
        url = f"http://{host}:{listener.getsockname()[1]}"

        def ready() -> None:
            on_ready(url)
            if open_browser:
                threading.Thread(target=webbrowser.open, args=(url,), daemon=True).start()

        # uvicorn raises the Ctrl-C again once everything is closed
        with contextlib.suppress(KeyboardInterrupt):
            _Server(_settings(Services(config)), ready).run(sockets=[listener])


def application(services: Services) -> App:
    """The ASGI application: the pages, the desk's files and its door, and `/healthz`."""
    # else the first visitor, if with a page's own address, gets the bare page without its frame:
    # Streamlit takes any folder called `pages` for its older kind of page until it knows better
    PagesManager.uses_pages_directory = False
    door = Door(services)
    return App(
        Path(__file__).with_name("main.py"),
        routes=[
            Route("/healthz", _healthz),
            assets.route(),
            *api.routes(services, who=door.who, renew=door.renew),
        ],
        middleware=[Middleware(FromThisMachine)],
        lifespan=_collecting,
    )


class FromThisMachine:
    """Refuses what other sites make a browser ask: a foreign Host header, or a foreign Origin."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan" or _from_this_machine(HTTPConnection(scope)):
            await self._app(scope, receive, send)
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008, "reason": "foreign address"})
        else:
            refusal = PlainTextResponse(f"Open this page at {LOOPBACK[0]}.\n", 403)
            await refusal(scope, receive, send)


def _from_this_machine(connection: HTTPConnection) -> bool:
    host = connection.headers.get("host", "")
    origin = connection.headers.get("origin")
    same = origin is None or origin == f"http://{host}"
    return host.split(":")[0] in LOOPBACK and same


async def _healthz(request: Request) -> PlainTextResponse:
    return PlainTextResponse("ok\n")


@contextlib.asynccontextmanager
async def _collecting(app: App) -> AsyncIterator[None]:
    """One collection now and then, in place of Streamlit's after every run of a page."""

    async def collect() -> None:
        while True:
            await asyncio.sleep(COLLECT_EVERY_S)
            gc.collect()

    task = asyncio.create_task(collect())
    yield
    task.cancel()


def _hand_over(config: Config) -> None:
    """Pages run in this process and read the environment, as under `streamlit run`."""
    os.environ[FOLDER] = str(config.folder.resolve())
    if config.person is None:
        os.environ.pop(PERSON, None)
    else:
        os.environ[PERSON] = config.person


def _bind(port: int) -> socket.socket:
    # naming the protocol makes asyncio turn Nagle's algorithm off: it costs 40 ms per answer
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    if os.name != "nt":  # there it would let two servers share the port
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((LOOPBACK[0], port))
    except (OSError, OverflowError) as error:
        listener.close()
        why = getattr(error, "strerror", None) or str(error)
        raise AnnotateError(
            f"port {port} cannot be had ({why}): choose another with --port, 0 takes a free one"
        ) from error
    return listener


def _settings(services: Services) -> uvicorn.Config:
    return uvicorn.Config(
        application(services),
        ws="websockets-sansio",
        ws_per_message_deflate=False,
        ws_ping_interval=30,
        log_level="warning",
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=GRACE_S,
    )


class _Server(uvicorn.Server):
    """Tells when it listens."""

    def __init__(self, config: uvicorn.Config, on_listen: Callable[[], None]) -> None:
        super().__init__(config)
        self._on_listen = on_listen

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._on_listen()

"""The web server: Streamlit's application behind our doors, on a socket of our own."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import os
import socket
import sys
import threading
import webbrowser
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import uvicorn
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from streamlit.runtime.pages_manager import PagesManager
from streamlit.starlette import App

from annotate.errors import AnnotateError
from app import api, files
from app.config import FOLDER, HOSTS, PERSON, PROXY, Config
from app.doors import locked
from app.doors.door import admitting
from app.doors.gate import LOOPBACK, RightAddress, Shortcut, SignedIn
from app.doors.headers import SecurityHeaders
from app.doors.key import workspace_key
from app.doors.oidc import auth_secrets
from app.doors.routes import routes
from app.screen import assets
from app.services import Services

COLLECT_EVERY_S = 30.0
SWITCH_S = 0.0001
"""So long one thread computes while others wait: a reply passes from thread to thread, and with
Python's own 5 ms each hand-over would cost more than the work."""
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

    host: the address of this machine to listen at; 0.0.0.0 for all of them. on_ready: called once
    with the address when the server listens. Raises AnnotateError when others could come in
    without an account, the port cannot be had, or the workspace cannot be opened.
    """
    services = Services(config)
    _check_reach(services, host)
    workspace_key(config.folder)
    _hand_over(config)
    sys.setswitchinterval(SWITCH_S)
    with contextlib.closing(_bind(host, port)) as listener:
        shown = (*config.doors.hosts, LOOPBACK[0])[0] if host not in LOOPBACK else host
        url = f"http://{shown}:{listener.getsockname()[1]}"

        def ready() -> None:
            on_ready(url)
            if open_browser:
                threading.Thread(target=webbrowser.open, args=(url,), daemon=True).start()

        # uvicorn raises the Ctrl-C again once everything is closed
        with contextlib.suppress(KeyboardInterrupt):
            _Server(_settings(services), ready).run(sockets=[listener])


def _check_reach(services: Services, host: str) -> None:
    """Whoever can be reached from elsewhere needs accounts, and knows its own name."""
    doors = services.config.doors
    with services.workspace.open() as store:
        shut = locked(services, store)
    if host in LOOPBACK and (shut or not doors.hosts):
        return
    if not shut:
        raise AnnotateError(
            f"host {host!r} can be reached from other machines, and there are no accounts yet: "
            "whoever reaches the page could act as anybody. Give somebody a password first "
            "(`coannotate people add NAME --role admin`, then `coannotate people password-reset "
            f"NAME --set`), or use {' or '.join(LOOPBACK)} without a host name"
        )
    if not doors.hosts:
        raise AnnotateError(
            f"host {host!r}: say under which name or address people will open the page, with "
            "--host-name NAME; requests for any other name are refused"
        )


def application(services: Services) -> App:
    """The ASGI application: the pages, the way in, what the desk needs, and `/healthz`."""
    # else the first visitor, if with a page's own address, gets the bare page without its frame:
    # Streamlit takes any folder called `pages` for its older kind of page until it knows better
    PagesManager.uses_pages_directory = False
    return App(
        Path(__file__).with_name("main.py"),
        secrets=auth_secrets(services.config.folder),
        routes=[
            Route("/healthz", _healthz),
            assets.route(),
            *routes(services),
            *files.routes(services),
        ],
        middleware=[
            Middleware(SecurityHeaders),
            Middleware(RightAddress, hosts=services.config.doors.hosts),
            Middleware(Shortcut, routes=api.routes(services, admit=admitting(services))),
            Middleware(SignedIn, services=services),
        ],
        lifespan=_collecting,
    )


async def _healthz(request: Request) -> PlainTextResponse:
    return PlainTextResponse("ok\n")


@contextlib.asynccontextmanager
async def _collecting(app: App) -> AsyncIterator[None]:
    """One collection now and then, in place of Streamlit's after every run of a page."""

    async def collect() -> None:
        while True:
            await asyncio.sleep(COLLECT_EVERY_S)
            gc.collect()

    gc.collect()
    gc.freeze()  # what is there now stays: looking through it again would stop everybody for 100 ms
    task = asyncio.create_task(collect())
    yield
    task.cancel()


def _hand_over(config: Config) -> None:
    """Pages run in this process and read the environment, as under `streamlit run`."""
    os.environ[FOLDER] = str(config.folder.resolve())
    os.environ[HOSTS] = " ".join(config.doors.hosts)
    os.environ[PROXY] = config.doors.proxy
    if config.person is None:
        os.environ.pop(PERSON, None)
    else:
        os.environ[PERSON] = config.person


def _bind(host: str, port: int) -> socket.socket:
    # naming the protocol makes asyncio turn Nagle's algorithm off: it costs 40 ms per answer
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    if os.name != "nt":  # there it would let two servers share the port
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except (OSError, OverflowError) as error:
        listener.close()
        why = getattr(error, "strerror", None) or str(error)
        raise AnnotateError(
            f"port {port} of {host} cannot be had ({why}): choose another with --port, "
            "0 takes a free one"
        ) from error
    return listener


def _settings(services: Services) -> uvicorn.Config:
    proxy = services.config.doors.proxy
    return uvicorn.Config(
        application(services),
        proxy_headers=bool(proxy),  # else anybody on this machine could name another address
        forwarded_allow_ips=proxy or None,
        timeout_keep_alive=75,  # a person's answers come seconds apart, over one connection
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

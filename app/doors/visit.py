"""One request to a page before the application: its form, and the cookie it is tied to."""

from __future__ import annotations

import hmac
import re
from collections.abc import Awaitable, Callable
from hashlib import sha256
from typing import NamedTuple
from urllib.parse import parse_qsl

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response

from annotate.accounts import Origin
from annotate.store import Store
from app.doors import cookies
from app.doors.key import workspace_key
from app.doors.tokens import form_token
from app.workplace import Workplace

LARGEST_FORM = 64 * 1024
_HERE = re.compile(r"/(?![/\\])[\w\-./?=&%+:,;~!*()@$]*", re.ASCII)
"""A path of ours, with all that a browser leaves as it is in an address."""


class Visit(NamedTuple):
    """form: what was posted; empty for a GET. tied: see `cookies.form_cookie`."""

    services: Workplace
    store: Store
    request: Request
    form: dict[str, str]
    tied: str

    @property
    def token(self) -> str:
        return form_token(self.services, self.tied)

    @property
    def next(self) -> str:
        """Where to go on: a path of ours, never another site."""
        wanted = self.form.get("next") or self.request.query_params.get("next", "/")
        return wanted if _HERE.fullmatch(wanted) else "/"

    def origin(self, name: str) -> Origin:
        """What failures are counted under: digests that nobody without our key can look up."""
        address = self.request.client.host if self.request.client else ""
        return Origin(self._hidden("name", name.casefold()), self._hidden("address", address))

    def _hidden(self, kind: str, text: str) -> str:
        key = workspace_key(self.services.config.folder)
        said = f"{kind}\0{' '.join(text.split())}".encode("utf-8", "surrogatepass")
        return hmac.new(key, said, sha256).hexdigest()


Handler = Callable[[Visit], Response]


def page(services: Workplace, handler: Handler) -> Callable[[Request], Awaitable[Response]]:
    """An endpoint that reads the form, refuses one that is not ours, and works in a thread."""

    async def endpoint(request: Request) -> Response:
        try:
            form = await _form(request)
        except ValueError:
            return PlainTextResponse("This form is too large.\n", 413)
        return await run_in_threadpool(_answer, services, handler, request, form)

    return endpoint


def _answer(
    services: Workplace, handler: Handler, request: Request, form: dict[str, str]
) -> Response:
    tied = cookies.form_cookie(services, request)
    if request.method == "POST" and not _is_ours(services, request, form):
        response: Response = go_on("/sign-in?again=yes")
    else:
        with services.workspace.open() as store:
            response = handler(Visit(services, store, request, form, tied))
    cookies.tie(services, response, request, tied)
    return response


def _is_ours(services: Workplace, request: Request, form: dict[str, str]) -> bool:
    """A form of this server, shown in this browser; browsers name the origin of every post."""
    return "origin" in request.headers and cookies.sent_from_here(services, request, form)


async def _form(request: Request) -> dict[str, str]:
    """Raises ValueError for one that is too large."""
    body = b""
    if request.method == "POST":
        async for part in request.stream():
            body += part
            if len(body) > LARGEST_FORM:
                raise ValueError
    return dict(parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True))


def go_on(path: str) -> Response:
    """To another page of ours, by GET."""
    return RedirectResponse(path, 303, headers={"Cache-Control": "no-store"})

"""Connections for calls that are counted already: one to a call, the one used last first."""

from __future__ import annotations

import ssl
from collections.abc import AsyncIterator, Callable

import httpx2

_ONE = httpx2.Limits(max_connections=1, max_keepalive_connections=1)


class Connections(httpx2.AsyncBaseTransport):
    """As many connections as there ever were calls at once; who calls limits those.

    The client's own pool looks at each of its connections twice a call: with five hundred, that
    is three quarters of all it does.
    """

    def __init__(self, certificates: ssl.SSLContext) -> None:
        self._certificates = certificates
        self._free: list[httpx2.AsyncHTTPTransport] = []
        self._all: list[httpx2.AsyncHTTPTransport] = []

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        used = self._free.pop() if self._free else self._another()
        try:
            response = await used.handle_async_request(request)
        except BaseException:
            self._free.append(used)
            raise
        assert isinstance(response.stream, httpx2.AsyncByteStream)
        response.stream = _Borrowed(response.stream, lambda: self._free.append(used))
        return response

    async def aclose(self) -> None:
        for one in self._all:
            await one.aclose()

    def _another(self) -> httpx2.AsyncHTTPTransport:
        self._all.append(httpx2.AsyncHTTPTransport(verify=self._certificates, limits=_ONE))
        return self._all[-1]


class _Borrowed(httpx2.AsyncByteStream):
    """A body; when it is closed, its connection is given back, once."""

    def __init__(self, body: httpx2.AsyncByteStream, give_back: Callable[[], None]) -> None:
        self._body = body
        self._give_back: Callable[[], None] | None = give_back

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for part in self._body:
            yield part

    async def aclose(self) -> None:
        give_back, self._give_back = self._give_back, None
        try:
            await self._body.aclose()
        finally:
            if give_back:
                give_back()

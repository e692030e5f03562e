"""Connections to model servers that nothing in the environment reaches into."""

from __future__ import annotations

import ipaddress
import ssl
from functools import cache
from typing import Any
from urllib.parse import urlsplit
from urllib.request import getproxies

import httpx2
import openai

from annotate.errors import ProviderError
from annotate.llm.servers.connections import Connections

OPENAI = "https://api.openai.com/v1"
CONNECT_TIMEOUT_S = 5.0
# the last one tells the client itself, which reads it off the request, not to interpret the answer
_KEPT = frozenset(
    (b"connection", b"accept-encoding", b"content-length", b"x-stainless-raw-response")
)
_UPLOAD = b"multipart/form-data; boundary="


def make_client(
    base_url: str, key: str, *, timeout_s: float, connections: int
) -> openai.AsyncOpenAI:
    """A client that makes each call once and to which the environment adds nothing.

    Keys, organisations and headers in the environment are meant for one server and would be sent
    to any other; a proxy from there cannot reach this machine's own addresses. connections: the
    caller makes no more calls at once.
    """

    home = httpx2.URL(base_url)
    own = [
        (b"user-agent", b"coannotate"),
        (b"accept", b"application/json"),
    ]
    authorization = (b"authorization", f"Bearer {key or 'none'}".encode("ascii"))

    async def only_own_headers(request: httpx2.Request) -> None:
        given = [(name.lower(), value) for name, value in request.headers.raw]
        kept = [pair for pair in given if pair[0] in _KEPT]
        # the parts of an upload are told apart by a word in its type
        upload = (v for n, v in given if n == b"content-type" and v.startswith(_UPLOAD))
        kind = next(upload, b"application/json")
        host = [(b"host", request.url.netloc), (b"content-type", kind)]
        # this is also called for every redirect, and the key is for one server
        at_home = [authorization] if _origin(request.url) == _origin(home) else []
        request.headers = httpx2.Headers([*host, *own, *at_home, *kept])

    limits = httpx2.Limits(max_connections=connections, max_keepalive_connections=connections)
    transport: dict[str, Any] = {"verify": _certificates(), "limits": limits}
    if is_loopback(base_url) or not getproxies():
        transport = {"transport": Connections(_certificates())}
    return openai.AsyncOpenAI(
        base_url=base_url,
        api_key=key or "none",
        max_retries=0,
        timeout=httpx2.Timeout(timeout_s, connect=CONNECT_TIMEOUT_S),
        http_client=openai.DefaultAsyncHttpxClient(
            trust_env=not is_loopback(base_url),
            event_hooks={"request": [only_own_headers]},
            **transport,
        ),
    )


@cache
def _certificates() -> ssl.SSLContext:
    """Loading them takes longer than a call on this machine."""
    return httpx2.create_ssl_context()


def _origin(url: httpx2.URL) -> tuple[str, str, int | None]:
    return url.scheme, url.host, url.port


def is_loopback(url: str) -> bool:
    """Whether an address is on this machine.

    >>> is_loopback("http://127.0.0.1:8080/v1"), is_loopback("https://api.openai.com/v1")
    (True, False)
    """
    host = urlsplit(url).hostname or ""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")
    return address.is_loopback or address.is_unspecified


def check_address(base_url: str, key: str, key_env: str) -> None:
    """Raise ProviderError for an address or a key that cannot be one."""
    if urlsplit(base_url).scheme not in ("http", "https") or not urlsplit(base_url).hostname:
        raise ProviderError(
            f"{base_url!r} is no address of a server: it starts with http:// or https:// and "
            "usually ends in /v1",
            fatal=True,
        )
    if not (key.isascii() and key.isprintable()):
        raise ProviderError(
            f"the key in the environment variable {key_env} holds characters that no key has. "
            "Copy it again",
            fatal=True,
        )

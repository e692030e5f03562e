"""A server's Batch API: upload calls, submit them once, look how far they are, fetch them."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

import httpx2
import openai

from annotate.errors import ProviderError
from annotate.llm.batching.files import ENDPOINT
from annotate.llm.providers.sender import Raw, Request
from annotate.llm.servers.client import Body, Server
from annotate.project.settings import LLMSettings

TAG = "coannotate"
"""Key of the metadata that names our record: how a batch is found again after a crash."""
SLOWEST_BYTES_PER_S = 50_000
LARGEST_RESULTS = 2 * 10**9
"""Bytes; only how long a fetch may take depends on it."""
CREATE_ATTEMPTS = 4
SETTLE_S = 2.0
"""How long a batch may need until it is in the server's list."""
PAGE = 100
MOST_PAGES = 100

ENDED = frozenset(("completed", "failed", "expired", "cancelled"))
TOO_MANY = "token_limit_exceeded"
"""Code of a refusal that says: not so much at once."""


@dataclass(frozen=True, slots=True)
class Remote:
    """A batch as the server tells of it. done and failed: calls. errors: (code, message)."""

    id: str
    status: str
    input_file_id: str | None = None
    output_file_id: str | None = None
    error_file_id: str | None = None
    tag: str | None = None
    done: int = 0
    failed: int = 0
    errors: tuple[tuple[str, str], ...] = ()

    @property
    def ended(self) -> bool:
        return self.status in ENDED


class MaybeSubmitted(ProviderError):
    """The server may have the batch all the same: it is looked for when the run goes on."""


class BatchServer:
    """Raises ProviderError from every call, in one line without the key."""

    def __init__(
        self,
        settings: LLMSettings,
        key: str | None,
        *,
        backoff_s: float = 0.5,
        settle_s: float = SETTLE_S,
    ) -> None:
        self._server = Server(settings, key, backoff_s=backoff_s)
        self._settings, self._key, self._backoff_s = settings, key, backoff_s
        self._settle_s = settle_s
        self.base_url, self.model = self._server.base_url, self._server.model

    async def check(self) -> None:
        """Raises fatal ProviderError where there is no Batch API."""
        try:
            answer = await self._server.get("/batches?limit=1")
        except ProviderError as error:
            status = _status(error)
            if status in (404, 405, 501):
                raise self._none(str(status)) from error
            raise
        if not isinstance(_object(answer).get("data"), list):
            raise self._none("its answer to GET /batches is no list")

    async def upload(self, path: Path, name: str) -> str:
        """The id under which the server has the file."""

        async def request(client: openai.AsyncOpenAI) -> Raw:
            with path.open("rb") as file:  # sent piece by piece, never held as a whole
                return await client.files.with_raw_response.create(
                    file=(name, file), purpose="batch"
                )

        answer = await self._transfer(request, path.stat().st_size)
        return self._text(answer, "id", "an upload")

    async def create(self, file_id: str, tag: str) -> Remote:
        """The batch of an uploaded file, submitted once.

        Where an attempt ended without an answer, the server may have it all the same: it is
        looked for before it is submitted again. Raises MaybeSubmitted when even that is not known.
        """
        body = {
            "input_file_id": file_id,
            "endpoint": ENDPOINT,
            "completion_window": "24h",
            "metadata": {TAG: tag},
        }
        for attempt in range(1, CREATE_ATTEMPTS + 1):
            try:
                return self._remote(await self._server.post("/batches", body, attempts=1))
            except ProviderError as error:
                if not _unclear(error, file_id):
                    raise
                failed = error
            await asyncio.sleep(self._settle_s * 2 ** (attempt - 1))
            found = await self._found(file_id, tag)
            if found is not None:
                return found
        raise MaybeSubmitted(failed.why, fatal=True) from failed

    async def _found(self, file_id: str, tag: str) -> Remote | None:
        try:
            return await self.find(file_id, tag)
        except ProviderError as error:
            raise MaybeSubmitted(error.why, fatal=True) from error

    async def find(self, file_id: str, tag: str) -> Remote | None:
        """The batch that was submitted for this file, if the server has one."""
        after = ""
        for _ in range(MOST_PAGES):
            answer = _object(await self._server.get(f"/batches?limit={PAGE}{after}"))
            given = answer.get("data")
            if not isinstance(given, list):
                raise ProviderError(f"{self.base_url}: the list of batches is no list", fatal=True)
            for entry in given:
                remote = _remote(entry)
                if remote is not None and (remote.tag == tag or remote.input_file_id == file_id):
                    return remote
            if not answer.get("has_more") or not given:
                return None
            after = f"&after={given[-1]['id']}"
        return None

    async def get(self, server_id: str) -> Remote:
        return self._remote(await self._server.get(f"/batches/{server_id}"))

    async def cancel(self, server_id: str) -> Remote:
        return self._remote(await self._server.post(f"/batches/{server_id}/cancel", {}))

    async def save(self, file_id: str, to: Path) -> None:
        """Write a file of the server's to the disk, piece by piece."""

        async def request(client: openai.AsyncOpenAI) -> Raw:
            try:
                content = client.files.with_streaming_response.content
                async with content(file_id) as answer:
                    with to.open("wb") as out:
                        await self._drain(answer, out)
            except httpx2.HTTPError as error:
                raise openai.APIConnectionError(request=error.request) from error
            return _Saved()

        await self._transfer(request, LARGEST_RESULTS)

    async def _transfer(self, request: Request, size: int) -> Body:
        """A request that may take as long as so many bytes take on a slow line."""
        timeout_s = self._settings.timeout_s + size / SLOWEST_BYTES_PER_S
        settings = self._settings.model_copy(update={"timeout_s": timeout_s})
        server = Server(settings, self._key, backoff_s=self._backoff_s)
        try:
            return await server.ask(request)
        finally:
            await server.close()

    def safe(self, text: str) -> str:
        """The text without the key."""
        return self._server.safe(text)

    async def close(self) -> None:
        await self._server.close()

    async def _drain(self, answer: Any, out: BinaryIO) -> None:
        began_s, size = time.monotonic(), 0
        async for piece in answer.iter_bytes():  # as they come: a chunk would be waited for
            out.write(piece)
            size += len(piece)
            due_s = self._settings.timeout_s + size / SLOWEST_BYTES_PER_S
            if time.monotonic() - began_s > due_s:
                raise httpx2.ReadTimeout("it drips", request=answer.http_request)

    def _remote(self, answer: Body) -> Remote:
        remote = _remote(answer.json)
        if remote is None:
            raise ProviderError(f"{self.base_url}: the answer is no batch", fatal=True)
        return remote

    def _text(self, answer: Body, name: str, what: str) -> str:
        found = _object(answer).get(name)
        if not isinstance(found, str):
            raise ProviderError(f"{self.base_url}: the answer to {what} has no {name}", fatal=True)
        return found

    def _none(self, why: str) -> ProviderError:
        return ProviderError(
            f"{self.base_url} has no Batch API ({why}): leave out --batch", fatal=True
        )


@dataclass(frozen=True, slots=True)
class _Saved:
    """What is left of an answer whose body went to the disk."""

    content: bytes = b"{}"
    headers: httpx2.Headers = field(default_factory=httpx2.Headers)


def _object(answer: Body) -> Mapping[str, Any]:
    return answer.json if isinstance(answer.json, dict) else {}


def _remote(found: object) -> Remote | None:
    """None for what is no batch. Servers may leave out, or send, anything."""
    if not isinstance(found, dict):
        return None
    named = [found.get(name) for name in ("id", "status")]
    if not all(isinstance(one, str) for one in named):
        return None
    metadata, counts = _dict(found.get("metadata")), _dict(found.get("request_counts"))
    given = _dict(found.get("errors")).get("data")
    errors = [_dict(one) for one in given] if isinstance(given, list) else []
    return Remote(
        id=found["id"],
        status=found["status"],
        input_file_id=_string(found.get("input_file_id")),
        output_file_id=_string(found.get("output_file_id")),
        error_file_id=_string(found.get("error_file_id")),
        tag=_string(metadata.get(TAG)),
        done=_count(counts.get("completed")),
        failed=_count(counts.get("failed")),
        errors=tuple((str(e.get("code")), " ".join(str(e.get("message")).split())) for e in errors),
    )


def _dict(found: object) -> Mapping[str, Any]:
    return found if isinstance(found, dict) else {}


def _string(found: object) -> str | None:
    return found if isinstance(found, str) and found else None


def _count(found: object) -> int:
    return found if isinstance(found, int) and 0 <= found < 2**53 else 0


def refused(error: ProviderError) -> bool:
    """Whether the server said no, so that asking the same again is of no use."""
    status = _status(error)
    return status is not None and 400 <= status < 500 and status not in (408, 409, 429)


def unknown_there(error: ProviderError) -> bool:
    """Whether the server knows of no such thing."""
    return _status(error) == 404


def _status(error: ProviderError) -> int | None:
    cause = error.__cause__
    return cause.status_code if isinstance(cause, openai.APIStatusError) else None


def _unclear(error: ProviderError, file_id: str) -> bool:
    """Whether the batch may have been made, or may be made a little later."""
    status, cause = _status(error), error.__cause__
    if isinstance(cause, openai.BadRequestError) and file_id in str(cause.message):
        return True  # an upload can take a moment until it is known everywhere
    if status is None:
        return True
    return not error.fatal and (status >= 500 or status in (408, 409, 429))

"""`/v1/files` in OpenAI's shapes, in memory."""

from __future__ import annotations

import itertools
import time
from dataclasses import dataclass
from typing import Any

from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route


@dataclass(frozen=True, slots=True)
class StoredFile:
    id: str
    name: str
    purpose: str
    content: bytes
    created_at: int

    def told(self) -> dict[str, Any]:
        """As the server tells of it."""
        return {
            "id": self.id,
            "object": "file",
            "bytes": len(self.content),
            "created_at": self.created_at,
            "expires_at": None,
            "filename": self.name,
            "purpose": self.purpose,
            "status": "processed",
            "status_details": None,
        }


class Files:
    """What was uploaded, and what batches wrote. largest: bytes; more get 413."""

    def __init__(self, largest: int = 200 * 10**6) -> None:
        self.largest = largest
        self.stored: dict[str, StoredFile] = {}
        self._ids = itertools.count(1)

    def add(self, name: str, purpose: str, content: bytes) -> StoredFile:
        file = StoredFile(f"file-{next(self._ids):06}", name, purpose, content, int(time.time()))
        self.stored[file.id] = file
        return file

    def routes(self) -> list[Route]:
        return [
            Route("/v1/files", self._upload, methods=["POST"]),
            Route("/v1/files", self._list),
            Route("/v1/files/{id}", self._retrieve),
            Route("/v1/files/{id}", self._delete, methods=["DELETE"]),
            Route("/v1/files/{id}/content", self._content),
        ]

    async def _upload(self, request: Request) -> Response:
        if not request.headers.get("content-type", "").startswith("multipart/form-data"):
            return refusal(400, "Invalid Content-Type header: expected multipart/form-data.")
        async with request.form() as form:
            purpose, file = form.get("purpose"), form.get("file")
            if not isinstance(file, UploadFile) or not isinstance(purpose, str):
                return refusal(400, "'file' and 'purpose' are required properties")
            content = await file.read()
            name = file.filename or "upload"
        if purpose == "batch" and not name.endswith(".jsonl"):
            return refusal(400, f"Invalid file format for Batch API: {name}. Must be .jsonl")
        if len(content) > self.largest:
            return refusal(413, f"Maximum content size limit ({self.largest}) exceeded")
        return JSONResponse(self.add(name, purpose, content).told())

    async def _list(self, request: Request) -> Response:
        wanted = request.query_params.get("purpose")
        found = [file for file in self.stored.values() if wanted in (None, file.purpose)]
        return JSONResponse(page_of([file.told() for file in reversed(found)], request))

    async def _retrieve(self, request: Request) -> Response:
        file = self.stored.get(request.path_params["id"])
        return JSONResponse(file.told()) if file else _unknown(request)

    async def _delete(self, request: Request) -> Response:
        file = self.stored.pop(request.path_params["id"], None)
        if file is None:
            return _unknown(request)
        return JSONResponse({"id": file.id, "object": "file", "deleted": True})

    async def _content(self, request: Request) -> Response:
        file = self.stored.get(request.path_params["id"])
        if file is None:
            return _unknown(request)
        return Response(file.content, media_type="application/octet-stream")


def page_of(found: list[dict[str, Any]], request: Request) -> dict[str, Any]:
    """One page of a list, newest first, as `limit` and `after` ask."""
    after = request.query_params.get("after")
    if after is not None:
        at = next((i for i, one in enumerate(found) if one["id"] == after), len(found))
        found = found[at + 1 :]
    limit = int(request.query_params.get("limit", 20))
    shown = found[:limit]
    return {
        "object": "list",
        "data": shown,
        "first_id": shown[0]["id"] if shown else None,
        "last_id": shown[-1]["id"] if shown else None,
        "has_more": len(found) > limit,
    }


def refusal(status: int, message: str, *, code: str | None = None) -> Response:
    error = {"message": message, "type": "invalid_request_error", "param": None, "code": code}
    return JSONResponse({"error": error}, status)


def _unknown(request: Request) -> Response:
    return refusal(404, f"No such File object: {request.path_params['id']}")

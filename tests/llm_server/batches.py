"""`/v1/batches` in OpenAI's shapes: a batch moves on each time it is asked for, or with time."""

from __future__ import annotations

import itertools
import json
import random
import time
from collections import deque
from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tests.llm_server.batch_lines import Line, LineError, read_lines
from tests.llm_server.faults import Call, Step
from tests.llm_server.files import Files, page_of, refusal

End = Literal["completed", "expired", "failed", "cancelled"]
Results = list[tuple[Line, dict[str, Any]]]
ENDPOINT = "/v1/chat/completions"
DAY_S = 24 * 60 * 60
_SAID = {
    "expired": "This request could not be executed before the completion window expired.",
    "cancelled": "The batch was cancelled before this request executed.",
}


@dataclass(kw_only=True)
class BatchSettings:
    """How batches go; read when one moves, so that a test may change it in between.

    polls: how often a batch is retrieved until it has ended: the last but one says finalizing.
    seconds: how long it takes instead. end: how it ends. answered: lines worked on before an
    early end; None for half of them. lost: places of lines in the input (0 first) that never come
    back. limit: most lines of a batch. at_once: most lines in all batches that have not ended.
    seed: order of the results.
    """

    polls: int = 3
    seconds: float | None = None
    end: End = "completed"
    answered: int | None = None
    lost: Collection[int] = ()
    limit: int = 50_000
    at_once: int | None = None
    seed: int = 0


@dataclass
class Batch:
    """What the server tells, and what it knows besides."""

    told: dict[str, Any]
    lines: list[Line]
    headers: Mapping[str, str]
    since: float
    polls: int = 0
    cancelling: bool = False
    errors: list[LineError] = field(default_factory=list)

    @property
    def ended(self) -> bool:
        return self.told["status"] in ("completed", "expired", "failed", "cancelled")

    def become(self, status: str) -> None:
        if self.told["status"] != status:
            self.told["status"] = status
            self.told[f"{status}_at"] = int(time.time())


class Batches:
    """Every batch, newest last. answer: what the model says to one line, or a failure.

    instead: steps for the next calls to files and batches, which then do nothing. afterwards: the
    same, but what was asked for is done before. requests: method and path of each call.
    """

    def __init__(self, files: Files, answer: Callable[[Call], Awaitable[Response]]) -> None:
        self.settings = BatchSettings()
        self.made: dict[str, Batch] = {}
        self.instead: deque[Step] = deque()
        self.afterwards: deque[Step] = deque()
        self.requests: list[str] = []
        self._files, self._answer = files, answer
        self._ids = itertools.count(1)

    def reset(self) -> None:
        self.settings = BatchSettings()
        for kept in (self.made, self.instead, self.afterwards, self.requests):
            kept.clear()
        self._files.stored.clear()

    def routes(self) -> list[Route]:
        return [
            Route("/v1/batches", self._create, methods=["POST"]),
            Route("/v1/batches", self._list),
            Route("/v1/batches/{id}", self._retrieve),
            Route("/v1/batches/{id}/cancel", self._cancel, methods=["POST"]),
        ]

    async def _create(self, request: Request) -> Response:
        asked = await request.json()
        source = self._files.stored.get(asked.get("input_file_id"))
        if source is None:
            return refusal(400, f"Invalid 'input_file_id': {asked.get('input_file_id')!r}")
        if source.purpose != "batch":
            return refusal(400, f"The file {source.id} has purpose {source.purpose}, not batch")
        if asked.get("endpoint") != ENDPOINT or asked.get("completion_window") != "24h":
            return refusal(400, f"Only {ENDPOINT} within 24h is offered")
        lines, errors = read_lines(source.content, endpoint=ENDPOINT, limit=self.settings.limit)
        errors += self._too_many(len(lines))
        told = _blank(f"batch_{next(self._ids):06}", asked)
        told["model"] = lines[0].body.get("model") if lines else None
        made = Batch(told, lines, dict(request.headers), time.monotonic(), errors=errors)
        self.made[told["id"]] = made
        return JSONResponse(told)

    def _too_many(self, lines: int) -> list[LineError]:
        others = sum(len(made.lines) for made in self.made.values() if not made.ended)
        if self.settings.at_once is None or others + lines <= self.settings.at_once:
            return []
        return [LineError(None, "token_limit_exceeded", "Enqueued token limit reached.")]

    async def _list(self, request: Request) -> Response:
        newest_first = [made.told for made in reversed(self.made.values())]
        return JSONResponse(page_of(newest_first, request))

    async def _retrieve(self, request: Request) -> Response:
        made = self.made.get(request.path_params["id"])
        if made is None:
            return _unknown(request)
        made.polls += 1
        await self._move(made)
        return JSONResponse(made.told)

    async def _cancel(self, request: Request) -> Response:
        made = self.made.get(request.path_params["id"])
        if made is None:
            return _unknown(request)
        if made.ended:
            return refusal(409, f"Cannot cancel a batch with status '{made.told['status']}'.")
        made.cancelling = True
        made.become("cancelling")
        return JSONResponse(made.told)

    async def _move(self, made: Batch) -> None:
        if made.ended:
            return
        if made.errors:
            self._fail(made, made.errors)
        elif made.cancelling:
            await self._finish(made, "cancelled")
        elif self._progress(made) < 1:
            self._count(made, 0, 0)
            made.become("finalizing" if self._progress(made) > 0.6 else "in_progress")
        elif self.settings.end == "failed":
            self._fail(made, [LineError(None, "token_limit_exceeded", "Enqueued token limit")])
        else:
            await self._finish(made, self.settings.end)

    def _progress(self, made: Batch) -> float:
        """0 when it was made, 1 when it is due."""
        if self.settings.seconds is not None:
            return (time.monotonic() - made.since) / max(self.settings.seconds, 1e-9)
        return made.polls / max(self.settings.polls, 1)

    def _fail(self, made: Batch, errors: list[LineError]) -> None:
        made.become("failed")
        made.told["errors"] = {"object": "list", "data": [error.told() for error in errors]}

    async def _finish(self, made: Batch, end: End) -> None:
        """Answer what is answered before the end, and write both files."""
        early = end != "completed"
        half = len(made.lines) // 2
        answered = half if self.settings.answered is None else self.settings.answered
        worked = made.lines[:answered] if early else made.lines
        good: Results = []
        bad: Results = []
        for line in worked:
            result = await self._result(line, made.headers)
            (good if result["response"]["status_code"] == 200 else bad).append((line, result))
        for line in made.lines[len(worked) :]:
            bad.append((line, _never_asked(line, end)))
        self._count(made, len(good), len(bad))
        made.told["output_file_id"] = self._write(good, "output")
        made.told["error_file_id"] = self._write(bad, "error")
        made.become(end)

    async def _result(self, line: Line, headers: Mapping[str, str]) -> dict[str, Any]:
        response = await self._answer(Call(time.monotonic(), headers, line.body))
        said = bytes(response.body)
        try:
            body: object = json.loads(said)
        except ValueError:
            body = said.decode("utf-8", "replace")
        request_id = f"req_{line.place:06}"
        given = {"status_code": response.status_code, "request_id": request_id, "body": body}
        return {"id": _id(line), "custom_id": line.custom_id, "response": given, "error": None}

    def _write(self, results: Results, kind: str) -> str | None:
        kept = [one for line, one in results if line.place not in set(self.settings.lost)]
        if not kept:
            return None
        random.Random(self.settings.seed).shuffle(kept)
        content = "".join(json.dumps(one) + "\n" for one in kept).encode()
        return self._files.add(f"batch_{kind}.jsonl", "batch_output", content).id

    def _count(self, made: Batch, completed: int, failed: int) -> None:
        counts = {"total": len(made.lines), "completed": completed, "failed": failed}
        made.told["request_counts"] = counts


def _blank(id_: str, asked: Mapping[str, Any]) -> dict[str, Any]:
    now = int(time.time())
    unset = (
        "errors output_file_id error_file_id in_progress_at finalizing_at completed_at failed_at "
        "expired_at cancelling_at cancelled_at"
    )
    return {
        "id": id_,
        "object": "batch",
        "endpoint": asked["endpoint"],
        "input_file_id": asked["input_file_id"],
        "completion_window": asked["completion_window"],
        "status": "validating",
        "created_at": now,
        "expires_at": now + DAY_S,
        "request_counts": {"total": 0, "completed": 0, "failed": 0},
        "metadata": asked.get("metadata"),
        **dict.fromkeys(unset.split()),
    }


def _never_asked(line: Line, end: End) -> dict[str, Any]:
    error = {"code": f"batch_{end}", "message": _SAID[end]}
    return {"id": _id(line), "custom_id": line.custom_id, "response": None, "error": error}


def _id(line: Line) -> str:
    return f"batch_req_{line.place:06}"


def _unknown(request: Request) -> Response:
    return refusal(404, f"No batch found with id '{request.path_params['id']}'.")

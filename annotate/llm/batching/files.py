"""The files of a Batch API: calls become lines, and lines that come back become replies."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, BinaryIO

ENDPOINT = "/v1/chat/completions"
LONGEST_REASON = 300

_HOPELESS = frozenset(
    ("insufficient_quota", "billing_hard_limit_reached", "invalid_api_key", "model_not_found")
)


@dataclass(frozen=True, slots=True)
class Limits:
    """What one file may hold."""

    calls: int
    bytes: int


OPENAI_LIMITS = Limits(calls=50_000, bytes=200_000_000)


@dataclass(frozen=True, slots=True)
class Failed:
    """Why a call of a batch has no reply. again: whether asking it again may help."""

    why: str
    again: bool = True


@dataclass(frozen=True, slots=True)
class Result:
    """One line that came back. said: the body of the answer, or why there is none."""

    custom_id: str
    said: Mapping[str, Any] | Failed


def call_line(custom_id: str, body: Mapping[str, Any]) -> bytes:
    r"""One call as a line of an input file.

    >>> call_line("c1", {"model": "m"}).decode()
    '{"custom_id":"c1","method":"POST","url":"/v1/chat/completions","body":{"model":"m"}}\n'
    """
    line = {"custom_id": custom_id, "method": "POST", "url": ENDPOINT, "body": body}
    text = json.dumps(line, ensure_ascii=False, separators=(",", ":"))
    return text.encode("utf-8", "replace") + b"\n"  # half a character cannot be sent


def read_results(file: BinaryIO) -> Iterator[tuple[int, Result | None]]:
    """Where each line of an output or error file begins, and what it says; None for one that
    cannot be read."""
    at = 0
    for line in file:
        if line.strip():
            yield at, read_result(line)
        at += len(line)


def read_result(line: bytes) -> Result | None:
    """What one line says; None when it cannot be read."""
    try:
        found = json.loads(line)
    except (ValueError, RecursionError):
        return None
    if not isinstance(found, dict) or not isinstance(found.get("custom_id"), str):
        return None
    return Result(found["custom_id"], _said(found))


def _said(found: Mapping[str, Any]) -> Mapping[str, Any] | Failed:
    response, error = found.get("response"), found.get("error")
    if not isinstance(response, dict):
        return _failed(None, error)
    status, body = response.get("status_code", 200), response.get("body")
    if error or status != 200 or not isinstance(body, dict) or body.get("error"):
        inside = body.get("error") if isinstance(body, dict) else body
        return _failed(status, error or inside)
    return body


def _failed(status: object, error: object) -> Failed:
    """status: of the call, None where it was never made."""
    about = error if isinstance(error, dict) else {"message": error}
    code = about.get("code")
    said = " ".join(str(about.get("message") or code or "no explanation").split())
    said = said.encode("utf-8", "replace").decode("utf-8")[:LONGEST_REASON]
    refused = isinstance(status, int) and 400 <= status < 500 and status not in (408, 409, 429)
    again = not refused and code not in _HOPELESS
    return Failed(said if status in (None, 200) else f"{status}: {said}", again)

"""The input file of a batch, checked line by line as OpenAI does."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Line:
    """One call. place: 0 for the first line."""

    place: int
    custom_id: str
    body: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class LineError:
    """What is wrong with the file. line: 1 for the first; None for the whole file."""

    line: int | None
    code: str
    message: str

    def told(self) -> dict[str, Any]:
        return {"code": self.code, "line": self.line, "message": self.message, "param": None}


def read_lines(content: bytes, *, endpoint: str, limit: int) -> tuple[list[Line], list[LineError]]:
    """All calls, and everything that makes the batch fail. limit: most lines."""
    lines: list[Line] = []
    errors: list[LineError] = []
    seen: set[str] = set()
    for place, raw in enumerate(content.splitlines()):
        found = _read(raw, endpoint)
        if not isinstance(found, str) and found["custom_id"] in seen:
            found = "duplicate_custom_id"
        if isinstance(found, str):
            errors.append(LineError(place + 1, found, f"Line {place + 1}: {found}"))
            continue
        seen.add(found["custom_id"])
        lines.append(Line(place, found["custom_id"], found["body"]))
    if not lines and not errors:
        errors.append(LineError(None, "empty_file", "The batch input file is empty."))
    if len(lines) > limit:
        why = f"The batch input file contains more than {limit} requests."
        errors.append(LineError(None, "too_many_requests", why))
    if len({line.body.get("model") for line in lines}) > 1:
        errors.append(LineError(None, "mismatched_model", "All lines must name one model."))
    return lines, errors


def _read(raw: bytes, endpoint: str) -> dict[str, Any] | str:
    """The line's object, or the code of what is wrong with it."""
    try:
        found = json.loads(raw)
    except ValueError:
        return "invalid_json_line"
    if not isinstance(found, dict) or not isinstance(found.get("custom_id"), str):
        return "missing_required_parameter"
    if found.get("method") != "POST":
        return "invalid_method"
    if found.get("url") != endpoint:
        return "invalid_url"
    if not isinstance(found.get("body"), dict):
        return "missing_required_parameter"
    return found

"""Between rows and dataclasses: dicts, lists and values are JSON text in the database."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, TypeVar

T = TypeVar("T")

_CANONICAL = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def to_json(value: Any) -> str:
    """Canonical JSON text: sorted keys, no spaces, characters as themselves.

    >>> to_json({"b": 1, "a": "标"})
    '{"a":"标","b":1}'
    """
    return _CANONICAL.encode(value)


def to_json_or_null(value: Any) -> str | None:
    """None stays SQL null, everything else is JSON text."""
    return None if value is None else to_json(value)


def from_json(text: str | None) -> Any:
    """The value of JSON text; None for SQL null."""
    return None if text is None else json.loads(text)


def one_of(values: Sequence[T], name: str = "one") -> tuple[str, dict[str, T]]:
    """SQL and parameters for `column in (...)`, in the form every database takes.

    >>> one_of(["a", "b"])
    ('(:one0, :one1)', {'one0': 'a', 'one1': 'b'})
    >>> one_of([])
    ('(null)', {})
    """
    params = {f"{name}{at}": value for at, value in enumerate(values)}
    return f"({', '.join(f':{key}' for key in params) or 'null'})", params

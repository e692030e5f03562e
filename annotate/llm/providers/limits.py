"""What a server says of its rate limits, in the headers of any answer."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Literal

Kind = Literal["requests", "tokens"]
Raw = Iterable[tuple[bytes, bytes]]
"""Headers as they came."""

_FIELDS = {"remaining", "reset", "limit"}
_UNITS = {"us": 1e-6, "ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
_PART = re.compile(r"(\d+(?:\.\d+)?)(us|ms|[smhd])")
_SPAN = re.compile(rf"(?:{_PART.pattern})+")
_LONGEST_SPAN_S = 10 * 365 * 86400
"""A plain number above this is a time of day, not a span."""
_FROM_MILLISECONDS = 1e11
"""A time of day above this counts milliseconds."""


@dataclass(frozen=True, slots=True)
class Limit:
    """One rate limit. remaining: what may still be used before it is full again in `reset_s`
    seconds. full: all of it, if told."""

    remaining: int
    reset_s: float
    full: int | None = None


def read_limits(headers: Raw, now_s: float) -> dict[Kind, Limit]:
    """Every limit that is told with what remains and until when. now_s: seconds since 1970.

    >>> told = [(b"x-ratelimit-remaining-requests", b"3"), (b"x-ratelimit-reset-requests", b"6m0s")]
    >>> read_limits(told, 0)
    {'requests': Limit(remaining=3, reset_s=360.0, full=None)}
    """
    told = _told(headers)
    found: dict[Kind, Limit] = {}
    for kind, said in told.items():
        remaining = _whole(said.get("remaining"))
        reset_s = seconds_until(said.get("reset", ""), now_s)
        if remaining is None or reset_s is None:
            continue
        # whole seconds may have been rounded down, and to be early is to be refused
        rounding_s = 1.0 if said["reset"].strip().isdecimal() else 0.0
        found[kind] = Limit(remaining, reset_s + rounding_s, _whole(said.get("limit")))
    return found


def _told(headers: Raw) -> dict[Kind, dict[str, str]]:
    """Kind of limit -> what is said of it: remaining, reset, limit.

    The words stand in one order or the other, and where a server has one limit only, it does not
    say of what. Limits of anything else (a day's, generated tokens') are left alone.
    """
    found: dict[Kind, dict[str, str]] = {}
    for name, value in headers:
        rest = name.lower().partition(b"ratelimit-")[2]
        words = set(rest.decode("latin-1").split("-")) if rest else set()
        [field] = words & _FIELDS if len(words & _FIELDS) == 1 else [""]
        kind = words - {field}
        if field and (not kind or kind in ({"requests"}, {"tokens"})):
            named: Kind = "tokens" if "tokens" in kind else "requests"
            told = found.setdefault(named, {})
            if kind or field not in told:
                told[field] = value.decode("latin-1")
    return found


def seconds_until(said: str, now_s: float) -> float | None:
    """Seconds until what a header says; None when it says nothing usable.

    Spans ("1s", "6m0s", "120ms"), plain seconds, seconds or milliseconds since 1970, ISO times and
    HTTP dates are understood.

    >>> [seconds_until(said, 1e9) for said in ("1m0.5s", "120ms", "17", "1000000002", "soon")]
    [60.5, 0.12, 17.0, 2.0, None]
    """
    said = said.strip()
    if _SPAN.fullmatch(said):
        return math.fsum(float(number) * _UNITS[unit] for number, unit in _PART.findall(said))
    try:
        number = float(said)
    except ValueError:
        at = _time_of_day(said)
        return None if at is None else max(0.0, at.timestamp() - now_s)
    if not math.isfinite(number) or number < 0:
        return None
    if number <= _LONGEST_SPAN_S:
        return number
    return max(0.0, number / (1000 if number > _FROM_MILLISECONDS else 1) - now_s)


def _time_of_day(said: str) -> datetime | None:
    for read in (datetime.fromisoformat, parsedate_to_datetime):
        try:
            at = read(said)
        except ValueError:
            continue
        return at if at.tzinfo else at.replace(tzinfo=UTC)
    return None


def retry_after_s(headers: Mapping[str, str], now_s: float) -> float:
    """Seconds to wait before the same call; 0 when the server says nothing usable of it."""
    in_ms = _number(headers.get("retry-after-ms", ""))
    if in_ms is not None:
        return in_ms / 1000
    return seconds_until(headers.get("retry-after", ""), now_s) or 0.0


def _number(said: str) -> float | None:
    try:
        number = float(said)
    except ValueError:
        return None
    return number if math.isfinite(number) and number >= 0 else None


def _whole(said: str | None) -> int | None:
    number = _number(said or "")
    return None if number is None else int(number)

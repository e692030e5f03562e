"""Times as other tools write them -> ours."""

from __future__ import annotations

from datetime import UTC, datetime

from annotate.clock import iso


def when(value: object) -> str | None:
    """UTC ISO text of ISO 8601 text or of seconds since 1970; None for anything else.

    A time without a zone is taken as UTC.

    >>> when("2021-03-09T22:16:08.728353Z"), when(1616246400)
    ('2021-03-09T22:16:08.728353Z', '2021-03-20T13:20:00.000000Z')
    >>> when("yesterday"), when(None), when(True)
    (None, None, None)
    """
    try:
        if isinstance(value, str):
            moment = datetime.fromisoformat(value)
            return iso(moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC))
        if isinstance(value, int | float) and not isinstance(value, bool):
            return iso(datetime.fromtimestamp(value, UTC))
    except (ValueError, OverflowError, OSError):
        return None
    return None

"""What the tests of the file readers share: a file read whole, and its one refusal."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable
from pathlib import Path

import pytest

from annotate.errors import UnreadableFile
from annotate.importers import Reject, Row, read

Write = Callable[..., Path]


def rows(path: Path, **options: object) -> list[Row]:
    return list(read(path, **options))  # type: ignore[arg-type]


def reject(row: Row) -> Reject:
    assert isinstance(row, Reject), row
    return row


def refusal(path: Path, **options: object) -> str:
    """The message of the UnreadableFile that reading raises, without the path it begins with."""
    with pytest.raises(UnreadableFile) as caught:
        rows(path, **options)
    message = str(caught.value)
    assert message.startswith(f"{path}: ")
    return message.removeprefix(f"{path}: ")


def peak_bytes(path: Path, count: int) -> int:
    """Most memory held at one time while `count` rows are read and let go."""
    tracemalloc.start()
    try:
        assert sum(1 for _ in read(path)) == count
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()

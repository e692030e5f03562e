"""Parquet: what is read, what is rejected and why."""

from __future__ import annotations

import datetime
import decimal
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from annotate.errors import UnreadableFile
from annotate.importers import Record, Reject, size
from tests.annotate.importers.reading import Write, peak_bytes, refusal, rows


@pytest.fixture
def write_parquet(tmp_path: Path) -> Callable[..., Path]:
    def write_file(columns: dict[str, object], **options: object) -> Path:
        path = tmp_path / "a.parquet"
        pq.write_table(pa.table(columns), path, **options)
        return path

    return write_file


def test_parquet_values_are_plain(write_parquet: Callable[..., Path]) -> None:
    noon = datetime.datetime(2024, 5, 1, 12, 30, tzinfo=datetime.UTC)
    path = write_parquet(
        {
            "text": ["a", None],
            "half": pa.array([1.5, 2.5], type=pa.float16()),
            "yes": [True, False],
            "at": [noon, noon],
            "day": [datetime.date(2024, 5, 1), None],
            "cost": [decimal.Decimal("1.10"), decimal.Decimal("2.00")],
            "tags": [["x", "y"], []],
            "meta": [{"n": 1}, {"n": 2}],
            "map": pa.array([[("k", 1)], []], type=pa.map_(pa.string(), pa.int64())),
            "kind": pa.array(["u", "v"]).dictionary_encode(),
            "blob": [b"caf\xc3\xa9", b""],
        }
    )
    first, second = rows(path)
    assert first == Record(
        1,
        {
            "text": "a",
            "half": 1.5,
            "yes": True,
            "at": "2024-05-01T12:30:00+00:00",
            "day": "2024-05-01",
            "cost": "1.10",
            "tags": ["x", "y"],
            "meta": {"n": 1},
            "map": [["k", 1]],
            "kind": "u",
            "blob": "café",
        },
    )
    assert isinstance(second, Record)
    assert (second.line, second.values["text"], second.values["kind"]) == (2, None, "v")


def test_parquet_rejects(write_parquet: Callable[..., Path]) -> None:
    path = write_parquet({"t": [b"ok", b"\xff", b"ok"], "n": [1.0, 2.0, float("nan")]})
    assert rows(path) == [
        Record(1, {"t": "ok", "n": 1.0}),
        Reject(
            2,
            "column 't': bytes that are not UTF-8 at offset 0",
            "{'t': '(unreadable)', 'n': 2.0}",
        ),
        Reject(
            3,
            "column 'n': nan cannot be stored; write null or a number",
            "{'t': 'ok', 'n': '(unreadable)'}",
        ),
    ]


def test_parquet_rows_count_across_batches_and_groups(write_parquet: Callable[..., Path]) -> None:
    path = write_parquet({"n": list(range(1300))}, row_group_size=600)
    assert rows(path) == [Record(n + 1, {"n": n}) for n in range(1300)]


def test_parquet_duplicate_columns(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    pq.write_table(pa.Table.from_arrays([pa.array([1]), pa.array([2])], names=["n", "n"]), path)
    assert refusal(path) == "has column 'n' more than once; rename all but one"


def test_parquet_broken(write: Write, write_parquet: Callable[..., Path]) -> None:
    assert refusal(write("b.parquet", "text\n")).startswith("is not a whole Parquet file (")
    whole = write_parquet({"n": list(range(1000))}).read_bytes()
    assert refusal(write("c.parquet", whole[:-50])).startswith("is not a whole Parquet file (")


def test_parquet_damaged_in_the_middle(write: Write, write_parquet: Callable[..., Path]) -> None:
    whole = bytearray(write_parquet({"n": [str(n) for n in range(1000)]}).read_bytes())
    whole[4:400] = b"\xff" * 396
    with pytest.raises(UnreadableFile):
        rows(write("c.parquet", bytes(whole)))


def test_progress_of_parquet(write_parquet: Callable[..., Path]) -> None:
    path = write_parquet({"n": list(range(1000))})
    seen: list[int] = []
    rows(path, on_bytes=seen.append)
    assert seen == [size(path) // 2, size(path), size(path)]


def test_memory_of_parquet(write_parquet: Callable[..., Path]) -> None:
    small = peak_bytes(write_parquet({"n": list(range(2_000))}), 2_000)
    large = peak_bytes(write_parquet({"n": list(range(20_000))}), 20_000)
    assert large < 1.5 * small + 1_000_000

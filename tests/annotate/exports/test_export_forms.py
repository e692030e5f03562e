"""The forms: any text comes back, and nothing inside it ends a row or a cell."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyarrow import parquet

from annotate.exporters.forms import FORMS, Sheet

Rows = Sequence[dict[str, Any]]

HARD = [
    "",
    " ",
    "a\u2028b\u2029c\u0085d",
    "مرحبا \u202eabc\u202c",
    "标注\u3000数据",
    "👩🏽‍🚀 e\u0301",
    'say "hi", he\r\nsaid;\ttab',
    "\ufeffmark",
    "\x00\x1c\x7f",
    "\\u2028 \\",
    "{{ question.text }} {% endraw %} <<<x>>>",
    "=1+1",
    "NA",
    "null",
    "007",
]
texts = st.one_of(st.sampled_from(HARD), st.text(max_size=60))


def written(name: str, *batches: Rows, columns: Sequence[str] = (), **options: Any) -> bytes:
    out = io.BytesIO()
    first = next((row for batch in batches for row in batch), {})
    writer = FORMS[name].begin(out, Sheet(tuple(columns or first), **options))
    for batch in batches:
        writer.write(batch)
    writer.close()
    return out.getvalue()


def read(name: str, data: bytes) -> list[dict[str, Any]]:
    if name == "csv":
        return list(csv.DictReader(io.StringIO(data.decode(), newline="")))
    if name == "parquet":
        found: list[dict[str, Any]] = parquet.read_table(io.BytesIO(data)).to_pylist()
        return found
    if name == "json":
        return list(json.loads(data))
    return [json.loads(line) for line in data.decode().splitlines()]


@pytest.mark.parametrize("name", ["jsonl", "json", "csv", "parquet"])
@given(rows=st.lists(st.tuples(texts, texts), min_size=1, max_size=4))
@settings(suppress_health_check=[HealthCheck.too_slow])
def test_any_text_comes_back(name: str, rows: list[tuple[str, str]]) -> None:
    made = [{"id": one, "body": other} for one, other in rows]
    assert read(name, written(name, made[:1], made[1:])) == made


@given(body=texts)
def test_a_line_is_a_line_to_every_reader(body: str) -> None:
    data = written("jsonl", [{"messages": [{"role": "user", "content": body}]}] * 2)
    assert len(data.decode().splitlines()) == data.count(b"\n") == 2
    assert not data.startswith(b"\xef\xbb\xbf")


@pytest.mark.parametrize("name", ["jsonl", "json", "csv", "parquet", "text"])
def test_a_megabyte_comes_back(name: str) -> None:
    body = "标\u2028\"'," * 200_000
    data = written(name, [{"body": body}])
    if name == "text":
        assert data.decode() == body + "\n\n"
        return
    limit = csv.field_size_limit(10_000_000)
    try:
        assert read(name, data) == [{"body": body}]
    finally:
        csv.field_size_limit(limit)


@pytest.mark.parametrize(
    ("name", "expected"), [("jsonl", b""), ("json", b"[]\n"), ("csv", b"a,b\r\n"), ("text", b"")]
)
def test_nothing_to_write(name: str, expected: bytes) -> None:
    assert written(name, [], columns=("a",) if name == "text" else ("a", "b")) == expected


def test_a_table_without_rows_keeps_its_columns() -> None:
    table = parquet.read_table(io.BytesIO(written("parquet", [], columns=("a", "b"))))
    assert (table.column_names, table.num_rows) == (["a", "b"], 0)


def test_csv_is_rfc_4180() -> None:
    data = written("csv", [{"id": "007", "body": 'a "b"\nc', "n": 0.5, "none": None, "l": ["标"]}])
    assert data.decode() == 'id,body,n,none,l\r\n007,"a ""b""\nc",0.5,,"[""标""]"\r\n'


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n", "＝"])
def test_formulas_are_guarded_when_asked(start: str) -> None:
    body = f'{start}HYPERLINK("http://x")'
    for guard, expected in ((False, body), (True, f"'{body}")):
        data = written("csv", [{"id": "007", "body": body}], guard_formulas=guard)
        assert read("csv", data) == [{"id": "007", "body": expected}]


def test_a_block_of_text_has_one_empty_line_behind_it() -> None:
    assert written("text", [{"x": "a B-X\nb O\n\n"}, {"x": "c O"}]) == b"a B-X\nb O\n\nc O\n\n"


# Parquet: types are found while writing


def types(data: bytes) -> dict[str, str]:
    return {field.name: str(field.type) for field in parquet.read_schema(io.BytesIO(data))}


def test_columns_keep_their_types() -> None:
    row = {
        "id": "007", "n": 3, "share": 0.5, "good": True, "soft": [0.1, 0.9],
        "messages": [{"role": "user", "content": "Hi"}],
    }  # fmt: skip
    data = written("parquet", [row])
    assert types(data) == {
        "id": "string", "n": "int64", "share": "double", "good": "bool",
        "soft": "list<element: double>",
        "messages": "list<element: struct<role: string, content: string>>",
    }  # fmt: skip
    assert read("parquet", data) == [row]


def test_a_column_that_turns_out_to_be_wider_is_written_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Row groups of two rows, and what was written first does not know yet what will come."""
    monkeypatch.setattr("annotate.exporters.forms.parquet.GROUP_ROWS", 2)
    rows: list[dict[str, Any]] = [
        {"late": None, "number": 1, "mixed": "a", "list": []},
        {"late": None, "number": 2, "mixed": "b", "list": []},
        {"late": "x", "number": 0.5, "mixed": ["c"], "list": ["y"]},
    ]
    data = written("parquet", rows[:1], rows[1:2], rows[2:])
    assert types(data) == {
        "late": "string", "number": "double", "mixed": "string", "list": "list<element: string>",
    }  # fmt: skip
    assert read("parquet", data) == [*rows[:2], {**rows[2], "mixed": '["c"]'}]


def test_a_column_without_a_value_has_the_type_it_is_known_to_have() -> None:
    row = {"posterior": None, "votes": None, "good": None, "text": None}
    known = {"posterior": float, "votes": int, "good": bool}
    assert types(written("parquet", [row], types=known)) == {
        "posterior": "double", "votes": "int64", "good": "bool", "text": "string",
    }  # fmt: skip


def test_all_files_of_a_sheet_get_the_same_types() -> None:
    sheet, files = Sheet(("label",)), [io.BytesIO(), io.BytesIO()]
    writers = [FORMS["parquet"].begin(file, sheet) for file in files]
    writers[0].write([{"label": "a"}])
    writers[1].write([{"label": ["a", "b"]}])
    for writer in writers:
        writer.close()
    assert [types(file.getvalue()) for file in files] == [{"label": "string"}] * 2
    assert read("parquet", files[1].getvalue()) == [{"label": '["a", "b"]'}]


def test_suffixes_are_told_apart() -> None:
    by_name = ("parquet_features",)  # for folders, which name their forms
    forms = [form for name, form in FORMS.items() if name not in by_name]
    suffixes = [suffix for form in forms for suffix in form.suffixes]
    assert len(set(suffixes)) == len(suffixes)
    assert all(suffix.startswith(".") and suffix == suffix.lower() for suffix in suffixes)

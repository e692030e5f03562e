"""File readers: formats, files that cannot be read, progress, memory, and any text at all."""

from __future__ import annotations

import codecs
import csv
import gzip
import io
import json
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotate.errors import UnreadableFile
from annotate.importers import IMPORTERS, Record, Row, read, size
from tests.annotate.importers.reading import Write, peak_bytes, refusal, rows

# ---- choosing a format


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.jsonl", '{"t": "x"}\n'),
        ("a.ndjson", '{"t": "x"}\n'),
        ("a.json", '[\n{"t": "x"}]'),
        ("a.CSV", "t\nx\n"),
        ("a.tsv", "t\nx\n"),
        ("a.tab", "t\nx\n"),
    ],
)
def test_the_suffix_chooses_the_format(write: Write, name: str, content: str) -> None:
    [row] = rows(write(name, content))
    assert isinstance(row, Record)
    assert row.values == {"t": "x"}


def test_gzip_is_looked_through(write: Write) -> None:
    csv_path = write("a.csv.gz", gzip.compress(b"t,u\n1,2\n"))
    jsonl_path = write("b.jsonl.GZ", gzip.compress(b'{"t": 1}\n'))
    assert rows(csv_path) == [Record(2, {"t": "1", "u": "2"})]
    assert rows(jsonl_path) == [Record(1, {"t": 1})]
    assert rows(write("plain", gzip.compress(b"t\n1\n")), format="csv") == [Record(2, {"t": "1"})]


@pytest.mark.parametrize("name", ["cut.jsonl.gz", "cut.csv.gz"])
def test_cut_off_gzip(write: Write, name: str) -> None:
    whole = gzip.compress(b'{"t": 1}\n' * 1000)
    assert "damaged gzip data" in refusal(write(name, whole[: len(whole) // 2]))


def test_formats_are_registered() -> None:
    assert list(IMPORTERS) == ["csv", "json", "jsonl", "parquet", "tsv"]


def test_unknown_suffix_names_the_formats_and_the_option(write: Write) -> None:
    assert refusal(write("a.xlsx", "x")) == (
        "unknown file suffix '.xlsx'; known formats: csv (.csv), json (.json), "
        "jsonl (.jsonl .ndjson), parquet (.parquet), tsv (.tsv .tab); save the file as one of "
        "these, or say which one it is with --format"
    )
    assert refusal(write("a", "x")).startswith("the file name has no suffix; known formats: csv")


def test_unknown_format(write: Write) -> None:
    message = refusal(write("a.csv", "t\n1\n"), format="excel")
    assert message.startswith("unknown format 'excel'; known formats: csv (.csv), json")


def test_options_that_mean_nothing_are_refused(write: Write) -> None:
    path = write("a.jsonl", '{"t": 1}\n')
    assert refusal(path, delimiter=",") == ("jsonl files have no delimiter; leave out --delimiter")
    path = write("a.parquet", "x")
    assert "leave out --encoding" in refusal(path, encoding="latin-1")


# ---- files that cannot be read


def test_missing_file_is_refused_before_the_first_row(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile, match="no such file; check the path"):
        read(tmp_path / "gone.csv")
    with pytest.raises(UnreadableFile, match="no such file; check the path"):
        size(tmp_path / "gone.csv")


def test_folder(tmp_path: Path) -> None:
    folder = tmp_path / "rows.csv"
    folder.mkdir()
    assert refusal(folder) == "is a folder, not a file; name a file inside it"


def test_no_permission(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    # Patched, since tests may run as root, whom no permission stops.
    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    path = write("a.csv", "t\n1\n")
    monkeypatch.setattr("annotate.importers.files._File", refuse)
    assert refusal(path) == "may not be read by this user; change its permissions"


@pytest.mark.parametrize("suffix", ["csv", "tsv", "json", "jsonl", "parquet"])
def test_empty_file(write: Write, suffix: str) -> None:
    message = refusal(write(f"a.{suffix}", ""))
    assert message == "is empty; check that it was written or downloaded in full"


@pytest.mark.parametrize("name", ["a.csv", "a.jsonl"])
@pytest.mark.parametrize("content", [b"\n\r\n", codecs.BOM_UTF8])
def test_only_blank_lines(write: Write, name: str, content: bytes) -> None:
    assert refusal(write(name, content)).startswith("holds no rows; ")


def test_other_kinds_of_file(write: Write) -> None:
    assert "Excel workbook" in refusal(write("a.csv", b"PK\x03\x04rest"))
    assert "--format parquet" in refusal(write("a.csv", b"PAR1rest"))


@pytest.mark.parametrize("name", ["klingon", "base64", "", "a\0b"])
def test_unknown_encoding(write: Write, name: str) -> None:
    message = refusal(write("a.csv", "t\n1\n"), encoding=name)
    assert message.startswith(f"unknown encoding {name!r}; use for example utf-8")


# ---- progress and memory


def _jsonl(count: int) -> bytes:
    return b"".join(b'{"id": %d, "text": "%s"}\n' % (n, b"word " * 20) for n in range(count))


def _csv(count: int) -> bytes:
    body = b"".join(b'%d,"%s"\n' % (n, b"word, " * 20) for n in range(count))
    return b"id,text\n" + body


def _array(count: int) -> bytes:
    return b"[" + b",".join(_jsonl(count).splitlines()) + b"]"


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.jsonl", _jsonl(5000)),
        ("a.csv", _csv(5000)),
        ("a.json", _array(5000)),
        ("a.jsonl.gz", gzip.compress(_jsonl(5000), compresslevel=0)),
    ],
)
def test_progress_ends_at_the_size(write: Write, name: str, content: bytes) -> None:
    path = write(name, content)
    seen: list[int] = []
    assert len(rows(path, on_bytes=seen.append)) >= 5000
    assert seen == sorted(seen)
    assert len(seen) >= 2
    assert seen[-1] == size(path) == len(content)


def test_reading_may_stop_early(write: Write) -> None:
    stream = read(write("a.csv", _csv(5000)))
    assert next(stream) == Record(2, {"id": "0", "text": "word, " * 20})
    del stream  # an unclosed file would be a warning, and warnings are errors


@pytest.mark.parametrize(("name", "content"), [("a.jsonl", _jsonl), ("a.csv", _csv)])
def test_memory_does_not_grow_with_the_rows(
    write: Write, name: str, content: Callable[[int], bytes]
) -> None:
    small = peak_bytes(write(name, content(4_000)), 4_000)
    large = peak_bytes(write(name, content(20_000)), 20_000)
    assert large < 1.2 * small + 100_000


# ---- any text


TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=5,
)


def _read_bytes(content: bytes, **options: object) -> list[Row]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "rows"
        path.write_bytes(content)
        return rows(path, **options)


@given(st.lists(st.dictionaries(TEXT, JSON, max_size=4), min_size=1, max_size=4), st.booleans())
def test_any_json_comes_back(values: list[dict[str, object]], ascii_only: bool) -> None:
    written = [json.dumps(value, ensure_ascii=ascii_only) for value in values]
    expected = [Record(n, value) for n, value in enumerate(values, start=1)]
    assert _read_bytes("\n".join(written).encode(), format="jsonl") == expected
    array = "[" + "\n,".join(written) + "]"
    assert _read_bytes(array.encode(), format="json") == expected


@given(
    st.lists(st.tuples(TEXT, TEXT), max_size=4),
    st.sampled_from([",", ";", "\t", "|"]),
    st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "gb18030"]),
)
def test_any_text_comes_back_from_csv(
    values: list[tuple[str, str]], delimiter: str, encoding: str
) -> None:
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=delimiter)
    writer.writerow(["a", "b"])
    expected = []
    for pair in values:
        # The csv module takes a lone \r for a line end, as the reader does.
        before = out.getvalue()
        line = len(before.replace("\r\n", "\n").replace("\r", "\n").split("\n"))
        expected.append(Record(line, dict(zip("ab", pair, strict=True))))
        writer.writerow(pair)
    content = out.getvalue().encode(encoding)
    assert _read_bytes(content, format="csv", encoding=encoding) == expected


@given(
    st.binary(max_size=200) | st.text('",;a\r\n{}[]:\\ud8', max_size=60).map(str.encode),
    st.sampled_from(["csv", "tsv", "jsonl", "json", "parquet"]),
    st.sampled_from(["utf-8", "utf-16", "latin-1", "gbk", "utf-7"]),
)
def test_any_bytes_are_read_or_refused(content: bytes, format_name: str, encoding: str) -> None:
    header = b"a,b\n" if format_name == "csv" and encoding != "utf-16" else b""
    try:
        found = _read_bytes(header + content, format=format_name, encoding=encoding)
    except UnreadableFile as error:
        str(error).encode("utf-8")
        return
    for row in found:
        assert row.line >= 1
        if isinstance(row, Record):
            json.dumps(row.values, ensure_ascii=False, allow_nan=False).encode("utf-8")
        else:
            assert row.reason
            f"{row.reason}{row.raw}".encode()

"""File readers: what is read, what is rejected and why, and how much memory it takes."""

from __future__ import annotations

import codecs
import csv
import datetime
import decimal
import gzip
import io
import json
import sys
import tempfile
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotate.errors import UnreadableFile
from annotate.importers import (
    IMPORTERS,
    Record,
    Reject,
    Row,
    csv_lines,
    json_file,
    lines,
    read,
    size,
)

Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """write(name, content): a file of that text (as UTF-8, untranslated) or bytes."""

    def write_file(name: str, content: str | bytes) -> Path:
        path = tmp_path / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return write_file


def rows(path: Path, **options: object) -> list[Row]:
    return list(read(path, **options))  # type: ignore[arg-type]


def reject(row: Row) -> Reject:
    assert isinstance(row, Reject), row
    return row


def refusal(path: Path, **options: object) -> str:
    with pytest.raises(UnreadableFile) as caught:
        rows(path, **options)
    message = str(caught.value)
    assert message.startswith(f"{path}: ")
    return message.removeprefix(f"{path}: ")


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


# ---- JSON Lines


def test_jsonl_values_and_line_numbers(write: Write) -> None:
    path = write("a.jsonl", '\n{"id": "007", "n": 1.5, "x": null}\r\n \t\r\n\n{"id": ["a"]}')
    assert rows(path) == [
        Record(2, {"id": "007", "n": 1.5, "x": None}),
        Record(5, {"id": ["a"]}),
    ]


def test_jsonl_splits_at_newlines_only(write: Write) -> None:
    text = "one\u2028two\u2029three\x85four"
    path = write("a.jsonl", json.dumps({"t": text}, ensure_ascii=False) + "\n")
    assert rows(path) == [Record(1, {"t": text})]


def test_jsonl_byte_order_mark(write: Write) -> None:
    assert rows(write("a.jsonl", codecs.BOM_UTF8 + b'{"t": 1}\n')) == [Record(1, {"t": 1})]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (
            '{"t": 1,}',
            "not JSON: Expecting property name enclosed in double quotes at character 9; "
            "one object is expected",
        ),
        ('{"t": 1} {}', "not JSON: more text after the value at character 9; one object per line"),
        ('  {"t": 1} x', "not JSON: more text after the value at character 9; one object per line"),
        ('"text"', "text, not an object like {…}"),
        ("12", "a number, not an object like {…}"),
        ("true", "true or false, not an object like {…}"),
        ("null", "null, not an object like {…}"),
        (
            "[1]",
            "an array, not an object like {…}; if the whole file is one array, pass --format json",
        ),
        ('{"a": 1, "b": 2, "a": 1}', "duplicate key 'a'; keep one of them"),
        ('{"m": {"a": 1, "a": 2}}', "duplicate key 'a'; keep one of them"),
        ('{"a": NaN}', "NaN is not JSON; write null or a number"),
        ('{"a": [-Infinity]}', "-Infinity is not JSON; write null or a number"),
        ('{"a": 1e999}', "number '1e999' is too large; write it as text"),
        (
            r'{"a": ["\ud83d"]}',
            r"'a' holds the lone surrogate '\ud83d', half of a character, which cannot be "
            "stored as text; write the whole character",
        ),
        (
            r'{"\uDE00": 1}',
            r"'\ude00' holds the lone surrogate '\ude00', half of a character, which cannot be "
            "stored as text; write the whole character",
        ),
        (
            "[" * 100_000,
            "not readable: nested too deeply; flatten it; if the whole file is one "
            "array, pass --format json",
        ),
    ],
)
def test_jsonl_rejects(write: Write, line: str, reason: str) -> None:
    before, row, after = rows(write("a.jsonl", f'{{"n": 1}}\n{line}\n{{"n": 2}}\n'))
    assert (before, after) == (Record(1, {"n": 1}), Record(3, {"n": 2}))
    assert (reject(row).line, reject(row).reason) == (2, reason)
    assert reject(row).raw.startswith(line[:20_000])


def test_jsonl_whole_pairs_and_escaped_backslashes_are_fine(write: Write) -> None:
    path = write("a.jsonl", r'{"a": "\ud83d\ude00", "b": "C:\\ud83d"}')
    assert rows(path) == [Record(1, {"a": "😀", "b": "C:\\ud83d"})]


def test_jsonl_huge_integers_are_rejected(write: Write) -> None:
    [row] = rows(write("a.jsonl", f'{{"a": {"9" * 5000}}}'))
    assert "4300" in reject(row).reason


def test_jsonl_bad_bytes(write: Write) -> None:
    bad, good = rows(write("a.jsonl", b'{"t": "\xc3\xa9 caf\xe9"}\n{"t": "ok"}\n'))
    assert good == Record(2, {"t": "ok"})
    assert bad == Reject(
        1,
        "not UTF-8 at byte offset 13 (\\xe9); name the file's encoding with --encoding, "
        "for example cp1252 or gb18030, or convert it with iconv",
        '{"t": "é caf\\xe9"}',
    )
    latin = rows(write("a.jsonl", b'{"t": "caf\xe9"}\n'), encoding="latin-1")
    assert latin == [Record(1, {"t": "café"})]


def test_surrogates_written_as_utf_8_are_bad_bytes(write: Write) -> None:
    [row] = rows(write("a.jsonl", b'{"t": "\xed\xa0\xbd"}\n'))
    assert reject(row).reason.startswith("not UTF-8 at byte offset 7 (\\xed)")
    assert reject(row).raw == '{"t": "\\xed\\xa0\\xbd"}'


def test_raw_is_capped_and_says_how_long_the_row_was(write: Write) -> None:
    [row] = rows(write("a.jsonl", "x" * 35_000 + "\n"))
    assert reject(row).raw == "x" * 20_000 + "… (35,001 characters in all)"


def test_jsonl_line_over_the_limit(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lines, "ROW_LIMIT", 100)
    content = '{"t": "' + "é" * 200_000 + '"}\n{"t": "ok"}\n'
    bad, good = rows(write("a.jsonl", content))
    assert good == Record(2, {"t": "ok"})
    assert reject(bad).reason == "longer than 100 characters; split the text into several rows"
    assert reject(bad).raw.endswith("é… (200,010 characters in all)")


# ---- JSON arrays


def test_array(write: Write) -> None:
    path = write("a.json", '\ufeff [\n  {"t": 1},\n  {"t":\n    2}\n, {"t": 3}]\n')
    assert rows(path) == [Record(2, {"t": 1}), Record(3, {"t": 2}), Record(5, {"t": 3})]
    assert rows(path, format="json") == rows(path)


def test_array_without_rows(write: Write) -> None:
    assert rows(write("a.json", "[ \n]\n")) == []


def test_array_keeps_its_good_elements(write: Write) -> None:
    path = write("a.json", b'[{"t": NaN},\n5,\n{"t": "\xe9"},\n{"t": "ok"}]')
    *bad, good = rows(path)
    assert good == Record(4, {"t": "ok"})
    assert [(reject(row).line, reject(row).raw) for row in bad] == [
        (1, '{"t": NaN}'),
        (2, "5"),
        (3, '{"t": "\\xe9"}'),
    ]
    assert [reject(row).reason[:16] for row in bad] == [
        "NaN is not JSON;",
        "a number, not an",
        "not UTF-8 at byt",
    ]


@pytest.mark.parametrize(
    ("content", "why"),
    [
        ('[{"t": 1}\n{"t": 2}]', "line 2: ',' or ']' expected in the array, found '{'"),
        ('[{"t": 1}', "line 1: ',' or ']' expected in the array, found the end of the file"),
        ('[\n{"t": }]', "line 2: not JSON: Expecting value at character 7"),
        ('[{"t": 1},]', "line 1: not JSON: Expecting value at character 1"),
        ("[", "line 1: not JSON: Expecting value at character 1"),
        ("[{}]\n[{}]", "more text after the end of the array: '[{}]'"),
        ('{\n"t": 1}', "looks like one object spread over several lines"),
    ],
)
def test_broken_json_file(write: Write, content: str, why: str) -> None:
    assert refusal(write("a.json", content)).startswith(why)


def test_json_file_of_lines(write: Write) -> None:
    path = write("a.json", '\n{"t": 1}\nx\n{"t": 2}\n')
    first, bad, last = rows(path)
    assert (first, last) == (Record(2, {"t": 1}), Record(4, {"t": 2}))
    assert reject(bad).line == 3


def test_array_too_large_to_hold(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write("a.json", '[{"t": 1}]')
    monkeypatch.setattr(json_file, "ARRAY_LIMIT", 10)
    assert rows(path) == [Record(1, {"t": 1})]
    monkeypatch.setattr(json_file, "ARRAY_LIMIT", 9)
    assert refusal(path) == (
        "is a JSON array of more than 9 characters, too large to hold in memory; convert it to "
        "one object per line: jq -c '.[]' old.json > new.jsonl"
    )


# ---- CSV and TSV


def test_csv_values_stay_text(write: Write) -> None:
    path = write("a.csv", 'id,text,x\n007,NA, 1.0 \n,"a ""b"", c",nan\n')
    assert rows(path) == [
        Record(2, {"id": "007", "text": "NA", "x": " 1.0 "}),
        Record(3, {"id": "", "text": 'a "b", c', "x": "nan"}),
    ]


def test_csv_lines_are_physical_lines(write: Write) -> None:
    path = write("a.csv", '\r\n\nid,text\r\n1,"a\nb\r\n\nc"\r\n\r\n2,d')
    assert rows(path) == [
        Record(4, {"id": "1", "text": "a\nb\r\n\nc"}),
        Record(9, {"id": "2", "text": "d"}),
    ]


def test_csv_line_separators_inside_cells(write: Write) -> None:
    path = write("a.csv", "id,text\n1,a\u2028b\x85c\n")
    assert rows(path) == [Record(2, {"id": "1", "text": "a\u2028b\x85c"})]


def test_csv_with_old_line_ends(write: Write) -> None:
    assert rows(write("a.csv", "a,b\r1,2\r3,4\r")) == [
        Record(2, {"a": "1", "b": "2"}),
        Record(3, {"a": "3", "b": "4"}),
    ]


def test_csv_nul_and_byte_order_mark(write: Write) -> None:
    path = write("a.csv", codecs.BOM_UTF8 + b"a,b\n1\0,2\n")
    assert rows(path) == [Record(2, {"a": "1\0", "b": "2"})]


def test_csv_quoted_first_name_after_a_byte_order_mark(write: Write) -> None:
    path = write("a.csv", codecs.BOM_UTF8 + b'"a,x",b\n1,2\n')
    assert rows(path) == [Record(2, {"a,x": "1", "b": "2"})]


@pytest.mark.parametrize(
    ("header", "names"),
    [
        ("a,b", ["a", "b"]),
        ("a;b", ["a", "b"]),
        ("a\tb", ["a", "b"]),
        ("a|b", ["a", "b"]),
        ("a", ["a"]),
        ('a;"b, c, d"', ["a", "b, c, d"]),
        ('"say ""hi, ho, hu""";b', ['say "hi, ho, hu"', "b"]),
    ],
)
def test_csv_guesses_the_delimiter(write: Write, header: str, names: list[str]) -> None:
    delimiter = header[-2] if len(names) == 2 and header[-1] == "b" else ";"
    content = f"{header}\n{delimiter.join('1' * len(names))}\n"
    [row] = rows(write("a.csv", content))
    assert isinstance(row, Record)
    assert list(row.values) == names


def test_a_given_delimiter_wins(write: Write) -> None:
    assert rows(write("a.csv", "a,b#c\n1#2\n"), delimiter="#") == [
        Record(2, {"a,b": "1", "c": "2"})
    ]
    assert rows(write("a.csv", "a,b\tc\n1\t2\n"), delimiter="\\t") == [
        Record(2, {"a,b": "1", "c": "2"})
    ]
    assert rows(write("a.tsv", "a,b\n1,2\n")) == [Record(2, {"a,b": "1,2"})]
    assert rows(write("a.tsv", "a,b\n1,2\n"), delimiter=",") == [Record(2, {"a": "1", "b": "2"})]


@pytest.mark.parametrize("delimiter", ["", ";;", '"', "\n"])
def test_impossible_delimiter(write: Write, delimiter: str) -> None:
    message = refusal(write("a.csv", "a\n1\n"), delimiter=delimiter)
    assert message == f"delimiter {delimiter!r} must be one character, and not a quote"


@pytest.mark.parametrize(
    ("content", "why"),
    [
        ("a,,b, \n", "the header has no name for column 2, 4; name it or remove it"),
        ("a,b,a,b,c\n", "the header names 'a', 'b' more than once; rename all but one"),
        ('a,"b\n1,2\n', "the header is unreadable: the quote opened on line 1 is never closed"),
        (b"a,b\xe9\n1,2\n", "the header is unreadable: not UTF-8 at byte offset 3 (\\xe9)"),
    ],
)
def test_csv_headers_that_name_no_columns(write: Write, content: str | bytes, why: str) -> None:
    assert refusal(write("a.csv", content)).startswith(why)


def test_csv_header_alone_is_no_rows(write: Write) -> None:
    assert rows(write("a.csv", "a,b\n")) == []


def test_csv_wrong_number_of_cells(write: Write) -> None:
    assert rows(write("a.csv", "a;b\n1\n1;2\n1;2;3\n")) == [
        Reject(
            2,
            "1 cell where the header has 2; add the missing cells, or name the right --delimiter",
            "1",
        ),
        Record(3, {"a": "1", "b": "2"}),
        Reject(4, "3 cells where the header has 2; put cells that hold ';' in quotes", "1;2;3"),
    ]


def test_csv_bad_bytes_reject_their_row_only(write: Write) -> None:
    path = write("a.csv", 'a,b\n1,é\n2,"x\ncafé"\n3,ü\n'.encode().replace("fé".encode(), b"f\xe9"))
    assert rows(path) == [
        Record(2, {"a": "1", "b": "é"}),
        Reject(
            3,
            "not UTF-8 at byte offset 8 (\\xe9); name the file's encoding with --encoding, "
            "for example cp1252 or gb18030, or convert it with iconv",
            '2,"x\ncaf\\xe9"',
        ),
        Record(5, {"a": "3", "b": "ü"}),
    ]


def test_csv_text_that_looks_like_an_escaped_byte_is_text(write: Write) -> None:
    assert rows(write("a.csv", "a,b\n\\xe9,\\udce9\n")) == [
        Record(2, {"a": "\\xe9", "b": "\\udce9"})
    ]


@pytest.mark.parametrize(
    ("mark", "encoding"),
    [
        (codecs.BOM_UTF16_LE, "utf-16-le"),
        (codecs.BOM_UTF16_BE, "utf-16-be"),
        (codecs.BOM_UTF32_LE, "utf-32-le"),
    ],
)
@pytest.mark.parametrize(
    ("name", "content", "line"), [("a.csv", "a,b\n1,é\n", 2), ("a.jsonl", '{"a":"1","b":"é"}', 1)]
)
def test_utf_16(
    write: Write, mark: bytes, encoding: str, name: str, content: str, line: int
) -> None:
    path = write(name, mark + content.encode(encoding))
    general = encoding[:6]
    assert refusal(path) == (
        f"starts with the byte-order mark of {general.upper()}; pass --encoding {general}"
    )
    expected = [Record(line, {"a": "1", "b": "é"})]
    assert rows(path, encoding=general) == expected
    assert rows(path, encoding=encoding) == expected


def test_utf_16_with_half_a_character(write: Write) -> None:
    content = codecs.BOM_UTF16_LE + "a,b\n1,".encode("utf-16-le") + b"\x3d\xd8"
    path = write("a.csv", content + "\n2,ok\n".encode("utf-16-le"))
    bad, good = rows(path, encoding="utf-16")
    assert good == Record(3, {"a": "2", "b": "ok"})
    assert reject(bad).reason.startswith("not UTF-16 at byte offset 4 (\\x3d);")
    assert reject(bad).raw == "1,\\x3d\\xd8"


def test_utf_16_without_a_mark(write: Write) -> None:
    path = write("a.csv", "a,b\n1,2\n".encode("utf-16-le"))
    assert "for example utf-16-le" in refusal(path, encoding="utf-16")
    assert rows(path, encoding="utf-16-le") == [Record(2, {"a": "1", "b": "2"})]


def test_csv_bad_bytes_in_multi_byte_encodings(write: Write) -> None:
    path = write("a.csv", "a,b\n1,你好\n".encode("gbk") + b"2,\x81\n3,\x81\x20x\n4,ok\n")
    first, *bad, last = rows(path, encoding="gbk")
    assert first == Record(2, {"a": "1", "b": "你好"})
    assert last == Record(5, {"a": "4", "b": "ok"})
    assert [reject(row).line for row in bad] == [3, 4]


# ---- broken quotes


def test_a_quote_that_never_closes_costs_one_row(write: Write) -> None:
    path = write("a.csv", 'a,b\n1,"open\n2,x\n3,y\n')
    assert rows(path) == [
        Reject(
            2, 'the quote opened on line 2 is never closed; close it with one more "', '1,"open'
        ),
        Record(3, {"a": "2", "b": "x"}),
        Record(4, {"a": "3", "b": "y"}),
    ]


def test_a_quote_closed_by_a_later_row_costs_one_row(write: Write) -> None:
    path = write("a.csv", 'a,b\n1,"open\n2,x\n3,"y, z"\n4,w\n')
    assert rows(path) == [
        Reject(
            2,
            "probably a quote on line 2 is not closed: read up to line 4, the row breaks a rule "
            "(',' expected after '\"'); close it, or write quotes inside the cell twice",
            '1,"open',
        ),
        Record(3, {"a": "2", "b": "x"}),
        Record(4, {"a": "3", "b": "y, z"}),
        Record(5, {"a": "4", "b": "w"}),
    ]


def test_the_rest_of_a_broken_row_is_not_taken_for_a_row(write: Write) -> None:
    path = write("a.csv", 'a,b\n1,"He said "hi" and\nleft, then came back"\n2,x\n')
    assert rows(path) == [
        Reject(
            2,
            "',' expected after '\"'; inside a quoted cell write every quote twice, as \"\"",
            '1,"He said "hi" and',
        ),
        Reject(
            3,
            "an odd number of quotes: probably the rest of the broken row on line 2",
            'left, then came back"',
        ),
        Record(4, {"a": "2", "b": "x"}),
    ]


def test_quotes_inside_bare_cells_are_text(write: Write) -> None:
    assert rows(write("a.csv", 'a,b\n5" disk,x\n')) == [Record(2, {"a": '5" disk', "b": "x"})]


def test_an_open_quote_is_given_up_at_the_limit(
    write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lines, "ROW_LIMIT", 50)
    path = write("a.csv", 'a,b\n0,"open\n' + "".join(f"{n},word\n" for n in range(1, 100)))
    bad, *good = rows(path)
    assert good == [Record(n + 2, {"a": str(n), "b": "word"}) for n in range(1, 100)]
    assert bad == Reject(
        2,
        "probably a quote on line 2 is not closed: read up to line 9, the row breaks a rule "
        "(longer than 50 characters; split the text into several rows); close it, or write quotes "
        "inside the cell twice",
        '0,"open',
    )


def test_an_open_quote_is_given_up_after_many_lines(
    write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(csv_lines, "LINE_LIMIT", 3)
    bad, *good = rows(write("a.csv", 'a,b\n0,"open\n1,x\n2,x\n3,x\n4,"x\ny"\n'))
    assert [row.line for row in good] == [3, 4, 5, 6]
    assert all(isinstance(row, Record) for row in good)
    assert "on line 2 is not closed: read up to line 5" in reject(bad).reason
    assert "(more than 3 lines)" in reject(bad).reason


def test_every_line_with_an_open_quote_is_read_a_few_times_at_most(write: Write) -> None:
    path = write("a.csv", "a,b\n" + '1,"open\n' * 50_000)
    assert [reject(row).line for row in rows(path)] == list(range(2, 50_002))


def test_a_cell_of_17_million_characters(write: Write) -> None:
    path = write("a.csv", b'a,b\n1,"' + b"x" * 17_000_000 + b'"\n2,' + b"y" * 1_000_000 + b"\n")
    bad, good = rows(path)
    assert reject(bad).line == 2
    assert reject(bad).reason == (
        "longer than 16,000,000 characters; split the text into several rows"
    )
    assert reject(bad).raw.endswith("x… (17,000,005 characters in all)")
    assert good == Record(3, {"a": "2", "b": "y" * 1_000_000})


def test_a_header_over_the_limit(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lines, "ROW_LIMIT", 50)
    path = write("a.csv", "a" * 60 + ",b\n1,2\n")
    assert refusal(path).startswith("the header is unreadable: longer than 50 characters")


def test_the_csv_limit_is_never_lowered() -> None:
    assert csv.field_size_limit() > 16_000_000


# ---- Parquet


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


def test_parquet_without_pyarrow(
    write_parquet: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write_parquet({"n": [1]})
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    assert refusal(path) == "reading Parquet needs pyarrow; pip install 'coannotate[parquet]'"


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


def test_progress_of_parquet(write_parquet: Callable[..., Path]) -> None:
    path = write_parquet({"n": list(range(1000))})
    seen: list[int] = []
    rows(path, on_bytes=seen.append)
    assert seen == [size(path) // 2, size(path), size(path)]


def test_reading_may_stop_early(write: Write) -> None:
    stream = read(write("a.csv", _csv(5000)))
    assert next(stream) == Record(2, {"id": "0", "text": "word, " * 20})
    del stream  # an unclosed file would be a warning, and warnings are errors


def _peak_bytes(path: Path, count: int) -> int:
    tracemalloc.start()
    try:
        assert sum(1 for _ in read(path)) == count
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize(("name", "content"), [("a.jsonl", _jsonl), ("a.csv", _csv)])
def test_memory_does_not_grow_with_the_rows(
    write: Write, name: str, content: Callable[[int], bytes]
) -> None:
    small = _peak_bytes(write(name, content(20_000)), 20_000)
    large = _peak_bytes(write(name, content(200_000)), 200_000)
    assert large < 20_000_000
    assert large < 1.2 * small + 100_000


def test_memory_of_parquet(write_parquet: Callable[..., Path]) -> None:
    small = _peak_bytes(write_parquet({"n": list(range(2_000))}), 2_000)
    large = _peak_bytes(write_parquet({"n": list(range(20_000))}), 20_000)
    assert large < 1.5 * small + 1_000_000


def test_memory_under_an_open_quote(write: Write) -> None:
    path = write("a.csv", b'a,b\n0,"open\n' + b"1,some words\n" * 150_000)
    # At most 100,000 lines are held at once, at about 120 bytes each.
    assert _peak_bytes(path, 150_001) < 25_000_000


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

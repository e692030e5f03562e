"""CSV and TSV: what is read, what is rejected and why, broken quotes above all."""

from __future__ import annotations

import codecs
import csv

import pytest

from annotate.importers import Record, Reject, csv_lines, lines
from tests.annotate.importers.reading import Write, peak_bytes, refusal, reject, rows

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


def test_memory_under_an_open_quote(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(csv_lines, "LINE_LIMIT", 2_000)
    path = write("a.csv", b'a,b\n0,"open\n' + b"1,some words\n" * 20_000)
    # At most 2,000 lines are held at once, at about 120 bytes each, beside one block of the file.
    assert peak_bytes(path, 20_001) < 1_000_000

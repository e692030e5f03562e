"""JSON Lines and JSON arrays: what is read, what is rejected and why."""

from __future__ import annotations

import codecs
import json

import pytest

from annotate.importers import Record, Reject, json_file, lines
from tests.annotate.importers.reading import Write, refusal, reject, rows

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
    assert refusal(write("a.json", "[ \n]\n")).startswith("holds no rows: the array is empty")


def test_rows_that_stand_in_one_line_are_told_by_their_place(write: Write) -> None:
    """As most tools write arrays: the line says nothing there."""
    path = write("a.json", '\n[{"t": 1}, 5, {"t": 3}]\n')
    first, bad, last = rows(path)
    assert (first, last) == (Record(1, {"t": 1}), Record(3, {"t": 3}))
    assert reject(bad).line == 2


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
        ('[{"t": 1}', "line 1: ',' or ']' expected in the array, found the end of the file. "),
        (
            '[{"t": 1}, {"t": "cu',
            "line 1, row 2 of the array: not JSON: Unterminated string starting at character 7; "
            "one object is expected. The file does not end with ']': it was cut off; write or",
        ),
        ('[\n{"t": }]', "line 2, row 1 of the array: not JSON: Expecting value at character 7"),
        ('[{"t": 1},]', "line 1, row 2 of the array: not JSON: Expecting value at character 1"),
        ("[", "line 1, row 1 of the array: not JSON: Expecting value at character 1"),
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

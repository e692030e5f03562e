"""Spans as words with tags, and as spaCy's documents: none moves, whatever the text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotate.exporters import DIALECTS, Dropped, ExportRow
from tests.annotate.exports.materials import CLASSES, HARD, NAMES, TAGS, project_of, row_of

Span = dict[str, Any]


def span(start: int, end: int, label: str = "person") -> Span:
    return {"start": start, "end": end, "label": label}


def marked(text: str, *spans: Span) -> ExportRow:
    return row_of(project_of(NAMES), {"text": text}, value=list(spans))


def made(name: str, row: ExportRow) -> Any:
    dialect = DIALECTS[name]
    assert dialect.record is not None
    record = dialect.record(row)
    if not isinstance(record, Dropped):
        assert dialect.check(record) is None
    return record


def lines(row: ExportRow) -> list[str]:
    text: str = made("conll", row)["text"]
    start, empty, *rest = text.removesuffix("\n").split("\n")
    assert (start, empty) == ("-DOCSTART- -X- -X- O", "")
    return rest


def test_words_with_their_tags() -> None:
    text = "Ada Lovelace met 王小明 in New York."
    row = marked(text, span(0, 12), span(17, 20), span(24, 32, "a place"))
    assert lines(row) == [
        "Ada -X- -X- B-person",
        "Lovelace -X- -X- I-person",
        "met -X- -X- O",
        "王 -X- -X- B-person",
        "小 -X- -X- I-person",
        "明 -X- -X- I-person",
        "in -X- -X- O",
        "New -X- -X- B-a_place",
        "York -X- -X- I-a_place",
        ". -X- -X- O",
    ]


def test_an_emoji_before_a_span_does_not_move_it() -> None:
    """Browsers count UTF-16 units, of which an emoji has two: here code points count."""
    assert lines(marked("😀 Ada", span(2, 5)))[1] == "Ada -X- -X- B-person"


def test_a_word_is_cut_where_a_span_begins_or_ends_in_it() -> None:
    assert lines(marked("preAdapost", span(3, 6))) == [
        "pre -X- -X- O",
        "Ada -X- -X- B-person",
        "post -X- -X- O",
    ]


def test_spans_side_by_side_each_begin() -> None:
    tags = [line.split()[3] for line in lines(marked("王李", span(0, 1), span(1, 2)))]
    assert tags == ["B-person", "B-person"]


def test_blanks_at_the_ends_of_a_span_are_left_out() -> None:
    assert lines(marked("so Ada !", span(2, 7))) == [
        "so -X- -X- O",
        "Ada -X- -X- B-person",
        "! -X- -X- O",
    ]


def test_a_line_end_ends_a_sentence_unless_a_span_goes_over_it() -> None:
    row = marked("Hi\n\nAda\nLovelace\r\nbye", span(4, 16))
    assert [line.split()[0] if line else "" for line in lines(row)] == [
        "Hi", "", "Ada", "Lovelace", "", "bye",
    ]  # fmt: skip


NOT_MADE = [
    ("conll", marked("Ada Lovelace", span(0, 12), span(0, 3)), "spans overlap"),
    ("spacy", marked("Ada Lovelace", span(0, 12), span(4, 12)), "spans overlap"),
    ("conll", marked("a  b", span(1, 3)), "nothing but blanks"),
    ("spacy_spans", marked("a\u2028b", span(1, 2)), "nothing but blanks"),
    ("conll", marked(" \n"), "no words"),
    ("conll", row_of(project_of(CLASSES), {"text": "a"}, value="billing"), "not ask for spans"),
    ("spacy_textcat", marked("Ada", span(0, 3)), "no labels for a text"),
]


@pytest.mark.parametrize(("name", "row", "why"), NOT_MADE)
def test_what_a_format_has_no_place_for(name: str, row: ExportRow, why: str) -> None:
    record = made(name, row)
    assert isinstance(record, Dropped)
    assert why in record.why


def test_a_document_for_an_entity_recogniser() -> None:
    assert made("spacy", marked("Ada  met\nBo ", span(0, 3), span(9, 11))) == {
        "text": "Ada  met\nBo ",
        "tokens": [
            {"id": 0, "start": 0, "end": 3},
            {"id": 1, "start": 4, "end": 5},
            {"id": 2, "start": 5, "end": 8},
            {"id": 3, "start": 8, "end": 9},
            {"id": 4, "start": 9, "end": 11},
        ],
        "ents": [span(0, 3), span(9, 11)],
    }


def test_a_span_categoriser_may_have_spans_that_overlap() -> None:
    record = made("spacy_spans", marked("Ada Lovelace", span(0, 12), span(0, 3, "a place")))
    assert record["spans"] == {
        "sc": [span(0, 3, "a place") | {"kb_id": ""}, span(0, 12) | {"kb_id": ""}]
    }


def test_labels_of_a_text() -> None:
    one = row_of(project_of(CLASSES), {"text": "I paid."}, value="billing")
    assert made("spacy_textcat", one)["cats"] == {"billing": 1.0, 'shipping & "more"': 0.0}
    fields = {"text": "Too dear.", "x": "Cold."}
    several = row_of(project_of(TAGS, fields=("text", "x")), fields, value=["price", "service"])
    record = made("spacy_textcat", several)
    assert record["text"] == "Too dear.\n\nCold."
    assert record["cats"] == {"price": 1.0, "taste": 0.0, "service": 1.0}


BAD = [
    ("conll", {"text": "Ada -X- -X- O\n"}, "-DOCSTART-"),
    ("conll", {"text": "-DOCSTART- -X- -X- O\n\nAda Lovelace -X- -X- O\n"}, "not a word"),
    ("conll", {"text": "-DOCSTART- -X- -X- O\n\nAda -X- -X- B-a place\n"}, "not a word"),
    ("conll", {"text": "-DOCSTART- -X- -X- O\n\nAda -X- -X- I-person\n"}, "has not begun"),
    ("conll", {"text": "-DOCSTART- -X- -X- O\n\na -X- -X- B-x\n\nb -X- -X- I-x\n"}, "not begun"),
    ("conll", {"text": "-DOCSTART- -X- -X- O\n\na -X- -X- B-x\nb -X- -X- I-xy\n"}, "not begun"),
    ("conll", {"text": "-DOCSTART- -X- -X- O\n\na -X- -X- B-yx\nb -X- -X- I-x\n"}, "not begun"),
    ("spacy", {"ents": [span(1, 3)]}, "begin and end with a word"),
    ("spacy", {"ents": [span(0, 3), span(0, 7)]}, "overlap"),
    ("spacy", {"tokens": [{"id": 0, "start": 0, "end": 3}]}, "do not make up"),
    *(
        ("spacy", {"tokens": [first, {"id": 1, "start": 4, "end": 7}]}, "do not make up")
        for first in (
            {"id": 0, "start": 0, "stop": 3},
            {"id": 1, "start": 0, "end": 3},
            {"id": 0, "start": 1, "end": 3},
            {"id": 0, "start": 0, "end": 5},
            {"id": 0, "start": False, "end": 3},
            {"id": 0, "start": 0, "end": 3, "of": 1},
            [0, 0, 3],
        )
    ),
    ("spacy", {"text": "Ada  met"}, "do not make up"),
    ("spacy", {"text": "Ada m"}, "do not make up"),
    ("spacy_spans", {"spans": {"other": []}}, "begin and end with a word"),
    ("spacy_textcat", {"cats": {}}, "a category"),
    ("spacy_textcat", {"cats": {"a": 1}}, "a category"),
]


@pytest.mark.parametrize(("name", "changes", "why"), BAD)
def test_records_that_readers_misread(name: str, changes: Mapping[str, object], why: str) -> None:
    row = marked("Ada met", span(0, 3))
    if name == "spacy_textcat":
        row = row_of(project_of(CLASSES), {"text": "Ada met"}, value="billing")
    said = DIALECTS[name].check(made(name, row) | changes)
    assert said is not None
    assert why in said


@st.composite
def spanned(draw: st.DrawFn) -> tuple[str, list[Span]]:
    """Any text with spans that do not overlap."""
    text = draw(st.one_of(st.sampled_from(HARD), st.text(max_size=40)).filter(str.strip))
    ends = st.integers(0, len(text))
    edges = sorted(draw(st.sets(ends, max_size=6)))
    labels = st.sampled_from(["person", "a place"])
    spans = [
        span(start, end, draw(labels)) for start, end in zip(edges[::2], edges[1::2], strict=False)
    ]
    return text, [one for one in spans if text[one["start"] : one["end"]].strip()]


@given(spanned())
def test_spans_are_found_again_in_any_text(drawn: tuple[str, list[Span]]) -> None:
    text, spans = drawn
    row = marked(text, *spans)
    wanted = [("".join(text[one["start"] : one["end"]].split()), one["label"]) for one in spans]
    entities = made("spacy", row)["ents"]
    found = [("".join(text[one["start"] : one["end"]].split()), one["label"]) for one in entities]
    assert found == wanted
    assert words_of(lines(row)) == [(word, label.replace(" ", "_")) for word, label in wanted]


def words_of(tagged: Sequence[str]) -> list[tuple[str, str]]:
    """The spans that IOB2 tags say, read by the letter, without blanks."""
    found: list[tuple[str, str]] = []
    for line in filter(None, tagged):
        word, _, _, tag = line.split(" ")
        if tag.startswith("B-"):
            found.append((word, tag[2:]))
        elif tag.startswith("I-"):
            found[-1] = (found[-1][0] + word, tag[2:])
    return found

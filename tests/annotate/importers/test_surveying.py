"""What a data file holds, and what its columns are guessed to be for."""

from __future__ import annotations

import codecs
from pathlib import Path
from typing import Any

import pytest

from annotate.importers import Record, read
from annotate.importers.guessing import Guess, guess, labels_of, shown_as, unfit_id
from annotate.importers.survey import Survey, guess_encoding, survey

MESSY = (
    codecs.BOM_UTF8
    + (
        "ID;Comment;Label;" + ";".join(f"extra {n}" for n in range(47)) + "\r\n"
        'a1;"It came late; and broken";bad;' + ";" * 46 + "\r\n"
        "\r\n"
        "a2;Lovely lamp;good;" + ";" * 46 + "\r\n" + ";" * 49 + "\r\n"
        "a2;Another one, lovely;good;" + ";" * 46 + "\r\n"
        "a3;too few cells\r\n"
        "a4;Not good at all, I fear;bad;" + ";" * 46 + "\r\n"
    ).encode()
)


def of(*rows: dict[str, Any]) -> Survey:
    return survey(Record(at, row) for at, row in enumerate(rows, 1))


def test_a_messy_table(tmp_path: Path) -> None:
    path = tmp_path / "messy.csv"
    path.write_bytes(MESSY)
    found = survey(read(path))
    assert guess(found) == Guess(None, ("Comment",), "Label", ("bad", "good"), None, (), "en")
    assert (found.rows, found.blank, found.rejects, found.whole) == (4, 1, 1, True)
    assert found.first_rejects[0].startswith("line 7: 2 cells where the header has 50")
    assert found.names[:4] == ("ID", "Comment", "Label", "extra 0")
    assert len(found.columns) == 50
    ids = found.column("ID")
    assert (ids.filled, ids.distinct) == (4, 3)
    label = found.column("Label")
    assert label.values == (("bad", 2), ("good", 2))
    assert found.column("extra 3").filled == 0


def test_only_the_first_rows_are_looked_at() -> None:
    found = survey((Record(at, {"n": at}) for at in range(10)), limit=4)
    assert (found.rows, found.whole) == (4, False)
    assert survey([Record(1, {"n": 1})], limit=1).whole


def test_a_labelled_table_is_understood() -> None:
    found = of(
        {"id": 1, "source": "mail", "text": "It came late.", "label": "bad"},
        {"id": 2, "source": "mail", "text": "Lovely.", "label": "good"},
        {"id": 3, "source": "form", "text": "Broken.", "label": "bad"},
    )
    assert guess(found) == Guess("id", ("text",), "label", ("bad", "good"), None, (), "en")


def test_replies_to_a_prompt_are_understood() -> None:
    found = of({"prompt": "Say hi", "chosen": "Hi.", "rejected": "No.", "label": "x"})
    assert guess(found) == Guess(
        None, ("prompt", "chosen", "rejected"), None, (), "prompt", ("chosen", "rejected"), "en"
    )


def test_the_longest_column_is_the_text_where_no_name_tells() -> None:
    found = of({"a": "x", "b": "The longest of them all"}, {"a": "y", "b": "Long as well"})
    assert guess(found).fields == ("b",)


def test_chinese_is_noticed() -> None:
    assert guess(of({"内容": "我想借两本书", "编号": "1"})).language == "zh"


def test_an_id_never_repeats() -> None:
    rows = [{"id": str(max(n, 1)), "text": f"text {n}"} for n in range(10)]
    assert (guess(of(*rows)).id, unfit_id(of(*rows))) == (None, "id")
    assert (guess(of(*rows[1:])).id, unfit_id(of(*rows[1:]))) == ("id", None)
    ends = [{"ticketId": n, "text": f"text {n}"} for n in range(3)]
    assert guess(of(*ends)).id == "ticketId"


def test_lists_of_labels_give_their_labels() -> None:
    found = of({"label": '["a", "b"]'}, {"label": ["b", "c"]}, {"label": ["b"]})
    assert labels_of(found.column("label")) == ("b", "a", "c")


def test_too_many_values_are_no_labels() -> None:
    found = of(*({"label": f"value {n}"} for n in range(31)))
    assert labels_of(found.column("label")) == ()


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        ("plain", "text"),
        ('[{"role": "user", "content": "hi"}]', "chat"),
        ([{"role": "user", "content": "hi"}], "chat"),
        ({"price": 3}, "pairs"),
        ([1, 2], "text"),
        ("[not json", "text"),
    ],
)
def test_how_a_field_is_shown(value: object, kind: str) -> None:
    assert shown_as(of({"x": value}).column("x")) == kind


@pytest.mark.parametrize(
    ("raw", "encoding"),
    [
        ("name;grüße".encode(), "utf-8"),
        ("name;grüße".encode("cp1252"), "cp1252"),
        ("名字，内容很长".encode("gb18030"), "gb18030"),
        ("name".encode("utf-16"), "utf-16"),
        (b"\x1f\x8b\xff", "utf-8"),
    ],
)
def test_the_encoding_is_guessed(tmp_path: Path, raw: bytes, encoding: str) -> None:
    (tmp_path / "x").write_bytes(raw)
    assert guess_encoding(tmp_path / "x") == encoding


def test_a_character_cut_by_the_look_is_no_other_encoding(tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(b"a" * 999_999 + "é".encode())
    assert guess_encoding(tmp_path / "x") == "utf-8"


def test_a_task_of_another_tool_keeps_all_that_people_had_before_them() -> None:
    """Unless one column is called as texts are."""
    replies = {"id": "1", "prompt": "Say hi.", "one": "Hi.", "two": "Go away, will you!"}
    assert guess(survey([Record(1, replies, tool="label_studio")])).fields == (
        "prompt",
        "one",
        "two",
    )
    assert guess(survey([Record(1, replies)])).fields == ("two",)
    mail = {"text": "It came late.", "source": "a form on the page of the shop"}
    assert guess(survey([Record(1, mail, tool="label_studio")])).fields == ("text",)

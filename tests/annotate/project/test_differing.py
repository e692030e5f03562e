"""What two versions of a project file differ in, in words."""

from __future__ import annotations

import pytest

from annotate.project import parse_project
from annotate.project.differing import told, told_of_texts, unified
from annotate.project.editing import REMOVE, edited

TEXT = """\
project: mails
title: Mails
guideline: |
  Spam is unasked for.
fields: [text]
questions:
  - name: mail
    type: single_label
    text: What is it?
    labels: [{name: spam}, {name: ham, key: h}, {name: news}]
  - {name: good, type: rating, text: How good?, scale: {min: 1, max: 5}}
"""


@pytest.mark.parametrize(
    ("path", "value", "says"),
    [
        (("title",), "Post", ["title: Mails → Post"]),
        (("guideline",), "Spam.\n", ["guideline changed (lines: 1 added, 1 removed)"]),
        (("fields", 1), "more", ["fields changed"]),
        (("questions", 0, "labels", 0), REMOVE, ["mail: 1 label removed (spam)"]),
        (("questions", 0, "labels", 3), {"name": "x"}, ["mail: 1 label added (x)"]),
        (
            ("questions", 0, "labels"),
            [{"name": "ham", "key": "a"}, {"name": "spam", "description": "-"}, {"name": "news"}],
            [
                "mail: 1 label's description changed (spam)",
                "mail: 1 label's key changed (ham)",
                "mail: labels in another order",
            ],
        ),
        (("questions", 1), REMOVE, ["question good removed"]),
        (("questions", 1, "text"), "Well?", ["good.text: How good? → Well?"]),
        (("routing", "budget"), 0.5, ["routing.budget: nothing → 0.5"]),
        (("llm", "exclude"), ["wording_1"], ["llm.exclude: nothing → wording_1"]),
        (("llm", "confidence"), False, ["llm.confidence: yes → no"]),
    ],
    ids=str,
)
def test_each_change_is_one_sentence(
    path: tuple[str | int, ...], value: object, says: list[str]
) -> None:
    new = edited(TEXT, {path: value})
    assert told(parse_project(TEXT), parse_project(new)) == says


def test_a_comment_is_no_change_of_meaning() -> None:
    assert told_of_texts(TEXT, f"# why\n{TEXT}") == ()
    assert unified(TEXT, f"# why\n{TEXT}").splitlines()[3] == "+# why"
    assert unified(TEXT, TEXT) == ""


def test_a_file_that_is_no_longer_readable_is_counted_in_lines() -> None:
    assert told_of_texts("project: x\n", TEXT) == ("the file changed (lines: 11 added, 1 removed)",)

"""Values of a YAML text are changed; every other character of it stays."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotate.errors import AnnotateError, InvalidProject
from annotate.project.editing import REMOVE, edited
from annotate.project.tree import parse_yaml, plain

TEXT = """\
# what this is about
project: mails   # never change
title:   "Mails"
guideline: |   # Markdown
  Spam is unasked for.

  - offers
  - "prizes"

# what is shown
fields: [text, {name: more, show: code}]
questions:
- name: mail
  type: single_label
  labels:
  - {name: spam, description: 'Unasked for.'}
  - name: ham
    # everything else
    description: >
      Wanted,
      or at least useful.
    # behind the last
llm:
routing:
    policy:   budget # by share
    budget:    0.30
"""
BLOCK = """\
|   # Markdown
  Spam is unasked for.

  - offers
  - "prizes"
"""
"""The guideline's value in it."""
BY_LINES = "| # by share\n      a\n      b"


def changed(before: str, after: str) -> str:
    """TEXT with one piece of it replaced, which must be there once."""
    assert TEXT.count(before) == 1
    return TEXT.replace(before, after)


@pytest.mark.parametrize(
    ("path", "value", "expected"),
    [
        (("routing", "budget"), 0.5, changed("budget:    0.30", "budget:    0.5")),
        (("routing", "policy"), "cost", changed("policy:   budget #", "policy:   cost #")),
        (("routing", "policy"), "a\nb\n", changed("budget # by share", BY_LINES)),
        (("title",), "Ma: #1", changed('"Mails"', "'Ma: #1'")),
        (("routing", "seed"), 7, TEXT + "    seed: 7\n"),
        (("people", "per_item"), 2, TEXT + "people:\n  per_item: 2\n"),
        (("llm", "exclude"), ["a:b", "c"], changed("llm:\n", "llm:\n  exclude: [a:b, c]\n")),
        (("guideline",), "One line", changed(BLOCK, "One line   # Markdown\n")),
        (
            ("guideline",),
            "New\n\n    code\n- x # y: z\n",
            changed(BLOCK, "|   # Markdown\n  New\n\n      code\n  - x # y: z\n"),
        ),
        (("fields", 1, "show"), "chat", changed("show: code}", "show: chat}")),
        (("fields", 0), REMOVE, changed("[text, {", "[{")),
        (
            ("questions", 0, "labels", 0, "description"),
            "a, {b}\nc",
            changed("'Unasked for.'", '"a, {b}\\nc"'),
        ),
        (
            ("questions", 0, "labels", 1, "description"),
            "Else: {all}",
            changed(">\n      Wanted,\n      or at least useful.", "'Else: {all}'"),
        ),
        (
            ("questions", 0, "labels", 2),
            {"name": "news", "description": "Sent\nto many"},
            changed(
                "    # behind the last",
                "  - name: news\n    description: |-\n      Sent\n      to many\n"
                "    # behind the last",
            ),
        ),
        (
            ("questions", 0, "labels", 0),
            REMOVE,
            changed("  - {name: spam, description: 'Unasked for.'}\n", ""),
        ),
        (("questions", 0, "name"), REMOVE, changed("- name: mail\n  type", "- type")),
        (("guideline",), REMOVE, changed("guideline: " + BLOCK, "")),
        (("llm",), "x", changed("llm:\n", "llm: x\n")),
        (("nothing", "here"), REMOVE, TEXT),
        (("routing", "budget"), 0.3, TEXT),
    ],
    ids=[str(n) for n in range(20)],
)  # fmt: skip
def test_one_value_changes_and_nothing_else(
    path: tuple[str | int, ...], value: object, expected: str
) -> None:
    assert edited(TEXT, {path: value}) == expected


def test_line_ends_and_the_mark_at_the_start_stay() -> None:
    old = "\ufeff" + TEXT.replace("\n", "\r\n")
    new = edited(old, {("guideline",): "One\nTwo\n", ("routing", "seed"): 1})
    assert new.startswith("\ufeff# what this is about\r\n")
    assert "guideline: |   # Markdown\r\n  One\r\n  Two\r\n\r\n# what is shown\r\n" in new
    assert new.endswith("    budget:    0.30\r\n    seed: 1\r\n")
    assert new.count("\n") == new.count("\r\n")


def test_changes_are_made_one_after_the_other() -> None:
    labels = ("questions", 0, "labels")
    new = edited(TEXT, {(*labels, 0): REMOVE, (*labels, 1): {"name": "news"}})
    names = plain(parse_yaml(new, "t")[0])["questions"][0]["labels"]
    assert [one["name"] for one in names] == ["ham", "news"]


def test_the_last_entry_of_a_list_leaves_an_empty_list() -> None:
    assert edited("a:\n  - x\nb: 1\n", {("a", 0): REMOVE}) == "a: []\nb: 1\n"
    assert edited("a:\n  k: x # why\nb: 1\n", {("a", "k"): REMOVE}) == "a: {} # why\nb: 1\n"


def test_what_the_file_repeats_is_not_changed_in_two_places() -> None:
    text = "a: &x one\nb: *x\nc: {d: *x}\n"
    assert edited(text, {("b",): "two"}) == "a: &x one\nb: two\nc: {d: *x}\n"
    shared = "a: &x\n  k: 1\nb: *x\n"
    with pytest.raises(AnnotateError, match=r"b\.k cannot be changed by itself.*\(& and \*\)"):
        edited(shared, {("b", "k"): 2})
    assert edited(text, {("a",): "two"}).count("two") == 1


def test_an_unusual_form_is_written_again_with_its_comments() -> None:
    text = "? name\n: x\n# kept\nb: 1\n"
    new = edited(text, {("name",): "y"})
    assert "# kept" in new
    assert plain(parse_yaml(new, "t")[0]) == {"name": "y", "b": 1}


@pytest.mark.parametrize("path", [("title", "x"), ("fields", 9), ("questions", 0, "labels", -1)])
def test_a_path_that_leads_nowhere(path: tuple[str | int, ...]) -> None:
    with pytest.raises(AnnotateError, match="leads nowhere in the project file"):
        edited(TEXT, {path: "y"})


def test_what_is_no_yaml_is_said_by_line() -> None:
    with pytest.raises(InvalidProject, match="line 2"):
        edited("a: 1\n\tb: 2\n", {("a",): 2})


TEXTS = st.text(
    st.one_of(
        st.sampled_from(" \n#:-|>'\"{}[]&*!%@`?,\\"), st.characters(exclude_categories=["C"])
    ),
    max_size=40,
)


@given(TEXTS)
def test_every_text_comes_back_as_it_was_written(said: str) -> None:
    for path in (("guideline",), ("questions", 0, "labels", 0, "description"), ("routing", "new")):
        new = plain(parse_yaml(edited(TEXT, {path: said}), "t")[0])
        old = plain(parse_yaml(TEXT, "t")[0])
        for values in (new, old):
            node = values
            for step in path[:-1]:
                node = node[step]
            found = node.pop(path[-1], None)
            assert values is old or found == said
        assert new == old

"""Training data from what the desk itself stored: what people saw, and which texts held then."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from typing import Any

import pytest

from annotate.clock import iso
from annotate.exporters.protocol import ExportRow
from annotate.people import operator
from annotate.project import Project
from annotate.project.file import parse_project
from annotate.store import Store
from annotate.store.versions import Version
from annotate.training.protocol import Rules
from annotate.workflow.exports.exporting import Request, counts
from annotate.workflow.exports.facts import Wanted, facts_of
from tests.annotate.exports.teaching import made
from tests.annotate.support.browser import Browser
from tests.annotate.support.decided import decided
from tests.small import (
    START,
    Clock,
    add_items,
    add_slots,
    item,
    know,
    machine_says,
    small_project,
    someone,
)

ECHO = "people only repeated an answer that they were shown"


def desk(store: Store, clock: Clock, count: int, **people: Any) -> tuple[Project, Browser]:
    """Items of which the machine says that they are spam, and a window at them."""
    project = small_project(people=people)
    ids = add_items(store, project, count)
    machine_says(store, project, {one: ["spam"] for one in ids})
    decided(store, dict.fromkeys(ids, "spam"))
    add_slots(store, project, ids)
    window = Browser(store, project, someone(store, "Ann"), clock)
    window.sync(want=count)
    return project, window


def rows_of(store: Store, project: Project) -> list[ExportRow]:
    with store.snapshot(), closing(
        facts_of(store, project, project.questions, Wanted(), actor=operator(START))
    ) as facts:  # fmt: skip
        return [row for rows in facts for row in rows]


def short(material: str, row: ExportRow, **rules: Any) -> list[str]:
    """What is made, in a word: an example's answer, a pair's two, or the reason."""
    found = []
    for one in made(material, row, **rules):
        if isinstance(one, str):
            found.append(one)
        else:
            found.append(one.completion if material == "examples" else one.chosen + one.rejected)
    return found


def test_a_suggestion_that_was_taken_over_is_an_echo(store: Store, clock: Clock) -> None:
    project, window = desk(store, clock, 2, mode="suggest")
    for task, label in zip(list(window.tasks), ("spam", "ham"), strict=True):
        assert task["suggestion"]
        window.answer(task, {"mail": label})
    kept, corrected = rows_of(store, project)
    assert [one.shown for one in (*kept.answers, *corrected.answers)] == ["before", "before"]
    human = {"sft_from": frozenset({"agreed", "confirmed", "human"})}
    assert short("examples", kept, **human) == [ECHO]
    assert short("examples", corrected, **human) == ["ham"]
    assert short("pairs", corrected) == [ECHO]
    assert short("pairs", corrected, echoes=True) == ["hamspam"]


def test_what_was_revealed_after_a_blind_answer_is_none(store: Store, clock: Clock) -> None:
    project, window = desk(store, clock, 3, mode="reveal")
    for task, label in zip(list(window.tasks), ("spam", "ham", "ham"), strict=True):
        op = window.answer(task, {"mail": label})["op"]
    window.sync(window.op("revise", target=op["id"], answers={"mail": "spam"}))
    same, other, changed = rows_of(store, project)
    assert [row.answers[0].shown for row in (same, other, changed)] == ["after", "after", "before"]
    assert short("examples", same) == ["spam"]
    assert short("pairs", other) == ["hamspam"]
    assert short("examples", changed) == [ECHO]


def test_rows_name_the_text_that_held_when_something_was_said(store: Store, clock: Clock) -> None:
    project, window = desk(store, clock, 2)
    first, second = list(window.tasks)
    [before, _] = rows_of(store, project)
    assert before.policy_version is None, "nobody had recorded which text held"
    window.answer(first, {"mail": "ham"})
    for number, (hash_, at) in enumerate([("one", START), ("two", clock.forward(5))], 1):
        kind: Any = "first" if number == 1 else "edited"
        store.projects.record("mails", text=hash_, hash=hash_, now=iso(at))
        store.versions.add(Version("mails", number, hash_, kind, "Lea", None, None, iso(at)))
    window.answer(second, {"mail": "ham"})
    early, late = rows_of(store, project)
    assert [row.answers[0].guideline_version for row in (early, late)] == ["one", "two"]
    assert [row.policy_version for row in (early, late)] == ["one", "one"]
    assert early.model == "made up"


@pytest.mark.parametrize(
    ("said", "refused"),
    [
        (["refused"], True),
        (["spam", "refused"], True),
        (["spam", "spam", "refused"], False),
        (["spam", "error", "invalid"], False),
        (["refused", "error"], True),
    ],
)
def test_what_the_model_refused(store: Store, said: list[str], refused: bool) -> None:
    """At least as often as it answered, in the round in force."""
    project = small_project()
    asked, other = add_items(store, project, 2)
    machine_says(store, project, {asked: ["refused"], other: ["spam"]}, round_id="old")
    later = Clock().forward(1)
    machine_says(store, project, {asked: said}, round_id="round2", started=later)
    assert [row.refused for row in rows_of(store, project)] == [refused, False]


def test_an_export_holds_the_cap_over_all_items(store: Store, clock: Clock) -> None:
    """Three comparisons of one prompt, answered by one person."""
    project = parse_project("""
project: mails
title: Replies
fields: [prompt, x, y]
questions:
  - {name: mail, type: preference, text: Better?, prompt: prompt, responses: [x, y]}
""")
    fields = {"prompt": "Say hi", "x": "Hi!", "y": "Go away"}
    items = [replace(item(project, at), fields=fields) for at in range(3)]
    with store.transaction():
        know(store, project)
        store.items.add(items)
    add_slots(store, project, [one.id for one in items])
    window = Browser(store, project, someone(store, "Ann"), clock)
    window.sync(want=3)
    for task in list(window.tasks):
        window.answer(task, {"mail": "a"})
    boss = operator(START)
    for most, left_out in ((None, 0), (2, 1), (0, 3)):
        request = Request("preference_trl", rules=Rules(per_prompt=most))
        report = counts(store, project, request, actor=boss)
        assert (report.rows, report.dropped) == (
            3 - left_out,
            {"the prompt has as many pairs as are wanted": left_out} if left_out else {},
        )

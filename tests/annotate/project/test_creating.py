"""A new project: its file says what was chosen, and is there complete or not at all."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from annotate.errors import AnnotateError, InvalidProject, NotAllowed, NotFound
from annotate.importers import Record
from annotate.llm.chat import ChatPrelabeller
from annotate.llm.prelabeller import Prelabeller
from annotate.llm.providers.function import FunctionProvider
from annotate.model import Person
from annotate.people import operator
from annotate.project import load_project
from annotate.project.drafting import written
from annotate.project.tree import parse_yaml, plain
from annotate.questions import QuestionSettings
from annotate.store import Store
from annotate.workflow.projects.creating import Choices, create, draft
from annotate.workflow.projects.rehearsing import rehearse
from annotate.workspace import Workspace

NOW = datetime(2026, 3, 1, 10, tzinfo=UTC)
BOSS = operator(NOW)
ANN = Person("ann", "Ann", "annotator", "2026-03-01T09:00:00.000000Z")

TOPIC = {
    "name": "topic",
    "type": "single_label",
    "text": "What is it about?",
    "labels": [{"name": "price", "description": 'What it costs: "all" of it.'}, {"name": "no"}],
}
CHOICES = Choices(
    name="mails",
    title="Mails: to the #shop",
    columns={"text": "Body (en)"},
    questions=[TOPIC],
    guideline="# Decide\n\nOne of *them*.\n",
    id="ticket",
    gold={"topic": "label"},
)
SERVER = {"provider": "openai", "base_url": "http://localhost:9/v1", "model": "m", "few_shot": 0}


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return Workspace(tmp_path)


@pytest.fixture
def store(workspace: Workspace) -> Iterator[Store]:
    with workspace.open() as opened:
        yield opened


def test_the_file_says_what_was_chosen_and_why(workspace: Workspace, store: Store) -> None:
    path, project = create(workspace, store, CHOICES, actor=BOSS, now=NOW)
    assert path == workspace.folder / "mails.task.yaml"
    assert (
        path.read_text("utf-8")
        == """\
# `coannotate check` names every mistake in this file; `coannotate check --schema` tells all
# that it may say.
project: mails                    # short id: of files and exports
title: 'Mails: to the #shop'      # what people see
language: en                      # of the prompts around your texts
guideline: |
  # Decide

  One of *them*.
fields: [text]                    # what of each item is shown and sent
import:
  id: ticket
  # field: column
  columns:
    text: Body (en)
  # question: column of known answers, held back to measure
  gold:
    topic: label
questions:
  - name: topic
    type: single_label
    text: What is it about?
    labels:
      - name: price
        description: 'What it costs: "all" of it.'
      - name: no
llm:
  provider: local
routing:
  policy: budget
  budget: 0.3                     # share of all items that people get
  audit: 0.05                     # share of the rest that people check at random
people:
  per_item: 1                     # people who answer each item
"""
    )
    assert load_project(path) == project
    assert [file.name for file in workspace.task_files()] == ["mails.task.yaml"]
    assert not list(workspace.folder.glob(".create-*"))


TEXT = st.text(st.characters(exclude_categories=["Cs", "Cc"]) | st.sampled_from("\n\t :#'\"|-"))


@given(
    st.fixed_dictionaries(
        {
            "title": TEXT,
            "guideline": TEXT,
            "fields": st.lists(TEXT),
            "labels": st.lists(st.fixed_dictionaries({"name": TEXT})),
        }
    )
)
@example({"title": "?0", "guideline": "", "fields": ["?0"], "labels": [{"name": "?0"}]})
def test_whatever_is_written_is_read_back(said: dict[str, Any]) -> None:
    tree, problems = parse_yaml(written(said), "draft")
    assert (plain(tree), problems) == (said, [])


def test_every_mistake_is_told_before_anything_is_written(
    workspace: Workspace, store: Store
) -> None:
    wrong = replace(
        CHOICES,
        name="my mails",
        questions=[{**TOPIC, "labels": [{"name": "price"}, {"name": "Price"}]}],
        llm={"provider": "openai", "api_key_env": "sk-proj-abcdefgh1234"},
    )
    with pytest.raises(InvalidProject) as caught:
        create(workspace, store, wrong, actor=BOSS, now=NOW)
    said = str(caught.value)
    assert "'my mails', not 1 to 64 of the characters" in said
    assert "sk-proj" not in said
    assert workspace.task_files() == []


@pytest.mark.parametrize("name", ["mails", "MAILS"])
def test_a_taken_name_is_refused(workspace: Workspace, store: Store, name: str) -> None:
    path, _ = create(workspace, store, CHOICES, actor=BOSS, now=NOW)
    before = path.read_bytes()
    with pytest.raises(AnnotateError, match=r"is there already \(mails.task.yaml\): choose"):
        create(workspace, store, replace(CHOICES, name=name, title="x"), actor=BOSS, now=NOW)
    assert path.read_bytes() == before


def test_the_name_of_a_file_with_mistakes_is_taken_too(workspace: Workspace, store: Store) -> None:
    (workspace.folder / "mails.task.yaml").write_text("project: [", "utf-8")
    with pytest.raises(AnnotateError, match="is there already"):
        create(workspace, store, CHOICES, actor=BOSS, now=NOW)


def test_items_of_a_project_whose_file_is_gone_are_not_taken_over(
    workspace: Workspace, store: Store
) -> None:
    from tests.small import add_items, small_project

    add_items(store, small_project(), 2)
    with pytest.raises(AnnotateError, match="still holds items of a project 'mails'"):
        create(workspace, store, CHOICES, actor=BOSS, now=NOW)


def test_annotators_create_nothing(workspace: Workspace, store: Store) -> None:
    with pytest.raises(NotAllowed, match="may not create projects: ask a lead or admin"):
        create(workspace, store, CHOICES, actor=ANN, now=NOW)


def says(store: Store, question: QuestionSettings) -> Prelabeller:
    _, project = draft(Path(), replace(CHOICES, llm=SERVER), actor=BOSS)
    return ChatPrelabeller(project, question, FunctionProvider(lambda prompt, sample: "price"))


def rows(count: int) -> list[Record]:
    return [Record(n, {"ticket": n, "Body (en)": f"mail {n}", "label": "no"}) for n in range(count)]


def test_a_rehearsal_shows_prompts_and_plan_and_keeps_nothing(
    workspace: Workspace, store: Store
) -> None:
    _, project = draft(workspace.folder, replace(CHOICES, llm=SERVER), actor=BOSS)
    bad = [Record(9, {"ticket": 0, "Body (en)": "another", "label": "no"})]
    found = rehearse(store, project, rows(8) + bad, says, actor=BOSS, now=NOW)
    assert (found.rows, found.whole, found.items) == (9, True, 8)
    assert (found.report.added, found.report.rejected) == (8, 1)
    assert found.report.first_rejects[0].startswith("line 9: id '0' is already there")
    [asked] = found.asked
    assert [item.fields["text"] for item, _ in asked.prompts] == ["mail 0", "mail 1", "mail 2"]
    calls = asked.prompts[1][1]
    assert all("mail 1" in call.prompt.messages[-1].content for call in calls)
    [plan] = asked.plans
    assert (plan.items, plan.calls) == (8, 8 * len(calls))
    assert store.items.count("mails") == 0


def test_a_rehearsal_of_the_first_rows_tells_of_the_whole_file(
    workspace: Workspace, store: Store
) -> None:
    _, project = draft(workspace.folder, CHOICES, actor=BOSS)
    found = rehearse(store, project, rows(2_001), says, actor=BOSS, now=NOW, share=lambda: 0.25)
    assert (found.rows, found.whole, found.items) == (2_000, False, 8_000)
    assert found.asked[0].plans[0].items == 8_000


def test_a_question_for_people_alone_says_so(workspace: Workspace, store: Store) -> None:
    marks = {
        "name": "marks",
        "type": "spans",
        "text": "Mark.",
        "field": "text",
        "labels": [{"name": "x"}],
    }
    choices = replace(CHOICES, questions=[marks], gold=None)
    _, project = draft(workspace.folder, choices, actor=BOSS)
    found = rehearse(store, project, rows(2), says, actor=BOSS, now=NOW)
    assert found.asked[0].why.startswith("people answer it: no model is asked")
    assert found.asked[0].plans == ()


def test_a_file_without_a_usable_row_says_why(workspace: Workspace, store: Store) -> None:
    _, project = draft(workspace.folder, CHOICES, actor=BOSS)
    empty = [Record(2, {"ticket": 1, "Body (en)": " ", "label": ""})]
    with pytest.raises(NotFound, match="no row of the file can be used: line 2: every field is"):
        rehearse(store, project, empty, says, actor=BOSS, now=NOW)

"""What goes out comes in again as it was: whole projects, and single training rows."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from annotate.importers import Record, read, recognised
from annotate.model import Person
from annotate.project import Project
from annotate.store import Store, open_store
from annotate.training.protocol import Rules
from annotate.workflow.exports.exporting import Request, export
from annotate.workflow.imports.importing import ImportReport, import_items
from tests.small import START, know, small_project

LABELS = [{"name": "good"}, {"name": "bad"}]
QUESTIONS: list[dict[str, Any]] = [
    {"name": "mood", "type": "single_label", "text": "Which?", "labels": LABELS},
    {"name": "about", "type": "multi_label", "text": "What?", "labels": LABELS, "min": 0},
    {"name": "names", "type": "spans", "text": "Who?", "field": "text", "labels": LABELS},
    {"name": "stars", "type": "rating", "text": "How good?"},
    {
        "name": "parts", "type": "rating", "text": "How good?", "scale": {"min": 0, "max": 4},
        "aspects": [{"name": "tone", "text": "Tone"}, {"name": "facts", "text": "Facts"}],
    },
    {
        "name": "better", "type": "preference", "text": "Which?", "prompt": "text",
        "responses": ["x", "y"], "strength": 3,
    },
    {"name": "order", "type": "ranking", "text": "Order?", "responses": ["x", "y"]},
    {"name": "words", "type": "text", "text": "Right?", "draft": "x"},
]  # fmt: skip
ANSWERS: dict[str, tuple[object, object]] = {
    "mood": ("good", "bad"),
    "about": ([], ["good", "bad"]),
    "names": ([{"start": 2, "end": 5, "label": "good"}], []),
    "stars": (4, 1),
    "parts": ({"tone": 0, "facts": 4}, {"tone": 2, "facts": 2}),
    "better": ({"choice": "a", "strength": 2}, {"choice": "tie"}),
    "order": (["b", "a"], ["a", "b"]),
    "words": ({"verdict": "accept", "text": "one"}, {"verdict": "fix", "text": "eins\n标"}),
}
FIELDS = {"text": "😀 Ada was here", "x": "one", "y": "two"}


def project_of(name: str, **changes: object) -> Project:
    said: dict[str, Any] = {
        "project": name, "fields": ["text", "x", "y"], "questions": QUESTIONS,
        "import": {"id": "id"},
    }  # fmt: skip
    return small_project(**{**said, **changes})


def votes() -> Iterator[dict[str, object]]:
    """Two people and a model on two items and every question, as rows of `export votes`."""
    for key in ("7", "8"):
        for question, (one, other) in ANSWERS.items():
            for voter, value in (("ann", one), ("bob", other), ("m-1", other)):
                model = voter == "m-1"
                yield {
                    "id": key, **FIELDS, "question": question, "voter": voter, "vote": value,
                    "by": "model" if model else "person", "outcome": "parsed" if model else None,
                    "confidence": 0.75 if model else None, "variant": "question", "sample": 0,
                    "seconds": None if model else 2.5, "at": "2026-03-01T09:00:00.000000Z",
                }  # fmt: skip


def bring(store: Store, project: Project, path: Path, tool: str, lead: Person) -> ImportReport:
    know(store, project)
    out = io.StringIO()
    rows = read(path, format=tool)
    report = import_items(store, project, rows, out, actor=lead, now=START)
    assert out.getvalue() == ""
    return report


@pytest.fixture
def filled(store: Store, lead: Person, tmp_path: Path) -> Store:
    path = tmp_path / "votes.jsonl"
    path.write_text("".join(f"{json.dumps(one)}\n" for one in votes()), "utf-8")
    report = bring(store, project_of("first"), path, "coannotate", lead).brought
    assert (report.answers, report.votes) == (32, 16)
    return store


def everything(store: Store, name: str, *, called: bool = True) -> list[tuple[object, ...]]:
    """What people and models have said of a project's items."""
    people = {id_: one.called for id_, one in store.imported.people().items()}
    found: list[tuple[object, ...]] = []
    for item in store.items.page(name):
        for one in store.annotations.of_item(item.id):
            who = people[one.person_id] if called else "somebody"
            found.append((item.key, one.question, who, one.value, one.seconds, one.created_at))
        for vote in store.history.prelabels(item.id):
            found.append((item.key, vote.question, vote.model, vote.value, "vote"))
    return sorted(found, key=repr)


@contextmanager
def second(tmp_path: Path) -> Iterator[Store]:
    with open_store(tmp_path / "second.db") as store:
        yield store


@pytest.mark.parametrize(
    ("dialect", "name", "tool"),
    [
        ("label_studio", "tasks.json", "label_studio"),
        ("votes", "votes.jsonl", "coannotate"),
        ("votes", "votes.csv", "coannotate"),
        ("votes", "votes.parquet", "coannotate"),
        ("hf_dataset", "folder", "hf_dataset"),
    ],
)
def test_everything_that_was_said_comes_back(
    dialect: str, name: str, tool: str, filled: Store, lead: Person, tmp_path: Path
) -> None:
    out = tmp_path / "out" / name
    out.parent.mkdir()
    report = export(filled, project_of("first"), Request(dialect), out, actor=lead, now=START)
    assert report.rows
    assert recognised(out) == tool
    with second(tmp_path) as other:
        bring(other, project_of("first"), out, tool, lead)
        named = dialect != "hf_dataset"  # people stand in it under pseudonyms
        there, here = (everything(one, "first", called=named) for one in (other, filled))
        if dialect == "label_studio":
            there, here = map(in_its_words, (there, here))
        assert there == here
        assert [one.fields for one in other.items.page("first")] == [FIELDS] * 2


def in_its_words(said: list[tuple[object, ...]]) -> list[tuple[object, ...]]:
    """Without what Label Studio has no words for: the time of a single question, and a model that
    marks nothing beside its other answers."""
    kept = [one for one in said if not (one[-1] == "vote" and one[3] == [] and one[1] == "names")]
    return [(*one[:4], *one[5:]) for one in kept]


def rows_of(path: Path, tool: str) -> list[Record]:
    found = list(read(path, format=tool))
    assert all(isinstance(one, Record) for one in found)
    return [one for one in found if isinstance(one, Record)]


RULES = Rules(echoes=True, sft_from=frozenset({"human"}))


@pytest.mark.parametrize("tool", ["alpaca", "sharegpt"])
def test_texts_to_imitate_are_read_as_they_were_written(
    tool: str, filled: Store, lead: Person, tmp_path: Path
) -> None:
    path = tmp_path / "rows.jsonl"
    request = Request(tool, question="mood", rules=RULES)
    filled_by_one(filled, "mood")
    export(filled, project_of("first"), request, path, actor=lead, now=START)
    written = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    assert len(written) == 2
    assert recognised(path) == tool
    for given, found in zip(written, rows_of(path, tool), strict=True):
        if tool == "alpaca":
            assert found.values == given
        else:
            turns = [one["value"] for one in given["conversations"]]
            chat: Any = found.values["conversation"]
            assert [*(one["content"] for one in chat), found.values["reply"]] == turns


def test_pairs_are_read_as_they_were_written(filled: Store, lead: Person, tmp_path: Path) -> None:
    path = tmp_path / "pairs.jsonl"
    request = Request("ultrafeedback", question="better", rules=RULES)
    filled_by_one(filled, "better")
    export(filled, project_of("first"), request, path, actor=lead, now=START)
    written = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    assert recognised(path) == "ultrafeedback"
    found = rows_of(path, "ultrafeedback")
    assert [one.values["prompt"] for one in found] == [one["prompt"] for one in written]
    for given, row in zip(written, found, strict=True):
        better = row.values[f"response_{row.said[0].value}"]
        both = {row.values["response_a"], row.values["response_b"]}
        assert better == given["chosen"][-1]["content"]
        assert both == {given[key][-1]["content"] for key in ("chosen", "rejected")}


def filled_by_one(store: Store, question: str) -> None:
    """Bob takes his answers back: then Ann's stand."""
    bob = next(id_ for id_, one in store.imported.people().items() if one.called == "bob")
    for item in store.items.page("first"):
        for one in store.annotations.of_item(item.id):
            if one.person_id == bob and one.question == question:
                store.annotations.retract(one.id, bob, now=one.created_at)

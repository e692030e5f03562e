"""A folder as the Hugging Face Hub takes it: its files, its front matter, and who stands in it."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from pyarrow import parquet
from ruamel.yaml import YAML

from annotate.exporters import DIALECTS, WrittenPart
from annotate.exporters.forms import FORMS
from annotate.exporters.hf_dataset import SIZES, TASKS, front_matter
from annotate.model import Person
from annotate.project import Project
from annotate.questions import QUESTION_TYPES
from annotate.store import Store
from annotate.workflow.exports.exporting import ExportReport, Request, export
from tests.annotate.support.answering import people_say
from tests.small import START, add_items, item, know, machine_says, small_project

TITLE = 'Mails: "spam" #1 \u2028 标'


@pytest.fixture
def mails() -> Project:
    return small_project(title=TITLE, guideline="# Rules\nBe kind.\n\n")


@pytest.fixture
def filled(store: Store, mails: Project) -> list[str]:
    """Three mails: two people agree on the first, one differs from the model on the second."""
    ids = add_items(store, mails, 3)
    machine_says(store, mails, {ids[0]: ["spam"]}, variants=("v0",))
    people_say(store, mails, {ids[0]: {"Ann Lee": "spam", "Bob": "spam"}, ids[1]: {"Bob": "ham"}})
    return ids


def written(store: Store, project: Project, folder: Path, lead: Person) -> ExportReport:
    return export(store, project, Request("hf_dataset"), folder, actor=lead, now=START)


def matter(text: str) -> Any:
    """What stands between the lines of ---."""
    _, between, _ = text.split("---\n", 2)
    return YAML(typ="safe").load(between)


@pytest.mark.usefixtures("filled")
def test_the_folder_says_what_is_in_it(
    store: Store, mails: Project, lead: Person, tmp_path: Path
) -> None:
    folder = tmp_path / "mails"
    report = written(store, mails, folder, lead)
    assert {file.path: file.rows for file in report.files} == {
        "labels.parquet": 2, "votes.parquet": 4, "sft.parquet": 1, "README.md": 0,
        "guidelines.md": 0,
    }  # fmt: skip
    readme = (folder / "README.md").read_bytes().decode()
    assert matter(readme) == {
        "pretty_name": TITLE,
        "task_categories": ["text-classification", "text-generation"],
        "size_categories": ["n<1K"],
        "tags": ["human-in-the-loop"],
        "configs": [
            {
                "config_name": "labels",
                "default": True,
                "data_files": [{"split": "train", "path": "labels.parquet"}],
            },
            {
                "config_name": "votes",
                "data_files": [{"split": "train", "path": "votes.parquet"}],
            },
            {"config_name": "sft", "data_files": [{"split": "train", "path": "sft.parquet"}]},
        ],
    }
    assert (
        '---\n\n# Mails: "spam" #1 标\n\n## Task\n\n3 items, each with the field `text`.' in readme
    )
    assert (folder / "guidelines.md").read_text("utf-8") == "# Rules\nBe kind.\n"


@pytest.mark.usefixtures("filled")
def test_labels_are_classes_with_their_names(
    store: Store, mails: Project, lead: Person, tmp_path: Path
) -> None:
    written(store, mails, tmp_path / "mails", lead)
    table = parquet.read_table(tmp_path / "mails" / "labels.parquet")
    assert table["label"].to_pylist() == [0, 1]
    assert str(table.schema.field("label").type) == "int64"
    assert json.loads(table.schema.metadata[b"huggingface"]) == {
        "info": {"features": {"label": {"names": ["spam", "ham"], "_type": "ClassLabel"}}}
    }
    assert table["soft_label"].to_pylist() == [[1.0, 0.0], [0.0, 1.0]]
    sft = parquet.read_table(tmp_path / "mails" / "sft.parquet")
    assert sft["messages"].to_pylist()[0][-1] == {"role": "assistant", "content": "spam"}


@pytest.mark.usefixtures("filled")
def test_people_stand_in_it_under_pseudonyms(
    store: Store, mails: Project, lead: Person, tmp_path: Path
) -> None:
    written(store, mails, tmp_path / "mails", lead)
    votes = parquet.read_table(tmp_path / "mails" / "votes.parquet")
    rows = [(row["id"], row["by"], row["voter"], row["vote"]) for row in votes.to_pylist()]
    ann, bob = "person-1386ef15", "person-2cee1f98"
    assert rows == [
        ("0", "person", ann, "spam"),
        ("0", "person", bob, "spam"),
        ("0", "model", "made up", "spam"),
        ("1", "person", bob, "ham"),
    ]
    assert "note" not in votes.column_names
    for path in (tmp_path / "mails").iterdir():
        text = (
            str(parquet.read_table(path).to_pylist())
            if path.suffix == ".parquet"
            else path.read_text("utf-8")
        )
        assert "Ann Lee" not in text, path.name


def test_an_empty_folder_says_so(store: Store, lead: Person, tmp_path: Path) -> None:
    project = small_project()
    add_items(store, project, 2)
    report = written(store, project, tmp_path / "mails", lead)
    assert [file.path for file in report.files] == ["README.md"]
    assert "configs" not in matter((tmp_path / "mails" / "README.md").read_text("utf-8"))
    assert report.dropped == {"not routed yet": 6, "nobody has answered": 2}


# ---- several questions

LABELS = {"labels": [{"name": "spam"}, {"name": "ham"}]}
SEVERAL = [
    {"name": "mail", "type": "single_label", "text": "What is it?", **LABELS},
    {"name": "rude", "type": "rating", "text": "How rude is it?"},
    {
        "name": "better",
        "type": "preference",
        "text": "Which?",
        "prompt": "text",
        "responses": ["a", "b"],
    },
]
"""Questions whose answers have no column in common: texts, numbers, letters."""


@pytest.fixture
def several(store: Store, lead: Person, tmp_path: Path) -> Path:
    """The folder of two mails: both questions about the first, a choice between answers to both."""
    project = small_project(fields=["text", "a", "b"], questions=SEVERAL)
    with store.transaction():
        know(store, project)
        store.items.add(
            replace(item(project, at), fields={"text": f"mail {at}", "a": "Yes.", "b": "No."})
            for at in range(2)
        )
    one, two = (each.id for each in store.items.page(project.project))
    people_say(store, project, {one: {"Ann": "spam", "Bob": "spam"}})
    people_say(store, project, {one: {"Ann": 4}}, question="rude")
    people_say(store, project, {one: {"Ann": "a"}, two: {"Ann": "b"}}, question="better")
    written(store, project, tmp_path / "several", lead)
    return tmp_path / "several"


def test_every_question_has_its_configurations(several: Path) -> None:
    """One of each kind that has rows, with columns of one type, and labels that are classes."""
    said = matter((several / "README.md").read_text("utf-8"))
    assert {one["config_name"]: one["data_files"][0]["path"] for one in said["configs"]} == {
        "labels_mail": "labels_mail.parquet", "votes_mail": "votes_mail.parquet",
        "sft_mail": "sft_mail.parquet",
        "labels_rude": "labels_rude.parquet", "votes_rude": "votes_rude.parquet",
        "labels_better": "labels_better.parquet", "votes_better": "votes_better.parquet",
        "preference_better": "preference_better.parquet",
    }  # fmt: skip
    assert [one["config_name"] for one in said["configs"] if one.get("default")] == ["labels_mail"]
    found = {
        path.stem: parquet.read_table(path)["label"]
        for path in sorted(several.glob("labels_*.parquet"))
    }
    assert {name: (str(of.type), of.to_pylist()) for name, of in found.items()} == {
        "labels_better": ("int64", [0, 1]),
        "labels_mail": ("int64", [0]),
        "labels_rude": ("int64", [4]),
    }
    assert len(parquet.read_table(several / "preference_better.parquet")) == 2


def test_one_question_of_several_is_named_like_an_only_one(
    store: Store, lead: Person, several: Path
) -> None:
    project, out = small_project(fields=["text", "a", "b"], questions=SEVERAL), several / "alone"
    export(store, project, Request("hf_dataset", question="mail"), out, actor=lead, now=START)
    readme = (out / "README.md").read_text("utf-8")
    said = matter(readme)
    assert [one["config_name"] for one in said["configs"]] == ["labels", "votes", "sft"]
    assert "What is it?" in readme
    assert "How rude" not in readme  # no row of it is in the folder
    assert said["task_categories"] == ["text-classification", "text-generation"]
    assert parquet.read_table(out / "labels.parquet")["label"].to_pylist() == [0]


# ---- front matter


def part(name: str, split: str, rows: int) -> WrittenPart:
    [found] = [one for one in DIALECTS["hf_dataset"].parts if one.name == name]
    path = f"{name}/{split}.parquet" if split else f"{name}.parquet"
    return WrittenPart(found, path, split, rows, (), {})


def test_splits_are_named_as_the_loader_takes_them(mails: Project) -> None:
    files = [part("labels", "train", 900), part("labels", "dev-1", 150), part("votes", "train", 9)]
    found = matter(front_matter(mails, files))
    assert found["configs"][0]["data_files"] == [
        {"split": "train", "path": "labels/train.parquet"},
        {"split": "dev_1", "path": "labels/dev-1.parquet"},
    ]
    assert found["size_categories"] == ["1K<n<10K"]
    assert [one.get("default") for one in found["configs"]] == [True, None]


@pytest.mark.parametrize(
    ("rows", "size"),
    [(0, "n<1K"), (999, "n<1K"), (1_000, "1K<n<10K"), (10**6, "1M<n<10M"), (10**9, "n>100M")],
)
def test_sizes(mails: Project, rows: int, size: str) -> None:
    said = matter(front_matter(mails, [part("labels", "", rows)]))
    assert said["size_categories"] == [size]
    assert [below for below, _ in SIZES] == [10**n for n in range(3, 9)]


def test_every_question_type_has_a_task() -> None:
    assert set(TASKS) == set(QUESTION_TYPES)


def test_all_parts_have_one_format() -> None:
    """The loader picks one reader for the whole folder."""
    parts = DIALECTS["hf_dataset"].parts
    assert {FORMS[one.form].suffixes for one in parts} == {(".parquet",)}

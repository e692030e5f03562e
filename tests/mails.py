"""The project of mails that are spam or ham, as a file on disk; and a workspace that has it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from annotate.project import Project
from annotate.store import Store
from annotate.workspace import Workspace, record_version
from tests.small import START, add_items

MAILS = """\
project: mails
title: Mails
fields: [text]
questions:
  - name: mail
    type: single_label
    text: What is it?
    labels: [{name: spam}, {name: ham}]
"""
"""More keys, and more questions before them, may follow."""


def to_fill_in(text: str) -> str:
    """The text as a template of `str.format`, to which what is filled in may be added."""
    return text.replace("{", "{{").replace("}", "}}")


@contextmanager
def mails_in(
    folder: Path, count: int, *, more: str = ""
) -> Iterator[tuple[Store, Project, list[str]]]:
    """A workspace with so many mails, open: its store, the project, the ids of the items.

    more: of the project file.
    """
    (folder / "task.yaml").write_text(MAILS + more, "utf-8")
    workspace = Workspace(folder)
    path, project = workspace.project(None)
    with workspace.open() as store:
        record_version(store, path, project, now=START)
        yield store, project, add_items(store, project, count)

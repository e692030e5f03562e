"""A folder of project files: one broken file is no obstacle to the others."""

from __future__ import annotations

from pathlib import Path

import pytest

from annotate.errors import InvalidProject, NotFound, WorkspaceError
from annotate.workspace import Workspace

TASK = """
project: {name}
title: Mails
fields: [text]
questions:
  - {{name: topic, type: single_label, text: What is it?, labels: [{{name: spam}}, {{name: ham}}]}}
"""


def workspace(folder: Path, **files: str) -> Workspace:
    for name, text in files.items():
        (folder / f"{name}.task.yaml").write_text(text, "utf-8")
    return Workspace(folder)


def test_a_neighbours_broken_file_is_told_and_no_obstacle(tmp_path: Path) -> None:
    here = workspace(tmp_path, a=TASK.format(name="mails"), b="project: [", c="fields: [text]")
    found, problems = here.usable()
    assert list(found) == ["mails"]
    assert [type(problem) for problem in problems] == [InvalidProject, InvalidProject]
    path, project = here.project("mails")
    assert (path.name, project.project) == ("a.task.yaml", "mails")


def test_what_may_be_the_broken_one_is_not_passed_over(tmp_path: Path) -> None:
    here = workspace(tmp_path, a=TASK.format(name="mails"), b="project: [")
    with pytest.raises(InvalidProject):
        here.project("orders")
    with pytest.raises(InvalidProject):
        here.projects()


def test_of_two_files_with_one_name_the_second_is_told(tmp_path: Path) -> None:
    text = TASK.format(name="mails")
    here = workspace(tmp_path, a=text, b=text)
    found, [problem] = here.usable()
    assert found["mails"][0].name == "a.task.yaml"
    assert str(problem) == f"{tmp_path}/b.task.yaml: another file here is project 'mails' too"
    with pytest.raises(WorkspaceError):
        here.projects()


def test_the_choice_is_told(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match=r"no task\.yaml"):
        Workspace(tmp_path).project(None)
    here = workspace(tmp_path, a=TASK.format(name="mails"), b=TASK.format(name="orders"))
    with pytest.raises(NotFound, match=r"several projects \(mails, orders\)"):
        here.project(None)
    with pytest.raises(NotFound, match="there are: mails, orders"):
        here.project("letters")


def test_a_changed_file_is_read_again(tmp_path: Path) -> None:
    here = workspace(tmp_path, a=TASK.format(name="mails"))
    assert list(here.usable()[0]) == ["mails"]
    assert list(workspace(tmp_path, a=TASK.format(name="orders_")).usable()[0]) == ["orders_"]


def test_what_is_read_once_is_read_again_when_it_has_changed(tmp_path: Path) -> None:
    here = workspace(tmp_path, a=TASK.format(name="mails"))
    first = here.project("mails")[1]
    assert here.project("mails")[1] is first
    workspace(tmp_path, a=TASK.format(name="mails").replace("Mails", "Post"))
    assert here.project("mails")[1].title == "Post"
    workspace(tmp_path, b="project: [")
    for _ in range(2):  # what was raised once is raised again with a trace of its own
        [problem] = here.usable()[1]
        assert problem.__traceback__ is None
    (tmp_path / "b.task.yaml").unlink()
    (tmp_path / "prices.yaml").write_text("small: {input: -1, output: 1}\n", "utf-8")
    assert len(here.usable()[1]) == 1

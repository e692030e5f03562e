"""A good project file, and what is told of bad ones."""

from __future__ import annotations

from pathlib import Path

import pytest

from annotate.errors import InvalidProject, Problem
from annotate.project import parse_project

DATA = Path(__file__).parents[3] / "data"

GOOD = """\
project: mails
title: Mails
fields: [text]
questions:
  - name: mail
    type: single_label
    text: What is it?
    labels:
      - name: spam
        description: Unasked for.
      - name: ham
"""


def problems(text: str) -> list[Problem]:
    with pytest.raises(InvalidProject) as caught:
        parse_project(text, name="task.yaml")
    assert str(caught.value).splitlines()[0].startswith("task.yaml: ")
    return list(caught.value.problems)


def only(text: str) -> Problem:
    found = problems(text)
    assert len(found) == 1, found
    return found[0]

"""The arrays of disagreement, kept until what they are made of changes."""

from __future__ import annotations

import json
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from annotate.clock import iso
from annotate.model import Value
from annotate.project import Project
from annotate.questions import QUESTION_TYPES, QuestionSettings
from annotate.store import Store
from annotate.store.rows import to_json
from annotate.workflow.consensus.consenting import FEW
from annotate.workflow.disagreement.slice_gathering import gathered, voted
from annotate.workflow.disagreement.slicing import Slices, Votes
from annotate.workflow.prelabels.tolerance import tolerance_of

ANSWERS, VOTES = "answers", "votes"


@dataclass(frozen=True, slots=True)
class Kept:
    """Slices, and what their codes stand for. at: when the consensus in them was made."""

    slices: Slices
    values: tuple[Value, ...]
    people: tuple[str, ...]
    statuses: tuple[str, ...]
    at: str


@dataclass(frozen=True, slots=True)
class KeptVotes:
    votes: Votes
    models: tuple[str, ...]
    prompts: tuple[str, ...]


def kept_slices(
    store: Store, project: Project, question: QuestionSettings, *, now: datetime
) -> Kept:
    """As of the last consensus; of more than FEW, as `keep` last made them."""
    name = project.project
    known = store.slices.kept(name, question.name, ANSWERS) is not None
    if not known or not store.annotations.more_than(name, question.name, FEW):
        keep(store, project, question, now=now)
    return _load(store, name, question)


def keep(store: Store, project: Project, question: QuestionSettings, *, now: datetime) -> bool:
    """Make the arrays of answers anew; False where they are of the present consensus already."""
    name = project.project
    run = store.consensus.run_of(name, question.name)
    version = "" if run is None else f"{run.data_version} {run.at}"
    classes = QUESTION_TYPES[question.type].classes(question)
    version += to_json([classes, tolerance_of(project, question)])
    found = store.slices.kept(name, question.name, ANSWERS)
    if found is not None and found[0] == version:
        return False
    with store.snapshot():
        arrays = gathered(store, project, question)
    at = iso(now) if run is None else run.at
    store.slices.keep(name, question.name, ANSWERS, version=version, at=at, arrays=arrays)
    return True


def _load(store: Store, project: str, question: QuestionSettings) -> Kept:
    found = store.slices.kept(project, question.name, ANSWERS)
    assert found is not None
    arrays: dict[str, Any] = dict(store.slices.load(project, question.name, ANSWERS))
    words = _words(arrays["words"])
    names = [one.name for one in fields(Slices) if one.name != "classes"]
    slices = Slices(classes=words["classes"], **{name: arrays[name] for name in names})
    values, people, statuses = (tuple(words[n]) for n in ("values", "people", "statuses"))
    return Kept(slices, values, people, statuses, found[1])


def kept_votes(
    store: Store, project: Project, question: QuestionSettings, kept: Kept, *, now: datetime
) -> KeptVotes:
    """The machine's votes. Made anew after a round has begun or ended: of a million items that
    takes its time."""
    name = project.project
    version = store.slices.votes_version(name, question.name) + to_json(kept.values)
    found = store.slices.kept(name, question.name, VOTES)
    if found is None or found[0] != version:
        with store.snapshot():
            made = voted(store, project, question, kept.values)
        store.slices.keep(name, question.name, VOTES, version=version, at=iso(now), arrays=made)
    arrays = store.slices.load(name, question.name, VOTES)
    words = _words(arrays["words"])
    votes = Votes(*(arrays[column] for column in Votes._fields))
    return KeptVotes(votes, tuple(words["models"]), tuple(words["prompts"]))


def _words(content: NDArray[np.uint8]) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(content.tobytes())
    return found

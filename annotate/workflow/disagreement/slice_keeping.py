"""The arrays of disagreement, kept until what they are made of changes."""

from __future__ import annotations

import json
import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from annotate.clock import iso
from annotate.errors import AnnotateError
from annotate.model import Value
from annotate.project import Project
from annotate.questions import QUESTION_TYPES, QuestionSettings
from annotate.store import Store
from annotate.store.rows import to_json
from annotate.workflow.consensus.consenting import FEW
from annotate.workflow.disagreement.slice_gathering import gathered, voted
from annotate.workflow.disagreement.slicing import Slices, Votes
from annotate.workflow.disagreement.sources import keep_sources
from annotate.workflow.prelabels.tolerance import tolerance_of

T = TypeVar("T")

ANSWERS, VOTES = "answers", "votes"
FORM = "2 "
"""Before the version of votes: how they are kept. Others are made anew."""


@dataclass(frozen=True, slots=True)
class Kept:
    """Slices, and what their codes stand for. weeks: those of any answer, the first one first. at:
    when the consensus in them was made."""

    slices: Slices
    values: tuple[Value, ...]
    people: tuple[str, ...]
    statuses: tuple[str, ...]
    weeks: tuple[int, ...]
    at: str


@dataclass(frozen=True, slots=True)
class KeptVotes:
    """Votes, and what their codes stand for."""

    votes: Votes
    values: tuple[Value, ...]
    models: tuple[str, ...]
    prompts: tuple[str, ...]

    def by(self, values: tuple[Value, ...]) -> KeptVotes:
        """With the codes that these values have elsewhere, and those of others behind them."""
        numbers = {to_json(value): code for code, value in enumerate(values)}
        texts = map(to_json, self.values)
        codes = np.array([numbers.setdefault(text, len(numbers)) for text in texts], dtype=np.int32)
        if np.array_equal(codes, np.arange(len(codes))):
            return self
        votes = self.votes._replace(value=codes[self.votes.value])
        return KeptVotes(votes, values, self.models, self.prompts)


class NotMadeYet(AnnotateError):
    """What a page shows is being made beside it, for the first time."""


def kept_slices(
    store: Store, project: Project, question: QuestionSettings, *, now: datetime, wait: bool = True
) -> Kept:
    """As of the last consensus; of more than FEW, as `keep` last made them.

    wait: make them where there are none, however long it takes; else raises NotMadeYet.
    """
    name = project.project
    few = not store.annotations.more_than(name, question.name, FEW)
    known = store.slices.kept(name, question.name, ANSWERS) is not None
    if not (known or few or wait):
        raise NotMadeYet(
            f"the answers to {question.name!r} are being put in order for the first time, by the "
            "app's worker (`coannotate work` where there is none): they are here in a minute"
        )
    if not known or few:
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

    def read() -> Kept:
        arrays: dict[str, Any] = dict(store.slices.load(project, question.name, ANSWERS))
        words = _words(arrays["words"])
        names = [one.name for one in fields(Slices) if one.name != "classes"]
        slices = Slices(classes=words["classes"], **{name: arrays[name] for name in names})
        values, people, statuses = (tuple(words[n]) for n in ("values", "people", "statuses"))
        weeks = tuple(np.unique(slices.week).tolist())
        return Kept(slices, values, people, statuses, weeks, found[1])

    return LOADED.get((store.place, project, question.name, ANSWERS), found, read)


def kept_votes(
    store: Store,
    project: Project,
    question: QuestionSettings,
    kept: Kept,
    *,
    now: datetime,
    wait: bool = True,
) -> KeptVotes:
    """The machine's votes. Made anew after a round has begun or ended; of very many items the
    worker does that, and they are as it last made them.

    wait: make them where there are none, however long it takes; else raises NotMadeYet.
    """
    name = project.project
    found = store.slices.kept(name, question.name, VOTES)
    there = found is not None and found[0].startswith(FORM)
    few = store.items.next_position(name) <= FEW
    if not (there or few or wait):
        raise NotMadeYet(
            f"what each model and prompt said of {question.name!r} is being put in order by the "
            "app's worker (`coannotate work` where there is none): choose it again in a minute"
        )
    if not there or few:
        keep_votes(store, project, question, now=now)
        found = store.slices.kept(name, question.name, VOTES)
    assert found is not None

    def read() -> KeptVotes:
        arrays = store.slices.load(name, question.name, VOTES)
        words = _words(arrays["words"])
        votes = Votes(*(arrays[column] for column in Votes._fields))
        values = tuple(words["values"])
        return KeptVotes(votes, values, tuple(words["models"]), tuple(words["prompts"]))

    return LOADED.get((store.place, name, question.name, VOTES), found, read).by(kept.values)


def keep_votes(
    store: Store, project: Project, question: QuestionSettings, *, now: datetime
) -> bool:
    """Make the arrays of votes anew; False where no round has begun or ended since."""
    name = project.project
    classes = QUESTION_TYPES[question.type].classes(question)
    version = FORM + store.slices.votes_version(name, question.name) + to_json(classes)
    found = store.slices.kept(name, question.name, VOTES)
    if found is not None and found[0] == version:
        return False
    with store.snapshot():
        made = voted(store, project, question)
    store.slices.keep(name, question.name, VOTES, version=version, at=iso(now), arrays=made)
    return True


def keep_all(store: Store, project: Project, question: QuestionSettings, *, now: datetime) -> None:
    """Everything that the pages of disagreement would else have to wait for."""
    keep(store, project, question, now=now)
    keep_votes(store, project, question, now=now)
    keep_sources(store, project.project, now=now)


class _Loaded:
    """The arrays that were looked at last, in memory as they are in the database: of a million
    items and three million answers 72 MB."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._lock = threading.Lock()
        self._found: OrderedDict[tuple[str, ...], tuple[tuple[str, str], Any]] = OrderedDict()

    def get(self, key: tuple[str, ...], version: tuple[str, str], read: Callable[[], T]) -> T:
        with self._lock:
            known = self._found.pop(key, None)
        made: T = known[1] if known is not None and known[0] == version else read()
        if key[0]:  # a database that nobody shares has no name
            with self._lock:
                self._found[key] = version, made
                while len(self._found) > self._most:
                    self._found.popitem(last=False)
        return made

    def forget(self) -> None:
        with self._lock:
            self._found.clear()


LOADED = _Loaded(most=4)


def _words(content: NDArray[np.uint8]) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(content.tobytes())
    return found

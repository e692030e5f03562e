"""What a manifest says of the data as a whole: labels, agreement, promises, versions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path
from typing import Any

from annotate.agreement import Measure, Undefined
from annotate.model import Person, Value
from annotate.people import require
from annotate.project import Project
from annotate.questions import QUESTION_TYPES, QuestionSettings
from annotate.questions.wording import in_words
from annotate.snapshots.manifest import FORMAT, rows_in
from annotate.store import Store
from annotate.workflow.agreement.agreeing import agreement
from annotate.workflow.agreement.report import Split
from annotate.workflow.consensus.consenting import made_when
from annotate.workflow.promises.settling import examine
from annotate.workflow.promises.status import NO_PROMISE, statement, status_of

PLACES = 6
"""Of a number: further ones differ between machines."""


class Counts:
    """Of the labels of one question: how many, by source, and by what they are."""

    def __init__(self, question: QuestionSettings) -> None:
        self._question = question
        self._classes = QUESTION_TYPES[question.type].classes(question)
        self.labels = 0
        self.sources: Counter[str] = Counter()
        self.distribution: Counter[str] = Counter()

    def add(self, row: Mapping[str, Any]) -> None:
        self.labels += 1
        self.sources[row["source"]] += 1
        self.distribution.update(self._names(row["label"]))

    def _names(self, value: Value) -> Iterable[str]:
        """The class of a value; of several labels each once; nothing for free answers."""
        if self._classes:
            return [in_words(self._question, value)]
        if not hasattr(self._question, "labels") or not isinstance(value, list):
            return []
        return {one["label"] if isinstance(one, dict) else str(one) for one in value}


def counts_of(project: Project, files: Iterable[Path]) -> dict[str, Counts]:
    """question -> what its exported labels come to."""
    found = {question.name: Counts(question) for question in project.questions}
    for path in files:
        for row in rows_in(path):
            found[row["question"]].add(row)
    return found


def about(
    store: Store, project: Project, counted: Mapping[str, Counts], *, actor: Person
) -> dict[str, Any]:
    """The part of a manifest that speaks of no file. Inside `store.snapshot()`."""
    require(actor, "export")
    versions = store.versions.all(project.project)[::-1]
    last = versions[-1] if versions else None
    return {
        "format": FORMAT,
        "project": {
            "name": project.project,
            "title": project.title,
            "language": project.language,
            "version": None if last is None else last.number,
            "hash": None if last is None else last.hash,
        },
        "code": {name: version(name) for name in ("coannotate", "pyarrow")},
        "questions": {
            question.name: _question(store, project, question, counted[question.name], actor)
            for question in project.questions
        },
        "versions": [
            {"number": one.number, "hash": one.hash, "told": one.told, "at": one.created_at}
            for one in versions
        ],
    }


def _question(
    store: Store, project: Project, question: QuestionSettings, counts: Counts, actor: Person
) -> dict[str, Any]:
    agreed = agreement(store, project, question, actor=actor)
    return {
        "type": question.type,
        "labels": counts.labels,
        "sources": dict(counts.sources),
        "distribution": dict(counts.distribution),
        "agreement": {
            "measure": agreed.measure,
            "read": _rounded(agreed.share),
            "people": _split(agreed.people),
            "model": _split(agreed.model),
        },
        "promise": _promise(store, project, question),
        "posterior": _posterior(store, project, question),
    }


def _posterior(store: Store, project: Project, question: QuestionSettings) -> dict[str, Any]:
    """Whether the column of that name is of the same moment as the labels."""
    at = made_when(store, project, question)
    if at is None:
        return {"of": "this state"}
    return {"of": "an earlier state", "at": at} if at else {"of": "nothing"}


def _split(split: Split) -> dict[str, Any]:
    return {"who": split.who, "answers": int(split.answers), **_measure(split.headline)}


def _measure(measure: Measure) -> dict[str, Any]:
    if isinstance(measure, Undefined):
        return {"value": None, "why": measure.reason, "items": int(measure.items)}
    return {
        "value": _rounded(measure.value),
        "low": _rounded(measure.low),
        "high": _rounded(measure.high),
        "items": int(measure.items),
    }


def _promise(store: Store, project: Project, question: QuestionSettings) -> dict[str, Any]:
    """The sentence that may go out with the labels, and the numbers behind it."""
    found = examine(store, project, question)
    if found is None:
        return {"sentence": NO_PROMISE}
    numbers = asdict(status_of(store, question, found))
    promise = numbers.pop("promise")
    kept = ("number", "tolerance", "alpha", "size", "population", "audited", "seed", "frozen")
    numbers |= {name: promise[name] for name in kept}
    return {
        "sentence": statement(store, project, question),
        **{
            name: _rounded(value) if isinstance(value, float) else value
            for name, value in numbers.items()
        },
    }


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(float(value), PLACES)

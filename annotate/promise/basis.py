"""What a promise rests on: while it stands, none of this may change."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from annotate.hashing import digest
from annotate.model import Promise
from annotate.project import Project
from annotate.questions import QuestionSettings
from annotate.store import Store

_CHANGED = {
    "guideline": "the guideline has changed, so people may now answer otherwise",
    "question": "the question or its labels have changed",
    "fields": "the fields that people are shown have changed",
}


def basis_of(store: Store, project: Project, question: QuestionSettings) -> Mapping[str, Any]:
    """Digests of what people read, and the settings of the pre-labels in force."""
    runs = store.audits.in_force(project.project, question.name)
    return {
        **_read_by_people(project, question),
        "settings": sorted({run.settings_hash for run in runs}),
        "since": min((run.started_at for run in runs), default=""),
    }


def changes(
    store: Store, project: Project, question: QuestionSettings, promise: Promise
) -> list[str]:
    """What is no longer as it was at the freeze, each in words."""
    now = _read_by_people(project, question)
    found = [why for part, why in _CHANGED.items() if now[part] != promise.basis[part]]
    known = set(promise.basis["settings"])
    runs = store.audits.in_force_since(promise, promise.basis["since"])
    others = {run.model: None for run in runs if run.settings_hash not in known}
    if others:
        models = ", ".join(others)
        found.append(f"frozen items were pre-labelled anew, by another model or prompt ({models})")
    return found


def _read_by_people(project: Project, question: QuestionSettings) -> dict[str, str]:
    return {
        "guideline": digest(project.guideline),
        "question": digest(question.asked()),
        "fields": digest(project.fields),
    }

"""A trial of a change as a job: queued with all that it needs, and what came of it found again."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from annotate.errors import AnnotateError
from annotate.model import Person, Value
from annotate.people import require
from annotate.project import Project
from annotate.project.editing import REMOVE
from annotate.questions import QuestionSettings
from annotate.store import Store
from annotate.store.jobs import Job
from annotate.store.machine.trials import Trial
from annotate.workflow.guideline.held_out import LEAST, MOST
from annotate.workflow.guideline.revising import Changes
from annotate.workflow.projects.jobs import enqueue

TRIAL = "trial"


def queue_trial(
    store: Store,
    project: Project,
    question: QuestionSettings,
    changes: Changes,
    *,
    most: int = MOST,
    actor: Person,
    now: datetime,
    new_id: Callable[[], str],
) -> Job:
    """The job that will hold these changes against the project as it is when the job begins.

    The trial that comes of it has the job's id. Queued once, however often it is asked for while
    it waits or runs. Raises NotAllowed; AnnotateError without changes or for too few items.
    """
    require(actor, "edit projects")
    if not changes:
        raise AnnotateError("nothing is changed, so there is nothing to try: change something")
    if most < LEAST:
        raise AnnotateError(f"a trial needs at least {LEAST} items, not {most}: ask for more")
    settings: dict[str, Value] = {
        "question": question.name,
        "most": most,
        "changes": written(changes),
    }
    return enqueue(store, project, TRIAL, settings, actor=actor, now=now, new_id=new_id)


def written(changes: Changes) -> list[list[Value]]:
    """Changes as JSON has them: [path, value], and [path] alone for what is taken out.

    >>> written({("guideline",): "Be brief.", ("llm", "exclude"): REMOVE})
    [[['guideline'], 'Be brief.'], [['llm', 'exclude']]]
    """
    return [[list(at)] if value is REMOVE else [list(at), value] for at, value in changes.items()]


def changes_of(settings: Mapping[str, Any]) -> Changes:
    """What a job of a trial tries.

    >>> changes_of({"changes": [[["guideline"], "Be brief."], [["llm", "exclude"]]]})
    {('guideline',): 'Be brief.', ('llm', 'exclude'): REMOVE}
    """
    found: dict[Any, object] = {}
    for at, *value in settings["changes"]:
        found[tuple(at)] = value[0] if value else REMOVE
    return found


def results(
    store: Store, project: Project, jobs: Sequence[Job], *, actor: Person
) -> dict[str, Trial]:
    """id of a job -> the trial that came of it, for those of which one did. Raises NotAllowed."""
    require(actor, "review")
    found = (store.trials.get(job.id) for job in jobs if job.project == project.project)
    return {trial.id: trial for trial in found if trial is not None}

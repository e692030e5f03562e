"""Which calls are at a server now, and why nobody else may make them meanwhile."""

from __future__ import annotations

from annotate.errors import Busy
from annotate.model import Person
from annotate.people import require
from annotate.project import Project
from annotate.questions import QuestionSettings
from annotate.store import Store
from annotate.store.machine.batches import Batch


def list_batches(store: Store, project: Project, *, actor: Person) -> list[Batch]:
    """Every batch of the project, newest first. Raises NotAllowed."""
    require(actor, "review")
    return store.batches.of_project(project.project)


def refuse_while_batched(store: Store, project: Project, question: QuestionSettings) -> None:
    """Raises Busy while batches are under way: their calls would be paid twice."""
    batches = store.batches.under_way(project.project, question.name)
    if batches:
        calls = sum(batch.calls for batch in batches)
        raise Busy(
            f"{question.name}: under way at the server: {told(len(batches), calls)}. Asking "
            "directly would pay for them twice: `coannotate prelabel --batch` fetches them, "
            "`coannotate batches --cancel` gives them up"
        )


def told(batches: int, calls: int) -> str:
    """
    >>> told(1, 1), told(3, 120_000)
    ('1 batch with 1 call', '3 batches with 120,000 calls')
    """
    return f"{counted(batches, 'batch', 'batches')} with {counted(calls, 'call', 'calls')}"


def counted(count: int, one: str, many: str) -> str:
    return f"{count:,} {one if count == 1 else many}"

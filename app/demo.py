"""The sample projects, set up as a workspace with work waiting."""

from __future__ import annotations

import io
import shutil
from collections.abc import Callable
from pathlib import Path

from annotate.errors import AnnotateError
from annotate.importers import read
from annotate.llm.able import can_answer
from annotate.llm.prelabeller import Prelabeller
from annotate.model import Person
from annotate.people import operator
from annotate.project import Project
from annotate.questions import QuestionSettings
from annotate.store import Store
from annotate.workflow.imports.importing import import_items
from annotate.workflow.prelabels.prelabelling import prelabel
from annotate.workflow.routes.routing import route
from app.services import Services

SAMPLES = ("topics", "replies", "zh_intents")


def sample_folder() -> Path:
    """Where the sample projects are: in the checkout, or inside the installed package."""
    here = Path(__file__).parent
    for folder in (here / "samples", here.parent / "data"):
        if (folder / SAMPLES[0] / "task.yaml").is_file():
            return folder
    raise AnnotateError("the sample projects are not installed: use a checkout or the built wheel")


def prepare(services: Services, say: Callable[[str], None]) -> None:
    """Import, pre-label and route every sample project; what is done already is not done again."""
    folder = services.config.folder
    folder.mkdir(parents=True, exist_ok=True)
    for name in SAMPLES:
        source = sample_folder() / name
        task = folder / f"{name}.task.yaml"
        if not task.exists():
            shutil.copy(source / "task.yaml", task)
        _prepare_one(services, name, source, say)


def _prepare_one(services: Services, name: str, source: Path, say: Callable[[str], None]) -> None:
    actor = operator(services.now())
    items = next(path for path in sorted(source.iterdir()) if path.stem == "items")
    with services.open(name) as (store, project):
        import_items(store, project, read(items), io.StringIO(), actor=actor, now=services.now())
        for question in project.questions:
            asked = store.prelabels.count_items(name, question.name)
            if can_answer(project, question) and asked < store.items.count(
                name
            ):  # a second start must not ask all again
                annotator = services.prelabeller(store, project, question)
                if (announced := annotator.announcement()) is not None:
                    say(f"{project.title}: {announced}")
                with services.alone(project):
                    _prelabel(services, store, project, question, annotator, actor)
            routed = route(
                store, project, question, actor=actor, now=services.now(), new_id=services.new_id
            )
            people = routed.items - routed.destinations.get("auto", 0)
            say(f"{project.title}: {routed.items} items, {people} of them for people")


def _prelabel(
    services: Services,
    store: Store,
    project: Project,
    question: QuestionSettings,
    annotator: Prelabeller,
    actor: Person,
) -> None:
    prelabel(
        store,
        project,
        question,
        annotator,
        actor=actor,
        clock=services.now,
        new_id=services.new_id,
    )

"""`coannotate consensus`: what is stood by, and how good those are who said it."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Mapping
from math import isnan

from annotate.model import Person
from annotate.people import operator
from annotate.project import Project
from annotate.questions import QuestionSettings
from annotate.store import Store
from annotate.store.standing.consensus import STATUSES, Status
from annotate.workflow.consensus.consenting import (
    AnnotatorQuality,
    ConsensusView,
    consensus_of,
    refresh,
)
from app.cli.output import say, table
from app.workplace import workplace_for

WORDS: dict[Status, str] = {
    "adjudicated": "decided by a lead",
    "ambiguous": "marked as ambiguous",
    "agreed": "two people or more agree",
    "disputed": "people differ",
    "single": "one person",
    "machine": "the model alone",
    "open": "nobody yet",
}


def run_consensus(arguments: Namespace) -> None:
    services = workplace_for(arguments.dir)
    with services.open(arguments.project) as (store, project):
        actor, now = operator(services.now()), services.now()
        names = {person.id: person.name for person in store.people.all()}
        for question in project.questions:
            if arguments.question in (None, question.name):
                changed = refresh(store, project, question, actor=actor, now=now)
                _tell(store, project, question, actor, names, changed)


def _tell(
    store: Store,
    project: Project,
    question: QuestionSettings,
    actor: Person,
    names: Mapping[str, str],
    changed: int,
) -> None:
    view = consensus_of(store, project, question, actor=actor)
    way = f" by {project.consensus.method}" if view.posterior.shape[1] else ""
    say(f"{question.name}: {len(view.item_ids):,} items{way}, {changed:,} changed since last time")
    table(_counted(view))
    if view.quality:
        say()
        say("how often people are right, by what everybody else said of the same items:")
        table([_person(one, names.get(one.person_id, one.person_id)) for one in view.quality])
    say()


def _counted(view: ConsensusView) -> list[dict[str, object]]:
    found = [(status, int((view.status == status).sum())) for status in STATUSES]
    return [{"items": f"{n:,}", "who": WORDS[status]} for status, n in found if n]


def _person(one: AnnotatorQuality, name: str) -> dict[str, object]:
    """accuracy: with the interval that holds it with 95 %; nothing where nobody else answered."""
    row: dict[str, object] = {"person": name, "answers": f"{one.answers:,}"}
    if isnan(one.accuracy):
        return row | {"right": "nobody else answered these items", "95 %": ""}
    return row | {"right": f"{one.accuracy:.0%}", "95 %": f"{one.low:.0%} to {one.high:.0%}"}

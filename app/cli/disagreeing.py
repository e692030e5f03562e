"""Where people and the model differ, and what happened to an item, in the terminal."""

from __future__ import annotations

import csv
import sys
from argparse import Namespace
from collections.abc import Callable, Iterator
from typing import TypeAlias

from annotate.errors import AnnotateError, NotFound
from annotate.exporters.forms.csv_table import guarded
from annotate.people import operator
from annotate.project import Project
from annotate.questions import QuestionSettings, brief
from annotate.store import Store
from annotate.workflow.consensus.consenting import ensure_fresh
from annotate.workflow.disagreement.chosen import NO_ANSWER, Filters
from annotate.workflow.disagreement.disagreeing import (
    SIZE,
    Differing,
    Disagreements,
    Matrix,
    disagreements_of,
)
from annotate.workflow.disagreement.item_story import Event, ItemStory, item_story
from app.cli.options.disagreeing import FILTERS
from app.cli.output import note, say, table
from app.services import Services, services_for
from app.workplace import workplace_for

CSV_PAGE = 500
Page: TypeAlias = "Callable[[str, int], Disagreements]"
HEADS = ("item", "priority", "people", "model", "consensus", "status", "text")


def run_disagreements(arguments: Namespace) -> None:
    workplace = workplace_for(arguments.dir)
    names = [name.replace("-", "_") for name in FILTERS]
    filters = Filters(
        **{name: getattr(arguments, name) for name in names},
        show="all" if arguments.all else "differing",
    )
    with workplace.open(arguments.project) as (store, project):
        question = _question(project, arguments.question)

        def page(after: str, size: int) -> Disagreements:
            now = workplace.now()
            return disagreements_of(
                store, project, question, filters,
                actor=operator(now), now=now, after=after, size=size,
            )  # fmt: skip

        if arguments.csv:
            _write_csv(_all(page, arguments.after, arguments.limit))
            return
        found = page(arguments.after, arguments.limit or SIZE)
        _say(found)


def _question(project: Project, name: str | None) -> QuestionSettings:
    if name is None and len(project.questions) > 1:
        names = ", ".join(question.name for question in project.questions)
        raise NotFound(f"{project.project} has several questions ({names}): choose with --question")
    return project.questions[0] if name is None else project.question(name)


def _all(page: Page, after: str, limit: int | None) -> Iterator[Differing]:
    given = 0
    while limit is None or given < limit:
        size = CSV_PAGE if limit is None else min(CSV_PAGE, limit - given)
        found = page(after, size)
        yield from found.found
        given += len(found.found)
        if found.behind is None:
            return
        after = found.behind


def _write_csv(rows: Iterator[Differing]) -> None:
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(HEADS)
    for row in rows:
        writer.writerow(guarded(_cells(row, whole=True)))


def _cells(one: Differing, *, whole: bool = False) -> tuple[str, ...]:
    row = one.standing
    text = " ".join(" · ".join(one.item.fields.values()).split())
    return (
        one.item.key.removeprefix("id:"),
        f"{one.priority:.3f}",
        " | ".join(f"{name}: {brief(value)}" for name, value in one.answers),
        NO_ANSWER if one.machine is None else brief(one.machine),
        "" if row is None or row.value is None else brief(row.value),
        "" if row is None else row.status,
        text if whole else text[:60],
    )


def _say(found: Disagreements) -> None:
    say(f"{found.total:,} of {found.answered:,} answered items, as of {found.at[:16]}")
    if found.against.compared:
        say()
        _say_matrix("people / model", found.against)
    if found.between.compared:
        say()
        _say_matrix("people / somebody else", found.between)
    if found.found:
        say()
        table([dict(zip(HEADS, _cells(one), strict=True)) for one in found.found])
    if found.behind is not None:
        note(f"{found.total - found.first - len(found.found):,} more: --after {found.behind}")


def _say_matrix(title: str, found: Matrix) -> None:
    share = found.same / found.compared
    say(f"the same in {found.same:,} of {found.compared:,} cases ({share:.0%})")
    heads = [NO_ANSWER if value is None else brief(value) for value in found.columns]
    counts = found.counts.tolist()
    table(
        [
            {title: brief(value), **dict(zip(heads, counts[at], strict=True))}
            for at, value in enumerate(found.rows)
        ]
    )


def run_item(arguments: Namespace) -> None:
    services = services_for(arguments.dir)
    with services.open(arguments.project) as (store, project):
        now = services.now()
        actor = operator(now)
        for question in project.questions:
            ensure_fresh(store, project, question, actor=actor, now=now)
        found = item_story(store, project, arguments.item, actor=actor)
        _say_item(found)
        for event in found.events:
            _say_event(event)
            if arguments.prompts and event.prelabel is not None:
                _say_sent(services, store, project, event)


def _say_item(found: ItemStory) -> None:
    item = found.item
    say(f"item {item.key.removeprefix('id:')} ({item.id})")
    for name, text in item.fields.items():
        say(f"{name}: {text}")
    for name, value in found.gold.items():
        say(f"known answer to {name}: {brief(value)}")
    for name, row in found.standing.items():
        value = "no consensus" if row.value is None else brief(row.value)
        sure = "" if row.probability is None else f" ({row.probability:.0%})"
        say(f"consensus on {name}: {value}{sure}, {row.status}, {row.people} answers")
    say()


def _say_event(event: Event) -> None:
    about = f"{event.question}: " if event.question else ""
    undone = "" if event.counts else " (no longer counts)"
    who = f"{event.who}: " if event.who else ""
    say(f"{event.at[:16]}  {event.kind:9} {who}{about}{event.said}{undone}")
    for detail in event.details:
        say(f"{'':27} {detail}")


def _say_sent(services: Services, store: Store, project: Project, event: Event) -> None:
    from annotate.workflow.prelabels.sent import sent

    assert event.prelabel is not None
    actor = operator(services.now())
    try:
        prelabeller = services.prelabeller(store, project, project.question(event.question))
        found = sent(store, project, prelabeller, event.prelabel, actor=actor)
    except AnnotateError as error:
        say(f"  {error}")
        return
    if found.call is None:
        say("  part of this program: nothing is sent")
        return
    say("  sent:" if found.exact else "  would be sent now; the project has changed since:")
    for message in found.call.prompt.messages:
        say(f"  --- {message.role}")
        say(message.content)

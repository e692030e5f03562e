"""Everything known of each item, put together page by page."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import replace
from typing import TypeAlias

from annotate.exporters.protocol import NOT_ASKED, WAITS_FOR_OTHER, ExportRow, Final
from annotate.model import Item, Person
from annotate.project import Project
from annotate.questions import QuestionSettings
from annotate.questions.conditions import said_of
from annotate.store import Store
from annotate.workflow.exports.alike import rows_of
from annotate.workflow.exports.reading import NOTHING_ASKED, Reader, Versions, Wanted

PAGE, LONGEST_PAGE = 50, 500
"""Items that are read at once: texts can be long, and then fewer are."""
PAGE_CHARACTERS = 2_000_000

Facts: TypeAlias = tuple[ExportRow, ...]
"""One item's rows, one for each question."""


def facts_of(
    store: Store,
    project: Project,
    questions: Sequence[QuestionSettings],
    wanted: Wanted,
    *,
    actor: Person,
) -> Generator[Facts, None, None]:
    """What is known of each item, by position: one row for each of `questions`, in their order.

    Several pages are of one moment inside `store.snapshot()`. Raises NotAllowed where what is
    weighed is not for the actor.
    """
    waiting = any(question.when is not None for question in questions)
    needed = project.questions if waiting else questions
    names = {person.id: person.name for person in store.people.all()}
    versions = Versions.of(store, project)
    readers = [
        rows_of(Reader.of(store, project, each, wanted, actor, names, versions)) for each in needed
    ]
    after, limit = -1, PAGE
    while items := store.pages.items(project.project, after=after, limit=limit):
        after = items[-1].position
        of_page = [rows(items) for rows in readers]
        for found in zip(*of_page, strict=True):
            if waiting:
                yield tuple(row for row in _asked(found) if row.question in questions)
            else:
                yield found
        limit = _next_page(items)


def _next_page(items: Sequence[Item]) -> int:
    """How many items are about as much text as a page may have."""
    some = items[:: max(1, len(items) // 20)]
    each = sum(len(text) for item in some for text in item.fields.values()) / len(some)
    return min(LONGEST_PAGE, max(PAGE, int(PAGE_CHARACTERS / (each + 1))))


def _asked(rows: Sequence[ExportRow]) -> list[ExportRow]:
    """One item's rows; without a label where the answers to earlier questions rule one out."""
    found: dict[str, ExportRow] = {}
    for row in rows:
        when = row.question.when
        if when is not None:
            before = found[when.question].final
            if before.source == "none":
                why = NOT_ASKED if before.why == NOT_ASKED else WAITS_FOR_OTHER
                row = replace(row, final=Final(None, "none", why), once=None)
            elif not when.met(said_of(before.value)):
                row = replace(row, final=NOTHING_ASKED, once=None)
        found[row.question.name] = row
    return list(found.values())

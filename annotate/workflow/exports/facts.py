"""Everything known of each item, put together page by page."""

from __future__ import annotations

import sys
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

from annotate.exporters.protocol import NOT_ASKED, WAITS_FOR_OTHER, ExportRow, Final
from annotate.model import Item, Person
from annotate.project import Project
from annotate.questions import QuestionSettings
from annotate.questions.conditions import said_of
from annotate.store import Store
from annotate.workflow.exports.alike import rows_of
from annotate.workflow.exports.reading import NOTHING_ASKED, Reader, Versions, Wanted

PAGE, LONGEST_PAGE = 50, 100
"""Items that are read at once: texts can be long, and then fewer are. What is said of more does not
fit into the processor's cache, and takes a fifth longer."""
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
    """What is known of all items, as `Source.facts` gives it. Raises as `Source.of` does."""
    return Source.of(store, project, questions, wanted, actor=actor).facts()


@dataclass(frozen=True, slots=True)
class Source:
    """What is known of the items of a project. rows: a page of items -> the rows of one question,
    for each that is needed. waiting: whether some are asked only after others."""

    store: Store
    project: Project
    questions: Sequence[QuestionSettings]
    rows: Sequence[Callable[[Sequence[Item]], list[ExportRow]]]
    waiting: bool

    @classmethod
    def of(
        cls,
        store: Store,
        project: Project,
        questions: Sequence[QuestionSettings],
        wanted: Wanted,
        *,
        actor: Person,
    ) -> Source:
        """Raises NotAllowed where what is weighed is not for the actor."""
        waiting = any(question.when is not None for question in questions)
        needed = project.questions if waiting else questions
        names = {person.id: person.name for person in store.people.all()}
        versions = Versions.of(store, project)
        rows = [
            rows_of(Reader.of(store, project, each, wanted, actor, names, versions))
            for each in needed
        ]
        return cls(store, project, questions, rows, waiting)

    def facts(self, *, after: int = -1, upto: int = sys.maxsize) -> Generator[Facts, None, None]:
        """What is known of each item behind position `after`, up to `upto`: one row for each of
        `questions`, in their order. Several pages are of one moment inside `store.snapshot()`.
        """
        pages, project, limit = self.store.pages, self.project.project, PAGE
        while items := pages.items(project, after=after, upto=upto, limit=limit):
            after = items[-1].position
            of_page = [rows(items) for rows in self.rows]
            for found in zip(*of_page, strict=True):
                if self.waiting:
                    yield tuple(row for row in _asked(found) if row.question in self.questions)
                else:
                    yield found
            limit = _next_page(items)


def _next_page(items: Sequence[Item]) -> int:
    """How many items are about as much text as a page may have."""
    some = items[:: max(1, len(items) // 20)]
    return min(LONGEST_PAGE, max(PAGE, of_text(some, PAGE_CHARACTERS)))


def of_text(like: Sequence[Item], characters: int) -> int:
    """How many items like these are about as much text."""
    each = sum(len(text) for item in like for text in item.fields.values()) / len(like)
    return int(characters / (each + 1))


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

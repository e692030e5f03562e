"""Everything known of each item, put together from streams that are sorted alike."""

from __future__ import annotations

from collections.abc import Collection, Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from operator import attrgetter
from typing import Generic, Protocol, TypeAlias, TypeVar

from annotate.consensus import agreed, offers
from annotate.exporters import Answer, ExportRow, Final, Machine, machine, ruled, settle
from annotate.exporters.protocol import NOT_ASKED, WAITS_FOR_OTHER
from annotate.llm.spoken import has_classes
from annotate.llm.variants import belongs
from annotate.model import Adjudication, Annotation, Consensus, Decision, Item, Person, Prelabel
from annotate.project import Project
from annotate.questions import QuestionSettings, still_offered
from annotate.questions.conditions import said_of
from annotate.store import Store
from annotate.workflow.export_background import Background, background_of
from annotate.workflow.sending_back import waits
from annotate.workflow.settling import POLICY as CUT

PAGE = 50  # items are held this many at a time: their texts can be long

Facts: TypeAlias = tuple[ExportRow, ...]
"""One item's rows, one for each question."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is read besides labels. calls: every call of the model with all its texts. consensus:
    what the stored consensus stands by. weighed: the consensus as it is now, with posteriors."""

    calls: bool = True
    consensus: bool = False
    weighed: bool = False


def facts_of(
    store: Store,
    project: Project,
    questions: Sequence[QuestionSettings],
    wanted: Wanted = Wanted(),
    *,
    actor: Person,
) -> Generator[Facts, None, None]:
    """What is known of each item, by position: one row for each of `questions`, in their order.

    Several streams run side by side: read inside `store.snapshot()`, close before it ends.
    """
    names = {person.id: person.name for person in store.people.all()}
    waiting = any(question.when is not None for question in questions)
    needed = project.questions if waiting else questions
    streams = [_streams(store, project.project, question) for question in needed]
    for item in _items(store, project.project):
        rows = [_row(store, project, each, item, names) for each in streams]
        found = _asked(rows) if waiting else rows
        yield tuple(row for row in found if row.question in questions)


def _asked(rows: Sequence[ExportRow]) -> list[ExportRow]:
    """One item's rows; without a label where the answers to earlier questions rule one out."""
    found: dict[str, ExportRow] = {}
    for row in rows:
        when = row.question.when
        if when is not None:
            before = found[when.question].final
            if before.source == "none":
                why = NOT_ASKED if before.why == NOT_ASKED else WAITS_FOR_OTHER
                row = replace(row, final=Final(None, "none", why))
            elif not when.met(said_of(before.value)):
                row = replace(row, final=Final(None, "none", NOT_ASKED))
        found[row.question.name] = row
    return list(found.values())


class _OfItem(Protocol):
    @property
    def item_id(self) -> str: ...


T = TypeVar("T", bound=_OfItem)


class _ByItem(Generic[T]):
    """A stream sorted by item position, taken item by item."""

    def __init__(self, rows: Iterator[T]) -> None:
        self._groups = groupby(rows, key=attrgetter("item_id"))
        self._advance()

    def take(self, item_id: str) -> list[T]:
        """This item's rows; empty when it has none. Items must be asked for in order."""
        if item_id != self._id:
            return []
        rows = self._rows
        self._advance()
        return rows

    def _advance(self) -> None:
        item_id, group = next(self._groups, (None, iter(())))
        self._id: str | None = item_id
        self._rows: list[T] = list(group)


@dataclass(frozen=True, slots=True)
class _Streams:
    """frozen_at: when the newest promise froze its labels; text before all times without one."""

    question: QuestionSettings
    frozen_at: str
    answers: _ByItem[Annotation]
    decisions: _ByItem[Decision]
    prelabels: _ByItem[Prelabel]
    standing: Mapping[str, Adjudication]
    rulings: Mapping[str, Sequence[Adjudication]]
    background: Background


def _streams(store: Store, project: str, question: QuestionSettings) -> _Streams:
    promises = store.promises.of_question(project, question.name)
    return _Streams(
        question,
        promises[-1].created_at if promises else "",
        _ByItem(store.annotations.on_record(project, question.name)),
        _ByItem(store.decisions.current(project, question.name)),
        _ByItem(store.prelabels.current(project, question.name)),
        store.adjudications.in_force(project, question.name),
        store.adjudications.all(project, question.name),
        background_of(store, project, question),
    )


def _items(store: Store, project: str) -> Iterator[Item]:
    after = -1
    while page := store.items.page(project, after=after, limit=PAGE):
        yield from page
        after = page[-1].position


def _row(
    store: Store, project: Project, streams: _Streams, item: Item, names: Mapping[str, str]
) -> ExportRow:
    question, background = streams.question, streams.background
    offered = _Offered(question)
    said = streams.answers.take(item.id)
    answers = [one for one in said if one.kind == "answer"]
    seconds = {one.person_id: one for one in said if one.kind == "second"}
    decision = next(iter(streams.decisions.take(item.id)), None)
    calls = _behind(store, decision, streams.prelabels.take(item.id), streams.frozen_at)
    people = agreed(question, [answer.value for answer in answers])
    decision = _as_now(question, decision)
    kept = decision.model_value if decision is not None else None
    ruling = streams.standing.get(item.id)
    decided = ruling and ruled(ruling, waits=waits(ruling, answers), offered=offered)
    return ExportRow(
        project=project,
        question=question,
        item=item,
        answers=tuple(
            Answer(
                answer,
                names[answer.person_id],
                seconds.get(answer.person_id),
                background.versions.at(answer.created_at),
            )
            for answer in answers
        ),
        people=people,
        model_value=kept if kept in offered else None,
        decision=decision,
        machine=_counted(calls, question, project.llm.exclude),
        final=decided or _by_people(said, people, len(answers), decision, offered),
        ruling=ruling,
        rulings=tuple(
            (one, names.get(one.person_id, one.person_id))
            for one in streams.rulings.get(item.id, ())
        ),
        model=background.model,
        refused=item.id in background.refused,
        audited=item.id in background.audited,
        policy_version=None if decision is None else background.versions.at(decision.created_at),
    )


def _by_people(
    said: Sequence[Annotation],
    people: Consensus,
    answered: int,
    decision: Decision | None,
    offered: _Offered,
) -> Final:
    """The label where no lead has decided."""
    if not answered and any(one.kind == "not_asked" for one in said):
        return Final(None, "none", NOT_ASKED)
    return settle(people, answered, decision, offered)


def _as_now(question: QuestionSettings, decision: Decision | None) -> Decision | None:
    """With its values in the question's present form; those no longer offered as they are."""
    if decision is None or decision.label is None or has_classes(question):
        return decision
    label, kept = (
        next(iter(still_offered(question, [value])), value)
        for value in (decision.label, decision.model_value)
    )
    return replace(decision, label=label, model_value=kept)


@dataclass(frozen=True, slots=True)
class _Offered:
    """The values that a question offers now; `in` tells."""

    question: QuestionSettings

    def __contains__(self, value: object) -> bool:
        return value is not None and offers(self.question, value)


def _counted(
    calls: Sequence[Prelabel], question: QuestionSettings, exclude: Collection[str]
) -> Machine:
    """All the calls, and the votes of those that count."""
    counted = machine((call for call in calls if not belongs(call.variant, exclude)), question)
    return replace(counted, calls=tuple(calls))


def _behind(
    store: Store, decision: Decision | None, current: Sequence[Prelabel], frozen_at: str
) -> Sequence[Prelabel]:
    """The calls that the decision was made from: a newer round may have been run since.

    frozen_at: what a cut decides later is about the label that was frozen then.
    """
    if decision is None:
        return current
    at = frozen_at if decision.policy == CUT else decision.created_at
    known = [call for call in current if call.created_at <= at]
    if known or not current:
        return known
    earlier = [
        call
        for call in store.history.prelabels(decision.item_id)
        if call.question == decision.question and call.created_at <= at
    ]
    made_from = [call for call in earlier if call.round_id == earlier[-1].round_id]
    return made_from or current  # clocks differ: better the calls in force than none

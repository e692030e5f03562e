"""The data card of a project: its facts gathered at one moment, and written."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import closing
from itertools import groupby
from operator import itemgetter

from annotate.card.facts import Bound, Caller, CardFacts, Compared, Labelled, QuestionFacts, Told
from annotate.card.voice import Language
from annotate.card.writing import written
from annotate.exporters import Dropped, ExportRow
from annotate.model import PEOPLE, Person
from annotate.people import require
from annotate.project import Project
from annotate.questions import QUESTION_TYPES, QuestionSettings
from annotate.questions.wording import in_words
from annotate.splits.plan import SplitPlan, Splitting
from annotate.store import Store
from annotate.training.protocol import Rules
from annotate.training.rows import rows
from annotate.workflow.agreement.agreeing import ROUTED, agreement
from annotate.workflow.agreement.report import SAME, Agreement, Split
from annotate.workflow.exports.facts import facts_of
from annotate.workflow.exports.reading import Wanted
from annotate.workflow.exports.request import STRICT
from annotate.workflow.projects.overview import NO_AUDIT, NONE_KNOWN, right
from annotate.workflow.promises.settling import examine
from annotate.workflow.promises.status import NO_PROMISE, statement, status_of
from annotate.workspace import require_items

SOURCES = ("adjudicated", "person", "model", "learned")


def card(
    store: Store,
    project: Project,
    *,
    actor: Person,
    language: Language | None = None,
    names: bool = False,
    split: tuple[SplitPlan, Splitting] | None = None,
    rules: Rules = STRICT,
    questions: Sequence[QuestionSettings] | None = None,
) -> str:
    """The data card, as Markdown: the same state gives the same bytes.

    language: the project's where None. names: the people by name, not only how many. split: how
    the set was split. rules: which labels go out, as for `labels`. questions: only these.

    Raises NotAllowed, and AnnotateError when there are no items.
    """
    require(actor, "export")
    with store.snapshot():
        facts = gathered(store, project, actor=actor, split=split, rules=rules, questions=questions)
    return written(facts, language or project.language, names=names)


def gathered(
    store: Store,
    project: Project,
    *,
    actor: Person,
    split: tuple[SplitPlan, Splitting] | None = None,
    rules: Rules = STRICT,
    questions: Sequence[QuestionSettings] | None = None,
) -> CardFacts:
    """What the card is made of. Raises as `card` does."""
    require(actor, "export")
    with store.snapshot():
        items = require_items(store, project)
        version = store.versions.last(project.project)
        since = version.created_at if version else ""
        asked = project.questions if questions is None else tuple(questions)
        labelled = _labelled(store, project, asked, rules, since, actor)
        about = tuple(_question(store, project, one, labelled[one.name], actor) for one in asked)
    return CardFacts(
        project=project.model_copy(update={"questions": asked}),
        items=items,
        questions=about,
        version=version.number if version else 0,
        version_at=version.created_at if version else "",
        version_hash=version.hash if version else "",
        split=split,
        truth=rules.truth,
    )


def _question(
    store: Store,
    project: Project,
    question: QuestionSettings,
    labelled: Labelled,
    actor: Person,
) -> QuestionFacts:
    name, columns = project.project, store.columns
    agreed = agreement(store, project, question, actor=actor)
    known = columns.known(name, question.name)
    runs = store.decisions.runs(name, question.name)
    return QuestionFacts(
        question=question,
        labelled=labelled,
        compared=tuple(_compared(agreed)),
        selected=bool(runs) and runs[0].policy != PEOPLE and ROUTED in agreed.notes,
        share=agreed.share,
        audit=right(project, question, columns.audited(name, question.name), NO_AUDIT),
        model_right=right(project, question, known.machine, NONE_KNOWN),
        people_right=right(project, question, known.people, NONE_KNOWN),
        callers=tuple(_callers(store, name, question)),
        policy=runs[0].policy if runs else None,
        destinations=dict(store.progress.destinations(name, question.name)),
        bound=_bound(store, project, question),
        earlier=labelled.earlier,
    )


# ---- labels and people


def _labelled(
    store: Store,
    project: Project,
    questions: Sequence[QuestionSettings],
    rules: Rules,
    since: str,
    actor: Person,
) -> dict[str, Labelled]:
    """question -> what its rows come to. Reads every item once. since: when the project file
    became what it is."""
    found = {question.name: _empty(question) for question in questions}
    reasons: dict[str, Counter[str]] = {name: Counter() for name in found}
    wanted = Wanted(weighed=rules.weighed, named=True)
    with closing(facts_of(store, project, questions, wanted, actor=actor)) as facts:
        for item_rows in facts:
            for row in item_rows:
                name = row.question.name
                _count_answers(row, since, found[name])
                _count(row, rules, found[name], reasons[name])
    for name, one in found.items():
        one.sources = {source: n for source, n in one.sources.items() if n}
        one.left_out = dict(sorted(reasons[name].items(), key=lambda said: (-said[1], said[0])))
    return found


def _empty(question: QuestionSettings) -> Labelled:
    classes = QUESTION_TYPES[question.type].classes(question)
    labels = {in_words(question, value): 0 for value in classes}
    return Labelled(sources=dict.fromkeys(SOURCES, 0), labels=labels)


def _count(row: ExportRow, rules: Rules, found: Labelled, reasons: Counter[str]) -> None:
    for made in rows(row, rules):
        if isinstance(made, Dropped):
            reasons[made.why] += 1
        elif isinstance(made, ExportRow):
            _count_label(made, found)


def _count_label(row: ExportRow, found: Labelled) -> None:
    found.sources[row.final.source] += 1
    found.single += row.final.source == "person" and len(row.answers) == 1
    label = in_words(row.question, row.final.value)
    if label in found.labels:
        found.labels[label] += 1


def _count_answers(row: ExportRow, since: str, found: Labelled) -> None:
    if not row.answers:
        return
    many = len(row.answers)
    found.per_item[many] = found.per_item.get(many, 0) + 1
    for answer in row.answers:
        found.people[answer.name] = found.people.get(answer.name, 0) + 1
        found.assisted += answer.shown == "before"
        found.imported += answer.shown == "unknown"
        at = answer.annotation.created_at
        found.earlier += at <= since and answer.shown != "unknown"
        found.first, found.last = min(found.first or at, at), max(found.last, at)


# ---- measures, model, promise


def _compared(found: Agreement) -> Iterator[Compared]:
    named = (("people", found.people), ("model", found.model), ("assisted", found.assisted))
    for who, split in named:
        if split.answers or who == "people":
            yield Compared(who, split.answers, tuple(_told(split)))


def _told(split: Split) -> Iterator[Told]:
    for title, measure in split.measures.items():
        yield Told(title, measure, title == SAME)


def _callers(store: Store, project: str, question: QuestionSettings) -> Iterator[Caller]:
    calls = store.progress.callers(project, question.name)
    for (model, version), group in groupby(calls, key=itemgetter("model", "prompt_version")):
        some: Sequence[dict[str, str]] = [dict(row) for row in group]
        yield Caller(
            model=model,
            prompt_version=version,
            calls={row["outcome"]: int(row["calls"]) for row in some},
            first=min(row["first"] for row in some),
            last=max(row["last"] for row in some),
        )


def _bound(store: Store, project: Project, question: QuestionSettings) -> Bound:
    found = examine(store, project, question)
    if found is None:
        return Bound(NO_PROMISE)
    status = status_of(store, question, found)
    return Bound(
        statement=statement(store, project, question),
        state=status.state,
        tolerance=status.promise.tolerance,
        alpha=status.promise.alpha,
        size=status.promise.size,
        delivered=status.delivered,
        wrong_at_most=status.wrong_at_most,
        audited=status.promise.audited,
        answered=status.answered,
        answers=status.answers,
        to_go=status.to_go,
        made=status.made,
        fails=status.fails,
        reason=status.reason,
    )

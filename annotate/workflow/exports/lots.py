"""One request while it runs: its tables, what is left out, and the report it comes to."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TextIO

from annotate.model import Person
from annotate.project import Project
from annotate.splits.plan import SplitPlan, Splitting
from annotate.store import Store
from annotate.training.caps import Caps
from annotate.workflow.consensus.consenting import made_when
from annotate.workflow.exports.facts import Source
from annotate.workflow.exports.one_pass import Strand, run
from annotate.workflow.exports.reading import Wanted
from annotate.workflow.exports.report import ExportReport, WrittenFile
from annotate.workflow.exports.request import Job
from annotate.workflow.exports.tables import (
    Drops,
    Table,
    begin,
    ended,
    hashed_file,
    lengths_of,
    parts_written,
    paths_of,
    table_of,
)
from annotate.workflow.promises.status import statement

README = "README.md"
EARLIER = (
    "the posterior is as it was made up at {} UTC, before the newest answers; `coannotate "
    "consensus` makes it up anew"
)
NONE_YET = "no posterior, since no consensus was made up yet: `coannotate consensus` does"


@dataclass(frozen=True, slots=True)
class Lot:
    """One request among those of a pass."""

    job: Job
    fields: frozenset[str]
    below: str
    tables: list[Table]
    drops: Drops
    splitting: Splitting | None

    def strands(self) -> list[Strand]:
        """Its tables, those of one material and question together."""
        rules = self.job.request.rules
        by: dict[tuple[str, str], list[Table]] = {}
        for table in self.tables:
            by.setdefault((table.dialect.material, table.part.question), []).append(table)
        return [
            Strand(
                material, rules, self.fields, question or None, tables, self.drops, self.splitting,
                None if rules.per_prompt is None else Caps(rules.per_prompt),
            )
            for (material, question), tables in by.items()
        ]  # fmt: skip


def lot_of(
    project: Project,
    job: Job,
    splitting: Splitting | None,
    *,
    name: str = "",
    drops: TextIO | None = None,
) -> Lot:
    """name: of its file, or of the folder that its files are in; "": they stand alone."""
    request, splits = job.request, splitting.names if splitting is not None else ()
    below = f"{name}/" if name and job.several else ""
    tables = []
    for part in job.parts:
        alone = not job.dialect.parts
        named = replace(part, name=name) if alone and name and not job.several else part
        paths = paths_of(named, splits, alone=alone, below=below)
        tables.append(
            table_of(
                project, part, paths,
                passport=request.passport, guard_formulas=request.guard_formulas,
            )
        )  # fmt: skip
    return Lot(job, frozenset(project.fields), below, tables, Drops(drops), splitting)


def read(
    store: Store,
    project: Project,
    lots: Sequence[Lot],
    *,
    actor: Person,
    on_item: Callable[[int], None] | None = None,
    enough: Callable[[int], bool] = lambda items: False,
) -> int:
    """The one pass: fills all tables. Inside `store.snapshot()`. How many items were read."""
    strands = [strand for lot in lots for strand in lot.strands()]
    with closing(source_of(store, project, lots, actor=actor).facts()) as facts:
        return run(facts, strands, on_item, enough)


def source_of(store: Store, project: Project, lots: Sequence[Lot], *, actor: Person) -> Source:
    """What is read for these."""
    names = {question.name for lot in lots for question in lot.job.questions}
    questions = [question for question in project.questions if question.name in names]
    return Source.of(store, project, questions, wanted_by(lots), actor=actor)


def wanted_by(lots: Iterable[Lot]) -> Wanted:
    """What has to be read for these."""
    calls = consensus = weighed = votes = False
    for lot in lots:
        rules = lot.job.request.rules
        weighed = weighed or rules.weighed
        for table in lot.tables:
            calls = calls or table.passport or table.dialect.calls
            consensus = consensus or table.dialect.consensus
            votes = votes or table.dialect.votes
    return Wanted(calls, consensus, weighed, votes=votes)


def splittings(
    store: Store, project: Project, jobs: Iterable[Job], *, actor: Person
) -> dict[SplitPlan, Splitting]:
    """Each plan that is asked for, carried out once."""
    plans = {job.request.splits for job in jobs if job.request.splits is not None}
    if not plans:
        return {}
    from annotate.workflow.exports.splitting import splitting

    return {plan: splitting(store, project, plan, actor=actor) for plan in plans}


def open_in(lot: Lot, folder: Path, stack: ExitStack) -> None:
    """Begin the files of a lot in a folder."""
    for table in lot.tables:
        for outlet in table.outlets.values():
            path = folder / outlet.path
            path.parent.mkdir(parents=True, exist_ok=True)
            begin(table, outlet, stack.enter_context(path.open("wb")))


def end_in(
    store: Store, project: Project, lot: Lot, folder: Path, *, actor: Person
) -> list[WrittenFile]:
    """End its files and write what stands beside them. Of several files, those without a row are
    taken away: loaders take an empty one for a broken one."""
    files = [file for table in lot.tables for file in ended(table)]
    if not lot.job.several:
        return files
    for file in files:
        if not file.rows:
            (folder / file.path).unlink()
    written = [part for table in lot.tables for part in parts_written(table, lot.below)]
    beside = dict(lot.job.dialect.beside(project, written))
    if lot.job.dialect.card:
        beside[README] += _card(store, project, lot, actor)
    texts = [hashed_file(folder, lot.below + path, text) for path, text in sorted(beside.items())]
    return [file for file in files if file.rows] + texts


def _card(store: Store, project: Project, lot: Lot, actor: Person) -> str:
    from annotate.workflow.exports.carding import card  # reads what agreement is made of

    plan, found = lot.job.request.splits, lot.splitting
    split = (plan, found) if plan is not None and found is not None else None
    job = lot.job  # whose questions are what is in the folder
    return card(
        store, project, actor=actor, split=split, rules=job.request.rules, questions=job.questions
    )


def report_of(
    store: Store, project: Project, lot: Lot, items: int, at: str, files: Sequence[WrittenFile] = ()
) -> ExportReport:
    names = () if lot.splitting is None else lot.splitting.names
    return ExportReport(
        items=items,
        rows=sum(table.rows for table in lot.tables),
        dropped=dict(lot.drops.counts.most_common()),
        path=None,
        at=at,
        promises={each.name: statement(store, project, each) for each in lot.job.questions},
        posteriors=dict(_posteriors(store, project, lot)),
        files=tuple(files),
        lengths=lengths_of(lot.tables),
        splits={name: sum(t.outlets[name].rows for t in lot.tables) for name in names},
        moved=() if lot.splitting is None else lot.splitting.moved,
        examples={why: tuple(shown) for why, shown in lot.drops.examples.items()},
    )


def _posteriors(store: Store, project: Project, lot: Lot) -> Iterator[tuple[str, str]]:
    """question -> what its posterior is of, where it is not of now."""
    if not any(table.dialect.consensus for table in lot.tables):
        return
    for question in lot.job.questions:
        at = made_when(store, project, question)
        if at is not None:
            yield question.name, EARLIER.format(at[:16].replace("T", " ")) if at else NONE_YET

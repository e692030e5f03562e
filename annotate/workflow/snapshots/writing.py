"""The files of a snapshot, all of one moment, and the manifest that names them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any, get_args

from annotate.card.voice import Language
from annotate.card.writing import written
from annotate.model import Person
from annotate.people import require
from annotate.project import Project
from annotate.snapshots.manifest import (
    LABELS,
    LEFT_OUT,
    MANIFEST,
    VOTES,
    Manifest,
    digest_of,
    files_in,
    load,
    text_of,
)
from annotate.splits.plan import SplitPlan
from annotate.store import Store
from annotate.workflow.exports.carding import gathered
from annotate.workflow.exports.exporting import ExportReport, Request, write_reports
from annotate.workflow.exports.places import synced
from annotate.workflow.exports.splitting import splitting
from annotate.workflow.exports.together import Crew, of_one_moment
from annotate.workflow.snapshots.facts import about, counts_of

CARD, GUIDELINE, PROJECT = "card.{language}.md", "guideline.md", "project.yaml"
READ_ONLY = 0o444

OnItem = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class Written:
    """bytes: of all files but the manifest. labels: rows of the labelled set."""

    items: int
    labels: int
    files: int
    bytes: int


def write(
    store: Store,
    project: Project,
    requests: Sequence[Request],
    folder: Path,
    *,
    splits: SplitPlan | None,
    actor: Person,
    now: datetime,
    on_item: OnItem | None,
) -> Written:
    """Fill an empty folder with a snapshot; its files can then only be read."""
    require(actor, "export")
    named = _named(requests, splits)
    with of_one_moment(store, project, named.values()) as crew:
        reports = _exports(
            store, project, named, folder, actor=actor, now=now, on_item=on_item, crew=crew
        )
        for name, text in _beside(store, project, splits, actor).items():
            (folder / name).write_bytes(text.encode())
        manifest = _manifest(store, project, named, reports, folder, actor)
    (folder / MANIFEST).write_text(text_of(manifest), "utf-8", newline="\n")
    for path in (folder / name for name in (*manifest["files"], MANIFEST)):
        synced(path)
        path.chmod(READ_ONLY)
    return Written(
        manifest["counts"]["items"],
        manifest["counts"]["labels"],
        len(manifest["files"]),
        sum(facts["bytes"] for facts in manifest["files"].values()),
    )


def labels_alone(
    store: Store,
    project: Project,
    like: Path,
    folder: Path,
    *,
    actor: Person,
    now: datetime,
    on_item: OnItem | None,
) -> None:
    """Write as much of the present state as a comparison with the snapshot `like` reads."""
    require(actor, "export")
    said = load(like)["exports"][LABELS]["request"]
    named = {LABELS: Request.from_json(said)}
    with of_one_moment(store, project, named.values()) as crew:
        reports = _exports(
            store, project, named, folder, actor=actor, now=now, on_item=on_item, crew=crew
        )
        manifest = _manifest(store, project, named, reports, folder, actor)
    (folder / MANIFEST).write_text(text_of(manifest), "utf-8")


def _named(requests: Sequence[Request], splits: SplitPlan | None) -> dict[str, Request]:
    """What is exported, by the name of its file or folder."""
    named = {
        LABELS: Request(LABELS, form="jsonl", passport=True, splits=splits),
        VOTES: Request(VOTES, form="jsonl", splits=splits),
    }
    for request in requests:
        name, number = request.dialect, 2
        while name in named:
            name, number = f"{request.dialect}-{number}", number + 1
        named[name] = request if request.splits else replace(request, splits=splits)
    return named


def _exports(
    store: Store,
    project: Project,
    named: Mapping[str, Request],
    folder: Path,
    *,
    actor: Person,
    now: datetime,
    on_item: OnItem | None,
    crew: Crew | None,
) -> dict[str, ExportReport]:
    with (folder / LEFT_OUT).open("w", encoding="utf-8", newline="\n") as drops:
        return write_reports(
            store,
            project,
            named,
            folder,
            actor=actor,
            now=now,
            on_item=on_item,
            drops=drops,
            crew=crew,
        )


def _beside(
    store: Store, project: Project, splits: SplitPlan | None, actor: Person
) -> dict[str, str]:
    """Name -> text of what explains the data."""
    split = None if splits is None else (splits, splitting(store, project, splits, actor=actor))
    facts = gathered(store, project, actor=actor, split=split)
    found = {CARD.format(language=one): written(facts, one) for one in get_args(Language)}
    found |= {GUIDELINE: project.guideline} if project.guideline else {}
    last = store.versions.last(project.project)
    text = None if last is None else store.versions.text(project.project, last.hash)
    return found | ({} if text is None else {PROJECT: text})


def _manifest(
    store: Store,
    project: Project,
    named: Mapping[str, Request],
    reports: Mapping[str, ExportReport],
    folder: Path,
    actor: Person,
) -> Manifest:
    labelled = reports[LABELS]
    counted = counts_of(project, (folder / file.path for file in labelled.files))
    return {
        **about(store, project, counted, actor=actor),
        "counts": {"items": labelled.items, "labels": labelled.rows},
        "exports": {name: _told(named[name], report) for name, report in sorted(reports.items())},
        "moved": _moved(named, reports),
        "files": _files(folder, reports),
    }


def _told(request: Request, report: ExportReport) -> dict[str, Any]:
    return {
        "request": request.to_json(),
        "rows": report.rows,
        "left_out": dict(report.dropped),
        "lengths": {name: length._asdict() for name, length in report.lengths.items()},
        "splits": dict(report.splits),
        "files": [file.path for file in report.files],
    }


def _moved(
    named: Mapping[str, Request], reports: Mapping[str, ExportReport]
) -> list[dict[str, Any]]:
    """What is not in the split of its own hash, and why: for each plan of splits."""
    by_plan = {named[name].splits: report.moved for name, report in sorted(reports.items())}
    return [
        {
            "seed": plan.seed,
            "shares": [list(share) for share in plan.shares],
            "moved": [{"why": m.why, "count": m.count, "shown": list(m.shown)} for m in moved],
        }
        for plan, moved in by_plan.items()
        if plan is not None
    ]


def _files(folder: Path, reports: Mapping[str, ExportReport]) -> dict[str, dict[str, Any]]:
    written = {file.path: file for report in reports.values() for file in report.files}
    found = {}
    for path in files_in(folder):
        sha256, size = digest_of(folder / path)
        facts: dict[str, Any] = {"sha256": sha256, "bytes": size}
        if path in written:
            facts["rows"] = written[path].rows
            facts |= {"split": written[path].split} if written[path].split else {}
        found[path] = facts
    return found

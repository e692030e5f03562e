"""`coannotate snapshot`: labels as files that never change, listed, compared and verified."""

from __future__ import annotations

import json
from argparse import Namespace
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from annotate.errors import AnnotateError, NotFound, UnreadableFile
from annotate.model import Person
from annotate.people import operator
from annotate.project import Project
from annotate.snapshots.manifest import load
from annotate.snapshots.verifying import Verified
from annotate.snapshots.wording import as_json, exported, sentences
from annotate.store import Store
from annotate.workflow.exports.exporting import Request
from annotate.workflow.snapshots.snapshotting import (
    NOW,
    Snapshot,
    create,
    diff,
    folder_of,
    snapshots,
    verify,
)
from app.cli.exporting import rules_of, splits_of
from app.cli.output import aligned, bar, say, table
from app.workplace import workplace_for

SHORT = 12
"""Characters of a digest that are shown: as many as tell any two apart."""


@dataclass(frozen=True, slots=True)
class At:
    """Where an action works."""

    store: Store
    project: Project
    actor: Person
    now: datetime
    folder: Path


def run_snapshot(arguments: Namespace) -> None:
    _check(arguments)
    services = workplace_for(arguments.dir)
    with services.open(arguments.project) as (store, project):
        now = services.now()
        at = At(store, project, operator(now), now, folder_of(services.workspace))
        _ACTIONS[arguments.action](at, arguments)


_PLACES = {"list": 0, "create": 1, "verify": 1, "diff": 2}
_OF_CREATE = ("comment", "formats", "passport", "splits")


def _check(arguments: Namespace) -> None:
    """Nothing that is said means nothing. Raises AnnotateError."""
    action = arguments.action
    said = [one for one in (arguments.name, arguments.other) if one is not None]
    if len(said) > _PLACES[action]:
        raise AnnotateError(
            f"`coannotate snapshot {action}` does not know what {said[-1]!r} means: leave it out"
        )
    if action == "create":
        return
    given = [name for name in _OF_CREATE if getattr(arguments, name)]
    if given or rules_of(arguments):
        raise AnnotateError(
            f"what goes into a snapshot is said to `create`, and `{action}` makes none: leave it "
            "out"
        )


def _create(at: At, arguments: Namespace) -> None:
    plan, rules = splits_of(arguments), rules_of(arguments)
    said = {"rules": rules, "splits": plan, "passport": arguments.passport}
    requests = [Request.from_json(said | {"dialect": name}) for name in arguments.formats]
    splits = Request.from_json({"dialect": "labels", "splits": plan}).splits
    total = at.store.items.count(at.project.project)
    with bar("items read") as tell:
        made = create(
            at.store,
            at.project,
            arguments.name,
            actor=at.actor,
            now=at.now,
            folder=at.folder,
            requests=requests,
            splits=splits,
            comment=arguments.comment,
            on_item=lambda done: tell(done, total),
        )
    row = made.row
    counts = [(row.labels, "label"), (row.items, "item"), (row.files, "file")]
    labels, items, files = (_counted(count, what) for count, what in counts)
    say(f"{made.folder}: {labels} of {items} in {files}")
    for line in exported(load(made.folder)):
        say(f"  {line}")
    if made.same_as is not None:
        say(f"  nothing has changed: every file is the same as in {made.same_as}")
    say(f"  SHA-256 of its manifest: {row.sha256}")


def _counted(count: int, what: str) -> str:
    """
    >>> _counted(1, "item"), _counted(30_000, "item")
    ('1 item', '30,000 items')
    """
    return f"{count:,} {what}{'' if count == 1 else 's'}"


def _list(at: At, arguments: Namespace) -> None:
    found = snapshots(at.store, at.project, actor=at.actor, folder=at.folder)
    if arguments.json:
        say(json.dumps([_told(one) for one in found], ensure_ascii=False, indent=2))
    elif not found:
        say("none yet: `coannotate snapshot create` makes one")
    else:
        table([_row(one) for one in found])


def _told(one: Snapshot) -> dict[str, Any]:
    return {
        **asdict(one.row),
        "folder": str(one.folder),
        "same_as": one.same_as,
        "here": one.here,
    }


def _row(one: Snapshot) -> Mapping[str, object]:
    row = one.row
    beside = "" if one.here else "its files are not here"
    same = f"same as {one.same_as}" if one.same_as else ""
    return {
        "snapshot": row.name,
        "made": row.created_at[:16].replace("T", " "),
        "by": row.person,
        "items": f"{row.items:,}",
        "labels": f"{row.labels:,}",
        "sha256": row.sha256[:SHORT],
        "": "; ".join(filter(None, (row.comment, same, beside))),
    }


def _diff(at: At, arguments: Namespace) -> None:
    old, new = arguments.name or _newest(at), arguments.other
    total = at.store.items.count(at.project.project)
    with bar("items read") as tell:
        found = diff(
            at.store,
            at.project,
            old,
            new,
            actor=at.actor,
            now=at.now,
            folder=at.folder,
            on_item=lambda done: tell(done, total),
        )
    if arguments.json:
        say(json.dumps(as_json(found, old, new or NOW), ensure_ascii=False, indent=2))
        return
    for line in sentences(found, old, new or NOW):
        say(line)
    shown = [
        {
            "item": one.id,
            "question": one.question,
            "before": json.dumps(one.before, ensure_ascii=False),
            "now": json.dumps(one.after, ensure_ascii=False),
            "why": one.why,
        }
        for one in found.shown
    ]
    for line in aligned(shown):
        say(f"  {line}")
    more = sum(found.changed.values()) - len(shown)
    if more > 0:
        say(f"  and {more:,} more")


def _newest(at: At) -> str:
    found = snapshots(at.store, at.project, actor=at.actor, folder=at.folder)
    if not found:
        raise AnnotateError(
            "there is no snapshot to compare with: `coannotate snapshot create` makes one"
        )
    return found[0].row.name


def _verify(at: At, arguments: Namespace) -> None:
    made = snapshots(at.store, at.project, actor=at.actor, folder=at.folder)
    names = [arguments.name] if arguments.name else [one.row.name for one in made]
    found = {name: _verified(at, name, alone=bool(arguments.name)) for name in names}
    if arguments.json:
        said = {name: list(one.problems) for name, one in found.items()}
        say(json.dumps(said, ensure_ascii=False, indent=2))
    elif not found:
        say("none yet: `coannotate snapshot create` makes one")
    else:
        for name, one in found.items():
            files = f"{_counted(one.files, 'file')} and the manifest"
            say(
                f"{name}: "
                + ("NOT as it was written" if one.problems else f"{files} are as written")
            )
            for problem in one.problems:
                say(f"  {problem}")
    wrong = [name for name, one in found.items() if one.problems]
    if wrong:
        raise AnnotateError(
            f"{', '.join(wrong)}: take another copy of the files; what a changed snapshot says is "
            "not what was labelled"
        )


def _verified(at: At, name: str, *, alone: bool) -> Verified:
    """alone: of several, one that cannot be read at all is a problem like the others."""
    try:
        with bar("files read") as tell:
            return verify(
                at.store, at.project, name, actor=at.actor, folder=at.folder, on_file=tell
            )
    except (NotFound, UnreadableFile) as error:
        if alone:
            raise
        return Verified(at.folder, "", 0, (str(error),))


_ACTIONS = {"list": _list, "create": _create, "diff": _diff, "verify": _verify}

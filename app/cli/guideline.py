"""`coannotate guideline`: the guideline and its versions, edited, compared, tried and proposed."""

from __future__ import annotations

import sys
from argparse import Namespace
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from annotate.errors import AnnotateError, NotFound
from annotate.model import Person
from annotate.people import operator
from annotate.project import Project
from annotate.questions import QuestionSettings
from annotate.store import Store
from annotate.store.versions import Version
from annotate.workflow.guideline.following import follows
from annotate.workflow.guideline.revising import (
    Changes,
    difference,
    plan,
    restore,
    revise,
    text_of,
    versions,
)
from app.cli.output import say, table
from app.cli.setting import as_change
from app.workplace import Workplace, workplace_for

_TAKES: dict[str, tuple[range, set[str]]] = {
    "show": (range(2), set()),
    "edit": (range(1), {"file", "set", "prompt", "reason", "dry_run"}),
    "versions": (range(1), set()),
    "diff": (range(2, 3), set()),
    "restore": (range(1, 2), {"reason"}),
    "try": (range(1), {"file", "set", "prompt", "question", "items", "dry_run"}),
    "trials": (range(1), {"question"}),
    "propose": (range(1), {"question", "people", "model"}),
    "proposals": (range(1), set()),
    "accept": (range(1, 2), {"text", "reason"}),
    "reject": (range(1, 2), {"reason"}),
    "requeue": (
        range(1),
        {"question", "people", "model", "label", "auto", "since", "items", "dry_run"},
    ),
}
"""action -> how many names it takes, and which options; any other is refused, not dropped."""

_OPTIONS = sorted({name for _, names in _TAKES.values() for name in names})


@dataclass(frozen=True, slots=True)
class At:
    """Where an action works: one project of a workspace, and who asks."""

    services: Workplace
    arguments: Namespace
    store: Store
    path: Path
    project: Project
    actor: Person

    def question(self) -> QuestionSettings:
        """The one that is named, or the only one."""
        name, known = self.arguments.question, [one.name for one in self.project.questions]
        if name is None and len(known) > 1:
            raise NotFound(f"there are several questions ({', '.join(known)}): use --question")
        if name is not None and name not in known:
            raise NotFound(f"no question {name!r}; there are: {', '.join(known)}")
        return self.project.question(name or known[0])

    def changes(self) -> Changes:
        """What --file, --prompt and --set say."""
        given: dict[Any, object] = {}
        if self.arguments.file is not None:
            given[("guideline",)] = _read(self.arguments.file)
        for text in self.arguments.prompt or ():
            name, _, file = text.partition("=")
            if not name.strip() or not file:
                raise AnnotateError(f"--prompt {text}: write NAME=FILE; - is the input")
            given["llm", "prompts", name.strip()] = _read(Path(file))
        for text in self.arguments.set or ():
            at, value = as_change(text)
            given[at] = value
        if not given:
            raise AnnotateError(
                "say what to change: --file FILE with the guideline, --prompt NAME=FILE, or --set"
            )
        return given


def run_guideline(arguments: Namespace) -> None:
    _check(arguments)
    services = workplace_for(arguments.dir)
    with services.open(arguments.project) as (store, project):
        path = services.workspace.project(project.project)[0]
        at = At(services, arguments, store, path, project, operator(services.now()))
        action(arguments.action)(at)


def action(name: str) -> Callable[[At], None]:
    """What an action calls. Those that ask a model import it first, which takes seconds."""
    if name in _HERE:
        return _HERE[name]
    from app.cli.guideline_model import ACTIONS

    return ACTIONS[name]


def _check(arguments: Namespace) -> None:
    """Raises AnnotateError for what this action would silently drop, or lacks."""
    counts, options = _TAKES[arguments.action]
    if len(arguments.names) not in counts:
        needs = f"{counts.start} to {counts.stop - 1}" if len(counts) > 1 else str(counts.start)
        raise AnnotateError(
            f"`guideline {arguments.action}` takes {needs} names, not {len(arguments.names)}: "
            "see `coannotate guideline --help`"
        )
    for option in _OPTIONS:
        if getattr(arguments, option) not in (None, False) and option not in options:
            where = ", ".join(name for name, (_, takes) in _TAKES.items() if option in takes)
            raise AnnotateError(f"--{option.replace('_', '-')} goes with: {where}")


def _show(at: At) -> None:
    if not at.arguments.names:
        say(at.project.guideline.rstrip() or "there is no guideline yet")
        return
    number = as_number(at.arguments.names[0])
    say(text_of(at.store, at.project, number, actor=at.actor).rstrip())


def _edit(at: At) -> None:
    changes = at.changes()
    found = plan(at.store, at.path, at.project, changes, actor=at.actor)
    if at.arguments.dry_run:
        say(found.difference or "nothing would change")
        _say_follows(at, found.project)
        return
    told = follows(at.store, at.project, found.project, actor=at.actor)
    reason, now = at.arguments.reason or "", at.services.now()
    revise(at.store, at.path, at.project, changes, reason=reason, actor=at.actor, now=now)
    _say_newest(at)
    for line in told:
        say(line)


def _say_follows(at: At, new: Project) -> None:
    for line in follows(at.store, at.project, new, actor=at.actor):
        say(line)


def _say_newest(at: At) -> None:
    newest = versions(at.store, at.project, actor=at.actor)[0]
    say(f"version {newest.number}: {what(newest)}")


def _versions(at: At) -> None:
    found = versions(at.store, at.project, actor=at.actor)
    table(
        [
            {
                "version": one.number,
                "at": one.created_at[:16].replace("T", " "),
                "by": one.person or "-",
                "what": what(one),
                "why": one.reason or "",
            }
            for one in found
        ]
    )


def what(version: Version) -> str:
    """What a version changed, in words."""
    if version.kind == "first":
        return "the file as it was first found"
    told = "; ".join(version.told or ()) or "comments or layout changed"
    beside = {"restored": "an earlier version restored: ", "by hand": "on disk: "}
    return beside.get(version.kind, "") + told


def _diff(at: At) -> None:
    a, b = map(as_number, at.arguments.names)
    say(difference(at.store, at.project, a, b, actor=at.actor) or "they have the same text")


def _restore(at: At) -> None:
    number, now = as_number(at.arguments.names[0]), at.services.now()
    reason = at.arguments.reason or ""
    new = restore(at.store, at.path, at.project, number, reason=reason, actor=at.actor, now=now)
    _say_newest(at)
    _say_follows(at, new)


def as_number(text: str) -> int:
    if not text.isdecimal():
        raise AnnotateError(
            f"{text!r} is no number of a version: `coannotate guideline versions` lists them"
        )
    return int(text)


def _read(path: Path) -> str:
    if str(path) == "-":
        return sys.stdin.read()
    try:
        return path.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise NotFound(f"{path}: cannot be read ({error}): name a UTF-8 text file") from error


_HERE: dict[str, Callable[[At], None]] = {
    "show": _show,
    "edit": _edit,
    "versions": _versions,
    "diff": _diff,
    "restore": _restore,
}


def lines(title: str, told: Sequence[str]) -> None:
    """A title and what belongs to it."""
    say(title)
    for line in told:
        say(f"  {line}")

"""`coannotate export`: the labels to files, and why there are not more."""

from __future__ import annotations

import sys
from argparse import Namespace
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO, TextIO

from annotate.errors import AnnotateError
from annotate.exporters import DIALECTS
from annotate.exporters.forms import FORMS
from annotate.people import operator
from annotate.splits.plan import shares_of
from annotate.training.reasons import advice
from annotate.workflow.exports.exporting import ExportReport, Request, export
from annotate.workflow.exports.places import placed_file
from app.cli.output import bar, note, say, table
from app.cli.pushing import place, push_to_hub
from app.workplace import Workplace, workplace_for

STDOUT = Path("-")
"""Stands for standard output, as elsewhere; what is told goes to standard error then."""
LISTS = (".jsonl", ".ndjson", ".txt")
"""What a list of what was left out may take the place of."""


def run_export(arguments: Namespace) -> None:
    if arguments.list:
        table(_formats())
        return
    request = request_of(arguments)
    services = workplace_for(arguments.dir)
    with place(arguments, services.config) as out:
        _check_drops(arguments.drops, out)
        report = _exported(services, arguments, request, out)
        _tell(arguments.out or Path(arguments.push_to_hub), report)
        if arguments.push_to_hub is not None:
            push_to_hub(arguments, out, services.config)


def _check_drops(drops: Path | None, out: Path) -> None:
    """Raises AnnotateError where the list of what is left out would stand in the export's place."""
    if drops is not None and drops.resolve().is_relative_to(out.resolve()):
        raise AnnotateError(
            f"{drops} is where the export itself goes: name another file after --drops, as in "
            f"{out.resolve().parent / 'left-out.jsonl'}"
        )


def _exported(
    services: Workplace, arguments: Namespace, request: Request, out: Path
) -> ExportReport:
    with (
        services.open(arguments.project) as (store, project),
        _target(out) as target,
        _listed(arguments.drops) as drops,
        bar("items read") as tell,
    ):
        total = store.items.count(project.project)
        return export(
            store,
            project,
            request,
            target,
            actor=operator(services.now()),
            now=services.now(),
            on_item=lambda done: tell(done, total),
            drops=drops,
        )


def _formats() -> list[dict[str, str]]:
    return [
        {
            "format": name,
            "files": "folder" if dialect.parts else ", ".join(dialect.forms),
            "loaded by": ", ".join(dialect.read_by),
            "what it is": dialect.description,
        }
        for name, dialect in DIALECTS.items()
    ]


def request_of(arguments: Namespace) -> Request:
    """What the options ask for. Raises AnnotateError."""
    if not arguments.format:
        raise AnnotateError("which format? `coannotate export --list` lists them")
    if arguments.out is None and arguments.push_to_hub is None:
        name = f"{arguments.format}{_suffix(arguments.format)}"
        raise AnnotateError(f"where to? Name the file, as in -o {name}")
    return Request.from_json(
        {
            "dialect": arguments.format,
            "form": arguments.form,
            "question": arguments.question,
            "passport": arguments.passport,
            "guard_formulas": arguments.guard_formulas,
            "rules": rules_of(arguments),
            "splits": splits_of(arguments),
        }
    )


def _suffix(name: str) -> str:
    if name not in DIALECTS or DIALECTS[name].parts:
        return ""
    return FORMS[DIALECTS[name].forms[0]].suffix


def rules_of(arguments: Namespace) -> dict[str, Any]:
    """The rules that were said; the others keep their defaults."""
    names = (
        "sft_from", "pairs", "per_prompt", "min_margin", "min_posterior", "truth", "echoes",
        "guideline",
    )  # fmt: skip
    said = {name: getattr(arguments, name) for name in names}
    return {name: given for name, given in said.items() if given is not None and given is not False}


def splits_of(arguments: Namespace) -> dict[str, Any] | None:
    """The splits that were said, as in a request; None for none."""
    if arguments.splits is None:
        given = arguments.split_by or arguments.split_seed or arguments.split_duplicates
        if given:
            raise AnnotateError("how the rows are split says --splits: add it")
        return None
    plan: dict[str, Any] = {
        "shares": list(shares_of(arguments.splits)),
        "by": arguments.split_by or [],
        "near_duplicates": not arguments.split_duplicates,
    }
    return plan | ({"seed": arguments.split_seed} if arguments.split_seed else {})


@contextmanager
def _target(out: Path) -> Iterator[Path | BinaryIO]:
    """Where the rows go. Raises AnnotateError where standard output takes no more."""
    if out != STDOUT:
        yield out
        return
    try:
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        raise AnnotateError(
            f"standard output cannot be written ({error.strerror or error}): what stands there is "
            "not whole. Name a file, which appears when it is complete"
        ) from error


@contextmanager
def _listed(path: Path | None) -> Iterator[TextIO | None]:
    if path is None:
        yield None
        return
    with placed_file(path, LISTS) as part, part.open("w", encoding="utf-8", newline="\n") as lines:
        yield lines


def _tell(out: Path, report: ExportReport) -> None:
    tell = note if out == STDOUT else say
    tell(f"{out}: {report.summary()}")
    for line in _rest(report):
        tell(f"  {line}")


def _rest(report: ExportReport) -> Iterator[str]:
    """What was moved between splits and is promised; of an empty export what to do about it."""
    for moved in report.moved:
        yield f"{moved.count:,} moved: {moved.why}"
    if report.rows:
        for promised, questions in report.told.items():
            yield f"{', '.join(questions)}: {promised}"
        return
    for why in report.dropped:
        yield f"{why}: {advice(why)}"

"""`coannotate export`: the labels to files, and why there are not more."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TextIO

from annotate.errors import AnnotateError
from annotate.exporters import DIALECTS
from annotate.exporters.forms import FORMS
from annotate.people import operator
from annotate.splits.plan import shares_of
from annotate.training.reasons import advice
from annotate.workflow.exports.exporting import ExportReport, Request, export
from annotate.workflow.exports.places import placed_file
from app.cli.output import bar, say, table
from app.cli.pushing import place, push_to_hub
from app.workplace import Workplace, workplace_for

LISTS = (".jsonl", ".ndjson", ".txt")
"""What a list of what was left out may take the place of."""


def run_export(arguments: Namespace) -> None:
    if arguments.list:
        table(_formats())
        return
    request = request_of(arguments)
    services = workplace_for(arguments.dir)
    with place(arguments, services.config) as out:
        report = _exported(services, arguments, request, out)
        _tell(arguments.out or Path(arguments.push_to_hub), report)
        if arguments.push_to_hub is not None:
            push_to_hub(arguments, out, services.config)


def _exported(
    services: Workplace, arguments: Namespace, request: Request, out: Path
) -> ExportReport:
    with (
        services.open(arguments.project) as (store, project),
        _listed(arguments.drops) as drops,
        bar("items read") as tell,
    ):
        total = store.items.count(project.project)
        return export(
            store,
            project,
            request,
            out,
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
    return {name: given for name in names if (given := getattr(arguments, name))}


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
def _listed(path: Path | None) -> Iterator[TextIO | None]:
    if path is None:
        yield None
        return
    with placed_file(path, LISTS) as part, part.open("w", encoding="utf-8", newline="\n") as lines:
        yield lines


def _tell(out: Path, report: ExportReport) -> None:
    say(f"{out}: {report.summary()}")
    for moved in report.moved:
        say(f"  {moved.count} moved: {moved.why}")
    if report.rows:
        for question, promised in report.promises.items():
            say(f"  {question}: {promised}")
        return
    for why in report.dropped:
        say(f"  {why}: {advice(why)}")

"""What came of an import, said in a terminal."""

from __future__ import annotations

from pathlib import Path

from annotate.workflow.imports.importing import ImportReport
from app.cli.output import say
from app.datafiles import counted, told_more


def say_imported(report: ImportReport, rejects: Path) -> None:
    """Counts, what came along, what did not and why. rejects: where each has its line."""
    added, rejected = counted(report.added, "item"), counted(report.rejected, "row")
    say(f"{added} added, {report.already_there:,} were there already, {rejected} rejected")
    say_rest(report, rejects)


def say_rest(report: ImportReport, rejects: Path) -> None:
    """What came along from another tool, what did not, and the rows that were left out."""
    for line in told_more(report):
        say(f"  {line}")
    for line in report.first_rejects:
        say(f"  {line}")
    if report.left_out:
        say(f"  all of them, with line and reason: {rejects}")

"""What a pre-labelling run came to, in the words of the terminal."""

from __future__ import annotations

from collections.abc import Iterator

from annotate.llm.able import able, can_answer, kind_of
from annotate.project import Project
from annotate.questions import QuestionSettings
from annotate.workflow.prelabels.prelabelling import PrelabelReport, outcome_counts
from annotate.workflow.prelabels.standing import MOST_FAILURES
from app.cli.output import note, say


def asked_of_a_model(project: Project) -> list[QuestionSettings]:
    """The questions that a model answers; of the others it is told that people do."""
    alone = [question for question in project.questions if not can_answer(project, question)]
    if alone:
        names = ", ".join(f"{question.name} ({kind_of(question)})" for question in alone)
        note(
            f"people alone answer {names}: such questions take a model that writes, "
            "and `llm.provider` names none"
        )
    return able(project)


def say_prelabelled(question: str, report: PrelabelReport, *, free: bool) -> None:
    """How a run over one question ended, and what the next one would do."""
    begun = "went on where it was stopped; " if report.resumed else ""
    ended = ", ".join(f"{count} {name}" for name, count in outcome_counts(report).items())
    if ended or report.reused or report.stopped is not None:
        asked = f"{report.calls} answers" + (f" ({ended})" if ended else "")
        say(f"{question}: {begun}{report.items} items, {asked}")
    elif report.given_up:
        say(f"{question}: nothing left to ask")
    else:
        again = "" if free else " (--refresh asks again with new examples)"
        say(f"{question}: every item has its answers{again}")
    for fact in _facts(report, free=free):
        say(f"  {fact}")


def _facts(report: PrelabelReport, *, free: bool) -> Iterator[str]:
    """What else there is to know of a run, line by line."""
    if report.reused:
        yield f"{report.reused:,} taken over from earlier rounds"
    if report.calls and report.examples:
        each = "" if free else "the most similar of "
        yield f"with {each}{report.examples:,} human-labelled examples"
    if report.stopped is not None:
        yield f"{report.stopped}; the same command goes on from here"
    if report.first_error is not None:
        again = "; the same command asks those again" if report.to_ask_again else ""
        yield f"errors, first: {report.first_error}{again}"
    if report.given_up:
        yield (
            f"{report.given_up:,} calls failed {MOST_FAILURES} times and are not asked again; "
            "--refresh asks them anew"
        )

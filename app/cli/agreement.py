"""The command for agreement: people with each other, with the model, and the model with itself."""

from __future__ import annotations

import json
from argparse import Namespace
from collections.abc import Iterator, Mapping

from annotate.agreement import Measure
from annotate.agreement.measure import told
from annotate.errors import NotFound
from annotate.people import operator
from annotate.project import Project
from annotate.questions import QuestionSettings
from annotate.workflow.agreement.agreeing import agreement
from annotate.workflow.agreement.report import Agreement, as_json, reasons, rows
from annotate.workflow.agreement.wording import preferred_rows, sampled
from app.cli.output import aligned, say
from app.workplace import workplace_for


def run_agreement(arguments: Namespace) -> None:
    services = workplace_for(arguments.dir)
    with services.open(arguments.project) as (store, project):
        actor = operator(services.now())
        found = [
            agreement(store, project, one, actor=actor, everything=arguments.everything)
            for one in _chosen(project, arguments.question)
        ]
    if arguments.json:
        text = {"project": project.project, "questions": [as_json(one) for one in found]}
        say(json.dumps(text, indent=2, ensure_ascii=False))
        return
    for at, one in enumerate(found):
        if at:
            say()
        for line in _lines(one):
            say(line)


def _chosen(project: Project, name: str | None) -> list[QuestionSettings]:
    found = [question for question in project.questions if name in (None, question.name)]
    if not found:
        names = ", ".join(question.name for question in project.questions)
        raise NotFound(f"no question {name!r} in {project.project!r}; there are: {names}")
    return found


def _lines(found: Agreement) -> Iterator[str]:
    yield f"{found.question}: {found.measure}"
    yield found.sentence()
    yield from found.notes
    if (drawn := sampled(found)) is not None:
        yield drawn
    if table := rows(found):
        yield ""
        yield from aligned(table)
    for reason in reasons(found):
        yield f"not defined: {reason}"
    yield from _parts(found)
    yield from _pairs(found)
    for one in found.preferred:
        yield f"\nresponses as {one.who} prefer them"
        yield from aligned(preferred_rows(one))


def _parts(found: Agreement) -> Iterator[str]:
    names = list(found.people.parts) or list(found.model.parts)
    if not names or not (found.people.answers or found.model.answers):
        return
    yield "\nof each label or aspect alone"
    yield from aligned(
        [
            {"": name}
            | {split.who: _cell(split.parts, name) for split in (found.people, found.model)}
            for name in names
        ]
    )


def _cell(parts: Mapping[str, Measure], name: str) -> str:
    return told(parts[name]) if name in parts else ""


def _pairs(found: Agreement) -> Iterator[str]:
    if not found.pairs:
        return
    yield f"\npairs of people ({found.pair_measure})"
    yield from aligned(
        [
            {
                "one": pair.one,
                "other": pair.other,
                "items": f"{pair.items:,}",
                "same answer": told(pair.same, percent=True),
                found.pair_measure: told(pair.headline),
            }
            for pair in found.pairs
        ]
    )

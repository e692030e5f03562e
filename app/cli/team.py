"""`coannotate team`: how people work, for whoever leads them."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Callable

from annotate.errors import AnnotateError
from annotate.people import operator
from annotate.project import Project
from annotate.questions import QuestionSettings, brief
from annotate.store import Store
from annotate.workflow.consensus.consenting import ensure_fresh
from annotate.workflow.team.figures import percent, seconds
from annotate.workflow.team.leading import pause_person, reassign, resume_person, take_back
from annotate.workflow.team.person_detail import Detail, person_detail
from annotate.workflow.team.teaming import Team, team
from app import team_table
from app.cli.output import say, table
from app.workplace import Workplace, workplace_for


def run_team(arguments: Namespace) -> None:
    services = workplace_for(arguments.dir)
    with services.open(arguments.project) as (store, project):
        ACTIONS[arguments.action](services, store, project, arguments)


def _list(services: Workplace, store: Store, project: Project, arguments: Namespace) -> None:
    seen = _team(services, store, project, _question(project, arguments))
    heads = team_table.HEADS
    table([dict(zip(heads, row, strict=True)) for row in team_table.rows(seen)])
    if not seen.members:
        say("Nobody works here yet: `coannotate people add NAME`")
        return
    for name, each in team_table.warnings(seen):
        say(f"{name} {each}")
    say(team_table.meaning(seen))


def _show(services: Workplace, store: Store, project: Project, arguments: Namespace) -> None:
    question = _question(project, arguments)
    seen, now = _team(services, store, project, question), services.now()
    name, actor = _name(arguments), operator(now)
    found = person_detail(store, project, question, seen, name, actor=actor, now=now)
    for each in found.member.warnings:
        say(f"{name} {each}")
    _say_figures(found)
    if found.events:
        say("\ndecided")
        heads = team_table.EVENT_HEADS
        table([dict(zip(heads, row, strict=True)) for row in team_table.events(found.events)])


def _say_figures(found: Detail) -> None:
    table(
        [
            {
                "day": day.date,
                "answers": f"{day.answers:,}",
                "per answer": "" if day.seconds is None else seconds(day.seconds),
            }
            for day in found.days
        ]
    )
    if found.labels:
        say("\nlabels")
        table(
            [
                {"label": label, "theirs": percent(own), "others": percent(rest)}
                for label, (own, rest) in found.labels.items()
            ]
        )
    if found.differing:
        say(f"\ndiffers from the {found.by}")
        table(
            [
                {"item": one.item.key.removeprefix("id:"), "said": brief(one.own),
                 found.by: brief(one.other), "at": one.at[:16]}
                for one in found.differing
            ]
        )  # fmt: skip


def _pause(services: Workplace, store: Store, project: Project, arguments: Namespace) -> None:
    name, now, reason = _name(arguments), services.now(), arguments.reason or ""
    items = pause_person(store, project, name, reason=reason, actor=operator(now), now=now)
    say(f"{name} is paused; {team_table.counted(items)} back in the queue")


def _resume(services: Workplace, store: Store, project: Project, arguments: Namespace) -> None:
    name, now = _name(arguments), services.now()
    resume_person(store, project, name, actor=operator(now), now=now, reason=arguments.reason)
    say(f"{name} gets items again")


def _reassign(services: Workplace, store: Store, project: Project, arguments: Namespace) -> None:
    name, now = _name(arguments), services.now()
    if arguments.undo:
        event = take_back(store, project, name, actor=operator(now), now=now)
        say(f"{name} may get {team_table.counted(event.details['items'])} again")
        return
    reason, to = arguments.reason, arguments.to
    done = reassign(store, project, name, actor=operator(now), now=now, reason=reason, to=to)
    went = f"; {done.lent:,} of them to {to}" if to else ""
    say(f"{team_table.counted(done.items)} taken from {name}{went}")


ACTIONS: dict[str, Callable[[Workplace, Store, Project, Namespace], None]] = {
    "list": _list,
    "show": _show,
    "pause": _pause,
    "resume": _resume,
    "reassign": _reassign,
}


def _team(services: Workplace, store: Store, project: Project, question: QuestionSettings) -> Team:
    now = services.now()
    ensure_fresh(store, project, question, actor=operator(now), now=now)
    return team(store, project, question, actor=operator(now), now=now)


def _question(project: Project, arguments: Namespace) -> QuestionSettings:
    if arguments.question is None:
        return project.questions[0]
    found = next((one for one in project.questions if one.name == arguments.question), None)
    if found is None:
        names = ", ".join(one.name for one in project.questions)
        raise AnnotateError(
            f"project {project.project!r} has no question {arguments.question!r}, only {names}"
        )
    return found


def _name(arguments: Namespace) -> str:
    if arguments.name is None:
        raise AnnotateError(f"whom? Write: coannotate team {arguments.action} NAME")
    return str(arguments.name)

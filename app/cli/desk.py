"""Commands for who leads people: open, pause, freeze; what waits; skills; training."""

from __future__ import annotations

from argparse import Namespace

from annotate.model import Person
from annotate.people import operator
from annotate.project import Project
from annotate.store import Store
from annotate.store.openings import Opening
from annotate.workflow.agreement.anchoring import anchoring
from annotate.workflow.projects.opening import opening, set_opening
from annotate.workflow.team.attention import (
    Attention,
    attention,
    close_flags,
    decide_training,
    give_skills,
)
from app.cli.output import say, table
from app.workplace import workplace_for

_WORDS: dict[Opening, str] = {
    "open": "is open: people get items",
    "paused": "is paused: nothing new is given out, what is in hand can be answered",
    "frozen": "is frozen: no answer is taken or changed until `coannotate reopen`",
}


def run_pause(arguments: Namespace) -> None:
    _set(arguments, "paused")


def run_freeze(arguments: Namespace) -> None:
    _set(arguments, "frozen")


def run_reopen(arguments: Namespace) -> None:
    _set(arguments, "open")


def _set(arguments: Namespace, state: Opening) -> None:
    services = workplace_for(arguments.dir)
    with services.open(arguments.project) as (store, project):
        now, reason = services.now(), arguments.reason
        set_opening(store, project, state, actor=operator(now), now=now, reason=reason)
    say(f"{project.project} {_WORDS[state]}")


def leading_lines(store: Store, project: Project, actor: Person) -> list[str]:
    """What `status` tells of people: how the project stands, what waits for a lead, and whether
    suggestions draw people along."""
    stands = opening(store, project)
    found = []
    if stands is not None and stands.state != "open":
        why = f" ({stands.reason})" if stands.reason else ""
        at = stands.created_at[:16]
        found.append(f"{stands.state} by {stands.person} at {at}{why}")
    paused = store.person_events.pauses(project.project)
    if paused:
        names = {person.id: person.name for person in store.people.all()}
        found.append(f"paused here: {', '.join(sorted(names[who] for who in paused))}")
    waiting = attention(store, project, actor=actor).lines()
    found += waiting + (["details: coannotate inbox"] if waiting else [])
    if project.people.mode == "suggest" or project.people.other_arm is not None:
        for question in project.questions:
            effect = anchoring(store, project, question, actor=actor)
            found.append(f"{question.name}: {effect.sentence()}")
    return found


def run_inbox(arguments: Namespace) -> None:
    services = workplace_for(arguments.dir)
    with services.open(arguments.project) as (store, project):
        actor, now = operator(services.now()), services.now()
        for reference in arguments.close:
            count = close_flags(store, project, reference, actor=actor, now=now)
            say(f"item {reference}: {count} flags closed")
        found = attention(store, project, actor=actor)
    for line in found.lines() or ["nothing waits"]:
        say(line)
    _say_flags(found)
    _say_kept(found)


def _say_flags(found: Attention) -> None:
    if found.flags:
        say("\nflags (close them with --close ITEM)")
        table(
            [
                {
                    "item": found.keys.get(one.item_id, one.item_id),
                    "person": found.names[one.person_id],
                    "at": one.created_at[:16],
                    "comment": " ".join(one.comment.split()),
                }
                for one in found.flags
            ]
        )


def _say_kept(found: Attention) -> None:
    if found.kept:
        say("\nnot taken, newest first")
        table(
            [
                {
                    "item": found.keys.get(one.item_id, one.item_id or "-"),
                    "person": found.names[one.person_id],
                    "at": one.created_at[:16],
                    "sent": f"{one.kind} {(one.payload or {}).get('answers', '')}".strip(),
                    "why": one.result.get("message", ""),
                }
                for one in found.kept
            ]
        )


def run_skills(arguments: Namespace) -> None:
    services = workplace_for(arguments.dir)
    with services.workspace.open() as store:
        if arguments.name is not None:
            actor, now = operator(services.now()), services.now()
            give_skills(store, arguments.name, arguments.skill, actor=actor, now=now)
        skills = store.skills.all()
        people = store.people.all()
    table([{"person": p.name, "skills": ", ".join(skills.get(p.id, ()))} for p in people])


def run_training(arguments: Namespace) -> None:
    services = workplace_for(arguments.dir)
    with services.open(arguments.project) as (store, project):
        actor, now = operator(services.now()), services.now()
        for name, excuse in ((arguments.excuse, True), (arguments.again, False)):
            if name is not None:
                decide_training(store, project, name, excuse=excuse, actor=actor, now=now)
        names = {person.id: person.name for person in store.people.all()}
        standing = store.trainings.standing(project.project)
    if not standing:
        say("nobody has finished a training yet")
    table(
        [
            {
                "person": names[one.person_id],
                "result": one.result,
                "right": f"{one.correct} of {one.asked}" if one.asked else "-",
                "by": one.by,
                "at": one.created_at[:16],
            }
            for one in standing
        ]
    )

"""What needs a lead today, each in a sentence with the place where it can be seen to."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from annotate.model import Person
from annotate.people import require
from annotate.project import Project
from annotate.store import Store
from annotate.workflow.projects.jobs import JobView, watch
from annotate.workflow.projects.opening import opening
from annotate.workflow.team.attention import Attention, attention


@dataclass(frozen=True, slots=True)
class Need:
    """page: where it is seen to, empty where the text says how. question: which it is about."""

    text: str
    page: str = ""
    question: str = ""


@dataclass(frozen=True, slots=True)
class Today:
    """found: what is flagged, with names and keys."""

    needs: tuple[Need, ...]
    found: Attention


def today(store: Store, project: Project, *, actor: Person, now: datetime) -> Today:
    """What is paused, fails, or waits for a decision or an answer of a lead. Raises NotAllowed."""
    require(actor, "review")
    found = attention(store, project, actor=actor)
    needs = [
        *_opening(store, project),
        *_jobs(watch(store, project, actor=actor, now=now)),
        *_undecided(store, project),
        *_inbox(found),
    ]
    return Today(tuple(needs), found)


def _opening(store: Store, project: Project) -> Iterator[Need]:
    stands = opening(store, project)
    if stands is not None and stands.state != "open":
        why = f": {stands.reason}" if stands.reason else ""
        yield Need(
            f"The project is {stands.state} by {stands.person} since {stands.created_at[:10]}{why}."
            " `coannotate reopen` gives out items again.",
            "team",
        )


def _jobs(views: list[JobView]) -> Iterator[Need]:
    """The newest job of each kind, where it failed or stands still."""
    newest: dict[str, JobView] = {}
    for view in views:  # newest first
        newest.setdefault(view.job.kind, view)
    for kind, view in newest.items():
        if view.stalled:
            yield Need(f"The {kind} job stands still: start `coannotate work`, or the page again.")
        elif view.job.state == "failed":
            yield Need(f"The last {kind} job failed: {view.job.message}")


def _undecided(store: Store, project: Project) -> Iterator[Need]:
    for question in project.questions:
        count = store.consensus.counts(project.project, question.name).get("disputed", 0)
        if count:
            about = f" on {question.name}" if len(project.questions) > 1 else ""
            yield Need(
                f"{_many(count, 'item')} on which people differ{about} "
                f"{'waits' if count == 1 else 'wait'} for a decision.",
                "decide",
                question.name,
            )


def _inbox(found: Attention) -> Iterator[Need]:
    if found.flags:
        yield Need(f"{_many(len(found.flags), 'flag')} that nobody has seen to.", "flags")
    if found.kept:
        yield Need(
            f"{_many(len(found.kept), 'answer')} could not be taken and "
            f"{'is' if len(found.kept) == 1 else 'are'} kept as sent: `coannotate inbox`."
        )
    for one in found.failed:
        yield Need(f"{found.names[one.person_id]} did not pass the training.", "team")


def _many(count: int, what: str) -> str:
    return f"{count:,} {what}" if count == 1 else f"{count:,} {what}s"

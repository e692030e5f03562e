"""The team as a table of text, the same on the page and in a terminal."""

from __future__ import annotations

from collections.abc import Sequence

from annotate.store.persons.person_events import PersonEvent
from annotate.workflow.team.figures import Rate, percent, seconds
from annotate.workflow.team.teaming import LATEST, Member, Team

HEADS = (
    "name", "state", "today", "7 days", "in all", "per answer", "agreement", "known answers",
    "with self", "skips", "flags", "in hand", "skills", "last answer",
)  # fmt: skip


def rows(team: Team) -> list[tuple[str, ...]]:
    """A row for everybody, in the team's order; a figure that is not known yet is empty."""
    return [_row(one) for one in team.members]


def _row(one: Member) -> tuple[str, ...]:
    made, counted = one.figures, one.counted
    agreement = _rate(made.others) if made.consensus is None else made.consensus.words()
    return (
        one.person.name,
        f"{one.state} ({one.why})" if one.why else one.state,
        f"{counted.today:,}",
        f"{counted.week:,}",
        f"{counted.answers:,}",
        "" if made.pace is None else seconds(made.pace),
        agreement,
        _rate(made.gold),
        _rate(made.self_),
        _share(made.skipped),
        _share(made.flagged),
        f"{one.in_hand:,}",
        ", ".join(one.skills),
        "" if one.last is None else one.last[:16].replace("T", " "),
    )


def _rate(rate: Rate) -> str:
    return rate.words() if rate.of else ""


def _share(rate: Rate) -> str:
    return "" if rate.share is None else percent(rate.share)


def meaning(team: Team) -> str:
    """What the columns say, in a line or two."""
    against = (
        "agreement: with most of the others who answered the same items"
        if team.consensus_at is None
        else "agreement: how often they are right by the consensus as it was made at "
        f"{team.consensus_at[:16].replace('T', ' ')} UTC"
    )
    return (
        f"Per answer: the median of the newest {LATEST} answers; {against}. Known answers and with "
        "self: items with a known answer, and own earlier items, that came among the work unseen. "
        "In brackets the 95 % interval. Times are UTC."
    )


def warnings(team: Team) -> list[tuple[str, str]]:
    """(name, what a lead should look at), one for each warning."""
    return [(one.person.name, each) for one in team.members for each in one.warnings]


EVENT_HEADS = ("when", "who", "what", "why")


def events(found: Sequence[PersonEvent]) -> list[tuple[str, str, str, str]]:
    """What was decided about somebody, newest first."""
    return [
        (one.created_at[:16].replace("T", " "), one.person, _what(one), one.reason or "")
        for one in found
    ]


def _what(one: PersonEvent) -> str:
    facts = one.details
    if one.kind == "skills":
        return f"skills: {', '.join(facts['after']) or 'none'}"
    if "undoes" in facts:
        return f"{counted(facts['items'])} may come again"
    if one.kind == "reassigned":
        to = f" to {facts['to']}" if facts.get("to") else ""
        return f"{counted(facts['items'])} reassigned{to}"
    if one.kind == "paused":
        return f"paused, {counted(facts['items'])} back to the queue"
    return one.kind


def counted(items: Sequence[str] | int) -> str:
    """
    >>> counted(1), counted(["a", "b"])
    ('1 item', '2 items')
    """
    count = items if isinstance(items, int) else len(items)
    return "1 item" if count == 1 else f"{count:,} items"

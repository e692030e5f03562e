"""The actions of `coannotate guideline` that ask a model or go by what it said."""

from __future__ import annotations

from collections.abc import Callable

from annotate.errors import AnnotateError
from annotate.questions import brief
from annotate.store.machine.trials import Trial
from annotate.workflow.guideline.held_out import MOST
from annotate.workflow.guideline.proposing import (
    accept_proposal,
    proposals,
    propose,
    reject_proposal,
)
from annotate.workflow.guideline.requeueing import MOST as MOST_REQUEUED
from annotate.workflow.guideline.requeueing import Which, affected, requeue
from annotate.workflow.guideline.trial_words import gain, sentences
from annotate.workflow.guideline.trying_out import Estimate, trials
from annotate.workflow.prelabels.under_way import counted
from app.cli.guideline import At, lines
from app.cli.output import bar, say, table
from app.guiding import Bench, candidate, writer
from app.services import services_for


def _try(at: At) -> None:
    services = services_for(at.arguments.dir)
    services.try_out(at.store, at.project, actor=at.actor, say=say)
    made = candidate(at.store, at.path, at.project, at.changes(), actor=at.actor)
    bench = Bench(services, at.store, at.path, at.project, at.question(), made, at.actor)
    most = at.arguments.items or MOST
    lines("; ".join(made.told) or "nothing changed", in_words(bench.estimate(most)))
    if at.arguments.dry_run:
        return
    with bar("items asked about") as tell:

        def progress(done: int, total: int, cost_usd: float) -> bool:
            tell(done, total)
            return True

        found = bench.try_out(most, progress)
    for line in sentences(found):
        say(line)


def in_words(found: Estimate) -> list[str]:
    """What a trial takes."""
    told = [
        f"{found.items:,} items of known answer, {found.drawn:,} of them audited or imported "
        "with it"
    ]
    if found.free:
        told.append("free of charge: the model is part of this program")
    else:
        cost = "unknown: add `price`" if found.cost_usd is None else f"about ${found.cost_usd:,.4f}"
        told.append(f"{found.calls:,} calls ({found.known:,} answers are known), cost {cost}")
    if found.tried:
        told.append(
            f"{counted(found.tried, 'change was', 'changes were')} tried on this question before: "
            "the best of many looks better than it is"
        )
    return told


def _trials(at: At) -> None:
    found = trials(at.store, at.project, at.question(), actor=at.actor)
    if not found:
        say("nothing was tried yet: `coannotate guideline try --file FILE`")
    table([trial_row(one) for one in found])


def trial_row(one: Trial) -> dict[str, object]:
    """A trial as a line of a table."""
    better = gain(one)
    told = (
        "-"
        if better is None
        else f"{100 * better.estimate:+.1f} ({100 * better.low:+.1f} to {100 * better.high:+.1f})"
    )
    share = max(one.items, 1)
    return {
        "at": one.created_at[:16].replace("T", " "),
        "by": one.person,
        "change": "; ".join(one.told),
        "items": one.items,
        "right now": f"{one.right_before / share:.0%}",
        "with it": f"{one.right_after / share:.0%}",
        "points (95 %)": told,
        "calls": one.calls,
    }


def _propose(at: At) -> None:
    services = services_for(at.arguments.dir)
    if at.arguments.people is None or at.arguments.model is None:
        raise AnnotateError("name the cell: --people ANSWER --model ANSWER")
    made = propose(
        at.store,
        at.project,
        at.question(),
        at.arguments.people,
        at.arguments.model,
        writer(services, at.store, at.project),
        actor=at.actor,
        now=services.now(),
        new_id=services.new_id,
    )
    say(f"{made.asked}, from {len(made.item_ids)} items: {made.summary}")
    say(f"proposed: {made.sentence}")
    say(f"`coannotate guideline accept {made.id}` puts it into the guideline, `reject` does not")


def _proposals(at: At) -> None:
    found = proposals(at.store, at.project, actor=at.actor)
    if not found:
        say("nothing was proposed yet: `coannotate guideline propose --people X --model Y`")
    table(
        [
            {
                "id": one.id,
                "at": one.created_at[:16].replace("T", " "),
                "about": f"people {brief(one.people)}, model {brief(one.model)}",
                "sentence": one.sentence if verdict is None else verdict.sentence,
                "verdict": "open" if verdict is None else f"{verdict.verdict} by {verdict.person}",
            }
            for one, verdict in found
        ]
    )


def _accept(at: At) -> None:
    accept_proposal(
        at.store,
        at.path,
        at.project,
        at.arguments.names[0],
        sentence=at.arguments.text,
        comment=at.arguments.reason,
        actor=at.actor,
        now=at.services.now(),
    )
    say(f"the sentence is in the guideline of {at.project.project}")


def _reject(at: At) -> None:
    reject_proposal(
        at.store,
        at.project,
        at.arguments.names[0],
        comment=at.arguments.reason,
        actor=at.actor,
        now=at.services.now(),
    )
    say("declined; it stays on record")


def _requeue(at: At) -> None:
    given, question = at.arguments, at.question()
    which = Which(given.label, given.people, given.model, given.auto)
    last = at.store.versions.last(at.project.project)
    version = given.since or (last.number if last else 1)
    found = affected(at.store, at.project, question, which, version=version, actor=at.actor)
    say(
        f"{which.told()}, from before version {version}: {len(found.answered):,} answered by "
        f"people, {len(found.automatic):,} with the model's label alone"
    )
    for count, why in found.left_out:
        say(f"  left out: {count:,} {why}")
    if given.dry_run:
        return
    made = requeue(
        at.store,
        at.project,
        question,
        which,
        version=version,
        actor=at.actor,
        now=at.services.now(),
        new_id=at.services.new_id,
        most=given.items or MOST_REQUEUED,
    )
    say(f"{made.items:,} items are before people again")


ACTIONS: dict[str, Callable[[At], None]] = {
    "try": _try,
    "trials": _trials,
    "propose": _propose,
    "proposals": _proposals,
    "accept": _accept,
    "reject": _reject,
    "requeue": _requeue,
}

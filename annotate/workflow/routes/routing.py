"""Send each pre-labelled item to the model, to people, or to the random audit."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any

import numpy as np

from annotate.clock import iso
from annotate.llm.able import can_answer
from annotate.model import Decision, Destination, Person
from annotate.people import require
from annotate.project import Project
from annotate.questions import QuestionSettings
from annotate.store import Store
from annotate.store.standing.decisions import Routing
from annotate.workflow.labelling.slots import match_slots
from annotate.workflow.promises.settling import settle
from annotate.workflow.routes.deciding import Standing, decide, differs
from annotate.workflow.routes.features import ItemFeatures
from annotate.workflow.routes.learning import Belief, Seen, gather
from annotate.workflow.routes.people_only import send_all
from annotate.workspace import require_items
from routing.policies import Policy
from routing.policies.cascade import Cascade, measured
from routing.policies.cost import Cost
from routing.policies.promise import Promise
from routing.types import NO_VOTE

FEWEST_RECORDED = 20
"""Items that both models and people have answered, below which a cascade goes by usual figures."""
NEXT_USD = 10.0
"""What further dollars would buy is told for so many."""


@dataclass(frozen=True, slots=True)
class RouteReport:
    """Where the pre-labelled items stand now, and how many decisions are new.

    humans: answers of people that the risks were learned from. corrected: items whose label is
    another one than most of the machine's answers say.
    """

    items: int
    destinations: Mapping[Destination, int]
    changed: int
    waiting_prelabel: int
    unusable: int
    humans: int = 0
    corrected: int = 0
    outlook: tuple[str, ...] = ()
    """What comes next by the policy's own reckoning, a sentence each."""


def route(
    store: Store,
    project: Project,
    question: QuestionSettings,
    *,
    actor: Person,
    now: datetime,
    new_id: Callable[[], str],
    features: ItemFeatures | None = None,
) -> RouteReport:
    """Decide for every pre-labelled item and open the slots that people will fill.

    Running it again with nothing new changes nothing. Items a person has answered, skipped or
    holds keep their decision, and so do those of a promise that stands. features: kept by who
    routes again and again, since making them takes longer than routing; the words of the items
    unless given. A question that no model is asked is people's: they get every item.
    Raises NotAllowed, and NothingToDo before any pre-labelling.
    """
    require(actor, "route")
    settle(store, project, question, actor=actor, now=now)
    total = require_items(store, project)
    if not can_answer(project, question):
        items, sent = send_all(store, project, question, now=now, new_id=new_id)
        return RouteReport(items, {"annotate": items}, sent, total - items, 0)
    seen = gather(store, project, question, features or ItemFeatures())
    belief = seen.believe(project.routing)
    policy = policy_for(store, project, question, seen)
    standing = _standing(store, project, question)
    decided = decide(project, question, seen, belief, policy, standing, iso(now))
    with store.transaction():  # people go on working until here, so look again at what they have
        if store.decisions.next_number(project.project, question.name) != standing.number:
            standing = _standing(store, project, question)
            decided = decide(project, question, seen, belief, policy, standing, iso(now))
        touched = store.assignments.touched_items(project.project, question.name)
        taken = touched - standing.touched
        decided = [standing.before.get(d.item_id, d) if d.item_id in taken else d for d in decided]
        learned = belief.learned
        before = standing.before
        changed = [d for d in decided if differs(before.get(d.item_id), d, learned=learned)]
        if changed:
            routing = _routing(project, question, belief, policy, standing.number, iso(now), new_id)
            store.decisions.start(routing)
            store.decisions.add(routing, changed)
        hidden = store.promises.audited_items(project.project, question.name)
        match_slots(store, project, question, decided, hidden=hidden, now=iso(now))
    counts: Counter[Destination] = Counter(d.destination for d in decided)
    unusable = sum(d.score is None for d in decided)
    waiting = total - len(decided)
    return RouteReport(
        len(decided),
        dict(counts),
        len(changed),
        waiting,
        unusable,
        belief.humans,
        seen.corrected(belief),
        tuple(_outlook(policy, belief, decided)),
    )


def build_policy(store: Store, project: Project, question: QuestionSettings) -> Policy:
    """The project's policy; people's time is what was measured, unless the project sets it."""
    seconds = store.progress.seconds_per_answer(project.project, question.name)
    return project.routing.build(answers=project.people.per_item, seconds=seconds)


def policy_for(store: Store, project: Project, question: QuestionSettings, seen: Seen) -> Policy:
    """As `build_policy`; a cascade goes by the stronger model's own record where there is one."""
    policy = build_policy(store, project, question)
    if isinstance(policy, Cascade) and project.routing.strong is not None:
        return _with_record(policy, project.routing.strong, seen)
    return policy


def _with_record(policy: Cascade, strong: str, seen: Seen) -> Cascade:
    """The cascade with the stronger model's own record, from enough items that people answered."""
    cheap, other = seen.labels_without(strong), seen.labels_of(strong)
    known = (cheap != NO_VOTE) & (other != NO_VOTE) & (seen.human != NO_VOTE)
    if known.sum() < FEWEST_RECORDED:
        return policy
    record = measured(*seen.coded(cheap, other))
    return replace(policy, keeps=record.keeps, catches=record.catches, fixes=record.fixes)


def _outlook(policy: Policy, belief: Belief, decided: Sequence[Decision]) -> Iterator[str]:
    """What a policy that reckons with chances can say of what comes next."""
    sent = np.array([decision.destination != "auto" for decision in decided], dtype=bool)
    if isinstance(policy, Cost):
        next_ = policy.buys(belief.scores, sent, usd=NEXT_USD)
        if next_.items:
            yield (
                f"the next {next_.usd:.2f} dollars would buy {next_.items:.0f} more answers and "
                f"repair about {next_.errors:.1f} errors, worth {next_.worth:.2f}"
            )
    if isinstance(policy, Promise):
        plan = policy.plan(belief.scores, np.zeros(len(decided), dtype=bool))
        if not plan.model:
            yield "nothing can be promised about the model's labels: people get everything"
            return
        yield (
            f"planned: {plan.annotate + plan.with_people:,} items to people, then an audit of "
            f"{plan.audit:,}; if the risks are right, {plan.human_share:.0%} human labels in all"
        )


def _standing(store: Store, project: Project, question: QuestionSettings) -> Standing:
    # first: whoever decides while the rest is read makes this number an old one, and that is seen
    number = store.decisions.next_number(project.project, question.name)
    before = {d.item_id: d for d in store.decisions.current(project.project, question.name)}
    touched = store.assignments.touched_items(project.project, question.name)
    touched |= store.promises.held_items(project.project, question.name)  # frozen: as if touched
    return Standing(before, touched, number)


def _routing(
    project: Project,
    question: QuestionSettings,
    belief: Belief,
    policy: Any,
    number: int,
    now: str,
    new_id: Callable[[], str],
) -> Routing:
    """The record of this run: policy, settings, and what was learned."""
    learned: dict[str, Any] = {}
    if belief.learned:
        weights = {name: round(value, 6) for name, value in belief.weights.items()}
        learned = {"humans": belief.humans, "weights": weights}
    return Routing(
        id=new_id(),
        project=project.project,
        question=question.name,
        number=number,
        policy=project.routing.policy,
        settings={**asdict(policy), **project.routing.model_dump(mode="json"), **learned},
        created_at=now,
    )

"""From what is believed of each item to where it goes: policy, propensity, one plain sentence."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from annotate.hashing import digest
from annotate.model import Decision, Destination, Value
from annotate.project import Project
from annotate.questions import QuestionSettings
from annotate.workflow.routes.learning import Belief, Seen
from routing import draws
from routing.policies import Policy, Situation
from routing.policies.cascade import Cascade
from routing.policies.promise import Promise
from routing.types import NO_VOTE, Draws, Mask, Scores, Verdicts

MAX_FITS = 8  # rounds of fitting the policy around what people have, before all of it is fixed
STALE = 0.02
"""A learned risk that moved by less is not recorded anew: every answer moves all of them a bit."""


@dataclass(frozen=True, slots=True)
class Standing:
    """What earlier routings and people have left: decisions by item, and who has had what."""

    before: Mapping[str, Decision]
    touched: set[str]
    number: int


@dataclass(frozen=True, slots=True, eq=False)
class Kept:
    """(n,) each: items whose decision no routing may change, by where it sends them."""

    annotate: Mask
    audit: Mask
    auto: Mask


def decide(
    project: Project,
    question: QuestionSettings,
    seen: Seen,
    belief: Belief,
    policy: Policy,
    standing: Standing,
    now: str,
) -> list[Decision]:
    """A decision for each item of `seen`: the one in force where people have had the item.

    What people had before anything was decided, because it came along from another tool, is
    theirs: it counts towards a budget as all that people have does.
    """
    machine, classes = seen.machine, seen.classes
    keys = np.array([int(item_id[:16], 16) for item_id in machine.item_ids], dtype=np.uint64)
    kept = [standing.before.get(i) if i in standing.touched else None for i in machine.item_ids]
    theirs = np.array(
        [i in standing.touched and i not in standing.before for i in machine.item_ids], dtype=bool
    )
    scores = belief.scores.round(9)
    drawn = draws.pairs(keys, seed=project.routing.seed)
    situation = situation_of(project, seen)
    annotated = _mask(kept, "annotate") | theirs
    masks = Kept(annotated, _mask(kept, "audit"), _mask(kept, "auto"))
    verdicts = verdicts_of(policy, situation, scores, drawn, masks)
    had = np.array([decision is not None for decision in kept], dtype=bool) | theirs
    strong = asked_next(policy, situation, scores, drawn, had)
    explored = verdicts.explored.tolist()
    said = _explained(seen, belief)
    risks, votes, labels = scores.tolist(), belief.votes.tolist(), belief.labels.tolist()
    propensity = verdicts.propensity.round(9).tolist()
    destinations = _destinations(verdicts, strong)
    return [
        old
        or Decision(
            id=digest(item_id, question.name, standing.number),
            project=project.project,
            item_id=item_id,
            question=question.name,
            destination=destinations[at],
            score=None if math.isnan(risks[at]) else risks[at],
            model_value=None if votes[at] == NO_VOTE else classes[votes[at]],
            propensity=propensity[at],
            policy=project.routing.policy,
            reason=_reason(said[at], destinations[at], propensity[at], explored[at]),
            created_at=now,
            label=None if labels[at] == NO_VOTE else classes[labels[at]],
        )
        for at, (item_id, old) in enumerate(zip(machine.item_ids, kept, strict=True))
    ]


def _explained(seen: Seen, belief: Belief) -> list[str]:
    """One sentence on each item: what the machine said, and what people have taught about it."""
    said, classes = seen.sentences(belief.scores), seen.classes
    if not belief.learned:
        return said
    learned = f"by {belief.humans} human answers" if belief.humans else "before any human answer"
    rows = zip(
        said,
        belief.scores.tolist(),
        belief.votes.tolist(),
        belief.labels.tolist(),
        strict=True,
    )
    return [
        sentence
        if math.isnan(risk)
        else f"{sentence}; {_corrected(classes, vote, label)}{risk:.0%} likely wrong {learned}"
        for sentence, risk, vote, label in rows
    ]


def _corrected(classes: Sequence[Value], vote: int, label: int) -> str:
    return "" if vote == label else f"in such cases people say {classes[label]}, so that is taken; "


def situation_of(project: Project, seen: Seen) -> Situation:
    """What a policy may look at beside the scores."""
    routing = project.routing
    return Situation(
        groups=seen.groups() if routing.diversity else None,
        asked=None if routing.strong is None else seen.asked(routing.strong),
    )


def verdicts_of(
    policy: Policy, situation: Situation, scores: Scores, drawn: Draws, kept: Kept
) -> Verdicts:
    """The policy's verdicts, given what people already have.

    As long as people have only what the policy would send them now, nothing is fixed and every
    propensity is that of one undisturbed draw: answering items must not change it for the rest.
    """
    annotated, audited = kept.annotate, kept.audit
    frozen = kept.auto  # by a promise: such labels take no part of a budget either
    fixed, aside = np.zeros(len(scores), dtype=bool), frozen
    for _ in range(MAX_FITS):
        # an audited item that the policy would not audit now takes no part of a budget
        verdicts = _routed(policy, situation, np.where(aside, 0.0, scores), drawn, fixed)
        strangers = annotated & ~verdicts.annotate
        others = audited & ~verdicts.audit & ~aside
        if not strangers.any() and not others.any():
            return verdicts
        fixed, aside = fixed | strangers, aside | others
    sure = np.where(audited | frozen, 0.0, scores)
    return _routed(policy, situation, sure, drawn, annotated)


def asked_next(
    policy: Policy, situation: Situation, scores: Scores, drawn: Draws, had: Mask
) -> Mask:
    """(n,) items that the stronger model of a cascade answers before anything else is decided.

    had: (n,), those that are decided for good.
    """
    if not isinstance(policy, Cascade):
        return np.zeros_like(had)
    return np.asarray(policy.stages(scores, drawn, had, situation).strong & ~had)


def _routed(
    policy: Policy, situation: Situation, scores: Scores, drawn: Draws, fixed: Mask
) -> Verdicts:
    """What the policy says; a promise's own audit waits until labels and order are frozen."""
    verdicts = policy.route(scores, drawn, fixed, situation)
    if not isinstance(policy, Promise):
        return verdicts
    sent = verdicts.annotate
    return Verdicts(~sent, np.zeros_like(sent), sent.astype(np.float64))


def _mask(kept: Sequence[Decision | None], destination: Destination) -> Mask:
    return np.array([d is not None and d.destination == destination for d in kept], dtype=bool)


def _destinations(verdicts: Verdicts, strong: Mask) -> list[Destination]:
    result: list[Destination] = [
        "auto" if accept else "audit" if audit else "annotate"
        for accept, audit in zip(verdicts.accept.tolist(), verdicts.audit.tolist(), strict=True)
    ]
    for at in np.flatnonzero(strong).tolist():
        result[at] = "strong"
    return result


def _reason(said: str, destination: Destination, propensity: float, explored: bool) -> str:
    """One plain sentence: what the model said, and what part chance had in it."""
    if destination == "strong":
        return f"{said}; the stronger model is worth asking first"
    if explored:
        return f"{said}; drawn at random, to learn of all kinds of items"
    if destination == "audit":
        return f"{said}; drawn at random for the audit"
    if destination == "annotate" and propensity < 1:
        return f"{said}; drawn at random among equals"
    return said


def differs(old: Decision | None, new: Decision, *, learned: bool) -> bool:
    """Whether `new` says something that is not on record. learned: scores move a little with every
    answer, and the reason tells them."""
    if old is None:
        return True
    same = ["destination", "model_value", "label", "propensity", "policy"]
    if not learned:
        same += ["score", "reason"]
    elif abs((old.score or 0.0) - (new.score or 0.0)) >= STALE:
        return True
    return any(getattr(old, name) != getattr(new, name) for name in same)

"""Why an item was sent where it was sent: what went in, what it weighed, what was decided."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from annotate.errors import NotFound
from annotate.model import Decision, Person, Value
from annotate.people import require
from annotate.project import Project
from annotate.questions import QuestionSettings
from annotate.store import Store
from annotate.store.standing.decisions import Routing
from annotate.workflow.routes.features import ItemFeatures
from annotate.workflow.routes.learning import Belief, Seen, gather
from annotate.workspace import require_item
from routing.types import NO_VOTE


@dataclass(frozen=True, slots=True)
class Said:
    """One call's answer. confidence and probability (of the answer): None where not given."""

    variant: str
    sample: int
    value: Value
    confidence: float | None
    probability: float | None


@dataclass(frozen=True, slots=True)
class Explanation:
    """A decision and what speaks for it now.

    decision: in force, with its reason; routing: the run that made it, with policy and settings.
    probabilities: class -> chance by what is known now; empty without a learned signal; "right" and
    "wrong" where there are no classes. terms:
    signal -> class -> what it adds to the logit, largest first. risk_now, label_now: what routing
    again would say. answers_since: human answers that came after the decision was made.
    """

    item_id: str
    decision: Decision
    routing: Routing
    said: tuple[Said, ...]
    probabilities: Mapping[Value, float]
    terms: Mapping[str, Mapping[Value, float]]
    risk_now: float | None
    label_now: Value
    answers_since: int


def explain(
    store: Store,
    project: Project,
    question: QuestionSettings,
    reference: str,
    *,
    actor: Person,
    features: ItemFeatures | None = None,
) -> Explanation:
    """The item with this id, or this id of the user's own.

    Raises NotAllowed, and NotFound when there is no such item or it is not routed yet.
    """
    require(actor, "review")
    item = require_item(store, project, reference)
    made = [d for d in store.history.decisions(item.id) if d.question == question.name]
    if not made:
        raise NotFound(
            f"item {reference!r} is not routed yet: `coannotate prelabel`, then `coannotate route`"
        )
    seen = gather(store, project, question, features or ItemFeatures())
    if item.id not in seen.machine.item_ids:
        raise NotFound(f"item {reference!r} has no answers in force: `coannotate prelabel` first")
    row, belief = seen.machine.item_ids.index(item.id), seen.believe(project.routing)
    risk, label = float(belief.scores[row]), int(belief.labels[row])
    return Explanation(
        item_id=item.id,
        decision=made[-1],
        routing=store.decisions.routing_of(made[-1].id),
        said=_said(seen, row),
        probabilities=_probabilities(seen, belief, row),
        terms=_terms(seen, belief, row),
        risk_now=None if np.isnan(risk) else risk,
        label_now=None if label == NO_VOTE else seen.classes[label],
        answers_since=store.progress.answers_since(
            project.project, question.name, since=made[-1].created_at
        ),
    )


def _said(seen: Seen, row: int) -> tuple[Said, ...]:
    machine = seen.machine
    found = []
    for at, call in enumerate(machine.calls):
        vote = int(machine.votes[row, at])
        if vote == NO_VOTE:
            continue
        stated = float(machine.confidences[row, at])
        chance = None
        if machine.log_probs is not None and not np.isnan(machine.log_probs[row, at, vote]):
            chance = float(np.exp(machine.log_probs[row, at, vote]))
        confidence = None if np.isnan(stated) else stated
        found.append(Said(call.variant, call.sample, seen.classes[vote], confidence, chance))
    return tuple(found)


def _probabilities(seen: Seen, belief: Belief, row: int) -> Mapping[Value, float]:
    if belief.weighed is not None:
        wrong = float(belief.weighed.chance[row])
        return {RIGHT: 1 - wrong, WRONG: wrong}
    if belief.fitted is None:
        return {}
    return dict(zip(seen.classes, belief.fitted.probs[row].tolist(), strict=True))


def _terms(seen: Seen, belief: Belief, row: int) -> Mapping[str, Mapping[Value, float]]:
    """Votes under the names of their calls; what says nothing about this item is left out."""
    if belief.weighed is not None:
        adds = {name: float(term[row]) for name, term in belief.weighed.terms.items()}
        largest = sorted(adds.items(), key=lambda pair: (-abs(pair[1]), pair[0]))
        return {_SPREAD.get(name, name): {WRONG: value} for name, value in largest if value}
    if belief.fitted is None:
        return {}
    calls = {
        f"vote {at}": f"{call.variant} #{call.sample + 1}"
        for at, call in enumerate(seen.machine.calls)
    }
    named = {
        calls.get(name, _SIGNALS.get(name, name)): values
        for name, values in belief.fitted.terms(row).items()
        if np.abs(values).max() > 0
    }
    ordered = sorted(named.items(), key=lambda pair: (-float(np.abs(pair[1]).max()), pair[0]))
    return {name: dict(zip(seen.classes, values.tolist(), strict=True)) for name, values in ordered}


RIGHT, WRONG = "right", "wrong"
"""What is weighed where there are no classes."""

_SPREAD = {
    "entropy": "expected distance of a further answer",
    "confidence": "lack of stated confidence",
    "unparsed": "share of unusable answers",
    "similar items": "what people said of similar items",
}
_SIGNALS = {
    "stated": "stated confidences",
    "token": "token probabilities",
    "student 0": "similar items (words)",
    "student 1": "similar items (embeddings)",
    "taught 0": "what people said of similar items (words)",
    "taught 1": "what people said of similar items (embeddings)",
    "how often": "how often people say it",
    "such cases": "what people say where the votes are these",
}
"""A router's signals in words."""

"""What a policy would have done on items whose answers are known, before anybody is paid."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from annotate.errors import AnnotateError, NothingToDo
from annotate.llm.spoken import has_classes
from annotate.model import Person
from annotate.people import require
from annotate.project import Project
from annotate.questions import QuestionSettings
from annotate.store import Store
from annotate.workflow.routes.features import ItemFeatures
from annotate.workflow.routes.learning import Seen, gather
from annotate.workflow.routes.routing import build_policy
from annotate.workflow.routes.spread import Spread
from routing.evidence import Evidence
from routing.policies import Policy
from routing.replay import (
    Course,
    Prices,
    Strategy,
    learned,
    learned_changes,
    replay,
    strategies,
    unchanging,
)
from routing.types import NO_VOTE, Labels

FEWEST = 20
SHARES = np.round(np.linspace(0, 1, 21), 2)
YOURS = "yours"
"""The project's own signal and policy, beside the usual strategies."""


@dataclass(frozen=True, slots=True, eq=False)
class Simulation:
    """Strategies replayed on `items` of known answer: `gold` of them from the data, the others
    answered by people. courses: strategy -> what came of it, over all seeds."""

    items: int
    gold: int
    courses: Mapping[str, Course]


def simulate(
    store: Store,
    project: Project,
    question: QuestionSettings,
    *,
    actor: Person,
    seeds: int = 20,
    people_error: float = 0.0,
    features: ItemFeatures | None = None,
) -> Simulation:
    """The project's pre-labelled items of known answer, given to people in simulation.

    Known are the gold answers of the data file, then what people have answered. people_error: 0..1,
    chance that a simulated person says another label. Routers learn only from what people have been
    given so far. Raises NotAllowed, NothingToDo with fewer than 20 such items.
    """
    require(actor, "review")
    _check(seeds, people_error)
    if not has_classes(question):
        return _without_classes(
            store, project, question, features or ItemFeatures(), seeds, people_error
        )
    seen = gather(store, project, question, features or ItemFeatures(), learning=True)
    index = {value: at for at, value in enumerate(seen.classes)}
    known = store.items.gold(project.project, question.name)
    said = (index.get(known.get(i), NO_VOTE) for i in seen.machine.item_ids)
    gold = np.fromiter(said, dtype=np.int64, count=len(seen.human))
    truth = np.where(gold == NO_VOTE, seen.human, gold)
    rows = np.flatnonzero((truth != NO_VOTE) & (seen.machine.votes != NO_VOTE).any(axis=1))
    _check_known(question, len(rows))
    evidence = _part(seen, rows)
    policy = build_policy(store, project, question)
    tried = strategies(evidence) | {YOURS: _own(project, policy, evidence)}
    prices = Prices(answer_usd=_answer_usd(policy, project))
    courses = replay(
        truth[rows],
        tried,
        k=evidence.k,
        seeds=range(seeds),
        people=people_error,
        shares=SHARES,
        prices=prices,
    )
    return Simulation(len(rows), int((gold[rows] != NO_VOTE).sum()), courses)


def _check_known(question: QuestionSettings, count: int) -> None:
    if count < FEWEST:
        raise NothingToDo(
            f"{count} items of {question.name!r} have both a known answer and the model's, and "
            f"a simulation needs {FEWEST}: name a gold column (`import: gold:`), label some items, "
            "or use --made-up"
        )


def _without_classes(
    store: Store,
    project: Project,
    question: QuestionSettings,
    features: ItemFeatures,
    seeds: int,
    people_error: float,
) -> Simulation:
    """As `simulate`, of what people would change: 0 where the answer that is kept is within what
    the project tolerates of the known one, else 1."""
    known = store.items.gold(project.project, question.name)
    seen = gather(store, project, question, features, learning=True)
    assert seen.spread is not None
    found, gold = seen.spread, seen.numbers(known)
    truth = np.where(gold == NO_VOTE, seen.human, gold)
    rows = np.flatnonzero((truth != NO_VOTE) & (found.kept != NO_VOTE))
    _check_known(question, len(rows))
    changed = found.wrong(found.kept, truth)[rows].astype(np.int64)
    policy = build_policy(store, project, question)
    tried = _by_distance(seen, found, rows, project.routing.signal)
    own = "distance" if project.routing.signal == "entropy" else project.routing.signal
    tried[YOURS] = replace(tried[own], policy=lambda items: policy, pilot=False)
    courses = replay(
        changed,
        tried,
        k=2,
        seeds=range(seeds),
        people=people_error,
        shares=SHARES,
        prices=Prices(answer_usd=_answer_usd(policy, project)),
    )
    return Simulation(len(rows), int((gold[rows] != NO_VOTE).sum()), courses)


def _by_distance(
    seen: Seen, found: Spread, rows: NDArray[np.intp], signal: str
) -> dict[str, Strategy]:
    """The usual strategies as far as the answers go; always one of the project's own signal."""
    kept = np.zeros(len(rows), dtype=np.int64)
    tried = {
        "random": Strategy(unchanging(np.zeros(len(rows)), kept)),
        "distance": Strategy(unchanging(found.doubt()[rows], kept)),
        "learned": Strategy(learned_changes(seen.risk_model(rows)), pilot=True),
    }
    if signal == "confidence" or not np.isnan(found.stated[rows]).all():
        tried["confidence"] = Strategy(unchanging(found.stated[rows], kept))
    return tried


def made_up(
    items: int,
    *,
    classes: int = 3,
    calls: int = 5,
    model_error: float = 0.2,
    people_error: float = 0.0,
    seeds: int = 20,
    seed: int = 0,
) -> Simulation:
    """Strategies on a set that chance makes: what to expect before there are any data.

    A model that errs on `model_error` of the items, more where its calls disagree, and mistakes one
    class for another more often than for the rest. ValueError when a number is out of range.
    """
    _check(seeds, people_error)
    if items < FEWEST or classes < 2 or calls < 1 or not 0 <= model_error < 1:
        raise AnnotateError(
            f"{items} items, {classes} classes, {calls} calls, model error {model_error:g}: a set "
            f"is made of {FEWEST} items or more, 2 classes or more, 1 call or more, and an error "
            "from 0 to below 1"
        )
    rng = np.random.default_rng(seed)
    truth = rng.integers(classes, size=items)
    evidence = Evidence(_votes(truth, classes, calls, model_error, rng), classes)
    courses = replay(
        truth,
        strategies(evidence),
        k=classes,
        seeds=range(seeds),
        people=people_error,
        shares=SHARES,
    )
    return Simulation(items, items, courses)


def _votes(
    truth: Labels, classes: int, calls: int, model_error: float, rng: np.random.Generator
) -> NDArray[np.int16]:
    """(n, calls): hard items are missed by most calls, and by each in its own way."""
    # a beta distribution of this mean: most items are easy, some are hopeless
    hard = rng.beta(model_error, 1 - model_error, size=len(truth)) if model_error else 0 * truth
    miss = rng.random((len(truth), calls)) < np.asarray(hard)[:, None]
    liked = (truth + 1) % classes  # the class that this one is usually taken for
    other = np.where(rng.random(miss.shape) < 0.7, liked[:, None], _any_other(truth, classes, rng))
    return np.where(miss, other, truth[:, None]).astype(np.int16)


def _any_other(truth: Labels, classes: int, rng: np.random.Generator) -> NDArray[np.int64]:
    step = rng.integers(1, classes, size=len(truth)) if classes > 2 else np.ones_like(truth)
    other: NDArray[np.int64] = ((truth + step) % classes)[:, None]
    return other


def _part(seen: Seen, rows: NDArray[np.intp]) -> Evidence:
    """What the machine said of some of the items. Features were made from all of them."""
    machine = seen.machine
    part = replace(
        machine,
        item_ids=[machine.item_ids[row] for row in rows],
        called=machine.called[rows],
        votes=machine.votes[rows],
        confidences=machine.confidences[rows],
        log_probs=None if machine.log_probs is None else machine.log_probs[rows],
    )
    features = tuple(values[rows] for values in seen.features)
    return Seen(part, seen.classes, seen.human[rows], features).evidence()


def _own(project: Project, policy: Policy, evidence: Evidence) -> Strategy:
    settings = project.routing
    if settings.signal == "learned":
        return Strategy(
            learned(evidence, relabel=settings.relabel), policy=lambda items: policy, pilot=False
        )
    tried = strategies(evidence)
    return replace(tried[settings.signal], policy=lambda items: policy)


def _answer_usd(policy: Policy, project: Project) -> float:
    """Dollars for people's work on one item; 0 where the project names no price."""
    hour = project.routing.hour_usd or 0.0
    seconds = float(getattr(policy, "seconds", 0.0))
    return hour / 3600 * seconds * project.people.per_item


def _check(seeds: int, people_error: float) -> None:
    if seeds < 1:
        raise AnnotateError(f"{seeds} seeds: a simulation takes 1 or more")
    if not 0 <= people_error < 1:
        raise AnnotateError(f"people's error {people_error:g}: a share from 0 to below 1 is meant")

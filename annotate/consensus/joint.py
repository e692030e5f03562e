"""People and machine together: each person by their own record, the machine as what one believes
of an item before people are heard.

Prompts of one model err together: as annotators of equal rank they would outvote any person. Here
all that a machine said of an item becomes one set of chances, as sharp as people's answers to other
items have shown them to be right, and every person is weighed against that by their own confusion,
which starts at what people have in common.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from annotate.consensus.confusions import (
    belief,
    clamped,
    class_shares,
    expected,
    heard,
    shrunk,
    where_heard,
    without_own,
)
from annotate.consensus.estimate import Answers, Estimate, Floats, Ints
from annotate.consensus.trust import quality_of
from annotate.consensus.vote import shares_of

if TYPE_CHECKING:
    from routing.evidence import Evidence

    Machine: TypeAlias = Evidence | Floats

ROUNDS: Final = 5
MANY: Final = 50_000  # items above which so few rounds are enough, since so much is known of all
FEWER: Final = 2
TURNS: Final = 3  # of people's records and what follows for the items, in each round
STEPS: Final = 30
CHANGE: Final = 1e-4
USUAL: Final = 0.85  # how often a person is right, believed before any two answered one item
COMMON: Final = 10.0  # answers that this belief is worth, for all people together
OWN: Final = 8.0  # answers that the common confusion is worth, for each person
FLOOR: Final = 1e-4  # no class is ruled out before people are heard
MOST_TAUGHT: Final = 20_000  # items that teach what the machine is worth; more tell nothing new


def joint(
    items: Ints,
    people: Ints,
    labels: Ints,
    k: int,
    machine: Machine | None = None,
    *,
    n: int = -1,
    p: int = -1,
    halves: NDArray[np.bool_] | None = None,
    blind: NDArray[np.bool_] | None = None,
    planned: NDArray[np.bool_] | None = None,
    known: Ints | None = None,
) -> Estimate:
    """What is right, by people and machine; see `Answers` for the first four and n, p.

    machine: of all n items, what it said as `routing.evidence.Evidence`, or chances (n, k); None
    where there is none. halves: (n,), the two halves of the items: the machine's record in one is
    made of people's answers in the other, so that no answer is heard twice; alternately unless
    given. blind: (n,), items whose answers may speak of the machine, because nobody had seen what
    it said; all unless given. planned: (m,), answers that were asked for whatever others had said;
    all unless given. Only these tell what people have in common: where a second person is asked
    because the first differs from the machine, people differ more often than they do elsewhere, and
    would all look worse than they are. known: (n,), classes that are certain, -1 elsewhere.

    One answer per item is enough: what people have in common is learned only where at least two
    answered an item, and believed to be right in 85 % of cases before that.
    """
    answers = Answers(items, people, labels, k, n, p)
    said, count = answers.said(), answers.per_item()
    heard_of = (count > 0) | _certain(known, answers.n)
    evidence = _evidence(machine)
    common = in_common(answers if planned is None else answers.only(planned), known)
    confusion = np.repeat(common[None], answers.p, axis=0)
    teaching = heard_of if blind is None else heard_of & blind
    uniform = np.full((answers.n, k), 1 / k)
    posterior = clamped(uniform, known)
    prior = uniform
    for round_ in range((ROUNDS if answers.n <= MANY else FEWER) + 1):
        if evidence is not None:
            taught = teaching if round_ else np.zeros_like(teaching)
            prior = calibrated(evidence, posterior, taught, halves)
        elif round_:
            prior = where_heard(class_shares(posterior, heard_of), heard_of)
        posterior = clamped(heard(said, confusion, prior), known)
        for _ in range(TURNS if round_ else 0):
            confusion = shrunk(expected(said, posterior, answers.p), common, OWN)
            posterior = clamped(heard(said, confusion, prior), known)
    others = without_own(answers, posterior, confusion, known)
    return Estimate(posterior, quality_of(answers, others, confusion), prior)


def in_common(answers: Answers, known: Ints | None = None) -> Floats:
    """(k, k) how people say the column where the row is right, all of them taken together.

    By expectation maximisation over the items that at least two answered. known: as in `joint`; an
    item that is known, but answered once, is left out: what somebody decides is what was in doubt.
    """
    start = belief(answers.k, USUAL)
    several = answers.per_item() >= 2
    some = answers.only(several[answers.items])
    if not len(some):
        return start
    said, posterior, confusion = some.said(), clamped(shares_of(some), known), start
    for _ in range(STEPS):
        shares = class_shares(posterior, several)
        counts = expected(said, posterior, some.p).sum(axis=0)
        before, confusion = confusion, shrunk(counts, start, COMMON)
        if np.abs(confusion - before).max() < CHANGE:
            break
        everybody = np.broadcast_to(confusion, (some.p, some.k, some.k))
        posterior = clamped(heard(said, everybody, shares), known)
    return confusion


def calibrated(
    machine: Machine,
    posterior: Floats,
    taught: NDArray[np.bool_],
    halves: NDArray[np.bool_] | None = None,
) -> Floats:
    """(n, k) chances of the classes by what the machine said, as good as people found it to be.

    posterior: (n, k), what is believed of the items. taught: (n,), those to learn from. halves: see
    `joint`; an item's own posterior has no part in its chances.
    """
    from routing.stacker import Stacker

    evidence = _evidence(machine)
    assert evidence is not None
    stacker, parts = Stacker(evidence), _halves(halves, len(posterior))
    result = np.empty_like(posterior)
    for half in (parts, ~parts) if taught.any() else (np.ones_like(parts),):
        weights = _thinned(taught & ~half).astype(np.float64)
        result[half] = stacker.fit_soft(posterior, weights).probs[half]
    result = np.maximum(result, FLOOR)
    result /= result.sum(axis=1, keepdims=True)
    return result


def _evidence(machine: Machine | None) -> Evidence | None:
    """Chances as a single call that names its likeliest class and tells them all."""
    if not isinstance(machine, np.ndarray):
        return machine
    from routing.evidence import Evidence

    with np.errstate(divide="ignore"):
        logs = np.log(machine)[:, None, :]
    return Evidence(machine.argmax(axis=1)[:, None], machine.shape[1], log_probs=logs)


def _halves(halves: NDArray[np.bool_] | None, n: int) -> NDArray[np.bool_]:
    return np.arange(n) % 2 == 0 if halves is None else halves


def _thinned(taught: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """At most so many of them as tell something new, evenly spread."""
    rows = np.flatnonzero(taught)
    if len(rows) > MOST_TAUGHT:
        rows = rows[np.linspace(0, len(rows) - 1, MOST_TAUGHT).astype(np.int64)]
    result = np.zeros_like(taught)
    result[rows] = True
    return result


def _certain(known: Ints | None, n: int) -> NDArray[np.bool_]:
    return np.zeros(n, dtype=bool) if known is None else np.asarray(known >= 0)

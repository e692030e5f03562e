"""Pairs of responses, of which people have chosen one or which they have put in an order."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations, pairwise
from statistics import fmean

from annotate.exporters.protocol import ONLY_MODEL, TIE, TIED, Dropped, ExportRow
from annotate.model import Value
from annotate.questions.preference import TIE as TIE_VALUE
from annotate.questions.preference import PreferenceSettings
from annotate.questions.ranking import RankingSettings
from annotate.training.paired import paired
from annotate.training.prompts import held, response
from annotate.training.protocol import Pair, PairRule, Rules, Turn
from annotate.training.reasons import ECHO, EITHER, NO_PROMPT, THIN
from annotate.training.standing import EPSILON, Standing, is_echo, standing

ADJUDICATED = "adjudicated"


def choices(
    row: ExportRow, question: PreferenceSettings, made: Standing, rules: Rules
) -> Iterator[Pair | Dropped]:
    """The chosen response against each of the others: among these nobody has chosen.

    margin: how far people's votes lead those for the other one; where the question asks how much
    better it is, the mean strength for it less that for the other, as a share of the most.
    """
    if question.choice_of(made.value) == TIE_VALUE:
        yield Dropped(TIE)
        return
    prompt = held(row, question.prompt, rules)
    winner, letter = question.field_of(made.value), question.choice_of(made.value)
    adjudicated = made.source == ADJUDICATED
    for other, name in zip(question.letters(), question.responses, strict=True):
        if other == letter:
            continue
        margin = _chosen_margin(row, question, made, other)
        if not adjudicated and (margin is None or margin < rules.min_margin - EPSILON):
            yield Dropped(THIN)
            continue
        yield paired(
            Pair(
                row=row,
                prompt=prompt,
                chosen=response(row, winner),
                rejected=response(row, name),
                rule=ADJUDICATED if adjudicated else "vote",
                margin=margin,
                scores=_shares(row, question, letter, other),
                chosen_by=winner,
                rejected_by=name,
            )
        )


def orders(row: ExportRow, question: RankingSettings, rules: Rules) -> Iterator[Pair | Dropped]:
    """Of responses in an order: every better against every worse one, each against the next, or
    the first against each of the others. Only where more people put them so than the other way.

    People who are tied over whole orders may still agree on pairs.
    """
    order = _order(row, rules)
    if isinstance(order, Dropped):
        yield order
    elif question.prompt is None:
        yield Dropped(NO_PROMPT)
    else:
        prompt = held(row, question.prompt, rules)
        for better, worse in _paired_up(order.value, rules.pairs):
            yield _ordered(row, question, prompt, order, better, worse, rules)


def _ordered(
    row: ExportRow,
    question: RankingSettings,
    prompt: tuple[Turn, ...],
    order: Standing,
    better: str,
    worse: str,
    rules: Rules,
) -> Pair | Dropped:
    adjudicated = order.source == ADJUDICATED
    margin = _leads(row, better, worse)
    if not adjudicated and margin <= 0:
        return Dropped(EITHER)
    if not adjudicated and margin < rules.min_margin - EPSILON:
        return Dropped(THIN)
    one, other = (question.responses[question.letters().index(at)] for at in (better, worse))
    return paired(
        Pair(
            row=row,
            prompt=prompt,
            chosen=response(row, one),
            rejected=response(row, other),
            rule=ADJUDICATED if adjudicated else "ranking",
            margin=margin if margin > 0 else None,
            scores=_heights(row, better, worse),
            chosen_by=one,
            rejected_by=other,
        )
    )


def _order(row: ExportRow, rules: Rules) -> Standing | Dropped:
    """The order that stands; where people are tied over whole orders, that of the mean places."""
    made = standing(row, rules, per_pair=True)
    if row.refused or row.final.why != TIED or isinstance(made, Standing):
        return made if isinstance(made, Dropped) or made.by_people else Dropped(ONLY_MODEL)
    tied = Standing(_by_mean_place(row), "person", row.answers, 0.0)
    return Dropped(ECHO) if not rules.echoes and is_echo(row, tied) else tied


def _by_mean_place(row: ExportRow) -> list[str]:
    orders = [one.annotation.value for one in row.answers]
    return sorted(orders[0], key=lambda at: (sum(one.index(at) for one in orders), at))


def _paired_up(order: Sequence[str], rule: PairRule) -> Iterator[tuple[str, str]]:
    """(better, worse) letters.

    >>> [a + b for a, b in _paired_up("cab", "all")], [a + b for a, b in _paired_up("cab", "best")]
    (['ca', 'cb', 'ab'], ['ca', 'cb'])
    >>> [a + b for a, b in _paired_up("cab", "adjacent")]
    ['ca', 'ab']
    """
    match rule:
        case "all":
            yield from combinations(order, 2)
        case "adjacent":
            yield from pairwise(order)
        case "best":
            yield from ((order[0], other) for other in order[1:])


def _leads(row: ExportRow, better: str, worse: str) -> float:
    """By which share more people put one before the other, -1..1; 0 where nobody has answered."""
    orders = [one.annotation.value for one in row.answers]
    if not orders:
        return 0.0
    ahead = sum(one.index(better) < one.index(worse) for one in orders)
    return (2 * ahead - len(orders)) / len(orders)


def _heights(row: ExportRow, better: str, worse: str) -> tuple[float, float] | None:
    """Mean place of the two, from 1, always first, to 0, always last."""
    orders = [one.annotation.value for one in row.answers]
    if not orders:
        return None
    last = len(orders[0]) - 1
    one, other = (fmean(1 - o.index(at) / last for o in orders) for at in (better, worse))
    return one, other


def _chosen_margin(
    row: ExportRow, question: PreferenceSettings, made: Standing, other: str
) -> float | None:
    """None where a lead has decided and people's votes do not lead."""
    if made.source == ADJUDICATED and question.strength is not None:
        return _strength(question, made.value, question.choice_of(made.value), other)
    said = [one.annotation.value for one in row.answers]
    letter = question.choice_of(made.value)
    lead = fmean(_strength(question, value, letter, other) for value in said) if said else 0.0
    return lead if lead > 0 else None


def _strength(question: PreferenceSettings, value: Value, letter: str, other: str) -> float:
    """How much one answer speaks for the one (1) or for the other (-1)."""
    choice = question.choice_of(value)
    if choice not in (letter, other):
        return 0.0
    much = value["strength"] / question.strength if question.strength is not None else 1.0
    return float(much if choice == letter else -much)


def _shares(
    row: ExportRow, question: PreferenceSettings, letter: str, other: str
) -> tuple[float, float] | None:
    """Of people's votes, for each of the two."""
    said = [question.choice_of(one.annotation.value) for one in row.answers]
    if not said:
        return None
    return said.count(letter) / len(said), said.count(other) / len(said)

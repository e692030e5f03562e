"""Pairs of responses, of which people have chosen one or which they have put in an order."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations, pairwise
from operator import lt

from annotate.exporters.protocol import ONLY_MODEL, TIE, TIED, Dropped, ExportRow
from annotate.model import Value
from annotate.questions.preference import TIE as TIE_VALUE
from annotate.questions.preference import PreferenceSettings
from annotate.questions.ranking import RankingSettings
from annotate.training.paired import paired
from annotate.training.prompts import held, response
from annotate.training.protocol import Pair, PairRule, Rules
from annotate.training.reasons import EITHER, NO_PROMPT, THIN, UNRESOLVED
from annotate.training.standing import Standing, below, is_echo, standing

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
    prompt, letter = held(row, question.prompt, rules), question.choice_of(made.value)
    winner = question.field_of(made.value)
    chosen, adjudicated = response(row, winner), made.source == ADJUDICATED
    for other, name in zip(question.letters(), question.responses, strict=True):
        if other == letter:
            continue
        margin = _chosen_margin(row, question, made, other)
        if not adjudicated and (why := _unsure(margin, rules)) is not None:
            yield Dropped(why)
            continue
        yield paired(
            Pair(
                row=row,
                prompt=prompt,
                chosen=chosen,
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
        yield from _ordered(row, question, question.prompt, order, rules)


def _ordered(
    row: ExportRow, question: RankingSettings, prompt_field: str, order: Standing, rules: Rules
) -> Iterator[Pair | Dropped]:
    adjudicated = order.source == ADJUDICATED
    prompt, places = held(row, prompt_field, rules), _places(row)
    field_of = dict(zip(question.letters(), question.responses, strict=True))
    for better, worse in _paired_up(order.value, rules.pairs):
        one, other = field_of[better], field_of[worse]
        margin = _lead(places.get(better, ()), places.get(worse, ()))
        if not adjudicated and margin <= 0:
            yield Dropped(EITHER)
        elif not adjudicated and below(margin, rules):
            yield Dropped(THIN)
        else:
            yield paired(
                Pair(
                    row=row,
                    prompt=prompt,
                    chosen=response(row, one),
                    rejected=response(row, other),
                    rule=ADJUDICATED if adjudicated else "ranking",
                    margin=margin if margin > 0 else None,
                    scores=_heights(places, better, worse),
                    chosen_by=one,
                    rejected_by=other,
                )
            )


def _order(row: ExportRow, rules: Rules) -> Standing | Dropped:
    """The order that stands; where people are tied over whole orders, that of the mean places."""
    made = standing(row, rules, per_pair=True)
    if row.refused or row.final.why != TIED or isinstance(made, Standing):
        return made if isinstance(made, Dropped) or made.by_people else Dropped(ONLY_MODEL)
    blind = any(one.blind for one in row.answers)
    tied = Standing(_by_mean_place(row), "person", row.answers, blind, 0.0)
    return Dropped(tied.echo) if not rules.echoes and is_echo(row, tied) else tied


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


def _places(row: ExportRow) -> dict[str, list[int]]:
    """letter -> its place in everybody's order, from 0; empty where nobody has answered."""
    places: dict[str, list[int]] = {}
    for one in row.answers:
        for at, letter in enumerate(one.annotation.value):
            places.setdefault(letter, []).append(at)
    return places


def _lead(better: Sequence[int], worse: Sequence[int]) -> float:
    """By which share more people put one before the other, -1..1; 0 where nobody has answered."""
    if not better:
        return 0.0
    ahead: int = sum(map(lt, better, worse))
    return (2 * ahead - len(better)) / len(better)


def _heights(
    places: Mapping[str, Sequence[int]], better: str, worse: str
) -> tuple[float, float] | None:
    """Mean place of the two, from 1, always first, to 0, always last."""
    if not places:
        return None
    most = len(places[better]) * (len(places) - 1)
    return 1 - sum(places[better]) / most, 1 - sum(places[worse]) / most


def _chosen_margin(
    row: ExportRow, question: PreferenceSettings, made: Standing, other: str
) -> float | None:
    """None where a lead has decided and people's votes do not lead."""
    if made.source == ADJUDICATED and question.strength is not None:
        return _strength(question, made.value, question.choice_of(made.value), other)
    said = [one.annotation.value for one in row.answers]
    letter = question.choice_of(made.value)
    if not said:
        return None
    lead = sum(_strength(question, value, letter, other) for value in said) / len(said)
    return lead if lead > 0 else None


def _unsure(margin: float | None, rules: Rules) -> str | None:
    """More people may have chosen a response than like it better, by how much they say."""
    if margin is None and rules.truth == "people":
        return UNRESOLVED
    return THIN if below(margin or 0.0, rules) else None


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

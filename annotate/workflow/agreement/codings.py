"""A question's answers as classes, for measures of agreement: which there are, how far apart."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from annotate.agreement.distances import Distance, Weighting, masi
from annotate.model import Value
from annotate.questions import QUESTION_TYPES, QuestionSettings
from annotate.questions.multi_label import MultiLabelSettings
from annotate.questions.preference import TIE, PreferenceSettings
from annotate.questions.ranking import RankingSettings
from annotate.questions.rating import RatingSettings

MOST_CLASSES = 200
"""Of sets and orders: with more, answers are compared pair by pair."""


@dataclass(frozen=True, slots=True, eq=False)
class Layer:
    """One thing that answers say, in k classes.

    title: an aspect; empty where it is the whole answer. metric: of alpha, in words. distance: of
    alpha, nominal where None. ac: weighting of Gwet's measure, None for none; kappa: of Cohen's.
    parts: label -> (k,), the classes that it is in.
    """

    title: str
    names: tuple[str, ...]
    metric: str = "nominal"
    distance: Distance | None = None
    ac: Weighting | None = "none"
    kappa: Weighting | None = "none"
    parts: Mapping[str, NDArray[np.bool_]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, eq=False)
class Coding:
    """Values as classes. codes: (values, layers), -1 for a value that does not count."""

    layers: tuple[Layer, ...]
    codes: NDArray[np.int64]


def coding_of(question: QuestionSettings, values: Sequence[Value]) -> Coding | None:
    """The classes of these different values, None for those that are no longer offered.

    None where answers have no classes, or too many to compare them by a table.
    """
    make = _MAKERS.get(question.type)
    return None if make is None else make(question, values)


def _nominal(question: QuestionSettings, values: Sequence[Value]) -> Coding:
    classes = QUESTION_TYPES[question.type].classes(question)
    return _coding([_labels(tuple(map(str, classes)))], values, lambda value: [str(value)])


def _labels(names: tuple[str, ...]) -> Layer:
    parts = {name: np.arange(len(names)) == at for at, name in enumerate(names)}
    return Layer("", names, parts=parts)


def _preference(question: Any, values: Sequence[Value]) -> Coding:
    settings: PreferenceSettings = question
    levels = settings.strength
    if levels is None or len(settings.responses) > 2:
        names = (*settings.letters(), *((TIE,) if settings.tie else ()))
        return _coding([_labels(names)], values, lambda value: [settings.choice_of(value)])
    first, second = list(settings.letters())
    degrees = range(1, levels + 1)
    names = (
        *(f"{first} {n}" for n in reversed(degrees)),
        *((TIE,) if settings.tie else ()),
        *(f"{second} {n}" for n in degrees),
    )
    layer = Layer("", names, "ordinal", "ordinal", "ordinal", "quadratic")

    def said(value: Value) -> list[str]:
        tied = value["choice"] == TIE
        return [TIE if tied else f"{value['choice']} {value['strength']}"]

    return _coding([layer], values, said)


def _rating(question: Any, values: Sequence[Value]) -> Coding:
    settings: RatingSettings = question
    names = tuple(str(n) for n in range(settings.scale.min, settings.scale.max + 1))
    titles = tuple(aspect.name for aspect in settings.aspects)
    layers = [
        Layer(title, names, "ordinal", "ordinal", "ordinal", "quadratic")
        for title in titles or [""]
    ]

    def said(value: Value) -> list[str]:
        return [str(value[title]) for title in titles] if titles else [str(value)]

    return _coding(layers, values, said)


def _multi_label(question: Any, values: Sequence[Value]) -> Coding | None:
    settings: MultiLabelSettings = question
    sets = sorted({tuple(value) for value in values if value is not None})
    if len(sets) > MOST_CLASSES:
        return None
    members = {
        name: np.array([name in one for one in sets], dtype=bool) for name in settings.names()
    }
    far = masi(np.array(list(members.values())).T.reshape(len(sets), len(members)))
    names = tuple(", ".join(one) or "(none)" for one in sets)
    at = dict(zip(sets, names, strict=True))
    layer = Layer("", names, "MASI", far, None, None, members)
    return _coding([layer], values, lambda value: [at[tuple(value)]])


def _ranking(question: Any, values: Sequence[Value]) -> Coding | None:
    settings: RankingSettings = question
    orders = sorted({tuple(value) for value in values if value is not None})
    if len(orders) > MOST_CLASSES:
        return None
    kind = QUESTION_TYPES[question.type]
    far = np.array(
        [[kind.distance(settings, list(a), list(b)) for b in orders] for a in orders]
    ).reshape(len(orders), len(orders))
    names = tuple(" > ".join(one) for one in orders)
    layer = Layer("", names, "Kendall", far, None, None)
    return _coding([layer], values, lambda value: [" > ".join(value)])


def _coding(
    layers: Sequence[Layer], values: Sequence[Value], said: Callable[[Value], list[str]]
) -> Coding:
    numbers = [{name: at for at, name in enumerate(layer.names)} for layer in layers]
    codes = np.full((len(values), len(layers)), -1, dtype=np.int64)
    for row, value in enumerate(values):
        if value is not None:
            codes[row] = [
                known.get(one, -1) for known, one in zip(numbers, said(value), strict=True)
            ]
    return Coding(tuple(layers), codes)


_MAKERS: dict[str, Callable[[QuestionSettings, Sequence[Value]], Coding | None]] = {
    "single_label": _nominal,
    "preference": _preference,
    "rating": _rating,
    "multi_label": _multi_label,
    "ranking": _ranking,
}
"""Question type -> its classes. Types that are not here are compared pair by pair."""

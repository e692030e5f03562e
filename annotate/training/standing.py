"""What may be stood by: the label under the rules, who says it, and whether they saw it before."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace
from typing import NamedTuple

from annotate.exporters.protocol import TIED, Answer, Dropped, ExportRow, Final, Source
from annotate.model import Value
from annotate.questions import QUESTION_TYPES, QuestionSettings
from annotate.questions.preference import PreferenceSettings
from annotate.questions.text import TextSettings
from annotate.training.protocol import Rules
from annotate.training.reasons import (
    ECHO,
    NO_POSTERIOR,
    REFUSED,
    THIN,
    UNKNOWN_SIGHT,
    UNRESOLVED,
    UNSURE,
)

EPSILON = 1e-9
"""Shares of votes are compared with what a person typed: 2/3 - 1/3 must reach 1/3."""


class Standing(NamedTuple):
    """A label that may teach. agreeing: the answers that say it; blind: one of them was given
    before the model's answer was shown. lead: 0..1, by how much of people's votes it leads the next
    answer; None where no person has said it."""

    value: Value
    source: Source
    agreeing: tuple[Answer, ...]
    blind: bool
    lead: float | None

    @property
    def by_people(self) -> bool:
        return self.source in ("adjudicated", "person")

    @property
    def echo(self) -> str:
        """Why it is dropped where nobody who says it is known to have answered blind."""
        unknown = any(answer.shown == "unknown" for answer in self.agreeing)
        return UNKNOWN_SIGHT if unknown else ECHO


def standing(row: ExportRow, rules: Rules, *, per_pair: bool = False) -> Standing | Dropped:
    """The label of a row that may teach, or why there is none. row: as `under` the rules.

    per_pair: the least margin is asked of each pair, and not of the label.
    """
    if row.refused:
        return Dropped(REFUSED)
    final = _by_choice(row)
    if final.source == "none":
        return Dropped(final.why)
    made = _standing(row, final)
    if not made.by_people and row.answers:
        return Dropped(UNRESOLVED)  # people said something, and not this
    why = _unlikely(row, made, rules) or (None if per_pair else _thin(made, rules))
    if why is None and made.source == "person" and not rules.echoes and is_echo(row, made):
        why = made.echo
    return made if why is None else Dropped(why)


def under(row: ExportRow, rules: Rules) -> ExportRow:
    """The row with the label that goes out under the rules.

    The consensus speaks where several answers have to become one. It does not decide what a lead
    has, and asks more than half of the probability where people differ.
    """
    if rules.truth == "people" or not _open_to_consensus(row):
        return row
    return replace(row, final=_by_consensus(row), once=None)


def _by_consensus(row: ExportRow) -> Final:
    value = row.consensus_value
    if value is None or _halved(row):
        return Final(None, "none", UNRESOLVED)
    if any(same(row.question, one.annotation.value, value) for one in row.answers):
        return Final(value, "person")
    return Final(value, "model" if value == row.model_value else "learned")


def unsure(row: ExportRow, rules: Rules) -> str | None:
    """Why the label of a row is not sure enough for the rules; None: it is."""
    if rules.min_posterior <= 0 and rules.min_margin <= 0:
        return None
    made = _standing(row, row.final)
    return _unlikely(row, made, rules) or _thin(made, rules)


def same(question: QuestionSettings, a: Value, b: Value) -> bool:
    """Whether two answers say the same of what teaches: how strongly a response is preferred, or
    whether a text was accepted or written, makes no difference."""
    return _said(question, a) == _said(question, b)


def below(lead: float, rules: Rules) -> bool:
    """Whether people's votes lead by less than is asked for. The consensus may stand by what fewer
    say, where nothing is asked for."""
    return rules.min_margin > 0 and lead < rules.min_margin - EPSILON


def is_echo(row: ExportRow, made: Standing) -> bool:
    """Whether all who say it had been shown just that before."""
    if made.blind or not made.agreeing:
        return False
    return all(_repeats(row, answer) for answer in made.agreeing)


def probability(row: ExportRow, value: Value) -> float | None:
    """Of a label under the consensus; None where it has none."""
    if row.posterior is None:
        return None
    classes = QUESTION_TYPES[row.question.type].classes(row.question)
    return row.posterior[classes.index(value)] if value in classes else None


def _by_choice(row: ExportRow) -> Final:
    """The label; people who only differ in how much better a response is are not tied over which
    it is."""
    question, final = row.question, row.final
    if final.why != TIED or not isinstance(question, PreferenceSettings):
        return final
    said = Counter(question.choice_of(one.annotation.value) for one in row.answers)
    (first, most), *others = said.most_common(2)
    if others and others[0][1] == most:
        return final
    values = (one.annotation.value for one in row.answers)
    return Final(next(v for v in values if question.choice_of(v) == first), "person")


def _open_to_consensus(row: ExportRow) -> bool:
    return row.final.source == "person" or row.final.why == TIED


def _halved(row: ExportRow) -> bool:
    if row.consensus_status != "disputed":
        return False
    chance = probability(row, row.consensus_value)
    return chance is not None and chance <= 0.5


def _standing(row: ExportRow, final: Final) -> Standing:
    question, value = row.question, final.value
    said = _said(question, value)
    agreeing: list[Answer] = []
    others: dict[str, int] = {}
    blind = False
    for one in row.answers:
        its = _said(question, one.annotation.value)
        if its == said:
            agreeing.append(one)
            blind = blind or one.blind
        else:
            others[its] = others.get(its, 0) + 1
    if not agreeing:
        return Standing(value, final.source, (), False, None)
    most = max(others.values()) if others else 0
    lead = (len(agreeing) - most) / len(row.answers)
    return Standing(value, final.source, tuple(agreeing), blind, lead)


def _unlikely(row: ExportRow, made: Standing, rules: Rules) -> str | None:
    """A lead's decision is sure by itself."""
    if made.source == "adjudicated" or rules.min_posterior <= 0:
        return None
    chance = probability(row, made.value)
    if chance is None:
        return NO_POSTERIOR
    return UNSURE if chance < rules.min_posterior - EPSILON else None


def _thin(made: Standing, rules: Rules) -> str | None:
    if made.source == "adjudicated" or made.lead is None:
        return None
    return THIN if below(made.lead, rules) else None


def _said(question: QuestionSettings, value: Value) -> str:
    if isinstance(value, str):
        return value
    if value is not None and isinstance(question, PreferenceSettings):
        return question.choice_of(value)
    if value is not None and isinstance(question, TextSettings):
        return str(value["text"])
    return json.dumps(value, ensure_ascii=False, sort_keys=True)


def _repeats(row: ExportRow, answer: Answer) -> bool:
    """What was shown is part of the record; in older ones it is what the routing kept.

    Of an answer from another tool nobody knows: it may repeat the machine where it says the same.
    """
    if answer.shown == "unknown":
        said = answer.annotation.value
        return row.model_value is not None and same(row.question, row.model_value, said)
    if answer.shown != "before":
        return False
    shown = (answer.annotation.exposure or {}).get("said", row.model_value)
    return shown is None or same(row.question, shown, answer.annotation.value)

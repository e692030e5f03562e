"""Pairs of a better and a worse answer to one prompt."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import TypeAlias

from annotate.exporters.protocol import (
    AGREED,
    NO_MODEL,
    ONLY_MODEL,
    REJECTED,
    TIED,
    Dropped,
    ExportRow,
)
from annotate.model import Value
from annotate.questions import QUESTION_TYPES
from annotate.questions.preference import PreferenceSettings
from annotate.questions.ranking import RankingSettings
from annotate.questions.rating import RatingSettings
from annotate.questions.text import MODEL, TextSettings
from annotate.training.drafts import draft_of
from annotate.training.orders import choices, orders
from annotate.training.paired import capped, paired
from annotate.training.prompts import asked, before_draft, replies_to_all, reply
from annotate.training.protocol import MATERIALS, Material, Pair, Rules, Step, pair_of
from annotate.training.reasons import KEPT, THIN, WRITTEN
from annotate.training.standing import Standing, below, same, standing, under

PERSON = "person"
_Found: TypeAlias = "Dropped | partial[tuple[Pair | Dropped]]"
_OF_TEXTS = (PreferenceSettings, RankingSettings, TextSettings)


def pairs(row: ExportRow, rules: Rules) -> Iterator[Pair | Dropped]:
    """The response that people prefer against others; a text that they corrected against its
    draft; their label against the model's other one.

    Of one row at most `rules.per_prompt` pairs, the surest first.
    """
    yield from capped(_pairs(under(row, rules), rules), rules)


def _steps(row: ExportRow, rules: Rules) -> Iterator[Step]:
    """Labels are compared once for all rows of which the same was said."""
    if rules.per_prompt is None and not isinstance(row.question, _OF_TEXTS):
        yield _labels(under(row, rules), rules)
    else:
        yield partial(pairs, rules=rules)


def _pairs(row: ExportRow, rules: Rules) -> Iterator[Pair | Dropped]:
    if isinstance(row.question, RankingSettings):
        yield from orders(row, row.question, rules)
        return
    if isinstance(row.question, TextSettings) and row.final.why == TIED and not row.refused:
        yield from _own_versions(row, row.question, rules)
        return
    if not isinstance(row.question, _OF_TEXTS):
        step = _labels(row, rules)
        yield from (step,) if isinstance(step, Dropped) else step(row)
        return
    made = standing(row, rules, per_pair=True)
    if isinstance(made, Dropped):
        yield made
    elif not made.by_people:
        yield Dropped(ONLY_MODEL)
    elif isinstance(row.question, PreferenceSettings):
        yield from choices(row, row.question, made, rules)
    elif isinstance(row.question, TextSettings):
        yield _edited(row, row.question, made, rules)


def _own_versions(row: ExportRow, question: TextSettings, rules: Rules) -> Iterator[Pair | Dropped]:
    """People who all corrected a draft agree that it was wrong, each in their own words."""
    if any(answer.annotation.value["verdict"] != "fix" for answer in row.answers):
        yield Dropped(TIED)
        return
    for answer in row.answers:
        draft = draft_of(row, question, answer)
        yield _edit(row, question, draft, answer.annotation.value["text"], rules)


def _edited(row: ExportRow, question: TextSettings, made: Standing, rules: Rules) -> Pair | Dropped:
    verdict = made.value["verdict"]
    if verdict != "fix":
        return Dropped({"accept": KEPT, "reject": REJECTED, "write": WRITTEN}[verdict])
    answer = made.agreeing[0] if made.agreeing else None
    return _edit(row, question, draft_of(row, question, answer), made.value["text"], rules)


def _edit(
    row: ExportRow, question: TextSettings, draft: str | None, text: str, rules: Rules
) -> Pair | Dropped:
    if draft is None:
        return Dropped(WRITTEN)
    prompt = before_draft(row, rules)
    by = row.model or MODEL if question.draft == MODEL else str(question.draft)
    return paired(Pair(row, prompt, text, draft, "edit", None, None, PERSON, by))


def _labels(row: ExportRow, rules: Rules) -> _Found:
    """People's label against the model's other one; row: as `under` the rules."""
    made = standing(row, rules, per_pair=True)
    if isinstance(made, Dropped):
        return made
    if not made.by_people:
        return Dropped(ONLY_MODEL)
    return _against(row, made, rules)


def _against(row: ExportRow, made: Standing, rules: Rules) -> _Found:
    if row.model_value is None:
        return Dropped(NO_MODEL)
    if same(row.question, row.model_value, made.value):
        return Dropped(AGREED)
    if made.source == "person" and not (made.blind or rules.echoes):
        return Dropped(made.echo)
    lead = _lead(row, made)
    if made.source == "person" and below(lead, rules):
        return Dropped(THIN)
    rule = "adjudicated" if made.source == "adjudicated" else "answer"
    values = made.value, row.model_value
    return partial(
        _compared,
        values=values,
        replies=replies_to_all(row, values),
        rule=rule,
        margin=_margin(row, made, lead),
        rules=rules,
    )


def _compared(
    row: ExportRow,
    values: tuple[Value, Value],
    replies: tuple[str, ...] | None,
    rule: str,
    margin: float | None,
    rules: Rules,
) -> tuple[Pair | Dropped]:
    """values: chosen and rejected. replies: the same as `replies_to_all` spells them."""
    row = under(row, rules)
    chosen, rejected = replies or (reply(row, value) for value in values)
    prompt, by = asked(row, rules), row.model or MODEL
    return (paired(pair_of(row, prompt, chosen, rejected, rule, margin, None, PERSON, by)),)


def _lead(row: ExportRow, made: Standing) -> float:
    """By which share of people's votes the label leads the model's one, -1..1."""
    if not row.answers:
        return 0.0
    said = (one.annotation.value for one in row.answers)
    for_model = sum(same(row.question, value, row.model_value) for value in said)
    return (len(made.agreeing) - for_model) / len(row.answers)


def _margin(row: ExportRow, made: Standing, lead: float) -> float | None:
    """Of ratings, how far they are apart; else people's lead, where they are in the lead."""
    question = row.question
    if isinstance(question, RatingSettings):
        return QUESTION_TYPES[question.type].distance(question, made.value, row.model_value)
    return lead if lead > 0 else None


MATERIALS.add("pairs", Material(_steps))

"""What to imitate: answers that are agreed on or confirmed, under `Rules.sft_from`."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial

from annotate.exporters.protocol import (
    DISAGREED,
    EMPTY_TEXT,
    NO_MODEL,
    ONLY_MODEL,
    REJECTED,
    TIE,
    Dropped,
    ExportRow,
)
from annotate.questions.preference import TIE as TIE_VALUE
from annotate.questions.preference import PreferenceSettings
from annotate.questions.ranking import RankingSettings
from annotate.questions.text import TextSettings
from annotate.training.prompts import asked, before_draft, held, is_empty, reply, response
from annotate.training.protocol import MATERIALS, Example, Material, Rules, SftFrom, Step, Turn
from annotate.training.reasons import NO_PROMPT, UNCONFIRMED
from annotate.training.standing import Standing, same, standing, under

_ORDER: tuple[SftFrom, ...] = ("adjudicated", "agreed", "confirmed", "human", "model")
"""What says most stands first: an example names the first rule that lets it in."""


def _steps(row: ExportRow, rules: Rules) -> Iterator[Step]:
    """The question and its answer; of responses the prompt and the best one; of a text what it
    responds to and what people wrote, corrected or accepted."""
    row = under(row, rules)
    made = standing(row, rules)
    if isinstance(made, Dropped):
        yield made
        return
    why = _teaches_nothing(row, made)
    rule = None if why is not None else _rule(row, made, rules)
    if rule is None:
        yield Dropped(why or _not_let_in(row, made, rules))
    else:
        yield partial(_example, made=made, rule=rule, rules=rules)


def _rule(row: ExportRow, made: Standing, rules: Rules) -> str | None:
    for rule in _ORDER:
        if rule in rules.sft_from and _HOLDS[rule](row, made, rules):
            return rule
    return None


def _teaches_nothing(row: ExportRow, made: Standing) -> str | None:
    question, value = row.question, made.value
    if isinstance(question, TextSettings) and value["verdict"] == "reject":
        return REJECTED
    if isinstance(question, PreferenceSettings) and question.choice_of(value) == TIE_VALUE:
        return TIE
    if isinstance(question, RankingSettings) and question.prompt is None:
        return NO_PROMPT
    return None


def _agreed(row: ExportRow, made: Standing, rules: Rules) -> bool:
    if row.model_value is None or not same(row.question, row.model_value, made.value):
        return False
    return made.blind or (rules.echoes and bool(made.agreeing))


def _confirmed(row: ExportRow, made: Standing, rules: Rules) -> bool:
    """Nobody writes the same text twice: whoever wrote, corrected or accepted it stands by it."""
    if made.source == "adjudicated":
        return True
    return len(made.agreeing) > (0 if isinstance(row.question, TextSettings) else 1)


_HOLDS: Mapping[SftFrom, Callable[[ExportRow, Standing, Rules], bool]] = {
    "adjudicated": lambda row, made, rules: made.source == "adjudicated",
    "agreed": _agreed,
    "confirmed": _confirmed,
    "human": lambda row, made, rules: made.by_people,
    "model": lambda row, made, rules: not made.by_people,
}


def _not_let_in(row: ExportRow, made: Standing, rules: Rules) -> str:
    if not made.by_people:
        return ONLY_MODEL
    if "agreed" not in rules.sft_from:
        return UNCONFIRMED
    if row.model_value is None:
        return NO_MODEL
    return UNCONFIRMED if same(row.question, row.model_value, made.value) else DISAGREED


def _example(row: ExportRow, made: Standing, rule: str, rules: Rules) -> tuple[Example | Dropped]:
    row = under(row, rules)
    prompt, completion = _turns(row, made, rules)
    if is_empty(prompt, completion):
        return (Dropped(EMPTY_TEXT),)
    return (Example(row, prompt, completion, rule),)


def _turns(row: ExportRow, made: Standing, rules: Rules) -> tuple[tuple[Turn, ...], str]:
    question, value = row.question, made.value
    if isinstance(question, PreferenceSettings):
        return held(row, question.prompt, rules), response(row, question.field_of(value))
    if isinstance(question, RankingSettings):
        assert question.prompt is not None
        best = question.responses[question.letters().index(value[0])]
        return held(row, question.prompt, rules), response(row, best)
    if isinstance(question, TextSettings):
        return before_draft(row, rules), value["text"]
    return asked(row, rules), reply(row, value)


MATERIALS.add("examples", Material(_steps))

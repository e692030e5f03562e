"""Single answers that people called good or bad."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from statistics import fmean

from annotate.exporters.protocol import (
    EMPTY_TEXT,
    NO_MODEL,
    ONLY_MODEL,
    TIE,
    TIED,
    Dropped,
    ExportRow,
)
from annotate.model import Value
from annotate.questions.preference import TIE as TIE_VALUE
from annotate.questions.preference import PreferenceSettings
from annotate.questions.ranking import RankingSettings
from annotate.questions.rating import RatingSettings
from annotate.questions.text import TextSettings
from annotate.training.drafts import draft_of
from annotate.training.prompts import (
    asked,
    before_draft,
    dialogue,
    held,
    is_empty,
    reply,
    response,
    with_guideline,
)
from annotate.training.protocol import MATERIALS, Judged, Material, Rules, Step, Turn
from annotate.training.reasons import ECHO, FIXED, MIDDLING, NO_PROMPT, NO_RESPONSE, WRITTEN
from annotate.training.standing import Standing, same, standing, under
from annotate.training.tasks import task_of

_OF_TEXTS = (PreferenceSettings, RankingSettings, RatingSettings, TextSettings)
"""What is judged here are the item's own texts."""

GOOD, BAD = 0.75, 0.25
"""On a scale of 0 to 1, the lowest good and the highest bad rating: of 1 to 5, 4 and 2."""

PROMPTS = ("prompt", "instruction", "question", "query", "input")
RESPONSES = ("response", "answer", "completion", "output", "reply", "generation")
"""What fields are usually called that hold these, where no setting says which they are."""


def judged(row: ExportRow, rules: Rules) -> Iterator[Judged | Dropped]:
    """A draft that was accepted or rejected; a response that was rated high or low, or chosen
    among others; or the model's label, right or wrong by what people say."""
    row = under(row, rules)
    made = standing(row, _seen_is_fine(row, rules))
    if isinstance(made, Dropped):
        yield _alike(row, rules) if made.why == TIED else made
    elif not made.by_people:
        yield Dropped(ONLY_MODEL)
    else:
        yield from _judged(row, made, rules)


def _steps(row: ExportRow, rules: Rules) -> Iterator[Step]:
    """The model's label is judged once for all rows of which the same was said."""
    if isinstance(row.question, _OF_TEXTS):
        yield partial(judged, rules=rules)
        return
    row = under(row, rules)
    made = standing(row, rules)
    if isinstance(made, Dropped):
        yield made
    else:
        yield _answer(row, made, rules) if made.by_people else Dropped(ONLY_MODEL)


def _seen_is_fine(row: ExportRow, rules: Rules) -> Rules:
    """Whoever accepts or rejects a draft must have seen it: that is no echo."""
    if isinstance(row.question, TextSettings) and row.question.draft is not None:
        return replace(rules, echoes=True)
    return rules


def _judged(row: ExportRow, made: Standing, rules: Rules) -> Iterator[Judged | Dropped]:
    question = row.question
    if isinstance(question, TextSettings):
        yield _draft(row, question, made, rules)
    elif isinstance(question, RatingSettings) and (found := _rated(row, rules)) is not None:
        yield _rating(row, question, made, *found)
    elif isinstance(question, PreferenceSettings | RankingSettings):
        yield from _responses(row, question, made, rules)
    else:
        step = _answer(row, made, rules)
        yield from (step,) if isinstance(step, Dropped) else step(row)


def _draft(
    row: ExportRow, question: TextSettings, made: Standing, rules: Rules
) -> Judged | Dropped:
    verdict = made.value["verdict"]
    if verdict == "fix":
        return Dropped(FIXED)
    draft = draft_of(row, question)
    if verdict == "write" or draft is None:
        return Dropped(WRITTEN)
    prompt = before_draft(row, rules)
    return _made(row, prompt, draft, verdict == "accept", "draft")


def _rated(row: ExportRow, rules: Rules) -> tuple[tuple[Turn, ...], str] | None:
    """The prompt and the response that a rating is about; None where the item holds neither."""
    chat = dialogue(row)
    if chat is not None and len(chat) > 1 and chat[-1].role == "assistant":
        return with_guideline(chat[:-1], row, rules), chat[-1].content
    task = task_of(row)
    prompt = task.prompt or _called(task.fields, PROMPTS)
    others = tuple(name for name in task.fields if name != prompt)
    said = others[0] if len(others) == 1 else _called(others, RESPONSES)
    if prompt is None or said is None:
        return None
    return held(row, prompt, rules), response(row, said)


def _called(fields: tuple[str, ...], names: tuple[str, ...]) -> str | None:
    """The field that has the first of these names, whatever its letter case."""
    named = {field.casefold(): field for field in fields}
    return next((named[name] for name in names if name in named), None)


def _rating(
    row: ExportRow,
    question: RatingSettings,
    made: Standing,
    prompt: tuple[Turn, ...],
    completion: str,
) -> Judged | Dropped:
    good = _good(question, made.value)
    if good is None:
        return Dropped(MIDDLING)
    return _made(row, prompt, completion, good, "rating")


def _alike(row: ExportRow, rules: Rules) -> Judged | Dropped:
    """People who are tied over two numbers may still all call it good, or bad."""
    question = row.question
    if not isinstance(question, RatingSettings) or (found := _rated(row, rules)) is None:
        return Dropped(TIED)
    verdicts = {_good(question, one.annotation.value) for one in row.answers}
    if None in verdicts or len(verdicts) > 1:
        return Dropped(TIED)
    if not rules.echoes and all(one.shown == "before" for one in row.answers):
        return Dropped(ECHO)
    return _made(row, *found, True in verdicts, "rating")


def _good(question: RatingSettings, value: Value) -> bool | None:
    """Of several aspects the mean counts; None in the middle of the scale."""
    mean = fmean(value.values()) if isinstance(value, dict) else value
    share = (mean - question.scale.min) / (question.scale.max - question.scale.min)
    if BAD < share < GOOD:
        return None
    return bool(share >= GOOD)


def _responses(
    row: ExportRow, question: PreferenceSettings | RankingSettings, made: Standing, rules: Rules
) -> Iterator[Judged | Dropped]:
    """The chosen response is good and the others are not; of a ranking the first and the last."""
    if question.prompt is None:
        yield Dropped(NO_PROMPT)
        return
    verdicts = _verdicts(question, made)
    if not verdicts:
        yield Dropped(TIE)
    prompt = held(row, question.prompt, rules)
    for name, good in verdicts.items():
        yield _made(row, prompt, response(row, name), good, "vote")


def _verdicts(question: PreferenceSettings | RankingSettings, made: Standing) -> dict[str, bool]:
    """field -> whether its response is good."""
    if isinstance(question, RankingSettings):
        first, last = (question.letters().index(made.value[at]) for at in (0, -1))
        return {question.responses[first]: True, question.responses[last]: False}
    if question.choice_of(made.value) == TIE_VALUE:
        return {}
    winner = question.field_of(made.value)
    return {name: name == winner for name in question.responses}


def _answer(
    row: ExportRow, made: Standing, rules: Rules
) -> Dropped | partial[tuple[Judged | Dropped]]:
    if row.model_value is None:
        rated = isinstance(row.question, RatingSettings)
        return Dropped(NO_RESPONSE if rated else NO_MODEL)
    good = same(row.question, row.model_value, made.value)
    return partial(_replied, good=good, rules=rules)


def _replied(row: ExportRow, good: bool, rules: Rules) -> tuple[Judged | Dropped]:
    row = under(row, rules)
    return (_made(row, asked(row, rules), reply(row, row.model_value), good, "answer"),)


def _made(
    row: ExportRow, prompt: tuple[Turn, ...], completion: str, good: bool, rule: str
) -> Judged | Dropped:
    if is_empty(prompt, completion):
        return Dropped(EMPTY_TEXT)
    return Judged(row, prompt, completion, good, rule)


MATERIALS.add("judged", Material(_steps))

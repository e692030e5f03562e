"""Answers as other tools write them -> values of our questions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from string import ascii_lowercase

from annotate.errors import InvalidValue
from annotate.importers import Said
from annotate.model import Value
from annotate.questions import QuestionSettings, accept
from annotate.questions.multi_label import MultiLabelSettings
from annotate.questions.preference import PreferenceSettings
from annotate.questions.ranking import RankingSettings
from annotate.questions.rating import RatingSettings
from annotate.questions.single_label import SingleLabelSettings
from annotate.questions.spans import SpansSettings
from annotate.questions.text import TextSettings


def fitted(question: QuestionSettings, said: Said, fields: Mapping[str, str]) -> Value:
    """What was said, in the form of this question. Raises InvalidValue."""
    return accept(question, _in_form(question, said, fields), fields)


def nothing(question: QuestionSettings) -> Value | None:
    """The value that says that nothing applies; None where a question has none."""
    if isinstance(question, SpansSettings):
        return []
    if isinstance(question, MultiLabelSettings) and question.min == 0:
        return []
    return None


def joined(questions: Sequence[QuestionSettings], said: Sequence[Said]) -> list[Said]:
    """Answers that stand in several parts there, as ours are written to it, put together.

    Such are the aspects of a rating, how strong a preference is, and the verdict on a draft.
    """
    rest = list(said)
    for question in questions:
        parts = _parts(question)
        groups: dict[tuple[str, bool, str | None], dict[str, Said]] = {}
        for one in rest if parts else ():
            if one.question in parts and not one.why:
                groups.setdefault((one.who, one.model, one.at), {})[parts[one.question]] = one
        for group in groups.values():
            value = _whole(question, {key: one.value for key, one in group.items()})
            if value is not None:
                taken = {id(one) for one in group.values()}
                first = next(iter(group.values()))
                rest = [one for one in rest if id(one) not in taken]
                rest.append(replace(first, question=question.name, value=value))
    return rest


def _parts(question: QuestionSettings) -> dict[str, str]:
    """What the parts of an answer are called -> their key in its value; {} for a whole one."""
    name = question.name
    if isinstance(question, RatingSettings):
        return {f"{name}_{one.name}": one.name for one in question.aspects}
    if isinstance(question, PreferenceSettings) and question.strength is not None:
        return {name: "choice", f"{name}_strength": "strength"}
    if isinstance(question, TextSettings) and question.draft is not None:
        return {name: "text", f"{name}_verdict": "verdict"}
    return {}


def _whole(question: QuestionSettings, parts: Mapping[str, object]) -> object | None:
    """None where the parts are no answer of this kind: then each is looked at alone."""
    plain = {key: _single(value) for key, value in parts.items()}
    if isinstance(question, RatingSettings):
        return {key: _number(value) for key, value in plain.items()}
    if isinstance(question, TextSettings):
        return {"text": "", **plain} if "verdict" in plain else None
    if plain.get("choice") == "tie" and isinstance(parts.get("choice"), list):
        return {"choice": "tie"}
    if "choice" not in plain or not isinstance(plain["choice"], str):
        return None
    return {key: _number(value) if key == "strength" else value for key, value in plain.items()}


def _single(value: object) -> object:
    return value[0] if isinstance(value, list) and len(value) == 1 else value


def _in_form(question: QuestionSettings, said: Said, fields: Mapping[str, str]) -> object:
    value = said.value
    if isinstance(question, SingleLabelSettings | MultiLabelSettings):
        return _labels(question, value)
    if isinstance(question, RatingSettings):
        return value if isinstance(value, dict) else _number(value)
    if isinstance(question, TextSettings):
        return _text(question, value, fields)
    if isinstance(question, RankingSettings):
        return _letters(question, value)
    return _preferred(question, said) if isinstance(question, PreferenceSettings) else value


def _preferred(question: PreferenceSettings, said: Said) -> object:
    """The letter that the chosen response has here, where the tool tells what was compared."""
    value, here = _single(said.value), question.responses
    if said.among and {*said.among} <= {*here} and isinstance(value, str):
        chosen = dict(zip(ascii_lowercase, said.among, strict=False)).get(value)
        return value if chosen is None else question.letters()[here.index(chosen)]
    return value


def _labels(question: SingleLabelSettings | MultiLabelSettings, value: object) -> object:
    listed = value if isinstance(value, list) else [value]
    names = {name.casefold(): name for name in question.names()}
    # a label that differs in letter case alone is the same: two of one name cannot be there
    labels = [
        names.get(one.strip().casefold(), one) if isinstance(one, str) else one for one in listed
    ]
    if isinstance(question, MultiLabelSettings):
        return (
            list(dict.fromkeys(labels)) if all(isinstance(one, str) for one in labels) else labels
        )
    return labels[0] if len(labels) == 1 else labels


def _number(value: object) -> object:
    one = _single(value)
    try:
        number = float(one) if isinstance(one, str | int | float) else None
    except ValueError:
        return value
    if isinstance(one, bool) or number is None or not number.is_integer():
        return value
    return int(number)


def _text(question: TextSettings, value: object, fields: Mapping[str, str]) -> object:
    if isinstance(value, dict):
        return value
    text = _single(value)
    draft = fields.get(question.draft or "", "")
    if not draft.strip():
        return {"verdict": "write", "text": text}
    return {"verdict": "accept" if text == draft else "fix", "text": text}


def _letters(question: RankingSettings, value: object) -> object:
    if not isinstance(value, list):
        return value
    letter_of = dict(zip(question.responses, question.letters(), strict=True))
    return [letter_of.get(str(one), one) for one in value]


def why_not(error: InvalidValue) -> str:
    """What is told of an answer that no question takes."""
    return f"{error}. Add the label to the project file, or correct the answer"

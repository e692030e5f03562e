"""A project made of another tool's export: what it asks, told by what was asked there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from annotate.importers.asked import Asked
from annotate.importers.guessing import LABEL_CHARACTERS, MOST_LABELS, Guess, prompt_of
from annotate.importers.survey import Survey
from annotate.importers.tools import TOOLS
from annotate.project.drafting import question_draft, question_name
from annotate.questions.rating import MOST_POINTS

SCALES = ((1, 5), (0, 1), (1, 7), (0, 10), (1, 10))


def columns_asked_about(found: Survey) -> tuple[str, ...]:
    """Columns that must be fields: spans of the answers lie in them, or they are compared."""
    about = (name for one in found.asked for name in (one.about, *one.among))
    return tuple(dict.fromkeys(name for name in about if name in found.names))


def unordered(found: Survey) -> list[str]:
    """Questions that prefer one of several columns, without telling which is the first."""
    return [one.called for one in found.asked if one.kind == "preference" and not one.among]


def questions_asked(
    found: Survey, guessed: Guess, columns: Mapping[str, str]
) -> list[dict[str, Any]]:
    """The questions that take the answers that come along, as a project file has them.

    columns: field -> column. [] where nothing was asked. A question whose answers no type of ours
    can hold is left out: its answers are then counted as left behind.
    """
    fields = {column: field for field, column in columns.items()}
    drafts = [_draft(one, guessed, fields) for one in found.asked]
    draft = TOOLS[found.tool].draft if found.tool else ""
    if not any(drafts) and draft in fields:
        text = "Is it right? Accept it, correct it, or reject it."
        said = question_draft("text", name=question_name(draft), text=text, fields=[*columns])
        return [said | {"draft": fields[draft]}]
    return [one for one in drafts if one is not None]


def _draft(one: Asked, guessed: Guess, fields: Mapping[str, str]) -> dict[str, Any] | None:
    name = one.called or "answer"
    common: dict[str, Any] = {
        "name": question_name(name),
        "text": name,
        "fields": [*fields.values()],
    }
    if one.kind == "rating":
        return _rating(one, common)
    if one.kind in ("preference", "ranking"):
        return _comparison(one, guessed, fields, common)
    if one.kind == "spans" and one.labels and one.about in fields:
        said = question_draft("spans", labels=_named(one.labels), **common)
        return said | {"field": fields[one.about]}
    if one.kind == "choices" and _are_labels(one.labels):
        kind = "multi_label" if one.many else "single_label"
        labels = one.labels if len(one.labels) > 1 else (*one.labels, "other")
        return question_draft(kind, labels=_named(labels), **common)
    return question_draft("text", **common) if one.kind in ("choices", "text") else None


def _are_labels(labels: Sequence[str]) -> bool:
    """Few and short; anything else is a text that somebody wrote."""
    short = all(0 < len(one) <= LABEL_CHARACTERS for one in labels)
    return 1 <= len(labels) <= MOST_LABELS and short


def _named(labels: Sequence[str]) -> list[dict[str, str]]:
    return [{"name": one} for one in labels]


def _rating(one: Asked, common: Mapping[str, Any]) -> dict[str, Any] | None:
    """On the usual scale that holds the numbers; None where no scale of ours does."""
    low, high = one.lowest, one.highest
    if low is None or high is None or not (low.is_integer() and high.is_integer()):
        return None
    usual = (scale for scale in SCALES if scale[0] <= low and high <= scale[1])
    least, most = next(usual, (int(low), int(max(high, low + 1))))
    if most - least >= MOST_POINTS:
        return None
    return question_draft("rating", **common) | {"scale": {"min": least, "max": most}}


def _comparison(
    one: Asked, guessed: Guess, fields: Mapping[str, str], common: Mapping[str, Any]
) -> dict[str, Any] | None:
    """Of the replies that the answers name, else of those that the columns look like.

    None for a preference among texts of which the file does not tell which is the first: a guess
    would turn every answer round.
    """
    named = [fields[column] for column in one.among or sorted(one.labels) if column in fields]
    replies = named or [fields[column] for column in guessed.responses if column in fields]
    others = [field for field in fields.values() if field not in replies]
    if not replies and len(others) == 3 and one.kind == "ranking":
        others, replies = others[:1], others[1:]
    prompt = fields.get(guessed.prompt or prompt_of(fields) or "") or next(iter(others), None)
    if len(replies) < 2 or (one.kind == "preference" and prompt is None):
        return None
    return question_draft(one.kind, prompt=prompt, responses=replies, **common)

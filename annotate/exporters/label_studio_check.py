"""What Label Studio would not take, or would show beside the text that is meant."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from annotate.exporters.messages import unreadable, unwritable
from annotate.exporters.refusals import OTHER_COLUMNS

NO_DATA = "the task has no data, or data that is no text"
NO_RESULT = "an annotation or a prediction is not complete"
NO_REGION = "a result lacks one of id, from_name, to_name, type and value"
NO_VALUE = "a result's value is not what its type holds"
BEYOND = "a span lies outside its text, or its text is another one"

_COLUMNS = frozenset({"data", "annotations", "predictions"})
_REGION = frozenset({"id", "from_name", "to_name", "type", "value"})


def check(found: Mapping[str, object]) -> str | None:
    if found.keys() != _COLUMNS:
        return OTHER_COLUMNS
    why, data = unwritable(found), found["data"]
    if why is not None:
        return why
    if not isinstance(data, dict) or not all(map(_shown, data.values())):
        return NO_DATA
    return _all(found["annotations"], _ANNOTATION, data) or _all(
        found["predictions"], _PREDICTION, data
    )


def _shown(value: object) -> bool:
    """Whether it is a text, or a list of responses."""
    if isinstance(value, list):
        return all(isinstance(one, dict) and all(map(_shown, one.values())) for one in value)
    return isinstance(value, str)


def _all(listed: object, keys: Mapping[str, Callable[[Any], bool]], data: Any) -> str | None:
    if not isinstance(listed, list):
        return NO_RESULT
    return next(filter(None, (_said(one, keys, data) for one in listed)), None)


def _said(one: Any, keys: Mapping[str, Callable[[Any], bool]], data: Any) -> str | None:
    if not isinstance(one, dict) or one.keys() != keys.keys():
        return NO_RESULT
    if not all(fits(one[key]) for key, fits in keys.items()):
        return NO_RESULT
    return next(filter(None, (_region(region, data) for region in one["result"])), None)


def _named(value: object) -> bool:
    return unreadable(value) is None


def _number_or_none(value: object) -> bool:
    return value is None or (isinstance(value, int | float) and not isinstance(value, bool))


_ANNOTATION: Mapping[str, Callable[[Any], bool]] = {
    "result": lambda value: isinstance(value, list),
    "annotator": _named,
    "ground_truth": lambda value: isinstance(value, bool),
    "was_cancelled": lambda value: isinstance(value, bool),
    "lead_time": _number_or_none,
    "created_at": _named,
}
_PREDICTION: Mapping[str, Callable[[Any], bool]] = {
    "result": lambda value: isinstance(value, list),
    "model_version": _named,
    "score": _number_or_none,
}


def _region(region: Any, data: Mapping[str, Any]) -> str | None:
    if not isinstance(region, dict) or region.keys() != _REGION:
        return NO_REGION
    if not all(_named(region[key]) for key in ("id", "from_name", "to_name", "type")):
        return NO_REGION
    value, kind = region["value"], region["type"]
    if not isinstance(value, dict) or kind not in _HOLDS:
        return NO_VALUE
    key, fits = _HOLDS[kind]
    if not fits(value.get(key)):
        return NO_VALUE
    return _span(value, data.get(region["to_name"])) if kind == "labels" else None


def _names(value: object) -> bool:
    return isinstance(value, list) and all(map(_named, value))


def _whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _ranked(value: object) -> bool:
    return isinstance(value, dict) and all(_names(one) for one in value.values())


_HOLDS: Mapping[str, tuple[str, Callable[[object], bool]]] = {
    "choices": ("choices", _names),
    "labels": ("labels", _names),
    "rating": ("rating", _whole),
    "number": ("number", _whole),
    "ranker": ("ranker", _ranked),
    "textarea": ("text", _names),
}


def _span(value: Mapping[str, Any], text: object) -> str | None:
    start, end = value.get("start"), value.get("end")
    if not isinstance(text, str) or type(start) is not int or type(end) is not int:
        return BEYOND
    inside = 0 <= start < end <= len(text) and text[start:end] == value.get("text")
    return None if inside else BEYOND

"""What pydantic says of a project file, in our words: line, key, rule and remedy."""

from __future__ import annotations

import datetime
import difflib
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, get_args

from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from annotate.errors import Problem
from annotate.project.secret import KEY_NAMES, shown
from annotate.project.settings import FIELD_TAG, NAME_RULES, NAME_TAG, Project
from annotate.project.tree import KeyPath, dotted, has, line_of
from annotate.questions import QUESTION_TYPES, QuestionSettings


def problem(tree: Any, path: KeyPath, detail: ErrorDetails) -> Problem:
    """path: where in the file, from `tree_path`."""
    rule, remedy = _explain(tree, detail, path)
    return Problem(line_of(tree, path), dotted(path), rule, remedy)


def tree_path(tree: Any, detail: ErrorDetails) -> KeyPath:
    """Where in the file: pydantic's `loc` without the union tags that it puts into it."""
    loc = detail["loc"]
    path: list[str | int] = []
    node = tree
    for at, step in enumerate(loc):
        if has(node, step):
            node = node[step]
        elif step in _TAGS or (at < len(loc) - 1 and step in QUESTION_TYPES):
            continue
        path.append(step)
    if detail["type"] in ("union_tag_invalid", "union_tag_not_found"):
        path.append("type")
    return tuple(path)


_TAGS = ("[key]", NAME_TAG, FIELD_TAG)


def did_you_mean(given: str, known: Iterable[str]) -> str:
    """A remedy: the nearest known name, or all of them.

    >>> did_you_mean("bugdet", ["budget", "random"]), did_you_mean("x", ["b", "a"])
    ('Did you mean `budget`?', 'Known: a, b.')
    """
    names = sorted(known)
    close = difflib.get_close_matches(given.casefold(), names, n=1)
    return f"Did you mean `{close[0]}`?" if close else f"Known: {', '.join(names)}."


def _explain(tree: Any, detail: ErrorDetails, path: KeyPath) -> tuple[str, str]:
    kind, given, limits = detail["type"], detail["input"], detail.get("ctx", {})
    if kind == "extra_forbidden":
        return "is not a known key", _unknown_key_remedy(tree, path)
    if kind == "missing":
        return "is required", f"Add `{path[-1]}:`."
    if kind == "union_tag_not_found":
        return "is required", f"Set it to one of {', '.join(QUESTION_TYPES)}."
    if kind == "union_tag_invalid":
        tag = str(limits["tag"])
        return f"is {shown(tag)}, an unknown question type", did_you_mean(tag, QUESTION_TYPES)
    if kind == "string_type":
        return _no_text(given)
    if kind == "literal_error":
        known = str(limits["expected"]).replace("'", "").replace(" or ", ", ").split(", ")
        return f"is {shown(given)}, not one of {', '.join(known)}", did_you_mean(str(given), known)
    rule = _RULES[kind](limits, given) if kind in _RULES else _said(detail)
    remedy = _about(tree, path) or _by_name(tree, path, given)
    return rule, remedy or "Change the value to fit the rule."


def _no_text(given: object) -> tuple[str, str]:
    if given is None:
        return "is empty", "Write a text after the colon, or remove the line."
    if isinstance(given, bool):
        return f"is {str(given).lower()}, a truth value, not text", "Put quotes around it."
    if isinstance(given, int | float):
        return f"is {given!r}, a number, not text", "Put quotes around it."
    if isinstance(given, datetime.date):
        return f"is {given}, a date, not text", "Put quotes around it."
    return f"is {_kind(given)}, not text", "Write one text here."


def _kind(given: object) -> str:
    if given is None:
        return "empty"
    if isinstance(given, Mapping):
        return "a group of keys"
    if isinstance(given, Sequence) and not isinstance(given, str):
        return "a list"
    return shown(given)


def _too_short(limits: Mapping[str, Any], given: Any) -> str:
    return f"has {_entries(limits['actual_length'])}; at least {limits['min_length']} are needed"


def _too_long(limits: Mapping[str, Any], given: Any) -> str:
    return f"has {_entries(limits['actual_length'])}; at most {limits['max_length']} are possible"


def _entries(count: int) -> str:
    return "1 entry" if count == 1 else f"{count} entries"


def _characters(count: int) -> str:
    return "1 character" if count == 1 else f"{count} characters"


def _pattern(limits: Mapping[str, Any], given: Any) -> str:
    form = NAME_RULES.get(limits["pattern"], f"a text of the form {limits['pattern']}")
    return f"is {shown(given)}, not {form}"


def _compared(word: str, limit: str) -> Callable[[Mapping[str, Any], Any], str]:
    return lambda limits, given: f"is {shown(given)}, but must be {word} {_figure(limits[limit])}"


def _figure(limit: float) -> str:
    return str(int(limit)) if limit == int(limit) else str(limit)


def _not_a(what: str) -> Callable[[Mapping[str, Any], Any], str]:
    return lambda limits, given: f"is {_kind(given)}, not {what}"


_RULES: dict[str, Callable[[Mapping[str, Any], Any], str]] = {
    "too_short": _too_short,
    "too_long": _too_long,
    "string_too_short": lambda limits, given: "is empty",
    "string_too_long": lambda limits, given: f"is longer than {_characters(limits['max_length'])}",
    "string_pattern_mismatch": _pattern,
    "greater_than": _compared("more than", "gt"),
    "greater_than_equal": _compared("at least", "ge"),
    "less_than": _compared("less than", "lt"),
    "less_than_equal": _compared("at most", "le"),
    "finite_number": _not_a("a finite number"),
    **dict.fromkeys(("int_type", "int_parsing", "int_from_float"), _not_a("a whole number")),
    **dict.fromkeys(("float_type", "float_parsing"), _not_a("a number")),
    **dict.fromkeys(("bool_type", "bool_parsing"), _not_a("true or false")),
    "tuple_type": _not_a("a list"),
    **dict.fromkeys(("dict_type", "model_type", "model_attributes_type"), _not_a("`key: value`")),
}


def _said(detail: ErrorDetails) -> str:
    said = detail["msg"].removeprefix("Input ").removeprefix("Value error, ")
    return f"{said[:1].lower()}{said[1:]}"


def _about(tree: Any, path: KeyPath) -> str:
    """What the settings say of the key, as a remedy."""
    model = _model_at(tree, path[:-1])
    field = _field(model, path[-1]) if model is not None and path else None
    return field.description or "" if field is not None else ""


def _by_name(tree: Any, path: KeyPath, given: object) -> str:
    """How a thing is written that has a name, where only the name was given: `labels: [a, b]`."""
    model = _model_at(tree, path)
    named = model is not None and "name" in model.model_fields
    plain = isinstance(given, str | int | float) and named and isinstance(path[-1], int)
    return f"Write `{{name: {str(shown(given)).strip(chr(39))}}}`." if plain else ""


def _unknown_key_remedy(tree: Any, path: KeyPath) -> str:
    key = str(path[-1])
    if key.casefold().replace("_", "").replace("-", "") in KEY_NAMES:
        return (
            "Secrets never stand in a file: put the key in an environment variable "
            "and name that in `llm.api_key_env`."
        )
    model = _model_at(tree, path[:-1])
    known = [field.alias or name for name, field in model.model_fields.items()] if model else []
    return did_you_mean(key, known) if known else "Remove it."


def _model_at(tree: Any, path: KeyPath) -> type[BaseModel] | None:
    """The settings class of what stands at `path`; None where there is none."""
    model: type[BaseModel] | None = Project
    node = tree
    for at, step in enumerate(path):
        node = node[step] if has(node, step) else None
        if isinstance(step, int) and path[at - 1] == "questions":
            model = _question_model(node)
        elif isinstance(step, str):
            field = _field(model, step) if model is not None else None
            model = _model_in(field.annotation) if field is not None else None
    return model


def _question_model(node: Any) -> type[BaseModel]:
    type_name = node.get("type") if isinstance(node, Mapping) else None
    known = isinstance(type_name, str) and type_name in QUESTION_TYPES
    return QUESTION_TYPES[str(type_name)].settings_model if known else QuestionSettings


def _field(model: type[BaseModel], step: str | int) -> FieldInfo | None:
    found = (f for name, f in model.model_fields.items() if step == (f.alias or name))
    return next(found, None)


def _model_in(annotation: Any) -> type[BaseModel] | None:
    """The settings class in `X`, `tuple[X, ...]` or `X | Y`, at any depth."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    inner = map(_model_in, get_args(annotation))
    return next((model for model in inner if model is not None), None)

"""What two versions of a project file differ in: in words, and line by line."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any

from annotate.errors import AnnotateError
from annotate.project.file import parse_project
from annotate.project.settings import Project
from annotate.questions import QuestionSettings

LONGEST_VALUE = 40
"""Characters of a value that a sentence repeats."""


@lru_cache(maxsize=256)
def told_of_texts(old: str, new: str) -> tuple[str, ...]:
    """`told` of two project files; of texts that are no longer readable, how many lines differ."""
    try:
        return tuple(told(parse_project(old), parse_project(new)))
    except AnnotateError:
        return (_lines("the file", old, new),)


def told(old: Project, new: Project) -> list[str]:
    """What is different, each in words; empty where only comments or the layout are."""
    found = [
        f"{key}: {_value(getattr(old, key))} → {_value(getattr(new, key))}"
        for key in ("project", "title", "language")
        if getattr(old, key) != getattr(new, key)
    ]
    if old.guideline != new.guideline:
        found.append(_lines("guideline", old.guideline, new.guideline))
    if old.fields_ != new.fields_:
        found.append("fields changed")
    found += _questions(old, new)
    for section in ("import", "llm", "routing", "people"):
        name = "import_" if section == "import" else section
        before, after = _dumped(getattr(old, name)), _dumped(getattr(new, name))
        if section == "llm":
            found += _prompts(before.pop("prompts"), after.pop("prompts"))
        found += _keys(section, before, after)
    return found


def unified(old: str, new: str, *, names: tuple[str, str] = ("before", "after")) -> str:
    """A unified diff of two texts, with three lines around each change; "" where they are equal."""
    before, after = old.splitlines(), new.splitlines()
    return "\n".join(difflib.unified_diff(before, after, *names, lineterm=""))


def _lines(what: str, old: str, new: str) -> str:
    marks = [
        line[0]
        for line in difflib.unified_diff(old.splitlines(), new.splitlines(), n=0, lineterm="")
        if not line.startswith(("---", "+++", "@@"))
    ]
    added, removed = marks.count("+"), marks.count("-")
    counts = [f"{n} {word}" for n, word in ((added, "added"), (removed, "removed")) if n]
    lines = "line" if added + removed == 1 else "lines"
    told_ = f" ({lines}: {', '.join(counts)})" if counts else ""
    return f"{what} changed{told_}"


def _questions(old: Project, new: Project) -> Iterator[str]:
    before = {question.name: question for question in old.questions}
    after = {question.name: question for question in new.questions}
    for name in before.keys() - after.keys():
        yield f"question {name} removed"
    for name, question in after.items():
        if name not in before:
            yield f"question {name} added"
        elif question != before[name]:
            yield from _question(name, before[name], question)
    common = [name for name in after if name in before]
    if common != [name for name in before if name in after]:
        yield "questions in another order"


def _question(name: str, old: QuestionSettings, new: QuestionSettings) -> Iterator[str]:
    before, after = _dumped(old), _dumped(new)
    if old.type != new.type:
        yield f"{name}: type {old.type} → {new.type}"
        return
    yield from _labels(name, before.pop("labels", None) or [], after.pop("labels", None) or [])
    yield from _keys(name, before, after)


def _labels(
    name: str, old: Sequence[Mapping[str, Any]], new: Sequence[Mapping[str, Any]]
) -> Iterator[str]:
    before = {label["name"]: label for label in old}
    after = {label["name"]: label for label in new}
    for word, which in (
        ("added", [one for one in after if one not in before]),
        ("removed", [one for one in before if one not in after]),
    ):
        if which:
            yield f"{name}: {_counted(which, 'label')} {word} ({', '.join(which)})"
    both = [one for one in after if one in before]
    for key in ("description", "key"):
        differ = [one for one in both if before[one].get(key) != after[one].get(key)]
        if differ:
            whose = "label's" if len(differ) == 1 else "labels'"
            keys = f"{key}s" if len(differ) > 1 else key
            yield f"{name}: {len(differ)} {whose} {keys} changed ({', '.join(differ)})"
    if both != [one for one in before if one in after]:
        yield f"{name}: labels in another order"


def _counted(which: Sequence[str], word: str) -> str:
    return f"1 {word}" if len(which) == 1 else f"{len(which)} {word}s"


def _prompts(old: Mapping[str, str], new: Mapping[str, str]) -> Iterator[str]:
    """The project's own, whose texts are too long for a sentence."""
    for name in dict.fromkeys([*old, *new]):
        if name not in new:
            yield f"prompt {name} removed"
        elif name not in old:
            yield f"prompt {name} added"
        elif old[name] != new[name]:
            yield _lines(f"prompt {name}", old[name], new[name])


def _keys(section: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[str]:
    for key in dict.fromkeys([*old, *new]):
        before, after = old.get(key), new.get(key)
        if before != after:
            yield f"{section}.{key}: {_value(before)} → {_value(after)}"


def _dumped(settings: Any) -> dict[str, Any]:
    dumped: dict[str, Any] = settings.model_dump(mode="json", by_alias=True)
    return dumped


def _value(value: Any) -> str:
    """A value as a sentence repeats it.

    >>> _value(0.3), _value(["a", "b"]), _value(None), _value("")
    ('0.3', 'a, b', 'nothing', 'nothing')
    """
    if isinstance(value, list) and not any(isinstance(one, dict | list) for one in value):
        value = ", ".join(map(str, value))
    if value in (None, "", {}, []):
        return "nothing"
    text = {True: "yes", False: "no"}[value] if isinstance(value, bool) else str(value)
    text = " ".join(text.split())
    return text if len(text) <= LONGEST_VALUE else f"{text[:LONGEST_VALUE]}…"

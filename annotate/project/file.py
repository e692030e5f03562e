"""Project file text -> Project, or every problem in it with its line."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from annotate.errors import InvalidProject, NotFound, Problem
from annotate.project.broken import Broken
from annotate.project.explain import problem, tree_path
from annotate.project.prices import Prices, load_prices, with_prices
from annotate.project.rules import broken_rules
from annotate.project.settings import PriceSettings, Project
from annotate.project.tree import KeyPath, dotted, has, line_of, parse_yaml, plain


def load_project(path: Path) -> Project:
    """The project in a file, with prices from a `prices.yaml` beside it where it tells none.

    Raises NotFound, or InvalidProject listing every problem of one of the two files.
    """
    try:
        text = path.read_text("utf-8-sig")
    except OSError as error:
        raise NotFound(
            f"{path}: cannot be read ({error.strerror}). `coannotate init` writes a first task.yaml"
        ) from error
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        rule = f"is not UTF-8 (byte {error.start})"
        raise InvalidProject(
            str(path), [Problem(line, "file", rule, "Save it as UTF-8.")]
        ) from error
    return parse_project(text, name=str(path), prices=load_prices(path.parent))


def parse_project(text: str, *, name: str = "task.yaml", prices: Prices | None = None) -> Project:
    """The project in `text`. Raises InvalidProject: line, key, rule and remedy of each problem."""
    return _parsed(text, name, tuple((prices or {}).items()))


@lru_cache(maxsize=64)
def _parsed(text: str, name: str, prices: tuple[tuple[str, PriceSettings], ...]) -> Project:
    """A page reads the file at every click, and YAML is slow: 25 ms for 70 lines."""
    tree, problems = parse_yaml(text, name)
    values = plain(tree)
    try:
        project = with_prices(Project.model_validate(values), dict(prices))
        broken = list(broken_rules(project))
    except ValidationError as error:
        details = [detail for detail in error.errors() if not _counts_ill_formed(detail)]
        paths = [tree_path(tree, detail) for detail in details]
        problems += [problem(tree, p, d) for p, d in zip(paths, details, strict=True)]
        broken = list(_rules_of_the_rest(values, details, paths, dict(prices)))
    problems += [Problem(line_of(tree, b.path), dotted(b.path), b.rule, b.remedy) for b in broken]
    if problems:
        raise InvalidProject(name, sorted(problems, key=lambda p: (p.line or 0, p.key)))
    return project


def _counts_ill_formed(detail: ErrorDetails) -> bool:
    """A list that is too short only because its ill-formed entries, told apart, do not count."""
    long_enough = detail.get("ctx", {}).get("min_length", 1) <= _length(detail["input"])
    return detail["type"] == "too_short" and long_enough


def _length(given: object) -> int:
    return len(given) if isinstance(given, list) else 0


def _rules_of_the_rest(
    values: dict[str, Any],
    details: Sequence[ErrorDetails],
    paths: Sequence[KeyPath],
    prices: Prices,
) -> Iterator[Broken]:
    """Rules over several keys that are broken whatever the ill-formed keys should have said."""
    ill_formed = []
    for detail, path in zip(details, paths, strict=True):
        if detail["type"] == "extra_forbidden":
            _remove(values, path)
        else:
            _stand_in(values, path)
            ill_formed.append(path)
    try:
        project = with_prices(Project.model_validate(values), prices)
    except ValidationError:  # an alias, say, put one mistake in several places
        return
    for broken in broken_rules(project):
        if not any(
            _meet(path, read) for path in ill_formed for read in (broken.path, *broken.also)
        ):
            yield broken


def _stand_in(values: dict[str, Any], path: KeyPath) -> None:
    """Replace what is wrong at `path` by something well-formed, or leave it out."""
    top = path[0] if path else None
    if top == "questions" and len(path) > 1 and isinstance(values["questions"], list):
        at = int(path[1])
        values["questions"][at] = {**_QUESTION, "name": f"stands-in-{at}"}
    elif top in _REQUIRED:
        values[str(top)] = _REQUIRED[str(top)]
    else:  # every other key has a default
        _remove(values, path[:2])
        if top in values and not isinstance(values[str(top)], dict):
            _remove(values, path[:1])


def _remove(values: Any, path: KeyPath) -> None:
    for step in path[:-1]:
        if not has(values, step):
            return
        values = values[step]
    if path and isinstance(values, dict):
        values.pop(path[-1], None)


_QUESTION = {"type": "single_label", "text": "?", "labels": [{"name": "a"}, {"name": "b"}]}
_REQUIRED: dict[str, Any] = {
    "project": "stands-in",
    "title": "stands in",
    "fields": ["stands in"],
    "questions": [{**_QUESTION, "name": "stands-in"}],
}


def _meet(one: Iterable[str | int], other: Iterable[str | int]) -> bool:
    """Whether one path leads to the other."""
    return all(a == b for a, b in zip(one, other, strict=False))

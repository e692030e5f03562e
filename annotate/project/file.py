"""Project file text -> Project, or every problem in it with its line."""

from __future__ import annotations

import difflib
import io
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedBase
from ruamel.yaml.constructor import DuplicateKeyError
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from annotate.errors import InvalidProject, NotFound, Problem
from annotate.project.rules import broken_rules
from annotate.project.settings import Project
from annotate.questions import QUESTION_TYPES

Path_ = tuple[str | int, ...]


def load_project(path: Path) -> Project:
    """The project in a file. Raises NotFound, or InvalidProject listing every problem."""
    try:
        text = path.read_text("utf-8-sig")
    except OSError as error:
        raise NotFound(
            f"{path}: cannot be read ({error.strerror}). `coannotate init` writes a first task.yaml"
        ) from error
    except UnicodeDecodeError as error:
        rule = f"is not UTF-8 at byte {error.start}"
        problem = Problem(None, "file", rule, "Save it as UTF-8.")
        raise InvalidProject(str(path), [problem]) from error
    return parse_project(text, name=str(path))


def parse_project(text: str, *, name: str = "task.yaml") -> Project:
    """The project in `text`. Raises InvalidProject: line, key, rule and remedy of each problem."""
    tree = _parse_yaml(text, name)
    try:
        project = Project.model_validate(_plain(tree))
    except ValidationError as error:
        problems = [_problem(tree, detail) for detail in error.errors()]
        raise InvalidProject(name, sorted(problems, key=lambda p: p.line or 0)) from error
    broken = [
        Problem(_line(tree, path), _dotted(path), rule, remedy)
        for path, rule, remedy in broken_rules(project)
    ]
    if broken:
        raise InvalidProject(name, broken)
    return project


def _parse_yaml(text: str, name: str) -> Any:
    try:
        tree = YAML(typ="rt").load(io.StringIO(text))
    except DuplicateKeyError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else None
        key = (error.problem or "key").split('"')[1] if '"' in (error.problem or "") else "key"
        problem = Problem(line, key, "stands twice in one place", "Remove one of the two.")
        raise InvalidProject(name, [problem]) from error
    except MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else None
        rule = f"is not YAML: {error.problem or error.context}"
        raise InvalidProject(name, [Problem(line, "file", rule, _YAML_REMEDY)]) from error
    except YAMLError as error:
        rule = f"is not YAML: {str(error).splitlines()[0]}"
        raise InvalidProject(name, [Problem(None, "file", rule, _YAML_REMEDY)]) from error
    if not isinstance(tree, Mapping):
        rule = "holds no keys" if tree is None else f"is a {type(tree).__name__}, not keys"
        raise InvalidProject(name, [Problem(1, "file", rule, "`coannotate init` shows the form.")])
    return tree


_YAML_REMEDY = "Check indentation and colons; put text with special characters in quotes."


def _plain(node: Any) -> Any:
    """The tree without line numbers, as plain dicts, lists and scalars."""
    if isinstance(node, Mapping):
        return {key: _plain(value) for key, value in node.items()}
    if isinstance(node, Sequence) and not isinstance(node, str):
        return [_plain(value) for value in node]
    for kind in (bool, int, float, str):
        if isinstance(node, kind):
            return kind(node)
    return node


def _problem(tree: Any, detail: ErrorDetails) -> Problem:
    path = _tree_path(tree, detail["loc"])
    rule, remedy = _explain(detail, path)
    return Problem(_line(tree, path), _dotted(path), rule, remedy)


def _explain(detail: ErrorDetails, path: Path_) -> tuple[str, str]:
    kind, given = detail["type"], detail["input"]
    if kind == "extra_forbidden":
        return "is not a known key", _unknown_key_remedy(str(path[-1]), _known_keys(path))
    if kind == "missing":
        return "is required", f"Add `{path[-1]}:`."
    if kind in ("union_tag_invalid", "union_tag_not_found"):
        return "has no known type", f"Set `type:` to one of {', '.join(QUESTION_TYPES)}."
    if kind == "string_type" and isinstance(given, bool | int | float):
        return f"is {given!r}, a {type(given).__name__}, not text", f'Put it in quotes: "{given}".'
    expected = detail["msg"].removeprefix("Input ").removeprefix("Value error, ")
    shown = "" if isinstance(given, dict | list) else f" (given: {str(given)[:60]!r})"
    return f"{expected[:1].lower()}{expected[1:]}{shown}", "Change the value to fit the rule."


def _unknown_key_remedy(key: str, known: Iterable[str]) -> str:
    if key in ("api_key", "key", "token", "password"):
        return (
            "Secrets never stand in a file: put the key in an environment variable "
            "and name that in `llm.api_key_env`."
        )
    known = sorted(known)
    close = difflib.get_close_matches(key, known, n=1)
    return f"Did you mean `{close[0]}`?" if close else f"Known here: {', '.join(known)}."


def _known_keys(path: Path_) -> list[str]:
    """The keys allowed where the last step of `path` stands."""
    if path[0] == "questions" and len(path) >= 3:
        nested = [m for _, kind in QUESTION_TYPES.items() for m in [kind.settings_model]]
        names = {name for model in nested for name in _aliases(model)}
        return sorted(names) if len(path) == 3 else ["name", "description"]
    model: type[BaseModel] = Project
    for step in path[:-1]:
        field = next((f for n, f in model.model_fields.items() if step in (n, f.alias)), None)
        if field is None or not isinstance(field.annotation, type):
            break
        model = field.annotation
    return _aliases(model)


def _aliases(model: type[BaseModel]) -> list[str]:
    return [field.alias or name for name, field in model.model_fields.items()]


def _tree_path(tree: Any, loc: Sequence[str | int]) -> Path_:
    """`loc` without the union tags that pydantic puts into it."""
    path: list[str | int] = []
    node = tree
    for at, step in enumerate(loc):
        last = at == len(loc) - 1
        if _has(node, step):
            node = node[step]
        elif not last and step in QUESTION_TYPES:
            continue
        path.append(step)
    return tuple(path)


def _has(node: Any, step: str | int) -> bool:
    if isinstance(node, Mapping):
        return step in node
    return isinstance(node, Sequence) and isinstance(step, int) and step < len(node)


def _line(tree: Any, path: Path_) -> int | None:
    """The 1-based line of the deepest part of `path` that is in the file."""
    node, line = tree, 1
    for step in path:
        if not isinstance(node, CommentedBase) or not _has(node, step):
            break
        where = node.lc.data.get(step) if node.lc.data else None
        line = where[0] + 1 if where else line
        node = node[step]  # type: ignore[index]
    return line


def _dotted(path: Path_) -> str:
    """
    >>> _dotted(("questions", 0, "labels", 2, "name"))
    'questions[0].labels[2].name'
    """
    text = ""
    for step in path:
        text += f"[{step}]" if isinstance(step, int) else f".{step}" if text else str(step)
    return text or "file"

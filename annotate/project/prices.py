"""`prices.yaml`: what models cost, written down once for all projects of a workspace."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import TypeVar

from pydantic import TypeAdapter, ValidationError

from annotate.errors import InvalidProject, Problem
from annotate.project.explain import problem, tree_path
from annotate.project.settings import LLMSettings, ModelSettings, PriceSettings, Project
from annotate.project.tree import parse_yaml, plain

PRICE_FILE = "prices.yaml"

Prices = Mapping[str, PriceSettings]
"""Model, by the name its server knows it by -> price."""


def load_prices(folder: Path) -> Prices:
    """The prices in a folder's `prices.yaml`; none without such a file.

    Raises InvalidProject: line, key, rule and remedy of each problem in it.
    """
    path = folder / PRICE_FILE
    try:
        text = path.read_text("utf-8-sig")
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError) as error:
        told = Problem(None, "file", f"cannot be read ({error})", "Save it as UTF-8 text.")
        raise InvalidProject(str(path), [told]) from error
    return parse_prices(text, name=str(path))


@lru_cache(maxsize=16)
def parse_prices(text: str, *, name: str = PRICE_FILE) -> Prices:
    """The prices in `text`: `model: {usd_per_m_in, usd_per_m_out, as_of}` lines."""
    if all(line.lstrip()[:1] in ("", "#") for line in text.splitlines()):
        return {}
    tree, problems = parse_yaml(text, name, first=_FIRST)
    try:
        prices = _PRICES.validate_python(plain(tree))
    except ValidationError as error:
        problems += [problem(tree, tree_path(tree, detail), detail) for detail in error.errors()]
    if problems:
        raise InvalidProject(name, sorted(problems, key=lambda p: (p.line or 0, p.key)))
    return prices


_FIRST = 'Write lines like `my-model: {usd_per_m_in: 1, usd_per_m_out: 4, as_of: "2026-11-20"}`.'
_PRICES: TypeAdapter[dict[str, PriceSettings]] = TypeAdapter(dict[str, PriceSettings])


def with_prices(project: Project, prices: Prices) -> Project:
    """The project with the price of each model that has none in its own file."""
    llm = project.llm
    if not llm.ensemble:
        return project.model_copy(update={"llm": _priced(llm, llm, prices)})
    members = tuple(
        _priced(member, whole, prices)
        for member, (_, whole) in zip(llm.ensemble, llm.models(), strict=True)
    )
    return project.model_copy(update={"llm": llm.model_copy(update={"ensemble": members})})


M = TypeVar("M", bound=ModelSettings)


def _priced(own: M, whole: LLMSettings, prices: Prices) -> M:
    """own: as the file has it; whole: with what it inherits."""
    found = prices.get(whole.model or "")
    if whole.price is not None or found is None or whole.provider == "local":
        return own
    return own.model_copy(update={"price": found})

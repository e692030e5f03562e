"""Templates: the newest version of each, filled in."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from jinja2 import Template
    from jinja2.sandbox import SandboxedEnvironment


def render(folder: str, name: str, context: Mapping[str, Any]) -> tuple[str, str]:
    """(text, version) of a template, without blanks around it."""
    version, source = newest(folder, name)
    return _compiled(source).render(context).strip(), version


@cache
def _compiled(source: str) -> Template:
    """Compiling takes a hundred times as long as filling in."""
    return _environment().from_string(source)


@cache
def _environment() -> SandboxedEnvironment:
    from jinja2 import StrictUndefined  # a tenth of a second that most commands do without
    from jinja2.sandbox import SandboxedEnvironment

    return SandboxedEnvironment(
        undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True, keep_trailing_newline=False
    )


@cache
def newest(folder: str, name: str) -> tuple[str, str]:
    """(version name, source) of the highest-numbered template. Used ones are never edited."""
    here = resources.files("annotate.llm") / "templates" / folder
    pattern = re.compile(rf"{re.escape(name)}\.v(\d+)\.jinja")
    found = [(int(m.group(1)), e) for e in here.iterdir() if (m := pattern.fullmatch(e.name))]
    if not found:
        raise KeyError(f"no template {folder}/{name}")
    number, entry = max(found, key=lambda pair: pair[0])
    return f"{folder}/{name}.v{number}", entry.read_text("utf-8")

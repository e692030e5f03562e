"""One rule broken in a project file."""

from __future__ import annotations

from typing import NamedTuple

from annotate.project.tree import KeyPath


class Broken(NamedTuple):
    """A rule broken at `path`; `also`: the other keys that it reads."""

    path: KeyPath
    rule: str
    remedy: str
    also: tuple[KeyPath, ...] = ()

"""Signing in through an identity provider, where the workspace names one."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

from annotate.errors import WorkspaceError

FILE = Path(".streamlit") / "secrets.toml"
SHARED = frozenset({"redirect_uri", "cookie_secret", "expose_tokens"})


def providers(folder: Path) -> Mapping[str, str]:
    """name -> title of each identity provider of the workspace; empty when it names none.

    Raises WorkspaceError for a file that cannot be read.
    """
    path = (folder / FILE).resolve()
    try:
        changed_ns = path.stat().st_mtime_ns
    except OSError:
        return {}
    return _providers(path, changed_ns)


@lru_cache(maxsize=16)
def _providers(path: Path, changed_ns: int) -> Mapping[str, str]:
    try:
        auth = tomllib.loads(path.read_text("utf-8")).get("auth", {})
    except (OSError, ValueError) as error:
        raise WorkspaceError(f"{path} cannot be read ({error}): correct it") from error
    if "client_id" in auth:
        return {"default": str(auth.get("title", "your organisation"))}
    return {
        name: str(section.get("title", name))
        for name, section in auth.items()
        if isinstance(section, Mapping) and "client_id" in section
    }

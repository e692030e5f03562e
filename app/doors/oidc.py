"""Identity providers of a workspace: the `[auth]` of its `.streamlit/secrets.toml`."""

from __future__ import annotations

import hmac
import tomllib
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from annotate.errors import WorkspaceError
from app.doors.key import workspace_key

FILE = Path(".streamlit") / "secrets.toml"


def providers(folder: Path) -> Mapping[str, str]:
    """name -> title of each identity provider of the workspace; empty when it names none.

    Raises WorkspaceError for a file that cannot be read.
    """
    auth = _auth(folder)
    if "client_id" in auth:
        return {"default": str(auth.get("title", "your organisation"))}
    return {
        name: str(section.get("title", name))
        for name, section in auth.items()
        if isinstance(section, Mapping) and "client_id" in section
    }


def auth_secrets(folder: Path) -> dict[str, Any] | None:
    """What Streamlit's own sign-in goes by; None without a provider.

    Its cookie is signed with a key of the workspace where the file names none.
    """
    if not providers(folder):
        return None
    own = hmac.new(workspace_key(folder), b"oidc", "sha256").hexdigest()
    return {"auth": {"cookie_secret": own} | dict(_auth(folder))}


def _auth(folder: Path) -> Mapping[str, Any]:
    path = (folder / FILE).absolute()
    try:
        changed_ns = path.stat().st_mtime_ns
    except OSError:
        return {}
    return _read(path, changed_ns)


@lru_cache(maxsize=16)
def _read(path: Path, changed_ns: int) -> Mapping[str, Any]:
    """A page run looks at it: only a changed file is read again."""
    try:
        auth: Mapping[str, Any] = tomllib.loads(path.read_text("utf-8")).get("auth", {})
    except (OSError, ValueError) as error:
        raise WorkspaceError(f"{path} cannot be read ({error}): correct it") from error
    return auth

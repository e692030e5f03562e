"""A form of a new project that somebody has begun, kept for them until it is made or discarded."""

from __future__ import annotations

import contextlib
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from annotate.hashing import digest
from annotate.model import Person
from app.datafiles import UPLOADS, in_full

SUFFIX = ".draft.json"
KEPT_S = 30 * 24 * 3600
"""A form that nobody has touched goes after thirty days, and its file with it."""

UPLOAD_KEPT_S = 2 * 24 * 3600
"""An upload that nobody made anything of goes after two days."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """upload, name, path: the data file, by its id, as its owner calls it, and where it is.
    values: what the form holds, key -> what JSON can say. saved_at: seconds since 1970."""

    upload: str
    name: str
    path: Path
    values: Mapping[str, Any]
    saved_at: float = 0.0


def load(folder: Path, person: Person) -> Draft | None:
    """What this person has begun in this workspace; None where nothing is, or its file is gone."""
    where = _place(folder, person)
    try:
        said = json.loads(where.read_text("utf-8"))
        path = folder / UPLOADS / Path(said["file"]).name
        draft = Draft(
            upload=said["upload"],
            name=said["name"],
            path=path,
            values=dict(said["values"]),
            saved_at=where.stat().st_mtime,
        )
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return draft if path.is_file() else None


def keep(folder: Path, person: Person, draft: Draft) -> None:
    """Write it in full, in the place of this person's last one. Raises WorkspaceError."""
    where = _place(folder, person)
    said = {
        "upload": draft.upload,
        "name": draft.name,
        "file": draft.path.name,
        "values": draft.values,
    }
    with in_full(where, "what you filled in") as out:
        out.write(json.dumps(said).encode())


def discard(folder: Path, person: Person, *, file: bool) -> None:
    """Forget it. file: the data file too, where no import waits for it."""
    draft = load(folder, person)
    _place(folder, person).unlink(missing_ok=True)
    if file and draft is not None:
        draft.path.unlink(missing_ok=True)


def forget_old(folder: Path) -> None:
    """Delete forms of a workspace that nobody has touched for thirty days, and uploads of two days
    that no form goes on with."""
    uploads = folder / UPLOADS
    for path in uploads.glob(f"*{SUFFIX}"):
        _forget(path, older_than_s=KEPT_S)
    in_use = set(map(_file_of, uploads.glob(f"*{SUFFIX}")))
    for path in uploads.glob("*"):
        if path.name not in in_use and not path.name.endswith(SUFFIX):
            _forget(path, older_than_s=UPLOAD_KEPT_S)


def _forget(path: Path, *, older_than_s: float) -> None:
    with contextlib.suppress(OSError):  # somebody else was first
        if time.time() - path.stat().st_mtime > older_than_s:
            path.unlink()


def _file_of(path: Path) -> str:
    """The name of the upload that a form goes on with; empty for one that cannot be read."""
    try:
        return str(json.loads(path.read_text("utf-8"))["file"])
    except (OSError, ValueError, KeyError, TypeError):
        return ""


def _place(folder: Path, person: Person) -> Path:
    return folder / UPLOADS / f"{digest(person.id)[:16]}{SUFFIX}"

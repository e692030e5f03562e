"""The workspace's own secret, in a file that only its owner can read."""

from __future__ import annotations

import os
import secrets
from functools import cache
from pathlib import Path

from annotate.errors import WorkspaceError

FILE = ".coannotate-key"
BYTES = 32


def workspace_key(folder: Path) -> bytes:
    """32 random bytes, made once: of two processes that start together, one makes it.

    It signs what the server hands out and takes back. Raises WorkspaceError when the file cannot
    be written, or holds something else.
    """
    return _key(folder if folder.is_absolute() else folder.absolute())


@cache
def _key(folder: Path) -> bytes:
    """Read once: every request needs it."""
    path = folder / FILE
    try:
        if not path.exists():
            _make(path)
        key = bytes.fromhex(path.read_text("ascii"))
    except (OSError, ValueError) as error:
        raise WorkspaceError(
            f"{path} cannot be used ({error}): delete it, and a new one is made; "
            "whoever has a page open then has to load it again"
        ) from error
    if len(key) != BYTES:
        raise WorkspaceError(f"{path} holds {len(key)} bytes, not {BYTES}: delete it")
    return key


def _make(path: Path) -> None:
    """Written in full under another name first: nobody ever reads half a key."""
    mine = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
    handle = os.open(mine, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "w", encoding="ascii") as file:
            file.write(secrets.token_hex(BYTES))
        _publish(mine, path)
    finally:
        mine.unlink(missing_ok=True)


def _publish(mine: Path, path: Path) -> None:
    try:
        path.hardlink_to(mine)  # fails when another process was first
    except FileExistsError:
        return
    except OSError:  # a file system without links
        mine.replace(path)

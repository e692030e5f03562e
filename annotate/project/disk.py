"""A project file as it stands on disk, and a new one in its place, whole or not at all."""

from __future__ import annotations

import os
import stat
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from annotate.errors import Conflict, NotFound, WorkspaceError


@dataclass(frozen=True, slots=True)
class Stored:
    """text: as it is, with a byte-order mark and line ends of its own."""

    text: str

    @property
    def normal(self) -> str:
        """The text as it is read: line ends as `\\n`, no byte-order mark."""
        return normal(self.text)

    def with_ends(self, text: str) -> str:
        """`text` with this file's byte-order mark, and its line ends where those are `\\r\\n`."""
        mark = "\ufeff" if self.text.startswith("\ufeff") else ""
        text = text.removeprefix("\ufeff")
        crlf = 2 * self.text.count("\r\n") > self.text.count("\n")
        if crlf:
            text = text.replace("\r\n", "\n").replace("\n", "\r\n")
        return mark + text


def normal(text: str) -> str:
    """`text` with line ends as `\\n` and no byte-order mark, whoever wrote it."""
    return text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")


def stored(path: Path) -> Stored:
    """The file as it is now; raises NotFound."""
    try:
        return Stored(path.read_bytes().decode("utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise NotFound(f"{path}: cannot be read ({error}): look at the file") from error


def put(path: Path, text: str, *, instead_of: Stored) -> None:
    """Write `text` into the place of the file, in one step; a link stays one, and so do modes.

    Raises Conflict when the file is no longer `instead_of`, and WorkspaceError when the folder or
    the file cannot be written; then all is as it was.
    """
    target = path.resolve()
    temporary = None
    try:
        if not os.access(target, os.W_OK):
            raise PermissionError(13, "the file is read-only")
        with tempfile.NamedTemporaryFile(
            "wb", dir=target.parent, prefix=f".{target.name}.", suffix=".new", delete=False
        ) as out:
            temporary = Path(out.name)
            out.write(text.encode("utf-8"))
            out.flush()
            os.fsync(out.fileno())
        temporary.chmod(stat.S_IMODE(target.stat().st_mode))
        if stored(target) != instead_of:
            raise Conflict(
                f"{path.name} was changed on disk just now: look at it as it is and make your "
                "change again; nothing was overwritten"
            )
        temporary.replace(target)
    except OSError as error:
        raise WorkspaceError(
            f"{path} cannot be written ({error.strerror}): make the folder and the file writable "
            "for who runs this server, or ask who keeps the file to change it"
        ) from error
    finally:
        if temporary is not None:
            with suppress(OSError):
                temporary.unlink(missing_ok=True)

"""Whether a snapshot's folder is as it was written."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from annotate.errors import UnreadableFile
from annotate.snapshots.manifest import LABELS, MANIFEST, digest_of, files_in, load

OnFile = Callable[[int, int], None]
"""Gets files read of all files."""


@dataclass(frozen=True, slots=True)
class Verified:
    """files: that the manifest names. problems: what is not as it was written, each by name."""

    folder: Path
    sha256: str
    files: int
    problems: tuple[str, ...]

    @property
    def whole(self) -> bool:
        return not self.problems


def check(
    folder: Path, sha256: str | None = None, on_file: OnFile = lambda done, total: None
) -> Verified:
    """Read every file again. sha256: what the manifest was when it was made; None: not known.

    Raises NotFound when there is no manifest, UnreadableFile when it is none.
    """
    manifest = load(folder)
    found, _ = digest_of(folder / MANIFEST)
    changed = None if sha256 is None else _wrong(folder / MANIFEST, MANIFEST, sha256)
    problems = [] if changed is None else [changed]
    named = manifest["files"]
    for at, (path, facts) in enumerate(sorted(named.items()), 1):
        wrong = _wrong(folder / path, path, facts["sha256"])
        problems += [] if wrong is None else [wrong]
        on_file(at, len(named))
    problems += [
        f"{path} is not of this snapshot: it came later"
        for path in files_in(folder)
        if path not in named
    ]
    return Verified(folder, found, len(named), tuple(problems))


def require_labels(folder: Path, sha256: str | None = None) -> None:
    """Raises UnreadableFile where the labels, or the manifest, are not as they were written: what
    is made of them would be as wrong as they are. sha256: as of `check`."""
    manifest = load(folder)
    names = {
        path: manifest["files"][path]["sha256"] for path in manifest["exports"][LABELS]["files"]
    }
    known = names if sha256 is None else {MANIFEST: sha256, **names}
    wrong = (_wrong(folder / path, path, digest) for path, digest in known.items())
    if problem := next(filter(None, wrong), None):
        raise UnreadableFile(
            f"{folder}: {problem}. Nothing can be compared with it: take another copy of the files"
        )


def _wrong(path: Path, name: str, sha256: str) -> str | None:
    if not path.is_file():
        return f"{name} is missing"
    found, _ = digest_of(path)
    if found == sha256:
        return None
    return f"{name} was changed: its SHA-256 is {found}, and was {sha256} when it was written"

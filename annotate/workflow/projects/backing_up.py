"""Back a workspace up while people work in it, and put it back: one zip that checks itself."""

from __future__ import annotations

import hashlib
import json
import zipfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from annotate.clock import iso
from annotate.errors import AnnotateError, UnreadableFile, WorkspaceError
from annotate.model import Person
from annotate.people import require
from annotate.project.prices import PRICE_FILE
from annotate.store import Store, open_store
from annotate.workspace import DATABASE, Workspace

MANIFEST = "manifest.json"
FORMAT = 1
CHUNK = 1 << 20

Going = Callable[[int, int], bool]
"""Gets bytes packed of all bytes; False asks to stop."""

NOT_IN_IT = (
    "Not in it: keys and secrets, sessions and open invitations, model files, uploads and exports. "
    "Digests of passwords are: keep it as private as the workspace."
)


@dataclass(frozen=True, slots=True)
class BackupReport:
    """files: name -> bytes. counts: what the database holds, by noun."""

    path: Path
    files: Mapping[str, int]
    counts: Mapping[str, int]

    def summary(self) -> str:
        """One line.

        >>> BackupReport(Path("b.zip"), {"a": 600, "b": 424}, {"items": 3, "people": 2}).summary()
        '2 files, 1,024 bytes before packing: 3 items, 2 people'
        """
        held = ", ".join(f"{count:,} {name}" for name, count in self.counts.items())
        return f"{len(self.files)} files, {sum(self.files.values()):,} bytes before packing: {held}"


def back_up(
    workspace: Workspace,
    store: Store,
    out: Path,
    *,
    actor: Person,
    now: datetime,
    going: Going = lambda done, total: True,
) -> BackupReport | None:
    """Write the database of one moment and the project files into a zip; None when stopped.

    Nobody has to wait meanwhile. `out` appears when it is complete; one that is there stays.
    Raises NotAllowed, AnnotateError where it cannot be written.
    """
    require(actor, "back up")
    _check_new(out)
    try:
        with TemporaryDirectory(prefix=".backup-", dir=out.parent) as folder:
            copy = Path(folder) / DATABASE
            store.copy_to(copy)
            counts = _left(copy, now)
            files = {DATABASE: copy, **_beside(workspace)}
            part = Path(folder) / out.name
            if not _pack(part, files, counts, now, going):
                return None
            part.chmod(0o600)
            part.replace(out)
            sizes = {name: path.stat().st_size for name, path in files.items()}
    except OSError as error:
        raise AnnotateError(
            f"{out}: cannot be written ({error.strerror or error}). Choose another place"
        ) from error
    return BackupReport(out, sizes, counts)


def restore(file: Path, folder: Path, *, actor: Person) -> Mapping[str, Any]:
    """Unpack a backup into a new folder, whole and checked; gives its manifest.

    Raises NotAllowed, AnnotateError when the folder is there and not empty, and UnreadableFile
    for what is no backup or not as it was written.
    """
    require(actor, "back up")
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise AnnotateError(
            f"{folder} is there already and not empty: a backup goes into a new folder"
        )
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with (
            TemporaryDirectory(prefix=".restore-", dir=folder.parent) as temporary,
            zipfile.ZipFile(file) as archive,
        ):
            fresh = Path(temporary) / folder.name
            fresh.mkdir(mode=0o700)
            manifest = _manifest(file, archive)
            for name, told in manifest["files"].items():
                _unpack(file, archive, name, told, fresh)
            _check_database(file, fresh / DATABASE)
            if folder.exists():
                folder.rmdir()  # it is empty
            fresh.rename(folder)
    except zipfile.BadZipFile as error:
        raise UnreadableFile(f"{file}: is no whole zip file ({error}): take another copy") from None
    except OSError as error:
        why = error.strerror or error
        raise AnnotateError(f"{file} cannot be restored into {folder} ({why})") from error
    return manifest


def _check_new(out: Path) -> None:
    if out.exists():
        raise AnnotateError(f"{out} is there already and is left as it is: choose another name")
    if not out.parent.is_dir():
        raise AnnotateError(f"{out.parent} is no folder: choose another place")


def _beside(workspace: Workspace) -> dict[str, Path]:
    """Files of the workspace that people wrote; none that holds a secret."""
    prices = workspace.folder / PRICE_FILE
    found = [*workspace.task_files(), *([prices] if prices.is_file() else [])]
    return {path.name: path for path in found}


def _left(copy: Path, now: datetime) -> dict[str, int]:
    """Take out of a copied database what no backup has; what it holds then."""
    with open_store(copy) as store:
        store.leave_behind(now=iso(now))
        return {"items": store.items.count_all(), "people": len(store.people.all())}


def _pack(
    part: Path,
    files: Mapping[str, Path],
    counts: Mapping[str, int],
    now: datetime,
    going: Going,
) -> bool:
    """Whether it was packed to the end."""
    total, done = sum(path.stat().st_size for path in files.values()), 0
    told: dict[str, dict[str, object]] = {}
    with zipfile.ZipFile(part, "w", zipfile.ZIP_DEFLATED, compresslevel=3) as archive:
        for name, path in files.items():
            seen, size = hashlib.sha256(), 0
            with path.open("rb") as source, archive.open(name, "w", force_zip64=True) as packed:
                for chunk in _chunks(source):
                    packed.write(chunk)
                    seen.update(chunk)
                    size += len(chunk)
                    done += len(chunk)
                    if not going(done, total):
                        return False
            told[name] = {"bytes": size, "sha256": seen.hexdigest()}
        manifest = {"format": FORMAT, "made_at": iso(now), **counts, "files": told}
        archive.writestr(MANIFEST, json.dumps(manifest, indent=2, ensure_ascii=False) + "\n")
    return True


def _chunks(source: Any) -> Iterator[bytes]:
    while chunk := source.read(CHUNK):
        yield chunk


def _manifest(file: Path, archive: zipfile.ZipFile) -> dict[str, Any]:
    """Raises UnreadableFile: only names that a backup has are ever written anywhere."""
    try:
        manifest: dict[str, Any] = json.loads(archive.read(MANIFEST))
        files = manifest["files"]
        names = set(files)
        checked = all(isinstance(told["sha256"], str) for told in files.values())
    except (KeyError, ValueError, TypeError, AttributeError):
        names, checked, manifest = set(), False, {}
    if not checked or DATABASE not in names:
        raise UnreadableFile(f"{file}: is no backup of a workspace ({MANIFEST} is missing in it)")
    if manifest.get("format") != FORMAT:
        raise UnreadableFile(f"{file}: was made by a newer version of this program: install that")
    odd = [name for name in names if not _is_ours(name)]
    if odd or {*archive.namelist()} != {*names, MANIFEST}:
        what = ", ".join(sorted(odd)) or "files that its manifest does not name"
        raise UnreadableFile(f"{file}: holds {what}, which no backup has: take another copy")
    return manifest


def _is_ours(name: str) -> bool:
    plain = name == Path(name).name and "\\" not in name
    known = name in (DATABASE, PRICE_FILE, "task.yaml") or name.endswith(".task.yaml")
    return plain and known


def _unpack(
    file: Path, archive: zipfile.ZipFile, name: str, told: Mapping[str, Any], folder: Path
) -> None:
    seen = hashlib.sha256()
    with archive.open(name) as packed, (folder / name).open("xb") as out:
        for chunk in _chunks(packed):
            seen.update(chunk)
            out.write(chunk)
    if seen.hexdigest() != told["sha256"]:
        raise UnreadableFile(f"{file}: {name} is not as it was written: take another copy")


def _check_database(file: Path, database: Path) -> None:
    """Raises UnreadableFile for a damaged one, WorkspaceError for one of a newer version."""
    try:
        with open_store(database) as store:
            wrong = store.damage()
    except WorkspaceError as error:
        if "newer version" in str(error):
            raise
        raise UnreadableFile(f"{file}: its database cannot be used ({error})") from error
    if wrong is not None:
        raise UnreadableFile(f"{file}: its database is damaged ({wrong}): take another copy")

"""Where an export goes: complete or not at all; an old one stays until the new one is there."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import BinaryIO
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from annotate.errors import AnnotateError

MARK = ".coannotate.json"
"""In a folder that an export made: its files. Loaders of data sets pass over names with a dot."""
_DATE = (1980, 1, 1, 0, 0, 0)
"""Of every file in a zip: the same rows give the same bytes."""


@contextmanager
def placed_file(out: Path, suffixes: Sequence[str]) -> Iterator[Path]:
    """A path to write to, whose file takes the place of `out` in the end.

    Raises AnnotateError when it cannot, or would replace what is no export.
    """
    with _told(out):
        _check_file(out, suffixes)
        target = out.resolve()  # behind a link: the link itself stays
        with TemporaryDirectory(prefix=".export-", dir=target.parent) as folder:
            part = Path(folder) / target.name
            yield part
            synced(part)
            part.replace(target)


@contextmanager
def placed_folder(out: Path) -> Iterator[Path]:
    """An empty folder to write into, which takes the place of `out` in the end.

    Raises AnnotateError when it cannot, or when what is there was not made by an export alone.
    """
    with _told(out):
        _check_folder(out)
        target = out.resolve()
        with TemporaryDirectory(prefix=".export-", dir=target.parent) as space:
            made = Path(space) / "new"
            made.mkdir()
            yield made
            _mark(made)
            for path in made.rglob("*"):
                if path.is_file():
                    synced(path)
            if target.exists():
                target.replace(Path(space) / "old")
            made.replace(target)


@contextmanager
def scratch(near: Path | None) -> Iterator[Path]:
    """A folder that is gone afterwards; near: beside this file."""
    with TemporaryDirectory(prefix=".export-", dir=near) as folder:
        yield Path(folder)


def zip_into(out: BinaryIO, folder: Path) -> None:
    """All files of a folder, by name: the same files give the same bytes."""
    with ZipFile(out, "w", ZIP_DEFLATED) as archive:
        for path in _files(folder):
            info = ZipInfo(path.relative_to(folder).as_posix(), _DATE)
            info.compress_type, info.external_attr = ZIP_DEFLATED, 0o644 << 16
            with path.open("rb") as source, archive.open(info, "w", force_zip64=True) as entry:
                shutil.copyfileobj(source, entry, 1 << 20)


def _check_file(out: Path, suffixes: Sequence[str]) -> None:
    if out.is_dir():
        raise AnnotateError(
            f"{out} is a folder: name a file, as in {out / ('export' + suffixes[0])}"
        )
    if out.exists() and out.suffix.lower() not in suffixes:
        raise AnnotateError(
            f"{out} is already there and is no {suffixes[0]} file: choose a name that ends in "
            f"{suffixes[0]}"
        )


def _check_folder(out: Path) -> None:
    if not out.exists():
        return
    if not out.is_dir():
        raise AnnotateError(f"{out} is a file, and this export is a folder: choose another name")
    found = {path.relative_to(out).as_posix() for path in _files(out)}
    if not found:
        return
    others = sorted(found - _made(out) - {MARK})
    if MARK not in found or others:
        what = others[0] if others else "what is in it"
        raise AnnotateError(
            f"{out} is already there and {what} is of no export: choose a new folder"
        )


def _mark(folder: Path) -> None:
    names = [path.relative_to(folder).as_posix() for path in _files(folder)]
    (folder / MARK).write_text(json.dumps({"files": names}, indent=1) + "\n", "utf-8")


def _made(folder: Path) -> set[str]:
    try:
        return set(json.loads((folder / MARK).read_text("utf-8"))["files"])
    except (OSError, ValueError, KeyError, TypeError):
        return set()


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if not path.is_dir())


def synced(path: Path) -> None:
    """Wait until a file is on the disk."""
    with path.open("rb") as stream:
        os.fsync(stream.fileno())


@contextmanager
def _told(out: Path) -> Iterator[None]:
    if "\0" in str(out):
        raise AnnotateError(f"{str(out)!r} is no name of a file: leave out the NUL")
    try:
        yield
    except OSError as error:
        folder = out.resolve().parent
        why = error.strerror or str(error)
        if isinstance(error, FileNotFoundError) and not folder.exists():
            raise AnnotateError(f"{out}: there is no folder {folder}. Make it first") from error
        raise AnnotateError(f"{out}: cannot be written ({why}). Choose another place") from error

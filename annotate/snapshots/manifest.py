"""The manifest of a snapshot: what is in its folder, with the digest of every file."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, TypeAlias

import orjson

from annotate.errors import NotFound, UnreadableFile

MANIFEST = "manifest.json"
LEFT_OUT = "left_out.jsonl"
FORMAT = 1
LABELS, VOTES = "labels", "votes"
"""The exports that every snapshot has."""
CHUNK = 1 << 20

Manifest: TypeAlias = Mapping[str, Any]
"""The keys format, project, code, counts, questions, exports, moved, versions and files; no name
and no time at which it was made, so that one state has one manifest."""


def text_of(manifest: Manifest) -> str:
    """As it is written: sorted keys, a line each, so that people can compare two as well.

    >>> text_of({"b": 1, "a": "标"})
    '{\\n  "a": "标",\\n  "b": 1\\n}\\n'
    """
    return json.dumps(manifest, ensure_ascii=False, indent=2, sort_keys=True) + "\n"


def digest_of(path: Path) -> tuple[str, int]:
    """SHA-256 of a file, in hex, and how many bytes it has."""
    sha, size = hashlib.sha256(), 0
    with path.open("rb") as stream:
        while chunk := stream.read(CHUNK):
            sha.update(chunk)
            size += len(chunk)
    return sha.hexdigest(), size


def files_in(folder: Path) -> list[str]:
    """Every file, as a path inside the folder with /, sorted; without the manifest."""
    found = (path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())
    return sorted(name for name in found if name != MANIFEST)


def load(folder: Path) -> Manifest:
    """The manifest of a folder. Raises NotFound without one, UnreadableFile for another file."""
    path = folder / MANIFEST
    try:
        said = json.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        raise NotFound(f"{folder} is no snapshot: it has no {MANIFEST}") from None
    except (OSError, ValueError) as error:
        raise UnreadableFile(f"{path}: cannot be read ({error}): take another copy") from error
    if not isinstance(said, dict) or said.get("format") != FORMAT:
        found = said.get("format") if isinstance(said, dict) else None
        raise UnreadableFile(
            f"{path}: is of format {found!r}, and this version reads {FORMAT}: "
            "read it with the version that made it"
        )
    if not _names_its_files(said):
        raise UnreadableFile(f"{path}: does not say what is in the snapshot: take another copy")
    return said


def _names_its_files(said: Manifest) -> bool:
    """Whether every file stands in it with its digest, and which of them hold the labels."""
    files, exports = said.get("files"), said.get("exports")
    if not isinstance(files, dict) or not isinstance(exports, dict):
        return False
    labels = exports.get(LABELS)
    paths = labels.get("files") if isinstance(labels, dict) else None
    known = {path for path, facts in files.items() if isinstance(facts, dict)}
    return (
        isinstance(paths, list)
        and known.issuperset(map(str, paths))
        and all(path in known and isinstance(files[path].get("sha256"), str) for path in files)
    )


def labels_in(folder: Path, manifest: Manifest) -> Iterator[tuple[str, dict[str, Any]]]:
    """(split, row) of each label, as exported; the split is "" where there is none."""
    for path in manifest["exports"][LABELS]["files"]:
        split = manifest["files"][path].get("split", "")
        for row in rows_in(folder / path):
            yield split, row


def rows_in(path: Path) -> Iterator[dict[str, Any]]:
    """The rows of a JSON Lines file. Raises UnreadableFile."""
    try:
        with path.open("rb") as stream:
            for line in stream:
                yield orjson.loads(line)
    except (OSError, ValueError) as error:
        raise UnreadableFile(
            f"{path}: cannot be read ({error}): `coannotate snapshot verify` tells what was changed"
        ) from error

"""Data files that people bring: kept while they are looked at, read, and imported."""

from __future__ import annotations

import secrets
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import BinaryIO, TextIO

from annotate.errors import UnreadableFile, WorkspaceError
from annotate.importers import IMPORTERS, Row, read, size
from annotate.model import Person
from annotate.project import Project
from annotate.store import Store
from annotate.workflow.imports.importing import ImportReport, import_items

UPLOADS, REJECTS = "uploads", "rejects"
SUFFIXES = tuple(sorted(s for _, importer in IMPORTERS.items() for s in importer.suffixes))


@dataclass(frozen=True, slots=True, kw_only=True)
class DataFile:
    """A file of rows and how it is read. name: as people know it. format: of another tool, or how
    its rows are written where the suffix does not say."""

    path: Path
    name: str
    encoding: str = "utf-8"
    delimiter: str | None = None
    format: str | None = None

    @property
    def size(self) -> int:
        """Bytes."""
        return size(self.path)

    def rows(self, on_bytes: Callable[[int], None] | None = None) -> Iterator[Row]:
        """As `read` gives them; what is wrong with the file is told by the name people know."""
        try:
            yield from read(
                self.path,
                format=self.format,
                encoding=self.encoding,
                delimiter=self.delimiter,
                on_bytes=on_bytes,
                name=self.name,
            )
        except UnreadableFile as error:
            raise UnreadableFile(str(error).replace(str(self.path), self.name)) from error


def suffix_of(name: str) -> str:
    """The suffix that tells the format, with a final .gz. Raises UnreadableFile for another.

    >>> suffix_of("My items.CSV"), suffix_of("a.b.jsonl.gz")
    ('.csv', '.jsonl.gz')
    """
    path = Path(name.lower())
    packed = ".gz" if path.suffix == ".gz" else ""
    suffix = path.with_suffix("").suffix if packed else path.suffix
    if suffix not in SUFFIXES:
        hint = "; save the sheet as CSV" if suffix in (".xlsx", ".xls", ".ods") else ""
        known = ", ".join(SUFFIXES)
        raise UnreadableFile(f"{name}: a data file ends in {known}, or in these and .gz{hint}")
    return suffix + packed


def keep_upload(folder: Path, upload_id: str, name: str, content: BinaryIO) -> Path:
    """Where the upload is on the disk: written in full under another name first, and once.

    upload_id: letters, digits and dashes, one for each upload. Raises UnreadableFile for a name
    that is no data file's, WorkspaceError when there is no room.
    """
    if not upload_id.replace("-", "").isalnum():
        raise UnreadableFile(f"{name}: the upload has no id: choose the file again")
    path = folder / UPLOADS / f"{upload_id}{suffix_of(name)}"
    if path.exists():
        return path
    with in_full(path, name) as out:
        content.seek(0)
        shutil.copyfileobj(content, out)
    return path


@contextmanager
def in_full(path: Path, what: str) -> Iterator[BinaryIO]:
    """A stream whose content takes its place on the disk when all of it is written.

    Raises WorkspaceError, which names `what`, when there is no room.
    """
    part = path.with_name(f".{secrets.token_hex(8)}.part")
    try:
        path.parent.mkdir(mode=0o700, exist_ok=True)
        with part.open("xb") as out:
            yield out
        part.replace(path)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise WorkspaceError(
            f"{what} cannot be kept in {path.parent} ({error.strerror or error}): make room there"
        ) from error


def remapped(project: Project, columns: Mapping[str, str], id_: str | None) -> Project:
    """The project as a file is read that calls its columns otherwise. columns: field -> column,
    for those that differ; id_: None for the project's own."""
    mapping = project.import_
    changed = mapping.model_copy(
        update={"columns": {**mapping.columns, **columns}, "id": id_ or mapping.id}
    )
    return project.model_copy(update={"import_": changed})


def import_file(
    store: Store,
    project: Project,
    file: DataFile,
    rejects: Path,
    *,
    actor: Person,
    now: datetime,
    going: Callable[[int, int], bool] = lambda done, total: True,
) -> ImportReport:
    """Import every row; those rejected are in `rejects`, which is there only if there are any.

    going: gets bytes read of all bytes; False stops, and what was stored stays. Raises what
    `import_items` does.
    """
    file = replace(file, format=file.format or project.import_.format)
    total, stopped = file.size, False
    before = store.items.count(project.project)

    def tell(done: int) -> None:
        nonlocal stopped
        stopped = stopped or not going(done, total)

    def rows() -> Iterator[Row]:
        for row in file.rows(tell):
            if stopped:
                return
            yield row

    try:
        with _rejecting(rejects) as out:
            report = import_items(store, project, rows(), out, actor=actor, now=now)
    except UnreadableFile as error:
        added = store.items.count(project.project) - before
        there = f". {counted(added, 'item')} before that went in, and stay" if added else ""
        raise UnreadableFile(f"{error}{there}") from error
    return report


@contextmanager
def _rejecting(rejects: Path) -> Iterator[TextIO]:
    """Where lines of the reject file go, which takes its place in the end if there are any.

    Raises WorkspaceError where it cannot be written.
    """
    partial = rejects.with_name(f".{secrets.token_hex(8)}.partial")
    try:
        rejects.parent.mkdir(exist_ok=True)
        with partial.open("w", encoding="utf-8") as out:
            yield out
        if partial.stat().st_size:
            partial.replace(rejects)
    except OSError as error:
        raise WorkspaceError(
            f"rows that are left out cannot be listed in {rejects} ({error.strerror or error}): "
            "make room there, or give the data file a shorter name"
        ) from error
    finally:
        with suppress(OSError):
            partial.unlink(missing_ok=True)


def told(report: ImportReport) -> str:
    """What came of an import, in one line.

    >>> told(ImportReport(1, 0, 2)), told(ImportReport(1200, 3, 0))
    ('1 item added; 2 rows left out', '1,200 items added; 3 were there already')
    """
    parts = [f"{report.added:,} item{'' if report.added == 1 else 's'} added"]
    if report.already_there:
        parts.append(f"{report.already_there:,} were there already")
    if report.rejected:
        parts.append(f"{report.rejected:,} row{'' if report.rejected == 1 else 's'} left out")
    return "; ".join(parts)


def told_more(report: ImportReport) -> list[str]:
    """What came along from another tool and what did not, a line each; [] for plain rows."""
    found, lines = report.brought, []
    if found.answers:
        lines.append(f"{counted(found.answers, 'answer')} of people: {_each(found.people)}")
    if found.votes:
        lines.append(f"{counted(found.votes, 'prediction')} of models: {_each(found.models)}")
    there = found.answers_there + found.votes_there
    if there:
        lines.append(f"{counted(there, 'answer or prediction')} there already")
    lines += [f"left behind: {count:,} · {why}" for why, count in found.left.most_common() if count]
    return lines


def counted(count: int, what: str) -> str:
    """
    >>> counted(1, "row"), counted(1_200, "answer or prediction")
    ('1 row', '1,200 answers or predictions')
    """
    return f"{count:,} {what.replace(' or', 's or') if count != 1 else what}{'s' * (count != 1)}"


def _each(names: Mapping[str, int], most: int = 6) -> str:
    """
    >>> _each({"ann (Label Studio)": 3, "bob (Label Studio)": 1})
    'ann (Label Studio) 3, bob (Label Studio) 1'
    """
    shown = sorted(names.items(), key=lambda one: (-one[1], one[0]))
    told = [f"{name} {count:,}" for name, count in shown[:most]]
    rest = len(shown) - most
    return ", ".join(told + ([f"and {rest} more"] if rest > 0 else []))

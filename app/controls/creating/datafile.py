"""A data file that somebody chooses: kept, read, and told what is in it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import streamlit as st

from annotate.errors import UnreadableFile
from annotate.importers import TOOLS, format_of, recognised
from annotate.importers.survey import LOOKED_AT, Survey, as_text, guess_encoding, survey
from annotate.project import Project
from app import look
from app.datafiles import DataFile, keep_upload
from app.services import Services

MOST_MB = 200
ENCODINGS = ("utf-8", "utf-16", "cp1252", "gb18030", "big5", "shift_jis")
DELIMITERS = {None: "guessed", ",": "comma", ";": "semicolon", "\t": "tab", "|": "bar |"}
OPTIONS = {
    "--encoding": "the encoding",
    "--delimiter": "sign between cells",
    "--format": "the suffix",
    "say so with the suffix parquet": "let its name end in .parquet",
}
SHOWN_CHARS = 90
PLAIN = "rows"
TABLES = (".csv", ".tsv", ".tab")


class Kept(NamedTuple):
    """A file that was brought, where it is, and its name as people know it."""

    upload: str
    path: Path
    name: str


class Chosen(NamedTuple):
    """A file and what its first rows hold. upload: its id, for keys of widgets that go with it."""

    upload: str
    file: DataFile
    found: Survey


def choose(
    services: Services, key: str, *, into: Project | None = None, kept: Kept | None = None
) -> Chosen | None:
    """What somebody chose, once it can be read. Raises UnreadableFile in words for people.

    into: the project that it is for; None for a new one. kept: a file that was brought before.
    """
    kept = kept or _brought(services, key, into)
    if kept is None:
        return None
    file = _from(_read_how(kept.path, kept.name, kept.upload), kept.upload, into)
    try:
        found = _surveyed(file, kept.path.stat().st_mtime_ns)
    except UnreadableFile as error:
        raise UnreadableFile(for_pages(str(error))) from error
    _tell(found)
    return Chosen(kept.upload, file, found) if found.rows else None


def _brought(services: Services, key: str, into: Project | None) -> Kept | None:
    given = st.file_uploader(
        "CSV, TSV, JSON Lines, JSON or Parquet, with .gz too; or an export of another tool",
        key=key,
        max_upload_size=MOST_MB,
    )
    if given is None:
        lasts = (
            "What you fill in then is kept until the project is made or you discard it."
            if into is None
            else "Stay on this page until then: a file that is left here is forgotten."
        )
        hint = (
            f"Up to {MOST_MB} MB; larger ones in a terminal, with coannotate create or coannotate "
            f"import. Nothing goes into a project before you say so. {lasts}"
        )
        look.show(look.text("hint", hint))
        return None
    upload = str(given.file_id)
    path = keep_upload(services.config.folder, upload, given.name, given)
    return Kept(upload, path, str(given.name))


def _read_how(path: Path, name: str, upload: str) -> DataFile:
    """The file, in the encoding that is guessed or chosen."""
    suffixes = path.suffixes
    if ".parquet" in suffixes or ".json" in suffixes:
        return DataFile(path=path, name=name)
    guessed = guess_encoding(path)
    with st.expander("How it is read", expanded=guessed != "utf-8", width=560):
        left, right = st.columns(2)
        names = list(dict.fromkeys((guessed, *ENCODINGS)))
        encoding = left.selectbox("Encoding", names, key=f"encoding-{upload}")
        delimiter = None
        if any(suffix in TABLES for suffix in suffixes):
            delimiter = right.selectbox(
                "Between cells",
                list(DELIMITERS),
                format_func=lambda sign: DELIMITERS[sign],
                key=f"delimiter-{upload}",
            )
    return DataFile(path=path, name=name, encoding=encoding, delimiter=delimiter)


def _from(file: DataFile, upload: str, into: Project | None) -> DataFile:
    """The file as the export of another tool, where it looks like one and nobody says otherwise.

    Into a project that reads plain rows it goes as such, unless nothing else looks like it.
    """
    try:
        tool = _recognised(file, file.path.stat().st_mtime_ns)
    except UnreadableFile as error:
        raise UnreadableFile(for_pages(str(error))) from error
    if tool is None:
        return file
    usual = into is None or into.import_.format == tool or TOOLS[tool].sure
    names = {tool: f"{TOOLS[tool].title} export", PLAIN: "plain rows"}
    chosen = st.segmented_control(
        "Read as",
        list(names),
        default=tool if usual else PLAIN,
        required=True,
        format_func=lambda name: names[name],
        key=f"tool-{upload}",
    )
    return replace(file, format=format_of(file.path) if chosen == PLAIN else tool)


@lru_cache(maxsize=16)
def _recognised(file: DataFile, changed_ns: int) -> str | None:
    try:
        return recognised(file.path, encoding=file.encoding)
    except UnreadableFile as error:
        raise UnreadableFile(str(error).replace(str(file.path), file.name)) from error


@lru_cache(maxsize=16)
def _surveyed(file: DataFile, changed_ns: int) -> Survey:
    """Half a second for a long file, and a page runs at every click."""
    return survey(file.rows())


def _tell(found: Survey) -> None:
    rows = f"{found.rows:,} rows" if found.whole else f"more than {LOOKED_AT:,} rows"
    told = [f"{rows}, {len(found.columns)} columns"]
    if found.blank:
        empty = "1 empty row" if found.blank == 1 else f"{found.blank:,} empty rows"
        told.append(f"{empty} left out")
    look.show(look.text("hint", " · ".join(told)))
    if found.asked:
        look.show(look.text("told", _comes_along(found)))
    if found.rejects:
        one = found.rejects == 1
        rows = "1 row is left out: it" if one else f"{found.rejects:,} rows are left out: they"
        first = map(for_pages, found.first_rejects)
        st.warning(look.message("\n".join([f"{rows} cannot be read.", *first])))
    if not found.rows:
        st.error("The file holds no row that can be read.")
    with st.expander(f"All {len(found.columns)} columns"):
        body = [
            (one.name, f"{one.filled:,}", f"{one.distinct:,}", _short(one.example))
            for one in found.columns
        ]
        look.show(look.table(("column", "filled in", "different", "for example"), body))


def _comes_along(found: Survey) -> str:
    """What an export brings beside its rows."""
    answers, votes = sum(one.answers for one in found.asked), sum(one.votes for one in found.asked)
    looked = "" if found.whole else f" among the first {found.rows:,} rows"
    names = ", ".join(one.called or "one question" for one in found.asked)
    return (
        f"Answers of people: {answers:,}, predictions of models: {votes:,}{looked}, to {names}. "
        "They come along with the items."
    )


def for_pages(text: str) -> str:
    """What a reader of files says to who types commands, for who does not.

    >>> for_pages("line 3: 2 cells; or name the right --delimiter")
    'line 3: 2 cells; or name the right sign between cells'
    """
    for option, words in OPTIONS.items():
        text = text.replace(option, words)
    return text


def left_out(rejects: Sequence[str]) -> None:
    """Rows that did not come in, and why."""
    parts = (for_pages(line).partition(": ") for line in rejects)
    look.show(look.table(("row", "why"), ((line, why) for line, _, why in parts)))


def first_rows(found: Survey, names: Sequence[str]) -> None:
    """The first rows in these columns."""
    body = [[_short(as_text(row.get(name))) for name in names] for row in found.first]
    look.show(look.table(list(names), body))


def _short(text: str) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) <= SHOWN_CHARS else f"{flat[:SHOWN_CHARS]}…"

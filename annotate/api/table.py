"""A table that is read when it is asked for, and given on to whatever works with tables."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from contextlib import closing
from html import escape
from importlib import import_module
from itertools import islice
from tempfile import TemporaryFile
from typing import TYPE_CHECKING, Any

from annotate.errors import AnnotateError
from annotate.exporters import DIALECTS, Record
from annotate.exporters.forms import FORMS
from annotate.model import Person
from annotate.project import Project
from annotate.workflow.exports.report import ExportReport
from annotate.workflow.exports.request import Request
from annotate.workflow.exports.stream import records, sheet
from annotate.workspace import Workspace

if TYPE_CHECKING:
    import datasets
    import pandas
    import polars
    import pyarrow

AT_ONCE = 1_000
SHOWN = 10
"""Rows that a notebook draws."""
SHOWN_CHARACTERS = 200


TYPES: Mapping[type, str] = {str: "str", int: "Int64", float: "float64", bool: "boolean"}
"""What pandas calls a column of these that may lack values."""


class Card(str):
    """A text in Markdown."""

    __slots__ = ()

    def _repr_markdown_(self) -> str:
        return str(self)


class Table:
    """Rows as dicts, each time read anew, in the order of an export.

    columns: of every row, in order.
    """

    def __init__(
        self, workspace: Workspace, project: Project, request: Request, reader: Person
    ) -> None:
        """Raises NotFound and AnnotateError for what cannot be read."""
        self._workspace, self._project = workspace, project
        self._request, self._reader = request, reader
        self.columns: tuple[str, ...] = sheet(project, request).columns

    def __iter__(self) -> Generator[Record, None, None]:
        """Every row as a dict, streamed: all of one moment, and none of it kept."""
        with (
            self._workspace.read() as store,
            closing(records(store, self._project, self._request, actor=self._reader)) as rows,
        ):
            yield from rows

    def head(self, rows: int = 5) -> list[Record]:
        """The first rows."""
        with closing(iter(self)) as found:
            return list(islice(found, rows))

    def report(self) -> ExportReport:
        """How many rows there are, and what was left out, by reason. Reads everything once."""
        from annotate.workflow.exports.exporting import counts

        with self._workspace.read() as store:
            return counts(store, self._project, self._request, actor=self._reader)

    def to_arrow(self) -> pyarrow.Table:
        """A pyarrow.Table, typed as a Parquet export is."""
        return self._arrow("parquet")

    def to_pandas(self) -> pandas.DataFrame:
        """A pandas.DataFrame; lists stay lists. Raises AnnotateError without pandas."""
        frame: pandas.DataFrame = _package("pandas").DataFrame(list(self), columns=self.columns)
        known = sheet(self._project, self._request).types
        bare = {n: TYPES[known[n]] for n in known if n in frame and frame[n].dtype == object}
        return frame.astype(bare)

    def to_polars(self) -> polars.DataFrame:
        """A polars.DataFrame. Raises AnnotateError without polars."""
        package = _package("polars")
        frame: polars.DataFrame = package.from_arrow(self.to_arrow())
        return frame

    def to_dataset(self) -> datasets.Dataset:
        """A datasets.Dataset; labels are a ClassLabel. Raises AnnotateError without datasets."""
        package = _package("datasets")
        found: datasets.Dataset = package.Dataset(self._arrow("parquet_features"))
        return found

    def _arrow(self, form: str) -> Any:
        """Through a Parquet file that is nowhere to be seen, so that types are found in one way."""
        from pyarrow import parquet

        with TemporaryFile() as out, closing(iter(self)) as rows:
            written = sheet(self._project, self._request)
            writer = FORMS[form].begin(out, written)
            while some := list(islice(rows, AT_ONCE)):
                writer.write(some)
            writer.close()
            out.seek(0)
            return parquet.read_table(out)

    def __repr__(self) -> str:
        title = f"{self._project.project}: {DIALECTS[self._request.dialect].description}"
        return f"<{title}; columns {', '.join(self.columns)}>"

    def _repr_html_(self) -> str:
        """The first rows; where there is none, why."""
        rows = self.head(SHOWN)
        if not rows:
            return f"<p>{escape(self.report().summary())}</p>"
        head = "".join(f"<th>{escape(name)}</th>" for name in self.columns)
        body = "".join(
            f"<tr>{''.join(f'<td>{_cell(row[name])}</td>' for name in self.columns)}</tr>"
            for row in rows
        )
        more = f"<p>the first {SHOWN} rows</p>" if len(rows) == SHOWN else ""
        return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>{more}"


def _cell(value: object) -> str:
    text = "" if value is None else str(value)
    short = text[:SHOWN_CHARACTERS] + "…" if len(text) > SHOWN_CHARACTERS else text
    return escape(short)


def _package(name: str) -> Any:
    try:
        return import_module(name)
    except ModuleNotFoundError as error:
        if error.name != name:
            raise
        raise AnnotateError(
            f"{name} is not installed: `pip install {name}`, or take `to_arrow()`"
        ) from error

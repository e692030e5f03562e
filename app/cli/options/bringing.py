"""The options of `coannotate import`."""

from __future__ import annotations

import argparse
from pathlib import Path

from annotate.importers import IMPORTERS, TOOLS


def add_import(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "file", type=Path, help="a data file, .gz too; a folder where the tool keeps one"
    )
    parser.add_argument(
        "--from",
        "--format",
        dest="format",
        choices=sorted([*IMPORTERS, *TOOLS]),
        help="the tool it is an export of, whose answers and predictions come along (default: the "
        "project file's import.format); or how rows are written, when the suffix does not say",
    )
    parser.add_argument("--encoding", default="utf-8", help="of text files (default: utf-8)")
    parser.add_argument("--delimiter", help="between CSV cells (default: guessed from the header)")
    parser.add_argument(
        "--column",
        action="append",
        default=[],
        metavar="FIELD=COLUMN",
        help="take a field from this column; may be repeated, goes before the project file",
    )
    parser.add_argument("--id", metavar="COLUMN", help="column with your own id of each row")

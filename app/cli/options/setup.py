"""Options of the commands that set a workspace up: create, backup, restore."""

from __future__ import annotations

import argparse
from pathlib import Path

from annotate.importers import IMPORTERS, TOOLS
from annotate.questions import QUESTION_TYPES


def add_create(parser: argparse.ArgumentParser) -> None:
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.epilog = """\
What is not said is guessed from the file's columns. As in:
  coannotate create mails.csv --title "Mails to the shop" --labels price,quality,other
  coannotate create mails.csv --title Mails --gold topic --base-url http://localhost:8000/v1 \\
      --model my-model --dry-run"""
    parser.add_argument(
        "file",
        type=Path,
        help="a data file: .csv .tsv .json .jsonl .parquet, .gz; or another tool's export",
    )
    parser.add_argument(
        "--from",
        dest="format",
        choices=sorted([*IMPORTERS, *TOOLS]),
        help="the tool it is an export of: its questions, answers and predictions come along; or "
        "how plain rows are written (default: told by the file)",
    )
    parser.add_argument("--title", help="what people see (default: the file's name)")
    parser.add_argument("--name", help="short id of the project (default: made of the title)")
    parser.add_argument(
        "--language", choices=["en", "zh"], help="of the prompts (default: guessed)"
    )
    parser.add_argument("--guideline", type=Path, metavar="FILE", help="a text that says how")
    _columns(parser)
    _question(parser)
    _model(parser)
    parser.add_argument("--encoding", help="of text files (default: guessed)")
    parser.add_argument("--delimiter", help="between CSV cells (default: guessed from the header)")
    parser.add_argument(
        "--dry-run",
        action="store_true",
        help="write nothing: show the project file, what would be imported, prompts and cost",
    )
    parser.add_argument("--no-import", action="store_true", help="write the project file alone")


def _columns(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--field",
        action="append",
        default=[],
        metavar="COLUMN",
        help="a column that is shown and asked about; may be repeated",
    )
    parser.add_argument("--id", metavar="COLUMN", help="column with your own id of each row")
    parser.add_argument("--no-id", action="store_true", help="know rows by their content")
    parser.add_argument("--gold", metavar="COLUMN", help="column with known right answers")


def _question(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--type", choices=sorted(QUESTION_TYPES), help="kind of question")
    parser.add_argument("--question", metavar="TEXT", help="what is asked")
    parser.add_argument(
        "--labels", metavar="A,B,...", help="what can be answered (default: those of --gold)"
    )
    parser.add_argument(
        "--people",
        type=int,
        default=1,
        metavar="N",
        help="people who answer each item (default: 1)",
    )
    parser.add_argument(
        "--budget",
        type=float,
        default=0.3,
        metavar="SHARE",
        help="share of all items that people get, 0 to 1 (default: 0.3)",
    )


def _model(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--base-url", metavar="URL", help="an OpenAI-compatible server, up to /v1")
    parser.add_argument("--model", help="the model's name there (default: the built-in annotator)")
    parser.add_argument(
        "--api-key-env", metavar="NAME", help="the environment variable that holds the key"
    )


def add_backup(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("out", type=Path, help="a .zip to write, or a folder for it")


def add_restore(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", type=Path, help="a backup")

"""Options of the commands that set up, serve and tell how it stands."""

from __future__ import annotations

import argparse
from pathlib import Path

from app.cli.options.people import add_reach
from app.cli.templates import TEMPLATES


def add_init(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--type", choices=sorted(TEMPLATES), default="single_label", help="kind of question"
    )


def add_check(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "file", nargs="?", type=Path, help="project file (default: all of the workspace)"
    )
    parser.add_argument(
        "--schema", action="store_true", help="print the JSON Schema that editors can use"
    )


def add_serve(parser: argparse.ArgumentParser) -> None:
    _add_server(parser)
    add_reach(parser)


def add_work(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--once", action="store_true", help="stop when no job waits")
    parser.add_argument(
        "--parent", type=int, metavar="PID", help="stop when this process is no longer the parent"
    )


def add_status(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="for programs")


def add_demo(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--no-serve", action="store_true", help="set up and exit")
    _add_server(parser)


def _add_server(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--port", type=int, default=8501, help="default: 8501; 0 picks a free one")
    parser.add_argument("--no-browser", action="store_true", help="do not open a browser window")

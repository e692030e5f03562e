"""Options of the command for agreement."""

from __future__ import annotations

import argparse


def add_agreement(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--question", metavar="NAME", help="only this question (default: all)")
    parser.add_argument("--json", action="store_true", help="for programs")
    parser.add_argument(
        "--all",
        action="store_true",
        dest="everything",
        help="read every answer; otherwise a sample is drawn where there are very many",
    )

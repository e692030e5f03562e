"""Options of `coannotate card`."""

from __future__ import annotations

import argparse
from pathlib import Path


def add_card(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--language", choices=["en", "zh"], help="of the card (default: the project file's)"
    )
    parser.add_argument(
        "--names", action="store_true", help="the people by name, not only how many they are"
    )
    parser.add_argument(
        "-o", "--out", type=Path, metavar="FILE", help="Markdown file to write (default: print it)"
    )

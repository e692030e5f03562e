"""Options of `coannotate consensus`."""

from __future__ import annotations

import argparse


def add_consensus(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--question", metavar="NAME", help="only this question (default: all)")

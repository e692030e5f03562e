"""Options of the commands that look ahead: the outlook, and other routing settings."""

from __future__ import annotations

import argparse


def add_outlook(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--labels", type=float, default=100, metavar="N", help="what so many buy (default: 100)"
    )
    parser.add_argument(
        "--usd", type=float, default=10, metavar="DOLLARS", help="and so much (default: 10)"
    )
    parser.add_argument("--json", action="store_true", help="for programs, with the curve")


def add_settings(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--preview", action="store_true", help="decide nothing: tell what routing would change"
    )
    parser.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="KEY=VALUE",
        help="another value of a key of `routing:`, such as budget=0.4; nothing behind = takes "
        "it out. With --reason the project file is changed, then routed",
    )
    parser.add_argument("--reason", metavar="TEXT", help="--set: why; it is kept and shown")

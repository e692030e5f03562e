"""Options of the commands that route and look ahead: route, simulate, outlook."""

from __future__ import annotations

import argparse


def add_route(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--watch", action="store_true", help="go on: route again whenever people have answered"
    )
    parser.add_argument(
        "--every",
        type=float,
        default=5.0,
        metavar="SECONDS",
        help="--watch: least time between two routings (default: 5)",
    )
    parser.add_argument(
        "--explain", metavar="ITEM", help="decide nothing: tell why this item went where it went"
    )
    parser.add_argument(
        "--report",
        action="store_true",
        help="tell how honest the learned risks are, on human answers held out in turn",
    )
    _add_settings(parser)


def add_simulate(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--seeds", type=int, default=20, metavar="N", help="courses per strategy (default: 20)"
    )
    parser.add_argument(
        "--people-error",
        type=float,
        default=0.0,
        metavar="SHARE",
        help="how often a simulated person errs, 0 to 1 (default: 0)",
    )
    parser.add_argument(
        "--made-up", type=int, metavar="N", help="N made-up items instead of the project's"
    )
    parser.add_argument(
        "--classes", type=int, default=3, metavar="K", help="--made-up: labels (default: 3)"
    )
    parser.add_argument(
        "--model-error",
        type=float,
        default=0.2,
        metavar="SHARE",
        help="--made-up: how often the model errs (default: 0.2)",
    )
    parser.add_argument("--json", action="store_true", help="for programs")


def add_outlook(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--labels", type=float, default=100, metavar="N", help="what so many buy (default: 100)"
    )
    parser.add_argument(
        "--usd", type=float, default=10, metavar="DOLLARS", help="and so much (default: 10)"
    )
    parser.add_argument("--json", action="store_true", help="for programs, with the curve")


def _add_settings(parser: argparse.ArgumentParser) -> None:
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

"""The options of `coannotate promise`."""

from __future__ import annotations

import argparse


def add_promise(parser: argparse.ArgumentParser) -> None:
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.epilog = """\
actions:
  status    how the promise stands (the default)
  start     freeze every label without a human answer, then draw a blind audit
  settle    do not wait for somebody else to answer what was skipped: it counts as wrong
  withdraw  take the promise back"""
    parser.add_argument(
        "action",
        nargs="?",
        choices=["status", "start", "settle", "withdraw"],
        default="status",
        help="see below",
    )
    parser.add_argument("--question", metavar="NAME", help="which, where there are several")
    parser.add_argument(
        "--error", type=float, metavar="SHARE", help="start: share that may be wrong; 0.05 is 5 %%"
    )
    parser.add_argument(
        "--confidence", type=float, metavar="SHARE", help="start: how sure to be (default: 0.95)"
    )
    parser.add_argument(
        "--audit", type=int, metavar="N", help="start: items to draw (default: what costs least)"
    )
    parser.add_argument(
        "--dry-run", action="store_true", help="start: tell what it would cost; store nothing"
    )
    parser.add_argument("--reason", metavar="TEXT", help="withdraw: why; it is kept and shown")
    parser.add_argument(
        "--verify", action="store_true", help="compute freeze, draw and cut again and compare"
    )

"""Options of `coannotate decide`."""

from __future__ import annotations

import argparse


def add_decide(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--question", metavar="NAME", help="which one, where there are several")
    parser.add_argument("--item", metavar="ID", help="the item to decide, by your own id or ours")
    how = parser.add_mutually_exclusive_group()
    how.add_argument("--value", metavar="ANSWER", help="this is its answer: a label, or JSON")
    how.add_argument("--ambiguous", action="store_true", help="no answer is the right one")
    how.add_argument("--send-back", action="store_true", help="a person answers it again")
    how.add_argument("--take-back", action="store_true", help="what is decided stands no more")
    parser.add_argument("--comment", metavar="TEXT", help="why; needed to send an item back")
    parser.add_argument("--to", metavar="PERSON", help="who gets it back (default: somebody new)")
    parser.add_argument(
        "--limit", type=int, default=20, metavar="N", help="so many of the queue (default: 20)"
    )

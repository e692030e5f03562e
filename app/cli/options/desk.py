"""Options of the commands for who leads people."""

from __future__ import annotations

import argparse


def add_opening(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--reason", metavar="TEXT", help="why; people are shown it")


def add_inbox(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--close", action="append", default=[], metavar="ITEM", help="its flags are seen to"
    )


def add_skills(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", nargs="?", metavar="PERSON", help="whose skills to set")
    parser.add_argument("skill", nargs="*", metavar="SKILL", help="all that this person has")


def add_training(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--excuse", metavar="PERSON", help="let somebody work without training")
    parser.add_argument("--again", metavar="PERSON", help="give somebody another round")

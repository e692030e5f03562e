"""Options of `coannotate team`."""

from __future__ import annotations

import argparse

ACTIONS = ("list", "show", "pause", "resume", "reassign")


def add_team(parser: argparse.ArgumentParser) -> None:
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.epilog = """\
actions:
  list      everybody with their figures, and who to look at (the default)
  show      one person: pace by day, labels, where they differ, what was decided about them
  pause     a person gets nothing here and what they hold goes to others; they see the --reason
  resume    let them go on
  reassign  what a person holds goes to others, or --to somebody, and not to them again"""
    parser.add_argument("action", nargs="?", choices=ACTIONS, default="list", help="see below")
    parser.add_argument("name", nargs="?", metavar="NAME", help="whom")
    parser.add_argument(
        "--question", metavar="NAME", help="what agreement and labels are of (default: the first)"
    )
    parser.add_argument("--reason", metavar="TEXT", help="why; kept with what is decided")
    parser.add_argument("--to", metavar="NAME", help="reassign: who gets the items")
    parser.add_argument(
        "--undo", action="store_true", help="reassign: the items last taken may come again"
    )

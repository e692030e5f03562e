"""Options of `coannotate snapshot`."""

from __future__ import annotations

import argparse

from app.cli.options.export import add_rules, add_splits

ACTIONS = ("list", "create", "diff", "verify")


def add_snapshot(parser: argparse.ArgumentParser) -> None:
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.epilog = """\
actions:
  list    those that were made, newest first (the default)
  create  labels, every vote, card and manifest in snapshots/PROJECT/NAME (default: v1, v2, ...)
  diff    what changed since a snapshot (default: the newest), or between two
  verify  read every file again and name each that was changed (default: of all snapshots)

examples:
  coannotate snapshot create v3 --comment "before the new guideline"
  coannotate snapshot create --with sft_messages preference_trl --splits train=0.8,test=0.2
  coannotate snapshot diff v3
  coannotate snapshot diff v3 v4 --json"""
    parser.add_argument("action", nargs="?", choices=ACTIONS, default="list", help="see below")
    parser.add_argument("name", nargs="?", metavar="NAME", help="of a snapshot, or its folder")
    parser.add_argument("other", nargs="?", metavar="NEWER", help="diff: the later one")
    parser.add_argument("--json", action="store_true", help="list, diff, verify: for programs")
    making = parser.add_argument_group("create")
    making.add_argument("--comment", metavar="TEXT", help="what it is for; it is listed")
    making.add_argument(
        "--with",
        nargs="+",
        default=[],
        dest="formats",
        metavar="FORMAT",
        help="formats to write as well: `coannotate export --list`",
    )
    making.add_argument(
        "--passport", action="store_true", help="with where each row comes from, in these too"
    )
    add_rules(parser.add_argument_group("create: which rows become training data"))
    add_splits(parser.add_argument_group("create: splits without leakage"))

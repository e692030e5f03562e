"""Options of the commands that ask a model: prelabel, batches, prompts."""

from __future__ import annotations

import argparse


def add_prelabel(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--refresh",
        action="store_true",
        help="ask again about items without a human label, with the labels so far as examples",
    )
    parser.add_argument(
        "--batch",
        action="store_true",
        help="through the server's Batch API: cheaper, within a day; the same command goes on",
    )
    parser.add_argument(
        "--no-wait",
        action="store_true",
        help="with --batch: submit, fetch what is there, and do not wait for the rest",
    )


def add_batches(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--cancel",
        action="store_true",
        help="give up what is under way; what was answered until then is fetched",
    )


def add_prompts(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "action",
        choices=["show", "validate"],
        help="show: print the messages about an item; validate: how each variant does where "
        "people, or known answers, tell what is right",
    )
    parser.add_argument(
        "--item", metavar="ID", help="show: your id of the item (default: the first)"
    )
    parser.add_argument("--variant", metavar="NAME", help="only this variant")
    parser.add_argument("--json", action="store_true", help="validate: for programs")

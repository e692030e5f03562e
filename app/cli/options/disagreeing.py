"""Options of the commands that show where people and the model differ."""

from __future__ import annotations

import argparse

FILTERS = {
    "people": ("VALUE", "what somebody says"),
    "model": ("VALUE", "what the model says; (no answer) where it gave nothing usable"),
    "annotator": ("NAME", "answers of this person"),
    "other": ("NAME", "items that this person has answered too"),
    "other-says": ("VALUE", "what the other person, or anybody else, says"),
    "source-key": ("KEY", "a key of the items' metadata"),
    "source": ("VALUE", "items with this value under the key"),
    "answered-by": ("MODEL", "compare with this model's answers"),
    "prompt": ("VERSION", "compare with the answers to this version of the prompt"),
    "week": ("MONDAY", "answers of this week, such as 2026-03-02"),
    "status": ("STATUS", "of the consensus, such as disputed"),
    "search": ("TEXT", 'words, or a "phrase", in the item\'s text, or its id'),
}


def add_disagreements(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--question", metavar="NAME", help="which, where there are several")
    for name, (value, what) in FILTERS.items():
        parser.add_argument(f"--{name}", default="", metavar=value, help=what)
    parser.add_argument(
        "--all", action="store_true", help="all answered items, not only where somebody differs"
    )
    parser.add_argument(
        "--limit", type=int, metavar="N", help="items to list (default: 25; --csv: all)"
    )
    parser.add_argument("--after", default="", metavar="CURSOR", help="go on behind a page")
    parser.add_argument("--csv", action="store_true", help="the list alone, as CSV")


def add_item(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("item", metavar="ID", help="your id of the item, or ours")
    parser.add_argument(
        "--prompts", action="store_true", help="print what was sent for each of the model's answers"
    )

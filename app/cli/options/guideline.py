"""Options of `coannotate guideline`."""

from __future__ import annotations

import argparse
from pathlib import Path

ACTIONS = (
    "show",
    "edit",
    "versions",
    "diff",
    "restore",
    "try",
    "trials",
    "propose",
    "proposals",
    "accept",
    "reject",
    "requeue",
)

_HELP = """\
actions:
  show [V]       print the guideline, or that of version V
  edit           change it: --file, --prompt, --set; with --reason; --dry-run tells what would
                 change
  versions       list every version: who, when, why, what
  diff A B       compare two versions of the project file
  restore V      make version V the present one; --reason
  try            ask the model about items of known answer with and without --file,
                 --prompt, --set
  trials         list what was tried
  propose        let the model propose a sentence for --people X --model Y
  proposals      list what was proposed, and what became of it
  accept ID      put a proposal into the guideline; --text for another wording
  reject ID      decline a proposal
  requeue        ask people again: --label L, or --people X --model Y, or --auto"""


def add_guideline(parser: argparse.ArgumentParser) -> None:
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.epilog = _HELP
    parser.add_argument("action", nargs="?", choices=ACTIONS, default="show", help="see below")
    parser.add_argument("names", nargs="*", metavar="V", help="versions, or a proposal: see below")
    parser.add_argument("--file", type=Path, help="edit, try: the new guideline; - is the input")
    parser.add_argument(
        "--set",
        action="append",
        metavar="KEY=VALUE",
        help="edit, try: another key of the project file, such as "
        "'questions[0].labels[1].description=Unasked for.'; may be repeated",
    )
    parser.add_argument(
        "--prompt",
        action="append",
        metavar="NAME=FILE",
        help="edit, try: the text of a prompt of your own, with {item} and {reply} in it; may be "
        "repeated. `--set llm.prompts.NAME=` takes one out",
    )
    parser.add_argument("--reason", metavar="TEXT", help="why; it is kept")
    parser.add_argument("--question", metavar="NAME", help="which, where there are several")
    parser.add_argument(
        "--items", type=int, metavar="N", help="try, requeue: so many items at most"
    )
    parser.add_argument("--people", metavar="ANSWER", help="propose, requeue: what people say")
    parser.add_argument("--model", metavar="ANSWER", help="propose, requeue: what the model says")
    parser.add_argument("--label", metavar="ANSWER", help="requeue: items of this label")
    parser.add_argument(
        "--auto", action="store_true", help="requeue: items that kept the model's label"
    )
    parser.add_argument(
        "--since", type=int, metavar="V", help="requeue: changed by version V (default: the newest)"
    )
    parser.add_argument("--text", metavar="SENTENCE", help="accept: the sentence as you write it")
    parser.add_argument(
        "--dry-run", action="store_true", help="edit, try, requeue: tell what would happen"
    )

"""The options of `coannotate export`."""

from __future__ import annotations

import argparse
from pathlib import Path

_EXAMPLES = """\
examples:
  coannotate export --list                           every format, and what loads it
  coannotate export labels -o labels.csv             the labelled set as a table
  coannotate export sft_messages -o sft --splits     train.jsonl and test.jsonl, without leakage
  coannotate export preference_trl -o pairs.jsonl --min-margin 0.5 --drops left-out.jsonl

formats:
"""


def add_export(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("format", nargs="?", help="what to write, see below")
    parser.add_argument("--list", action="store_true", help="list the formats and what loads them")
    parser.add_argument(
        "-o", "--out", type=Path, metavar="FILE", help="file to write; a folder or a .zip where "
        "the format or --splits makes several; - for standard output. A file of that name is "
        "replaced once the new one is complete; a folder only where an export made all of it",
    )  # fmt: skip
    parser.add_argument(
        "--form", metavar="FORM", help="jsonl, json, csv, parquet, text (default: by the file)"
    )
    parser.add_argument("--question", metavar="NAME", help="only this question (default: all)")
    parser.add_argument(
        "--passport", action="store_true", help="add a column with where each row comes from"
    )
    parser.add_argument(
        "--guard-formulas",
        action="store_true",
        help="CSV: put ' before cells that a spreadsheet would run as formulas",
    )
    parser.add_argument(
        "--drops", type=Path, metavar="FILE", help="list every row that is left out, and why"
    )
    _add_push(parser.add_argument_group("to the Hugging Face Hub"))
    add_rules(parser.add_argument_group("which rows become training data"))
    add_splits(parser.add_argument_group("splits without leakage"))


def _add_push(group: argparse._ArgumentGroup) -> None:
    group.add_argument(
        "--push-to-hub",
        metavar="OWNER/NAME",
        help="hf_dataset: tell what would be sent to this data set repository",
    )
    group.add_argument("--really", action="store_true", help="send it, with the token in HF_TOKEN")
    group.add_argument(
        "--public", action="store_true", help="for everybody to see (default: its owner alone)"
    )


def add_rules(group: argparse._ArgumentGroup) -> None:
    """Read with `exporting.rules_of`."""
    group.add_argument(
        "--sft-from",
        metavar="RULE",
        nargs="+",
        choices=("agreed", "confirmed", "adjudicated", "human", "model"),
        help="answers that teach: agreed confirmed adjudicated human model "
        "(default: agreed confirmed)",
    )
    group.add_argument(
        "--pairs", choices=("all", "adjacent", "best"), help="of ordered responses (default: all)"
    )
    group.add_argument("--per-prompt", type=int, metavar="N", help="pairs of one prompt at most")
    group.add_argument(
        "--min-margin", type=float, metavar="SHARE", help="0..1, least lead among people's votes"
    )
    group.add_argument(
        "--min-posterior", type=float, metavar="P", help="0..1, least probability of the label"
    )
    group.add_argument(
        "--truth", choices=("people", "consensus"), help="whose label counts (default: people)"
    )
    group.add_argument(
        "--echoes", action="store_true", help="also answers given after seeing the model's"
    )
    group.add_argument(
        "--guideline", action="store_true", help="the guideline first, as a system message"
    )


def add_splits(group: argparse._ArgumentGroup) -> None:
    """Read with `exporting.splits_of`."""
    group.add_argument(
        "--splits",
        nargs="?",
        const="train=0.9,test=0.1",
        metavar="NAME=SHARE,...",
        help="divide the rows (alone: train=0.9,test=0.1)",
    )
    group.add_argument(
        "--split-by", nargs="+", metavar="FIELD", help="fields or metadata that stay together"
    )
    group.add_argument(
        "--split-duplicates",
        action="store_true",
        help="do not keep texts together that are nearly the same",
    )
    group.add_argument("--split-seed", metavar="TEXT", help="another draw (default: 0)")


def add_formats(parser: argparse.ArgumentParser) -> None:
    """The export formats: what they are made with is no other command's."""
    from annotate.exporters import DIALECTS

    wide = max(map(len, DIALECTS))
    parser.epilog = _EXAMPLES + "\n".join(
        f"  {name:{wide}} {dialect.description}" for name, dialect in DIALECTS.items()
    )

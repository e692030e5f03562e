"""The command that a page shows asks for what the page has asked for."""

from __future__ import annotations

import shlex

import pytest

from annotate.splits.plan import SplitPlan
from annotate.training.protocol import Rules
from annotate.workflow.exports.request import Request
from app.cli.export_words import command
from app.cli.exporting import request_of
from app.cli.parser import build_parser

REQUESTS = (
    Request("labels", "csv", question="is it?", guard_formulas=True),
    Request("sft_messages", rules=Rules(sft_from=frozenset({"human", "model"}), echoes=True)),
    Request(
        "preference_trl",
        "parquet",
        rules=Rules(
            truth="consensus", min_posterior=0.85, pairs="best", per_prompt=3, min_margin=0.35,
            guideline=True,
        ),
        passport=True,
    ),
    Request(
        "votes",
        splits=SplitPlan(
            (("train", 0.7), ("dev", 0.125), ("test", 0.175)), ("source", "a field"), False,
            seed="it's 7",
        ),
    ),
)  # fmt: skip


@pytest.mark.parametrize("request_", REQUESTS, ids=lambda one: one.dialect)
def test_the_command_asks_for_the_same(request_: Request) -> None:
    words = shlex.split(command(request_, "out here.x", project="mails"))
    assert words[0] == "coannotate"
    found = build_parser().parse_args(words[1:])
    asked = request_of(found)
    assert asked.form in (request_.form, None)
    assert {**asked.to_json(), "form": request_.form} == request_.to_json()
    assert (str(found.out), found.project) == ("out here.x", "mails")


def test_what_is_as_usual_is_not_said() -> None:
    assert command(Request("votes", "jsonl"), "v.jsonl") == "coannotate export votes -o v.jsonl"

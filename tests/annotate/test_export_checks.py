"""What trainers and tables accept, as checks of one row; other tests call them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from annotate.exporters import EXPORTERS
from annotate.project.file import parse_project

RESERVED = {"text", "labels", "input_ids", "completion", "image", "images", "margin", "tools"}


def message_problems(message: Any, role: str) -> Iterator[str]:
    if not isinstance(message, dict) or set(message) != {"role", "content"}:
        yield "a message has the keys role and content, and no other"
    elif message["role"] != role:
        yield f"role is {message['role']!r}, not {role!r}"
    elif not isinstance(message["content"], str) or not message["content"].strip():
        yield "content is empty or no text"


def turn_problems(row: dict[str, Any], name: str, role: str) -> Iterator[str]:
    turns = row[name]
    if not isinstance(turns, list) or len(turns) != 1:
        yield f"{name} is not a list of one message"
    else:
        yield from message_problems(turns[0], role)


def meta_problems(row: dict[str, Any]) -> Iterator[str]:
    if "meta" in row and not isinstance(row["meta"], str):
        yield "meta is no text"


def sft_problems(row: dict[str, Any]) -> list[str]:
    """Why a trainer would refuse or misread this row; empty when it is fine."""
    if set(row) - {"meta"} != {"messages"}:
        return ["the keys are not messages, and meta"]
    if not isinstance(row["messages"], list) or len(row["messages"]) != 2:
        return ["messages is not a list of two"]
    user, assistant = row["messages"]
    return [
        *message_problems(user, "user"),
        *message_problems(assistant, "assistant"),
        *meta_problems(row),
    ]


def preference_problems(row: dict[str, Any]) -> list[str]:
    if set(row) - {"meta"} != {"prompt", "chosen", "rejected"}:
        return ["the keys are not prompt, chosen, rejected, and meta"]
    problems = [
        *turn_problems(row, "prompt", "user"),
        *turn_problems(row, "chosen", "assistant"),
        *turn_problems(row, "rejected", "assistant"),
        *meta_problems(row),
    ]
    if not problems and row["chosen"] == row["rejected"]:
        problems.append("chosen and rejected are equal")
    return problems


def labelled_problems(row: dict[str, Any]) -> list[str]:
    problems = [f"no {name}" for name in ("id", "question", "label", "source") if not row.get(name)]
    if row.get("source") not in ("person", "model"):
        problems.append("source is not person or model")
    if not isinstance(row.get("id"), str):
        problems.append("id is no text")
    return [*problems, *meta_problems(row)]


PROBLEMS: dict[str, Callable[[dict[str, Any]], list[str]]] = {
    "labels_jsonl": labelled_problems,
    "labels_csv": labelled_problems,
    "sft": sft_problems,
    "preference": preference_problems,
}

USER = {"role": "user", "content": "Which topic?"}
SPAM = {"role": "assistant", "content": "spam"}
HAM = {"role": "assistant", "content": "ham"}
PAIR = {"prompt": [USER], "chosen": [SPAM], "rejected": [HAM]}


def test_every_format_has_its_check() -> None:
    assert sorted(PROBLEMS) == list(EXPORTERS)


@pytest.mark.parametrize(
    ("check", "row"),
    [
        (sft_problems, {"messages": [USER, SPAM]}),
        (sft_problems, {"messages": [USER, SPAM], "meta": "{}"}),
        (preference_problems, PAIR),
        (preference_problems, PAIR | {"meta": "{}"}),
        (labelled_problems, {"id": "7", "question": "q", "label": "a", "source": "model"}),
    ],
)
def test_good_rows_pass(check: Callable[[dict[str, Any]], list[str]], row: dict[str, Any]) -> None:
    assert check(row) == []


@pytest.mark.parametrize(
    ("check", "row"),
    [
        (sft_problems, {"messages": [USER, SPAM], "prompt": "x"}),
        (sft_problems, {"messages": [USER, SPAM], "meta": {}}),
        (sft_problems, {"messages": [USER, SPAM | {"name": "x"}]}),
        (sft_problems, {"messages": [USER, {"role": "assistant"}]}),
        (sft_problems, {"messages": [USER, {"role": "assistant", "content": " "}]}),
        (sft_problems, {"messages": [SPAM, USER]}),
        (sft_problems, {"messages": [SPAM]}),
        (preference_problems, PAIR | {"rejected": [SPAM]}),
        (preference_problems, PAIR | {"chosen": "spam"}),
        (preference_problems, PAIR | {"chosen": [USER]}),
        (preference_problems, PAIR | {"chosen": [SPAM, SPAM]}),
        (preference_problems, PAIR | {"margin": 1}),
        (preference_problems, {"prompt": [USER], "chosen": [SPAM]}),
        (labelled_problems, {"id": 7, "question": "q", "label": "a", "source": "model"}),
        (labelled_problems, {"id": "7", "question": "q", "label": "", "source": "person"}),
        (labelled_problems, {"id": "7", "question": "q", "label": "a", "source": "none"}),
    ],
)
def test_bad_rows_do_not(check: Callable[[dict[str, Any]], list[str]], row: dict[str, Any]) -> None:
    assert check(row) != []


PROJECT = parse_project("""
project: topics
title: Topics
fields: [body]
questions:
  - {name: topic, type: single_label, text: Which?, labels: [{name: spam}, {name: ham}]}
""")


@pytest.mark.parametrize("name", list(EXPORTERS))
def test_no_format_writes_a_column_that_changes_training(name: str) -> None:
    columns = EXPORTERS[name].columns(PROJECT)
    assert not RESERVED & set(columns)
    assert len(set(columns)) == len(columns)
    assert "\n" not in EXPORTERS[name].description

"""What each trainer's record is, written out, and the traps that its trainer falls into."""

from __future__ import annotations

import json
from typing import Any

import pytest

from annotate.exporters import DIALECTS, Dropped, refusals
from annotate.exporters.refusals import (
    BEGINS,
    ENDS_ANSWERED,
    ENDS_UNANSWERED,
    HALF_CHARACTER,
    LATE_SYSTEM,
    NO_MESSAGES,
    NO_TEXT,
    NOT_IN_TURN,
    OTHER_COLUMNS,
    OTHER_KEYS,
    OTHER_ROLE,
    SAME,
    TOOL,
)
from annotate.training.protocol import Example, Judged, Made, Spread, Turn
from annotate.training.reasons import advice
from tests.annotate.exports.materials import ROW, pair, turns

SYSTEM = {"role": "system", "content": "Be brief."}
ASKED = {"role": "user", "content": "Sky?"}
BLUE = {"role": "assistant", "content": "blue"}
GREEN = {"role": "assistant", "content": "green"}

PROMPT = (Turn("system", "Be brief."), Turn("user", "Sky?"))
EXAMPLE = Example(ROW, PROMPT, "blue", "agreed")
PAIR = pair(PROMPT, "blue", "green")
JUDGED = Judged(ROW, PROMPT, "blue", True, "draft")
CHAT = Example(ROW, turns("Hi", "Hello.", "Sky?"), "blue", "agreed")

RECORDS: dict[str, tuple[Made, dict[str, Any]]] = {
    "sft_messages": (EXAMPLE, {"messages": [SYSTEM, ASKED, BLUE]}),
    "sft_openai": (EXAMPLE, {"messages": [SYSTEM, ASKED, BLUE]}),
    "sft_prompt_completion": (EXAMPLE, {"prompt": [SYSTEM, ASKED], "completion": [BLUE]}),
    "preference_trl": (
        PAIR,
        {"prompt": [SYSTEM, ASKED], "chosen": [BLUE], "rejected": [GREEN]},
    ),
    "reward_trl": (
        PAIR,
        {"prompt": [SYSTEM, ASKED], "chosen": [BLUE], "rejected": [GREEN], "margin": 0.5},
    ),
    "kto_trl": (JUDGED, {"prompt": [SYSTEM, ASKED], "completion": [BLUE], "label": True}),
    "preference_openai": (
        PAIR,
        {
            "input": {"messages": [SYSTEM, ASKED]},
            "preferred_output": [BLUE],
            "non_preferred_output": [GREEN],
        },
    ),
    "preference_llamafactory": (
        PAIR,
        {"messages": [SYSTEM, ASKED], "chosen": BLUE, "rejected": GREEN},
    ),
    "kto_llamafactory": (JUDGED, {"messages": [SYSTEM, ASKED, BLUE], "kto_tag": True}),
    "swift_preference": (
        PAIR,
        {"messages": [SYSTEM, ASKED, BLUE], "rejected_response": "green"},
    ),
    "swift_kto": (JUDGED, {"messages": [SYSTEM, ASKED, BLUE], "label": True}),
    "swift_decision": (
        Spread(ROW, "I was charged twice.", "Which topic?", ("billing", "other"), (0.75, 0.25), 4),
        {
            "state": "I was charged twice.",
            "questions": [
                {
                    "kind": "choice",
                    "question": "Which topic?",
                    "options": ["billing", "other"],
                    "target_probs": [0.75, 0.25],
                }
            ],
        },
    ),
    "alpaca": (EXAMPLE, {"instruction": "Be brief.\n\nSky?", "input": "", "output": "blue"}),
    "sharegpt": (
        EXAMPLE,
        {
            "conversations": [
                {"from": "system", "value": "Be brief."},
                {"from": "human", "value": "Sky?"},
                {"from": "gpt", "value": "blue"},
            ]
        },
    ),
    "ultrafeedback": (
        PAIR,
        {
            "prompt": "Sky?",
            "prompt_id": "79fa987cca71be6ce7d240b730f571baad9f01177e212670615202bdbaeb34c9",
            "chosen": [SYSTEM, ASKED, BLUE],
            "rejected": [SYSTEM, ASKED, GREEN],
            "messages": [SYSTEM, ASKED, BLUE],
            "score_chosen": 4.0,
            "score_rejected": 2.0,
        },
    ),
}


def made_by(name: str, made: Made) -> Any:
    record = DIALECTS[name].record
    assert record is not None
    return record(made)


@pytest.mark.parametrize("name", RECORDS)
def test_a_record_written_out(name: str) -> None:
    made, record = RECORDS[name]
    assert made_by(name, made) == record
    assert DIALECTS[name].check(record) is None


MESSAGES: list[tuple[str, list[Any], str]] = [
    ("nothing", [], NO_MESSAGES),
    ("only a system message", [SYSTEM], NO_MESSAGES),
    ("no answer", [SYSTEM, ASKED], ENDS_UNANSWERED),
    ("an empty answer", [ASKED, {"role": "assistant", "content": " \n"}], NO_TEXT),
    ("content that is null", [ASKED, {"role": "assistant", "content": None}], NO_TEXT),
    ("a name beside", [{**ASKED, "name": "bob"}, BLUE], OTHER_KEYS),
    ("a weight beside", [ASKED, {**BLUE, "weight": 1}], OTHER_KEYS),
    ("the older keys", [{"from": "human", "value": "Sky?"}, BLUE], OTHER_KEYS),
    ("a role of another form", [{"role": "human", "content": "Sky?"}, BLUE], OTHER_ROLE),
    ("an empty role", [{"role": "", "content": "Sky?"}, BLUE], OTHER_ROLE),
    ("the assistant first", [BLUE, ASKED, BLUE], BEGINS),
    ("two of the user", [ASKED, ASKED, BLUE], NOT_IN_TURN),
    ("two of the assistant", [ASKED, BLUE, GREEN], NOT_IN_TURN),
    ("a tool that nobody called", [ASKED, {"role": "tool", "content": "7"}, BLUE], NOT_IN_TURN),
    ("a late system message", [ASKED, SYSTEM, BLUE], LATE_SYSTEM),
    ("two system messages", [SYSTEM, SYSTEM, ASKED, BLUE], LATE_SYSTEM),
    ("half of an emoji", [ASKED, {"role": "assistant", "content": "\ud83d"}], HALF_CHARACTER),
]


@pytest.mark.parametrize("name", ["sft_messages", "sft_openai"])
@pytest.mark.parametrize(("messages", "why"), [one[1:] for one in MESSAGES],
                         ids=[one[0] for one in MESSAGES])  # fmt: skip
def test_conversations_that_trainers_refuse_or_spoil(
    name: str, messages: list[Any], why: str
) -> None:
    assert DIALECTS[name].check({"messages": messages}) == why


def test_a_tool_needs_a_place_for_the_call_that_it_answers() -> None:
    called = [ASKED, BLUE, {"role": "tool", "content": "7"}, BLUE]
    assert DIALECTS["sft_messages"].check({"messages": called}) is None
    assert DIALECTS["sft_openai"].check({"messages": called}) == TOOL
    prompt = (Turn("user", "Sky?"), Turn("assistant", "blue"), Turn("tool", "7"))
    shared = made_by("sharegpt", Example(ROW, prompt, "blue", "agreed"))
    assert DIALECTS["sharegpt"].check(shared) == TOOL


BAD: list[tuple[str, str, dict[str, Any], str]] = [
    # TRL: a completion that is a message, or a text beside a list of messages
    ("a completion by itself", "sft_prompt_completion", {"completion": BLUE}, "not a list of one"),
    ("answers as texts", "preference_trl", {"chosen": "blue", "rejected": "green"},
     "not a list of one"),
    # UltraFeedback's rows, which fail in DPO and in reward models
    ("whole conversations", "preference_trl", {"prompt": "Sky?", "chosen": [ASKED, BLUE],
     "rejected": [ASKED, GREEN]}, NO_MESSAGES),
    ("conversations beside the prompt", "preference_trl", {"chosen": [ASKED, BLUE]},
     "not a list of one"),
    ("a tie", "preference_trl", {"rejected": [BLUE]}, SAME),
    ("a prompt that is answered", "preference_trl", {"prompt": [ASKED, BLUE]}, ENDS_ANSWERED),
    ("a tie", "reward_trl", {"rejected": [BLUE]}, SAME),
    ("a margin of null", "reward_trl", {"margin": None}, "margin"),
    ("a margin in words", "reward_trl", {"margin": "slightly better"}, "margin"),
    ("a margin that is no number", "reward_trl", {"margin": float("nan")}, "margin"),
    ("a label in words", "kto_trl", {"label": "good"}, "neither true nor false"),
    ("a label of null", "kto_trl", {"label": None}, "neither true nor false"),
    ("a label of 1", "kto_trl", {"label": 1}, "neither true nor false"),
    ("a label of 1", "swift_kto", {"label": 1}, "neither true nor false"),
    ("a tag of 1", "kto_llamafactory", {"kto_tag": 1}, "neither true nor false"),
    ("an output by itself", "preference_openai", {"preferred_output": BLUE}, "not a list of one"),
    ("two messages in an output", "preference_openai", {"preferred_output": [BLUE, GREEN]},
     "not a list of one"),
    ("a tie", "preference_openai", {"non_preferred_output": [BLUE]}, SAME),
    ("TRL's columns", "preference_openai", {"input": {"prompt": [ASKED]}}, OTHER_COLUMNS),
    ("an input with the answer", "preference_openai", {"input": {"messages": [ASKED, BLUE]}},
     ENDS_ANSWERED),
    ("an unknown key", "sft_openai", {"id": "i1"}, OTHER_COLUMNS),
    ("the passport", "sft_openai", {"meta": "{}"}, OTHER_COLUMNS),
    ("answers as lists", "preference_llamafactory", {"chosen": [BLUE]}, OTHER_KEYS),
    ("an answered prompt", "preference_llamafactory", {"messages": [ASKED, BLUE]}, ENDS_ANSWERED),
    ("a tie", "preference_llamafactory", {"rejected": BLUE}, SAME),
    ("a tie", "swift_preference", {"rejected_response": "blue"}, SAME),
    ("no answer", "swift_preference", {"messages": [ASKED]}, ENDS_UNANSWERED),
    ("a conversation as instruction", "alpaca", {"instruction": [ASKED]}, NO_TEXT),
    ("no output", "alpaca", {"output": ""}, NO_TEXT),
    ("the newer keys", "sharegpt", {"conversations": [ASKED, BLUE]}, OTHER_KEYS),
    ("the newer roles", "sharegpt", {"conversations": [{"from": "user", "value": "Sky?"},
     {"from": "gpt", "value": "blue"}]}, OTHER_ROLE),
    ("a score of null", "ultrafeedback", {"score_chosen": None}, "a score is no number"),
    ("another prompt", "ultrafeedback", {"rejected": [{**ASKED, "content": "Sea?"}, GREEN]},
     "not about the same prompt"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "changes", "why"), [one[1:] for one in BAD],
                         ids=[f"{one[1]}: {one[0]}" for one in BAD])  # fmt: skip
def test_records_that_their_trainer_refuses_or_spoils(
    name: str, changes: dict[str, Any], why: str
) -> None:
    said = DIALECTS[name].check(RECORDS[name][1] | changes)
    assert said is not None
    assert why in said


DECISIONS: list[tuple[str, dict[str, Any], str]] = [
    ("one probability too few", {"target_probs": [1.0]}, "sum to 1"),
    ("a sum that is not 1", {"target_probs": [0.5, 0.4]}, "sum to 1"),
    ("a negative one", {"target_probs": [1.5, -0.5]}, "sum to 1"),
    ("no number", {"target_probs": [float("nan"), 1.0]}, "sum to 1"),
    ("one option", {"options": ["billing"], "target_probs": [1.0]}, "two or more options"),
    ("the same option twice", {"options": ["billing", "billing"]}, "two or more options"),
    ("another kind", {"kind": "score"}, "other columns"),
]


@pytest.mark.parametrize(("changes", "why"), [one[1:] for one in DECISIONS],
                         ids=[one[0] for one in DECISIONS])  # fmt: skip
def test_distributions_that_are_none(changes: dict[str, Any], why: str) -> None:
    record = RECORDS["swift_decision"][1]
    asked = record["questions"][0] | changes
    said = DIALECTS["swift_decision"].check(record | {"questions": [asked]})
    assert said is not None
    assert why in said


def test_shares_that_are_not_exact_sum_to_1_well_enough() -> None:
    thirds = Spread(ROW, "s", "q", ("a", "b", "c"), (1 / 3, 1 / 3, 1 / 3), 3)
    assert DIALECTS["swift_decision"].check(made_by("swift_decision", thirds)) is None


def test_what_nothing_measures_has_no_margin_and_no_scores() -> None:
    bare = pair(PROMPT, "blue", "green", margin=None, scores=None)
    for name in ("reward_trl", "ultrafeedback"):
        dropped = made_by(name, bare)
        assert isinstance(dropped, Dropped)
        assert advice(dropped.why) == "Nothing: preference_trl has these pairs too."
    assert DIALECTS["preference_trl"].check(made_by("preference_trl", bare)) is None


def test_without_scores_the_margin_is_the_difference_of_the_shares() -> None:
    voted = made_by("ultrafeedback", pair(PROMPT, "blue", "green", margin=0.5, scores=None))
    assert (voted["score_chosen"], voted["score_rejected"]) == (0.75, 0.25)


def test_a_margin_is_always_written_as_a_fraction() -> None:
    """A loader takes the type of the first rows: whole numbers there, and 0.5 later fails."""
    whole = made_by("reward_trl", pair(PROMPT, "blue", "green", margin=1))
    assert json.dumps(whole["margin"]) == "1.0"


def test_conversations_of_several_turns() -> None:
    assert made_by("sharegpt", CHAT)["conversations"] == [
        {"from": "human", "value": "Hi"},
        {"from": "gpt", "value": "Hello."},
        {"from": "human", "value": "Sky?"},
        {"from": "gpt", "value": "blue"},
    ]
    dropped = made_by("alpaca", CHAT)
    assert isinstance(dropped, Dropped)
    assert advice(dropped.why) == "Take sharegpt or sft_messages."
    chats = made_by("ultrafeedback", pair(CHAT.prompt, "blue", "green"))
    assert chats["prompt"] == "Sky?"
    assert [one["content"] for one in chats["chosen"]] == ["Hi", "Hello.", "Sky?", "blue"]


def test_every_reason_with_advice_is_one_that_a_record_can_be_refused_for() -> None:
    said = {value for name, value in vars(refusals).items() if name.isupper() and name != "ADVICE"}
    assert set(refusals.ADVICE) <= said
    for reason in refusals.ADVICE:
        assert advice(reason) == refusals.ADVICE[reason]

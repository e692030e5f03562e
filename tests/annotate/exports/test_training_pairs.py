"""Which pairs are made of what people and model say, by which rule, and how sure they are."""

from __future__ import annotations

from typing import Any

import pytest

from annotate.exporters.protocol import Dropped
from annotate.project.file import parse_project
from annotate.training.caps import Caps
from annotate.training.protocol import Turn
from tests.annotate.exports.teaching import (
    DRAFTS,
    ORDERS,
    REPLIES,
    RESPONSES,
    TOPICS,
    WRITTEN,
    answer,
    decided,
    made,
    row_of,
)

TEXTS = {"Hi!": "a", "Go away": "b", "Hello": "c"}


def short(found: list[Any]) -> list[Any]:
    """Pairs as the two letters of their responses, reasons as they are."""
    return [
        one if isinstance(one, str) else TEXTS[one.chosen] + TEXTS[one.rejected] for one in found
    ]


def test_a_blind_answer_against_the_models() -> None:
    row = row_of(TOPICS, {"body": "x"}, ("ham", "ham", "spam"), model="spam", model_name="gpt-mini")
    [pair] = made("pairs", row)
    assert (pair.chosen, pair.rejected, pair.rule) == ("ham", "spam", "answer")
    assert pair.margin == pytest.approx(1 / 3)
    assert (pair.scores, pair.chosen_by, pair.rejected_by) == (None, "person", "gpt-mini")
    assert made("pairs", row, min_margin=0.34) == ["the lead is below the least margin"]


def test_a_leads_decision_against_the_models() -> None:
    row = row_of(TOPICS, {"body": "x"}, ("spam",), model="spam", ruling=decided(TOPICS, "ham"))
    [pair] = made("pairs", row, min_margin=0.9)
    assert (pair.chosen, pair.rejected, pair.rule) == ("ham", "spam", "adjudicated")
    assert (pair.margin, pair.rejected_by) == (None, "model")


def test_the_consensus_may_stand_by_what_fewer_say() -> None:
    row = row_of(
        TOPICS, {"body": "x"}, ("ham", "ham", "spam"), model="ham", posterior=(0.75, 0.25),
        consensus_status="disputed", consensus_value="spam",
    )  # fmt: skip
    [pair] = made("pairs", row, truth="consensus")
    assert (pair.chosen, pair.rejected, pair.margin) == ("spam", "ham", None)
    thin = ["the lead is below the least margin"]
    assert made("pairs", row, truth="consensus", min_margin=0.1) == thin


def test_nothing_to_prefer() -> None:
    row = row_of(TOPICS, {"body": "x"}, ("ham",), model="ham")
    assert made("pairs", row) == ["person and model agree"]
    row = row_of(TOPICS, {"body": "x"}, ("ham",))
    assert made("pairs", row) == ["no usable answer from the model"]


@pytest.mark.parametrize("rule", ["all", "adjacent", "best"])
def test_the_chosen_response_against_each_of_the_others(rule: str) -> None:
    row = row_of(REPLIES, RESPONSES, ("b", "b", "b", "a", "tie"))
    found = made("pairs", row, pairs=rule)
    assert short(found) == ["ba", "bc"]
    assert [one.margin for one in found] == [pytest.approx(0.4), pytest.approx(0.6)]
    assert [one.scores for one in found] == [(0.6, 0.2), (0.6, 0.0)]
    assert [(one.chosen_by, one.rejected_by) for one in found] == [("y", "x"), ("y", "z")]
    assert found[0].prompt == (Turn("user", "Say hi"),)
    assert found[0].rule == "vote"


def test_at_most_so_many_of_one_prompt_and_the_surest_first() -> None:
    row = row_of(REPLIES, RESPONSES, ("b", "b", "b", "a", "tie"))
    assert short(made("pairs", row, per_prompt=1)) == [
        "bc",
        "the prompt has as many pairs as are wanted",
    ]
    assert short(made("pairs", row, per_prompt=2)) == ["bc", "ba"]


def test_items_that_share_a_prompt_share_its_cap() -> None:
    row = row_of(REPLIES, RESPONSES, ("b",))
    other = row_of(REPLIES, RESPONSES | {"prompt": "Say ho"}, ("b",))
    caps = Caps(3)
    found = [
        short([one.why if isinstance(one, Dropped) else one for one in caps.let_in(given)])
        for given in (made("pairs", row), made("pairs", other), made("pairs", row))
    ]
    full = "the prompt has as many pairs as are wanted"
    assert found == [["ba", "bc"], ["ba", "bc"], ["ba", full]]
    assert list(Caps(0).let_in([row])) == [row]


def test_the_least_margin_is_asked_of_each_pair() -> None:
    row = row_of(REPLIES, RESPONSES, ("b", "b", "b", "a", "tie"))
    thin = "the lead is below the least margin"
    assert short(made("pairs", row, min_margin=0.5)) == [thin, "bc"]


def test_how_much_better() -> None:
    project = parse_project("""
project: strong
title: Strong
fields: [prompt, x, y]
questions:
  - {name: better, type: preference, text: Better?, prompt: prompt, responses: [x, y], strength: 4}
""")
    fields = {"prompt": "Say hi", "x": "Hi!", "y": "Go away"}
    said = ({"choice": "a", "strength": 4}, {"choice": "a", "strength": 3})
    [pair] = made("pairs", row_of(project, fields, said))
    assert pair.margin == pytest.approx(0.875)
    split = (*[{"choice": "a", "strength": 1}] * 2, {"choice": "b", "strength": 4})
    unresolved = ["the disagreement is not resolved"]
    assert made("pairs", row_of(project, fields, split)) == unresolved
    ruling = decided(project, {"choice": "b", "strength": 1})
    [ruled] = made("pairs", row_of(project, fields, said, ruling=ruling))
    assert (ruled.chosen, ruled.margin, ruled.rule) == ("Go away", 0.25, "adjudicated")


@pytest.mark.parametrize(
    ("rule", "pairs"),
    [("all", ["ca", "cb", "ab"]), ("adjacent", ["ca", "ab"]), ("best", ["ca", "cb"])],
)
def test_rankings(rule: str, pairs: list[str]) -> None:
    order = ["c", "a", "b"]
    row = row_of(ORDERS, RESPONSES, (order, order, ["a", "c", "b"]))
    found = made("pairs", row, pairs=rule)
    assert short(found) == pairs
    assert found[0].margin == pytest.approx(1 / 3)
    assert found[1].margin == 1.0
    assert found[0].scores == (pytest.approx(5 / 6), pytest.approx(2 / 3))
    assert {one.rule for one in found} == {"ranking"}


def test_people_tied_over_orders_may_agree_on_pairs() -> None:
    row = row_of(ORDERS, RESPONSES, (["a", "b", "c"], ["a", "c", "b"]))
    either = "people put two responses in either order equally often"
    assert short(made("pairs", row)) == ["ab", "ac", either]
    assert short(made("pairs", row, pairs="best")) == ["ab", "ac"]


def test_an_order_that_a_lead_has_decided() -> None:
    row = row_of(ORDERS, RESPONSES, (["a", "b", "c"],), ruling=decided(ORDERS, ["c", "b", "a"]))
    found = made("pairs", row, pairs="adjacent", min_margin=0.5)
    assert short(found) == ["cb", "ba"]
    assert [(one.rule, one.margin) for one in found] == [("adjudicated", None)] * 2


def test_a_ranking_without_prompt() -> None:
    project = parse_project("""
project: orders
title: Orders
fields: [x, y]
questions:
  - {name: order, type: ranking, text: Best first?, responses: [x, y]}
""")
    row = row_of(project, {"x": "1", "y": "2"}, (["a", "b"],))
    assert made("pairs", row) == ["no field holds the prompt"]
    assert made("examples", row) == ["no field holds the prompt"]
    assert made("judged", row) == ["no field holds the prompt"]


FIX = {"verdict": "fix", "text": "Yes, it is."}
ITEM = {"question": "Is it?", "reply": "Yes"}


def test_the_corrected_text_against_its_draft() -> None:
    [pair] = made("pairs", row_of(DRAFTS, ITEM, (FIX,)))
    assert pair.prompt == (Turn("user", "Is it?"),)
    assert (pair.chosen, pair.rejected, pair.rule) == ("Yes, it is.", "Yes", "edit")
    assert (pair.margin, pair.chosen_by, pair.rejected_by) == (None, "person", "reply")


SEVERAL = """
project: several
title: Several
fields: [topic, question, x, y]
questions:
  - {name: text, type: text, text: Is it right?, draft: x}
  - {name: better, type: preference, text: Better?, prompt: PROMPT, responses: [x, y]}
"""


def test_no_other_response_is_in_a_prompt() -> None:
    """A draft answers the prompt that another question names; or all that is no answer itself."""
    fields = {"topic": "Birds", "question": "Is it?", "x": "Yes", "y": "No"}
    project = parse_project(SEVERAL.replace("PROMPT", "question"))
    [pair] = made("pairs", row_of(project, fields, (FIX,)))
    assert pair.prompt == (Turn("user", "Is it?"),)
    ranked = SEVERAL.replace("type: preference", "type: ranking").replace("prompt: PROMPT, ", "")
    [pair] = made("pairs", row_of(parse_project(ranked), fields, (FIX,)))
    assert pair.prompt == (Turn("user", "topic: Birds\n\nquestion: Is it?"),)


@pytest.mark.parametrize(
    ("value", "why"),
    [
        ({"verdict": "accept", "text": "Yes"}, "the draft was accepted as it is"),
        ({"verdict": "reject", "text": ""}, "the draft was rejected"),
    ],
)
def test_texts_without_a_pair(value: Any, why: str) -> None:
    assert made("pairs", row_of(DRAFTS, ITEM, (value,))) == [why]


def test_everybodys_own_correction_is_better_than_the_draft() -> None:
    other = {"verdict": "fix", "text": "It certainly is."}
    found = made("pairs", row_of(DRAFTS, ITEM, (FIX, other)))
    assert [(one.chosen, one.rejected) for one in found] == [
        ("Yes, it is.", "Yes"),
        ("It certainly is.", "Yes"),
    ]
    kept = {"verdict": "accept", "text": "Yes"}
    assert made("pairs", row_of(DRAFTS, ITEM, (FIX, kept))) == ["people are tied"]


def test_the_models_draft_is_the_one_that_was_shown() -> None:
    shown = {"verdict": "write", "text": "Perhaps"}
    fixed = answer(WRITTEN, FIX, seen="before", said=shown)
    row = row_of(
        WRITTEN, {"question": "Is it?"}, (fixed,), model={"verdict": "write", "text": "Never"}
    )
    [pair] = made("pairs", row)
    assert (pair.chosen, pair.rejected) == ("Yes, it is.", "Perhaps")
    assert pair.prompt[0].content.startswith("Answer it.")
    assert pair.rejected_by == "model"


def test_free_texts_are_not_compared() -> None:
    project = parse_project("""
project: written
title: Written
fields: [question]
questions:
  - {name: text, type: text, text: Answer it.}
""")
    row = row_of(
        project, {"question": "Is it?"}, ({"verdict": "write", "text": "Yes"},),
        model={"verdict": "write", "text": "No"},
    )  # fmt: skip
    nothing = ["written from nothing, so that there is nothing to compare"]
    assert made("pairs", row) == nothing
    assert made("judged", row) == nothing


def test_the_same_text_and_none_are_no_pair() -> None:
    row = row_of(REPLIES, RESPONSES | {"y": "Hi! \n", "z": ""}, ("a",))
    assert made("pairs", row) == [
        "chosen and rejected are the same text",
        "the prompt or a response is empty",
    ]


def test_ratings_lie_apart_on_their_scale() -> None:
    project = parse_project("""
project: rated
title: Rated
fields: [body]
questions:
  - {name: tone, type: rating, text: How friendly?}
""")
    [pair] = made("pairs", row_of(project, {"body": "x"}, (5,), model=2))
    assert (pair.chosen, pair.rejected, pair.margin) == ("5", "2", 0.75)

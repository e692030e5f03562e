"""Prices from a file of their own: which model gets which, and what is wrong with the file."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from annotate.errors import InvalidProject
from annotate.project import load_project
from annotate.project.prices import parse_prices
from tests.annotate.support.project_file import GOOD

PRICES = """\
# looked up by hand
small: {usd_per_m_in: 0.1, usd_per_m_out: 0.4, as_of: "2026-11-20"}
maker/big:
  usd_per_m_in: 2
  usd_per_m_out: 8
  as_of: "2026-10-01"
"""

Write = Callable[..., Path]


def test_a_model_without_a_price_gets_the_one_in_the_price_file(write: Write) -> None:
    write("prices.yaml", PRICES)
    task = write("task.yaml", GOOD + "llm: {provider: openai, model: maker/big}\n")
    price = load_project(task).llm.price
    assert price is not None
    assert (price.usd_per_m_in, price.usd_per_m_out, price.as_of) == (2, 8, "2026-10-01")


@pytest.mark.parametrize(
    ("llm", "known"),
    [
        ("{provider: openai, model: other}", False),
        ("{provider: local, model: small}", False),
        ("{provider: openai, model: small}", True),
    ],
)
def test_who_gets_none(write: Write, llm: str, known: bool) -> None:
    write("prices.yaml", PRICES)
    task = write("task.yaml", GOOD + f"llm: {llm}\n")
    assert (load_project(task).llm.price is not None) == known


def test_the_project_s_own_price_goes_first(write: Write) -> None:
    write("prices.yaml", PRICES)
    own = 'price: {usd_per_m_in: 7, usd_per_m_out: 7, as_of: "2026-11-21"}'
    task = write("task.yaml", GOOD + f"llm: {{provider: openai, model: small, {own}}}\n")
    price = load_project(task).llm.price
    assert price is not None
    assert price.usd_per_m_in == 7


def test_each_member_gets_the_price_of_its_own_model(write: Write) -> None:
    write("prices.yaml", PRICES)
    llm = "{provider: openai, model: small, ensemble: [{}, {model: maker/big}, {model: other}]}"
    task = write("task.yaml", GOOD + f"llm: {llm}\n")
    models = load_project(task).llm.models()
    known = {name: model.price.usd_per_m_in for name, model in models if model.price is not None}
    assert known == {"small": 0.1, "big": 2}
    assert [name for name, _ in models] == ["small", "big", "other"]


def test_a_cap_can_be_kept_by_a_price_of_the_file(write: Write) -> None:
    capped = "llm: {provider: openai, model: small, max_tokens: 20, max_cost_usd: 1}\n"
    task = write("task.yaml", GOOD + capped)
    with pytest.raises(InvalidProject, match="cannot be kept without `price`"):
        load_project(task)
    write("prices.yaml", PRICES)
    assert load_project(task).llm.max_cost_usd == 1


def test_what_is_wrong_with_the_file_is_told_with_its_line(write: Write) -> None:
    wrong = """\
small: {usd_per_m_in: -1, usd_per_m_out: 0.4, as_of: 2026-11-20}
big:
  usd_per_m_in: 2
  per_call: 1
small: {}
other: 3
"""
    write("prices.yaml", wrong)
    task = write("task.yaml", GOOD + "llm: {temperature: 9}\n")
    with pytest.raises(InvalidProject) as caught:
        load_project(task)
    assert caught.value.path.endswith("prices.yaml")
    found = [(p.line, p.key, p.rule) for p in caught.value.problems]
    assert found == [
        (1, "small.as_of", "is 2026-11-20, a date, not text"),
        (1, "small.usd_per_m_in", "is -1, but must be at least 0"),
        (2, "big.as_of", "is required"),
        (2, "big.usd_per_m_out", "is required"),
        (4, "big.per_call", "is not a known key"),
        (5, "small", "stands twice in one place"),
        (6, "other", "is 3, not `key: value`"),
    ]


def test_a_list_is_no_price_file() -> None:
    with pytest.raises(
        InvalidProject, match=r"is a list, not `key: value` lines. Write lines like"
    ):
        parse_prices("- small\n- big\n")


@pytest.mark.parametrize("text", ["", "\n", "# none yet\n"])
def test_an_empty_file_holds_no_prices(text: str) -> None:
    assert parse_prices(text) == {}

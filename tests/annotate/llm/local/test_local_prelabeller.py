"""The embedded annotator behind the same seam as a model server."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

from annotate.llm.local.prelabeller import LocalPrelabeller
from annotate.llm.local.tfidf import CharNgrams
from annotate.llm.local.views import VIEWS
from annotate.llm.prelabeller import Answer, Work
from annotate.llm.prompts import Example
from annotate.model import Item
from annotate.project import Project, parse_project

TOPICS = """
project: p
title: Topics
fields: [text]
questions:
- name: topic
  type: single_label
  text: What is it about?
  labels:
  - {name: billing, description: invoices refunds payments}
  - {name: delivery, description: parcels couriers tracking}
  - {name: praise}
"""
PAIRS = """
project: p
title: Pairs
fields: [prompt, one, two]
questions:
- {name: better, type: preference, text: Which?, prompt: prompt, responses: [one, two]}
"""


def item(text: str, name: str = "i") -> Item:
    fields = {"text": text, "prompt": text, "one": text, "two": text}
    return Item(name, "p", 0, "k", "h", fields, {}, "2026-01-01")


def annotator(project: Project) -> LocalPrelabeller:
    return LocalPrelabeller(project, project.questions[0], CharNgrams())


def answers(local: LocalPrelabeller, works: Sequence[Work]) -> list[Answer]:
    async def collect() -> list[Answer]:
        return [answer async for answer in local.answer(works)]

    return asyncio.run(collect())


def test_nine_views_vote_with_a_probability_for_every_label() -> None:
    local = annotator(parse_project(TOPICS))
    found = answers(local, [Work(item("my refunds and payments are missing"), {})])
    assert [a.variant for a in found] == list(VIEWS)
    assert {a.outcome for a in found} == {"parsed"}
    assert {a.value for a in found} == {"billing"}
    for answer in found:
        assert answer.probabilities is not None
        assert list(answer.probabilities) == ["billing", "delivery", "praise"]
        assert sum(answer.probabilities.values()) == pytest.approx(1, abs=1e-5)
        assert answer.confidence == max(answer.probabilities.values())


def test_answers_that_are_there_are_not_given_again() -> None:
    local = annotator(parse_project(TOPICS))
    done = {(view, 0): "billing" for view in VIEWS[:7]}
    found = answers(local, [Work(item("a parcel"), done)])
    assert [a.variant for a in found] == list(VIEWS[7:])


def test_human_labels_move_the_votes() -> None:
    local = annotator(parse_project(TOPICS))
    odd = item("zyxw qqvv zyxw qqvv")
    local.learn([Example(item("zyxw qqvv zyxw", f"e{n}"), "praise") for n in range(20)])
    assert {a.value for a in answers(local, [Work(odd, {})])} == {"praise"}


def test_an_item_is_not_judged_by_its_own_label() -> None:
    """One that is asked about again is judged as if it had never been labelled."""
    project = parse_project(TOPICS)
    others = [
        Example(item("a parcel came", "e1"), "delivery"),
        Example(item("wow", "e2"), "praise"),
    ]
    odd = item("zyxw qqvv", "own")
    without, with_own = annotator(project), annotator(project)
    without.learn(others)
    with_own.learn([*others, Example(odd, "praise")])
    works = [Work(item("zyxw zyxw", "other"), {}), Work(odd, {})]
    expected = {a.variant: a.probabilities for a in answers(without, works) if a.item_id == "own"}
    found = {a.variant: a.probabilities for a in answers(with_own, works) if a.item_id == "own"}
    assert found.keys() == expected.keys()
    for view, probabilities in expected.items():
        assert found[view] == pytest.approx(probabilities, abs=2e-6)
    before = [a.probabilities for a in answers(without, works) if a.item_id == "other"]
    after = [a.probabilities for a in answers(with_own, works) if a.item_id == "other"]
    assert before != after  # others do learn from it


def test_examples_of_labels_that_are_gone_are_passed_over() -> None:
    local = annotator(parse_project(TOPICS))
    local.learn([Example(item("a parcel", "e"), "a label of before")])
    assert len(answers(local, [Work(item("a parcel"), {})])) == 9


def test_preferences_are_left_to_people_and_it_says_why() -> None:
    local = annotator(parse_project(PAIRS))
    [answer] = answers(local, [Work(item("x"), {})])
    assert (answer.outcome, answer.value) == ("abstained", None)
    assert answer.reason == "comparing or writing text needs a language model"
    assert "abstains from preference" in (local.announcement() or "")


def test_the_weak_fallback_is_announced() -> None:
    said = annotator(parse_project(TOPICS)).announcement()
    assert said is not None
    assert "weak statistical model" in said

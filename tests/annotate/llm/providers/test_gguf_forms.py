"""Schemas and log-probabilities with the real llama.cpp, on models whose truth is known."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import pytest

from annotate.llm.chat import ChatPrelabeller
from annotate.llm.prelabeller import Answer, Work
from annotate.llm.providers.gguf import GGUFChat
from annotate.llm.structured import Abilities
from annotate.project.settings import LLMSettings
from tests.annotate.support.asking import labelling, make_item
from tests.annotate.support.chatting import answers
from tests.tiny_gguf import END, write_bigram_gguf, write_tiny_gguf

BOTH = Abilities(json_schema=True, top_logprobs=20)
LABELS = ("spam", "ham", "other")
ITEMS = [make_item(at, text=f"mail {at}") for at in range(6)]


def asked(model: Path, *, count: int = 1, **llm: Any) -> list[Answer]:
    """What the model in a file says of the first items."""
    given = {"provider": "gguf", "model": str(model), "confidence": False, "max_tokens": 60}
    project, question = labelling(dict.fromkeys(LABELS, ""))
    settings = LLMSettings.model_validate(given | llm)
    project = project.model_copy(update={"llm": settings})
    chat = ChatPrelabeller(project, question, GGUFChat(settings, None), abilities=BOTH)
    return answers(chat, *(Work(item, {}) for item in ITEMS[:count]))


def test_letters_have_the_probabilities_that_the_model_gives_them(tmp_path: Path) -> None:
    chances = {"A": 0.6, "B": 0.25, "C": 0.05, "x": 0.1}
    ends = {letter: {END: 1.0} for letter in "ABC"}
    model = write_bigram_gguf(tmp_path / "letters.gguf", {"\n": chances, **ends})
    found = asked(model, count=6, variants=["multiple_choice"], temperature=0.0)
    assert [answer.outcome for answer in found] == ["parsed"] * 6
    firsts = set()
    for answer in found:
        assert answer.raw == "A"
        assert answer.probabilities is not None
        assert list(answer.probabilities) == list(LABELS)
        assert sorted(answer.probabilities.values()) == pytest.approx(
            [0.05 / 0.9, 0.25 / 0.9, 0.6 / 0.9], abs=1e-3
        )
        assert answer.probabilities[answer.value] == pytest.approx(0.6 / 0.9, abs=1e-3)
        assert answer.label_mass == pytest.approx(0.9, abs=1e-3)
        firsts.add(answer.value)
    assert len(firsts) > 1  # the letters stand for other labels from item to item


def test_a_schema_does_not_change_the_probabilities_that_are_told(tmp_path: Path) -> None:
    """In an object the label stands behind a quote: what the model would say there is told, also
    what the schema forbids."""
    follows: dict[str, dict[str, float]] = {
        "\n": {"{": 1.0},
        "{": {'"': 1.0},
        '"': {"s": 0.5, "h": 0.3, "l": 0.15, "z": 0.05},
        ":": {'"': 1.0},
    }
    model = write_bigram_gguf(tmp_path / "json.gguf", follows)
    [answer] = asked(model, variants=["instruction"], temperature=0.0)
    assert json.loads(answer.raw or "") == {"label": "spam"}
    assert answer.probabilities is not None
    assert answer.probabilities == pytest.approx(
        {"spam": 0.625, "ham": 0.375, "other": 0.0}, abs=1e-3
    )
    assert answer.label_mass == pytest.approx(0.8, abs=1e-3)


def test_what_only_the_schema_makes_a_model_say_has_no_probabilities(tmp_path: Path) -> None:
    model = write_tiny_gguf(tmp_path / "tiny.gguf")
    found = asked(model, count=6, variants=["instruction", "challenge"], temperature=0.0)
    assert [answer.outcome for answer in found] == ["parsed"] * 12
    assert {answer.value for answer in found} <= set(LABELS)
    for answer in found:
        assert answer.probabilities is None
        assert answer.label_mass is not None
        assert answer.label_mass < 0.1


def test_nonsense_is_no_letter(tmp_path: Path) -> None:
    model = write_tiny_gguf(tmp_path / "tiny.gguf")
    [answer] = asked(model, variants=["multiple_choice"], max_tokens=5)
    assert answer.outcome == "truncated"
    assert (answer.value, answer.probabilities, answer.label_mass) == (None, None, None)


def test_several_tokens_to_a_label(tmp_path: Path) -> None:
    """Each letter is a token: "other" and "oxen" share the first one."""
    follows: dict[str, dict[str, float]] = {
        "\n": {"o": 0.9, "s": 0.1},
        "o": {"t": 0.75, "x": 0.25},
        "t": {END: 1.0},
    }
    model = write_bigram_gguf(tmp_path / "words.gguf", follows)
    labels = {"ot": "", "oxen": "", "spam": ""}
    project, question = labelling(labels)
    settings = LLMSettings.model_validate(
        {"provider": "gguf", "model": str(model), "variants": ["instruction"], "temperature": 0.0}
    )
    project = project.model_copy(update={"llm": settings})
    told = Abilities(top_logprobs=20)
    chat = ChatPrelabeller(project, question, GGUFChat(settings, None), abilities=told)
    [answer] = answers(chat, Work(ITEMS[0], {}))
    assert answer.raw == "ot"
    assert answer.probabilities is not None
    assert answer.probabilities == pytest.approx(
        {"ot": 0.675, "oxen": 0.225, "spam": 0.1}, abs=1e-3
    )
    assert answer.label_mass == pytest.approx(1.0, abs=1e-3)
    assert math.isclose(sum(answer.probabilities.values()), 1.0)

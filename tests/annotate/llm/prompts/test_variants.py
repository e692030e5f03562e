"""Ways of asking and their presets."""

from __future__ import annotations

import pytest

from annotate.llm.variants import PRESETS, WAYS, Variant, expand, unknown_variants


def test_the_presets() -> None:
    three = ["spam", "ham", "other"]
    assert [variant.name for variant in expand("default", three)] == [
        "instruction", "text_first", "paraphrase", "multiple_choice", "challenge",
    ]  # fmt: skip
    assert [variant.name for variant in expand("coannotating", three)] == [
        "instruction",
        "text_first",
        "paraphrase",
        "true_false:spam",
        "true_false:ham",
        "true_false:other",
        "question",
        "multiple_choice",
        "confirmation:spam",
        "confirmation:ham",
        "confirmation:other",
    ]


@pytest.mark.parametrize(("labels", "calls"), [(2, 9), (3, 11), (4, 13)])
def test_as_many_calls_as_in_the_paper(labels: int, calls: int) -> None:
    assert len(expand("coannotating", [str(n) for n in range(labels)])) == calls


def test_presets_name_ways() -> None:
    assert set(PRESETS) == {"default", "coannotating"}
    for names in PRESETS.values():
        assert set(names) <= set(WAYS)
        assert len(set(names)) == len(names)


def test_a_challenge_stands_last_and_nothing_is_asked_twice() -> None:
    chosen = expand(["challenge", "question", "challenge", "question"], ["a", "b"])
    assert [variant.name for variant in chosen] == ["question", "challenge"]


def test_only_claims_are_about_a_class() -> None:
    for way in WAYS.values():
        about = [variant.about for variant in expand([way.name], ["a", "b"])]
        assert about == (["a", "b"] if way.kind == "claim" else [None])


def test_names_are_told_apart() -> None:
    variants = expand(list(WAYS), ["a", "b:c", "b"])
    assert len({variant.name for variant in variants}) == len(variants)
    assert Variant(WAYS["true_false"], "b:c").name == "true_false:b:c"


def test_unknown_names() -> None:
    assert list(unknown_variants("default")) == []
    assert list(unknown_variants(["question", "challenge"])) == []
    assert [name for name, _ in unknown_variants(["question", "quesion"])] == ["quesion"]
    [(name, known)] = unknown_variants("fast")
    assert (name, set(known)) == ("fast", {"default", "coannotating"})

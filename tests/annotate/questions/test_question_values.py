"""What the answers of each type may be, on made-up answers and on those written out."""

from __future__ import annotations

import itertools
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from annotate.errors import InvalidValue
from annotate.questions import QUESTION_TYPES, QuestionSettings, accept, brief, still_offered
from annotate.questions.labels import Label
from annotate.questions.multi_label import MultiLabel, MultiLabelSettings
from annotate.questions.preference import Preference, PreferenceSettings
from annotate.questions.ranking import Ranking, RankingSettings
from annotate.questions.rating import AspectSettings, RatingScale, RatingSettings, ScaleSettings
from annotate.questions.spans import Spans, SpansSettings
from annotate.questions.text import Text, TextSettings
from annotate.store.rows import to_json

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.floats(allow_nan=False) | st.text(),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(
                ["verdict", "text", "choice", "strength", "start", "end", "label", "x"]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=8,
)


@given(value=JSON)
def test_whatever_comes_is_a_value_or_is_refused(value: object) -> None:
    for _, kind in QUESTION_TYPES.items():
        settings = kind.example()[0]
        try:
            parsed = kind.parse(settings, value)
        except InvalidValue:
            continue
        again = json.loads(to_json(parsed))
        assert kind.parse(settings, again) == parsed
        assert kind.distance(settings, parsed, again) == 0


def refused(settings: QuestionSettings, value: object) -> str:
    with pytest.raises(InvalidValue) as caught:
        QUESTION_TYPES[settings.type].parse(settings, value)
    return caught.value.rule


def labels(*names: str) -> tuple[Label, ...]:
    return tuple(Label(name=name) for name in names)


# ---- multi_label


def topics(**keys: Any) -> MultiLabelSettings:
    return MultiLabelSettings(name="q", text="?", labels=labels("a", "b", "c", "d"), **keys)


@given(st.sets(st.sampled_from("abcd"), min_size=1).flatmap(lambda s: st.permutations(sorted(s))))
def test_several_labels_come_in_the_order_of_the_project(given_: list[str]) -> None:
    assert MultiLabel().parse(topics(), given_) == sorted(given_)


def test_how_many_labels() -> None:
    assert MultiLabel().parse(topics(min=0), []) == []
    assert refused(topics(), []) == "not 1 to 4 labels but 0"
    assert refused(topics(min=2, max=3), ["a"]) == "not 2 to 3 labels but 1"
    assert refused(topics(max=1), ["a", "b"]) == "not 1 to 1 labels but 2"
    assert refused(topics(), ["a", "e"]) == "not a list of labels: 'e' is not one of a, b, c, d"
    assert refused(topics(), ["a", "a"]) == "a list with 'a' twice"


@pytest.mark.parametrize(
    ("one", "other", "distance"),
    [
        ("ab", "ab", 0.0),
        ("", "", 0.0),
        ("a", "b", 1.0),
        ("", "a", 1.0),
        ("a", "ab", 1 - 1 / 2 * 2 / 3),
        ("abc", "ab", 1 - 2 / 3 * 2 / 3),
        ("ab", "bc", 1 - 1 / 3 * 1 / 3),
    ],
)
def test_masi(one: str, other: str, distance: float) -> None:
    found = MultiLabel().distance(topics(), list(one), list(other))
    assert found == pytest.approx(distance)


# ---- rating


def test_one_number_without_aspects() -> None:
    settings = RatingSettings(name="q", text="?")
    assert [RatingScale().parse(settings, n) for n in (1, 5)] == [1, 5]
    assert refused(settings, 6) == "not within 1 to 5"
    assert refused(settings, True) == "no whole number from 1 to 5"
    assert refused(settings, {"q": 3}) == "no whole number from 1 to 5"
    assert RatingScale().distance(settings, 2, 5) == 0.75


def test_aspects_are_all_rated_in_their_order() -> None:
    aspects = tuple(AspectSettings(name=name, text=name) for name in ("z", "a"))
    scale = ScaleSettings(min=-2, max=2)
    settings = RatingSettings(name="q", text="?", aspects=aspects, scale=scale)
    parsed = RatingScale().parse(settings, {"a": -2, "z": 2})
    assert parsed == {"z": 2, "a": -2}
    assert list(parsed) == ["z", "a"]
    assert refused(settings, {"a": 1}) == "without a number for z"
    assert refused(settings, {"a": 1, "z": 1, "y": 1}) == "not only about z, a"
    assert RatingScale().distance(settings, {"z": 2, "a": -2}, {"z": 1, "a": 0}) == 0.375


# ---- preference with strength


def strong(levels: int = 3) -> PreferenceSettings:
    return PreferenceSettings(name="q", text="?", prompt="p", responses=("x", "y"), strength=levels)


def test_a_choice_with_its_strength() -> None:
    kind, settings = Preference(), strong()
    for good in (
        {"choice": "a", "strength": 1},
        {"choice": "b", "strength": 3},
        {"choice": "tie"},
    ):
        assert kind.parse(settings, good) == good
    refused_: tuple[object, ...] = (
        "a", None, {"choice": "c", "strength": 1}, {"choice": "a"}, {"choice": "a", "strength": 4},
        {"choice": "a", "strength": 0}, {"choice": "a", "strength": True}, {"strength": 1},
        {"choice": "tie", "strength": 1}, {"choice": "a", "strength": 1, "why": "x"},
        {"choice": ["a"], "strength": 1},
    )  # fmt: skip
    for value in refused_:
        with pytest.raises(InvalidValue):
            kind.parse(settings, value)
    assert kind.classes(settings) == ()
    assert settings.field_of({"choice": "b", "strength": 2}) == "y"
    with pytest.raises(InvalidValue):
        kind.parse(PreferenceSettings(name="q", text="?", prompt="p", responses=("x", "y")),
                   {"choice": "a", "strength": 1})  # fmt: skip


def test_a_weak_preference_is_nearer_to_a_tie() -> None:
    kind, settings = Preference(), strong(4)

    def value(choice: str, strength: int) -> dict[str, Any]:
        return {"choice": choice, "strength": strength} if strength else {"choice": choice}

    strong_a, weak_a, tie = value("a", 4), value("a", 1), value("tie", 0)
    strong_b = value("b", 4)
    assert kind.distance(settings, strong_a, strong_b) == 1.0
    assert kind.distance(settings, strong_a, weak_a) == 0.375
    assert kind.distance(settings, weak_a, tie) == 0.125
    assert kind.distance(settings, weak_a, strong_b) == 0.625


# ---- ranking


def test_rankings() -> None:
    settings = RankingSettings(name="q", text="?", responses=("x", "y", "z", "w"))
    for order in itertools.permutations("abcd"):
        assert Ranking().parse(settings, list(order)) == list(order)
    assert refused(settings, list("abc")) == "not each of a, b, c, d exactly once, best first"
    assert refused(settings, "abcd") == "not a list of letters, best first"


@pytest.mark.parametrize(
    ("one", "other", "distance"),
    [("abcd", "abcd", 0.0), ("abcd", "dcba", 1.0), ("abcd", "bacd", 1 / 6), ("abcd", "dabc", 0.5)],
)
def test_kendalls_tau(one: str, other: str, distance: float) -> None:
    settings = RankingSettings(name="q", text="?", responses=("x", "y", "z", "w"))
    found = Ranking().distance(settings, list(one), list(other))
    assert found == pytest.approx(distance)


# ---- text


FIELDS = {"reply": "The sun is cold.\r\nAlways."}
EDITED = TextSettings(name="q", text="?", draft="reply")
OF_MODEL = TextSettings(name="q", text="?", draft="model")


def said(verdict: str, text: str) -> dict[str, str]:
    return {"verdict": verdict, "text": text}


@pytest.mark.parametrize(
    ("settings", "value", "draft"),
    [
        (EDITED, said("accept", "The sun is cold.\r\nAlways."), None),
        (EDITED, said("accept", "The sun is cold.\nAlways."), None),
        (EDITED, said("fix", "The sun is hot."), None),
        (EDITED, said("reject", ""), None),
        (OF_MODEL, said("accept", "42"), "42"),
        (OF_MODEL, said("fix", "43"), "42"),
        (OF_MODEL, said("write", "43"), None),
        (OF_MODEL, said("write", "43"), " \n"),
        (TextSettings(name="q", text="?"), said("write", "x"), None),
    ],
)
def test_texts_that_fit_their_draft(
    settings: TextSettings, value: dict[str, str], draft: str | None
) -> None:
    assert accept(settings, value, FIELDS, draft=draft) == value


@pytest.mark.parametrize(
    ("settings", "value", "draft", "rule"),
    [
        (EDITED, said("accept", "The sun is hot."), None,
         "accepted, but differs from the draft: fix it instead"),
        (EDITED, said("fix", "The sun is cold.\nAlways."), None,
         "fixed, but is the draft unchanged: accept it instead"),
        (EDITED, said("write", "New."), None,
         "written anew, but there is a draft: accept, fix or reject it"),
        (OF_MODEL, said("reject", ""), None, "about a draft, but there is none: write"),
        (OF_MODEL, said("accept", "42"), None, "about a draft, but there is none: write"),
        (TextSettings(name="q", text="?", draft="gone"), said("fix", "x"), None,
         "about a draft, but there is none: write"),
    ],
)  # fmt: skip
def test_texts_that_do_not_fit(
    settings: TextSettings, value: dict[str, str], draft: str | None, rule: str
) -> None:
    with pytest.raises(InvalidValue) as caught:
        accept(settings, value, FIELDS, draft=draft)
    assert caught.value.rule == rule


def test_what_a_text_may_be() -> None:
    short = TextSettings(name="q", text="?", draft="reply", max=5)
    assert Text().parse(short, said("accept", "longer than five")) is not None
    assert refused(short, said("fix", "longer")) == "longer than 5 characters"
    assert refused(short, said("fix", " ")) == "without a text: write one, or reject the draft"
    assert refused(short, said("reject", "no")) == "rejected, but has a text"
    assert refused(short, said("fix", "\ud83d")) == "without a text that can be stored"
    without = TextSettings(name="q", text="?")
    rule = "not allowed: its verdict is none of write"
    assert [refused(without, said(v, "x")) for v in ("accept", "fix", "reject")] == [rule] * 3


@pytest.mark.parametrize(
    ("one", "other", "distance"),
    [
        (said("accept", "kitten"), said("fix", "sitting"), 3 / 7),
        (said("write", "好的"), said("write", "好吧"), 0.5),
        (said("reject", ""), said("reject", ""), 0.0),
        (said("reject", ""), said("accept", "kitten"), 1.0),
    ],
)
def test_how_far_texts_are_apart(
    one: dict[str, str], other: dict[str, str], distance: float
) -> None:
    assert Text().distance(EDITED, one, other) == pytest.approx(distance)


# ---- spans


NAMES = SpansSettings(name="q", text="?", field="text", labels=labels("person", "place"))
APART = SpansSettings(name="q", text="?", field="text", labels=labels("x", "y"), overlap=False)


def span(start: int, end: int, label: str = "person") -> dict[str, Any]:
    return {"start": start, "end": end, "label": label}


WORDS = ("Ada", "👩🏽‍💻", "é", "e\u0301", "שלום", "标注", "\u202eabc", "🇩🇪", "\t", "x" * 40)


@given(
    before=st.lists(st.sampled_from(WORDS)).map("".join),
    marked=st.lists(st.sampled_from(WORDS), min_size=1).map("".join),
    after=st.lists(st.sampled_from(WORDS)).map("".join),
)
def test_offsets_are_those_of_python(before: str, marked: str, after: str) -> None:
    text = before + marked + after
    value = [span(len(before), len(before) + len(marked))]
    (found,) = accept(NAMES, value, {"text": text})
    assert text[found["start"] : found["end"]] == marked
    assert accept(NAMES, [span(0, len(text))], {"text": text}) == [span(0, len(text))]
    with pytest.raises(InvalidValue, match="beyond field text"):
        accept(NAMES, [span(len(text) - 1, len(text) + 1)], {"text": text})


SPANS = st.lists(
    st.tuples(st.integers(0, 20), st.integers(1, 5), st.sampled_from(["x", "y"])).map(
        lambda t: span(t[0], t[0] + t[1], t[2])
    ),
    max_size=6,
    unique_by=lambda s: (s["start"], s["end"], s["label"]),
)


@given(SPANS)
def test_spans_are_sorted_and_overlaps_refused_where_ruled_out(spans: list[dict[str, Any]]) -> None:
    shared = any(
        one["start"] < other["end"] and other["start"] < one["end"]
        for one, other in itertools.combinations(spans, 2)
    )
    free = APART.model_copy(update={"overlap": True})
    ordered = sorted(spans, key=lambda s: (s["start"], s["end"], s["label"]))
    assert Spans().parse(free, spans) == ordered
    if shared:
        assert "overlapping" in refused(APART, spans)
    else:
        assert Spans().parse(APART, spans) == ordered


def test_a_span_stands_once() -> None:
    assert refused(NAMES, [span(0, 3), span(4, 5), span(0, 3)]) == f"a list with {span(0, 3)} twice"
    assert Spans().parse(NAMES, [span(0, 3), span(0, 3, "place")]) is not None


@pytest.mark.parametrize(
    ("one", "other", "distance"),
    [
        ([], [], 0.0),
        ([], [span(0, 1)], 1.0),
        ([span(0, 1)], [span(0, 1)], 0.0),
        ([span(0, 1)], [span(0, 1, "place")], 1.0),
        ([span(0, 1), span(2, 3)], [span(0, 1)], 1 - 2 / 3),
    ],
)
def test_how_far_spans_are_apart(
    one: list[dict[str, Any]], other: list[dict[str, Any]], distance: float
) -> None:
    assert Spans().distance(NAMES, one, other) == pytest.approx(distance)


# ---- all of them


def test_values_that_the_question_no_longer_offers() -> None:
    stored = [["a"], ["d", "a"], ["e"], "a", None]
    assert still_offered(topics(), stored) == [["a"], ["a", "d"]]


def test_values_as_short_texts() -> None:
    assert [brief(value) for value in ("spam", 3, ["a", "标"], {"choice": "tie"})] == [
        "spam", "3", '["a", "标"]', '{"choice": "tie"}',
    ]  # fmt: skip


@pytest.mark.parametrize("key", ["min", "max"])
@pytest.mark.parametrize("number", [True, 1.5, "2"])
def test_limits_are_whole_numbers(key: str, number: object) -> None:
    with pytest.raises(ValidationError):
        topics(**{key: number})

"""Replies to questions without classes: what is understood, and that nothing else is."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotate.llm.prompts import Example
from annotate.llm.spoken import SPOKEN
from annotate.llm.spoken.protocol import Asking
from annotate.questions import QUESTION_TYPES
from tests.annotate.llm.prompts.speaking import (
    ASPECTS,
    COMPARED,
    OPEN,
    call,
    labels,
    project_of,
    question,
    said,
)
from tests.annotate.support.asking import make_item


@pytest.mark.parametrize(
    ("reply", "value"),
    [
        ("price", ["price"]),
        ("Price, SERVICE", ["price", "service"]),
        ("- taste\n- price\n", ["price", "taste"]),
        ("1. taste\n2. service", ["taste", "service"]),
        ("`price`; “taste”", ["price", "taste"]),
        ("price、taste，service", ["price", "taste", "service"]),
        ('["taste", "price"]', ["price", "taste"]),
        ('{"answer": ["taste"], "confidence": 0.5}', ["taste"]),
        ('```json\n["taste"]\n```', ["taste"]),
        ("<think>price?</think>taste, price,", ["price", "taste"]),
        ("none", "abstained: the reply names no answer"),
        ("[]", "abstained: the reply names no answer"),
        ("not price", "invalid: 'not price' is no label of the question"),
        ("price and taste", "invalid: 'price and taste' is no label of the question"),
        ("price, price", "invalid: the answer is a list with 'price' twice"),
        ("price, eggs", "invalid: 'eggs' is no label of the question"),
        ('{"price": true}', "invalid: {'price': True} is no list of labels"),
        ('["price", 3]', "invalid: 3 is no label of the question"),
        ("", "invalid: the reply is empty"),
    ],
)
def test_several_labels(reply: str, value: Any) -> None:
    assert said("multi_label", reply) == value


def test_none_of_the_labels() -> None:
    assert said("multi_label", "None.", min=0) == []
    assert said("multi_label", "无", min=0, language="zh") == []
    assert said("multi_label", '{"answer": []}', min=0) == []
    assert said("multi_label", "none", labels=labels("none", "other")) == ["none"]


def test_names_may_hold_what_parts_them() -> None:
    named = labels("price, high", "price", "taste")
    assert said("multi_label", "price, high, taste", labels=named) == ["price, high", "taste"]
    assert said("multi_label", "price, taste", labels=named) == ["price", "taste"]


def test_a_claim_about_one_label() -> None:
    assert said("multi_label", "True", way="true_false") == {"price": True}
    assert said("multi_label", "no.", way="true_false") == {"price": False}
    assert said("multi_label", "true", way="true_false_negated") == {"price": False}
    assert said("multi_label", "错", way="true_false", language="zh") == {"price": False}
    assert said("multi_label", '{"answer": "false"}', way="true_false") == {"price": False}
    wrong = "invalid: 'price' is neither yes nor no"
    assert said("multi_label", "price", way="true_false") == wrong


@pytest.mark.parametrize(
    ("reply", "value"),
    [
        ("4", 4),
        ("**4**.", 4),
        ("Rating: 4", 4),
        ("评分：4", 4),
        ("4/5", 4),
        ("4 out of 5", 4),
        ("5\nconfidence: 0.9", 5),
        ('{"answer": 3, "confidence": 0.2}', 3),
        ('{"answer": "3"}', 3),
        ("4/10", "invalid: '4/10' is no whole number of the scale"),
        ("3.5", "invalid: '3.5' is no whole number of the scale"),
        ("four", "invalid: 'four' is no whole number of the scale"),
        ("6", "invalid: the answer is not within 1 to 5"),
        ("-1", "invalid: the answer is not within 1 to 5"),
        ('{"answer": true}', "invalid: True is no whole number of the scale"),
        ('{"answer": 3.0}', "invalid: 3.0 is no whole number of the scale"),
        ('{"answer": NaN}', "invalid: '{\"answer\": NaN}' is no whole number of the scale"),
    ],
)
def test_ratings(reply: str, value: Any) -> None:
    assert said("rating", reply) == value


@pytest.mark.parametrize(
    ("reply", "value"),
    [
        ("tone: 4\n事实: 2", {"tone": 4, "事实": 2}),
        ("- **Tone**: 4/5\n- 事实：2", {"tone": 4, "事实": 2}),
        ("事实: 2, tone: 1\nconfidence: 80%", {"tone": 1, "事实": 2}),
        ('{"tone": 4, "事实": 2}', {"tone": 4, "事实": 2}),
        ('{"answer": {"Tone": 4, "事实": 2}}', {"tone": 4, "事实": 2}),
        ("tone: 4", "invalid: the answer is without a number for 事实"),
        ("tone: 4\ntone: 4\n事实: 2", "invalid: 'tone' is rated twice"),
        ("tone: 4\nstyle: 2\n事实: 2", "invalid: 'style' is no aspect of the question"),
        ("tone 4", "invalid: 'tone 4' is not `aspect: number`"),
        ('{"tone": 4, "tone": 5}', "invalid: a key of the JSON object stands twice"),
    ],
)
def test_ratings_of_aspects(reply: str, value: Any) -> None:
    assert said("rating", reply, aspects=ASPECTS) == value


@pytest.mark.parametrize(
    ("reply", "value"),
    [
        ("B > A > C", ["b", "a", "c"]),
        ("B＞A＞C。", ["b", "a", "c"]),
        ("Ranking: C > B > A\nconfidence: .5", ["c", "b", "a"]),
        ("1. Response C\n2. Response A\n3. Response B", ["c", "a", "b"]),
        ('["C", "A", "B"]', ["c", "a", "b"]),
        ('{"answer": ["C", "A", "B"]}', ["c", "a", "b"]),
        ("B > A", "invalid: the answer is not each of a, b, c exactly once, best first"),
        ("B > A > A", "invalid: the answer is not each of a, b, c exactly once, best first"),
        ("B = A > C", "invalid: 'B = A' is none of the responses"),
        ("BAC", "invalid: 'BAC' is none of the responses"),
    ],
)
def test_rankings(reply: str, value: Any) -> None:
    assert said("ranking", reply) == value


def test_letters_stand_for_what_is_shown_under_them() -> None:
    assert said("ranking", "A > B > C", way="text_first") == ["c", "b", "a"]
    assert said("preference", "A 2", way="text_first") == {"choice": "c", "strength": 2}


@pytest.mark.parametrize(
    ("reply", "value"),
    [
        ("A 2", {"choice": "a", "strength": 2}),
        ("b, 3", {"choice": "b", "strength": 3}),
        ("Response B (strength 1)", {"choice": "b", "strength": 1}),
        ("A 2。\n置信度：0.5", {"choice": "a", "strength": 2}),
        ("Tie", {"choice": "tie"}),
        ('{"answer": {"choice": "A", "strength": 2}}', {"choice": "a", "strength": 2}),
        ('{"answer": {"choice": "Tie", "strength": 0}}', {"choice": "tie"}),
        ("A", "invalid: 'A' says no strength"),
        ("A 4", "invalid: the answer is without a strength from 1 to 3"),
        ("D 2", "invalid: 'D 2' is not a response and its strength"),
        ('{"answer": {"choice": "A"}}', "invalid: the answer is without a strength from 1 to 3"),
        ("Tie 2", "invalid: the answer is a tie with more than its choice"),
    ],
)
def test_preferences_with_a_strength(reply: str, value: Any) -> None:
    assert said("preference", reply) == value


def test_a_tie_that_is_not_offered() -> None:
    assert said("preference", "Tie", tie=False) == (
        "invalid: 'Tie' is not a response and its strength"
    )


def test_texts_are_taken_as_they_are() -> None:
    written = {"verdict": "write", "text": '{"answer": "not unpacked"}\nconfidence: 0.9'}
    assert said("text", ' {"answer": "not unpacked"}\nconfidence: 0.9\n') == written
    unpacked = {"verdict": "write", "text": "标签"}
    assert said("text", '{"answer": "标签", "confidence": 1}', structured=True) == unpacked
    assert said("text", "abcd", max=3) == "invalid: the answer is longer than 3 characters"


def test_a_draft_is_accepted_or_fixed() -> None:
    own = {"draft": "reply", "draft_text": "All good.\r\nBye "}
    assert said("text", "All good.\nBye", **own) == {
        "verdict": "accept",
        "text": "All good.\r\nBye ",
    }
    assert said("text", "All bad.", **own) == {"verdict": "fix", "text": "All bad."}
    assert said("text", "New.", draft="reply", draft_text=" ") == {
        "verdict": "write",
        "text": "New.",
    }


PERSON = {"label": "person"}


@pytest.mark.parametrize(
    ("reply", "value"),
    [
        ([], []),
        ([{"text": "Bob"} | PERSON], [(8, 11, "person")]),
        ([{"text": "Rome", "label": "PLACE"}, {"text": "Bob"} | PERSON], [
            (8, 11, "person"), (15, 19, "place"),
        ]),
        ([{"text": "Ada", "occurrence": 2} | PERSON], [(21, 24, "person")]),
        ([{"text": "Bob", "occurrence": 1} | PERSON], [(8, 11, "person")]),
        ([{"text": "Ada"} | PERSON], "'Ada' stands 2 times in the text: say which with"),
        ([{"text": "Ada", "occurrence": 3} | PERSON], "'Ada' has no occurrence 3: there are 2"),
        ([{"text": "ada"} | PERSON], "'ada' does not stand in the text, word for word"),
        ([{"text": "Bob", "label": "animal"}], "'animal' is no label of the question"),
        ([{"text": " "} | PERSON], "' ' is no passage"),
        ([{"start": 0, "end": 3} | PERSON], "is not {\"text\": ..., \"label\": ...}"),
        ([{"text": "Bob", "occurrence": True} | PERSON], "True is no occurrence: 1 is the first"),
        ([{"text": "Bob"} | PERSON] * 2, "the answer is"),
        ({"text": "Bob"} | PERSON, "is no JSON list of passages"),
    ],
)  # fmt: skip
def test_spans_are_found_where_they_are_quoted(reply: Any, value: Any) -> None:
    found = said("spans", json.dumps(reply))
    if isinstance(value, str):
        assert value in found
        assert found.startswith("invalid: ")
    else:
        assert found == [{"start": a, "end": b, "label": label} for a, b, label in value]
    structured = said("spans", json.dumps({"answer": reply, "confidence": 1}), structured=True)
    assert structured == found


def test_offsets_count_code_points() -> None:
    text = "👩‍👩‍👧 Zoë met 李明 in 🇩🇪."
    reply = json.dumps([{"text": "Zoë"} | PERSON, {"text": "李明"} | PERSON], ensure_ascii=False)
    found = said("spans", reply + "\nconfidence: 0.7", text=text)
    assert [text[span["start"] : span["end"]] for span in found] == ["Zoë", "李明"]
    assert found[0] == {"start": 6, "end": 9, "label": "person"}


def test_overlapping_spans_are_refused_where_they_may_not_be() -> None:
    reply = json.dumps([{"text": "Bob in Rome"} | PERSON, {"text": "Rome", "label": "place"}])
    assert said("spans", reply, overlap=False).startswith("invalid: the answer is")
    assert len(said("spans", reply)) == 2


def test_confidence_is_read_beside_the_answer() -> None:
    assert call("rating").read("4\nconfidence: 0.8").confidence == 0.8
    assert call("spans").read("[]\n置信度：0.25").confidence == 0.25
    assert call("ranking").read('{"answer": "A > B > C", "confidence": "70%"}').confidence == 0.7
    assert call("rating").read("4").confidence is None
    assert call("text").read("good\nconfidence: 0.8").confidence is None


@given(reply=st.text(max_size=60), kind=st.sampled_from(OPEN), structured=st.booleans())
def test_whatever_is_read_can_be_stored(reply: str, kind: str, structured: bool) -> None:
    asked = call(kind, structured=structured)
    reading = asked.read(reply)
    assert reading.outcome in ("parsed", "invalid", "abstained")
    if reading.outcome == "parsed":
        settings = question(kind)
        parsed = QUESTION_TYPES[settings.type].parse(settings, reading.value)
        assert parsed == reading.value


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["text", "label", "occurrence", "choice", "strength", "answer", "tone"]
            ),
            inner,
            max_size=3,
        )
    ),
    max_leaves=8,
)


@given(reply=_JSON, kind=st.sampled_from(OPEN), structured=st.booleans())
def test_any_json_comes_to_a_typed_end(reply: object, kind: str, structured: bool) -> None:
    asked = call(kind, structured=structured)
    for text in (json.dumps(reply), json.dumps({"answer": reply})):
        assert asked.read(text).outcome in ("parsed", "invalid", "abstained")


@pytest.mark.parametrize("kind", OPEN)
def test_hostile_replies_end_soon(kind: str) -> None:
    asked = call(kind)
    for reply in (
        "[" * 5_000, '{"answer": ' * 1_000, "," * 9_000, "price," * 1_500, "> " * 900, "A" * 9_000,
        "9" * 5_000, '{"answer": ' + "9" * 5_000 + "}", "<think>never ends", "\u202eprice",
        "tone:" * 900, "(" * 1_900, "**" * 900, "price\x00",
    ):  # fmt: skip
        outcome = asked.read(reply).outcome
        assert outcome == ("parsed" if kind == "text" and "think" not in reply else "invalid")


@pytest.mark.parametrize("kind", OPEN)
@pytest.mark.parametrize("language", ["en", "zh"])
def test_what_is_written_is_read_back(kind: str, language: str) -> None:
    kinds = {
        "multi_label": [["price"], ["price", "service"]],
        "preference": [{"choice": "c", "strength": 1}, {"choice": "tie"}],
        "ranking": [["b", "c", "a"]],
        "rating": [1, 5],
        "spans": [[], [{"start": 21, "end": 24, "label": "person"}]],
        "text": [{"verdict": "write", "text": "two\nlines"}],
    }
    for way in SPOKEN[kind].default:
        for value in kinds[kind]:
            asked = call(kind, way=way, language=language)
            assert isinstance(asked.spoken, Asking)
            written = SPOKEN[kind].written(asked.spoken, value)
            assert asked.read(written).value == value


@pytest.mark.parametrize("kind", OPEN)
@pytest.mark.parametrize("language", ["en", "zh"])
def test_examples_stand_in_the_prompt_as_they_are_to_be_answered(kind: str, language: str) -> None:
    values: dict[str, Any] = {
        "multi_label": (["taste", "service"], {"en": "taste, service", "zh": "taste、service"}),
        "preference": ({"choice": "b", "strength": 3}, {"en": "B 3", "zh": "B 3"}),
        "ranking": (["c", "a", "b"], {"en": "C > A > B", "zh": "C > A > B"}),
        "rating": (4, {"en": "-> 4", "zh": "-> 4"}),
        "spans": (
            [{"start": 0, "end": 2, "label": "place"}],
            dict.fromkeys(("en", "zh"), '[{"text": "In", "label": "place"}]'),
        ),
        "text": ({"verdict": "write", "text": "Short."}, {"en": "Short.", "zh": "Short."}),
    }
    value, shown = values[kind]
    fields = project_of(question(kind)).fields
    other = make_item(7, **{name: COMPARED.get(name, "In Rome") for name in fields})
    asked = call(kind, language=language, examples=(Example(other, value),))
    assert shown[language] in asked.prompt.messages[1].content
    rejected = Example(other, {"verdict": "reject", "text": ""})
    if kind == "text":
        without = call(kind, language=language, examples=(rejected,))
        assert without.prompt == call(kind, language=language).prompt


def test_long_replies_about_long_texts_end_soon() -> None:
    long = "a" * 300_000
    asked = call("spans", text=long)
    one = {"text": "a", "occurrence": 299_999} | PERSON
    for reply, reason in (
        (json.dumps([one] * 1_500), "'a' stands more than 10,000 times in the text"),
        (json.dumps([one] * 3_000), "the reply lists 3,000 passages"),
        ("[" + "\n" * 150_000 + "x", "is no JSON list of passages"),
        ("[" + "\nconfidence: 1" * 10_000 + "x", "is no JSON list of passages"),
    ):
        reading = asked.read(reply)
        assert reading.outcome == "invalid"
        assert reason in (reading.reason or "")

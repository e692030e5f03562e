"""Class probabilities from token log-probabilities: never more than the tokens tell."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from annotate.llm.label_chances import (
    MOST_UNRESOLVED,
    UNKNOWN,
    Chances,
    label_chances,
    masses,
)
from annotate.llm.prompts import Asked, ask
from annotate.llm.providers.protocol import Token
from annotate.llm.replies import read
from annotate.llm.variants import WAYS, Variant
from annotate.questions import QUESTION_TYPES
from tests.annotate.llm.replies.toy_model import Toy, toy
from tests.annotate.support.asking import comparing, labelling, make_item, options


def asked_for(
    labels: Sequence[str], way: str = "instruction", about: str | None = None, language: str = "en"
) -> Asked:
    project, question = labelling(dict.fromkeys(labels, ""), language=language)
    variant = Variant(WAYS[way], about)
    return ask(project, question, make_item(text="x"), variant, first_answer=labels[0])


def chances(
    labels: Sequence[str], asked: Asked, model: Toy, reply: Sequence[str], told: int = 20
) -> Chances:
    text = "".join(reply)
    value = read(text, asked.words).value
    assert value is not None
    return label_chances(text, model.tokens(reply, told), asked, value)


def check(found: Chances, probabilities: Mapping[str, float], mass: float) -> None:
    assert found.probabilities is not None
    assert list(found.probabilities) == list(probabilities)  # the order of the classes
    assert found.probabilities == pytest.approx(probabilities)
    assert found.label_mass == pytest.approx(mass)


# ---- exactly


LABELS = ("spam", "ham", "other")


def test_whole_labels() -> None:
    model = toy({("spam", "\n"): 6, ("ham", "\n"): 3, ("I", " think"): 1})
    found = chances(LABELS, asked_for(LABELS), model, ("spam", "\n"))
    check(found, {"spam": 2 / 3, "ham": 1 / 3, "other": 0.0}, 0.9)


def test_spellings_of_a_label_add_up() -> None:
    model = toy({("spam",): 4, (" Spam",): 2, ('"SP', "AM"): 1, ("ham", "."): 2, ("H", "am"): 1})
    found = chances(LABELS, asked_for(LABELS), model, ("ham", "."))
    check(found, {"spam": 0.7, "ham": 0.3, "other": 0.0}, 1.0)


def test_labels_of_several_tokens_with_one_beginning() -> None:
    labels = ("refund request", "refund status", "delivery")
    model = toy(
        {
            ("ref", "und", " request", "\n"): 5,
            ("ref", "und", " status", "\n"): 3,
            ("del", "ivery", "\n"): 2,
        }
    )
    expected = {"refund request": 0.5, "refund status": 0.3, "delivery": 0.2}
    asked = asked_for(labels)
    check(chances(labels, asked, model, ("ref", "und", " request", "\n")), expected, 1.0)
    # along the other reply, "ref" (8 of 10) could have become either
    aside = chances(labels, asked, model, ("del", "ivery", "\n"))
    assert aside.probabilities is None
    assert aside.label_mass == pytest.approx(0.2)


def test_a_label_that_another_begins_with() -> None:
    labels = ("spam", "spam list", "ham")
    sure = ("spam", "\n", "confidence: 1")
    model = toy({sure: 6, ("spam", " list", "\n"): 3, ("ham", "\n"): 1})
    asked = asked_for(labels)
    expected = {"spam": 0.6, "spam list": 0.3, "ham": 0.1}
    check(chances(labels, asked, model, sure), expected, 1.0)
    check(chances(labels, asked, model, ("spam", " list", "\n")), expected, 1.0)


def test_how_likely_the_end_of_a_reply_was_is_not_told() -> None:
    labels = ("spam", "spam list")
    model = toy({("spam",): 1, ("spam", " list"): 1})
    assert chances(labels, asked_for(labels), model, ("spam",)) == UNKNOWN
    found = chances(labels, asked_for(labels), model, ("spam", " list"))
    check(found, {"spam": 0.5, "spam list": 0.5}, 1.0)
    ended = (*model.tokens(("spam",), 5), Token("", math.log(0.75), ((" list", math.log(0.25)),)))
    found = label_chances("spam", ended, asked_for(labels), "spam")
    check(found, {"spam": 0.75, "spam list": 0.25}, 1.0)


def test_chinese_labels() -> None:
    labels = ("垃圾邮件", "垃圾短信", "正常")
    model = toy({("垃圾", "邮件", "\n"): 5, ("垃圾", "短", "信", "\n"): 2, ("正常", "\n"): 3})
    asked = asked_for(labels, language="zh")
    found = chances(labels, asked, model, ("垃圾", "邮件", "\n"))
    check(found, {"垃圾邮件": 0.5, "垃圾短信": 0.2, "正常": 0.3}, 1.0)


def test_half_characters_may_become_any() -> None:
    labels = ("正确", "错误")
    for half in ("\ufffd", "\udce6"):  # replaced, or kept as a surrogate
        tokens = (Token("正确", math.log(0.6), (("正确", math.log(0.6)), (half, math.log(0.4)))),)
        found = masses("正确", tokens, asked_for(labels))
        assert found is not None
        assert found.by_value == pytest.approx({"正确": 0.6})
        assert found.unresolved == pytest.approx(0.4)
    tokens = (Token("yes", math.log(0.6), (("yes", math.log(0.6)), ("\ufffd", math.log(0.4)))),)
    found = masses("yes", tokens, asked_for(("yes", "no")))
    assert found is not None
    assert found.other == pytest.approx(0.4)  # no label has such a character


# ---- wrapped


@pytest.mark.parametrize(
    "opening",
    [
        (),
        (" ",),
        ('"',),
        ("**",),
        ("Label", ":", " "),
        ("The", " answer", " is", ": "),
        ("<think>", "spam? or ham?", "</think>", "\n\n"),
        ("```json", "\n", "{", '"label"', ': "'),
        ('{"', "label", '":"'),
        ('{"label', '": ', '"'),
        ("{", '"confidence": 0.25, ', '"label": '),
    ],
)
def test_what_stands_before_the_answer_is_given(opening: tuple[str, ...]) -> None:
    json_end = ('"}',) if any("{" in token for token in opening) else ("\n",)
    model = toy({(*opening, "spam", *json_end): 3, (*opening, "ham", *json_end): 1, ("ham",): 4})
    asked = asked_for(LABELS)
    reply = (*opening, "spam", *json_end)
    value = "spam"
    tokens = model.tokens(reply, 20)
    found = label_chances("".join(reply), tokens, asked, value)
    if opening:
        check(found, {"spam": 0.75, "ham": 0.25, "other": 0.0}, 1.0)
    else:
        check(found, {"spam": 3 / 8, "ham": 5 / 8, "other": 0.0}, 1.0)


def test_a_server_may_leave_thoughts_and_fences_out_of_the_text() -> None:
    reply = ("<think>", "ham ham", "</think>", "```json\n", '{"label": "', "spam", '"}', "\n```")
    other = (*reply[:5], "ham", '"}')
    tokens = toy({reply: 9, other: 1}).tokens(reply, 5)
    asked = asked_for(LABELS)
    found = label_chances('{"label": "spam"}', tokens, asked, "spam")
    check(found, {"spam": 0.9, "ham": 0.1, "other": 0.0}, 1.0)


def test_labels_as_json_writes_them() -> None:
    labels = ('say "yes"', "back\\slash")
    model = toy({('{"label": "', 'say \\"', 'yes\\"', '"}'): 3, ('{"label": "', "back", '"}'): 1})
    reply = ('{"label": "', 'say \\"', 'yes\\"', '"}')
    found = chances(labels, asked_for(labels), model, reply)
    check(found, {'say "yes"': 0.75, "back\\slash": 0.25}, 1.0)


def test_a_quote_that_belongs_to_a_label_tells_it_apart() -> None:
    labels = ("(other)", "spam")
    model = toy({("(", "other", ")", "\n"): 3, ("spam", "\n"): 1})
    found = chances(labels, asked_for(labels), model, ("(", "other", ")", "\n"))
    check(found, {"(other)": 0.75, "spam": 0.25}, 1.0)
    model = toy({("(other", ")", "\n"): 3, ("(", "spam", ")"): 4, ("spam", "\n"): 1})
    shown = masses("(other)\n", model.tokens(("(other", ")", "\n"), 20), asked_for(labels))
    assert shown is not None
    assert shown.by_value == pytest.approx({"(other)": 3 / 8, "spam": 1 / 8})
    assert shown.unresolved == pytest.approx(0.5)  # "(" opens either


# ---- letters, and yes or no


def test_a_letter_is_the_letter_whatever_the_labels_begin_with() -> None:
    labels = ("account", "billing", "delivery")
    asked = asked_for(labels, "multiple_choice")
    letter = {label: letter for letter, label in options(asked)}
    a, b, d = (letter[label] for label in labels)
    model = toy({(a, "\n"): 5, (b, "\n"): 3, (f" {d}", "\n"): 1, ("billing", "\n"): 1})
    found = chances(labels, asked, model, (a, "\n"))
    check(found, {"account": 0.5, "billing": 0.4, "delivery": 0.1}, 1.0)


def test_half_a_name_is_no_letter() -> None:
    labels = ("account", "billing", "delivery")
    asked = asked_for(labels, "multiple_choice")
    letter = {label: letter for letter, label in options(asked)}
    [(first, meant)] = [pair for pair in options(asked) if pair[0] == "B"]
    assert meant != "billing"
    model = toy({("B", "illing", "\n"): 6, (letter["account"], "\n"): 4})
    assert first == "B"
    assert chances(labels, asked, model, ("B", "illing", "\n")) == UNKNOWN


def test_numbers_for_letters() -> None:
    labels = tuple(f"label {at}" for at in range(27))
    asked = asked_for(labels, "multiple_choice")
    of_number = dict(options(asked))
    model = toy({("1", "\n"): 6, ("1", "2", "\n"): 3, ("7", "\n"): 1})
    found = chances(labels, asked, model, ("1", "\n"))
    expected = {of_number["1"]: 0.6, of_number["12"]: 0.3, of_number["7"]: 0.1}
    check(found, dict.fromkeys(labels, 0.0) | expected, 1.0)


def test_a_claim_about_one_of_two_labels() -> None:
    asked = asked_for(("spam", "ham"), "true_false", "spam")
    model = toy({("true",): 6, ("Yes",): 1, ("False",): 2, ("dis", "agree"): 1})
    check(chances(("spam", "ham"), asked, model, ("true",)), {"spam": 0.7, "ham": 0.3}, 1.0)
    negated = asked_for(("spam", "ham"), "true_false_negated", "spam")
    check(chances(("spam", "ham"), negated, model, ("true",)), {"spam": 0.3, "ham": 0.7}, 1.0)


def test_a_claim_about_one_of_three_labels_tells_no_probabilities() -> None:
    asked = asked_for(LABELS, "true_false", "spam")
    assert chances(LABELS, asked, toy({("true",): 6, ("false",): 4}), ("true",)) == UNKNOWN


def test_a_challenge_is_answered_with_no_or_another_label() -> None:
    asked = asked_for(LABELS, "challenge")
    model = toy({("no",): 5, ("spam",): 1, ("ham",): 3, ("other",): 1})
    check(chances(LABELS, asked, model, ("ham",)), {"spam": 0.6, "ham": 0.3, "other": 0.1}, 1.0)
    labels = ("normal", "spam")
    asked = ask(
        *labelling(dict.fromkeys(labels, "")), make_item(text="x"),
        Variant(WAYS["challenge"]), first_answer="spam",
    )  # fmt: skip
    model = toy({("no", "\n"): 5, ("no", "rmal", "\n"): 3, ("spam", "\n"): 2})
    check(chances(labels, asked, model, ("no", "\n")), {"normal": 0.3, "spam": 0.7}, 1.0)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_responses_that_changed_places(language: str) -> None:
    project, question = comparing(language=language)
    item = make_item(prompt="p", r0="x", r1="y")
    asked = ask(project, question, item, Variant(WAYS["text_first"]))
    tie = "平局" if language == "zh" else "Tie"
    model = toy({("A", "\n"): 6, ("B", "\n"): 2, (tie, "\n"): 1, ("Response", " B", "\n"): 1})
    classes = QUESTION_TYPES["preference"].classes(question)
    found = chances(classes, asked, model, ("A", "\n"))
    assert found.probabilities is None or language == "en"
    shown = masses("A\n", model.tokens(("A", "\n"), 20), asked)
    assert shown is not None
    assert shown.by_value == pytest.approx({"b": 0.6, "a": 0.2, "tie": 0.1})
    assert shown.unresolved == pytest.approx(0.1)  # "Response" of either


# ---- not enough is told


def test_what_is_not_told_may_be_anything() -> None:
    model = toy({("spam",): 85, ("ham",): 8, ("other",): 7})
    asked = asked_for(LABELS)
    two = chances(LABELS, asked, model, ("spam",), told=2)
    check(two, {"spam": 85 / 93, "ham": 8 / 93, "other": 0.0}, 0.93)
    one = chances(LABELS, asked, model, ("spam",), told=1)
    assert one.probabilities is None
    assert one.label_mass == pytest.approx(0.85)


def test_a_token_beside_the_likeliest_ones_counts_too() -> None:
    model = toy({("spam",): 60, ("ham",): 38, ("other",): 2})
    found = chances(LABELS, asked_for(LABELS), model, ("other",), told=2)
    check(found, {"spam": 0.6, "ham": 0.38, "other": 0.02}, 1.0)


def test_a_form_the_model_would_not_have_chosen_shows_in_the_mass() -> None:
    """Servers tell the probabilities before a schema rules tokens out."""
    tokens = (
        Token('{"label": "', -9.0, (("I", -0.1),)),
        Token("spam", math.log(1e-4), (("\n", math.log(0.9)),)),
        Token('"}', -0.1),
    )
    asked = asked_for(LABELS)
    found = label_chances('{"label": "spam"}', tokens, asked, "spam")
    assert found.probabilities is None
    assert found.label_mass == pytest.approx(1e-4)


def test_numbers_that_are_no_probabilities() -> None:
    asked = asked_for(LABELS)
    double = (Token("spam", -0.1, (("ham", -0.1),)),)
    assert label_chances("spam", double, asked, "spam") == UNKNOWN
    rounded = (Token("spam", 1e-9, (("spam", 1e-9), ("ham", -9999.0))),)
    found = label_chances("spam", rounded, asked, "spam")
    check(found, {"spam": 1.0, "ham": 0.0, "other": 0.0}, 1.0)


def test_tokens_of_another_text() -> None:
    asked = asked_for(LABELS)
    tokens = (Token("spam", -0.1),)
    for text in ("ham", "", " "):
        assert label_chances(text, tokens, asked, "ham") == UNKNOWN
    assert label_chances("spam", (), asked, "spam") == UNKNOWN
    # read as another value than the tokens lead to
    assert label_chances("spam", tokens, asked, "ham") == UNKNOWN


def test_two_tokens_that_read_alike() -> None:
    tokens = (Token("spam", math.log(0.5), (("spam", math.log(0.5)), ("spam", math.log(0.25)),
                                            ("ham", math.log(0.25)))),)  # fmt: skip
    found = label_chances("spam", tokens, asked_for(LABELS), "spam")
    check(found, {"spam": 0.75, "ham": 0.25, "other": 0.0}, 1.0)


# ---- against the truth

WRAPPED = [("", "\n"), ("", ""), (" ", "."), ('"', '"\n'), ("**", "**"), ("(", ")")]
IN_JSON = [('{"label": "', '"}'), ('{"label":"', '", "confidence": 0.5}'), ('{ "label": "', '" }')]


@st.composite
def models(draw: st.DrawFn) -> tuple[list[str], Toy, tuple[str, ...], int]:
    """Labels, a model that answers with them in many ways, one of its replies, and how many
    characters of that reply stand before its answer."""
    letters = draw(st.sampled_from(["ab", "abc", "ab ", "垃圾", "éßK"]))
    label = st.text(letters, min_size=1, max_size=5).filter(lambda text: text == text.strip())
    labels = draw(st.lists(label, min_size=2, max_size=4, unique_by=str.casefold))
    wrappings = draw(st.sampled_from([WRAPPED[:2], WRAPPED, IN_JSON, WRAPPED + IN_JSON]))
    replies: dict[tuple[str, ...], float] = {}
    before: dict[tuple[str, ...], int] = {}
    for _ in range(draw(st.integers(2, 8))):
        said = draw(st.sampled_from([*labels, *(one.upper() for one in labels), "zz", "no idea"]))
        opening, closing = draw(st.sampled_from(wrappings))
        text = opening + said + closing
        cuts = sorted(draw(st.sets(st.integers(1, max(1, len(text) - 1)), max_size=6)))
        ends = [*cuts, len(text)]
        reply = tuple(text[a:b] for a, b in zip([0, *cuts], ends, strict=True) if text[a:b])
        replies[reply] = replies.get(reply, 0.0) + draw(st.integers(1, 100))
        before[reply] = len(opening)
    spoken = draw(st.sampled_from(sorted(replies)))
    return labels, toy(replies), spoken, before[spoken]


@given(made=models(), told=st.integers(1, 8))
def test_no_probability_is_off_by_more_than_what_is_unresolved(
    made: tuple[list[str], Toy, tuple[str, ...], int], told: int
) -> None:
    labels, model, reply, opening = made
    asked = asked_for(labels)
    text = "".join(reply)
    value = read(text, asked.words).value
    tokens = model.tokens(reply, told)
    found = masses(text, tokens, asked)
    assert found is not None
    given_ = skipped(reply, opening)
    truth = {
        label: sum(
            probability
            for other, probability in model.replies.items()
            if other[: len(given_)] == given_ and read("".join(other), asked.words).value == label
        )
        / model.chance(given_)
        for label in labels
    }
    resolved = sum(found.by_value.values())
    assert resolved + found.other + found.unresolved == pytest.approx(1.0)
    for label in labels:
        least = found.by_value.get(label, 0.0)
        assert least - 1e-9 <= truth[label] <= least + found.unresolved + 1e-9
    assume(value is not None)
    got = label_chances(text, tokens, asked, value)
    if got.probabilities is None:
        return
    assert sum(got.probabilities.values()) == pytest.approx(1.0)
    error = found.unresolved / (resolved + found.unresolved)
    assert error <= MOST_UNRESOLVED
    whole = sum(truth.values())
    for label, probability in got.probabilities.items():
        assert probability == pytest.approx(truth[label] / whole, abs=error + 1e-9)


def skipped(reply: tuple[str, ...], opening: int) -> tuple[str, ...]:
    """The tokens that end before the answer does begin."""
    count = 0
    while sum(map(len, reply[: count + 1])) <= opening:
        count += 1
    return reply[:count]

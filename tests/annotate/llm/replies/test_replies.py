"""Replies: what is an answer and, above all, what is none."""

from __future__ import annotations

import json
import time

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from annotate.llm.replies import ABSTAIN, LONGEST_REPLY, Reading, forms, meanings, read

MAIL = ("spam", "not spam", "ham")
ODD = (
    "C",
    "C++",
    "[",
    "N/A",
    "Yes (partly)",
    "bug: ui",
    "etc.",
    '"quoted"',
    "high confidence",
    "None",
)
CHINESE = ("垃圾邮件", "正常", "不确定（需要人看）")


def value(text: str, labels: tuple[str, ...] = MAIL) -> object:
    return read(text, dict(zip(labels, labels, strict=True))).value


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("spam", "spam"),
        ("  Spam\n", "spam"),
        ("SPAM.", "spam"),
        ('"spam".', "spam"),
        ('"spam."', "spam"),
        ("**spam**", "spam"),
        ("`spam`", "spam"),
        ("(spam)", "spam"),
        ("[spam]", "spam"),
        ('["spam"]', "spam"),
        ("Label: spam", "spam"),
        ("**Label:** spam", "spam"),
        ("The answer is: **Spam**.", "spam"),
        ("Final answer: not spam", "not spam"),
        ("Not spam.", "not spam"),
        ("```\nspam\n```", "spam"),
        ("```text\nspam\n```", "spam"),
        ("\ufeffspam\u200b", "spam"),
        ('{"label": "spam"}', "spam"),
        ('{"Label": "not spam", "reason": "a friend"}', "not spam"),
        ('{"answer": "\\"ham\\""}', "ham"),
        ('```json\n{"label": "spam", "confidence": 0.9}\n```', "spam"),
        ("<think>ham? no.</think>\n\nspam", "spam"),
        ('<think>{"label": "ham"}</think>{"label": "spam"}', "spam"),
        ("no opening tag</think> spam", "spam"),
        ("spam, confidence 0.9", "spam"),
    ],
)
def test_an_answer(text: str, label: str) -> None:
    assert value(text) == label


@pytest.mark.parametrize(
    "text",
    [
        "",
        " \n",
        ".",
        "eggs",
        "spam or ham",
        "spam, ham",
        "spam\nham",
        "not ham",
        "no spam",
        "isn't spam",
        "spammy",
        "spa",
        "The label is spam",
        "Sure! spam",
        "spam because it sells something",
        "spam?",
        "spam/ham",
        '"spam" or "ham"',
        "(spam) or (ham)",
        "Label:",
        "Label: spam or ham",
        "label spam",
        '{"label": "spam"',
        '{"label": ["spam"]}',
        '{"label": {"spam": 1}}',
        '{"label": null}',
        '{"label": "eggs"}',
        '{"label": "spam", "label": "ham"}',
        '{"label": "spam", "answer": "ham"}',
        '{"spam": true}',
        '["spam", "ham"]',
        'Sure!\n{"label": "spam"}',
        "<think>spam",
        "<think>spam</think>",
        "<think>spam</think> or </think>",
        "spam\nconfidence: high",
        "confidence: 0.9",
        "not\nspam",
        "非spam",
        "x" * 10_000,
    ],
)
def test_no_answer(text: str) -> None:
    reading = read(text, dict(zip(MAIL, MAIL, strict=True)))
    assert (reading.outcome, reading.value) == ("invalid", None)
    assert reading.reason


@pytest.mark.parametrize("label", ODD)
@pytest.mark.parametrize(
    "around",
    ["{}", "{}.", "'{}'", "**{}**", "({})", "Label: {}", "{}\nconfidence: 0.7", "「{}」。", " {} "],
)
def test_punctuation_that_belongs_to_a_label(label: str, around: str) -> None:
    assert value(around.format(label), ODD) == label
    assert value(json.dumps({"label": label}), ODD) == label


def test_the_fullest_form_counts() -> None:
    labels = ("yes", "yes, but", "(yes)")  # a project file may not hold the first and last together
    assert [value(text, labels) for text in ("yes", "(yes)", "((yes))", "yes, but.")] == [
        "yes", "(yes)", "(yes)", "yes, but",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("垃圾邮件", "垃圾邮件"),
        ("垃圾邮件。", "垃圾邮件"),
        ("“正常”", "正常"),
        ("「正常」", "正常"),
        ("标签：正常。", "正常"),
        ("标签:正常", "正常"),
        ("答案：**垃圾邮件**", "垃圾邮件"),
        ("不确定（需要人看）", "不确定（需要人看）"),
        ("（正常）", "正常"),
        ('{"标签": "正常", "置信度": 0.5}', "正常"),
        ("正常\n置信度：0.8", "正常"),
        ("正常，置信度为80%", "正常"),
        ("不正常", None),
        ("不是垃圾邮件", None),
        ("正常或垃圾邮件", None),
        ("不确定", None),
        ("我认为是正常", None),
    ],
)
def test_chinese(text: str, label: str | None) -> None:
    assert value(text, CHINESE) == label


@pytest.mark.parametrize(
    ("stated", "confidence"),
    [
        ("\nconfidence: 0.8", 0.8),
        ("\nConfidence: .8", 0.8),
        ("\nconfidence: 0,8", 0.8),
        ("\n\nconfidence = 1.0.", 1.0),
        ("\nconfidence: 80%", 0.8),
        ("\nconfidence: 80 %", 0.8),
        ("\nconfidence: 8/10", 0.8),
        ("\n**Confidence:** 0.8", 0.8),
        ("\n**Confidence**: **0.8**", 0.8),
        ("\nConfidence score: 0.8", 0.8),
        ("\nmy confidence is 0.8", 0.8),
        (" (confidence: 0.8)", 0.8),
        ("; confidence 0.8", 0.8),
        (" with confidence 0.8", 0.8),
        (". Confidence: 0.8", 0.8),
        ("\n置信度：0.8", 0.8),
        ("\n置信度: 80%", 0.8),
        ("（置信度：0.8）", 0.8),
        ("\nconfidence: 0", 0.0),
        ("\nconfidence: 1", 1.0),
        ("\nconfidence: 80", None),
        ("\nconfidence: -0.5", None),
        ("\nconfidence: 1.5", None),
        ("\nconfidence: 200%", None),
        ("", None),
    ],
)
def test_confidence(stated: str, confidence: float | None) -> None:
    reading = read(f"spam{stated}", {"spam": "spam"})
    assert (reading.value, reading.confidence) == ("spam", confidence)


@pytest.mark.parametrize(
    ("stated", "confidence"),
    [
        ("0.8", 0.8),
        ('"0.8"', 0.8),
        ('"80%"', 0.8),
        ("1", 1.0),
        ("true", None),
        ("null", None),
        ("[0.8]", None),
        ("NaN", None),
        ("1e999", None),
        ("-0.1", None),
    ],
)
def test_confidence_in_an_object(stated: str, confidence: float | None) -> None:
    reading = read(f'{{"label": "spam", "confidence": {stated}}}', {"spam": "spam"})
    assert (reading.value, reading.confidence) == ("spam", confidence)


def test_confidence_that_belongs_to_a_label() -> None:
    labels = {name: name for name in ("low", "low confidence", "low confidence 1")}
    assert read("low confidence 1", labels) == Reading("parsed", "low confidence 1")
    assert read("low confidence 0.5", labels).outcome == "invalid"
    assert read("low confidence\nconfidence: 0.5", labels) == Reading(
        "parsed", "low confidence", 0.5
    )
    assert read("low\nconfidence: 0.5", labels) == Reading("parsed", "low", 0.5)


def test_words_of_an_object_that_are_no_text() -> None:
    words = {"true": "yes it is", "1": "one", "none": "nothing"}
    assert read('{"answer": true}', words).value == "yes it is"
    assert read('{"answer": 1}', words).value == "one"
    assert read('{"answer": null}', words).outcome == "invalid"


def test_abstaining() -> None:
    reading = read("False.\nconfidence: 0.9", {"true": "spam", "false": ABSTAIN})
    assert reading == Reading("abstained", None, 0.9, "'False.' names no answer")


def test_a_word_with_two_meanings_has_none() -> None:
    known = meanings([("Tie", "tie"), ("tie", "tie"), ("No", "No"), ("no", "Yes")])
    assert known == {"tie": "tie", "no": ABSTAIN}
    assert read("No", known).outcome == "abstained"


def test_accents_however_they_are_coded() -> None:
    composed, decomposed = "caf\u00e9", "cafe\u0301"
    assert value(decomposed, (composed, "tea")) == composed
    assert value(composed.upper(), (decomposed, "tea")) == decomposed


@pytest.mark.parametrize(
    "text",
    [
        "(" * 1_900,
        '"' * 1_900,
        "Label: " * 280,
        " " * 900 + "confidence" + " " * 900,
        "confidence: " + "9" * 1_900,
        "*" * 1_999,
        "`" * 1_999,
        '{"label": ' + "[" * 1_900,
        '{"label": "spam", "confidence": ' + "9" * 1_900 + "}",
        " " * 5_000_000,
        "<think>" * 500_000,
        "confidence: " * 400_000,
    ],
)
def test_long_and_nested_replies_take_no_time(text: str) -> None:
    started = time.perf_counter()
    assert value(text) in (None, "spam")
    assert time.perf_counter() - started < 10  # seconds; 0.05 at most on one slow core


# ---- for any text


@given(st.text(max_size=200))
def test_only_labels_vote(text: str) -> None:
    """Without its wrapping, a text that votes is the label, letter by letter."""
    reading = read(text, dict(zip(MAIL, MAIL, strict=True)))
    if reading.value is not None:
        assert reading.value in [form.casefold() for form in forms(text)]


@given(
    st.text(st.sampled_from("spamnot hm.\"'(){}:,\n*`1。"), max_size=30),
    st.text(st.sampled_from("spamnot hm.\"'(){}:,\n*`1。"), max_size=30),
)
def test_more_letters_are_no_label(before: str, after: str) -> None:
    """Whatever letters come before or after a label, the whole is another label or none."""
    text = f"{before}spam{after}"
    letters = "".join(char for char in text if char.isalnum())
    assume(letters not in ("spam", "notspam"))
    assert value(text) is None


@given(
    st.lists(st.text(min_size=1, max_size=20).map(str.strip), min_size=2, unique=True), st.data()
)
def test_every_label_can_be_said(labels: list[str], data: st.DataObject) -> None:
    known = meanings((label, label) for label in labels)
    label = data.draw(st.sampled_from(labels))
    assume(label and known[next(iter(meanings([(label, 0)])))] is not ABSTAIN)
    assert read(label, known).value == label
    assert read(f"{label}\nconfidence: 0.25", known) == Reading("parsed", label, 0.25)
    assert read(json.dumps({"label": label, "confidence": 0.25}), known).value == label


def test_the_longest_reply_that_is_read() -> None:
    assert value("(" * 998 + "spam" + ")" * 998) == "spam"
    assert len("(" * 998 + "spam" + ")" * 998) == LONGEST_REPLY
    assert value("(" * 999 + "spam" + ")" * 998) is None

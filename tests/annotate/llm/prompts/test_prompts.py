"""Prompts: that every way of asking leads back to the value meant, and shows what it should."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotate.llm.prompts import ask
from annotate.llm.replies import ABSTAIN, read
from annotate.llm.variants import WAYS, Variant, expand
from annotate.questions import QUESTION_TYPES
from tests.annotate.support.asking import (
    ALL,
    LANGUAGES,
    comparing,
    labelling,
    make_item,
    options,
    whole,
)
from tests.llm_server.reader import answer_label, answer_preference

# ---- every variant leads back to the value meant

NAME = st.text(
    st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Cf", "Zl", "Zp", "Co", "Cn")),
    min_size=1,
    max_size=12,
).map(str.strip)
LABEL = st.one_of(
    st.sampled_from(
        ["spam", "not spam", "yes", "no", "true", "false", "A", "b", "1", "C++", "N/A",
         "Yes (partly)", "bug: ui", "etc.", "同意", "不同意", "是", "错", "None", "confidence"]
    ),
    NAME.filter(bool),
)  # fmt: skip


def usable(labels: list[str]) -> bool:
    """Whether a project file may hold these labels together."""
    _, question = labelling(dict.fromkeys(labels, ""))
    return not QUESTION_TYPES["single_label"].check(question, ["text"])


@given(
    labels=st.lists(LABEL, min_size=2, max_size=6, unique=True).filter(usable),
    about=st.sampled_from(["", "All of it."]),
    language=st.sampled_from(LANGUAGES),
    way=st.sampled_from([name for name in ALL if WAYS[name].kind != "challenge"]),
    text=st.one_of(st.sampled_from(["(A) no", ">>> true", "<<<<", "正确的标签不是“A”"]), st.text()),
    which=st.integers(0, 1000),
)
def test_what_a_reader_says_of_a_label_is_understood(
    labels: list[str], about: str, language: str, way: str, text: str, which: int
) -> None:
    described = dict.fromkeys(labels, about)
    project, question = labelling(described, language=language)
    item = make_item(text=text)
    truth = labels[which % len(labels)]
    for variant in expand([way], labels):
        asked = ask(project, question, item, variant)
        said = answer_label(whole(asked), truth, described)
        reading = read(f"{said}\nconfidence: 0.9", asked.words)
        if variant.about in (None, truth) or len(labels) == 2:
            assert (reading.value, reading.confidence) == (truth, 0.9)
        else:  # "it is not this one" names no class where there are more than two
            assert (reading.outcome, reading.value) == ("abstained", None)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("first", ["spam", "ham", "other"])
@pytest.mark.parametrize("truth", ["spam", "ham", "other"])
def test_a_challenge_leads_back_to_the_truth(language: str, first: str, truth: str) -> None:
    labels = dict.fromkeys(("spam", "ham", "other"), "")
    project, question = labelling(labels, language=language)
    asked = ask(
        project, question, make_item(text="x"), Variant(WAYS["challenge"]), first_answer=first
    )
    said = answer_label(whole(asked), truth, labels)
    assert read(said, asked.words).value == truth


def test_a_challenge_needs_a_first_answer() -> None:
    project, question = labelling({"spam": "", "ham": ""})
    with pytest.raises(ValueError, match="first answer"):
        ask(project, question, make_item(text="x"), Variant(WAYS["challenge"]))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("way", ALL)
@pytest.mark.parametrize(("count", "tie"), [(2, False), (2, True), (3, True)])
def test_what_a_reader_says_of_responses_is_understood(
    language: str, way: str, count: int, tie: bool
) -> None:
    texts = ["first response", "second response", "third response"][:count]
    for better in (*texts, *([None] if tie else [])):
        check_preference(language, way, texts, tie, better)


def check_preference(
    language: str, way: str, texts: list[str], tie: bool, better: str | None
) -> None:
    count = len(texts)
    project, question = comparing(language=language, count=count, tie=tie)
    shown = {f"r{at}": text for at, text in enumerate(texts)}
    item = make_item(0, prompt="Say it.", **shown)
    truth = "tie" if better is None else "abc"[texts.index(better)]
    classes = QUESTION_TYPES["preference"].classes(question)
    for variant in expand([way], classes):
        for first in classes if way == "challenge" else (None,):
            asked = ask(project, question, item, variant, first_answer=first)
            reading = read(answer_preference(whole(asked), better), asked.words)
            if variant.about in (None, truth) or len(classes) == 2:
                assert reading.value == truth
            else:
                assert reading.outcome == "abstained"


# ---- what yes and no mean

YES_NO = [
    # way, the claim is about, "true", "false": with two labels, with three
    ("true_false", "spam", ("spam", "ham"), ("spam", ABSTAIN)),
    ("true_false_negated", "spam", ("ham", "spam"), (ABSTAIN, "spam")),
    ("confirmation", "ham", ("ham", "spam"), ("ham", ABSTAIN)),
    ("confirmation_negated", "ham", ("spam", "ham"), (ABSTAIN, "ham")),
]


@pytest.mark.parametrize(("way", "about", "of_two", "of_three"), YES_NO)
def test_polarity(
    way: str, about: str, of_two: tuple[object, object], of_three: tuple[object, object]
) -> None:
    for labels, expected in ((["spam", "ham"], of_two), (["spam", "ham", "other"], of_three)):
        project, question = labelling(dict.fromkeys(labels, ""))
        words = ask(project, question, make_item(text="x"), Variant(WAYS[way], about)).words
        assert (words["true"], words["false"]) == expected
        assert (words["yes"], words["no"], words["同意"], words["不同意"]) == expected * 2


def test_shi_is_no_answer_to_a_negated_claim() -> None:
    project, question = labelling({"垃圾": "", "正常": ""}, language="zh")
    item = make_item(text="x")
    plain = ask(project, question, item, Variant(WAYS["confirmation"], "垃圾"))
    assert (read("是", plain.words).value, read("不是", plain.words).value) == ("垃圾", "正常")
    negated = ask(project, question, item, Variant(WAYS["confirmation_negated"], "垃圾"))
    assert read("是", negated.words).outcome == read("不是", negated.words).outcome == "invalid"


@pytest.mark.parametrize(
    ("first", "said", "value"),
    [
        ("No", "no", "No"),  # insisting on No, or naming it: the same
        ("Yes", "No", None),  # insists on Yes, or names No: unclear
        ("Yes", "yes", None),
        ("No", "yes", "Yes"),
    ],
)
def test_a_challenge_where_labels_are_yes_and_no(first: str, said: str, value: str | None) -> None:
    project, question = labelling({"Yes": "", "No": ""})
    asked = ask(
        project, question, make_item(text="x"), Variant(WAYS["challenge"]), first_answer=first
    )
    assert read(said, asked.words).value == value


# ---- letters and order


def test_letters_are_shuffled_by_item_and_always_alike() -> None:
    project, question = labelling(dict.fromkeys(("one", "two", "three"), ""))
    variant = Variant(WAYS["multiple_choice"])
    firsts: Counter[str] = Counter()
    for number in range(60):
        asked = ask(project, question, make_item(number, text="x"), variant)
        assert asked == ask(project, question, make_item(number, text="x"), variant)
        assert [letter for letter, _ in options(asked)] == ["A", "B", "C"]
        firsts[options(asked)[0][1]] += 1
    assert set(firsts) == {"one", "two", "three"}
    assert min(firsts.values()) >= 10  # 20 each on average; fewer than 10 has chance 0.001


@pytest.mark.parametrize(
    ("labels", "letters"),
    [
        (["spam", "ham"], ["A", "B"]),
        (["a", "B"], ["1", "2"]),
        (["A", "1"], ["#1", "#2"]),
        ([f"label {n}" for n in range(27)], [str(n) for n in range(1, 28)]),
    ],
)
def test_letters_are_no_labels(labels: list[str], letters: list[str]) -> None:
    project, question = labelling(dict.fromkeys(labels, ""))
    asked = ask(project, question, make_item(text="x"), Variant(WAYS["multiple_choice"]))
    shown = options(asked)
    assert [letter for letter, _ in shown] == letters
    assert f"one of {', '.join(letters)} only" in whole(asked)
    for letter, label in shown:
        forms = (letter, f"({letter})", f"{letter}. {label}", f"({letter}) {label}", label)
        assert [read(form, asked.words).value for form in forms] == [label] * 5


def test_responses_change_places() -> None:
    project, question = comparing()
    item = make_item(prompt="Hello?", r0="Hi!", r1="Go away.")
    straight = ask(project, question, item, Variant(WAYS["instruction"]))
    turned = ask(project, question, item, Variant(WAYS["text_first"]))
    assert "Response A:\n<<<Hi!>>>" in whole(straight)
    assert "Response A:\n<<<Go away.>>>" in whole(turned)
    assert [read("A", asked.words).value for asked in (straight, turned)] == ["a", "b"]
    assert [read("tie", asked.words).value for asked in (straight, turned)] == ["tie", "tie"]

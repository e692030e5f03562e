from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotate.llm.local.encoder import Vectors
from annotate.llm.local.tfidf import CharNgrams
from annotate.llm.local.views import (
    COPIES,
    VIEWS,
    LabelText,
    drop,
    item_matrix,
    label_matrix,
    prototypes,
    view_probabilities,
    votes,
    wordings,
)

LABELS = (
    LabelText("billing", "payment, invoice and refund"),
    LabelText("shipping_", "parcel and delivery."),
    LabelText("other"),
)
TEXTS = (
    "I want a refund for the invoice I paid twice",
    "the parcel from last week has not been delivered to my house",
    "hello there",
    "the delivery of the parcel is late again and nobody answers the phone",
)
CHINESE = (LabelText("借阅", "借书、还书、续借。"), LabelText("活动", "讲座和展览"))


class Letters:
    """Counts of six letters: a stand-in whose vectors can be worked out by hand."""

    name = "letters"
    dim = 6
    weak = True

    def encode(self, texts: Sequence[str]) -> Vectors:
        counts = np.array([[1 + t.count(c) for c in "aeiout"] for t in texts], np.float32)
        counts = counts.reshape(len(texts), self.dim)
        return np.asarray(counts / np.linalg.norm(counts, axis=1, keepdims=True))


def test_there_are_nine_views() -> None:
    assert ", ".join(VIEWS) == (
        "wording_1, wording_2, wording_3, wording_4, wording_5, "
        "dropout_1, dropout_2, dropout_3, dropout_4"
    )


def test_every_view_gives_probabilities_and_votes() -> None:
    encoder = Letters()
    items, labels = item_matrix(encoder, TEXTS), label_matrix(encoder, LABELS, "What is it?")
    assert items.shape == (1 + COPIES, 4, 6)
    assert labels.shape == (5, 3, 6)
    probabilities = view_probabilities(items, labels)
    assert tuple(probabilities) == VIEWS
    for view, chosen in votes(probabilities).items():
        assert probabilities[view].shape == (4, 3)
        np.testing.assert_allclose(probabilities[view].sum(1), 1)
        assert np.array_equal(chosen, probabilities[view].argmax(1))


def test_probabilities_are_a_softmax_of_cosines_over_the_temperature() -> None:
    items = np.zeros((1 + COPIES, 1, 2), np.float32)
    items[:, 0] = (1, 0)
    labels = np.zeros((5, 2, 2), np.float32)
    labels[:] = np.eye(2)
    odds = view_probabilities(items, labels, temperature=0.5)["dropout_2"][0]
    assert odds[0] / odds[1] == pytest.approx(np.exp(2))


def test_no_items_give_empty_views() -> None:
    encoder = Letters()
    probabilities = view_probabilities(item_matrix(encoder, []), label_matrix(encoder, LABELS))
    assert {p.shape for p in probabilities.values()} == {(0, 3)}
    assert {v.shape for v in votes(probabilities).values()} == {(0,)}


def test_views_disagree_on_what_the_encoder_does_not_recognise() -> None:
    encoder = CharNgrams()
    items = item_matrix(encoder, ["the", "refund of a payment"])
    cast = votes(view_probabilities(items, label_matrix(encoder, LABELS)))
    unknown, known = np.stack(list(cast.values()), 1)
    assert sorted(unknown) == [0, 0, 0, 1, 1, 1, 2, 2, 2]
    assert (known == 0).mean() > 0.8


def test_wordings_differ_with_and_without_description() -> None:
    made = wordings(LABELS, "What is it about?")
    assert made[0] == [
        "billing: payment, invoice and refund",
        "shipping: parcel and delivery",
        "other",
    ]
    for label in zip(*made, strict=True):
        assert len(set(label)) == 5
    assert made[3][2] == "What is it about? other"


def test_braces_in_labels_are_text() -> None:
    made = wordings([LabelText("{name}", "{0} {x")], "{y}?")
    assert made[0] == ["{name}: {0} {x"]
    assert made[3] == ["{y}? {name}: {0} {x"]


def test_chinese_labels_or_question_bring_chinese_wordings() -> None:
    assert wordings(CHINESE)[:2] == [
        ["借阅：借书、还书、续借", "活动：讲座和展览"],
        ["这段文字是关于借书、还书、续借的。", "这段文字是关于讲座和展览的。"],
    ]
    assert wordings([LabelText("A")], "哪一类？")[4] == ["主题是A。"]


def test_chinese_items_are_told_apart() -> None:
    encoder = CharNgrams()
    items = item_matrix(encoder, ["想续借这本书，什么时候还书？", "周六的讲座在哪里，展览呢？"])
    probabilities = view_probabilities(items, label_matrix(encoder, CHINESE, "读者想办什么？"))
    mean = np.mean(list(probabilities.values()), 0)
    assert mean.argmax(1).tolist() == [0, 1]


def test_dropped_copies_differ_and_stay() -> None:
    copies = [drop(TEXTS[3], copy) for copy in range(1, COPIES + 1)]
    assert len(set(copies)) == COPIES
    assert copies == [drop(TEXTS[3], copy) for copy in range(1, COPIES + 1)]
    words = TEXTS[3].split()
    for copy in copies:
        kept = iter(words)
        assert len(copy.split()) == 9  # of 13, 30 % rounded is 4
        assert all(word in kept for word in copy.split())


def test_chinese_loses_characters_and_keeps_foreign_words_whole() -> None:
    thinned = drop("我的iPhone坏了", 1, share=0.25)
    assert len(thinned) in (9, 4)
    assert "iPhone" in thinned or thinned == "我的坏了"


@given(st.text(max_size=40), st.integers(1, COPIES))
def test_a_copy_is_never_empty_and_never_longer(text: str, copy: int) -> None:
    thinned = drop(text, copy)
    assert len(thinned) <= len(text)
    assert bool(thinned.strip()) == bool(text.strip())


def test_a_huge_text_is_cut() -> None:
    assert len(drop("word " * 200_000, 1)) < 5_000


def test_prototypes_move_towards_the_examples() -> None:
    labels = np.eye(3, 7, dtype=np.float32)
    examples = np.zeros((4, 7), np.float32)
    examples[:, 5] = 1
    made = prototypes(labels, examples, np.array([1, 1, 1, 2]))
    np.testing.assert_allclose(np.linalg.norm(made, axis=1), 1, atol=1e-6)
    assert made.dtype == np.float32
    np.testing.assert_allclose(made[0], labels[0])
    np.testing.assert_allclose(made[1], (labels[1] * 10 + examples[0] * 3) / 109**0.5, rtol=1e-6)
    assert made[1, 5] > made[2, 5] > 0
    assert labels[1, 5] == 0


def test_prototypes_without_examples_are_the_labels() -> None:
    labels = np.eye(3, 7, dtype=np.float32)
    none = np.empty((0, 7), np.float32)
    np.testing.assert_allclose(prototypes(labels, none, np.empty(0, np.intp)), labels)


@pytest.mark.parametrize("given_labels", [[0], [0, 3], [0, -1]])
def test_examples_that_do_not_fit_are_refused(given_labels: list[int]) -> None:
    labels, examples = np.eye(3, 7, dtype=np.float32), np.ones((2, 7), np.float32)
    with pytest.raises(ValueError, match="label"):
        prototypes(labels, examples, np.array(given_labels))

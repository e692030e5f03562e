"""Texts that are nearly the same are found, others are left alone; always the same way."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotate.splits.components import alone, by_first, components
from annotate.splits.near import HASHES, bands, near_duplicates, signatures

WORDS = [f"w{number}" for number in range(400)]


def labels_of(texts: list[str], similarity: float = 0.8) -> list[int]:
    found: list[int] = near_duplicates(signatures(texts), similarity, alone(len(texts))).tolist()
    return found


def random_texts(count: int, words: int, seed: int) -> list[str]:
    rng = np.random.default_rng(seed)
    return [" ".join(rng.choice(WORDS, words)) for _ in range(count)]


def changed(text: str, *places: int) -> str:
    words = text.split()
    for place in places:
        words[place] = f"other{place}"
    return " ".join(words)


def test_a_word_more_or_less_is_nearly_the_same() -> None:
    first, second = random_texts(2, 60, seed=1)
    # 58 shingles, of which one changed word changes three: 55 / 61 = 0.90
    assert labels_of([first, second, changed(first, 30)]) == [0, 1, 0]


def test_half_of_the_words_is_another_text() -> None:
    [first] = random_texts(1, 60, seed=2)
    assert labels_of([first, changed(first, *range(0, 60, 4))]) == [0, 1]


@pytest.mark.parametrize(
    "pair",
    [
        ("The parcel never came.", "the PARCEL never came"),
        ("包裹一直没有到，请退款。", "包裹一直没有到 请退款"),
        ("ｇｒｅａｔ service", "great service"),
        ("ok", "OK!"),
        ("!!!", "!!!"),
        ("", ""),
    ],
)
def test_the_same_words_are_the_same_text(pair: tuple[str, str]) -> None:
    assert labels_of([*pair, "something else entirely"]) == [0, 0, 1]


def test_chinese_without_spaces_is_compared_by_characters() -> None:
    text = (
        "我上周买的手机屏幕有一条裂缝，客服说不能退货，请问应该怎么办，我很着急，等待你们的回复谢谢"
    )
    assert labels_of([text, text.replace("上周", "昨天"), text[::-1]], 0.7) == [0, 0, 1]


def test_a_chain_hangs_together() -> None:
    [first] = random_texts(1, 90, seed=3)
    second = changed(first, 10, 11, 12, 13)
    third = changed(second, 50, 51, 52, 53)
    assert labels_of([first, second, third]) == [0, 0, 0]


def test_known_groups_stay_together() -> None:
    texts = random_texts(4, 20, seed=4)
    texts[3] = texts[0]
    known = np.array([0, 1, 1, 2], dtype=np.int32)
    assert near_duplicates(signatures(texts), 0.8, known).tolist() == [0, 1, 1, 0]


def test_many_of_one_form_are_not_many_comparisons() -> None:
    form = " ".join(random_texts(1, 40, seed=5))
    assert labels_of([f"{form} {number}" for number in range(3000)]) == [0] * 3000


def test_pairs_at_the_threshold_are_found() -> None:
    texts = random_texts(300, 56, seed=6)
    # 54 shingles, 6 of them changed: 48 / 60 = 0.8
    pairs = [text for each in texts for text in (each, changed(each, 20, 40))]
    found = labels_of(pairs)
    together = sum(found[at] == found[at + 1] for at in range(0, 600, 2))
    assert together >= 285
    assert len(set(found)) == 600 - together


def test_signatures_do_not_depend_on_the_process_or_on_the_page() -> None:
    texts = ["one two three four", "", "包裹"]
    found = signatures(texts)
    assert found.shape == (3, HASHES)
    assert [signatures([text])[0].tolist() for text in texts] == found.tolist()
    assert found[0, :6].tolist() == [170, 97, 150, 164, 189, 142]


@given(st.lists(st.text(), min_size=1, max_size=5))
def test_any_text_is_like_itself(texts: list[str]) -> None:
    found = labels_of([*texts, *texts])
    assert found[: len(texts)] == found[len(texts) :]


@pytest.mark.parametrize("similarity", [0.1, 0.3, 0.5, 0.8, 0.95, 1.0])
def test_bands_are_sure_at_the_threshold(similarity: float) -> None:
    count, width = bands(similarity)
    assert count * width <= HASHES
    assert 1 - (1 - similarity**width) ** count >= 0.99


def test_components_are_numbered_by_their_first_row() -> None:
    edges = np.array([[3, 1], [4, 0]])
    assert components(alone(5), edges).tolist() == [0, 1, 2, 1, 0]
    assert components(alone(0), np.empty((0, 2), dtype=np.intp)).tolist() == []
    assert by_first(np.array([], dtype=np.int32)).tolist() == []

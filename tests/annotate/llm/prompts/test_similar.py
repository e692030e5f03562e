"""Which examples stand in the prompt about an item."""

from __future__ import annotations

from collections import Counter
from itertools import count

import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotate.llm.prompts import Example
from annotate.llm.similar import ExamplePool, same_text
from tests.annotate.support.asking import make_item


def pool(*said: tuple[str, str]) -> ExamplePool:
    """Examples from (text, answer)."""
    examples = [Example(make_item(at, text=t), answer) for at, (t, answer) in enumerate(said)]
    return ExamplePool(examples, ["text"])


OTHERS = count(1000)


def shown(of: ExamplePool, text: str, k: int, number: int | None = None) -> list[tuple[str, str]]:
    """(text, answer) as they stand in the prompt about an item of this text, else a new one."""
    chosen = of.nearest(make_item(next(OTHERS) if number is None else number, text=text), k)
    return [(example.item.fields["text"], example.value) for example in chosen]


SHOP = pool(
    ("the parcel was torn open on arrival", "parcel"),
    ("my parcel has not moved for a week", "parcel"),
    ("the invoice has the wrong address", "money"),
    ("I want the refund for my invoice", "money"),
    ("thank you for the lovely boots", "praise"),
)


def test_answers_take_turns_and_the_most_similar_example_stands_last() -> None:
    # parcel has the nearest example, then money; praise shares no word
    assert shown(SHOP, "my parcel is torn and the invoice is missing", 4) == [
        ("my parcel has not moved for a week", "parcel"),
        ("thank you for the lovely boots", "praise"),
        ("I want the refund for my invoice", "money"),
        ("the parcel was torn open on arrival", "parcel"),
    ]


def test_fewer_places_than_answers_go_to_the_nearest_answers() -> None:
    assert [a for _, a in shown(SHOP, "refund the invoice of my parcel", 2)] == ["parcel", "money"]
    assert [a for _, a in shown(SHOP, "lovely boots", 1)] == ["praise"]


def test_more_places_than_examples() -> None:
    assert len(shown(SHOP, "my parcel", 100)) == 5
    assert shown(SHOP, "my parcel", 0) == []
    assert shown(pool(), "my parcel", 3) == []


def test_chinese_is_compared_by_characters() -> None:
    library = pool(
        ("我想续借这本小说", "借阅"),
        ("研讨室还能预约吗", "预约"),
        ("读者证丢了怎么补办", "证件"),
    )
    assert shown(library, "补办读者证要多久？", 1) == [("读者证丢了怎么补办", "证件")]
    assert shown(library, "这本书可以续借吗", 1) == [("我想续借这本小说", "借阅")]


def test_an_item_never_sees_itself_nor_its_own_text() -> None:
    twice = pool(("Great boots", "good"), ("bad boots", "bad"), ("GREAT  boots!", "good"))
    assert shown(twice, "great boots", 3) == [("bad boots", "bad")]
    # its text was another when it was labelled, but it is the item
    assert shown(twice, "great boots and laces", 3, number=1) == [
        ("Great boots", "good"),
        ("GREAT  boots!", "good"),
    ]


def test_only_the_fields_that_are_shown_are_compared() -> None:
    def item(number: int, text: str, source: str) -> Example:
        return Example(make_item(number, text=text, source=source), "a")

    examples = [item(0, "torn parcel", "mail"), item(1, "lovely boots", "chat")]
    asked = make_item(9, text="torn parcel", source="chat")
    by_text = ExamplePool(examples, ["text"]).nearest(asked, 2)
    assert [e.item.id for e in by_text] == ["item1"]
    by_both = ExamplePool(examples, ["text", "source"]).nearest(asked, 2)
    assert [e.item.id for e in by_both] == ["item1", "item0"]


@pytest.mark.parametrize("texts", [["🙂", "🙃"], ["it is", "to be"], ["", "  "]])
def test_texts_without_a_word_have_no_neighbours_but_examples(texts: list[str]) -> None:
    of = pool(*((text, "ab"[at]) for at, text in enumerate(texts)))
    assert {answer for _, answer in shown(of, "something", 2)} == {"a", "b"}


def test_what_every_text_says_tells_none_apart() -> None:
    form = "Report of the station by the river, read by the warden, filed under number {}"
    of = pool(*((form.format(word), "x") for word in ("seven", "eleven", "twelve")))
    assert shown(of, form.format("eleven days ago"), 1)[0][0].endswith("number eleven")


def test_texts_that_are_one() -> None:
    one = same_text(["Refund, please", "a"])
    assert same_text(["  refund,\nplease!", "A"]) == one
    assert same_text(["refund please", "a"]) != one  # a comma may matter: 5,0 is not 50
    assert same_text(["Refund, please", "b"]) != one
    assert same_text(["a", "Refund, please"]) != one
    assert same_text(["!!"]) != same_text(["??"])


@given(
    said=st.lists(st.tuples(st.text("abc 标签", max_size=6), st.sampled_from("xyz")), max_size=12),
    text=st.text("abc 标签", max_size=6),
    k=st.integers(0, 8),
    order=st.randoms(use_true_random=False),
)
def test_whatever_comes(said: list[tuple[str, str]], text: str, k: int, order: object) -> None:
    """Even over the answers, without the item's own text, whatever order the pool came in."""
    chosen = shown(pool(*said), text, k)
    others = [(t, a) for t, a in said if same_text([t]) != same_text([text])]
    there, taken = Counter(a for _, a in others), Counter(a for _, a in chosen)
    assert len(chosen) == min(k, len(others))
    assert not Counter(chosen) - Counter(others)
    for answer in taken | there:
        fair = max(taken.values(), default=0) - 1
        assert taken[answer] >= min(fair, there[answer])
    examples = [Example(make_item(at, text=t), a) for at, (t, a) in enumerate(said)]
    order.shuffle(examples)  # type: ignore[attr-defined]
    again = ExamplePool(examples, ["text"]).nearest(make_item(999, text=text), k)
    assert [(e.item.fields["text"], e.value) for e in again] == chosen

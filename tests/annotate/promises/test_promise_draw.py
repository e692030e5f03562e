"""The draw is uniform, can be repeated, and hangs on what was frozen; and what a plan expects."""

from __future__ import annotations

from collections import Counter
from itertools import permutations

import pytest

from annotate.errors import AnnotateError
from annotate.hashing import digest
from annotate.model import PromiseItem
from annotate.promise.draw import chances, draw, fingerprint
from annotate.promise.plan import Terms, frozen_order, plan
from annotate.promise.wording import together
from annotate.store.standing.promises import Routed

IDS = [digest("item", at) for at in range(5)]


def test_every_ordered_draw_is_equally_likely() -> None:
    runs = 12_000
    found = Counter(tuple(draw(IDS, 2, seed=f"s{at}", frozen="f").tolist()) for at in range(runs))
    assert set(found) == set(permutations(range(5), 2))
    expected = runs / 20
    chi2 = sum((n - expected) ** 2 / expected for n in found.values())
    assert chi2 < 43.8  # 19 degrees of freedom, chance 0.001


def test_the_draw_can_be_repeated_and_hangs_on_the_freeze() -> None:
    many = [digest("item", at) for at in range(200)]
    one = draw(many, 20, seed="s", frozen="f").tolist()
    assert draw(many, 20, seed="s", frozen="f").tolist() == one
    assert draw(many, 10, seed="s", frozen="f").tolist() == one[:10]
    others = [
        draw(many, 20, seed="s", frozen="g").tolist(),
        draw(many, 20, seed="t", frozen="f").tolist(),
        chances(many, seed="s").argsort()[:20].tolist(),
    ]
    for other in others:
        assert len(set(one) & set(other)) < 10


def test_everything_and_nothing_can_be_drawn() -> None:
    assert sorted(draw(IDS, 5, seed="s", frozen="f").tolist()) == [0, 1, 2, 3, 4]
    assert draw(IDS, 0, seed="s", frozen="f").tolist() == []


def test_the_fingerprint_is_of_labels_and_order_and_not_of_the_draw() -> None:
    items = [
        PromiseItem(IDS[0], 0, None, "spam", 0.1),
        PromiseItem(IDS[1], 1, None, "ham", 0.2),
        PromiseItem(IDS[2], None, None, None, None),
    ]
    mark = fingerprint(items)
    assert fingerprint(reversed(items)) == mark
    assert fingerprint([items[0]._replace(drawn=0), *items[1:]]) == mark
    changes = [
        [items[0]._replace(label="ham"), *items[1:]],
        [items[0]._replace(score=0.3), *items[1:]],
        [items[0]._replace(place=1), items[1]._replace(place=0), items[2]],
        items[:2],
        [items[0], items[1], items[2]._replace(item_id=IDS[3])],
    ]
    marks = {fingerprint(changed) for changed in changes}
    assert len(marks) == 5
    assert mark not in marks


def routed(scores: list[float]) -> list[Routed]:
    return [Routed(digest("r", at), "auto", score, "spam") for at, score in enumerate(scores)]


def test_a_plan_from_chances_of_being_wrong() -> None:
    """2,000 labels, the last 500 wrong with chance 0.4; 365 drawn, 5 % of all may stay wrong.

    The critical value is 14; the 15th error is expected after 1,500 + 15 / 0.4 / (365 / 2000).
    """
    frozen = frozen_order(routed([0.0] * 1500 + [0.4] * 500), seed=0)
    found = plan(frozen, 2000, Terms(0.05, 0.05), None)
    assert (found.size, found.population, found.audited, found.critical) == (2000, 2000, 365, 14)
    cut = 1500 + 15 / 0.4 * 2000 / 365
    assert found.human_share == pytest.approx(1 - cut * (1 - 365 / 2000) / 2000, abs=0.001)


def test_a_plan_from_scores_that_only_order() -> None:
    """Nobody has answered: scores 0 and 1 are taken for 10 % and 50 % wrong."""
    frozen = routed([0.0] * 1500 + [1.0] * 500)
    found = plan(frozen, 2000, Terms(0.1, 0.05), {})
    # Platt's targets, 7 of 8 and 8 of 17 pulled to the middle by 16 made-up answers
    assert found.answers == 0
    assert 0.3 < found.human_share < 0.7
    wrong = {f"a{at}": (0.0, at % 2 == 0) for at in range(100)}
    worse = plan(frozen, 2000, Terms(0.1, 0.05), wrong)
    assert worse.answers == 100
    assert worse.human_share > found.human_share + 0.2
    right = {f"a{at}": (0.0, False) for at in range(300)}
    better = plan(frozen, 2000, Terms(0.1, 0.05), right)
    assert better.human_share < found.human_share - 0.1


def test_fewer_labels_than_may_be_wrong_need_no_audit() -> None:
    found = plan(routed([0.5] * 9), 100, Terms(0.1, 0.05), {})
    assert found.audited == 0
    assert found.human_share == pytest.approx(0.91)
    asked = plan(routed([0.5] * 9), 100, Terms(0.1, 0.05, 4), {})
    assert asked.audited == 4


def test_what_cannot_be_promised_says_what_could() -> None:
    """None of 4 errors among 31 of 60: (29 choose 4) / (60 choose 4) = 0.0487; of 30: 0.0562."""
    with pytest.raises(AnnotateError, match="insist with --audit 31"):
        plan(routed([0.1] * 60), 60, Terms(0.05, 0.05), {})
    assert plan(routed([0.1] * 60), 60, Terms(0.05, 0.05, 31), {}).critical == 0


def test_several_promises_together() -> None:
    assert together(1, 0.05) == ""
    assert together(3, 0.15) == (
        "this is promise 3 on this question: the chance that any of the 3 fails is at most 15.0 %"
    )

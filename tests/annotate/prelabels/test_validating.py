"""Which variants are worth asking, judged by what people and known answers say."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from annotate.errors import NotAllowed
from annotate.model import Round
from annotate.people import operator
from annotate.project import Project
from annotate.store import Store
from annotate.workflow.prelabels.validating import (
    Validation,
    VariantCheck,
    remedy,
    validate,
    warning,
)
from routing.estimate import Interval
from tests.annotate.prelabels.judging import Said, people, prelabel, say
from tests.small import QUESTION, START, add_items, small_project, someone

LEAD = operator(START)
TOPICS = ("spam", "ham", "news")


def three_labels(**changes: object) -> Project:
    labels = [{"name": name} for name in TOPICS]
    question = {"name": QUESTION, "type": "single_label", "text": "What is it?", "labels": labels}
    return small_project(questions=[question], **changes)


def judged(store: Store, project: Project | None = None) -> Validation:
    project = project or small_project()
    return validate(store, project, project.questions[0], actor=LEAD)


def by_name(found: Validation) -> dict[str, VariantCheck]:
    return {one.variant: one for one in found.variants}


def verdicts(found: Validation) -> dict[str, str]:
    return {one.variant: one.verdict for one in found.variants}


SPAM_HAM = ["spam", "ham"] * 20
FLIPPED = ["ham", "spam"] * 20


def test_good_and_bad_variants(store: Store) -> None:
    ids = add_items(store, small_project(), 40)
    people(store, dict(zip(ids, SPAM_HAM, strict=True)))
    say(
        store,
        ids,
        {
            "good": SPAM_HAM,
            "flipped": FLIPPED,
            "constant": ["ham"] * 40,
            "silent": ["invalid"] * 30 + ["abstained"] * 10,
        },
    )
    found = judged(store)
    assert (found.question, found.known, found.answered) == (QUESTION, 0, 40)
    assert verdicts(found) == {
        "constant": "always gives one answer",
        "flipped": "worse than chance",
        "good": "better than chance",
        "silent": "never a usable answer",
    }
    assert [one.variant for one in found.flagged] == ["constant", "flipped"]
    silent = by_name(found)["silent"]
    assert (silent.check.n, silent.unusable, silent.abstained) == (0, 0.75, 0.25)
    flipped = by_name(found)["flipped"]
    # the others are tied on spam (good against constant), and agree on ham
    assert (flipped.check.n, flipped.with_others) == (40, 0.0)
    assert by_name(found)["constant"].check.favourite == 1  # ham
    assert warning(found) == (
        "2 of 4 variants should not vote (always gives one answer: 1, worse than chance: 1): "
        "see `coannotate prompts validate`"
    )


def test_only_blind_answers_are_the_truth(store: Store) -> None:
    """Who has seen the machine's answer tends to repeat it."""
    ids = add_items(store, small_project(), 12)
    people(store, dict.fromkeys(ids[:6], "spam"))
    people(store, dict.fromkeys(ids[3:], "ham"), name="Ben", shown="a prelabel")
    say(store, ids, {"one": ["spam"] * 6 + ["ham"] * 6})
    found = judged(store)
    assert (found.known, found.answered) == (0, 6)
    assert by_name(found)["one"].check.n == 6
    assert verdicts(found) == {"one": "too few labels to say: all of them are the same"}


def test_a_known_answer_goes_before_people_and_ties_are_out(store: Store) -> None:
    ids = add_items(store, small_project(), 5)
    store.items.add_gold([(ids[0], QUESTION, "ham"), (ids[1], QUESTION, "ham")])
    store.items.add_gold([(ids[4], QUESTION, "retired")])
    people(store, {ids[0]: "spam", ids[2]: "spam", ids[3]: "spam", ids[4]: "ham"})
    people(store, {ids[3]: "ham"}, name="Ben")
    say(store, ids, {"one": ["ham", "ham", "spam", "spam", "ham"]})
    found = judged(store)
    assert (found.known, found.answered) == (2, 2)
    assert by_name(found)["one"].check.right == Interval(0.3976, 1.0, 1.0)  # four of four


def test_claims_are_judged_by_their_yes_and_no(store: Store) -> None:
    """Of three labels, a claim that is denied names no label: that is no abstention."""
    truth = list(TOPICS) * 10
    ids = add_items(store, small_project(), 30)
    people(store, dict(zip(ids, truth, strict=True)))
    right = [value if value == "spam" else "abstained" for value in truth]
    wrong = ["abstained" if value == "spam" else "spam" for value in truth]
    say(
        store,
        ids,
        {
            "instruction": truth,
            "true_false:spam": right,
            "confirmation:spam": ["spam"] * 30,
            "confirmation:ham": ["abstained"] * 30,
            "m:8b/true_false_negated:spam": wrong,
        },
    )
    found = judged(store, three_labels())
    assert verdicts(found) == {
        "confirmation:ham": "always gives one answer",
        "confirmation:spam": "always gives one answer",
        "m:8b/true_false_negated:spam": "worse than chance",
        "instruction": "better than chance",
        "true_false:spam": "better than chance",
    }
    assert "[confirmation, m:8b/true_false_negated]" in str(remedy([found], three_labels()))
    one = by_name(found)["true_false:spam"]
    assert (one.about, one.answers, one.abstained) == ("spam", ("no", "yes"), 0)
    assert one.check.die == 0.5
    assert one.check.commonest == pytest.approx(2 / 3)
    assert one.answers[one.check.commonest_label or 0] == "no"
    yes = by_name(found)["confirmation:spam"]
    assert yes.answers[yes.check.favourite or 0] == "yes"
    assert yes.with_others == 1  # elsewhere than on spam, the others are tied


def test_a_claim_about_one_of_two_labels_names_the_other(store: Store) -> None:
    ids = add_items(store, small_project(), 40)
    people(store, dict(zip(ids, SPAM_HAM, strict=True)))
    say(store, ids, {"true_false:spam": SPAM_HAM, "true_false:ham": FLIPPED})
    assert verdicts(judged(store)) == {
        "true_false:ham": "worse than chance",
        "true_false:spam": "better than chance",
    }


def test_labels_called_yes_and_no_are_no_claim(store: Store) -> None:
    labels = [{"name": "no"}, {"name": "yes"}]
    question = {"name": QUESTION, "type": "single_label", "text": "Is it?", "labels": labels}
    [one] = add_items(store, small_project(), 1)
    people(store, {one: "yes"})
    say(store, [one], {"instruction": ["yes"], "true_false:no": ["yes"]})
    found = by_name(judged(store, small_project(questions=[question])))
    assert (found["instruction"].about, found["true_false:no"].about) == (None, "no")
    assert found["true_false:no"].answers[found["true_false:no"].check.favourite or 0] == "no"


def test_samples_of_a_call_are_one_answer(store: Store) -> None:
    ids = add_items(store, small_project(), 2)
    people(store, {ids[0]: "spam", ids[1]: "ham"})
    say(
        store, ids, {"one": [("ham", "spam", "spam"), ("ham", "invalid", "spam")]}
    )  # first of equals
    [one] = judged(store).variants
    assert one.check.right is not None
    assert (one.check.n, one.check.right.estimate) == (2, 1.0)  # of equals, the first
    assert one.unusable == pytest.approx(1 / 6)


def test_a_call_made_again_counts_once(store: Store) -> None:
    [one] = add_items(store, small_project(), 1)
    people(store, {one: "spam"})
    say(store, [one], {"one": ["error"]})
    round_ = Round("round", "mails", QUESTION, "s", "m", ("one",), (), "missing", "", None)
    store.prelabels.add([prelabel(round_, one, "one", 0, "spam", tries=1)])
    [check] = judged(store).variants
    assert (check.check.n, check.unusable) == (1, 0)


def test_models_are_told_apart(store: Store) -> None:
    """Whoever changes the model in the middle has answers of both."""
    ids = add_items(store, small_project(), 40)
    people(store, dict(zip(ids, SPAM_HAM, strict=True)))
    say(store, ids[:20], {"one": SPAM_HAM[:20]}, model="large", round_id="r1")
    say(store, ids[20:], {"one": FLIPPED[20:]}, model="small", round_id="r2")
    told = {(one.variant, one.model): one.verdict for one in judged(store).variants}
    assert told == {("one", "large"): "better than chance", ("one", "small"): "worse than chance"}


def test_only_answers_in_force_are_judged(store: Store) -> None:
    ids = add_items(store, small_project(), 40)
    people(store, dict(zip(ids, SPAM_HAM, strict=True)))
    say(store, ids, {"one": FLIPPED}, round_id="r1")
    say(store, ids, {"one": SPAM_HAM}, round_id="r2")
    assert verdicts(judged(store)) == {"one": "better than chance"}


def test_nothing_to_judge(store: Store) -> None:
    ids = add_items(store, small_project(), 2)
    assert judged(store).variants == ()
    say(store, ids, {"one": ["spam", "ham"]})
    found = judged(store)
    assert (found.variants, found.known, found.answered) == ((), 0, 0)
    assert warning(found) is None
    assert remedy([found], small_project()) is None


def test_how_many_more_labels_are_needed(store: Store) -> None:
    ids = add_items(store, small_project(), 4)
    people(store, dict(zip(ids, SPAM_HAM, strict=False)))
    say(store, ids, {"one": SPAM_HAM[:4]})
    assert verdicts(judged(store)) == {"one": "too few labels to say: about 2 more"}


@pytest.mark.parametrize(
    ("items", "said"),
    [(4, "too few labels to say"), (400, "hardly better than chance, if at all")],
)
def test_a_coin(store: Store, items: int, said: str) -> None:
    ids = add_items(store, small_project(), items)
    people(store, dict(zip(ids, SPAM_HAM * 10, strict=False)))
    say(store, ids, {"coin": (["spam", "spam", "ham", "ham"] * 100)[:items]})
    assert verdicts(judged(store)) == {"coin": said}


# ---- what to do


def flagged(store: Store, project: Project, **said: Sequence[Said]) -> str | None:
    ids = add_items(store, small_project(), 40)
    people(store, dict(zip(ids, SPAM_HAM, strict=True)))
    say(store, ids, {name.replace("__", ":"): answers for name, answers in said.items()})
    return remedy([judged(store, project)], project)


def test_the_remedy_names_what_to_exclude(store: Store) -> None:
    mails = small_project(llm={"exclude": ["text_first"]})
    told = flagged(
        store, mails, instruction=SPAM_HAM, text_first=FLIPPED,
        confirmation__spam=["spam"] * 40,
        confirmation__ham=["ham"] * 40,
        true_false__spam=SPAM_HAM,
        true_false__ham=FLIPPED,
    )  # fmt: skip
    assert told == (
        "To leave them out, write `exclude: [text_first, confirmation, true_false:ham]` under "
        "`llm:` in the project file, then run `coannotate route`."
    )


def test_excluded_variants_are_shown_but_count_no_more(store: Store) -> None:
    ids = add_items(store, small_project(), 40)
    people(store, dict(zip(ids, SPAM_HAM, strict=True)))
    say(store, ids, {"a": SPAM_HAM, "b": SPAM_HAM, "c": FLIPPED, "d": FLIPPED, "e": FLIPPED})
    before = judged(store)
    assert by_name(before)["a"].with_others == 0  # outvoted by three
    mails = small_project(llm={"exclude": ["c", "d", "e"]})
    after = judged(store, mails)
    assert "".join(one.variant for one in after.variants if one.excluded) == "cde"
    assert by_name(after)["a"].with_others == 1
    assert (after.flagged, warning(after), remedy([after], mails)) == ((), None, None)


def test_when_nothing_would_be_left(store: Store) -> None:
    told = flagged(
        store, small_project(), instruction=FLIPPED, question=FLIPPED, challenge=SPAM_HAM
    )
    assert str(told).startswith("No variant of mail would be left: look at its labels and guid")


@pytest.mark.parametrize(
    ("label", "written"),
    [
        ("a, b", '"true_false:a, b"'),
        ('say "x"', '"true_false:say \\"x\\""'),
        ("借阅", "true_false:借阅"),
    ],
)
def test_the_names_can_be_pasted_into_the_file(store: Store, label: str, written: str) -> None:
    labels = [{"name": label}, {"name": "ham"}]
    question = {"name": QUESTION, "type": "single_label", "text": "What is it?", "labels": labels}
    mails = small_project(questions=[question])
    ids = add_items(store, mails, 40)
    people(store, dict(zip(ids, [label, "ham"] * 20, strict=True)))
    names = {f"true_false:{label}": ["ham", label] * 20, "true_false:ham": [label, "ham"] * 20}
    say(store, ids, names)
    told = remedy([judged(store, mails)], mails)
    assert f"`exclude: [{written}]`" in str(told)


def test_annotators_are_not_told(store: Store) -> None:
    ann = someone(store, "Ann")
    mails = small_project()
    with pytest.raises(NotAllowed, match="Ann is annotator and may not review: ask a lead"):
        validate(store, mails, mails.questions[0], actor=ann)

"""The data card: whole, in both languages, from what is in the store."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime
from string import Formatter

import numpy as np
import pytest

from annotate.agreement import Undefined
from annotate.agreement.tables import why_not
from annotate.card import en, zh
from annotate.card.facts import Bound, CardFacts, Labelled, QuestionFacts
from annotate.card.limits import limits
from annotate.card.made import routing
from annotate.card.voice import Language, Voice, lower
from annotate.card.writing import written
from annotate.clock import iso
from annotate.errors import AnnotateError
from annotate.exporters.protocol import NOT_ASKED
from annotate.model import Person
from annotate.project import Project
from annotate.splits.plan import Moved, SplitPlan, Splitting
from annotate.store import Store
from annotate.store.standing.decisions import Routing
from annotate.training.protocol import Rules
from annotate.workflow.agreement.report import SAME
from annotate.workflow.exports import splitting
from annotate.workflow.exports.carding import card
from annotate.workspace import add_version
from tests.annotate.support.agreeing import fill, project_of
from tests.annotate.support.court import Court
from tests.small import START, Clock, machine_says

LABELS = [{"name": "spam", "description": "Sold to many."}, {"name": "ham"}]
GUIDELINE = "# Rules\n\n```\n# not a heading\n```\nBe kind."


def mails(**changes: object) -> Project:
    settings = {"type": "single_label", "labels": LABELS}
    return project_of(
        settings, title="Mails | <b>", guideline=GUIDELINE, fields=["text"], **changes
    )


def known(store: Store, text: str, now: datetime) -> None:
    """A version of the project file; what it says does not matter here."""
    add_version(store, "mails", text, kind="edited", person=None, reason=None, now=now)


def accepted(store: Store, item_id: str) -> None:
    """The model's label of this item stands."""
    routing = Routing("r2", "mails", "q", 2, "random", {}, iso(START))
    store.decisions.start(routing)
    found = store.decisions.of_items("q", [item_id])
    store.decisions.add(routing, [replace(one, id="d2", destination="auto") for one in found])


def filled(store: Store) -> Project:
    """Six items: two agreed on, one tied, one of one person, one the model's, one assisted."""
    project = mails()
    ids = fill(
        store,
        project,
        [
            {"model": "spam", "Ann": "spam", "Bob": "spam"},
            {"model": "ham", "Ann": "ham", "Bob": "ham"},
            {"model": "ham", "Ann": "ham", "Bob": "spam"},
            {"model": "spam", "Ann": "ham"},
            {"model": "spam"},
        ],
        assisted=[{}, {}, {}, {}, {}, {"Cat": "spam"}],
    )
    machine_says(
        store, project, {ids[0]: ["spam", "refused"], ids[1]: ["ham", "ham"]}, question="q",
        variants=("v0", "v1"),
    )  # fmt: skip
    accepted(store, ids[4])
    known(store, "the first text", START)
    return project


def test_the_card_says_what_is_in_the_store(store: Store, lead: Person) -> None:
    text = card(store, filled(store), actor=lead)
    sections = dict(re.findall(r"^## (.+?)\n\n(.*?)(?=\n## |\Z)", text, flags=re.M | re.S))
    assert text.startswith(
        "# Mails \\| &lt;b&gt;\n\n## Task\n\n6 items, each with the field `text`"
    )
    assert "| spam | Sold to many. |\n| ham |  |" in sections["Task"]
    assert sections["Labels"].startswith("5 of 6 items have a label for `q`.")
    assert "| people's answers | 4 | 80.0 % |" in sections["Labels"]
    assert "| the model's, accepted by the routing | 1 | 20.0 % |" in sections["Labels"]
    assert "| spam | 3 | 60.0 % |\n| ham | 2 | 40.0 % |" in sections["Labels"]
    assert "| people are tied | 1 |" in sections["Labels"]
    assert "Answers that count: 8, all on 2026-03-01 (UTC)." in sections["Who labelled"]
    assert "1 of 8 answers (12.5 %) was given with the model's" in sections["Who labelled"]
    assert "| 1 | 2 |\n| 2 | 3 |" in sections["Who labelled"]
    assert "Ann" not in text
    # two of three items alike; Wilson's interval of 2/3
    assert (
        "| people with each other | same answer | 66.7 % [20.8 %, 93.9 %], of 3 items |"
        in sections["Agreement"]
    )
    assert "| made up | 1 | 4 | 3 | 2026-03-01 |" in sections["Model and prompts"]
    assert "Calls without a usable answer: refused 1." in sections["Model and prompts"]
    assert "`q`: no promise is made about how many of these labels" in sections["Error bound"]
    assert "Version 1 of the project file, in force since 2026-03-01" in sections["Guideline"]
    assert (
        sections["Guideline"].rstrip().endswith("### Rules\n\n```\n# not a heading\n```\nBe kind.")
    )
    limits = sections["Known limits"].splitlines()
    assert limits[:5] == [
        "- `q`: 1 of 6 items has no label; what is left is not a random part of them.",
        "- `q`: 1 of 5 labels (20.0 %) is the model's alone; nobody has looked at these items.",
        "- `q`: fewer than 10 labels each of spam, ham.",
        "- `q`: no bound on the share of wrong labels is in force.",
        "- `q`: 2 of 5 labels (40.0 %) rest on one person's answer.",
    ]
    assert limits[-1].startswith("- Where the texts come from, under which licence")


def test_names_stand_in_it_only_when_asked_for(store: Store, lead: Person) -> None:
    text = card(store, filled(store), actor=lead, names=True)
    assert "| Ann | 4 |\n| Bob | 3 |\n| Cat | 1 |" in text


def test_the_same_state_gives_the_same_bytes(store: Store, lead: Person) -> None:
    project = filled(store)
    assert card(store, project, actor=lead) == card(store, project, actor=lead)


def test_answers_before_the_present_file_are_told(store: Store, lead: Person) -> None:
    project = filled(store)
    known(store, "another text", START.replace(year=2027))
    assert "8 of 8 answers to `q` were given under an earlier version." in card(
        store, project, actor=lead
    )


def test_where_nothing_was_routed_nobody_got_the_hard_ones(store: Store, clock: Clock) -> None:
    court = Court(store, clock)
    court.given({"Ann": "spam", "Bob": "ham"})
    text = card(store, court.project, actor=court.lead)
    assert "The items were not routed." in text
    assert "unsure of first" not in text


def test_a_leads_word_is_told(store: Store, clock: Clock) -> None:
    court = Court(store, clock)
    tied, _ = court.given({"Ann": "spam", "Bob": "ham"}, {"Ann": "spam", "Bob": "spam"})
    court.decide(tied, "ham")
    text = card(store, court.project, actor=court.lead)
    assert "| decided by a lead | 1 | 50.0 % |\n| people's answers | 1 | 50.0 % |" in text


def test_it_follows_whose_word_a_label_is(store: Store, lead: Person) -> None:
    project = filled(store)
    people = card(store, project, actor=lead)
    assert "Where several people answered, the most frequent answer is the label" in people
    consensus = card(store, project, actor=lead, rules=Rules(truth="consensus"))
    assert "the label is the consensus by the method `joint`" in consensus
    assert "6 of 6 items have a label for `q`." in consensus
    strict = card(store, project, actor=lead, rules=Rules(truth="consensus", min_posterior=1.0))
    assert "| the probability is below the least one | 6 |" in strict


def test_it_needs_items(store: Store, lead: Person) -> None:
    with pytest.raises(AnnotateError, match="has no items yet: `coannotate import FILE`"):
        card(store, mails(), actor=lead)


def test_splits_stand_in_it(store: Store, lead: Person) -> None:
    plan = SplitPlan(by=("source",), similarity=0.75, seed="7")
    code = np.array([0, 0, 0, 0, 1, 1], dtype=np.int16)
    found = Splitting(("train", "test"), code, (4, 2), 3, (Moved("has a known answer", 2, ()),))
    text = card(store, filled(store), actor=lead, split=(plan, found))
    assert (
        "## Splits\n\n| Split | Items |\n| --- | ---: |\n| train | 4 |\n| test | 2 |\n\n"
        "Items that belong together stay together: 3 groups, each placed by a hash of its key "
        "(seed `7`), so that a group stays where it is when data are added.\n\n"
        "Kept together: items of the same `source`.\n\n"
        "Kept together: texts whose word shingles have a Jaccard similarity of at least 0.75.\n\n"
        "Put into `train`, so that nothing is tested on them: 2 items (has a known answer)."
    ) in text


# ---- both languages


def test_the_chinese_card_is_chinese(store: Store, lead: Person) -> None:
    project = filled(store)
    text = card(store, project, actor=lead, language="zh")
    assert "| 标注者的回答 | 4 | 80.0% |" in text
    assert "| 各回答票数相同 | 1 |" in text
    assert "| 标注者之间 | 回答相同的比例 | 66.7% [20.8%, 93.9%]（3 个条目） |" in text
    assert "- `q`：5 个标签中有 1 个（20.0%）仅由模型给出，无人查看过这些条目。" in text
    own = re.sub(r"`[^`]*`|^# .*$|Be kind|not a heading|Sold to many|made up", "", text, flags=re.M)
    assert re.findall(r"[a-z]{2,} [a-z]{2,}", own) == []


def test_both_languages_have_the_same_texts_with_the_same_places() -> None:
    def places(text: str) -> set[str | None]:
        return {name for _, name, _, _ in Formatter().parse(text) if name is not None}

    bound = {"auditing", "waiting", "kept", "short", "withdrawn"}  # in English they come written
    assert set(zh.WORDS) - set(en.WORDS) == {f"bound_{state}" for state in bound}
    assert set(en.WORDS) <= set(zh.WORDS)
    for key, text in en.WORDS.items():
        assert places(zh.WORDS[key]) == places(text), key


def test_every_reason_for_no_label_is_known_in_chinese() -> None:
    reasons = {
        "not routed yet", "waiting for people", "waiting for the stronger model",
        "people are tied", "no usable answer from the model", "marked as ambiguous",
        "sent back to people", "not asked after the answer to another question",
        "waiting for the answer to another question",
        "the answer is no longer one that the project file offers",
    }  # fmt: skip
    assert reasons <= set(zh.SAID)


def test_every_reason_to_be_moved_is_known_in_chinese() -> None:
    moved = {splitting.FEW_SHOT, splitting.GOLD, splitting.AUDITED, splitting.TUNED}
    assert moved <= set(zh.SAID)


def bounded(**said: object) -> CardFacts:
    project = mails()
    none = Undefined("no item has two answers")
    question = QuestionFacts(
        project.questions[0], Labelled(), (), False, 1.0, none, none, none, (), None, {},
        Bound("said in English", **said), 0,  # type: ignore[arg-type]
    )  # fmt: skip
    return CardFacts(project, 6, (question,))


def test_no_label_is_missed_where_nothing_was_asked() -> None:
    facts, voice = bounded(), Voice("en")
    [question] = facts.questions
    left, alone = question.labelled.left_out, replace(question, policy="people")
    left[NOT_ASKED] = 4
    assert not any(
        "no label" in line or "no item has a label" in line for line in limits(facts, voice)
    )
    left["waiting for people"] = 2
    assert next(limits(facts, voice)) == "`q`: no item has a label yet."
    question.labelled.sources["person"] = 1
    told = "`q`: 2 of 3 items have no label; what is left is not a random part of them."
    assert next(limits(facts, voice)) == told
    routed = next(routing(replace(facts, questions=(alone,)), voice))
    assert routed == "No model answers `q`: all items go to people."


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ({}, "未对标签的错误比例作出任何保证"),
        ({"state": "auditing", "audited": 20, "answered": 5}, "尚无保证：已抽查 5 / 20 个条目"),
        (
            {"state": "kept", "tolerance": 0.05, "alpha": 0.1, "delivered": 1234, "answers": 88},
            "保证成立：1,234 个已交付标签中至多 5.0% 有误（置信度 90%），共使用 88 个人工标签",
        ),
        (
            {"state": "waiting", "tolerance": 0.05, "alpha": 0.1, "size": 90, "to_go": 7},
            "待人答完剩余的 7 个条目，即可保证 90 个标签中至多 5.0% 有误，置信度 90%",
        ),
        (
            {"state": "short", "tolerance": 0.05, "wrong_at_most": 0.071, "delivered": 80,
             "answers": 9, "alpha": 0.1},
            "未能保证 5.0%：部分条目票数相同，没有标签。80 个已交付标签中至多 7.1% 有误"
            "（置信度 90%），共使用 9 个人工标签",
        ),
        (
            {"state": "withdrawn", "reason": "the guideline changed"},
            "保证已撤回，不作任何保证。原因：the guideline changed",
        ),
    ],
)  # fmt: skip
def test_the_bound_in_chinese(said: dict[str, object], expected: str) -> None:
    facts = bounded(**said)
    assert f"`q`：{expected}。" in written(facts, "zh")
    assert "`q`: said in English." in written(facts, "en")


def several(language: str) -> CardFacts:
    """Questions of every kind, of which nothing is known."""
    project = Project.model_validate(
        {
            "project": "kinds", "title": "Kinds", "language": language,
            "fields": ["text", "prompt", "reply 1", "reply 2"],
            "questions": [
                {"name": "topic", "type": "single_label", "text": "Which?", "labels": LABELS},
                {"name": "tone", "type": "rating", "text": "How kind?",
                 "when": {"question": "topic", "is": ["spam", "ham"]},
                 "scale": {"min": 0, "max": 10, "ends": ["rude", ""]},
                 "aspects": [{"name": "words", "text": "The words"}]},
                {"name": "better", "type": "preference", "text": "Which?", "prompt": "prompt",
                 "responses": ["reply 1", "reply 2"], "strength": 3},
                {"name": "names", "type": "spans", "text": "Where?", "field": "text",
                 "labels": LABELS},
                {"name": "fixed", "type": "text", "text": "Better?", "draft": "reply 1"},
                {"name": "made", "type": "text", "text": "Better?", "draft": "model"},
            ],
        }
    )  # fmt: skip
    [one] = bounded().questions
    found = (replace(one, question=question, labelled=Labelled()) for question in project.questions)
    return CardFacts(project, 1, tuple(found))


def test_what_was_asked_is_told_of_every_kind() -> None:
    text = written(several("en"), "en")
    assert text.startswith("# Kinds\n\n## Task\n\n1 item, each with the fields `text`")
    assert "Asked only where the answer to `topic` is one of: “spam”, “ham”.\n\n" in text
    assert "Whole numbers from 0 (rude) to 10.\n\n| Aspect | What it covers |" in text
    assert "| `words` | The words |" in text
    assert "The responses are to the prompt in `prompt`." in text
    assert "| A | `reply 1` |\n| B | `reply 2` |\n| Tie | Equally good, or equally bad. |" in text
    assert "How much better it is, is told in 3 levels." in text
    assert "Marked in the field `text`." in text
    assert "It is a draft in `reply 1` that is accepted, corrected or rejected." in text
    assert "It is a draft of the model's that is accepted, corrected or rejected." in text


@pytest.mark.parametrize(
    ("language", "promised", "without"),
    [
        (
            "en",
            "For none of the questions is a promise made about how many of these labels are wrong.",
            "- `topic`, `tone`, `better`, `names`, `fixed`, `made`: no bound on the share of wrong "
            "labels is in force.",
        ),
        (
            "zh",
            "未对任何问题的标签错误比例作出保证。",
            "- `topic`、`tone`、`better`、`names`、`fixed`、`made`：目前没有关于错误标签比例的"
            "上界。",
        ),
    ],
)
def test_what_holds_of_all_questions_is_said_once(
    language: Language, promised: str, without: str
) -> None:
    facts = several(language)
    text = written(facts, language)
    assert f"{promised}\n\n## " in text
    assert text.splitlines().count(without) == 1
    bound = Bound("said in English", state="kept")
    mixed = (replace(facts.questions[0], bound=bound), *facts.questions[1:])
    told = written(replace(facts, questions=mixed), language)
    assert promised not in told
    rest = Voice(language).named(["tone", "better", "names", "fixed", "made"])
    assert [line[:3] for line in told.splitlines() if line.removeprefix("- ").startswith(rest)] == [
        "`to", "- `",
    ]  # fmt: skip


def test_the_chinese_card_of_every_kind_is_chinese() -> None:
    text = written(several("zh"), "zh")
    assert "以整数评分：最低 0（rude），最高 10。" in text
    assert "| 平局 | 一样好，或一样差。 |" in text
    own = re.sub(r"`[^`]*`|Sold to many|The words|How kind", "", text)
    assert re.findall(r"[a-z]{2,} [a-z]{2,}|\d %|[一-鿿][,:;(]", own) == []


def test_every_measure_is_known_in_chinese() -> None:
    titles = {
        SAME, "alpha, nominal", "alpha, ordinal", "alpha, MASI", "alpha, by distance", "likeness",
        "alpha of tokens", "F1, exact", "F1, overlapping",
    }  # fmt: skip
    assert titles <= set(zh.SAID)
    table = np.array([[0, 2], [0, 3]])
    assert zh.said(why_not("alpha", table, ["spam", "it's ham"])) == (
        "所有回答均为“it's ham”，偶然一致性为 1"
    )


def test_people_who_all_answered_elsewhere_saw_nothing_here() -> None:
    facts = several("en")
    mode = "People answered without the model's answer in sight."
    imported = "2 of 2 answers were given in another annotation tool"
    for here, told in ((0, False), (1, True)):
        labelled = Labelled(people={"Ann": 2}, imported=2 - here, first="2026", last="2026")
        text = written(
            replace(facts, questions=(replace(facts.questions[0], labelled=labelled),)), "en"
        )
        assert (mode in text, imported in text) == (told, not told)
        assert "Answers from another tool count between people" in text


def test_headings_of_the_guideline_go_below_ours() -> None:
    assert lower("# a\n## b\n###### c\n#no\n~~~~\n# d\n~~~\n# e\n~~~~\n# f", 2) == (
        "### a\n#### b\n###### c\n#no\n~~~~\n# d\n~~~\n# e\n~~~~\n### f"
    )


def test_user_text_stays_text() -> None:
    voice = Voice("en")
    assert voice.say("labels_of", labels=1234, items=5000, question="a {b}") == (
        "1,234 of 5,000 items have a label for `a {b}`."
    )
    assert voice.say("labels_of", labels=1, items=1, question="a") == (
        "1 of 1 item has a label for `a`."
    )

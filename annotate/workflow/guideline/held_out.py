"""Items whose answer is known and that a change of guideline or prompt can be tried on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from annotate.consensus import offers
from annotate.errors import NothingToDo
from annotate.hashing import digest
from annotate.llm.prompts import Example
from annotate.llm.similar import same_text
from annotate.model import Item, Value
from annotate.project import Project
from annotate.questions import QuestionSettings
from annotate.store import Store
from annotate.workflow.prelabels.examples import human_values, load_examples, pick_examples
from annotate.workflow.prelabels.protected import protected_items

LEAST = 30
"""Items without which nothing is tried: with fewer, two prompts that are equally good may differ
by more than ten points, and one that is ten points worse may look the same."""

MOST = 200
"""Items that are asked about unless somebody wants more or fewer."""


@dataclass(frozen=True, slots=True)
class HeldOut:
    """items: to try on. truth: item id -> its answer. drawn: how many of them nobody chose by what
    the model says: audited at random, or of known answer. examples: what may be shown beside them;
    none of these items, nor one with the text of one."""

    items: tuple[Item, ...]
    truth: Mapping[str, Value]
    drawn: int
    examples: tuple[Example, ...]


def held_out(
    store: Store,
    project: Project,
    candidate: Project,
    question: QuestionSettings,
    *,
    most: int = MOST,
    examples: bool = True,
) -> HeldOut:
    """Up to `most` items: those that measure first, then others that people have answered blind.

    None that a proposal was made of: whatever it proposes fits them.
    examples: the model is shown some, so half of those others are left for it where enough remain.
    Always the same ones, as long as people answer nothing more, so that one change can be held
    against another. Raises NothingToDo when there are too few, telling how many are missing.
    """
    asked = project.question(question.name), candidate.question(question.name)
    known = store.items.gold(project.project, question.name)
    people = human_values(store, project.project, question, blind=True)
    shown = store.proposals.items_used(project.project, question.name)
    truth = {
        item_id: value
        for item_id, value in (people | known).items()
        if item_id not in shown and all(offers(each, value) for each in asked)
    }
    measuring = protected_items(store, project.project, question)
    drawn = sorted(truth.keys() & measuring, key=digest)
    others = sorted(truth.keys() - measuring, key=digest)
    if examples:
        others = others[: max(len(others) // 2, LEAST - len(drawn))]
    chosen = [*drawn, *others][:most]
    if len(chosen) < LEAST:
        raise NothingToDo(_too_few(question, len(truth), most))
    items = store.items.several(chosen)
    texts = {_text(item) for item in items.values()}
    picked = pick_examples(store, project.project, question, limit=None)
    shown_beside = [
        one
        for one in load_examples(store, picked)
        if one.item.id not in items and _text(one.item) not in texts
    ]
    return HeldOut(
        tuple(items[item_id] for item_id in chosen),
        {item_id: truth[item_id] for item_id in chosen},
        min(len(drawn), most),
        tuple(shown_beside),
    )


def _too_few(question: QuestionSettings, there: int, most: int) -> str:
    if there >= LEAST:
        return f"a trial needs at least {LEAST} items, and {most} were asked for: ask for more"
    missing = LEAST - there
    return (
        f"{question.name}: {there} items have a known answer, and a trial needs at least {LEAST}: "
        f"{missing} more must be answered by people who do not see the model's answer, or come "
        "with a known one (`import: gold:`)"
    )


def _text(item: Item) -> str:
    return same_text(item.fields.values())

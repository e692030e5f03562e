"""Questions that no model is asked: every item goes to people."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime

from annotate.clock import iso
from annotate.hashing import digest
from annotate.model import PEOPLE, Decision
from annotate.project import Project
from annotate.questions import QuestionSettings
from annotate.store import Store
from annotate.store.standing.decisions import Routing
from annotate.workflow.labelling.slots import match_slots

REASON = "people answer this question: no model is asked"
PAGE = 1000


def send_all(
    store: Store,
    project: Project,
    question: QuestionSettings,
    *,
    now: datetime,
    new_id: Callable[[], str],
) -> tuple[int, int]:
    """A slot for every wanted answer to every item; (items, of these newly sent).

    Decisions that are there stay, whoever made them: what people have is theirs.
    """
    name = project.project
    item_ids = list(_items(store, name))  # before the lock: there may be a million
    with store.transaction():
        before = {d.item_id: d for d in store.decisions.current(name, question.name)}
        number = store.decisions.next_number(name, question.name)
        sent = [
            _sent(project, question, item_id, number, now)
            for item_id in item_ids
            if not _with_people(before.get(item_id))
        ]
        if sent:
            settings = project.routing.model_dump(mode="json")
            routing = Routing(new_id(), name, question.name, number, PEOPLE, settings, iso(now))
            store.decisions.start(routing)
            store.decisions.add(routing, sent)
        before |= {decision.item_id: decision for decision in sent}
        match_slots(store, project, question, list(before.values()), hidden=set(), now=iso(now))
    return len(before), len(sent)


def _with_people(decision: Decision | None) -> bool:
    return decision is not None and decision.destination in ("annotate", "audit")


def _items(store: Store, project: str) -> Iterator[str]:
    after = -1
    while page := store.items.page(project, after=after, limit=PAGE):
        yield from (item.id for item in page)
        after = page[-1].position


def _sent(
    project: Project, question: QuestionSettings, item_id: str, number: int, now: datetime
) -> Decision:
    return Decision(
        id=digest(item_id, question.name, number),
        project=project.project,
        item_id=item_id,
        question=question.name,
        destination="annotate",
        score=None,
        model_value=None,
        propensity=1.0,
        policy=PEOPLE,
        reason=REASON,
        created_at=iso(now),
        label=None,
    )

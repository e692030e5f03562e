"""Decisions made by hand, for tests of what people see of them."""

from __future__ import annotations

from collections.abc import Mapping

from annotate.clock import iso
from annotate.hashing import digest
from annotate.model import Decision, Destination, Value
from annotate.store import Store
from annotate.store.standing.decisions import Routing
from tests.small import QUESTION, START

REASON = "answers split 3 : 2 between spam, ham"


def decided(
    store: Store,
    labels: Mapping[str, Value],
    *,
    question: str = QUESTION,
    audit: tuple[str, ...] = (),
) -> None:
    """item id -> the label that goes out unless a person answers. audit: items drawn at random."""
    number = store.decisions.next_number("mails", question)
    routing = Routing(digest(question, number), "mails", question, number, "made", {}, iso(START))
    store.decisions.start(routing)
    store.decisions.add(
        routing,
        [_decision(item, label, question, number, item in audit) for item, label in labels.items()],
    )


def _decision(item_id: str, label: Value, question: str, number: int, audited: bool) -> Decision:
    to: Destination = "audit" if audited else "annotate"
    return Decision(
        digest(item_id, question, number), "mails", item_id, question, to, 0.5, label, 1.0,
        "made", REASON, iso(START), label,
    )  # fmt: skip

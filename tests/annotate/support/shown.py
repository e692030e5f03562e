"""What the tests of examples share: items with texts, an audit, and how a prompt is read."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from annotate.model import Decision
from annotate.project import Project
from annotate.store import Store
from annotate.store.standing.decisions import Routing
from tests.small import QUESTION, START, item, know


def audit(store: Store, mails: Project, item_id: str) -> None:
    routing = Routing("r", mails.project, QUESTION, 1, "budget", {}, START.isoformat())
    decision = Decision(
        "d", mails.project, item_id, QUESTION, "audit", 0.0, "spam", 0.05, "budget", "", "2026",
        "spam",
    )  # fmt: skip
    store.decisions.start(routing)
    store.decisions.add(routing, [decision])


def add_texts(store: Store, mails: Project, texts: Sequence[str]) -> list[str]:
    """New items with these texts."""
    first = store.items.next_position(mails.project)
    items = [replace(item(mails, first + at), fields={"text": t}) for at, t in enumerate(texts)]
    with store.transaction():
        know(store, mails)
        store.items.add(items)
    return [one.id for one in items]


def asked_about(prompt: str) -> str:
    return re.findall(r"<<<(.*?)>>>", prompt)[-1]


def examples_in(prompt: str) -> list[tuple[str, str]]:
    """(text, answer) in the order of the prompt."""
    return re.findall(r"<<<(.*?)>>> -> (\w+)", prompt)

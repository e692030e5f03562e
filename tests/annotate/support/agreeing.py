"""People's and machines' answers put into a store as they are, for tests of agreement."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from annotate.clock import iso
from annotate.hashing import digest
from annotate.model import Annotation, Decision, Item, Value
from annotate.project import Project
from annotate.store import Store
from annotate.store.standing.decisions import Routing
from tests.small import START, add_slots, know, small_project, someone

LABELS = [{"name": "spam"}, {"name": "ham"}]


def project_of(question: Mapping[str, Any], **changes: object) -> Project:
    """A project of one question, routed by chance."""
    whole = {"name": "q", "text": "What?", **question}
    routing = changes.pop("routing", {"policy": "random", "budget": 1.0})
    fields = changes.pop("fields", ["text", "x", "y", "z"])
    return small_project(fields=fields, questions=[whole], routing=routing, **changes)


def fill(
    store: Store,
    project: Project,
    said: Sequence[Mapping[str, Value]],
    *,
    assisted: Sequence[Mapping[str, Value]] = (),
    text: str = "Ada met Bob in Rome",
    metadata: Sequence[Mapping[str, str]] = (),
) -> list[str]:
    """Items in order, and who said what of each: `model` is what the decision in force says.

    assisted: the same, of people who had the machine's answer in sight. metadata: of the first
    items. Returns the items' ids.
    """
    rows = max(len(said), len(assisted))
    items = [
        Item(
            digest(project.project, at), project.project, at, f"id:{at}", str(at), {"text": text},
            metadata[at] if at < len(metadata) else {}, iso(START),
        )
        for at in range(rows)
    ]  # fmt: skip
    ids = [one.id for one in items]
    people = {name for row in (*said, *assisted) for name in row if name != "model"}
    with store.transaction():
        know(store, project)
        store.items.add(items)
        who = {name: someone(store, name).id for name in sorted(people)}
        add_slots(store, project, ids, len(people) or 1, "q")
        _decide(store, project, {i: row["model"] for i, row in zip(ids, said, strict=False)
                                 if "model" in row})  # fmt: skip
        for shown, rows_said in ((None, said), ("decision", assisted)):
            for item_id, row in zip(ids, rows_said, strict=False):
                for name, value in row.items():
                    if name != "model":
                        _answer(store, project, item_id, who[name], value, shown)
    return ids


def _answer(
    store: Store, project: Project, item_id: str, person: str, value: Value, shown: str | None
) -> None:
    store.annotations.add(
        Annotation(
            id=digest(item_id, person, shown),
            project=project.project,
            item_id=item_id,
            question="q",
            assignment_id=digest(item_id, "q", 0),
            person_id=person,
            kind="answer",
            value=value,
            note=None,
            shown_prelabel=shown,
            seconds=4.0,
            created_at=iso(START),
            undone_at=None,
        )
    )


def _decide(store: Store, project: Project, says: Mapping[str, Value]) -> None:
    routing = Routing("r1", project.project, "q", 1, "random", {}, iso(START))
    store.decisions.start(routing)
    store.decisions.add(
        routing,
        (
            Decision(
                digest("decision", item_id), project.project, item_id, "q", "annotate", 0.5, value,
                1.0, "random", "drawn by chance", iso(START), value,
            )
            for item_id, value in says.items()
        ),
    )  # fmt: skip

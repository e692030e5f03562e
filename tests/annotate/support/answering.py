"""People's answers put on record without a browser, for tests of what is made of them."""

from __future__ import annotations

from collections.abc import Mapping

from annotate.clock import iso
from annotate.hashing import digest
from annotate.model import Annotation, Assignment, Value
from annotate.people import add_person, operator
from annotate.project import Project
from annotate.store import Store
from tests.small import MINUTE, QUESTION, START


def people_say(
    store: Store,
    project: Project,
    said: Mapping[str, Mapping[str, Value]],
    *,
    question: str = QUESTION,
    minute: int = 1,
    shown: str | None = None,
) -> list[str]:
    """item id -> name of a person -> what they say. Returns the ids of the answers.

    shown: the machine's answer that they had before them.
    """
    at = iso(START + minute * MINUTE)
    made: list[str] = []
    with store.transaction():
        for item_id, answers in said.items():
            slots = len(store.assignments.of_item(item_id, question))
            for more, (name, value) in enumerate(answers.items()):
                person = add_person(store, name, "annotator", actor=operator(START), now=START)
                slot = digest(item_id, question, slots + more)
                store.assignments.add(
                    [
                        Assignment(
                            slot, project.project, item_id, question, slots + more, 0.0, "done",
                            person.id, None,
                        )
                    ],
                    now=at,
                )  # fmt: skip
                made.append(digest("answer", slot))
                store.annotations.add(
                    Annotation(
                        made[-1], project.project, item_id, question, slot, person.id, "answer",
                        value, None, shown, 1.0, at, None,
                    )
                )  # fmt: skip
    return made

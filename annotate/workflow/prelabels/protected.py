"""The items that measure: whatever is learned from people's labels leaves them out."""

from __future__ import annotations

from annotate.questions import QuestionSettings
from annotate.store import Store


def protected_items(store: Store, project: str, question: QuestionSettings) -> set[str]:
    """Ids of the items whose labels measure how good answers to this question are.

    Those drawn at random for the audit of a routing or of a promise, and those with a known answer
    (`import: gold:`), whoever has labelled them since. This is the one place that says so: a new
    kind of measuring item is added here, and all that learns from labels asks here.
    """
    audited = {
        decision.item_id
        for decision in store.decisions.current(project, question.name)
        if decision.destination == "audit"
    }
    audited |= store.promises.audited_items(project, question.name)
    return audited | store.items.gold(project, question.name).keys()

"""What a stored answer of the machine was asked with."""

from __future__ import annotations

from dataclasses import dataclass

from annotate.errors import NotFound
from annotate.llm.prelabeller import Prelabeller, Preview, Work
from annotate.model import Person, Prelabel
from annotate.people import require
from annotate.project import Project
from annotate.store import Store
from annotate.workflow.prelabels.examples import load_examples


@dataclass(frozen=True, slots=True)
class Sent:
    """call: None where nothing is sent, because the model is part of this program. exact: the text
    is the one that was sent, by its digest; else it is what would be sent now to the same variant,
    because guideline, template or settings are others than then."""

    call: Preview | None
    exact: bool


def sent(
    store: Store, project: Project, prelabeller: Prelabeller, vote: Prelabel, *, actor: Person
) -> Sent:
    """The prompt of one call, with the examples that its round began with.

    prelabeller: of the vote's question. Raises NotAllowed, and NotFound for a variant that is asked
    no more.
    """
    require(actor, "review")
    item, round_ = store.items.get(vote.item_id), store.prelabels.round_of(vote.round_id)
    if item is None or item.project != project.project or round_ is None:
        raise NotFound(f"project {project.project!r} has no such call")
    prelabeller.learn(load_examples(store, round_.examples))
    calls = prelabeller.preview(Work(item, {}))
    if not calls:
        return Sent(None, exact=False)
    for call in calls:
        if call.prompt.hash == vote.prompt_hash:
            return Sent(call, exact=True)
    for call in calls:
        if call.variant == vote.variant:
            return Sent(call, exact=False)
    raise NotFound(
        f"the project asks nothing as {vote.variant!r} any more, and what was sent then is kept "
        f"as a digest only ({vote.prompt_version}, {vote.prompt_hash})"
    )

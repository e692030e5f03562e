"""A model looks at what it got wrong and proposes a sentence; a person decides about it."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from annotate.clock import iso
from annotate.errors import AnnotateError, Conflict, NotFound, NothingToDo
from annotate.hashing import digest
from annotate.llm.proposal import (
    LONGEST_SENTENCE,
    Writer,
    proposal_prompt,
    read_proposal,
)
from annotate.model import Item, Person, Value
from annotate.people import require
from annotate.project import Project
from annotate.questions import QuestionSettings, brief
from annotate.store import Store
from annotate.store.proposals import Proposal, ProposalVerdict
from annotate.workflow.disagreement.review import disagreements
from annotate.workflow.guideline.revising import Changes, revise
from annotate.workflow.prelabels.protected import protected_items

MOST_ITEMS = 20
LEAST_ITEMS = 3
"""Of fewer cases nothing general can be said."""


def propose(
    store: Store,
    project: Project,
    question: QuestionSettings,
    people: Value,
    model: Value,
    writer: Writer,
    *,
    actor: Person,
    now: datetime,
    new_id: Callable[[], str],
) -> Proposal:
    """One sentence that the guideline lacks, from up to 20 items where people say `people` and the
    model says `model`; stored, and nothing is changed by it.

    Items that measure (audited ones, those of known answer) are not shown: a change that was made
    of them could not be tried on them. Raises NotAllowed, NothingToDo with fewer than 3 items,
    CapReached, and ProviderError for a reply that is no proposal.
    """
    require(actor, "edit projects")
    items = _items(store, project, question, people, model, actor)
    prompt = proposal_prompt(project, question, items, people, model)
    paid = writer.ask(prompt)
    summary, sentence = read_proposal(paid.reply.text)
    last = store.versions.last(project.project)
    proposal = Proposal(
        id=new_id(),
        project=project.project,
        question=question.name,
        people=people,
        model=model,
        item_ids=[item.id for item in items],
        asked=writer.model,
        prompt_version=prompt.version,
        prompt="\n\n".join(message.content for message in prompt.messages),
        raw=paid.reply.text,
        summary=summary,
        sentence=sentence,
        base="" if last is None else last.hash,
        cost_usd=paid.cost_usd,
        person=actor.name,
        created_at=iso(now),
    )
    store.proposals.add(proposal)
    return proposal


def proposals(
    store: Store, project: Project, *, actor: Person
) -> list[tuple[Proposal, ProposalVerdict | None]]:
    """Every proposal, newest first, with what became of it. Raises NotAllowed."""
    require(actor, "review")
    return store.proposals.all(project.project)


def accept_proposal(
    store: Store,
    path: Path,
    project: Project,
    proposal_id: str,
    *,
    sentence: str | None = None,
    comment: str | None = None,
    actor: Person,
    now: datetime,
) -> Project:
    """The project with the sentence at the end of its guideline, as a new version.

    sentence: as the person wrote it; None: as it was proposed. Raises NotFound, Conflict when it
    is decided about already, and what `revise` raises.
    """
    require(actor, "edit projects")
    with store.transaction():
        proposal = _undecided(store, project, proposal_id)
        written = " ".join((sentence or proposal.sentence).split())
        if len(written) > LONGEST_SENTENCE:
            raise AnnotateError(
                f"a sentence has at most {LONGEST_SENTENCE} characters, not {len(written)}: "
                "shorten it, or edit the guideline itself"
            )
        cell = f"people say {brief(proposal.people)}, the model {brief(proposal.model)}"
        reason = f"{comment or 'proposed by the model'} ({proposal.question}: {cell})"
        changes: Changes = {("guideline",): with_sentence(project.guideline, written)}
        new = revise(store, path, project, changes, reason=reason, actor=actor, now=now)
        last = store.versions.last(project.project)
        number = None if last is None else last.number
        store.proposals.judge(
            ProposalVerdict(proposal_id, "accepted", written, number, comment, actor.name, iso(now))
        )
    return new


def reject_proposal(
    store: Store,
    project: Project,
    proposal_id: str,
    *,
    comment: str | None = None,
    actor: Person,
    now: datetime,
) -> ProposalVerdict:
    """Not taken; the proposal stays on record. Raises NotFound, Conflict."""
    require(actor, "edit projects")
    with store.transaction():
        proposal = _undecided(store, project, proposal_id)
        verdict = ProposalVerdict(
            proposal_id, "rejected", proposal.sentence, None, comment, actor.name, iso(now)
        )
        store.proposals.judge(verdict)
    return verdict


def with_sentence(guideline: str, sentence: str) -> str:
    """A guideline with one more sentence: as a further point where it ends in a list of them.

    >>> with_sentence("Be fair.\\n\\n- One.\\n", "Two.")
    'Be fair.\\n\\n- One.\\n- Two.\\n'
    >>> with_sentence("1. One,\\n   and more.", "Two."), with_sentence("", "Two.")
    ('1. One,\\n   and more.\\n2. Two.\\n', 'Two.\\n')
    """
    text = guideline.rstrip()
    if not text:
        return f"{sentence}\n"
    flush = [line for line in text.splitlines() if line[:1].strip()]
    point = re.match(r"([-*]|(\d+)([.)])) ", flush[-1] if flush else "")
    if point is None:
        return f"{text}\n\n{sentence}\n"
    mark = f"{int(point[2]) + 1}{point[3]}" if point[2] else point[1]
    return f"{text}\n{mark} {sentence}\n"


def _items(
    store: Store,
    project: Project,
    question: QuestionSettings,
    people: Value,
    model: Value,
    actor: Person,
) -> list[Item]:
    found = disagreements(
        store, project, question, actor=actor, people=people, model=model, limit=10_000
    )
    measuring = protected_items(store, project.project, question)
    items = [one.item for one in found if one.item.id not in measuring]
    if len(items) < LEAST_ITEMS:
        kept = len(found) - len(items)
        beside = f" ({kept} more measure the model and are not shown to it)" if kept else ""
        raise NothingToDo(
            f"{question.name}: there are {len(items)} items where people say {brief(people)} and "
            f"the model says {brief(model)}{beside}, and a proposal is made of at least "
            f"{LEAST_ITEMS}: choose another cell, or wait for more answers"
        )
    return sorted(items, key=lambda item: digest(item.id))[:MOST_ITEMS]


def _undecided(store: Store, project: Project, proposal_id: str) -> Proposal:
    proposal = store.proposals.get(proposal_id)
    if proposal is None or proposal.project != project.project:
        raise NotFound(f"no proposal {proposal_id!r} in {project.project}")
    verdict = store.proposals.verdict(proposal_id)
    if verdict is not None:
        raise Conflict(f"{verdict.person} has {verdict.verdict} this proposal already")
    return proposal

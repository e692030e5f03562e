"""Try a change of guideline or prompt on items of known answer, before it is adopted."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any

from annotate.clock import iso
from annotate.errors import NothingToDo
from annotate.hashing import digest
from annotate.llm.able import require_able
from annotate.llm.books.prices import price_of
from annotate.llm.prelabeller import Answer, Prelabeller, Work
from annotate.llm.spoken import spoken_of
from annotate.model import Person, Round, Value
from annotate.people import require
from annotate.project import Project
from annotate.questions import QUESTION_TYPES, QuestionSettings
from annotate.store import Store
from annotate.store.machine.prelabels import Said
from annotate.store.machine.trials import Trial, Tried
from annotate.workflow.disagreement.review import alike
from annotate.workflow.guideline.arms import Arm, Heard, ask_both
from annotate.workflow.guideline.held_out import MOST, HeldOut, held_out
from annotate.workflow.prelabels.planning import REPLY_TOKENS, estimate_tokens, models, work_of
from annotate.workflow.prelabels.pool import Pool
from annotate.workflow.prelabels.prelabelling import excluded
from annotate.workflow.prelabels.standing import standings
from annotate.workflow.prelabels.votes import collect_values, collect_votes
from annotate.workflow.routes.spread import spread
from routing import uncertainty
from routing.types import NO_VOTE

Progress = Callable[[int, int, float], bool]
"""Items done, of how many, US dollars so far; False stops the trial."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A project as it would be, what is different in words, and the changes as they were given."""

    project: Project
    told: Sequence[str]
    changes: Sequence[Any]


@dataclass(frozen=True, slots=True)
class Estimate:
    """What a trial takes: calls that have to be made, and what they are expected to cost.

    known: calls whose answer is there already. cost_usd: None where a price is not known. drawn:
    items that nobody chose by what the model says. tried: earlier changes on the same question.
    """

    items: int
    drawn: int
    calls: int
    known: int
    tokens_in: int
    cost_usd: float | None
    free: bool
    tried: int


def estimate(
    store: Store,
    project: Project,
    candidate: Candidate,
    question: QuestionSettings,
    before: Prelabeller,
    after: Prelabeller,
    *,
    actor: Person,
    most: int = MOST,
) -> Estimate:
    """What `try_out` would take; nothing is sent. Raises as `try_out` does."""
    require(actor, "edit projects")
    found = _ready(store, project, candidate, question, before, after, most)
    works = _works(store, project, question, found)
    calls = known = tokens = 0
    cost: float | None = 0.0
    for asked, of in ((before, project), (after, candidate.project)):
        arm = Arm(asked, excluded(of, asked))
        prices = {name: price_of(llm) for name, llm in of.llm.models()}
        for name, member in models(asked).items():
            shown = [c for w in works for c in member.preview(work_of(asked, name, arm.own(w)))]
            new = [one for one in shown if not one.known]
            size = sum(estimate_tokens(one.prompt) for one in new)
            calls, known, tokens = calls + len(new), known + len(shown) - len(new), tokens + size
            if member.free or not new:
                continue
            price, spoken = prices[name], spoken_of(question)
            replied = (REPLY_TOKENS if spoken is None else spoken.reply_tokens) * len(new)
            cost = None if price is None or cost is None else cost + price.cost(size, replied)
    free = before.free and after.free
    tried = len(store.trials.of_question(project.project, question.name))
    return Estimate(len(found.items), found.drawn, calls, known, tokens, cost, free, tried)


def try_out(
    store: Store,
    project: Project,
    candidate: Candidate,
    question: QuestionSettings,
    before: Prelabeller,
    after: Prelabeller,
    *,
    base: str,
    actor: Person,
    clock: Callable[[], datetime],
    new_id: Callable[[], str],
    most: int = MOST,
    on_progress: Progress | None = None,
) -> Trial:
    """The trial, stored: the same items with the present project and with the candidate.

    before, after: who is asked; they share a ledger, whose caps hold for both together. base: hash
    of the present project file. Answers are never votes: nothing that routes or exports sees them.
    A call that has an answer, from a round or an earlier trial, is not made again.
    Raises NotAllowed; NothingToDo when the model would be asked the same, when there are too few
    items of known answer, or for a question that no model is asked; fatal ProviderError.
    """
    require(actor, "edit projects")
    found = _ready(store, project, candidate, question, before, after, most)
    works = _works(store, project, question, found)
    ledgers = {id(one): one for arm in (before, after) if (one := arm.ledger) is not None}

    def spent() -> float:
        return sum(one.spent_usd for one in ledgers.values())

    def keep(answer: Answer) -> None:
        lasting = answer.call is not None and answer.outcome != "error"
        if lasting and answer.reused_from is None:
            store.trials.keep_call(
                answer.item_id, str(answer.call), asdict(answer), now=iso(clock())
            )

    def go_on(done: int) -> bool:
        return on_progress is None or on_progress(done, len(works), spent())

    heard = ask_both(
        Arm(before, excluded(project, before)),
        Arm(after, excluded(candidate.project, after)),
        works,
        keep=keep,
        go_on=go_on,
    )
    tried, failed = _tried(project, candidate.project, question, found, heard)
    right = alike(project, question)
    pairs = [(right(one.before, one.truth), right(one.after, one.truth)) for one in tried]
    chosen = {one.item_id for one in tried}
    trial = Trial(
        id=new_id(),
        project=project.project,
        question=question.name,
        base=base,
        changes=candidate.changes,
        told=candidate.told,
        items=len(tried),
        drawn=sum(item.id in chosen for item in found.items[: found.drawn]),
        failed=failed,
        right_before=sum(one for one, _ in pairs),
        right_after=sum(other for _, other in pairs),
        won=sum(other and not one for one, other in pairs),
        lost=sum(one and not other for one, other in pairs),
        calls=sum(one.calls for one in ledgers.values()),
        cost_usd=spent(),
        unpriced=sum(one.unpriced for one in ledgers.values()),
        stopped=heard.stopped,
        person=actor.name,
        created_at=iso(clock()),
    )
    store.trials.add(trial, tried)
    return trial


def trials(
    store: Store, project: Project, question: QuestionSettings, *, actor: Person
) -> list[Trial]:
    """Every change that was tried, newest first. Raises NotAllowed."""
    require(actor, "review")
    return store.trials.of_question(project.project, question.name)


def changed_items(store: Store, trial: Trial, *, actor: Person) -> list[Tried]:
    """The items of a trial of which the model says something else with the change."""
    require(actor, "review")
    return [one for one in store.trials.items(trial.id) if one.before != one.after]


def _ready(
    store: Store,
    project: Project,
    candidate: Candidate,
    question: QuestionSettings,
    before: Prelabeller,
    after: Prelabeller,
    most: int,
) -> HeldOut:
    """The items, and both who are asked with their examples. Raises NothingToDo."""
    require_able(project, question)
    same = digest(before.fingerprint()) == digest(after.fingerprint())
    if same and project.llm.exclude == candidate.project.llm.exclude:
        raise NothingToDo(
            f"{question.name}: {before.model} would be asked exactly the same: change what it "
            "reads, such as the guideline, a description or `llm.variants`"
        )
    shows = any(arm.example_limit != 0 for arm in (before, after))
    found = held_out(store, project, candidate.project, question, most=most, examples=shows)
    for arm in (before, after):
        arm.learn(found.examples[: arm.example_limit])
    return found


def _works(
    store: Store, project: Project, question: QuestionSettings, found: HeldOut
) -> list[Work]:
    """What may be asked about each item, with every answer that is there already."""
    nowhere = Round("", project.project, question.name, "", "", (), (), "missing", "", None)
    kept = store.trials.calls_of([item.id for item in found.items])
    works = []
    for start in range(0, len(found.items), 500):
        for standing in standings(store, nowhere, found.items[start : start + 500]):
            item = standing.work.item
            earlier = {
                call: replace(Answer(**answer), reused_from="trial")
                for call, answer in kept.get(item.id, {}).items()
            }
            works.append(replace(standing.work, earlier={**earlier, **standing.work.earlier}))
    return works


def _tried(
    project: Project,
    candidate: Project,
    question: QuestionSettings,
    found: HeldOut,
    heard: Heard,
) -> tuple[list[Tried], int]:
    """What came of every item, and how many are left out because a call failed."""
    failed = {
        item_id
        for said in (heard.before, heard.after)
        for item_id, answers in said.items()
        if any(one.outcome == "error" for one in answers)
    }
    complete = [one.id for one in found.items if one.id in heard.after and one.id not in failed]
    before = _labels(project, question, complete, heard.before)
    after = _labels(candidate, candidate.question(question.name), complete, heard.after)
    tried = [Tried(i, found.truth[i], before.get(i), after.get(i)) for i in complete]
    return tried, len(failed)


def _labels(
    project: Project,
    question: QuestionSettings,
    item_ids: Sequence[str],
    heard: Mapping[str, Iterable[Answer]],
) -> dict[str, Value]:
    """item id -> what most of its answers say, as a router would take it."""
    said = [
        Said(a.item_id, a.variant, a.sample, a.outcome, a.value, a.confidence, a.probabilities)
        for item_id in item_ids
        for a in heard[item_id]
    ]
    if not said:
        return {}
    classes, spoken = QUESTION_TYPES[question.type].classes(question), spoken_of(question)
    if spoken is None:
        votes = collect_votes(said, classes, project.llm.exclude)
        numbers = uncertainty.majority(votes.votes, len(classes))
        values: Sequence[Value] = classes
    else:
        pool = Pool(question)
        votes = collect_values(said, pool, spoken.claims(question), project.llm.exclude)
        numbers = spread(votes, pool, project).kept
        values = pool.values
    return {
        item_id: values[number]
        for item_id, number in zip(votes.item_ids, numbers.tolist(), strict=True)
        if number != NO_VOTE
    }

"""Anyone may check a promise: the draw and the cut are computed again from what is stored."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from annotate.errors import NothingToDo
from annotate.model import Person, PromiseEvent, PromiseItem
from annotate.people import require
from annotate.project import Project
from annotate.promise.audit import certificate
from annotate.promise.draw import draw, fingerprint
from annotate.questions import QuestionSettings
from annotate.store import Store
from annotate.workflow.promises.settling import Standing, examine


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that has to be so, and whether it is."""

    what: str
    holds: bool


def verify(
    store: Store, project: Project, question: QuestionSettings, *, actor: Person
) -> list[Check]:
    """The newest promise computed again: freeze, draw, cut, and what people's answers say now.

    Only reads. Raises NotAllowed, and NothingToDo when there never was a promise.
    """
    require(actor, "review")
    with store.snapshot():
        found = examine(store, project, question)
        if found is None:
            raise NothingToDo(f"there is no promise on {question.name!r} that could be verified")
        items = list(store.promises.items(found.promise.id))
        events = store.promises.events(found.promise.id)
        return [*_freeze(found, items), *_cuts(found, events), *_answers(found)]


def _freeze(found: Standing, items: Sequence[PromiseItem]) -> Iterator[Check]:
    promise = found.promise
    frozen = sorted((i for i in items if i.place is not None), key=lambda i: i.place or 0)
    yield Check(
        f"labels and order of {promise.population:,} of {promise.size:,} items are as frozen",
        fingerprint(items) == promise.frozen
        and (len(items), len(frozen)) == (promise.size, promise.population),
    )
    yield Check(
        "the order is that of the scores, safest first",
        all((a.score or 0.0) <= (b.score or 0.0) for a, b in pairwise(frozen)),
    )
    ids = [item.item_id for item in frozen]
    again = draw(ids, promise.audited, seed=promise.seed, frozen=promise.frozen).tolist()
    stored = sorted((i for i in items if i.drawn is not None), key=lambda i: i.drawn or 0)
    yield Check(
        f"the {promise.audited:,} audited items are those that seed {promise.seed} draws",
        [ids[at] for at in again] == [item.item_id for item in stored],
    )


def _cuts(found: Standing, events: Sequence[PromiseEvent]) -> Iterator[Check]:
    cut = found.promise.population
    for event in events:
        if event.kind != "settled" or found.withdrawn is not None:
            continue
        told = event.details
        again = certificate(found.promise, found.audit, set(told["wrong"]))
        cut = min(cut, again.cut)
        yield Check(
            f"{told['errors']:,} wrong audited labels give the critical value {told['critical']} "
            f"and the cut {told['cut']:,}",
            (again.errors, again.critical, cut) == (told["errors"], told["critical"], told["cut"]),
        )


def _answers(found: Standing) -> Iterator[Check]:
    if found.withdrawn is not None:
        why = found.withdrawn.details["reason"]
        yield Check(f"it stands (it was withdrawn: {why})", False)
        return
    broken = f" ({'; '.join(found.broken)})" if found.broken else ""
    yield Check(f"what it rests on is as it was{broken}", not found.broken)
    if found.settled is not None:
        yield Check(
            "people's answers say no more audited labels wrong than the cut was made for",
            found.wrong_now() == found.known_wrong,
        )

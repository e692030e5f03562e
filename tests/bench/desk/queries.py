"""What each page of the desk asks of the database. A page is added by adding to QUERIES."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import NamedTuple

from annotate.store.persons.team import Counted
from annotate.workflow.agreement.agreeing import agreement
from annotate.workflow.agreement.comparing import compared
from annotate.workflow.consensus.consenting import ensure_fresh
from annotate.workflow.decisions.cases import queue
from annotate.workflow.disagreement.chosen import Filters
from annotate.workflow.disagreement.disagreeing import disagreements_of, neighbours_of
from annotate.workflow.disagreement.item_story import item_story
from annotate.workflow.disagreement.slice_gathering import gathered, voted
from annotate.workflow.disagreement.slice_keeping import LOADED, keep, keep_all
from annotate.workflow.projects.overview import overview
from annotate.workflow.projects.today import today
from annotate.workflow.routes.ground import Ground, stand, version_of
from annotate.workflow.routes.outlook import outlook
from annotate.workflow.routes.outlook_parts import Prices
from annotate.workflow.team.counting import counted
from annotate.workflow.team.teaming import team
from tests.bench.desk.world import Desk


class Query(NamedTuple):
    """page: "worker" for what is done beside the pages, once after a change: it is timed once."""

    page: str
    name: str
    run: Callable[[Desk], object]


def filtered(name: str, after: str = "", **chosen: str) -> Query:
    """The page Disagreements, with these filters."""

    def run(desk: Desk) -> object:
        filters = Filters(**chosen)
        return disagreements_of(
            desk.store, desk.project, desk.question, filters,
            actor=desk.lead, now=desk.now, after=after, wait=False,
        )  # fmt: skip

    return Query("Disagreements", name, run)


def _keep(desk: Desk) -> object:
    arrays = gathered(desk.store, desk.project, desk.question)
    keep(desk.store, desk.project, desk.question, now=desk.now)
    return arrays


def _votes(desk: Desk) -> object:
    return voted(desk.store, desk.project, desk.question)


def _all(desk: Desk) -> object:
    """What is kept already costs nothing."""
    keep_all(desk.store, desk.project, desk.question, now=desk.now)
    return None


def _just_made(desk: Desk) -> object:
    """The arrays have to be read first."""
    LOADED.forget()
    return filtered("").run(desk)


def _after_a_change(desk: Desk) -> object:
    """What is stood by is that of other settings, and the worker is at it."""
    method = desk.project.consensus.model_copy(update={"method": "majority"})
    return filtered("").run(replace(desk, project=desk.project.model_copy(
        update={"consensus": method}
    )))  # fmt: skip


def _fresh(desk: Desk) -> object:
    return ensure_fresh(desk.store, desk.project, desk.question, actor=desk.lead, now=desk.now)


def _story(desk: Desk) -> object:
    return item_story(desk.store, desk.project, f"own{desk.size // 2}", actor=desk.lead)


def _neighbours(desk: Desk) -> object:
    item = desk.store.items.find(desk.project.project, f"own{desk.size // 2}")
    assert item is not None
    return neighbours_of(
        desk.store, desk.project, desk.question, Filters(), item, actor=desk.lead, now=desk.now
    )


def _queue(desk: Desk) -> object:
    return queue(desk.store, desk.project, desk.question, actor=desk.lead, limit=50)


def _overview(desk: Desk) -> object:
    return overview(desk.store, desk.project, actor=desk.lead, now=desk.now)


def _today(desk: Desk) -> object:
    return today(desk.store, desk.project, actor=desk.lead, now=desk.now)


def _agreement(desk: Desk) -> object:
    return agreement(desk.store, desk.project, desk.question, actor=desk.lead)


_kept: dict[int, Ground] = {}


def _record(desk: Desk) -> Ground:
    _kept[desk.size] = stand(desk.store, desk.project, desk.question)
    return _kept[desk.size]


def _outlook(desk: Desk) -> object:
    """Over a record that is kept, as the page keeps it."""
    ground, prices = _kept[desk.size], Prices(12.0, True, 20.0)
    return outlook(
        desk.store, desk.project, desk.question, actor=desk.lead, ground=ground, prices=prices
    )


def _version(desk: Desk) -> object:
    return version_of(desk.store, desk.project, desk.question)


_done: dict[int, dict[str, Counted]] = {}


def _count(desk: Desk) -> object:
    _done[desk.size] = counted(desk.store, desk.project, desk.now)
    return None


def _team(desk: Desk) -> object:
    """With the counts that are kept, as the page keeps them."""
    return team(
        desk.store, desk.project, desk.question, actor=desk.lead, now=desk.now,
        done=_done[desk.size],
    )  # fmt: skip


def tables(name: str, **chosen: str) -> Query:
    """The tables of a question without classes, with these filters: as if none were kept."""

    def run(desk: Desk) -> object:
        return compared(
            desk.store, desk.project, desk.question, Filters(**chosen),
            actor=desk.lead, now=desk.now, wait=False,
        )  # fmt: skip

    return Query("Disagreements", name, run)


QUERIES: list[Query] = [
    Query("worker", "arrays of disagreement made anew", _keep),
    Query("worker", "arrays of votes made anew", _votes),
    Query("worker", "votes and sources kept", _all),
    Query("worker", "overview reckoned anew", _overview),
    Query("Overview", "kept", _overview),
    Query("Overview", "what needs a lead today", _today),
    Query("worker", "agreement reckoned anew", _agreement),
    Query("worker", "record of the outlook read", _record),
    Query("Routing", "is the record fresh", _version),
    Query("Routing", "outlook of a kept record", _outlook),
    Query("worker", "answers of everybody counted", _count),
    Query("Team", "everybody's figures", _team),
    filtered("first page"),
    Query("Disagreements", "first page, arrays not read yet", _just_made),
    Query("Disagreements", "first page, right after a change", _after_a_change),
    filtered("all answered, far behind", after="0.01~5", show="all"),
    filtered("a cell of people and model", people="billing", model="shipping"),
    filtered("a cell between two people", people="billing", other_says="defect",
             annotator="Person 1", other="Person 2"),
    filtered("one person, one week", annotator="Person 1", week="2026-01-05"),
    filtered("a source", source_key="source", source="channel 3"),
    filtered("a prompt version", prompt="v1", answered_by="model"),
    filtered("search: a common word", search="refund"),
    filtered("search: a rare phrase", search='"working no 77"'),
    filtered("search: two Chinese characters", search="垃圾"),
    filtered("search and filters", search="parcel 还没有", annotator="Person 3", people="advice",
             source_key="source", source="channel 3"),
    filtered("search: own id", search="own777"),
    Query("Item", "story", _story),
    Query("Item", "previous and next", _neighbours),
    Query("every page", "is the consensus fresh", _fresh),
    Query("Decide", "the first of the queue", _queue),
]  # fmt: skip

KINDS: list[Query] = [
    Query("worker", "votes and sources kept", _all),
    tables("tables of all items"),
    tables("tables of a source", source_key="source", source="channel 3"),
    tables("tables of one person, one week", annotator="Person 1", week="2026-01-05"),
    tables("tables of a prompt version", prompt="v1"),
    tables("tables of a search", search="parcel"),
    filtered("first page"),
    filtered("search and a person", search="parcel", annotator="Person 3"),
]
"""Asked of each question whose answers are no classes."""

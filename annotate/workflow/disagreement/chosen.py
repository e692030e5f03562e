"""What a lead chose to look at, in words, and what that means in codes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime

import numpy as np

from annotate.errors import AnnotateError, NotFound
from annotate.project import Project
from annotate.questions import QuestionSettings, brief
from annotate.store import Store
from annotate.workflow.disagreement.searching import found_in
from annotate.workflow.disagreement.slice_gathering import monday
from annotate.workflow.disagreement.slice_keeping import Kept, KeptVotes, kept_slices, kept_votes
from annotate.workflow.disagreement.slicing import NOTHING, Chosen, Codes, Mask, said_by_model
from annotate.workflow.disagreement.sources import Sources, source_keys, sources

NO_ANSWER = "(no answer)"
"""In place of what the model says: nothing usable."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Filters:
    """In words, as they stand in an address; empty: not chosen. All that are chosen hold at once.

    people, model: what somebody, and what the model, says. annotator: whose answers. other,
    other_says: somebody else who answered the same item, and what they, or anybody else, say.
    source_key, source: a key of the metadata and its value. answered_by, prompt: the model and
    the version of the prompt whose answers are meant by "the model". week: its Monday, of people's
    answers. status: of the consensus. show: "differing", or "all" that were answered. search:
    words, or an item's id.
    """

    people: str = ""
    model: str = ""
    annotator: str = ""
    other: str = ""
    other_says: str = ""
    source_key: str = ""
    source: str = ""
    answered_by: str = ""
    prompt: str = ""
    week: str = ""
    status: str = ""
    show: str = "differing"
    search: str = ""

    def words(self) -> dict[str, str]:
        """What is chosen, by name; without what is as usual."""
        usual = Filters()
        names = [one.name for one in fields(self)]
        return {n: getattr(self, n) for n in names if getattr(self, n) != getattr(usual, n)}


def filters_from(words: Mapping[str, str]) -> Filters:
    """The filters that an address names; other names are passed over."""
    names = {one.name for one in fields(Filters)}
    return Filters(**{name: text for name, text in words.items() if name in names})


@dataclass(frozen=True, slots=True)
class Options:
    """What each filter can be."""

    values: tuple[str, ...]
    people: tuple[str, ...]
    statuses: tuple[str, ...]
    weeks: tuple[str, ...]
    models: tuple[str, ...]
    prompts: tuple[str, ...]
    source_keys: tuple[str, ...]
    sources: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Sight:
    """The arrays and what of them is chosen. machine: (n,) what the model says, as filtered."""

    kept: Kept
    machine: Codes
    chosen: Chosen
    options: Options


def sight_of(
    store: Store,
    project: Project,
    question: QuestionSettings,
    filters: Filters,
    *,
    now: datetime,
    wait: bool = True,
) -> Sight:
    """wait: for what very many items were never put in order for; else raises NotMadeYet.

    Raises NotFound for what is not there, with the choice, and AnnotateError for a search that
    is too short.
    """
    found = kept_slices(store, project, question, now=now, wait=wait)
    names = {person.id: person.name for person in store.people.all()}
    people = [names[person_id] for person_id in found.people]
    source = (
        sources(store, project.project, filters.source_key, now=now, wait=wait)
        if (filters.source_key)
        else None
    )
    options = _options(store, project, question, found, people, source)
    values = [brief(value) for value in found.values] if found.slices.classes else []
    if filters.show not in ("differing", "all"):
        raise NotFound(f"show: {filters.show!r} is neither `differing` nor `all`")
    chosen = Chosen(
        said=_code("value", filters.people, values),
        machine=NOTHING if filters.model == NO_ANSWER else _code("value", filters.model, values),
        person=_code("annotator", filters.annotator, people),
        other=_code("annotator", filters.other, people),
        other_said=_code("value", filters.other_says, values),
        week=_week(filters.week, found),
        status=_code("status", filters.status, found.statuses),
        differing=filters.show == "differing",
        among=_among(store, project, filters, found, source),
    )
    machine = found.slices.machine
    if filters.answered_by or filters.prompt:
        votes = kept_votes(store, project, question, found, now=now, wait=wait)
        machine = _machine(found, votes, filters)
    return Sight(found, machine, chosen, options)


def _options(
    store: Store,
    project: Project,
    question: QuestionSettings,
    found: Kept,
    people: Sequence[str],
    source: Sources | None,
) -> Options:
    models, prompts = store.slices.asked(project.project, question.name)
    return Options(
        values=tuple(map(brief, found.values)) if found.slices.classes else (),
        people=tuple(sorted(people)),
        statuses=found.statuses,
        weeks=tuple(map(monday, found.weeks)),
        models=tuple(models),
        prompts=tuple(prompts),
        source_keys=tuple(source_keys(store, project.project)),
        sources=() if source is None else tuple(sorted(source.values)),
    )


def _among(
    store: Store, project: Project, filters: Filters, found: Kept, source: Sources | None
) -> Mask | None:
    position = found.slices.position
    among = np.ones(len(position), dtype=bool)
    if filters.source and source is None:
        raise AnnotateError(f"source {filters.source!r}: name the key of the metadata it stands in")
    if filters.source and source is not None:
        code = _code(f"{filters.source_key}", filters.source, source.values)
        among &= source.code[position] == code
    if filters.search.strip():
        answered = np.zeros(int(position.max(initial=-1)) + 1, dtype=bool)
        answered[position[among]] = True
        places = found_in(store, project.project, filters.search, answered)
        answered[:] = False
        answered[places[places < len(answered)]] = True
        among &= answered[position]
    return among


def _machine(found: Kept, votes: KeptVotes, filters: Filters) -> Codes:
    return said_by_model(
        found.slices,
        votes.votes,
        model=_code("model", filters.answered_by, votes.models),
        prompt=_code("prompt", filters.prompt, votes.prompts),
    )


def _week(text: str, found: Kept) -> int | None:
    code = _code("week", text, map(monday, found.weeks))
    return None if code is None else found.weeks[code]


def _code(what: str, text: str, names: Iterable[str]) -> int | None:
    """The place of a chosen name; None where nothing is chosen."""
    if not text:
        return None
    known = list(names)
    if text not in known:
        there = ", ".join(known[:20]) + (" ..." if len(known) > 20 else "")
        told = text if len(text) <= 60 else f"{text[:59]}…"
        raise NotFound(f"{what} {told!r} is not among the answers; there are: {there or 'none'}")
    return known.index(text)

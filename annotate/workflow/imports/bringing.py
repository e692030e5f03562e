"""Answers of people and votes of models that come along with rows from another tool."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache

from annotate.errors import InvalidValue
from annotate.hashing import digest
from annotate.importers import TOOLS, Said
from annotate.model import IMPORTED, Annotation, Person, Prelabel, Round, Value
from annotate.people import UNSEEN
from annotate.project import Project
from annotate.project.drafting import question_name
from annotate.questions import QuestionSettings
from annotate.store import Store
from annotate.store.imported import Slot
from annotate.workflow.imports.fitting import fitted, joined, nothing, why_not

EMPTY = "handed in without an answer"
NO_QUESTION = "no question of the project is called so"
NOT_OFFERED = "the question does not take such an answer"
AGAIN = "the same person answered again: the newest counts"
OTHER = "another answer of the same person is there already"
NAME_CHARS = 40


@dataclass(slots=True)
class Brought:
    """What came along. people, models: names, in the order in which they came. left: reason ->
    how many answers did not come along. refused: of those, answers that stand in the reject file.
    """

    answers: int = 0
    answers_there: int = 0
    votes: int = 0
    votes_there: int = 0
    people: dict[str, int] = field(default_factory=dict)
    models: dict[str, int] = field(default_factory=dict)
    left: Counter[str] = field(default_factory=Counter)
    refused: int = 0


@dataclass(frozen=True, slots=True)
class OfItem:
    """What was said of one item that is in the project. fields: the item's."""

    line: int
    item_id: str
    fields: Mapping[str, str]
    said: tuple[Said, ...]
    tool: str


@dataclass(frozen=True, slots=True)
class _Fitted:
    """Something said that fits a question."""

    of: OfItem
    question: str
    said: Said
    value: Value


Refuse = Callable[[int, str, object], None]
"""Line, reason and what it was: one line of the reject file."""


class Bringing:
    """Puts what was said into a project, inside the caller's transactions; once each."""

    def __init__(self, store: Store, project: Project, *, now: str, refuse: Refuse) -> None:
        self._store, self._project, self._now, self._refuse = store, project, now, refuse
        self.report = Brought()
        self._names = {question_name(one.name): one for one in project.questions}
        columns = project.import_.columns
        self._fields = {columns.get(field, field): field for field in project.fields}
        self._rounds: set[str] = set()
        self._people: dict[tuple[str, str], Person] = {}

    def bring(self, rows: Sequence[OfItem]) -> None:
        found = [one for row in rows for one in self._of_row(row)]
        self._answers([one for one in found if not one.said.model])
        self._votes([one for one in found if one.said.model])

    # ---- what fits

    def _of_row(self, row: OfItem) -> Iterator[_Fitted]:
        """What fits a question; of several answers of one person the newest."""
        newest: dict[tuple[str, str], _Fitted] = {}
        whole = joined(self._project.questions, row.said)
        for said in sorted(whole, key=lambda one: one.at or ""):
            for one in self._fitting(row, said):
                if said.model:
                    yield one
                    continue
                key = (one.question, bare(said.who))
                if key in newest:
                    self.report.left[AGAIN] += 1
                newest[key] = one
        yield from newest.values()

    def _fitting(self, row: OfItem, said: Said) -> Iterator[_Fitted]:
        if said.why:
            self.report.left[said.why] += 1
            return
        if said.kind == "empty":
            yield from self._nothing(row, said)
            return
        question = self._question(said.question)
        if question is None:
            names = ", ".join(one.name for one in self._project.questions)
            told = f"{NO_QUESTION}: {said.question!r}; there are {names}"
            self._leave(row, said, NO_QUESTION, f"{told}. Name one of them so")
            return
        try:
            yield _Fitted(row, question.name, said, fitted(question, self._here(said), row.fields))
        except InvalidValue as error:
            self._leave(row, said, NOT_OFFERED, why_not(error))

    def _here(self, said: Said) -> Said:
        """With the project's fields for the columns that were compared."""
        if not said.among:
            return said
        return replace(said, among=tuple(self._fields.get(one, one) for one in said.among))

    def _nothing(self, row: OfItem, said: Said) -> Iterator[_Fitted]:
        named = [q for q in self._project.questions if said.question in ("", q.name)]
        if said.record.get("beside"):  # other questions have answers: what is about these is said
            asked = {one.question for one in row.said if (one.who, one.at) == (said.who, said.at)}
            named = [q for q in named if q.type == "spans" and q.name not in asked]
        values = [(one.name, nothing(one)) for one in named]
        found = [_Fitted(row, name, said, value) for name, value in values if value is not None]
        if not found and not said.record.get("beside"):
            self.report.left[EMPTY] += 1
        yield from found

    def _question(self, name: str) -> QuestionSettings | None:
        """The question of this name; where there is only one, it takes the first other name."""
        slug = question_name(name)
        if slug not in self._names and len(self._names) == len(self._project.questions) == 1:
            self._names[slug] = self._project.questions[0]
        return self._names.get(slug)

    def _leave(self, row: OfItem, said: Said, category: str, reason: str) -> None:
        self.report.left[category] += 1
        self.report.refused += 1
        told = {"question": said.question, "who": said.who, "value": said.value}
        self._refuse(row.line, reason, told)

    # ---- people

    def _answers(self, found: Sequence[_Fitted]) -> None:
        ids = list({one.of.item_id for one in found})
        there, slots = self._store.imported.said(ids), self._store.imported.slots(ids)
        fresh = []
        for one in found:
            person = self._person(one.of.tool, one.said.who)
            key = (one.of.item_id, one.question, person.id)
            if key not in there:
                there[key] = one.value
                fresh.append(self._annotation(one, person, slots))
                self.report.answers += 1
                self.report.people[person.name] = self.report.people.get(person.name, 0) + 1
            elif there[key] == one.value:
                self.report.answers_there += 1
            else:
                told = f"{OTHER}: {there[key]!r}. Decide the item, or leave it"
                self._leave(one.of, one.said, OTHER, told)
        self._store.imported.add_answers(fresh)

    def _person(self, tool: str, called: str) -> Person:
        """Stored if need be: nobody can come in as them."""
        called = bare(called)
        if (tool, called) not in self._people:
            id_ = digest("imported", tool, called)
            person = Person(id_, name_of(tool, called), "annotator", self._now)
            self._store.imported.add_person(person, tool, called)
            self._people[tool, called] = person
        return self._people[tool, called]

    def _annotation(
        self, one: _Fitted, person: Person, slots: dict[tuple[str, str], list[Slot]]
    ) -> tuple[Annotation, int | None]:
        of, said = one.of, one.said
        places = slots.setdefault((of.item_id, one.question), [])
        slot, number = _place(of.item_id, one.question, places)
        told = {key: value for key, value in said.record.items() if key != "beside"}
        exposure = {"mode": IMPORTED, "shown": "unknown", "tool": of.tool, **told}
        made = Annotation(
            id=digest("imported", of.item_id, one.question, person.id),
            project=self._project.project,
            item_id=of.item_id,
            question=one.question,
            assignment_id=slot,
            person_id=person.id,
            kind="answer",
            value=one.value,
            note=said.note,
            shown_prelabel=IMPORTED,
            seconds=said.seconds,
            created_at=said.at or self._now,
            undone_at=None,
            exposure=exposure,
        )
        return made, number

    # ---- models

    def _votes(self, found: Sequence[_Fitted]) -> None:
        groups: dict[tuple[str, str, str], list[_Fitted]] = {}
        for one in found:
            groups.setdefault((one.of.tool, one.said.who, one.question), []).append(one)
        for (tool, model, question), group in groups.items():
            self._round_of(tool, model, question, group)

    def _round_of(self, tool: str, model: str, question: str, found: Iterable[_Fitted]) -> None:
        round_id = self._round(tool, model, question)
        made = list(_numbered(self._project.project, round_id, found, self._now))
        items = list(dict.fromkeys(one.item_id for one in made))
        there = {one.id for one in self._store.prelabels.of_round(round_id, items)}
        fresh = list({one.id: one for one in made if one.id not in there}.values())
        self._store.prelabels.add(fresh)
        answered = dict.fromkeys(one.item_id for one in fresh)
        self._store.imported.finish_items(round_id, answered, now=self._now)
        self.report.votes += len(fresh)
        self.report.votes_there += len(made) - len(fresh)
        if fresh:
            self.report.models[model] = self.report.models.get(model, 0) + len(fresh)

    def _round(self, tool: str, model: str, question: str) -> str:
        """The round of this model's votes, started when the first of them came."""
        name = self._project.project
        round_id = digest("imported", name, question, tool, model)
        if round_id not in self._rounds and not self._store.prelabels.round_of(round_id):
            self._store.prelabels.start_round(
                Round(
                    id=round_id,
                    project=name,
                    question=question,
                    settings_hash=digest("imported", tool, model),
                    model=model,
                    variants=(IMPORTED,),
                    examples=(),
                    scope="missing",
                    started_at=self._now,
                    finished_at=self._now,
                    imported=tool,
                )
            )
        self._rounds.add(round_id)
        return round_id


def name_of(tool: str, called: str) -> str:
    """What somebody is called here: so that nobody takes them for one of the people here.

    >>> name_of("label_studio", "7"), name_of("doccano", "")
    ('7 (Label Studio)', 'someone (doccano)')
    >>> name_of("doccano", "a\\u202eb")  # which would turn round what stands behind it
    'ab (doccano)'
    """
    plain = UNSEEN.sub("", called) or "someone"
    if len(plain) > NAME_CHARS:
        plain = f"{plain[: NAME_CHARS - 5]}~{digest(called)[:4]}"
    return f"{plain} ({TOOLS[tool].title})"


@lru_cache(maxsize=4096)
def bare(called: str) -> str:
    """A name without the tools that it came through: who moved back and forth is one person.

    >>> bare("ann  (Label Studio)"), bare("ann (coannotate) (Label Studio)"), bare("ann (AX)")
    ('ann', 'ann', 'ann (AX)')
    """
    plain = " ".join(called.split())
    for _, tool in TOOLS.items():
        if plain.endswith(f" ({tool.title})"):
            return bare(plain.removesuffix(f" ({tool.title})"))
    return plain


def _place(item_id: str, question: str, slots: list[Slot]) -> tuple[str, int | None]:
    """The id of a slot that waited, else of a new one and its number; `slots` are as then."""
    for at, slot in enumerate(slots):
        if slot.free:
            slots[at] = slot._replace(free=False)
            return slot.id, None
    number = max((slot.number for slot in slots), default=-1) + 1
    slots.append(Slot(digest(item_id, question, number), number, False))
    return slots[-1].id, number


def _numbered(
    project: str, round_id: str, found: Iterable[_Fitted], now: str
) -> Iterator[Prelabel]:
    """A model's votes as prelabels; further ones in the same row are further samples.

    Where the tool tells wording and sample of a call, they are kept.
    """
    counts: Counter[int] = Counter()
    for one in found:
        said, place = one.said, id(one.of)  # a line can hold many rows
        variant = str(said.record.get("variant") or IMPORTED)
        told = said.record.get("sample")
        sample = told if isinstance(told, int) else counts[place]
        counts[place] += 1
        score = said.score if said.score is not None and 0 <= said.score <= 1 else None
        yield Prelabel(
            id=digest(round_id, one.of.item_id, variant, sample),
            project=project,
            item_id=one.of.item_id,
            question=one.question,
            round_id=round_id,
            variant=variant,
            sample=sample,
            model=said.who,
            prompt_version=IMPORTED,
            prompt_hash="",
            outcome="parsed",
            value=one.value,
            probabilities=None,
            confidence=score,
            reason=said.note,
            raw=None,
            finish_reason=None,
            tokens_in=None,
            tokens_out=None,
            seconds=None,
            created_at=said.at or now,
            cost_usd=0.0,
            reused_from=IMPORTED,
        )

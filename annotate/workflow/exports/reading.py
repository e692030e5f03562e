"""One question's rows: what was said of each item of a page, put together."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from annotate.exporters.protocol import (
    NOT_ASKED,
    NOT_READ,
    Answer,
    ExportRow,
    Final,
    Machine,
    ruled,
    settle,
)
from annotate.making import maker
from annotate.model import Adjudication, Annotation, Consensus, Decision, Item, Person, Value
from annotate.project import Project
from annotate.questions import QuestionSettings, still_offered
from annotate.store import Store
from annotate.store.pages import Span, Stood
from annotate.workflow.consensus.consenting import consensus_of
from annotate.workflow.consensus.view import ConsensusView
from annotate.workflow.exports.said import Counted, Said, behind, in_force
from annotate.workflow.labelling.sending_back import waits
from annotate.workflow.promises.settling import POLICY as CUT


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is read besides labels. calls: every call of the model with all its texts. votes: what
    they come to, and whose they are. consensus: what the stored consensus stands by. weighed: the
    consensus as it is now, with posteriors. named: of each answer, who gave it and when."""

    calls: bool = False
    consensus: bool = False
    weighed: bool = False
    named: bool = False
    votes: bool = True


@dataclass(frozen=True, slots=True)
class Versions:
    """Hashes of the project's texts, by when they came into force."""

    since: list[str]
    hashes: list[str]

    @classmethod
    def of(cls, store: Store, project: Project) -> Versions:
        found = store.versions.all(project.project)[::-1]
        return cls([one.created_at for one in found], [one.hash for one in found])

    def at(self, moment: str) -> str | None:
        """The text that was in force then; None where nobody has recorded it."""
        place = bisect_right(self.since, moment) if self.since else 0
        return self.hashes[place - 1] if place else None


_row, _answer = maker(ExportRow), maker(Answer)
NOTHING_ASKED = Final(None, "none", NOT_ASKED)
_UNWEIGHED = None, None, None, None


@dataclass(slots=True)
class Reader:
    """One question's rows. frozen_at: when the newest promise froze its labels, text before all
    times without one. weighed_row: where the next item is in `view`."""

    store: Store
    project: Project
    question: QuestionSettings
    wanted: Wanted
    names: Mapping[str, str]
    versions: Versions
    said: Said
    ranks: Mapping[str, int]
    frozen_at: str
    audited: frozenset[str]
    standing: Mapping[str, Adjudication]
    rulings: Mapping[str, Sequence[Adjudication]]
    view: ConsensusView | None
    weighed_row: int = 0

    @classmethod
    def of(
        cls,
        store: Store,
        project: Project,
        question: QuestionSettings,
        wanted: Wanted,
        actor: Person,
        names: Mapping[str, str],
        versions: Versions,
    ) -> Reader:
        ours = project.project, question.name
        promises = store.promises.of_question(*ours)
        return cls(
            store, project, question, wanted, names, versions,
            Said(question, project.llm.exclude),
            store.pages.ranks(*ours),
            promises[-1].created_at if promises else "",
            frozenset(store.promises.audited_items(*ours)) if promises else frozenset(),
            store.adjudications.in_force(*ours),
            store.adjudications.all(*ours),
            consensus_of(store, project, question, actor=actor) if wanted.weighed else None,
        )  # fmt: skip

    def rows(self, items: Sequence[Item]) -> list[ExportRow]:
        """A row for each of the items of a page."""
        pages, read = self.store.pages, self.said.read.__getitem__
        span = Span(self.project.project, self.question.name, items[0].position, items[-1].position)
        decisions, answers = pages.decisions(span, read), pages.answers(span, read)
        whole = pages.whole_calls(span, read) if self.wanted.calls and self.ranks else {}
        short = pages.calls(span) if self._asks_in_short(span) else {}
        stood = pages.consensus(span, read) if self.wanted.consensus else {}
        found = []
        for item in items:
            id_ = item.id
            decision = decisions.get(id_)
            at = "" if decision is None else self.decided_at(decision.policy, decision.created_at)
            if self.wanted.calls:
                all_ = whole.get(id_, ())
                calls = behind(all_, in_force(all_, self.ranks), decision, at)
                counted = self.said.whole(calls)
                machine = replace(counted.machine, calls=tuple(calls))
            else:
                few = short.get(id_, ())
                counted = self.said.in_short(behind(few, in_force(few, self.ranks), decision, at))
                if not self.wanted.votes:
                    counted = Counted(NOT_READ, counted.refused, "")
                machine = counted.machine
            found.append(
                self._row(item, answers.get(id_, ()), decision, counted, machine, stood.get(id_))
            )
        return found

    def _asks_in_short(self, span: Span) -> bool:
        """Whether the calls of a page are to be counted: where the votes do not matter, only for
        refusals."""
        if not self.ranks or self.wanted.calls:
            return False
        return self.wanted.votes or self.store.pages.refused(span)

    def decided_at(self, policy: str, created_at: str) -> str:
        """What a cut decides later is about the label that was frozen when it was promised."""
        return self.frozen_at if policy == CUT else created_at

    def _row(
        self,
        item: Item,
        on_record: Sequence[Annotation],
        decision: Decision | None,
        counted: Counted,
        machine: Machine,
        stood: Stood | None,
    ) -> ExportRow:
        said, id_ = self.said, item.id
        answers = [one for one in on_record if one.kind == "answer"]
        people = said.people([answer.value for answer in answers])
        decision = self._as_now(decision)
        kept = decision.model_value if decision is not None else None
        model_value = kept if kept in said else None
        ruling = self.standing.get(id_)
        final = ruling and ruled(ruling, waits=waits(ruling, answers), offered=said)
        return _row(
            self.project,
            self.question,
            item,
            self._answers(on_record, answers) if answers else (),
            people,
            model_value,
            decision,
            machine,
            final or self._final(on_record, answers, people, decision),
            ruling,
            self._ruled(id_) if self.rulings else (),
            *self._consensus(id_, stood),
            counted.models if model_value is not None else "",
            counted.refused,
            id_ in self.audited,
            self.versions.at(decision.created_at) if decision is not None else None,
            None,
        )

    def _final(
        self,
        on_record: Sequence[Annotation],
        answers: Sequence[Annotation],
        people: Consensus,
        decision: Decision | None,
    ) -> Final:
        """The label where no lead has decided."""
        if not answers and any(one.kind == "not_asked" for one in on_record):
            return NOTHING_ASKED
        return settle(people, len(answers), decision, self.said)

    def _ruled(self, item_id: str) -> tuple[tuple[Adjudication, str], ...]:
        rulings = self.rulings.get(item_id, ())
        return tuple((one, self.names.get(one.person_id, one.person_id)) for one in rulings)

    def _answers(
        self, on_record: Sequence[Annotation], answers: Sequence[Annotation]
    ) -> tuple[Answer, ...]:
        names, version = self.names, self.versions.at
        seconds = (
            {one.person_id: one for one in on_record if one.kind == "second"}
            if len(answers) < len(on_record)
            else {}
        )
        return tuple(
            _answer(one, names[one.person_id], seconds.get(one.person_id), version(one.created_at))
            for one in answers
        )

    def _as_now(self, decision: Decision | None) -> Decision | None:
        """With its values in the question's present form; those no longer offered as they are."""
        if self.said.classes or decision is None or decision.label is None:
            return decision
        label, kept = (
            next(iter(still_offered(self.question, [value])), value)
            for value in (decision.label, decision.model_value)
        )
        return replace(decision, label=label, model_value=kept)

    def _consensus(
        self, item_id: str, stood: Stood | None
    ) -> tuple[Value, str | None, float | None, tuple[float, ...] | None]:
        if self.view is not None:
            return self._weighed(item_id, self.view)
        return _UNWEIGHED if stood is None else (*stood, None)

    def _weighed(
        self, item_id: str, view: ConsensusView
    ) -> tuple[Value, str | None, float | None, tuple[float, ...] | None]:
        """Items come in the order of the view; one that came in later is not in it."""
        row = self.weighed_row
        if row >= len(view.item_ids) or view.item_ids[row] != item_id:
            return _UNWEIGHED
        self.weighed_row += 1
        status = str(view.status[row])
        if not view.posterior.shape[1]:
            return view.value(row), status, None, None
        posterior = tuple(view.posterior[row].tolist())
        label = int(view.label[row])
        chance = posterior[label] if label >= 0 else None
        return view.value(row), status, chance, posterior

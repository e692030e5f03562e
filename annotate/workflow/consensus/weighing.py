"""What people and machine said of a question with classes, as arrays, and what it comes to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from annotate.consensus.confusions import clamped
from annotate.consensus.estimate import Answers, Estimate, Floats, Ints, most_probable
from annotate.consensus.vote import counted
from annotate.model import Value
from annotate.project import Project
from annotate.questions import QUESTION_TYPES, QuestionSettings
from annotate.store import Store
from annotate.workflow.consensus.rulings import Ruling
from annotate.workflow.consensus.view import AnnotatorQuality, ConsensusView, statuses
from annotate.workflow.prelabels.votes import Votes, collect_votes
from annotate.workflow.routes.features import ItemFeatures
from annotate.workflow.routes.learning import member_of

if TYPE_CHECKING:
    from routing.evidence import Evidence
    from routing.student import Features

NONE = -1
MOST_READ = 5_000
"""Items up to which their texts help to say what a machine's answer is worth."""


@dataclass(frozen=True, slots=True, eq=False)
class Heard:
    """Of n items over k classes. people: ids, in the order of their numbers in `answers`.

    planned: (m,), answers that were asked for whatever others had said.
    blind: (n,), nobody who answered had the machine's answer in sight. known: (n,), what somebody
    has decided, -1 elsewhere. machine: what it said of those of the items that it was asked.
    """

    item_ids: list[str]
    people: list[str]
    answers: Answers
    planned: NDArray[np.bool_]
    blind: NDArray[np.bool_]
    known: Ints
    machine: Votes

    @property
    def counts(self) -> Ints:
        """(n,) answers of people."""
        return self.answers.per_item()

    def halves(self) -> NDArray[np.bool_]:
        """(n,) two halves that stay when items come or go."""
        return np.array([crc32(item.encode()) & 1 for item in self.item_ids], dtype=bool)

    def rows(self) -> Ints:
        """Where the machine's items are among all."""
        at = {item: row for row, item in enumerate(self.item_ids)}
        return np.array([at[item] for item in self.machine.item_ids], dtype=np.int64)

    def voted(self) -> Ints:
        """(n,) what most of the machine's answers say; -1 where none voted."""
        from routing.uncertainty import majority

        result = np.full(len(self.item_ids), NONE, dtype=np.int64)
        result[self.rows()] = majority(self.machine.votes, self.answers.k)
        return result

    def evidence(self, features: Sequence[Features]) -> Evidence:
        """The machine's answers to all n items; those it was not asked have none."""
        from routing.evidence import Evidence

        n, rows, machine = len(self.item_ids), self.rows(), self.machine
        return Evidence(
            _spread(machine.votes, n, rows, NONE),
            self.answers.k,
            confidences=_spread(machine.confidences, n, rows, np.nan),
            log_probs=None
            if machine.log_probs is None
            else _spread(machine.log_probs, n, rows, np.nan),
            features=features,
            models=[member_of(call.variant) for call in machine.calls],
            called=_spread(machine.called, n, rows, False),
        )


def hear(
    store: Store, project: Project, question: QuestionSettings, known: Mapping[str, Value]
) -> Heard:
    """Everything said of a question with classes. known: item id -> what somebody has decided."""
    name = project.project
    classes = QUESTION_TYPES[question.type].classes(question)
    number = {value: at for at, value in enumerate(classes)}
    item_ids = store.items.ids(name)
    at = {item: row for row, item in enumerate(item_ids)}
    people: dict[str, int] = {}
    cells: list[tuple[int, int, int, bool]] = []
    blind = np.ones(len(item_ids), dtype=bool)
    for item, person, value, alone, extra in store.annotations.answers(name, question.name):
        label = number.get(value, NONE) if not isinstance(value, list | dict) else NONE
        if label != NONE:
            row = at[item]
            cells.append((row, people.setdefault(person, len(people)), label, not extra))
            blind[row] &= alone
    table = np.array(cells, dtype=np.int64).reshape(-1, 4)
    answers = Answers(
        table[:, 0], table[:, 1], table[:, 2], len(classes), len(item_ids), len(people)
    )
    decided = np.full(len(item_ids), NONE, dtype=np.int64)
    for item, value in known.items():
        decided[at[item]] = number.get(value, NONE)
    said = store.prelabels.said(name, question.name)
    machine = collect_votes(said, classes, project.llm.exclude)
    planned = table[:, 3].astype(bool)
    return Heard(item_ids, list(people), answers, planned, blind, decided, machine)


def weigh(
    project: Project, heard: Heard, features: Sequence[Features]
) -> tuple[Estimate, Floats, NDArray[np.bool_]]:
    """What it comes to by the project's method; (n, k) what the machine's answers alone are worth;
    (n,) items it has said anything of."""
    from annotate.consensus.dawid_skene import dawid_skene
    from annotate.consensus.joint import calibrated, joint
    from annotate.consensus.vote import voted

    a, method = heard.answers, project.consensus.method
    halves, spoke = heard.halves(), heard.voted() != NONE
    evidence = heard.evidence(features) if spoke.any() else None
    if method == "joint":
        estimate = joint(
            a.items, a.people, a.labels, a.k, evidence,
            n=a.n, p=a.p, halves=halves, blind=heard.blind, planned=heard.planned,
            known=heard.known,
        )  # fmt: skip
        return estimate, estimate.prior, spoke
    way = dawid_skene if method == "dawid_skene" else voted
    estimate = way(a.items, a.people, a.labels, a.k, n=a.n, p=a.p, known=heard.known)
    if evidence is None:
        return estimate, estimate.prior, spoke
    taught = heard.blind & ((heard.counts > 0) | (heard.known != NONE))
    worth = calibrated(evidence, estimate.posterior, taught, halves)
    alone = spoke & (heard.counts == 0) & (heard.known == NONE)
    posterior = np.where(alone[:, None], worth, estimate.posterior)
    return Estimate(posterior, estimate.quality, worth), worth, spoke


def by_classes(
    store: Store,
    project: Project,
    question: QuestionSettings,
    ruled: Mapping[str, Ruling],
    version: int,
) -> ConsensusView:
    """The consensus on a question with classes. ruled: item id -> what somebody has decided."""
    decided = {item: one.value for item, one in ruled.items() if one.kind == "adjudicated"}
    heard = hear(store, project, question, decided)
    estimate, worth, spoke = weigh(project, heard, _features(store, project, question, heard))
    counts = heard.counts
    most = np.zeros(len(counts), dtype=np.int64)
    first = np.full(len(counts), NONE, dtype=np.int64)
    if len(heard.answers):
        votes = counted(heard.answers)
        most, first = votes.max(axis=1).astype(np.int64), votes.argmax(axis=1)
    alike = most == counts
    posterior = estimate.posterior
    if project.consensus.human_final:
        final = np.where(alike & (counts > 0) & (heard.known == NONE), first, NONE)
        posterior = clamped(posterior, final)
    at = {item: row for row, item in enumerate(heard.item_ids)}
    rows = {at[item]: one for item, one in ruled.items()}
    unclear = [row for row, one in rows.items() if one.kind == "ambiguous"]
    silent = (counts == 0) & ~spoke & (heard.known == NONE)
    label = np.where(silent, NONE, most_probable(posterior))
    label[unclear] = NONE
    return ConsensusView(
        question=question.name,
        classes=QUESTION_TYPES[question.type].classes(question),
        item_ids=heard.item_ids,
        posterior=posterior,
        label=label,
        people=counts,
        machine=heard.voted(),
        machine_probability=worth,
        status=statuses(counts, alike, spoke, rows),
        quality=_quality(heard.people, estimate),
        uncertainty=1 - posterior.max(axis=1, initial=0.0),
        data_version=version,
    )


def _quality(people: Sequence[str], estimate: Estimate) -> list[AnnotatorQuality]:
    """The people, most answers first."""
    known = estimate.quality
    found = [
        AnnotatorQuality(
            person,
            int(known.answers[at]),
            float(known.accuracy[at]),
            float(known.low[at]),
            float(known.high[at]),
            known.confusion[at],
        )
        for at, person in enumerate(people)
    ]
    return sorted(found, key=lambda one: (-one.answers, one.person_id))


KEPT = 8
"""Questions of this process whose items' words stay in memory: making them takes longest."""
_made: dict[tuple[str, str, str], ItemFeatures] = {}


def _features(
    store: Store, project: Project, question: QuestionSettings, heard: Heard
) -> Sequence[Features]:
    """(n, d) what the items' words are about; nothing where there are many, or no machine spoke."""
    if not heard.machine.item_ids or len(heard.item_ids) > MOST_READ:
        return ()
    key = store.place, project.project, question.name
    kept = _made.pop(key, None) or ItemFeatures()
    features = kept.of(store, project, question, heard.item_ids)
    if store.place:
        _made[key] = kept  # the one used last stands last
        for old in list(_made)[:-KEPT]:
            _made.pop(old, None)
    return features


def _spread(part: NDArray[Any], n: int, rows: Ints, empty: float) -> NDArray[Any]:
    """Rows of an array at their places among n."""
    whole = np.full((n, *part.shape[1:]), empty, dtype=part.dtype)
    whole[rows] = part
    return whole

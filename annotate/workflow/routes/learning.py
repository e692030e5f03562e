"""What is believed of each item: its label, and the chance that people would say otherwise."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from annotate.errors import NothingToDo
from annotate.llm.able import require_able
from annotate.llm.spoken import spoken_of
from annotate.model import Value
from annotate.project import Project
from annotate.project.settings import RoutingSettings
from annotate.questions import QUESTION_TYPES, QuestionSettings
from annotate.store import Store
from annotate.workflow.prelabels.examples import human_values
from annotate.workflow.prelabels.votes import (
    Votes,
    collect_values,
    collect_votes,
    score,
    sentences,
    without_failed,
)
from annotate.workflow.routes.features import ItemFeatures
from annotate.workflow.routes.spread import Spread, spread
from routing import uncertainty
from routing.diversity import near_duplicates
from routing.evidence import Evidence
from routing.risk import RiskModel, Weighed
from routing.stacker import Fitted, Stacker
from routing.student import Features
from routing.types import NO_VOTE, Labels, Mask, Scores


@dataclass(frozen=True, slots=True, eq=False)
class Belief:
    """Of n items over k classes.

    scores: (n,), 0 sure .. 1 unsure, NaN where the machine gave nothing to go by; with the signal
    `learned` the chance that people do not say `labels`. votes: (n,), what most of the machine's
    answers say. labels: (n,), what is delivered unless a person answers; -1 is no label.
    fitted: the model behind it, with the signal `learned`; weighed: the same where there are no
    classes. humans: answers it learned from.
    """

    scores: Scores
    votes: Labels
    labels: Labels
    fitted: Fitted | None = None
    weighed: Weighed | None = None
    humans: int = 0

    @property
    def learned(self) -> bool:
        """Whether the scores are chances that people's answers have a part in."""
        return self.fitted is not None or self.weighed is not None

    @property
    def weights(self) -> Mapping[str, float]:
        """signal -> its coefficient; empty where nothing is learned."""
        if self.weighed is not None:
            return self.weighed.weights
        return {} if self.fitted is None else self.fitted.coefficients


@dataclass(frozen=True, slots=True, eq=False)
class Seen:
    """All that a router may see of a question's pre-labelled items.

    human: (n,), what people answered as index into the classes, -1 where nobody has. features: see
    `ItemFeatures`; empty unless the signal is `learned`. spread: where there are no classes; then
    `classes` are all the values that somebody said.
    """

    machine: Votes
    classes: tuple[Value, ...]
    human: Labels
    features: tuple[Features, ...]
    spread: Spread | None = None

    def believe(self, settings: RoutingSettings, human: Labels | None = None) -> Belief:
        """What the project's signal says. human: other labels to learn from than all there are."""
        if self.spread is not None:
            return self._believe_spread(self.spread, settings, human)
        k, machine = len(self.classes), self.machine
        voted = uncertainty.majority(machine.votes, k)
        if settings.signal != "learned":
            return Belief(score(settings.signal, machine, k), voted, voted)
        human = self.human if human is None else human
        fitted = Stacker(self.evidence()).fit(human)
        labels = np.where(voted == NO_VOTE, NO_VOTE, fitted.labels if settings.relabel else voted)
        risk = without_failed(fitted.risk_of(labels), machine)
        return Belief(risk, voted, labels, fitted, humans=int((human != NO_VOTE).sum()))

    def _believe_spread(
        self, spread: Spread, settings: RoutingSettings, human: Labels | None
    ) -> Belief:
        """As `believe`; what is kept is not corrected by what people say of other items."""
        kept, doubt = spread.kept, without_failed(spread.doubt(), self.machine)
        if settings.signal == "confidence":
            return Belief(without_failed(spread.stated, self.machine), kept, kept)
        if settings.signal != "learned":
            return Belief(doubt, kept, kept)
        human = self.human if human is None else human
        answered = (human != NO_VOTE) & (kept != NO_VOTE)
        weighed = self.risk_model().weigh(answered, self.wrong(kept, human))
        # one answer without a confidence says nothing of itself: then nothing is made up
        chance = np.where(np.isnan(doubt), np.nan, weighed.chance)
        return Belief(chance, kept, kept, weighed=weighed, humans=int((human != NO_VOTE).sum()))

    def risk_model(self, rows: NDArray[np.intp] | None = None) -> RiskModel:
        """What learns where there are no classes, from some of the items or all of them."""
        assert self.spread is not None
        part = slice(None) if rows is None else rows
        signals = {name: values[part] for name, values in self.spread.signals().items()}
        wide = [values[part] for values in self.features if values.shape[1]]
        return RiskModel(signals, np.hstack(wide) if wide else None, self.spread.rate())

    def numbers(self, values: Mapping[str, Value]) -> Labels:
        """(n,) the items' values as index into the classes, -1 where there is none."""
        if self.spread is None:
            return in_order(values, self.machine, self.classes)
        pool, given = self.spread.pool, [values.get(i) for i in self.machine.item_ids]
        return np.array([NO_VOTE if v is None else pool.number(v) for v in given], dtype=np.int64)

    def wrong(self, labels: Labels, human: Labels | None = None) -> Mask:
        """(n,) where people have answered, and otherwise than this. human: as in `believe`."""
        human = self.human if human is None else human
        if self.spread is not None:
            return self.spread.wrong(labels, human)
        return np.asarray((human != NO_VOTE) & (labels != human))

    def sentences(self, scores: Scores) -> list[str]:
        """One sentence on what the machine said of each item."""
        if self.spread is not None:
            return self.spread.sentences()
        return sentences(self.machine, self.classes, scores)

    def evidence(self) -> Evidence:
        """The machine's answers as the router learns from them."""
        return Evidence(
            self.machine.votes,
            len(self.classes),
            confidences=self.machine.confidences,
            log_probs=self.machine.log_probs,
            features=self.features,
            models=[member_of(call.variant) for call in self.machine.calls],
            called=self.machine.called,
        )

    def groups(self) -> NDArray[np.int64] | None:
        """(n,) items with the same number are near-duplicates, -1 is like no other; None without
        words to compare."""
        if not self.features or not self.features[0].shape[1]:
            return None
        return near_duplicates(self.features[0])

    def asked(self, member: str) -> Mask:
        """(n,) items of which a member of the ensemble has been asked, whatever it said."""
        own = [member_of(call.variant) == member for call in self.machine.calls]
        return np.asarray(self.machine.called[:, np.array(own, dtype=bool)].any(axis=1))

    def labels_of(self, member: str) -> Labels:
        """(n,) what most answers of one member say; -1 where it has not answered."""
        return self._majority(member, own=True)

    def labels_without(self, member: str) -> Labels:
        """(n,) what most answers of all others say."""
        return self._majority(member, own=False)

    def _majority(self, member: str, *, own: bool) -> Labels:
        of = [(member_of(call.variant) == member) is own for call in self.machine.calls]
        if not any(of):
            return np.full(len(self.human), NO_VOTE)
        votes = self.machine.votes[:, np.array(of, dtype=bool)]
        if self.spread is not None:
            return self.spread.nearest(votes)
        return uncertainty.majority(votes, len(self.classes))

    def coded(self, one: Labels, other: Labels) -> tuple[Labels, Labels, Labels]:
        """Two sets of labels and people's, so that equal numbers are answers that count as equal:
        where there are no classes, 0 is within what is tolerated of what people say."""
        if self.spread is None:
            return one, other, self.human
        known = self.human != NO_VOTE
        first, second = self.wrong(one), self.wrong(other)
        apart = self.spread.wrong(one, other)
        coded = np.where(second, np.where(first & ~apart, 1, 2), 0)
        parts = (first.astype(np.int64), coded, np.zeros_like(self.human))
        given = (one, other, self.human)
        return tuple(  # type: ignore[return-value]
            np.where(known & (labels != NO_VOTE), part, NO_VOTE)
            for part, labels in zip(parts, given, strict=True)
        )

    def corrected(self, belief: Belief) -> int:
        """Items whose label is another one than most of the machine's answers say."""
        return int((belief.labels != belief.votes).sum())


def member_of(variant: str) -> str:
    """The member of an ensemble whose call this is; empty for a model alone.

    >>> member_of("small/true_false:and/or"), member_of("true_false:and/or")
    ('small', '')
    """
    way, _, _ = variant.partition(":")  # a slash behind it is part of a label
    member, slash, _ = way.partition("/")
    return member if slash else ""


def gather(
    store: Store,
    project: Project,
    question: QuestionSettings,
    features: ItemFeatures,
    *,
    learning: bool = False,
) -> Seen:
    """What there is to go by now. Raises NothingToDo before any pre-labelling, and always for a
    question that no model is asked.

    learning: people's answers and features too, although the project's signal needs none.
    """
    require_able(project, question)
    answers = store.prelabels.said(project.project, question.name)
    spoken, pool = spoken_of(question), features.pool(project, question)
    classes = QUESTION_TYPES[question.type].classes(question)
    if spoken is None:
        machine = collect_votes(answers, classes, project.llm.exclude)
    else:
        machine = collect_values(answers, pool, spoken.claims(question), project.llm.exclude)
    if not machine.item_ids:
        raise NothingToDo(
            f"nothing of {project.project!r} is pre-labelled yet: `coannotate prelabel` comes first"
        )
    learned = learning or project.routing.signal == "learned" or project.routing.diversity > 0
    values = human_values(store, project.project, question, blind=True) if learned else {}
    made = features.of(store, project, question, machine.item_ids) if learned else ()
    if spoken is None:
        return Seen(machine, classes, in_order(values, machine, classes), made)
    found = spread(machine, pool, project)
    alone = Seen(machine, (), np.zeros(0, dtype=np.int64), made, found)
    human = alone.numbers(values)
    return replace(alone, classes=tuple(pool.values), human=human)


def in_order(values: Mapping[str, Value], machine: Votes, classes: Sequence[Value]) -> Labels:
    """(n,) the items' values as index into the classes, -1 where there is none."""
    index = {value: at for at, value in enumerate(classes)}
    said = (index.get(values.get(item_id), NO_VOTE) for item_id in machine.item_ids)
    return np.fromiter(said, dtype=np.int64, count=len(machine.item_ids))

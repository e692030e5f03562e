"""What is believed of each item: its label, and the chance that people would say otherwise."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from annotate.errors import NothingToDo
from annotate.llm.able import require_able
from annotate.model import Value
from annotate.project import Project
from annotate.project.settings import RoutingSettings
from annotate.questions import QUESTION_TYPES, QuestionSettings
from annotate.store import Store
from annotate.workflow.examples import human_values
from annotate.workflow.features import ItemFeatures
from annotate.workflow.votes import Votes, collect_votes, score, without_failed
from routing import uncertainty
from routing.diversity import near_duplicates
from routing.evidence import Evidence
from routing.stacker import Fitted, Stacker
from routing.student import Features
from routing.types import NO_VOTE, Labels, Mask, Scores


@dataclass(frozen=True, slots=True, eq=False)
class Belief:
    """Of n items over k classes.

    scores: (n,), 0 sure .. 1 unsure, NaN where the machine gave nothing to go by; with the signal
    `learned` the chance that people do not say `labels`. votes: (n,), what most of the machine's
    answers say. labels: (n,), what is delivered unless a person answers; -1 is no label.
    fitted: the model behind it, with the signal `learned`. humans: answers it learned from.
    """

    scores: Scores
    votes: Labels
    labels: Labels
    fitted: Fitted | None = None
    humans: int = 0


@dataclass(frozen=True, slots=True, eq=False)
class Seen:
    """All that a router may see of a question's pre-labelled items.

    human: (n,), what people answered as index into the classes, -1 where nobody has. features: see
    `ItemFeatures`; empty unless the signal is `learned`.
    """

    machine: Votes
    classes: tuple[Value, ...]
    human: Labels
    features: tuple[Features, ...]

    def believe(self, settings: RoutingSettings, human: Labels | None = None) -> Belief:
        """What the project's signal says. human: other labels to learn from than all there are."""
        k, machine = len(self.classes), self.machine
        voted = uncertainty.majority(machine.votes, k)
        if settings.signal != "learned":
            return Belief(score(settings.signal, machine, k), voted, voted)
        human = self.human if human is None else human
        fitted = Stacker(self.evidence()).fit(human)
        labels = np.where(voted == NO_VOTE, NO_VOTE, fitted.labels if settings.relabel else voted)
        risk = without_failed(fitted.risk_of(labels), machine)
        return Belief(risk, voted, labels, fitted, int((human != NO_VOTE).sum()))

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
        return uncertainty.majority(votes, len(self.classes))

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
    require_able(question)
    classes = QUESTION_TYPES[question.type].classes(question)
    answers = store.prelabels.said(project.project, question.name)
    machine = collect_votes(answers, classes, project.llm.exclude)
    if not machine.item_ids:
        raise NothingToDo(
            f"nothing of {project.project!r} is pre-labelled yet: `coannotate prelabel` comes first"
        )
    learned = learning or project.routing.signal == "learned" or project.routing.diversity > 0
    values = human_values(store, project.project, question, blind=True) if learned else {}
    index = {value: at for at, value in enumerate(classes)}
    said = (index.get(values.get(item_id), NO_VOTE) for item_id in machine.item_ids)
    human = np.fromiter(said, dtype=np.int64, count=len(machine.item_ids))
    made = features.of(store, project, question, machine.item_ids) if learned else ()
    return Seen(machine, classes, human, made)

"""What is stood by for each item, as arrays: the result of weighing everything that was said."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from annotate.consensus.estimate import Floats, Ints
from annotate.hashing import digest
from annotate.model import Value
from annotate.project import Project
from annotate.questions import QuestionSettings
from annotate.workflow.consensus.rulings import Ruling


@dataclass(frozen=True, slots=True, eq=False)
class AnnotatorQuality:
    """How often a person is right: accuracy within low..high with 95 %, judged by what others said.

    answers: how many it is made of. confusion: (K, K), chance that they say the column where the
    row is right; (0, 0) without classes, where right is within what is tolerated of other people.
    """

    person_id: str
    answers: int
    accuracy: float
    low: float
    high: float
    confusion: Floats


@dataclass(frozen=True, slots=True, eq=False)
class ConsensusView:
    """Of all n items of a project, by position, over K classes.

    classes: what `label` and `machine` count; without a fixed set all values that were said, and
    then posterior and machine_probability are (n, 0). posterior: (n, K), rows sum to 1. label:
    (n,), what is stood by, -1 for nothing. people: (n,), answers that count. machine: (n,), what
    most of the machine's answers say, -1 for nothing. machine_probability: (n, K), what they are
    worth before people are heard, learned from other items. status: (n,), of STATUSES. uncertainty:
    (n,), 0..1, see `ConsensusRow`.
    """

    question: str
    classes: tuple[Value, ...]
    item_ids: list[str]
    posterior: Floats
    label: Ints
    people: Ints
    machine: Ints
    machine_probability: Floats
    status: NDArray[np.str_]
    quality: list[AnnotatorQuality]
    uncertainty: Floats
    data_version: int = 0

    @property
    def priority(self) -> Floats:
        """(n,) how much an item wants to be looked at: uncertainty times people, at least one;
        0 where somebody has decided."""
        decided = np.isin(self.status, ("adjudicated", "ambiguous"))
        return np.where(decided, 0.0, self.uncertainty * np.maximum(self.people, 1))

    def value(self, row: int) -> Value:
        """What is stood by for an item; None for nothing."""
        return _at(self.classes, int(self.label[row]))

    def machine_value(self, row: int) -> Value:
        """What most of the machine's answers say of an item; None for nothing."""
        return _at(self.classes, int(self.machine[row]))


def _at(classes: tuple[Value, ...], number: int) -> Value:
    return None if number < 0 else classes[number]


def statuses(
    people: Ints, alike: NDArray[np.bool_], spoke: NDArray[np.bool_], ruled: Mapping[int, Ruling]
) -> NDArray[np.str_]:
    """(n,) of STATUSES. alike: (n,), people say the same. spoke: (n,), the machine has said
    something. ruled: row -> what somebody has decided."""
    result = np.where(spoke, "machine", "open").astype("<U11")
    result[people == 1] = "single"
    result[(people > 1) & alike] = "agreed"
    result[(people > 1) & ~alike] = "disputed"
    for row, ruling in ruled.items():
        result[row] = ruling.kind
    return result


def basis_of(project: Project, question: QuestionSettings) -> str:
    """Everything of the project file that has a part in the consensus of a question."""
    return digest(
        question.model_dump(mode="json"),
        project.consensus.model_dump(mode="json"),
        list(project.llm.exclude),
        project.routing.tolerance.get(question.name),
        list(project.fields),
    )

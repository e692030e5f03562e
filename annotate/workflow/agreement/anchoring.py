"""Whether people who see the machine's answer first follow it more often than those who do not."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from math import sqrt

from annotate.agreement import wilson
from annotate.model import Person
from annotate.people import require
from annotate.project import Project
from annotate.questions import QuestionSettings, still_offered
from annotate.store import Store
from annotate.store.columns import random_share
from annotate.store.rows import from_json
from annotate.workflow.agreement.groups import MOST_ANSWERS
from annotate.workflow.labelling.overlap import same


@dataclass(frozen=True, slots=True)
class Anchoring:
    """First answers of people: how many there are with the machine's answer in sight, and without,
    and how many of either say the same as the machine."""

    seen: int
    seen_agreeing: int
    blind: int
    blind_agreeing: int

    @property
    def difference(self) -> float | None:
        """How much higher the share of agreement is with the answer in sight, -1..1."""
        if not self.seen or not self.blind:
            return None
        return self.seen_agreeing / self.seen - self.blind_agreeing / self.blind

    @property
    def interval(self) -> tuple[float, float] | None:
        """Of the difference, 95 %: Newcombe's hybrid score interval, method 10 of "Interval
        estimation for the difference between independent proportions" (Stat. Med. 17, 1998).

        Answers of one person are taken as independent of each other.

        >>> [round(end, 4) for end in Anchoring(70, 56, 80, 48).interval]
        [0.0524, 0.3339]
        """
        if self.difference is None:
            return None
        one, two = self.seen_agreeing / self.seen, self.blind_agreeing / self.blind
        low_one, high_one = wilson(self.seen_agreeing, self.seen)
        low_two, high_two = wilson(self.blind_agreeing, self.blind)
        below = sqrt((one - low_one) ** 2 + (high_two - two) ** 2)
        above = sqrt((high_one - one) ** 2 + (two - low_two) ** 2)
        return self.difference - below, self.difference + above

    def sentence(self) -> str:
        """
        >>> Anchoring(70, 56, 80, 48).sentence()[:56]
        "with the model's answer in sight, people said the same i"
        """
        if self.difference is None or self.interval is None:
            return (
                f"the model's answer was in sight of {self.seen:,} first answers and out of sight "
                f"of {self.blind:,}: both are needed to compare them"
            )
        low, high = self.interval
        return (
            f"with the model's answer in sight, people said the same in "
            f"{self.seen_agreeing / self.seen:.0%} of {self.seen:,} answers, without in "
            f"{self.blind_agreeing / self.blind:.0%} of {self.blind:,}: "
            f"{100 * self.difference:+.0f} points, 95% interval {100 * low:+.0f} to "
            f"{100 * high:+.0f}"
        )


def anchoring(
    store: Store, project: Project, question: QuestionSettings, *, actor: Person
) -> Anchoring:
    """Over the items that chance put in one arm or the other; of very many answers a share that
    is drawn by chance. Raises NotAllowed.

    Left out are items that measure, which nobody sees a suggestion for, and answers given after
    the machine's had been revealed.
    """
    require(actor, "review")
    counts: Counter[tuple[bool, bool]] = Counter()
    columns, name = store.columns, project.project
    share = random_share(MOST_ANSWERS / max(columns.answers(name, question.name), 1))
    answers = Counter(zip(*columns.exposures(name, question.name, upto=share), strict=True))
    for (value, exposure), times in answers.items():
        record = from_json(exposure)
        if record.get("arm") == "measuring" or record.get("again") or "said" not in record:
            continue
        said = still_offered(question, [from_json(value), record["said"]])
        if len(said) == 2:
            counts[record["shown"] == "before", same(question, *said)] += times
    return Anchoring(
        seen=counts[True, True] + counts[True, False],
        seen_agreeing=counts[True, True],
        blind=counts[False, True] + counts[False, False],
        blind_agreeing=counts[False, True],
    )

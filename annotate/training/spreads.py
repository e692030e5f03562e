"""How votes are spread over the answers of a question: soft labels."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from functools import partial

from annotate.exporters.protocol import AMBIGUOUS, NOT_ASKED, Answer, Dropped, ExportRow
from annotate.questions.wording import in_words
from annotate.training.prompts import item_text
from annotate.training.protocol import MATERIALS, Material, Rules, Spread, Step
from annotate.training.reasons import ECHO, NO_CLASSES, NOBODY, REFUSED, UNKNOWN_SIGHT
from annotate.training.tasks import task_of


def _steps(row: ExportRow, rules: Rules) -> Iterator[Step]:
    """The share of each answer. Ties and disagreement are what it is for; kept out is what says
    nothing: ambiguous and refused items, and answers that people only repeated.

    truth "consensus": the posterior of the classes, where there is one.
    """
    if not task_of(row).choices:
        yield Dropped(NO_CLASSES)
    elif row.refused:
        yield Dropped(REFUSED)
    elif row.final.why in (AMBIGUOUS, NOT_ASKED):
        yield Dropped(row.final.why)
    else:
        yield _spread(row, rules)


def _spread(row: ExportRow, rules: Rules) -> Step:
    words = task_of(row).words
    blind = [one for one in row.answers if rules.echoes or one.blind or _alone(row, one)]
    if row.answers and not blind:
        unknown = any(one.shown == "unknown" for one in row.answers)
        return Dropped(UNKNOWN_SIGHT if unknown else ECHO)
    counts = (
        Counter(in_words(row.question, one.annotation.value) for one in blind)
        if blind
        else row.machine.votes
    )
    votes = [counts.get(word, 0) for word in words]
    total = sum(votes)
    if rules.truth == "consensus" and row.posterior is not None:
        probabilities = row.posterior
    elif total:
        probabilities = tuple(count / total for count in votes)
    else:
        return Dropped(NOBODY)
    return partial(_of_item, probabilities=probabilities, votes=total)


def _of_item(row: ExportRow, probabilities: tuple[float, ...], votes: int) -> tuple[Spread]:
    words = task_of(row).words
    return (Spread(row, item_text(row), row.question.text, words, probabilities, votes),)


def _alone(row: ExportRow, one: Answer) -> bool:
    """An answer from another tool about which no model is known to have said anything."""
    return one.shown == "unknown" and row.model_value is None


MATERIALS.add("spreads", Material(_steps))

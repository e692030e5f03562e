"""How votes are spread over the answers of a question: soft labels."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from annotate.chats import read_as
from annotate.exporters.protocol import AMBIGUOUS, NOT_ASKED, Dropped, ExportRow
from annotate.model import Value
from annotate.questions import QUESTION_TYPES
from annotate.questions.rating import RatingSettings
from annotate.questions.wording import in_words
from annotate.training.protocol import MATERIALS, Rules, Spread
from annotate.training.reasons import ECHO, NO_CLASSES, NOBODY, REFUSED


def spreads(row: ExportRow, rules: Rules) -> Iterator[Spread | Dropped]:
    """The share of each answer. Ties and disagreement are what it is for; kept out is what says
    nothing: ambiguous and refused items, and answers that people only repeated.

    truth "consensus": the posterior of the classes, where there is one.
    """
    classes = _classes(row)
    if not classes:
        yield Dropped(NO_CLASSES)
    elif row.refused:
        yield Dropped(REFUSED)
    elif row.final.why in (AMBIGUOUS, NOT_ASKED):
        yield Dropped(row.final.why)
    else:
        yield _spread(row, classes, rules)


def _classes(row: ExportRow) -> tuple[Value, ...]:
    """The numbers of a scale are a fixed set too."""
    kind = QUESTION_TYPES[row.question.type]
    if isinstance(row.question, RatingSettings):
        return tuple(kind.said(row.question))
    return tuple(kind.classes(row.question))


def _spread(row: ExportRow, classes: tuple[Value, ...], rules: Rules) -> Spread | Dropped:
    words = tuple(in_words(row.question, value) for value in classes)
    blind = [one for one in row.answers if rules.echoes or one.shown != "before"]
    counts = Counter(in_words(row.question, one.annotation.value) for one in blind)
    if row.answers and not blind:
        return Dropped(ECHO)
    if not blind:
        counts = Counter(dict(row.machine.votes))
    total = sum(counts[word] for word in words)
    if rules.truth == "consensus" and row.posterior is not None:
        return _made(row, words, row.posterior, total)
    if not total:
        return Dropped(NOBODY)
    return _made(row, words, tuple(counts[word] / total for word in words), total)


def _made(
    row: ExportRow, words: tuple[str, ...], probabilities: tuple[float, ...], votes: int
) -> Spread:
    return Spread(row, _state(row), row.question.text, words, probabilities, votes)


def _state(row: ExportRow) -> str:
    """The item as a model reads it."""
    names = row.project.fields
    if len(names) == 1:
        return read_as(row.project, names[0], row.item)
    return "\n\n".join(f"{name}: {read_as(row.project, name, row.item)}" for name in names)


MATERIALS.add("spreads", spreads)

"""What a labelled set cannot do, read off its own numbers."""

from __future__ import annotations

from collections.abc import Iterator

from annotate.agreement import Estimate
from annotate.card.facts import CardFacts, QuestionFacts
from annotate.card.voice import Voice, inline
from annotate.exporters.protocol import NOT_ASKED

FEW = 10
"""Labels of a class below which hardly anything can be learned or measured of it."""
TENTATIVE = 0.667
"""Alpha below which Krippendorff (Content Analysis, 2004) draws no conclusions at all."""
_LEANING = 0.1
"""Share of answers given with the machine's in sight from which on it must be told."""


def limits(facts: CardFacts, voice: Voice) -> Iterator[str]:
    """One sentence each; what holds of several questions alike once; the last one always."""
    found = [(one.question.name, *limit) for one in facts.questions for limit in _all(one, voice)]
    alike: dict[str, list[str]] = {}
    for name, key, _ in found:
        alike.setdefault(key, []).append(name)
    for name, key, said in found:
        names = alike[key] if key in _ALIKE else [name]
        if name == names[0]:
            yield voice.say(key, questions=voice.named(names), **said)
    yield voice.say("limit_unknown")


_ALIKE = ("limit_none", "limit_bound", "limit_selected", "limit_unmeasured")


def _all(found: QuestionFacts, voice: Voice) -> Iterator[_Limit]:
    yield from _of_labels(found, voice)
    yield from _of_people(found, voice)
    yield from _of_measures(found, voice)


_Limit = tuple[str, dict[str, object]]


def _of_labels(found: QuestionFacts, voice: Voice) -> Iterator[_Limit]:
    labelled = found.labelled
    # what is not asked of an item has no label to miss
    asked = (count for why, count in labelled.left_out.items() if why != NOT_ASKED)
    total, without = labelled.total, sum(asked)
    if without and not total:
        yield "limit_none", {}
    elif without:
        yield "limit_unlabelled", {"count": without, "items": total + without}
    alone = labelled.sources.get("model", 0) + labelled.sources.get("learned", 0)
    if alone:
        share = voice.share(alone, total)
        yield "limit_model", {"count": alone, "labels": total, "share": share}
    rare = [inline(label) for label, count in labelled.labels.items() if count < FEW]
    if rare and total:
        yield "limit_rare", {"few": FEW, "labels": voice.listed(rare)}
    if found.bound.state != "kept":
        yield "limit_bound", {}


def _of_people(found: QuestionFacts, voice: Voice) -> Iterator[_Limit]:
    labelled = found.labelled
    single, total = labelled.single, labelled.total
    if single:
        yield (
            "limit_single",
            {"count": single, "labels": total, "share": voice.share(single, total)},
        )
    if len(labelled.people) == 1:
        yield "limit_alone", {}
    if labelled.assisted > _LEANING * labelled.answers:
        yield "limit_assisted", {"share": voice.share(labelled.assisted, labelled.answers)}


def _of_measures(found: QuestionFacts, voice: Voice) -> Iterator[_Limit]:
    if found.selected:
        yield "limit_selected", {}
    people = next((one for one in found.compared if one.who == "people"), None)
    headline = people.measures[0] if people else None
    if headline is None or not isinstance(headline.measure, Estimate):
        yield "limit_unmeasured", {}
    elif headline.title.startswith("alpha") and headline.measure.value < TENTATIVE:
        yield "limit_low", {"value": voice.decimal(headline.measure.value)}

"""What a labelled set cannot do, read off its own numbers."""

from __future__ import annotations

from collections.abc import Iterator

from annotate.agreement import Estimate
from annotate.agreement.measure import decimal
from annotate.card.facts import CardFacts, QuestionFacts
from annotate.card.voice import Voice, inline, share_of
from annotate.exporters.protocol import NOT_ASKED

FEW = 10
"""Labels of a class below which hardly anything can be learned or measured of it."""
TENTATIVE = 0.667
"""Alpha below which Krippendorff (Content Analysis, 2004) draws no conclusions at all."""
_LEANING = 0.1
"""Share of answers given with the machine's in sight from which on it must be told."""


def limits(facts: CardFacts, voice: Voice) -> Iterator[str]:
    """One sentence each; the last one always."""
    for found in facts.questions:
        name = inline(found.question.name)
        for key, said in (*_of_labels(found, voice), *_of_people(found), *_of_measures(found)):
            yield voice.say(key, question=name, **said)
    yield voice.say("limit_unknown")


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
        share = share_of(alone, total)
        yield "limit_model", {"count": alone, "labels": total, "share": share}
    rare = [inline(label) for label, count in labelled.labels.items() if count < FEW]
    if rare and total:
        yield "limit_rare", {"few": FEW, "labels": voice.listed(rare)}
    if found.bound.state != "kept":
        yield "limit_bound", {}


def _of_people(found: QuestionFacts) -> Iterator[_Limit]:
    labelled = found.labelled
    single, total = labelled.single, labelled.total
    if single:
        yield "limit_single", {"count": single, "labels": total, "share": share_of(single, total)}
    if len(labelled.people) == 1:
        yield "limit_alone", {}
    if labelled.assisted > _LEANING * labelled.answers:
        yield "limit_assisted", {"share": share_of(labelled.assisted, labelled.answers)}


def _of_measures(found: QuestionFacts) -> Iterator[_Limit]:
    if found.selected:
        yield "limit_selected", {}
    people = next((one for one in found.compared if one.who == "people"), None)
    headline = people.measures[0] if people else None
    if headline is None or not isinstance(headline.measure, Estimate):
        yield "limit_unmeasured", {}
    elif headline.title.startswith("alpha") and headline.measure.value < TENTATIVE:
        yield "limit_low", {"value": decimal(headline.measure.value)}

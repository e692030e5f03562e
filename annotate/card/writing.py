"""Facts -> the data card, as Markdown."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from annotate.agreement import Estimate
from annotate.card.facts import CardFacts, Labelled, QuestionFacts
from annotate.card.limits import limits
from annotate.card.made import bound, guideline, model, routing, splits
from annotate.card.question import asked
from annotate.card.voice import Language, Voice, day, inline, table

SECTIONS = ("task", "labels", "people", "agreement", "model", "routing", "bound", "splits",
            "guideline", "limits")  # fmt: skip


def written(facts: CardFacts, language: Language, *, names: bool = False) -> str:
    """The card, ending in one line end: the same facts give the same bytes.

    names: the people by name; else only how many there are.
    """
    voice = Voice(language)
    bodies = {
        "task": _task(facts, voice),
        "labels": _labels(facts, voice),
        "people": _people(facts, voice, names),
        "agreement": _agreement(facts, voice),
        "model": model(facts, voice),
        "routing": routing(facts, voice),
        "bound": bound(facts, voice),
        "splits": splits(facts, voice),
        "guideline": guideline(facts, voice),
        "limits": ["\n".join(f"- {limit}" for limit in limits(facts, voice))],
    }
    blocks = [f"# {inline(facts.project.title)}"]
    for name in SECTIONS:
        body = list(bodies[name])
        if body:
            blocks += [f"## {voice.say(name)}", *body]
    return "\n\n".join(blocks) + "\n"


def _task(facts: CardFacts, voice: Voice) -> Iterator[str]:
    fields = voice.listed(f"`{name}`" for name in facts.project.fields)
    key = "task_items" if len(facts.project.fields) > 1 else "task_items_one_field"
    yield voice.say(key, items=facts.items, fields=fields)
    language = voice.say(f"language_{facts.project.language}")
    yield voice.say("task_language", language=language)
    for found in facts.questions:
        yield from asked(found.question, voice)


def _labels(facts: CardFacts, voice: Voice) -> Iterator[str]:
    for found in facts.questions:
        labelled = found.labelled
        name, total = inline(found.question.name), labelled.total
        yield voice.say("labels_of", labels=total, items=facts.items, question=name)
        if total:
            head = (voice.say("from"), voice.say("count"), voice.say("share"))
            yield table(
                head,
                (
                    (voice.say(f"source_{source}"), f"{n:,}", voice.share(n, total))
                    for source, n in labelled.sources.items()
                ),
            )
        if labelled.labels and total:
            head = (voice.say("distribution", question=name), *head[1:])
            rows = labelled.labels.items()
            yield table(head, ((inline(k), f"{n:,}", voice.share(n, total)) for k, n in rows))
        if labelled.left_out:
            head2 = (voice.say("left_out"), voice.say("items"))
            out = labelled.left_out.items()
            yield table(head2, ((voice.translated(why), f"{n:,}") for why, n in out))


def _people(facts: CardFacts, voice: Voice, names: bool) -> Iterator[str]:
    answered = [found.labelled for found in facts.questions if found.labelled.answers]
    if not answered:
        yield voice.say("people_nobody")
        return
    people: dict[str, int] = {}
    for one in answered:
        for name, count in one.people.items():
            people[name] = people.get(name, 0) + count
    first = day(min(one.first for one in answered))
    last = day(max(one.last for one in answered))
    yield voice.say(
        "people_count" if first < last else "people_count_one_day",
        people=len(people),
        answers=sum(people.values()),
        first=first,
        last=last,
    )
    if any(one.answers > one.imported for one in answered):  # some were given here
        yield from _seen(facts, voice)
    yield from _in_sight(answered, sum(people.values()), voice)
    yield voice.say(f"combined_{facts.truth}", method=facts.project.consensus.method)
    for per_item, asked_alike in _per_item(facts).items():
        questions = voice.named(asked_alike)
        head = (voice.say("answers_per_item", questions=questions), voice.say("items"))
        yield table(head, ((str(many), f"{items:,}") for many, items in per_item))
    if names:
        ordered = sorted(people.items(), key=lambda one: (-one[1], one[0]))
        head = (voice.say("person"), voice.say("answers"))
        yield table(head, ((inline(name), f"{count:,}") for name, count in ordered))


def _per_item(facts: CardFacts) -> dict[tuple[tuple[int, int], ...], list[str]]:
    """(people who answered, items), in order -> the questions of which this holds."""
    found: dict[tuple[tuple[int, int], ...], list[str]] = {}
    for one in facts.questions:
        if one.labelled.per_item:
            per_item = tuple(sorted(one.labelled.per_item.items()))
            found.setdefault(per_item, []).append(one.question.name)
    return found


def _in_sight(answered: Sequence[Labelled], answers: int, voice: Voice) -> Iterator[str]:
    """What single answers were given with in sight, beside the mode of the project."""
    assisted, imported = sum(o.assisted for o in answered), sum(o.imported for o in answered)
    if assisted:
        share = voice.share(assisted, answers)
        yield voice.say("people_assisted", assisted=assisted, answers=answers, share=share)
    if imported:
        yield voice.say("people_imported", imported=imported, answers=answers)


def _seen(facts: CardFacts, voice: Voice) -> Iterator[str]:
    people = facts.project.people
    yield voice.say(f"people_mode_{people.mode}")
    if people.other_arm is not None:
        share = voice.percent(f"{100 * people.other_arm.share:.3g} %")
        yield voice.say("people_arm", share=share, mode=people.other_arm.mode)
    if people.training is not None:
        passed = voice.percent(f"{100 * people.training.pass_:.3g} %")
        yield voice.say("people_training", items=people.training.items, pass_=passed)


def _agreement(facts: CardFacts, voice: Voice) -> Iterator[str]:
    yield voice.say("agreement_intro")
    if any(found.labelled.imported for found in facts.questions):
        yield voice.say("agreement_imported")
    head = (voice.say("between"), voice.say("measure"), voice.say("value"))
    for found in facts.questions:
        yield f"**`{found.question.name}`**"
        yield table(head, [*_measured(found, voice), *_right(found, voice)], text=3)
        if found.share < 1:
            share = voice.percent(f"{100 * found.share:.1f} %")
            yield voice.say("agreement_share", share=share, question=found.question.name)


def _measured(found: QuestionFacts, voice: Voice) -> Iterator[tuple[str, str, str]]:
    """A row for each measure; one is enough where none is defined."""
    for one in found.compared:
        defined = [told for told in one.measures if isinstance(told.measure, Estimate)]
        for told in defined or one.measures[:1]:
            value = voice.measure(told.measure, percent=told.share)
            title = inline(voice.translated(told.title))
            yield voice.say(f"between_{one.who}"), title, value


def _right(found: QuestionFacts, voice: Voice) -> Iterator[tuple[str, str, str]]:
    """Shares right, where somebody has looked."""
    looked = {"audit": found.audit, "model": found.model_right, "people": found.people_right}
    for name, measure in looked.items():
        if isinstance(measure, Estimate):
            value = voice.measure(measure, percent=True)
            yield voice.say(f"right_{name}"), voice.say("right"), value

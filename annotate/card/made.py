"""The sections of a card on how the labels were made: model, routing, bound, splits, guideline."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from annotate.card.facts import Bound, Caller, CardFacts, QuestionFacts
from annotate.card.voice import Voice, day, inline, lower, table
from annotate.model import PEOPLE, VOTING
from annotate.promise.wording import at_most, confidence, percent


def model(facts: CardFacts, voice: Voice) -> Iterator[str]:
    """Which models answered, under which prompts, and what became of their calls."""
    callers = _merged(one for found in facts.questions for one in found.callers)
    if not callers:
        yield voice.say("model_none")
        return
    head = [voice.say(f"model_{n}") for n in ("name", "prompt", "calls", "usable", "when")]
    yield table(head, (_caller(one) for one in callers), text=2)
    failed: Counter[str] = Counter()
    for one in callers:
        failed.update({how: n for how, n in one.calls.items() if how not in VOTING})
    if failed:
        told = (f"{voice.say(f'outcome_{how}')} {n:,}" for how, n in failed.most_common())
        yield voice.say("model_failed", outcomes=voice.listed(told))


def _merged(callers: Iterable[Caller]) -> list[Caller]:
    """One for each model and prompt version, whatever the question; in the order they come."""
    found: dict[tuple[str, str], Caller] = {}
    for one in callers:
        key = one.model, one.prompt_version
        if (known := found.get(key)) is not None:
            calls = Counter(known.calls) + Counter(one.calls)
            first, last = min(known.first, one.first), max(known.last, one.last)
            one = Caller(*key, calls, first, last)
        found[key] = one
    return list(found.values())


def _caller(one: Caller) -> tuple[str, ...]:
    usable = sum(n for how, n in one.calls.items() if how in VOTING)
    total = sum(one.calls.values())
    when = ", ".join(dict.fromkeys((day(one.first), day(one.last))))
    return inline(one.model), inline(one.prompt_version), f"{total:,}", f"{usable:,}", when


def routing(facts: CardFacts, voice: Voice) -> Iterator[str]:
    """Who decided which items people get, and where the items went."""
    if not any(found.policy for found in facts.questions):
        yield voice.say("routing_none")
        return
    settings = facts.project.routing
    alone = [one for one in facts.questions if one.policy == PEOPLE]
    for found in facts.questions:
        if found.policy is None or found.policy == PEOPLE:
            continue
        name = inline(found.question.name)
        yield voice.say(
            "routing_policy", question=name, policy=found.policy, signal=settings.signal
        )
        yield _sent(found, voice)
    if alone:
        yield voice.say("routing_people", questions=voice.named(one.question.name for one in alone))
    if settings.audit and settings.policy not in ("promise", "coannotating"):
        share = voice.percent(f"{100 * settings.audit:.3g} %")
        yield voice.say("routing_audit", share=share)


def _sent(found: QuestionFacts, voice: Voice) -> str:
    sent = sorted(found.destinations.items())
    rows = ((voice.say(f"sent_{where}"), f"{n:,}") for where, n in sent)
    return table((voice.say("sent"), voice.say("items")), rows)


def bound(facts: CardFacts, voice: Voice) -> Iterator[str]:
    """What is promised of the labels, and what that means; nothing promised is said once."""
    without = [found for found in facts.questions if found.bound.state is None]
    if len(without) == len(facts.questions) > 1:
        yield voice.say("bound_none_of_all")
        return
    for found in facts.questions:
        if found not in without:
            yield from _promised(found, voice)
    if without:
        names = voice.named(found.question.name for found in without)
        said = _statement(without[0].bound, voice)
        yield voice.say("bound_of", questions=names, statement=said)


def _promised(found: QuestionFacts, voice: Voice) -> Iterator[str]:
    one = found.bound
    names = voice.named([found.question.name])
    yield voice.say("bound_of", questions=names, statement=_statement(one, voice))
    if one.state in ("kept", "short", "waiting"):
        yield voice.say("bound_supports", size=one.size)
    if one.made > 1:
        yield voice.say("bound_several", made=one.made, fails=voice.percent(at_most(one.fails)))


def _statement(one: Bound, voice: Voice) -> str:
    if voice.language == "en":
        return inline(one.statement)
    if one.state is None:
        return voice.say("bound_none")
    return voice.say(
        f"bound_{one.state}",
        tolerance=voice.percent(percent(one.tolerance)),
        confidence=voice.percent(confidence(one.alpha)),
        wrong=voice.percent(at_most(one.wrong_at_most)),
        reason=inline(voice.reasons(one.reason)),
        size=one.size,
        delivered=one.delivered,
        audited=one.audited,
        answered=one.answered,
        answers=one.answers,
        to_go=one.to_go,
    )


def splits(facts: CardFacts, voice: Voice) -> Iterator[str]:
    """Where the items went, and what kept them together; nothing where the set is whole."""
    if facts.split is None:
        return
    plan, found = facts.split
    rows = ((inline(name), f"{n:,}") for name, n in zip(found.names, found.counts, strict=True))
    yield table((voice.say("split_name"), voice.say("items")), rows)
    yield voice.say("split_how", groups=found.groups, seed=inline(plan.seed))
    if plan.by:
        yield voice.say("split_by", by=voice.listed(f"`{name}`" for name in plan.by))
    if plan.near_duplicates:
        yield voice.say("split_near", similarity=f"{plan.similarity:g}")
    for one in found.moved:
        why = inline(voice.translated(one.why))
        yield voice.say("split_moved", first=inline(found.names[0]), count=one.count, why=why)


def guideline(facts: CardFacts, voice: Voice) -> Iterator[str]:
    """Its text as it is now, and how many answers were given before it was."""
    if facts.version:
        yield voice.say(
            "guideline_version",
            version=facts.version,
            day=day(facts.version_at),
            hash=facts.version_hash,
        )
    for found in facts.questions:
        if found.earlier:
            yield voice.say(
                "guideline_earlier",
                question=inline(found.question.name),
                earlier=found.earlier,
                answers=found.labelled.answers,
            )
    text = facts.project.guideline.strip()
    yield lower(text, 2) if text else voice.say("guideline_empty")

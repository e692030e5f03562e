"""Everything there is to say about a promise, a sentence to a line."""

from __future__ import annotations

from collections.abc import Iterator

from annotate.promise.estimates import HumanError, LabelPromise
from annotate.promise.wording import at_most, between, confidence, percent, together
from annotate.workflow.promises.status import Findings, PromiseStatus


def report(status: PromiseStatus, found: Findings | None) -> list[str]:
    """The statement first, then what it rests on and what else the audit says."""
    lines = [status.statement(), *_audit(status)]
    if found is not None:
        lines += _findings(status, found)
    lines.append(together(status.made, status.fails))
    return [line[0].upper() + line[1:] for line in lines if line]


def _audit(status: PromiseStatus) -> Iterator[str]:
    if status.state == "withdrawn":
        return
    if status.state == "auditing":
        if status.skipped:
            yield (
                f"{status.skipped:,} audited items were skipped: they count as wrong unless "
                "somebody else answers them; `coannotate promise settle` does not wait for that"
            )
        return
    yield from _certificate(status)


def _certificate(status: PromiseStatus) -> Iterator[str]:
    promise = status.promise
    unanswered = (
        f", {status.unanswered:,} of them because nobody answered" if status.unanswered else ""
    )
    yield (
        f"{status.errors:,} of {promise.audited:,} audited labels were wrong{unanswered}; "
        f"{status.critical:,} may be passed"
    )
    if not status.cut:
        yield "the surest label already was one wrong too many: people get everything"
    else:
        yield (
            f"{status.cut:,} of the {promise.population:,} frozen labels come before the cut; "
            f"{status.machine:,} labels are the model's"
        )


def _findings(status: PromiseStatus, found: Findings) -> Iterator[str]:
    promise = status.promise
    sure = confidence(promise.alpha)
    if found.accuracy is not None:
        yield (
            f"the model was right on {percent(round(found.accuracy.estimate, 3))} of all "
            f"{promise.population:,} frozen labels "
            f"({between(found.accuracy.low, found.accuracy.high)}, {sure} confidence, exact)"
        )
    yield (
        f"likely share of wrong labels: about {percent(round(found.expected, 3))} "
        "(a guess from the audit; the promise is what holds)"
    )
    yield from _labels(status, found.labels)
    if found.shares:
        told = ", ".join(
            f"{label} {percent(round(share.estimate, 3))} ({between(share.low, share.high)})"
            for label, share in found.shares.items()
        )
        yield f"classes among the frozen items, about {sure} confidence each: {told}"
    yield _human(status, found.human)


def _labels(status: PromiseStatus, labels: list[LabelPromise]) -> Iterator[str]:
    certified = [one for one in labels if one.certified]
    if not certified or len(labels) < 2:
        return
    promise = status.promise
    yield (
        f"label by label, at most {percent(promise.tolerance)} of those frozen as it, with "
        f"{confidence(promise.alpha)} confidence for all labels together:"
    )
    for one in certified:
        price = (
            f"would hold if people also answered {one.more:,} more of them"
            if one.more
            else "holds with this cut"
        )
        yield (
            f"  {one.label}: {price} ({one.errors:,} of {one.audited:,} audited were wrong, "
            f"{one.items:,} in all)"
        )


def _human(status: PromiseStatus, human: HumanError | None) -> str:
    promise = status.promise
    if human is None:
        return (
            "people's answers count as right: how often they are wrong is not measured, because "
            "nobody answered an item that another person had answered"
        )
    share = 1 - status.machine / promise.size
    worst = min(promise.tolerance + share * human.rate.high, 1.0)
    return (
        f"with the measured human error: two people differ on {human.differing:,} of "
        f"{human.doubles:,} items that both answered ({between(human.rate.low, human.rate.high)}). "
        f"If one of them is wrong as often as that, at most {percent(promise.tolerance)} + "
        f"{at_most(share)} x {at_most(human.rate.high)} = {at_most(worst)} of the labels are wrong"
    )

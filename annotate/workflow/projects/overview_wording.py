"""The overview in sentences: how good the data are, and what it takes and costs to finish."""

from __future__ import annotations

from collections.abc import Iterator

from annotate.agreement import Estimate
from annotate.agreement.measure import told
from annotate.project import Project
from annotate.workflow.agreement.report import SAME
from annotate.workflow.projects.overview import Overview, QuestionOverview


def quality(found: QuestionOverview) -> Iterator[str]:
    """How good the answers to one question are; what is not known yet is left out."""
    audit = found.audit
    if isinstance(audit, Estimate):
        yield (
            f"Of the labels that the model keeps, people checked {_items(audit.items)} drawn by "
            f"chance: {told(audit, percent=True)} are right."
        )
    same = found.agreement.people.measures[SAME]
    if isinstance(same, Estimate):
        yield (
            f"Of {_items(same.items)} that several people saw, two of them say the same on "
            f"{told(same, percent=True)}."
        )
    yield found.agreement.sentence()
    yield from _known(found)
    if found.anchoring is not None:
        sentence = found.anchoring.sentence()
        yield f"{sentence[0].upper()}{sentence[1:]}."


def _known(found: QuestionOverview) -> Iterator[str]:
    measures = (("the model", found.model_right), ("people", found.people_right))
    right = [
        f"{who} {told(measure, percent=True)} right on {_items(measure.items)}"
        for who, measure in measures
        if isinstance(measure, Estimate)
    ]
    if right:
        yield f"Where the answer is known: {', '.join(right)}."


def to_finish(found: QuestionOverview, project: Project) -> str:
    """What people still have to do for one question, in hours, and in money where a wage is told.

    A median is multiplied: it is what is usual, and long answers make it somewhat more.
    """
    if not found.waiting:
        return "No answer of people is waited for."
    waits = f"{_many(found.waiting, 'answer')} of people to go"
    if found.seconds is None or found.hours is None:
        return f"{waits}; how long one takes is known after the first."
    took = f"{waits}, at {found.seconds:.0f} s each (median): {_hours(found.hours)}"
    wage = project.routing.hour_usd
    if wage is None:
        return f"{took}. With `routing: hour_usd:` in the project file this is told in dollars too."
    return f"{took}, ${found.hours * wage:,.2f} at ${wage:g} an hour."


def on_the_model(found: Overview, project: Project) -> str:
    """What the model has cost, and what is left for it to do."""
    spent, llm = found.spent, project.llm
    if not spent.calls:
        return "The model has not been asked yet."
    told_of = f"{_many(spent.calls, 'call')} of the model"
    if all(model.provider == "local" for _, model in llm.models()):
        return f"{told_of}, on this machine: no money."
    if spent.unpriced == spent.calls:
        cost = f"{told_of}, of unknown cost: give its `price`"
    else:
        cost = f"{told_of} have cost ${spent.usd:,.4f}"
        if spent.unpriced:
            cost += f", and {spent.unpriced:,} of them are of unknown cost"
    missing = sum(found.items - one.prelabelled for one in found.questions)
    if not missing:
        return f"{cost}; every item has its answer{_cap(project)}."
    return f"{cost}; {_many(missing, 'answer')} missing{_about(found, missing)}{_cap(project)}."


def _about(found: Overview, missing: int) -> str:
    """What the missing answers may cost, at what the others did."""
    done = sum(one.prelabelled for one in found.questions)
    if not done or not found.spent.usd:
        return ""
    return f", about ${found.spent.usd / done * missing:,.4f} more"


def _cap(project: Project) -> str:
    cap = project.llm.max_cost_usd
    return "" if cap is None else f"; a run stops before ${cap:g}"


def _hours(hours: float) -> str:
    return f"{60 * hours:.0f} minutes" if hours < 2 else f"{hours:,.1f} hours"


def _items(count: int) -> str:
    return _many(count, "item")


def _many(count: int, what: str) -> str:
    return f"{count:,} {what}" if count == 1 else f"{count:,} {what}s"

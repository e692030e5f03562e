"""An explanation as lines of text."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from annotate.model import Value
from annotate.questions import brief
from annotate.workflow.routes.explaining import Explanation, Said
from app.cli.output import aligned

DESTINATIONS = {
    "auto": "the label stands",
    "annotate": "people answer it",
    "audit": "people check it, drawn at random",
    "strong": "the stronger model answers it next",
}
SHOWN_TERMS = 8


def told(question: str, found: Explanation) -> Iterator[str]:
    """What was decided, what went in, what it weighed."""
    decision, routing = found.decision, found.routing
    risk = "none" if decision.score is None else f"{decision.score:.3f}"
    yield f"{question}: {DESTINATIONS[decision.destination]}. {decision.reason}"
    label = _said(decision.label)
    yield f"  label {label}, risk {risk}, chance to be sent {decision.propensity:.3g}"
    yield (
        f"  policy {routing.policy}, version {routing.number} of {routing.created_at}: "
        + _policy(routing.settings)
    )
    yield ""
    yield from aligned([_call(one) for one in found.said]) or ["no usable answer from the model"]
    if found.terms:
        yield ""
        yield "What each signal adds (logits):"
        shown = list(found.terms.items())[:SHOWN_TERMS]
        yield from aligned([{"signal": name, **_signed(values)} for name, values in shown])
        chances = ", ".join(f"{value} {share:.3f}" for value, share in found.probabilities.items())
        yield f"together: {chances}"
    if found.answers_since:
        now = "none" if found.risk_now is None else f"{found.risk_now:.3f}"
        yield (
            f"{found.answers_since} human answers came since: routing again would say "
            f"{_said(found.label_now)}, risk {now}"
        )


def _said(value: Value) -> str:
    return str(value) if value is None else brief(value)


def _policy(settings: Mapping[str, Value]) -> str:
    wanted = ("signal", "share", "accept_below", "audit_rate", "humans")
    return ", ".join(f"{name} {settings[name]}" for name in wanted if name in settings)


def _call(one: Said) -> dict[str, object]:
    return {
        "call": f"{one.variant} #{one.sample + 1}",
        "answer": _said(one.value),
        "stated": "" if one.confidence is None else f"{one.confidence:.2f}",
        "probability": "" if one.probability is None else f"{one.probability:.3f}",
    }


def _signed(values: Mapping[Value, float]) -> dict[str, object]:
    return {str(name): f"{value:+.2f}" for name, value in values.items()}

"""Agreement in rows and sentences, for the terminal and the page alike."""

from __future__ import annotations

from annotate.agreement import Undefined
from annotate.agreement.measure import told
from annotate.workflow.agreement.report import Agreement, Preferred


def sampled(found: Agreement) -> str | None:
    """That only a share of the answers was read; None where all were."""
    if found.share >= 1:
        return None
    return (
        f"Computed from {found.share:.1%} of people's answers, those to items drawn by chance; "
        "`coannotate agreement --all` reads every one."
    )


def preferred_rows(found: Preferred) -> list[dict[str, str]]:
    """Each response's share of wins, and its Bradley-Terry strength."""
    strengths = found.strengths
    return [
        {
            "response": name,
            "wins (a tie counts half)": told(rate, percent=True),
            "strength": "not defined"
            if isinstance(strengths, Undefined)
            else told(strengths.responses[at]),
        }
        for at, (name, rate) in enumerate(zip(found.responses, found.rates, strict=True))
    ]


def preferred_note(found: Preferred) -> str:
    """What a strength is, or why there is none."""
    if isinstance(found.strengths, Undefined):
        return f"Strengths are not defined: {found.strengths.reason}."
    return (
        "Strength: Bradley and Terry's, on a log scale around 0, ties after Davidson; of two "
        "responses the odds are e to the difference."
    )

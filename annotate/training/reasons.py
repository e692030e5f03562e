"""Why something is not in an export, in the words a report shows, and what to do about it."""

from __future__ import annotations

from collections.abc import Mapping

from annotate.exporters import refusals
from annotate.exporters.protocol import (
    AGREED,
    AMBIGUOUS,
    DISAGREED,
    EMPTY_TEXT,
    NO_MODEL,
    NOT_ASKED,
    NOT_ROUTED,
    ONLY_MODEL,
    REJECTED,
    RETIRED,
    SAME_TEXT,
    SENT_BACK,
    TIE,
    TIED,
    WAITING,
    WAITING_STRONG,
    WAITS_FOR_OTHER,
)

LACKS_FIELD = "the item lacks a field of the project file"
REFUSED = "the model refused it"
ECHO = "people only repeated an answer that they were shown"
UNCONFIRMED = "nobody has confirmed the answer"
UNRESOLVED = "the disagreement is not resolved"
THIN = "the lead is below the least margin"
UNSURE = "the probability is below the least one"
NO_POSTERIOR = "the consensus has no probability for it"
NOBODY = "nobody has answered"
CLAIM = "a claim about one of several labels, which is no whole answer"
CAPPED = "the prompt has as many pairs as are wanted"
NO_PROMPT = "no field holds the prompt"
NO_RESPONSE = "no field holds a response that was judged"
KEPT = "the draft was accepted as it is"
WRITTEN = "written from nothing, so that there is nothing to compare"
FIXED = "the draft was corrected, neither accepted nor rejected"
MIDDLING = "rated in the middle of the scale"
NO_CLASSES = "the question has no fixed answers"
EITHER = "people put two responses in either order equally often"

ADVICE: Mapping[str, str] = {
    NOT_ROUTED: "Run `coannotate route`, so that each item has a label or waits for people.",
    WAITING: "Let people answer the items that wait, or route with a smaller share for them.",
    WAITING_STRONG: "Run `coannotate prelabel` again: the stronger model is asked next.",
    TIED: "Let a lead decide, let one more person answer, or take the consensus.",
    NO_MODEL: "Run `coannotate prelabel`, or look at its failed calls; or allow what only people "
    "say.",
    RETIRED: "Put the label back into the project file, or ask these items again.",
    ONLY_MODEL: "Let people answer some of them; only an export from `model` takes them as they "
    "are.",
    NOT_ASKED: "Nothing: by the answer to an earlier question this one makes no sense here.",
    AMBIGUOUS: "Nothing: a lead has said that no answer is right. Reopen it under Decide if "
    "that has changed.",
    SENT_BACK: "Let people answer what was sent back to them.",
    WAITS_FOR_OTHER: "Answer the question that this one waits for.",
    REJECTED: "Nothing: a rejected draft has no better text; it is material for KTO.",
    AGREED: "Nothing: where person and model say the same there is nothing to prefer; it is "
    "material for SFT.",
    DISAGREED: "Let a second person answer or a lead decide, or allow `human`; it is material for "
    "preference training.",
    TIE: "Nothing: no response is the better one.",
    SAME_TEXT: "Nothing: two answers in the same words teach nothing.",
    EMPTY_TEXT: "Complete the item's text and import it again.",
    LACKS_FIELD: "Import the item again with all fields of the project file.",
    REFUSED: "Nothing: what a model refuses is kept out of training; the labelled set has it.",
    ECHO: "Let somebody answer without seeing the model's answer (`people: mode: blind`), or allow "
    "echoes.",
    UNCONFIRMED: "Let a second person answer or a lead decide, or allow `human`.",
    UNRESOLVED: "Let a lead decide them, or let more people answer.",
    THIN: "Let more people answer, or lower the least margin.",
    UNSURE: "Let more people answer, or lower the least probability.",
    NO_POSTERIOR: "Run `coannotate consensus`; questions without fixed answers have no "
    "probabilities, so leave the least one out there.",
    NOBODY: "Run `coannotate prelabel`, or let people answer.",
    CLAIM: "Nothing: all claims about an item are one answer, which routing and consensus count.",
    CAPPED: "Raise the number of pairs for each prompt if you want more.",
    NO_PROMPT: "Name the field with `prompt:` in the question.",
    NO_RESPONSE: "Show the dialogue as a chat that ends with the assistant, or call the fields "
    "`prompt` and `response`.",
    KEPT: "Nothing: nothing was corrected; it is material for SFT and KTO.",
    WRITTEN: "Nothing: it is material for SFT.",
    FIXED: "Nothing: it is material for SFT and for pairs.",
    MIDDLING: "Nothing: only the upper and the lower quarter of the scale are good and bad.",
    NO_CLASSES: "Export the labels or the votes instead.",
    EITHER: "Let more people rank them, or a lead decide.",
}
"""Reason -> one sentence on what to do about it."""


def advice(reason: str) -> str:
    """What to do about a reason; of one that a dialect's own check gave, to look at the rows."""
    known = ADVICE.get(reason) or refusals.ADVICE.get(reason)
    return known or "Look at these rows: their trainer would not take them."

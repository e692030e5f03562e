"""UltraFeedback binarized: whole conversations, with a score for each of the two answers."""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import sha256
from math import isfinite

from annotate.exporters.dialect import DIALECTS, Dialect
from annotate.exporters.messages import answered, spoken, unfinished, unlike
from annotate.exporters.protocol import Dropped, Record
from annotate.exporters.refusals import NO_SCORES, SAME
from annotate.training.protocol import Made, Pair

COLUMNS = (
    "prompt", "prompt_id", "chosen", "rejected", "messages", "score_chosen", "score_rejected",
)  # fmt: skip
_COLUMNS = frozenset(COLUMNS)

OTHER_PROMPT = "prompt, chosen, rejected and messages are not about the same prompt"
NO_SCORE = "a score is no number"
NO_ID = "the id of the prompt is not its sha256"


def record(made: Made) -> Record | Dropped:
    """prompt: the last message of the prompt; prompt_id: sha256 of it, in hex. messages: chosen.

    scores: as people gave them; else the shares of their votes, which differ by the margin.
    """
    assert isinstance(made, Pair)
    scores = made.scores
    if scores is None and made.margin is not None:
        scores = ((1 + made.margin) / 2, (1 - made.margin) / 2)
    if scores is None:  # nulls between numbers fail in `datasets`
        return Dropped(NO_SCORES)
    turns = spoken(made.prompt)
    chosen, rejected = turns + answered(made.chosen), turns + answered(made.rejected)
    prompt = turns[-1]["content"] if turns else ""
    return {
        "prompt": prompt,
        "prompt_id": _digest(prompt),
        "chosen": chosen,
        "rejected": rejected,
        "messages": chosen,
        "score_chosen": float(scores[0]),
        "score_rejected": float(scores[1]),
    }


def check(found: Mapping[str, object]) -> str | None:
    chosen, rejected = found.get("chosen"), found.get("rejected")
    why = unlike(found, _COLUMNS) or unfinished(chosen) or unfinished(rejected) or _scored(found)
    if why is not None:
        return why
    assert isinstance(chosen, list)
    assert isinstance(rejected, list)
    if chosen == rejected:
        return SAME
    if chosen[:-1] != rejected[:-1] or found["messages"] != chosen:
        return OTHER_PROMPT
    return _named(found, chosen[-2]["content"])


def _scored(found: Mapping[str, object]) -> str | None:
    scores = (found["score_chosen"], found["score_rejected"])
    if not all(isinstance(score, float) and isfinite(score) for score in scores):
        return NO_SCORE
    return None


def _named(found: Mapping[str, object], asked: str) -> str | None:
    if found["prompt"] != asked:
        return OTHER_PROMPT
    return None if found["prompt_id"] == _digest(asked) else NO_ID


def _digest(text: str) -> str:
    return sha256(text.encode()).hexdigest()


DIALECTS.add(
    "ultrafeedback",
    Dialect(
        "whole conversations, chosen and rejected with their scores, as UltraFeedback binarized",
        material="pairs",
        columns=lambda project: COLUMNS,
        record=record,
        check=check,
        forms=("jsonl", "json", "parquet"),
        read_by=("Alignment Handbook", "Axolotl DPO", "torchtune"),
        note="Axolotl reads it with type: chat_template.argilla_chat. TRL fails on the column "
        "prompt beside whole conversations: take preference_trl.",
    ),
)

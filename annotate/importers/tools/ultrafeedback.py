"""UltraFeedback: answers of several models with scores, or the best and a worse one of them."""

from __future__ import annotations

from collections.abc import Sequence
from string import ascii_lowercase
from typing import Any

from annotate.hashing import digest
from annotate.importers.protocol import Record, Said, Source
from annotate.importers.tool import TOOLS, Raw, Tool

JUDGE = "UltraFeedback"
_QUESTION = "better"
MOST = len(ascii_lowercase)


def _knows(raw: Raw) -> bool:
    return _is_chat(raw.get("chosen")) or _completions(raw) is not None


def _convert(record: Record, source: Source) -> Record:
    """A prompt and its answers, and as a model's vote which of them has the best score.

    In the binarized form the better answer always comes first: here each row's own content says
    which does, so that neither people nor models can go by the place.
    """
    raw = record.values
    completions = _completions(raw)
    if completions is not None:
        return _several(record, completions)
    if not (_is_chat(raw.get("chosen")) and _is_chat(raw.get("rejected"))):
        raise ValueError("neither `completions` nor conversations in `chosen` and `rejected`")
    return _two(record)


def _two(record: Record) -> Record:
    raw: Any = record.values
    prompt, better, worse = raw["chosen"][:-1], _last(raw["chosen"]), _last(raw["rejected"])
    prompt = prompt or raw.get("prompt") or ""
    scores = [raw.get("score_chosen"), raw.get("score_rejected")]
    replies = [better, worse]
    if int(digest(prompt, *sorted(replies))[:8], 16) % 2 == (better <= worse):
        replies, scores = replies[::-1], scores[::-1]
    taken = ("prompt", "chosen", "rejected", "messages", "score_chosen", "score_rejected")
    others = {key: value for key, value in raw.items() if key not in taken}
    if None in scores:  # a pair without scores: the better one is all that is told
        scores = [1.0 if one == better else 0.0 for one in replies]
    return _row(record.line, others, _shown(prompt), replies, scores, JUDGE)


def _several(record: Record, completions: Sequence[tuple[str, object]]) -> Record:
    raw = record.values
    taken = ("instruction", "completions", "generations", "ratings", "prompt")
    others = {key: value for key, value in raw.items() if key not in taken}
    judge = str(raw.get("ultrafeedback_model") or raw.get("model_name") or JUDGE)
    prompt = raw.get("instruction", raw.get("prompt"))
    texts, scores = zip(*completions[:MOST], strict=True)
    return _row(record.line, others, prompt, texts, scores, judge)


def _row(
    line: int,
    others: dict[str, object],
    prompt: object,
    replies: Sequence[str],
    scores: Sequence[object],
    judge: str,
) -> Record:
    names = [f"response_{ascii_lowercase[at]}" for at in range(len(replies))]
    values = {**others, "prompt": prompt, **dict(zip(names, replies, strict=True))}
    read = ("prompt", *names)
    numbers = [float(one) for one in scores if _is_number(one)]  # type: ignore[arg-type]
    if len(numbers) < len(replies):
        return Record(line, values, (), "ultrafeedback", read)
    best = [at for at, number in enumerate(numbers) if number == max(numbers)]
    choice = ascii_lowercase[best[0]] if len(best) == 1 else "tie"
    told = {"scores": numbers}
    said = Said(
        question=_QUESTION, kind="preference", value=choice, who=judge, model=True, record=told,
        note=f"scores {', '.join(f'{number:g}' for number in numbers)}",
    )  # fmt: skip
    return Record(line, values, (said,), "ultrafeedback", read)


def _completions(raw: Raw) -> list[tuple[str, object]] | None:
    """(answer, score) of each, in the original form or in distilabel's; None for another row."""
    listed, generations = raw.get("completions"), raw.get("generations")
    if isinstance(listed, list) and listed and all(map(_is_completion, listed)):
        return [(one["response"], one.get("overall_score")) for one in listed]
    if isinstance(generations, list) and len(generations) > 1 and "instruction" in raw:
        ratings = raw.get("ratings")
        scores = ratings if isinstance(ratings, list) else [None] * len(generations)
        if len(scores) == len(generations) and all(isinstance(g, str) for g in generations):
            return list(zip(generations, scores, strict=True))
    return None


def _is_completion(one: object) -> bool:
    return isinstance(one, dict) and isinstance(one.get("response"), str)


def _is_chat(value: object) -> bool:
    return (
        isinstance(value, list)
        and bool(value)
        and all(isinstance(one, dict) and isinstance(one.get("content"), str) for one in value)
    )


def _last(turns: Sequence[Any]) -> str:
    return str(turns[-1]["content"])


def _shown(prompt: object) -> object:
    """A single message as text, a conversation as it is."""
    if isinstance(prompt, list) and len(prompt) == 1:
        return prompt[0]["content"]
    return prompt


def _is_number(value: object) -> bool:
    try:
        float(str(value))
    except ValueError:
        return False
    return True


TOOLS.add("ultrafeedback", Tool(title="UltraFeedback", knows=_knows, convert=_convert))

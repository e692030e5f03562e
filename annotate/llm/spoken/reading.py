"""A reply to a question without classes -> a value in its type's form, strictly."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from annotate.errors import InvalidValue
from annotate.llm.replies import (
    CONFIDENCE_LINE,
    FENCE,
    Reading,
    after_thinking,
    fold,
    look_up,
    share_of,
)
from annotate.llm.spoken.protocol import (
    NO_ANSWER,
    SPOKEN,
    Asking,
    Misread,
    Spoken,
    clipped,
    one_of,
    strict_object,
)
from annotate.questions import accept

ANSWER = "answer"
LAST = 200
"""Characters at the end of a reply that a confidence may stand in."""
_ANSWER_KEYS = (ANSWER, "答案")
_CONFIDENCE_KEYS = ("confidence", "置信度")
_YES_NO = {
    **dict.fromkeys(("true", "yes", "agree", "对", "正确", "同意"), True),
    **dict.fromkeys(("false", "no", "disagree", "错", "错误", "不对", "不同意"), False),
}
TOLD = {"en": ("true", "false"), "zh": ("对", "错")}
"""What the templates of claims ask for."""


def read_spoken(text: str, asking: Asking) -> Reading:
    """The value that `text` says about the item, or the typed reason why there is none.

    Understood are the form that the prompt asks for, a JSON object {"answer": ...,
    "confidence": ...}, the type's value as JSON, and a closing line with the confidence.
    """
    spoken = SPOKEN[asking.question.type]
    said = after_thinking(text)
    if said is None:
        return Reading("invalid", reason="the reply ends before its reasoning does")
    if len(said) > spoken.longest:
        return Reading("invalid", reason=f"the reply has {len(said):,} characters: no answer")
    if not said:
        return Reading("invalid", reason="the reply is empty")
    try:
        given, confidence = _parts(said, asking, spoken)
        if given is NO_ANSWER:
            return Reading("abstained", confidence=confidence, reason="the reply names no answer")
        if asking.about is None:
            given = accept(asking.question, given, asking.fields)
    except Misread as error:
        return Reading("invalid", reason=str(error), said=said)
    except InvalidValue as error:
        return Reading("invalid", reason=f"the answer is {error.rule}", said=said)
    return Reading("parsed", given, confidence)


def _parts(said: str, asking: Asking, spoken: Spoken[Any]) -> tuple[object, float | None]:
    """What is said, for `parse`, and the confidence stated with it."""
    if not spoken.states_confidence and not asking.structured:
        return spoken.read(asking, said), None
    # a regular expression over all of a long reply could take for ever
    found = CONFIDENCE_LINE.search(said, max(0, len(said) - LAST))
    confidence = share_of(found.group(1), found.group(2)) if found else None
    body = said[: found.start()].strip() if found else said
    fenced = FENCE.fullmatch(body)
    body = fenced.group(1).strip() if fenced else body
    given = _decoded(body)
    if isinstance(given, dict):
        folded = {fold(key.strip()): value for key, value in given.items()}
        answers = [folded[key] for key in _ANSWER_KEYS if key in folded]
        if len(answers) == 1:
            stated = [folded[key] for key in _CONFIDENCE_KEYS if key in folded]
            confidence = share_of(stated[0]) if stated else confidence
            given = answers[0]
    if asking.about is not None:
        return _claimed(asking.about, body if given is None else given, asking), confidence
    if given is None:
        return spoken.read(asking, body), confidence
    return spoken.from_json(asking, given), confidence


def _claimed(about: str, said: object, asking: Asking) -> dict[str, bool]:
    """What a yes or no says of one option: {option: whether it applies}."""
    if isinstance(said, bool):
        agreed: object = said
    else:
        agreed = look_up(said, _YES_NO) if isinstance(said, str) else None
    if not isinstance(agreed, bool):
        raise Misread(f"{clipped(said)} is neither yes nor no")
    return {about: agreed is not asking.negated}


def _decoded(text: str) -> Any:
    """A JSON object or list; None where it is none. Raises Misread for one that is broken."""
    if not text.startswith(("{", "[")):
        return None
    try:
        return json.loads(text, object_pairs_hook=_unrepeated, parse_constant=_no_number)
    except _Repeated as error:
        raise Misread(str(error)) from None
    except (ValueError, RecursionError):  # also for numbers of thousands of digits
        return None


class _Repeated(Exception):
    pass


def _unrepeated(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise _Repeated("a key of the JSON object stands twice")
    return found


def _no_number(name: str) -> None:
    raise ValueError(f"{name} is no JSON")


def answer_schema(asking: Asking, *, confidence: bool) -> Mapping[str, Any]:
    """The strict JSON schema of a whole reply."""
    if asking.about is None:
        answer = SPOKEN[asking.question.type].schema(asking)
    else:
        answer = one_of(TOLD[asking.language])
    stated = {"confidence": {"type": "number"}} if confidence else {}
    return strict_object({ANSWER: answer} | stated)

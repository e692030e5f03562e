"""What a question asks, as a card tells it: its words, what can be answered, on which scale."""

from __future__ import annotations

from collections.abc import Iterator

from annotate.card.voice import Voice, inline, table
from annotate.questions import QUESTION_TYPES, QuestionSettings
from annotate.questions.controls import Control, Scale
from annotate.questions.text import MODEL


def asked(question: QuestionSettings, voice: Voice) -> Iterator[str]:
    """A question: what it asks, after which answers, and what may be said."""
    yield voice.say("asked", name=question.name, type=question.type, text=inline(question.text))
    when = question.when
    if when is not None:
        answers = voice.quoted(when.values)
        yield voice.say("asked_after", question=when.question, answers=answers)
    control = QUESTION_TYPES[question.type].control(question)
    yield from _about(question, control, voice)
    yield from _answers(control, voice)


def _about(question: QuestionSettings, control: Control, voice: Voice) -> Iterator[str]:
    """The fields that an answer speaks of."""
    prompt = getattr(question, "prompt", None)
    if control.responses and prompt is not None:
        yield voice.say("asked_prompt", field=prompt)
    if control.field is not None:
        yield voice.say("asked_field", field=control.field)
    if control.draft is not None:
        key = "asked_draft_of_model" if control.draft == MODEL else "asked_draft"
        yield voice.say(key, field=control.draft)


def _answers(control: Control, voice: Voice) -> Iterator[str]:
    if control.scale is not None:
        yield _scale(control.scale, voice)
    if control.aspects:
        head = (voice.say("aspect"), voice.say("meaning"))
        yield table(head, ((f"`{one.name}`", inline(one.text)) for one in control.aspects), text=2)
    if control.options:
        head = (voice.say("response" if control.responses else "label"), voice.say("meaning"))
        yield table(head, _options(control, voice), text=2)
    if control.strength is not None:
        yield voice.say("asked_strength", levels=control.strength)


def _scale(scale: Scale, voice: Voice) -> str:
    ends = (inline(end) for end in scale.ends)
    numbers = (str(scale.min), str(scale.max))
    low, high = (
        voice.say("scale_end", number=number, meaning=end) if end else number
        for number, end in zip(numbers, ends, strict=True)
    )
    return voice.say("asked_scale", low=low, high=high)


def _options(control: Control, voice: Voice) -> Iterator[tuple[str, str]]:
    """Labels with what they cover; responses with the field that they stand in."""
    fields = dict(zip(control.options, control.responses, strict=False))
    for one in control.options:
        means = f"`{fields[one]}`" if one in fields else inline(voice.translated(one.description))
        yield inline(voice.translated(one.title) if control.responses else one.title), means

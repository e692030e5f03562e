"""Stretches of a text, each with a label."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any, Literal

from pydantic import Field

from annotate.errors import InvalidValue
from annotate.questions.controls import Control, Option
from annotate.questions.labels import Label, label_mistakes, names_of
from annotate.questions.protocol import QUESTION_TYPES, Mistake, QuestionSettings

Span = dict[str, Any]


class SpansSettings(QuestionSettings):
    """Stretches of the item field `field`, each with one of `labels`."""

    type: Literal["spans"] = "spans"
    field: str = Field(description="The item field that the spans lie in.")
    labels: tuple[Label, ...] = Field(min_length=1, description="What a span can be.")
    overlap: bool = Field(default=True, description="Whether spans may share characters.")

    def names(self) -> tuple[str, ...]:
        return names_of(self.labels)


class Spans:
    """The value is a list of {"start", "end", "label"}, sorted by these; [] says there are none.

    Offsets count code points of the field from 0, the end not included: text[start:end] in Python.
    """

    settings_model = SpansSettings

    def check(self, settings: SpansSettings, fields: Sequence[str]) -> list[Mistake]:
        mistakes = label_mistakes(settings.labels)
        if settings.field not in fields:
            rule = f"{settings.field!r} is not in `fields`"
            mistakes.append(Mistake(rule, f"Add `{settings.field}` to `fields`.", ("field",)))
        return mistakes

    def control(self, settings: SpansSettings) -> Control:
        options = tuple(label.option() for label in settings.labels)
        return Control.of(settings, options=options, field=settings.field, overlap=settings.overlap)

    def parse(self, settings: SpansSettings, value: object) -> list[Span]:
        if not isinstance(value, list):
            raise InvalidValue("spans", value, "not a list of spans")
        names = set(settings.names())
        for one in value:
            broken = _broken(one, names)
            if broken is not None:
                raise InvalidValue("spans", value, f"not a list of spans: {one!r} {broken}")
        spans: list[Span] = [
            {"start": start, "end": end, "label": label} for start, end, label in _keys(value)
        ]
        for one, other in pairwise(spans):
            if one == other:
                raise InvalidValue("spans", value, f"a list with {one!r} twice")
            if not settings.overlap and other["start"] < one["end"]:
                rule = f"a list of overlapping spans, {one!r} and {other!r}, which is ruled out"
                raise InvalidValue("spans", value, rule)
        return spans

    def fits(
        self,
        settings: SpansSettings,
        value: list[Span],
        fields: Mapping[str, str],
        *,
        draft: str | None = None,
    ) -> None:
        length = len(fields.get(settings.field, ""))
        for span in value:
            if span["end"] > length:
                rule = f"beyond field {settings.field}, which has {length:,} characters"
                raise InvalidValue("spans", span, rule)

    def said(self, settings: SpansSettings) -> tuple[str, ...]:
        return settings.names()

    def called(self, option: Option, language: str) -> tuple[str, ...]:
        return (option.value,)

    def distance(self, settings: SpansSettings, a: list[Span], b: list[Span]) -> float:
        """1 - F1 of spans that are exactly the same in both (Hripcsak and Rothschild 2005)."""
        if not a and not b:
            return 0.0
        shared = len(set(_keys(a)) & set(_keys(b)))
        return 1 - 2 * shared / (len(a) + len(b))

    def classes(self, settings: SpansSettings) -> tuple[str, ...]:
        return ()

    def example(self) -> tuple[SpansSettings, list[list[Span]], list[object]]:
        labels = (Label(name="person", key="p"), Label(name="place"))
        settings = SpansSettings(
            name="names", text="Mark names.", field="text", labels=labels, overlap=False
        )

        def span(start: Any, end: Any, label: Any = "person") -> Span:
            return {"start": start, "end": end, "label": label}

        good = [[], [span(0, 3)], [span(0, 3), span(3, 9, "place")]]
        bad: list[object] = [
            "0-3", None, span(0, 3), [[0, 3, "person"]], [span(3, 3)], [span(-1, 3)],
            [span(0, 3, "animal")], [span(0.0, 3)], [span(False, True)], [span("0", "3")],
            [{"start": 0, "end": 3}], [span(0, 3) | {"text": "Ada"}], [span(0, 3)] * 2,
            [span(0, 3), span(2, 4)], [span(0, 3, ["person"])],
        ]  # fmt: skip
        return settings, good, bad


def _broken(span: object, names: set[str]) -> str | None:
    if not isinstance(span, dict) or span.keys() != {"start", "end", "label"}:
        return 'is not {"start": ..., "end": ..., "label": ...}'
    for offset in (span["start"], span["end"]):
        if isinstance(offset, bool) or not isinstance(offset, int):
            return "has an offset that is no whole number"
    if not 0 <= span["start"] < span["end"]:
        return "does not start at 0 or later and end behind its start"
    if not isinstance(span["label"], str) or span["label"] not in names:
        return f"has no label of {', '.join(sorted(names))}"
    return None


def _keys(spans: Sequence[Mapping[str, Any]]) -> list[tuple[int, int, str]]:
    return sorted((span["start"], span["end"], span["label"]) for span in spans)


QUESTION_TYPES.add("spans", Spans())

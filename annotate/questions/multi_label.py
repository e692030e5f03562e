"""Any labels of a fixed set that apply."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Literal

from pydantic import Field

from annotate.errors import InvalidValue
from annotate.questions.controls import Control, Option
from annotate.questions.labels import Label, label_mistakes, names_of
from annotate.questions.protocol import QUESTION_TYPES, Mistake, QuestionSettings


class MultiLabelSettings(QuestionSettings):
    """Those of `labels` that apply, from `min` to `max` of them."""

    type: Literal["multi_label"] = "multi_label"
    labels: tuple[Label, ...] = Field(min_length=2, description="What can be answered.")
    min: Annotated[int, Field(strict=True, ge=0)] = Field(
        default=1, description="Fewest labels of an answer; 0 lets none be said to apply."
    )
    max: Annotated[int, Field(strict=True, ge=1)] | None = Field(
        default=None, description="Most labels of an answer; all when left out."
    )

    def names(self) -> tuple[str, ...]:
        return names_of(self.labels)

    def most(self) -> int:
        return len(self.labels) if self.max is None else self.max


class MultiLabel:
    """The value is the list of the labels' names, in the order of the project file."""

    settings_model = MultiLabelSettings

    def check(self, settings: MultiLabelSettings, fields: Sequence[str]) -> list[Mistake]:
        mistakes = label_mistakes(settings.labels)
        for key, given in (("min", settings.min), ("max", settings.max)):
            if given is not None and given > len(settings.labels):
                rule = f"is {given}, but there are {len(settings.labels)} labels"
                mistakes.append(Mistake(rule, "Take no more than there are.", (key,)))
        if settings.max is not None and settings.min > settings.max:
            rule = f"is {settings.min}, more than `max: {settings.max}`"
            mistakes.append(Mistake(rule, "Lower `min` or raise `max`.", ("min",)))
        return mistakes

    def control(self, settings: MultiLabelSettings) -> Control:
        options = tuple(label.option() for label in settings.labels)
        return Control.of(settings, options=options, min=settings.min, max=settings.most())

    def parse(self, settings: MultiLabelSettings, value: object) -> list[str]:
        if not isinstance(value, list):
            raise InvalidValue("multi_label", value, "not a list of labels")
        names = settings.names()
        for one in value:
            if one not in names:
                rule = f"not a list of labels: {one!r} is not one of {', '.join(names)}"
                raise InvalidValue("multi_label", value, rule)
            if value.count(one) > 1:
                raise InvalidValue("multi_label", value, f"a list with {one!r} twice")
        if not settings.min <= len(value) <= settings.most():
            rule = f"not {settings.min} to {settings.most()} labels but {len(value)}"
            raise InvalidValue("multi_label", value, rule)
        return [name for name in names if name in value]

    def fits(
        self,
        settings: MultiLabelSettings,
        value: list[str],
        fields: Mapping[str, str],
        *,
        draft: str | None = None,
    ) -> None:
        """Every label can be said of every item."""

    def said(self, settings: MultiLabelSettings) -> tuple[str, ...]:
        return settings.names()

    def called(self, option: Option, language: str) -> tuple[str, ...]:
        return (option.value,)

    def distance(self, settings: MultiLabelSettings, a: list[str], b: list[str]) -> float:
        """MASI (Passonneau 2006): 1 - Jaccard's index times 1, 2/3, 1/3 or 0.

        1 for the same labels, 2/3 where one answer holds the other, 1/3 where they share some.
        """
        one, other = set(a), set(b)
        if one == other:
            return 0.0
        shared, jaccard = one & other, len(one & other) / len(one | other)
        nested = shared in (one, other)
        return 1 - jaccard * (2 / 3 if nested else 1 / 3)

    def classes(self, settings: MultiLabelSettings) -> tuple[str, ...]:
        return ()

    def example(self) -> tuple[MultiLabelSettings, list[list[str]], list[object]]:
        labels = tuple(Label(name=name) for name in ("price", "taste", "service"))
        settings = MultiLabelSettings(name="about", text="What is it about?", labels=labels, max=2)
        good = [["price"], ["price", "service"], ["taste", "service"]]
        bad: list[object] = [
            [], "price", ["eggs"], ["price", "price"], ["price", "taste", "service"], None,
            {"price": True}, [["price"]], [1], ["Price"],
        ]  # fmt: skip
        return settings, good, bad


QUESTION_TYPES.add("multi_label", MultiLabel())

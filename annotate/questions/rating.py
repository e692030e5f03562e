"""How much, on a scale of whole numbers: of the item, or of several aspects of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from statistics import fmean
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from annotate.errors import InvalidValue
from annotate.questions.controls import Aspect, Control, Option, Scale
from annotate.questions.protocol import QUESTION_TYPES, Mistake, QuestionSettings

MOST_POINTS = 11
"""0 to 10: more cannot be told apart, nor pressed."""

Rating = int | dict[str, int]


class ScaleSettings(BaseModel):
    """Whole numbers from `min` to `max`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    min: Annotated[int, Field(strict=True)] = Field(default=1, description="Lowest rating.")
    max: Annotated[int, Field(strict=True)] = Field(default=5, description="Highest rating.")
    ends: tuple[str, ...] = Field(
        default=("", ""),
        min_length=2,
        max_length=2,
        description="What the lowest and the highest rating mean: [low, high].",
    )


class AspectSettings(BaseModel):
    """One thing that is rated by itself."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str = Field(pattern=r"^[\w-]{1,64}$", description="Short id; a key of the answer.")
    text: str = Field(min_length=1, description="The aspect as people and the model read it.")


class RatingSettings(QuestionSettings):
    """A number of `scale`; with `aspects` one for each of them."""

    type: Literal["rating"] = "rating"
    scale: ScaleSettings = Field(
        default_factory=ScaleSettings, description="Lowest and highest rating; 1 to 5 if left out."
    )
    aspects: tuple[AspectSettings, ...] = Field(
        default=(), max_length=20, description="What is rated by itself; the item if left out."
    )


class RatingScale:
    """The value is a whole number; with aspects {aspect: whole number}, in their order."""

    settings_model = RatingSettings

    def check(self, settings: RatingSettings, fields: Sequence[str]) -> list[Mistake]:
        scale, mistakes = settings.scale, []
        if scale.min >= scale.max:
            rule = f"is {scale.min}, not below `max: {scale.max}`"
            mistakes.append(Mistake(rule, "Lower `min` or raise `max`.", ("scale", "min")))
        elif scale.max - scale.min >= MOST_POINTS:
            rule = f"has {scale.max - scale.min + 1} points; at most {MOST_POINTS} are possible"
            mistakes.append(Mistake(rule, "Take a coarser scale.", ("scale",)))
        names = [aspect.name for aspect in settings.aspects]
        for at, name in enumerate(names):
            if name in names[:at]:
                place = ("aspects", at, "name")
                mistakes.append(Mistake(f"{name!r} stands twice", "Rename one.", place))
        return mistakes

    def control(self, settings: RatingSettings) -> Control:
        scale = settings.scale
        return Control.of(
            settings,
            aspects=tuple(Aspect(aspect.name, aspect.text) for aspect in settings.aspects),
            scale=Scale(scale.min, scale.max, (scale.ends[0], scale.ends[1])),
        )

    def parse(self, settings: RatingSettings, value: object) -> Rating:
        if not settings.aspects:
            return _number(settings, value, value)
        names = [aspect.name for aspect in settings.aspects]
        if not isinstance(value, dict):
            rule = f"not a number for each of {', '.join(names)}"
            raise InvalidValue("rating", value, rule)
        for name in (*names, *value):
            if name not in value:
                raise InvalidValue("rating", value, f"without a number for {name}")
            if name not in names:
                raise InvalidValue("rating", value, f"not only about {', '.join(names)}")
        return {name: _number(settings, value[name], value) for name in names}

    def fits(
        self,
        settings: RatingSettings,
        value: Rating,
        fields: Mapping[str, str],
        *,
        draft: str | None = None,
    ) -> None:
        """Every rating can be given to every item."""

    def said(self, settings: RatingSettings) -> tuple[int, ...]:
        """The numbers; of several aspects no single one is the answer."""
        scale = settings.scale
        return () if settings.aspects else tuple(range(scale.min, scale.max + 1))

    def called(self, option: Option, language: str) -> tuple[str, ...]:
        return (option.value,)

    def distance(self, settings: RatingSettings, a: Rating, b: Rating) -> float:
        """Mean over the aspects of the absolute difference, as a share of the scale."""
        width = settings.scale.max - settings.scale.min
        one, other = _by_aspect(a), _by_aspect(b)
        return fmean(abs(one[name] - other[name]) / width for name in one)

    def classes(self, settings: RatingSettings) -> tuple[int, ...]:
        return ()

    def example(self) -> tuple[RatingSettings, list[Rating], list[object]]:
        aspects = tuple(AspectSettings(name=name, text=name.title()) for name in ("tone", "facts"))
        settings = RatingSettings(
            name="quality",
            text="How good is it?",
            scale=ScaleSettings(min=0, max=4, ends=("bad", "good")),
            aspects=aspects,
        )
        good: list[Rating] = [{"tone": 0, "facts": 4}, {"tone": 2, "facts": 2}]
        bad: list[object] = [
            3, None, {"tone": 1}, {"tone": 1, "facts": 5}, {"tone": 1, "facts": -1}, {"tone": 1,
            "facts": 2, "style": 3}, {"tone": True, "facts": 2}, {"tone": "1", "facts": 2},
            {"tone": 1.0, "facts": 2}, [1, 2],
        ]  # fmt: skip
        return settings, good, bad


def _number(settings: RatingSettings, given: object, value: object) -> int:
    scale = settings.scale
    if isinstance(given, bool) or not isinstance(given, int):
        raise InvalidValue("rating", value, f"no whole number from {scale.min} to {scale.max}")
    if not scale.min <= given <= scale.max:
        raise InvalidValue("rating", value, f"not within {scale.min} to {scale.max}")
    return given


def _by_aspect(value: Rating) -> dict[str, int]:
    return value if isinstance(value, dict) else {"": value}


QUESTION_TYPES.add("rating", RatingScale())

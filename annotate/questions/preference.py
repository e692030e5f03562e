"""Which of two or more responses to a prompt is better, or a tie."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal

from pydantic import Field

from annotate.errors import InvalidValue
from annotate.questions import responses
from annotate.questions.controls import Control, Option
from annotate.questions.protocol import QUESTION_TYPES, Mistake, QuestionSettings

TIE = "tie"

Preferred = str | dict[str, Any]


class PreferenceSettings(QuestionSettings):
    """`prompt` and `responses` name item fields."""

    type: Literal["preference"] = "preference"
    prompt: str = Field(description="The field that holds the prompt.")
    responses: tuple[str, ...] = Field(
        min_length=2, max_length=26, description="The fields that hold the candidate responses."
    )
    tie: bool = Field(default=True, description='Whether "equally good" may be answered.')
    strength: Annotated[int, Field(strict=True, ge=2, le=9)] | None = Field(
        default=None, description="Levels of how much better; not asked for when left out."
    )

    def letters(self) -> str:
        return responses.letters_of(self.responses)

    def choice_of(self, value: Preferred) -> str:
        """The letter or the tie that a value says, however strongly."""
        return value if isinstance(value, str) else str(value["choice"])

    def field_of(self, value: Preferred) -> str:
        """The item field of the response a value names; a tie names none (ValueError)."""
        return self.responses[self.letters().index(self.choice_of(value))]


class Preference:
    """The value is the response's letter in the order of `responses` ("a", "b", ...), or "tie".

    With `strength` it is {"choice": letter, "strength": 1 .. strength} or {"choice": "tie"}.
    """

    settings_model = PreferenceSettings

    def check(self, settings: PreferenceSettings, fields: Sequence[str]) -> list[Mistake]:
        return list(responses.response_mistakes(settings.prompt, settings.responses, fields))

    def control(self, settings: PreferenceSettings) -> Control:
        options = responses.options_of(settings.responses)
        if settings.tie:
            options.append(Option(TIE, "Tie", "Equally good, or equally bad."))
        return Control.of(
            settings,
            options=tuple(options),
            responses=settings.responses,
            tie=settings.tie,
            strength=settings.strength,
        )

    def parse(self, settings: PreferenceSettings, value: object) -> Preferred:
        allowed = self.said(settings)
        if settings.strength is not None:
            return _with_strength(allowed, settings.strength, value)
        if value not in allowed:
            raise InvalidValue("preference", value, f"not one of {', '.join(allowed)}")
        return str(value)

    def fits(
        self,
        settings: PreferenceSettings,
        value: Preferred,
        fields: Mapping[str, str],
        *,
        draft: str | None = None,
    ) -> None:
        """Every response of every item can be preferred."""

    def said(self, settings: PreferenceSettings) -> tuple[str, ...]:
        return (*settings.letters(), *((TIE,) if settings.tie else ()))

    def called(self, option: Option, language: str) -> tuple[str, ...]:
        if option.value == TIE:
            return ("平局", "一样好", TIE) if language == "zh" else ("Tie", "equally good")
        return responses.called(option)

    def distance(self, settings: PreferenceSettings, a: Preferred, b: Preferred) -> float:
        """A tie is half way between two opposite preferences; a weak one lies between."""
        levels = settings.strength or 1
        one, other = _signed(a), _signed(b)
        if one[0] == other[0]:
            return abs(one[1] - other[1]) / (2 * levels)
        return (one[1] + other[1]) / (2 * levels)

    def classes(self, settings: PreferenceSettings) -> tuple[str, ...]:
        return () if settings.strength else self.said(settings)

    def example(self) -> tuple[PreferenceSettings, list[Preferred], list[object]]:
        settings = PreferenceSettings(
            name="better", text="Which is better?", prompt="prompt", responses=("x", "y", "z")
        )
        return settings, ["a", "b", "c", "tie"], ["d", "A", None, 1, ["a"], {"choice": "a"}]


def _with_strength(allowed: Sequence[str], levels: int, value: object) -> dict[str, Any]:
    given = value if isinstance(value, dict) else {}
    if given.get("choice") not in allowed:
        rule = f"without a choice, one of {', '.join(allowed)}"
        raise InvalidValue("preference", value, rule)
    if given["choice"] == TIE:
        if set(given) != {"choice"}:
            raise InvalidValue("preference", value, "a tie with more than its choice")
        return {"choice": TIE}
    strength = given.get("strength")
    if isinstance(strength, bool) or not isinstance(strength, int) or not 1 <= strength <= levels:
        raise InvalidValue("preference", value, f"without a strength from 1 to {levels}")
    if set(given) != {"choice", "strength"}:
        raise InvalidValue("preference", value, "more than a choice and its strength")
    return {"choice": given["choice"], "strength": strength}


def _signed(value: Preferred) -> tuple[str, int]:
    """The choice, and how far it is from a tie."""
    if isinstance(value, str):
        return value, int(value != TIE)
    return value["choice"], value.get("strength", 0)


QUESTION_TYPES.add("preference", Preference())

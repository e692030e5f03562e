"""Responses from the best to the worst."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations
from typing import Literal

from pydantic import Field

from annotate.errors import InvalidValue
from annotate.questions import responses
from annotate.questions.controls import Control, Option
from annotate.questions.protocol import QUESTION_TYPES, Mistake, QuestionSettings


class RankingSettings(QuestionSettings):
    """`prompt` and `responses` name item fields."""

    type: Literal["ranking"] = "ranking"
    prompt: str | None = Field(
        default=None, description="The field that holds the prompt, where there is one."
    )
    responses: tuple[str, ...] = Field(
        min_length=2, max_length=26, description="The fields that hold the candidate responses."
    )

    def letters(self) -> str:
        return responses.letters_of(self.responses)


class Ranking:
    """The value is the list of all letters ("a" is the first of `responses`), best first."""

    settings_model = RankingSettings

    def check(self, settings: RankingSettings, fields: Sequence[str]) -> list[Mistake]:
        return list(responses.response_mistakes(settings.prompt, settings.responses, fields))

    def control(self, settings: RankingSettings) -> Control:
        options = tuple(responses.options_of(settings.responses))
        return Control.of(settings, options=options, responses=settings.responses)

    def parse(self, settings: RankingSettings, value: object) -> list[str]:
        letters = settings.letters()
        if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
            raise InvalidValue("ranking", value, "not a list of letters, best first")
        if sorted(value) != list(letters):
            rule = f"not each of {', '.join(letters)} exactly once, best first"
            raise InvalidValue("ranking", value, rule)
        return list(value)

    def fits(
        self,
        settings: RankingSettings,
        value: list[str],
        fields: Mapping[str, str],
        *,
        draft: str | None = None,
    ) -> None:
        """The responses of every item can be ranked in every order."""

    def said(self, settings: RankingSettings) -> tuple[str, ...]:
        return ()

    def called(self, option: Option, language: str) -> tuple[str, ...]:
        return responses.called(option)

    def distance(self, settings: RankingSettings, a: list[str], b: list[str]) -> float:
        """Kendall's tau as a distance: the share of pairs that the two put in opposite order."""
        place = {letter: at for at, letter in enumerate(b)}
        pairs = list(combinations(a, 2))
        return sum(place[better] > place[worse] for better, worse in pairs) / len(pairs)

    def classes(self, settings: RankingSettings) -> tuple[str, ...]:
        return ()

    def example(self) -> tuple[RankingSettings, list[list[str]], list[object]]:
        settings = RankingSettings(
            name="order", text="From best to worst?", prompt="prompt", responses=("x", "y", "z")
        )
        good = [["a", "b", "c"], ["c", "a", "b"], ["b", "c", "a"]]
        bad: list[object] = [
            "abc", [], ["a", "b"], ["a", "b", "b"], ["a", "b", "c", "d"], ["A", "B", "C"], None,
            [1, 2, 3], [["a"], "b", "c"], {"a": 1, "b": 2, "c": 3},
        ]  # fmt: skip
        return settings, good, bad


QUESTION_TYPES.add("ranking", Ranking())

"""What a project file says of people: how many answer, what they see, what they must know."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from annotate.project.section import Number, Section, Share, Whole

Mode = Literal["blind", "reveal", "suggest"]


class ArmSettings(Section):
    """Another mode for a share of the items, drawn at random, so that the two can be compared."""

    mode: Mode = Field(description="blind, reveal or suggest; not the mode of `people`.")
    share: Annotated[Number, Field(gt=0, lt=1)] = Field(
        default=0.1, description="Share of items and people that get it, above 0 and below 1."
    )


class OverlapSettings(Section):
    """More people than `per_item` where the answers differ."""

    most: Annotated[Whole, Field(ge=2, le=100)] = Field(
        default=3, description="People who answer an item at most."
    )
    sure: Annotated[Number, Field(gt=0.5, lt=1)] | None = Field(
        default=None,
        description="Once two have answered, further people as long as the consensus is less "
        "likely right than this; left out, as long as no answer has more than half of the votes.",
    )


class TrainingSettings(Section):
    """Items with a known answer that everybody answers first, with the right answer shown after."""

    items: Annotated[Whole, Field(ge=1, le=1000)] = Field(
        default=10, description="So many items with a known answer (`import: gold:`)."
    )
    pass_: Share = Field(
        default=0.8, alias="pass", description="Share of right answers that opens the real work."
    )
    comment: str | None = Field(
        default=None, description="Column of the data that says why an answer is right."
    )


class PeopleSettings(Section):
    """Who answers how often, and what they see of the machine's answers."""

    per_item: Whole = Field(default=1, ge=1, le=100, description="People who answer each item.")
    lease_minutes: Number = Field(
        default=30, gt=0, le=24 * 60, description="How long an item is kept for who opened it."
    )
    mode: Mode = Field(
        default="blind",
        description="blind: the model's answer is never shown. reveal: after the person's own, "
        "with the reason the item was sent. suggest: at once, as a suggestion.",
    )
    other_arm: ArmSettings | None = Field(
        default=None, description="Another mode for a share of the items, to measure its effect."
    )
    overlap: OverlapSettings | None = Field(
        default=None,
        description="A second person where the first differs from the model, more "
        "where people differ.",
    )
    gold_share: Annotated[Number, Field(ge=0, le=0.5)] = Field(
        default=0.0,
        description="Share of everybody's items that have a known answer and look like work.",
    )
    training: TrainingSettings | None = Field(
        default=None, description="Items with known answers before the real work."
    )
    most_per_person: Annotated[Whole, Field(ge=1)] | None = Field(
        default=None, description="Items that one person may answer in this project."
    )
    most_per_day: Annotated[Whole, Field(ge=1)] | None = Field(
        default=None, description="Items that one person may answer in a day (UTC)."
    )
    daily_goal: Annotated[Whole, Field(ge=1)] | None = Field(
        default=None, description="Items a day that everybody is shown as their goal."
    )
    skill_from: str | None = Field(
        default=None,
        description="Column of the data with the skill an item needs, such as a language; only "
        "people who have it get the item.",
    )

"""What a project file may say. Unknown keys are errors; every key has its description here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal, Union

from pydantic import BaseModel, ConfigDict, Field

from annotate.questions import QUESTION_TYPES, QuestionSettings
from routing.policies import POLICIES, Policy

if TYPE_CHECKING:
    AnyQuestion = QuestionSettings
else:  # one branch per registered type, told apart by `type`
    _MODELS = tuple(kind.settings_model for _, kind in QUESTION_TYPES.items())
    AnyQuestion = Annotated[Union[_MODELS], Field(discriminator="type")]  # noqa: UP007

Share = Annotated[float, Field(ge=0, le=1)]
FieldName = Annotated[str, Field(pattern=r"^[\w -]{1,64}$")]


class Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class ImportSettings(Section):
    """How the columns of a data file map to this project."""

    id: str | None = Field(default=None, description="Column with your own id of each row.")
    columns: dict[FieldName, str] = Field(
        default_factory=dict, description="field: column. A field not named here has its own name."
    )
    gold: dict[str, str] = Field(
        default_factory=dict,
        description="question: column with the known right answer; held back, for measuring only.",
    )
    max_chars: int = Field(
        default=1_000_000, ge=1, description="Rows with a longer field are rejected."
    )


class LLMSettings(Section):
    """Who pre-labels, and how it is asked."""

    provider: str = Field(
        default="local", description="local, or openai for any compatible server."
    )
    base_url: str | None = Field(default=None, description="Address of the server, up to /v1.")
    model: str | None = Field(default=None, description="The model's name on that server.")
    api_key_env: str = Field(
        default="OPENAI_API_KEY",
        pattern=r"^[A-Za-z_][A-Za-z0-9_]*$",
        description="Name of the environment variable that holds the key.",
    )
    temperature: float | None = Field(default=None, ge=0, le=2)
    top_p: float | None = Field(default=None, gt=0, le=1)
    max_tokens: int | None = Field(default=None, ge=1)
    variants: str | tuple[str, ...] = Field(
        default="default", description="A preset (default, coannotating) or a list of variants."
    )
    samples: int = Field(default=1, ge=1, le=100, description="Calls per variant.")
    confidence: bool = Field(default=True, description="Ask for a stated confidence, 0 to 1.")
    few_shot: int = Field(
        default=6, ge=0, le=100, description="Human-labelled examples in each prompt."
    )
    concurrency: int = Field(default=8, ge=1, le=1024, description="Calls in flight at most.")
    timeout_s: float = Field(default=60, gt=0, description="Longest time one call may take.")
    weights: str | None = Field(
        default=None, description="provider local: folder with the all-MiniLM-L6-v2 files."
    )


class RoutingSettings(Section):
    """Which items people get."""

    signal: Literal["entropy", "confidence"] = Field(
        default="entropy", description="Vote entropy over the variants, or stated confidence."
    )
    policy: str = Field(default="budget", description="budget, threshold or random.")
    budget: Share | None = Field(default=None, description="Share of all items for people.")
    threshold: Share | None = Field(
        default=None, description="policy threshold: below this uncertainty the label stands."
    )
    audit: Share = Field(
        default=0.05, description="Share of the sure items that people check at random."
    )
    seed: int = Field(default=0, ge=0, description="Seed of the random draws.")

    def build(self) -> Policy:
        """The policy these settings describe. Settings were checked: this does not fail."""
        if self.policy == "threshold":
            assert self.threshold is not None
            return POLICIES["threshold"](accept_below=self.threshold, audit_rate=self.audit)
        share = DEFAULT_BUDGET if self.budget is None else self.budget
        return POLICIES[self.policy](share=share, audit_rate=self.audit)


DEFAULT_BUDGET = 0.3


class PeopleSettings(Section):
    """Who answers how often."""

    per_item: int = Field(default=1, ge=1, le=100, description="People who answer each item.")
    lease_minutes: float = Field(
        default=30, gt=0, le=24 * 60, description="How long an item is kept for who opened it."
    )


class Project(Section):
    """One labelling task."""

    project: str = Field(pattern=r"^[A-Za-z0-9_-]{1,64}$", description="Short id of the project.")
    title: str = Field(min_length=1, description="What people see it called.")
    guideline: str = Field(default="", description="Markdown; people and the model read it.")
    language: Literal["en", "zh"] = Field(
        default="en", description="Language of the prompts around your texts."
    )
    fields: tuple[FieldName, ...] = Field(min_length=1, description="Item fields shown and asked.")
    import_: ImportSettings = Field(default_factory=ImportSettings, alias="import")
    questions: tuple[AnyQuestion, ...] = Field(min_length=1)
    llm: LLMSettings = Field(default_factory=LLMSettings)
    routing: RoutingSettings = Field(default_factory=RoutingSettings)
    people: PeopleSettings = Field(default_factory=PeopleSettings)

    def question(self, name: str) -> QuestionSettings:
        """The question called `name`; KeyError when there is none."""
        for question in self.questions:
            if question.name == name:
                return question
        raise KeyError(name)

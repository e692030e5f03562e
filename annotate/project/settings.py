"""What a project file may say. Unknown keys are errors; every key has its description here."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Literal, Union

from pydantic import Discriminator, Field, Tag

from annotate.project.consensus_settings import ConsensusSettings
from annotate.project.people_settings import PeopleSettings
from annotate.project.policies import KEYS
from annotate.project.section import Number, Section, Share, Whole
from annotate.questions import QUESTION_TYPES, QuestionSettings

if TYPE_CHECKING:
    from routing.policies import Policy

    AnyQuestion = QuestionSettings
else:  # one branch per registered type, told apart by `type`
    _MODELS = tuple(kind.settings_model for _, kind in QUESTION_TYPES.items())
    AnyQuestion = Annotated[Union[_MODELS], Field(discriminator="type")]  # noqa: UP007

FieldName = Annotated[str, Field(pattern=r"^[\w -]{1,64}$")]
PromptName = Annotated[str, Field(pattern=r"^[\w-]{1,64}$")]
MEMBER_NAME = r"^[\w.:@-]{1,64}$"  # no slash: that parts it from the variant
NAME_RULES = {
    MEMBER_NAME: "1 to 64 letters, digits and the signs . : @ _ -",
    r"^[A-Za-z0-9_-]{1,64}$": "1 to 64 of the characters a-z, A-Z, 0-9, - and _",
    r"^[\w-]{1,64}$": "1 to 64 letters, digits, - and _",
    r"^[\w -]{1,64}$": "1 to 64 letters, digits, spaces, - and _",
    r"^[A-Za-z_][A-Za-z0-9_]*$": "the name of an environment variable",
    r"^\S(.*\S)?$": "one line of text without blanks at its ends",
}
"""What the patterns of these settings mean, for people."""


Show = Literal["text", "markdown", "chat", "code", "pairs"]
STRUCTURED = ("chat", "pairs")
"""How fields are shown that hold JSON text."""


class FieldSettings(Section):
    """One item field, and how people see it."""

    name: FieldName = Field(description="Its name: the column it is read from, unless `import`.")
    show: Show = Field(
        default="text",
        description="text; markdown; chat for JSON messages with roles; code; pairs for a JSON "
        "object, as a table.",
    )
    language: str | None = Field(
        default=None,
        pattern=r"^\S(.*\S)?$",
        description="show code: name of the programming language, as a note beside it.",
    )


NAME_TAG, FIELD_TAG = "[name]", "[field]"
FieldEntry = Annotated[
    Annotated[FieldName, Tag(NAME_TAG)] | Annotated[FieldSettings, Tag(FIELD_TAG)],
    Discriminator(lambda given: FIELD_TAG if isinstance(given, Mapping | Section) else NAME_TAG),
]


class ImportSettings(Section):
    """How the columns of a data file map to this project."""

    format: str | None = Field(
        default=None,
        description="The tool that the files are exports of, such as label_studio: answers and "
        "predictions in them come along. Left out, files hold plain rows.",
    )
    id: str | None = Field(default=None, description="Column with your own id of each row.")
    columns: dict[FieldName, str] = Field(
        default_factory=dict, description="field: column. A field not named here has its own name."
    )
    gold: dict[str, str] = Field(
        default_factory=dict,
        description="question: column with the known right answer; held back, for measuring only.",
    )
    max_chars: Whole = Field(
        default=1_000_000, ge=1, description="Rows with a longer field are rejected."
    )


class PriceSettings(Section):
    """US dollars per million tokens."""

    usd_per_m_in: Number = Field(ge=0, description="For a million tokens of prompts.")
    usd_per_m_out: Number = Field(ge=0, description="For a million tokens of answers.")
    as_of: str = Field(
        pattern=r"^\d{4}-\d{2}-\d{2}$", description='Day the price was looked up: "2026-11-20".'
    )
    batch: Share = Field(
        default=0.5, description="Share of these prices that is paid with `prelabel --batch`."
    )


class ModelSettings(Section):
    """One model, and how it is asked."""

    provider: str = Field(
        default="local",
        description="local; openai for any compatible server; gguf for a model file; decisions "
        "or systemone for servers that give each label a probability; auto for one of these two "
        "where `coannotate connect` saw it work, else openai.",
    )
    base_url: str | None = Field(default=None, description="Address of the server, up to /v1.")
    model: str | None = Field(
        default=None, description="The model's name on that server; gguf: the file."
    )
    api_key_env: str = Field(
        default="OPENAI_API_KEY",
        pattern=r"^[A-Za-z_][A-Za-z0-9_]*$",
        description="Name of the environment variable that holds the key. Left out, a server of "
        "your own (base_url) gets no key.",
    )
    price: PriceSettings | None = Field(
        default=None, description="What tokens cost; without it, cost is unknown."
    )
    temperature: Annotated[Number, Field(ge=0, le=2)] | None = Field(
        default=None, description="0 to 2; not sent when left out."
    )
    top_p: Annotated[Number, Field(gt=0, le=1)] | None = Field(
        default=None, description="Above 0, up to 1; not sent when left out."
    )
    max_tokens: Annotated[Whole, Field(ge=1)] | None = Field(
        default=None, description="Longest answer; not sent when left out."
    )
    variants: str | tuple[str, ...] = Field(
        default="default",
        description="A preset (default, coannotating) or a list of "
        "variants; those that a question's type does not have are left out there.",
    )
    exclude: tuple[str, ...] = Field(
        default=(),
        description="Variants that are asked no more and whose stored votes no longer count; the "
        "name of a way stands for all its classes.",
    )
    samples: Whole = Field(default=1, ge=1, le=100, description="Calls per variant.")
    confidence: bool = Field(default=True, description="Ask for a stated confidence, 0 to 1.")
    structured: Literal["auto", "off"] = Field(
        default="auto",
        description="auto: JSON replies bound to the labels, where `coannotate connect` saw that "
        "the server enforces a schema. off: plain text.",
    )
    logprobs: Literal["auto", "off"] = Field(
        default="auto",
        description="auto: class probabilities from the tokens' log-probabilities, where "
        "`coannotate connect` saw that the server tells them. off: none are asked for.",
    )
    few_shot: Whole = Field(
        default=6, ge=0, le=100, description="Human-labelled examples in each prompt."
    )
    concurrency: Whole = Field(default=8, ge=1, le=1024, description="Calls in flight at most.")
    timeout_s: Number = Field(
        default=60, gt=0, le=24 * 3600, description="Longest time one call may take, in seconds."
    )
    weights: str | None = Field(
        default=None, description="provider local: folder with the all-MiniLM-L6-v2 files."
    )


class MemberSettings(ModelSettings):
    """One model of an ensemble. What it does not say, `llm` says for it."""

    name: str | None = Field(
        default=None,
        pattern=MEMBER_NAME,
        description="What its answers are called; left out, the model's name.",
    )

    def called(self, model: str | None) -> str:
        """Its name. model: the one it is or inherits; None for the local annotator.

        >>> MemberSettings().called("Qwen/Qwen3-8B"), MemberSettings(name="big").called("m")
        ('Qwen3-8B', 'big')
        """
        last = (model or "local").rstrip("/").rpartition("/")[2]
        return self.name or re.sub(r"[^\w.:@-]", "-", last)[:64] or "model"


class LLMSettings(ModelSettings):
    """Who pre-labels, and how it is asked."""

    max_cost_usd: Annotated[Number, Field(gt=0)] | None = Field(
        default=None, description="A run stops before it costs more. Needs price and max_tokens."
    )
    max_calls: Annotated[Whole, Field(ge=1)] | None = Field(
        default=None, description="A run stops before it makes more calls."
    )
    prompts: dict[PromptName, str] = Field(
        default_factory=dict,
        description="name: text of a prompt of your own, with places for {item}, {reply}, "
        "{labels}, {question} and {examples}. Asked beside a preset of `variants`; of a list, "
        "when named there.",
    )
    ensemble: tuple[MemberSettings, ...] = Field(
        default=(),
        description="Several models that all answer every item; each takes the keys that it does "
        "not set from `llm`.",
    )

    def models(self) -> tuple[tuple[str, LLMSettings], ...]:
        """(name, settings) of every model that is asked; without an ensemble one without a name.

        Two keys are for what they stand beside and go no further: a member with a server of its
        own does not get the key of another one, nor a model of its own another one's price.
        """
        if not self.ensemble:
            return (("", self),)
        merged = [(member, self._merged(member)) for member in self.ensemble]
        return tuple(
            (member.called(member.model if whole.provider == "local" else whole.model), whole)
            for member, whole in merged
        )

    def _merged(self, member: MemberSettings) -> LLMSettings:
        own = {name: getattr(member, name) for name in member.model_fields_set - {"name"}}
        given = {name: getattr(self, name) for name in self.model_fields_set - {"ensemble"}}
        if "base_url" in own:
            given.pop("api_key_env", None)
        if self.model is not None and own.get("model", self.model) != self.model:
            given.pop("price", None)
        return LLMSettings.model_validate(given | own)


class RoutingSettings(Section):
    """Which items people get."""

    signal: Literal["learned", "entropy", "confidence"] = Field(
        default="learned",
        description="learned: how likely people are to disagree, learned from their answers; "
        "entropy of the votes over the variants; stated confidence.",
    )
    tolerance: dict[str, Share] = Field(
        default_factory=dict,
        description="question: distance from 0 to 1 up to which another answer than a person's is "
        "no error, for questions without a fixed set of answers; 0 when left out, 0.05 for texts.",
    )
    relabel: bool = Field(
        default=True,
        description="signal learned: correct labels where people have shown the model to be "
        "wrong in such cases; false keeps the model's label.",
    )
    embeddings: bool = Field(
        default=False,
        description="signal learned: sentence embeddings beside the words, where their weights "
        "are installed. About 12 s per 1,000 items, once.",
    )
    live: bool = Field(
        default=True,
        description="signal learned: route again while people label, as long as the page or "
        "`coannotate work` runs.",
    )
    policy: str = Field(
        default="budget",
        description="budget, threshold, random, cost, promise, cascade or coannotating.",
    )
    budget: Share | None = Field(default=None, description="Share of all items for people.")
    budget_items: Annotated[Whole, Field(ge=0)] | None = Field(
        default=None, description="policy budget: a number of items instead of a share."
    )
    threshold: Share | None = Field(
        default=None, description="policy threshold: below this uncertainty the label stands."
    )
    target_error: Annotated[Number, Field(gt=0, lt=1)] | None = Field(
        default=None, description="policy promise: share of labels that may be wrong."
    )
    alpha: Annotated[Number, Field(gt=0, lt=1)] = Field(
        default=0.05, description="policy promise: chance that the promise fails."
    )
    error_usd: Annotated[Number, Field(gt=0)] | None = Field(
        default=None, description="policies cost, cascade: what a wrong label costs, in dollars."
    )
    hour_usd: Annotated[Number, Field(ge=0)] | None = Field(
        default=None,
        description="What an hour of a person costs: told everywhere, reckoned with by the "
        "policies cost and cascade.",
    )
    seconds: Annotated[Number, Field(gt=0)] | None = Field(
        default=None,
        description="Seconds for one answer, where money is reckoned; measured when left out.",
    )
    people_error: Share = Field(
        default=0.0, description="policies cost, cascade: share of people's answers that is wrong."
    )
    max_usd: Annotated[Number, Field(ge=0)] | None = Field(
        default=None, description="policy cost: the most that people may cost."
    )
    strong: str | None = Field(
        default=None, description="policy cascade: the member of `llm.ensemble` asked second."
    )
    strong_usd: Annotated[Number, Field(ge=0)] | None = Field(
        default=None, description="policy cascade: what its answers to one item cost, in dollars."
    )
    explore: Share = Field(
        default=0.0,
        description="policies budget, threshold, cost: share of people's items that is drawn by "
        "chance, so that something is learned of all kinds of items.",
    )
    diversity: Annotated[Number, Field(ge=0, lt=1)] = Field(
        default=0.0,
        description="policy budget: how much less a near-duplicate of a waiting item counts.",
    )
    audit: Share = Field(
        default=0.05, description="Share of the sure items that people check at random."
    )
    seed: Whole = Field(default=0, ge=0, lt=2**63, description="Seed of the random draws.")

    def build(self, *, answers: int = 1, seconds: float | None = None) -> Policy:
        """The policy these settings describe. Settings were checked: this does not fail.

        answers: people who answer an item. seconds: measured, for one answer; None: not known.
        """
        from routing.policies import POLICIES  # scipy: a project file is read and checked without

        if self.policy == "coannotating":
            share = DEFAULT_BUDGET if self.budget is None else self.budget
            return POLICIES["coannotating"](llm_share=1 - share)
        given = {
            field: value
            for key, field in KEYS[self.policy].items()
            if field and (value := getattr(self, key)) is not None
        }
        if self.policy in ("budget", "random") and "items" not in given:
            given.setdefault("share", DEFAULT_BUDGET)
        if "hour_usd" in given:
            given["answers"] = answers
            if seconds is not None:
                given.setdefault("seconds", seconds)
        return POLICIES[self.policy](**given)


DEFAULT_BUDGET = 0.3


class Project(Section):
    """One labelling task."""

    project: str = Field(pattern=r"^[A-Za-z0-9_-]{1,64}$", description="Short id of the project.")
    title: str = Field(min_length=1, description="What people see it called.")
    guideline: str = Field(default="", description="Markdown; people and the model read it.")
    language: Literal["en", "zh"] = Field(
        default="en", description="Language of the prompts around your texts."
    )
    fields_: tuple[FieldEntry, ...] = Field(
        alias="fields",
        min_length=1,
        description="Item fields shown and asked: a name, or `{name, show}`.",
    )
    import_: ImportSettings = Field(
        default_factory=ImportSettings, alias="import", description="How data files map to this."
    )
    questions: tuple[AnyQuestion, ...] = Field(
        min_length=1, description="What is asked of every item."
    )
    llm: LLMSettings = Field(
        default_factory=LLMSettings, description="Who pre-labels, and how it is asked."
    )
    routing: RoutingSettings = Field(
        default_factory=RoutingSettings, description="Which items people get."
    )
    people: PeopleSettings = Field(
        default_factory=PeopleSettings,
        description="Who answers how often, and what they see of the machine's answers.",
    )
    consensus: ConsensusSettings = Field(
        default_factory=ConsensusSettings, description="How several answers become one."
    )

    @property
    def fields(self) -> tuple[str, ...]:
        """The names of the item fields, in order."""
        return tuple(f.name if isinstance(f, FieldSettings) else f for f in self.fields_)

    @property
    def shows(self) -> Mapping[str, FieldSettings]:
        """name of a field -> how it is shown."""
        entries = (
            f if isinstance(f, FieldSettings) else FieldSettings(name=f) for f in self.fields_
        )
        return {entry.name: entry for entry in entries}

    def question(self, name: str) -> QuestionSettings:
        """The question called `name`; KeyError when there is none."""
        for question in self.questions:
            if question.name == name:
                return question
        raise KeyError(name)

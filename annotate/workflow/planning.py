"""What a pre-labelling run will ask and cost, told before anything is paid."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from annotate.errors import NotFound
from annotate.llm.ensemble import EnsemblePrelabeller
from annotate.llm.prelabeller import Prelabeller, Preview
from annotate.llm.prices import Price, price_of
from annotate.llm.prompts import Example, Prompt
from annotate.model import Item, Person
from annotate.people import require
from annotate.project import Project
from annotate.questions import QuestionSettings
from annotate.store import Store
from annotate.workflow.examples import pick_examples
from annotate.workspace import require_items

SAMPLED_ITEMS = 50
TOKENS_PER_MESSAGE = 4
REPLY_TOKENS = 12  # a label and a confidence, before any real reply is known


@dataclass(frozen=True, slots=True)
class Plan:
    """What one model will be asked. tokens and cost are expectations; cost_usd None: price unknown.

    name: of an ensemble's member, else empty. measured: earlier calls of this model that the
    tokens are taken from; 0 when estimated from the prompts.
    """

    name: str
    model: str
    free: bool
    items: int
    calls: int
    tokens_in: int
    tokens_out: int
    cost_usd: float | None
    price: Price | None
    measured: int
    examples: int


def plan(
    store: Store,
    project: Project,
    question: QuestionSettings,
    prelabeller: Prelabeller,
    *,
    actor: Person,
    items: int,
) -> list[Plan]:
    """What asking about `items` more items takes, model by model. Raises NotAllowed, AnnotateError.

    Prompts of up to 50 items, evenly spread, are made and measured; nothing is sent.
    """
    require(actor, "prelabel")
    total = require_items(store, project)
    examples = _teach(store, project, question, prelabeller)
    sampled = _sampled(store, project, total)
    prices = {name: price_of(llm) for name, llm in project.llm.models()}
    plans = []
    for name, member in models(prelabeller).items():
        calls = [call for item in sampled for call in member.preview(item)]
        measured, mean_in, mean_out = _tokens(store, project, question, member.model, calls)
        count = items * len(calls) // len(sampled)
        tokens_in, tokens_out = round(count * mean_in), round(count * mean_out)
        price = None if member.free else prices[name]
        cost = None if price is None else price.cost(tokens_in, tokens_out)
        shown = len(examples[: member.example_limit])
        plans.append(
            Plan(
                name, member.model, member.free, items, count, tokens_in, tokens_out, cost, price,
                measured, shown,
            )
        )  # fmt: skip
    return plans


def _tokens(
    store: Store,
    project: Project,
    question: QuestionSettings,
    model: str,
    calls: Sequence[Preview],
) -> tuple[int, float, float]:
    """Earlier calls that told their tokens, and mean tokens in and out; from the prompts
    themselves when there are none."""
    measured = store.progress.call_means(project.project, question.name, model)
    if measured[0] or not calls:
        return measured
    return 0, sum(estimate_tokens(call.prompt) for call in calls) / len(calls), REPLY_TOKENS


def show_prompts(
    store: Store,
    project: Project,
    question: QuestionSettings,
    prelabeller: Prelabeller,
    reference: str | None,
    *,
    actor: Person,
) -> list[Preview]:
    """Exactly what would be sent about one item (the first when unnamed), call by call.

    A challenge is shown as if the model had first answered with the first class. Raises
    NotAllowed, NotFound, AnnotateError.
    """
    require(actor, "prelabel")
    require_items(store, project)
    if reference is None:
        item: Item | None = store.items.page(project.project, limit=1)[0]
    else:
        item = store.items.find(project.project, reference)
    if item is None:
        raise NotFound(f"project {project.project!r} has no item {reference!r}")
    _teach(store, project, question, prelabeller)
    return prelabeller.preview(item)


def models(prelabeller: Prelabeller) -> Mapping[str, Prelabeller]:
    """An ensemble's members by name; any other pre-labeller without one."""
    if isinstance(prelabeller, EnsemblePrelabeller):
        return prelabeller.members
    return {"": prelabeller}


def estimate_tokens(prompt: Prompt) -> int:
    """A rough count without the model's tokenizer: four Latin characters, or one other, a token.

    >>> from annotate.llm.prompts import Message
    >>> estimate_tokens(Prompt((Message("user", "abcdefgh标签"),), "v", "h"))
    8
    """
    tokens = 0.0
    for message in prompt.messages:
        latin = sum(character.isascii() for character in message.content)
        tokens += TOKENS_PER_MESSAGE + latin / 4 + (len(message.content) - latin)
    return round(tokens)


def _sampled(store: Store, project: Project, total: int) -> list[Item]:
    """Some items from all over the project."""
    step = max(1, total // SAMPLED_ITEMS)
    return [
        item
        for after in range(-1, total - 1, step)
        for item in store.items.page(project.project, after=after, limit=1)
    ]


def _teach(
    store: Store, project: Project, question: QuestionSettings, prelabeller: Prelabeller
) -> Sequence[Example]:
    """Give it the examples that a new round would have."""
    limit = prelabeller.example_limit
    picked = pick_examples(store, project.project, question, limit=limit)
    items = store.items.several([item_id for item_id, _ in picked])
    examples = [Example(items[item_id], value) for item_id, value in picked]
    prelabeller.learn(examples)
    return examples

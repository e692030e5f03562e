"""What a pre-labelling run will ask and cost, told before anything is paid."""

from __future__ import annotations

from dataclasses import dataclass

from annotate.errors import NotFound
from annotate.llm.prices import Price
from annotate.llm.prompts import Asked, Prompt, ask
from annotate.llm.similar import POOL, ExamplePool
from annotate.llm.variants import Variant, belongs, expand
from annotate.model import Item, Person
from annotate.people import require
from annotate.project import Project
from annotate.questions import QUESTION_TYPES, QuestionSettings
from annotate.store import Store
from annotate.workflow.examples import load_examples, pick_examples
from annotate.workspace import require_items

SAMPLED_ITEMS = 50
TOKENS_PER_MESSAGE = 4
REPLY_TOKENS = 12  # a label and a confidence, before any real reply is known


@dataclass(frozen=True, slots=True)
class Plan:
    """A run for one question. tokens and cost are expectations; cost_usd None: price unknown.

    measured: earlier calls that the tokens are taken from; 0 when estimated from the prompts.
    """

    question: str
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
    *,
    actor: Person,
    price: Price | None,
    items: int,
    calls_per_item: int,
) -> Plan:
    """What asking about `items` more items takes. Raises NotAllowed, AnnotateError.

    Prompts of up to 50 items, evenly spread, are made and measured; nothing is sent.
    """
    require(actor, "prelabel")
    total = require_items(store, project)
    examples = _examples(store, project, question)
    calls = items * calls_per_item
    measured, mean_in, mean_out = store.progress.call_means(project.project, question.name)
    if not measured:
        mean_in, mean_out = _estimated(store, project, question, examples, total), REPLY_TOKENS
    tokens_in, tokens_out = round(calls * mean_in), round(calls * mean_out)
    cost = None if price is None else price.cost(tokens_in, tokens_out)
    return Plan(
        question.name, items, calls, tokens_in, tokens_out, cost, price, measured, len(examples)
    )


def show_prompts(
    store: Store, project: Project, question: QuestionSettings, reference: str | None, *,
    actor: Person,
) -> list[tuple[str, Asked]]:  # fmt: skip
    """Exactly what would be sent about one item (the first when unnamed), by variant.

    A challenge is shown as if the model had first answered with the first class, and examples as
    a round that begins now chooses them; one that was stopped goes on with those it began with.
    Raises NotAllowed, NotFound, AnnotateError.
    """
    require(actor, "prelabel")
    require_items(store, project)
    if reference is None:
        item: Item | None = store.items.page(project.project, limit=1)[0]
    else:
        item = store.items.find(project.project, reference)
    if item is None:
        raise NotFound(f"project {project.project!r} has no item {reference!r}")
    return _asked(project, question, item, _examples(store, project, question))


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


def _estimated(
    store: Store,
    project: Project,
    question: QuestionSettings,
    examples: ExamplePool,
    total: int,
) -> float:
    """Mean tokens of one call, over the prompts of some items from all over the project."""
    step = max(1, total // SAMPLED_ITEMS)
    sizes = [
        estimate_tokens(asked.prompt)
        for after in range(-1, total - 1, step)
        for item in store.items.page(project.project, after=after, limit=1)
        for _, asked in _asked(project, question, item, examples)
    ]
    return sum(sizes) / len(sizes)


def _asked(
    project: Project, question: QuestionSettings, item: Item, examples: ExamplePool
) -> list[tuple[str, Asked]]:
    first = QUESTION_TYPES[question.type].classes(question)[0]
    nearest = examples.nearest(item, project.llm.few_shot)
    return [
        (v.name, ask(project, question, item, v, examples=nearest, first_answer=first))
        for v in _variants(project, question)
    ]


def _variants(project: Project, question: QuestionSettings) -> tuple[Variant, ...]:
    asked = expand(project.llm.variants, QUESTION_TYPES[question.type].classes(question))
    return tuple(variant for variant in asked if not belongs(variant.name, project.llm.exclude))


def _examples(store: Store, project: Project, question: QuestionSettings) -> ExamplePool:
    """What a round that begins now would choose from."""
    limit = POOL if project.llm.few_shot else 0
    picked = pick_examples(store, project.project, question, limit=limit)
    return ExamplePool(load_examples(store, picked), project.fields)

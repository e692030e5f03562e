"""What a pre-labelling run will ask and cost, told before anything is paid."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from annotate.llm.books.prices import Price, price_of
from annotate.llm.ensemble import EnsemblePrelabeller
from annotate.llm.prelabeller import Prelabeller, Preview, Work
from annotate.llm.prompts import Example, Prompt
from annotate.llm.spoken import spoken_of
from annotate.llm.variants import belongs
from annotate.model import Person, Round
from annotate.people import require
from annotate.project import Project
from annotate.questions import QuestionSettings
from annotate.store import Store
from annotate.workflow.prelabels.examples import load_examples
from annotate.workflow.prelabels.prelabelling import next_round
from annotate.workflow.prelabels.standing import standings
from annotate.workspace import require_item, require_items

SAMPLED_ITEMS = 50
TOKENS_PER_MESSAGE = 4
REPLY_TOKENS = 12  # a label and a confidence, before any real reply is known


@dataclass(frozen=True, slots=True)
class Plan:
    """What one model will be asked. tokens and cost are expectations; cost_usd None: price unknown.

    name: of an ensemble's member, else empty. calls: those whose answer is not known from an
    earlier round (`known`). measured: earlier calls of this model that the tokens are taken from;
    0 when estimated from the prompts.
    """

    name: str
    model: str
    free: bool
    items: int
    calls: int
    known: int
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
) -> list[Plan]:
    """What the next run takes, model by model. Raises NotAllowed, AnnotateError.

    Prompts about up to 50 of its items, evenly spread, are made and measured; nothing is sent.
    """
    require(actor, "prelabel")
    require_items(store, project)
    round_ = next_round(store, project, question, prelabeller)
    examples = _teach(store, prelabeller, round_)
    items = store.prelabels.count_missing(round_)
    works = _sampled(store, project, round_, items)
    prices = {name: price_of(llm) for name, llm in project.llm.models()}
    plans = []
    for name, member in models(prelabeller).items():
        own = [work_of(prelabeller, name, work) for work in works]
        calls = [
            call
            for work in own
            for call in member.preview(work)
            if not belongs(f"{name}/{call.variant}" if name else call.variant, project.llm.exclude)
        ]
        new = [call for call in calls if not call.known]
        count, known = _scaled(len(new), items, works), _scaled(len(calls) - len(new), items, works)
        measured, mean_in, mean_out = _tokens(store, project, question, member.model, new)
        tokens_in, tokens_out = round(count * mean_in), round(count * mean_out)
        price = None if member.free else prices[name]
        cost = None if price is None else price.cost(tokens_in, tokens_out)
        shown = len(examples[: member.example_limit])
        plans.append(
            Plan(
                name, member.model, member.free, items, count, known, tokens_in, tokens_out, cost,
                price, measured, shown,
            )
        )  # fmt: skip
    return plans


def _scaled(sampled: int, items: int, works: Sequence[Work]) -> int:
    """As many of all items as were counted of the sampled ones."""
    return round(sampled * items / len(works)) if works else 0


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
    spoken = spoken_of(question)
    replied = REPLY_TOKENS if spoken is None else spoken.reply_tokens
    return 0, sum(estimate_tokens(call.prompt) for call in calls) / len(calls), replied


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

    A challenge is shown as if the model had first answered with the first class, and examples as
    a round that begins now chooses them; one that was stopped goes on with those it began with.
    Raises NotAllowed, NotFound, AnnotateError.
    """
    require(actor, "prelabel")
    require_items(store, project)
    if reference is None:
        item = store.items.page(project.project, limit=1)[0]
    else:
        item = require_item(store, project, reference)
    _teach(store, prelabeller, next_round(store, project, question, prelabeller))
    exclude, calls = project.llm.exclude, prelabeller.preview(Work(item, {}))
    return [call for call in calls if not belongs(call.variant, exclude)]


def models(prelabeller: Prelabeller) -> Mapping[str, Prelabeller]:
    """An ensemble's members by name; any other pre-labeller without one."""
    if isinstance(prelabeller, EnsemblePrelabeller):
        return prelabeller.members
    return {"": prelabeller}


def work_of(prelabeller: Prelabeller, name: str, work: Work) -> Work:
    """What of an item is one model's."""
    if isinstance(prelabeller, EnsemblePrelabeller):
        return prelabeller.work_of(name, work)
    return work


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


def _sampled(store: Store, project: Project, round_: Round, missing: int) -> list[Work]:
    """Some of the items that the round still has to answer, from all over the project."""
    if missing <= SAMPLED_ITEMS:
        found = store.prelabels.missing(round_, after=-1, limit=missing)
    else:
        step = max(1, store.items.count(project.project) // SAMPLED_ITEMS)
        places = range(-1, step * SAMPLED_ITEMS - 1, step)
        picked = (store.prelabels.missing(round_, after=at, limit=1) for at in places)
        found = list({item.id: item for items in picked for item in items}.values())
    return [one.work for one in standings(store, round_, found)]


def _teach(store: Store, prelabeller: Prelabeller, round_: Round) -> Sequence[Example]:
    """Give it the examples of the round."""
    examples = load_examples(store, round_.examples)
    prelabeller.learn(examples)
    return examples

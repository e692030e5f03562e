"""A prelabeller without a model: it counts what it is asked and answers as it is told."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import replace
from itertools import count

from annotate.errors import ProviderError
from annotate.llm.books.ledger import CapReached
from annotate.llm.prelabeller import Answer, Work, call_identity
from annotate.llm.prompts import Example
from annotate.model import Value
from annotate.people import operator
from annotate.project import Project
from annotate.store import Store
from annotate.workflow.prelabels.prelabelling import PrelabelReport, prelabel
from tests.small import START, small_project

Said = str | ProviderError | CapReached


class Rehearsed:
    """Implements `Prelabeller`. says: item's text, variant -> value, or the error of that call.

    Calls have an identity, so that another round takes their answers over. `asked` counts the
    calls by (text, variant).
    """

    free = False
    example_limit: int | None = 0

    def __init__(
        self,
        says: Callable[[str, str], Said] = lambda text, variant: "ham",
        *,
        variants: Sequence[str] = ("plain",),
        concurrency: int = 2,
        batch: int = 1,
        model: str = "rehearsed",
        cost_usd: float | None = None,
        settings: Value = None,
    ) -> None:
        self.model, self.concurrency, self.batch = model, concurrency, batch
        self.asked: Counter[tuple[str, str]] = Counter()
        self.closed = False
        self._says, self._variants, self._settings = says, tuple(variants), settings
        self._cost_usd = cost_usd

    def variants(self) -> tuple[str, ...]:
        return self._variants

    def fingerprint(self) -> Mapping[str, Value]:
        return {"model": self.model, "variants": self._variants, "settings": self._settings}

    def announcement(self) -> str | None:
        return None

    def learn(self, examples: Sequence[Example]) -> None:
        """Nothing: it says what it was told."""

    async def answer(self, works: Sequence[Work]) -> AsyncIterator[Answer]:
        for work in works:
            for variant in self._variants:
                if (variant, 0) not in work.done:
                    yield await self._call(work, variant)

    async def close(self) -> None:
        self.closed = True

    async def _call(self, work: Work, variant: str) -> Answer:
        text = work.item.fields["text"]
        call = call_identity(
            work.item.id, "mail", variant, 0, model=self.model, prompt_hash=text, parameters={}
        )
        if call in work.earlier:
            return work.earlier[call]
        self.asked[text, variant] += 1
        await asyncio.sleep(0)
        said = self._says(text, variant)
        blank = Answer(work.item.id, variant, 0, "parsed", call=call, prompt_hash=text)
        if isinstance(said, CapReached) or (isinstance(said, ProviderError) and said.fatal):
            raise said
        if isinstance(said, ProviderError):
            return replace(blank, outcome="error", reason=said.why)
        return replace(
            blank, value=said, raw=said, tokens_in=40, tokens_out=2, cost_usd=self._cost_usd
        )


class Stage:
    """A store of mails in which rounds are run."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.project: Project = small_project()
        self._ids = count(1)

    def run(self, prelabeller: Rehearsed, **options: object) -> PrelabelReport:
        number = next(self._ids)
        return prelabel(
            self.store,
            self.project,
            self.project.questions[0],
            prelabeller,
            actor=operator(START),
            clock=lambda: START,
            new_id=lambda: f"round{number}",
            **options,  # type: ignore[arg-type]
        )

    def stored(self) -> int:
        """How many answers there are, of all rounds."""
        sql = "select count(*) as n from prelabels"
        return int(next(self.store._engine.query(sql))["n"])

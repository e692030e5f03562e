"""What every pair must be, and how many there may be of one prompt."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from annotate.exporters.protocol import EMPTY_TEXT, SAME_TEXT, Dropped
from annotate.training.prompts import is_empty
from annotate.training.protocol import Pair, Rules
from annotate.training.reasons import CAPPED


def paired(pair: Pair) -> Pair | Dropped:
    """The pair, unless a trainer would learn from noise, which none of them says a word about."""
    if is_empty(pair.prompt, pair.chosen, pair.rejected):
        return Dropped(EMPTY_TEXT)
    if pair.chosen.strip() == pair.rejected.strip():
        return Dropped(SAME_TEXT)
    return pair


def capped(made: Iterable[Pair | Dropped], rules: Rules) -> Iterator[Pair | Dropped]:
    """At most `per_prompt` pairs, those with the largest margin first; else as they come."""
    if rules.per_prompt is None:
        yield from made
        return
    found: list[Pair] = []
    for one in made:
        if isinstance(one, Dropped):
            yield one
        else:
            found.append(one)
    found.sort(key=lambda pair: -1.0 if pair.margin is None else pair.margin, reverse=True)
    yield from found[: rules.per_prompt]
    yield from (Dropped(CAPPED) for _ in found[rules.per_prompt :])

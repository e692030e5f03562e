"""How many pairs there may be of one prompt, over all items that share it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from hashlib import blake2b

from annotate.exporters.protocol import Dropped
from annotate.training.protocol import Made, Pair, Turn
from annotate.training.reasons import CAPPED


class Caps:
    """Lets in at most `most` pairs of each prompt; everything else as it comes.

    Of one item the surest come first already; of several items the earlier ones. Prompts are kept
    as digests of 8 bytes.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._pairs: Counter[bytes] = Counter()

    def let_in(self, made: Iterable[Made | Dropped]) -> Iterator[Made | Dropped]:
        for one in made:
            if not isinstance(one, Pair):
                yield one
                continue
            key = _digest(one.prompt)
            self._pairs[key] += 1
            yield one if self._pairs[key] <= self._most else Dropped(CAPPED)


def _digest(prompt: tuple[Turn, ...]) -> bytes:
    text = "\0".join(f"{turn.role}\0{turn.content}" for turn in prompt)
    return blake2b(text.encode(errors="surrogatepass"), digest_size=8).digest()

"""A language model small enough to know everything about: some replies and how likely each is."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from annotate.llm.providers.protocol import Token

END = "<|end|>"


@dataclass(frozen=True)
class Toy:
    """replies: the tokens of each possible reply -> its probability; they sum to 1."""

    replies: Mapping[tuple[str, ...], float]

    def chance(self, beginning: Sequence[str]) -> float:
        """The probability of a reply that begins with these tokens."""
        begun = tuple(beginning)
        return sum(p for reply, p in self.replies.items() if reply[: len(begun)] == begun)

    def next(self, beginning: Sequence[str]) -> dict[str, float]:
        """Each token that can follow, or END -> its probability."""
        begun, after = tuple(beginning), defaultdict[str, float](float)
        for reply, probability in self.replies.items():
            if reply[: len(begun)] == begun:
                after[(*reply, END)[len(begun)]] += probability
        whole = sum(after.values())
        return {token: probability / whole for token, probability in after.items()}

    def tokens(self, reply: Sequence[str], told: int) -> tuple[Token, ...]:
        """One reply as a server tells it, with the `told` likeliest tokens at each place."""
        return tuple(self._token(reply[:at], text, told) for at, text in enumerate(reply))

    def _token(self, beginning: Sequence[str], text: str, told: int) -> Token:
        after = self.next(beginning)
        likeliest = sorted(after.items(), key=lambda pair: -pair[1])[:told]
        logs = tuple((token, math.log(probability)) for token, probability in likeliest)
        return Token(text, math.log(after[text]), logs)


def toy(replies: Mapping[tuple[str, ...], float]) -> Toy:
    """With these weights; a reply is given as its tokens."""
    whole = sum(replies.values())
    return Toy({reply: weight / whole for reply, weight in replies.items()})

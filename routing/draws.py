"""One item, one seed, one stream -> one uniform number, whatever else is routed.

A generator hands out numbers by position: add an item or change the order, and every later item
draws anew. Here the number is computed from the item's own key, so routing again, in pieces or
with more items gives each item the same draw. Counter-based, as in Salmon et al., "Parallel random
numbers: as easy as 1, 2, 3" (SC 2011), with the finaliser of SplitMix64: Steele, Lea and Flood,
"Fast splittable pseudorandom number generators" (OOPSLA 2014), variant 13 of Stafford's mixers.
Not for secrets: who knows a seed and a key knows the draw.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from routing.types import Draws, Keys

_GAMMA: Final = np.uint64(0x9E3779B97F4A7C15)  # 2**64 / golden ratio, odd
_MIX_A: Final = np.uint64(0xBF58476D1CE4E5B9)
_MIX_B: Final = np.uint64(0x94D049BB133111EB)


def splitmix64(state: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """The number SplitMix64 gives in each state: (n,) -> (n,), one to one, modulo 2**64.

    >>> splitmix64(np.array([1234567], dtype=np.uint64))
    array([6457827717110365317], dtype=uint64)
    """
    z = state + _GAMMA
    z ^= z >> np.uint64(30)
    z *= _MIX_A
    z ^= z >> np.uint64(27)
    z *= _MIX_B
    z ^= z >> np.uint64(31)
    return z


def uniform(keys: Keys, *, seed: int, stream: int = 0) -> NDArray[np.float64]:
    """A uniform number for each key, 0 <= u < 1, in steps of 2**-53. keys: (n,) -> (n,).

    An item's key is any 64 bits that stay with it, such as 8 bytes of a digest of its id; equal
    keys draw equal numbers. Another seed, or another stream of a seed, draws independently.
    ValueError when keys is not 1-d uint64, or seed or stream is outside 0..2**64-1.

    >>> few = uniform(np.array([7, 8], dtype=np.uint64), seed=1)
    >>> many = uniform(np.array([9, 8, 7], dtype=np.uint64), seed=1)
    >>> bool(few[0] == many[2] and few[1] == many[1])
    True
    """
    if keys.ndim != 1 or keys.dtype != np.uint64:
        raise ValueError(f"keys is {keys.dtype} of shape {keys.shape}, but must be uint64 of (n,)")
    of_seed = splitmix64(_word("seed", seed)) + _word("stream", stream)
    mixed = splitmix64(splitmix64(keys) ^ splitmix64(of_seed))
    return np.ldexp((mixed >> np.uint64(11)).astype(np.float64), -53)  # all a float64 can hold


def pairs(keys: Keys, *, seed: int) -> Draws:
    """What a policy takes: streams 0 and 1 of `uniform` side by side. keys: (n,) -> (n, 2)."""
    result = np.empty((len(keys), 2))
    for stream in range(2):
        result[:, stream] = uniform(keys, seed=seed, stream=stream)
    return result


def _word(name: str, value: int) -> NDArray[np.uint64]:
    """(1,), because numpy warns when a scalar wraps around and not when an array does."""
    if not 0 <= value < 2**64:
        raise ValueError(f"{name} is {value}, but must be 0..2**64-1")
    return np.array([value], dtype=np.uint64)

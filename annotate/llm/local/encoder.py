"""Text -> vectors of length 1. all-MiniLM-L6-v2 in numpy: no torch, no network, no key."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Protocol

import numpy as np
from numpy.typing import NDArray

from annotate.errors import WeightsError
from annotate.llm.local.weights import WeightsFolder

if TYPE_CHECKING:
    from tokenizers import Tokenizer

Vectors = NDArray[np.float32]
Ids = NDArray[np.int64]
Tensors = Mapping[str, Vectors]

MAX_TOKENS: Final = 256  # what the model was trained for; it has positions for 512
MAX_CHARS: Final = 4_000  # 256 tokens of prose are about 1,200 characters
HEADS: Final = 12
TOKENIZED_AT_ONCE: Final = 512
GELU_BLOCK: Final = 16_384  # five buffers of this size stay in the processor's cache


class Encoder(Protocol):
    """Turns texts into vectors whose dot product is their cosine similarity."""

    @property
    def name(self) -> str: ...

    @property
    def dim(self) -> int: ...

    @property
    def weak(self) -> bool:
        """True when people must be told not to expect much of it."""

    def encode(self, texts: Sequence[str]) -> Vectors:
        """(n, dim) float32, rows of length 1 (or 0 for a text in which nothing is recognised)."""


def clip(text: str, limit: int = MAX_CHARS) -> str:
    """The part of `text` an encoder reads: its start, without lone surrogates.

    >>> clip("   one two", 3), clip("\\ud83d!")
    ('one', '?!')
    """
    return text.lstrip()[:limit].encode("utf-8", "replace").decode("utf-8")


class MiniLM:
    """The sentence encoder all-MiniLM-L6-v2: English, reads the first 256 tokens.

    Mean of the last layer's token vectors, scaled to length 1, as sentence-transformers does.
    """

    name = "all-MiniLM-L6-v2"
    weak = False

    def __init__(self, tensors: Tensors, tokenizer: Tokenizer) -> None:
        """`tensors` by their names in BERT; the number of layers and sizes are read off them.

        Raises WeightsError when a tensor is missing.
        """
        try:
            self._embedding = _Embedding.read(tensors)
            self._layers = list(_layers(tensors))
        except KeyError as error:
            raise WeightsError(
                f"weights have no tensor {error.args[0]!r}; they are not those of a BERT encoder"
            ) from error
        self.dim = self._embedding.words.shape[1]
        tokenizer.enable_truncation(MAX_TOKENS)
        # The file asks for padding to 128 tokens, which would multiply the work.
        tokenizer.no_padding()
        self._tokenizer = tokenizer

    @classmethod
    def load(cls, folder: WeightsFolder) -> MiniLM:
        """The encoder of a checked folder; about 0.3 s and 150 MB."""
        from safetensors import SafetensorError
        from safetensors.numpy import load_file
        from tokenizers import Tokenizer

        try:
            tokenizer = Tokenizer.from_file(str(folder.tokenizer))
            return cls(load_file(folder.weights), tokenizer)
        except (OSError, SafetensorError) as error:
            raise WeightsError(
                f"weights folder {str(folder.path)!r} changed after it was checked ({error}); "
                "start again"
            ) from error

    def encode(self, texts: Sequence[str], *, batch: int = 32) -> Vectors:
        """(n, dim) float32 rows of length 1. batch: texts at once, >= 1; bounds the memory.

        A row depends on its own text alone, up to rounding (about 1e-7).
        """
        if batch < 1:
            raise ValueError(f"batch is {batch}, must be at least 1")
        clipped = [clip(text) for text in texts]
        unique = list(dict.fromkeys(clipped))
        place = {text: row for row, text in enumerate(unique)}
        vectors = np.empty((len(unique), self.dim), np.float32)
        for rows, ids in self._batches(unique, batch):
            vectors[rows] = self._forward(ids)
        return vectors[[place[text] for text in clipped]] if clipped else vectors

    def _batches(
        self, texts: list[str], batch: int
    ) -> Iterator[tuple[list[int], NDArray[np.int64]]]:
        """Rows and their (b, length) token ids. One length per batch, so nothing is padding."""
        by_length: dict[int, list[tuple[int, list[int]]]] = defaultdict(list)
        for start in range(0, len(texts), TOKENIZED_AT_ONCE):
            encodings = self._tokenizer.encode_batch(texts[start : start + TOKENIZED_AT_ONCE])
            for row, encoding in enumerate(encodings, start):
                by_length[len(encoding.ids)].append((row, encoding.ids))
        for _, group in sorted(by_length.items()):
            for start in range(0, len(group), batch):
                rows, ids = zip(*group[start : start + batch], strict=True)
                yield list(rows), np.array(ids, np.int64)

    def _forward(self, ids: Ids) -> Vectors:
        hidden = self._embedding(ids)
        for layer in self._layers:
            hidden = layer(hidden)
        pooled: Vectors = hidden.mean(1)
        pooled /= np.linalg.norm(pooled, axis=1, keepdims=True)
        return pooled


@dataclass(frozen=True, slots=True)
class _Norm:
    """Layer normalisation over the last axis, in place."""

    weight: Vectors
    bias: Vectors

    @classmethod
    def read(cls, tensors: Tensors, name: str) -> _Norm:
        return cls(tensors[f"{name}.weight"], tensors[f"{name}.bias"])

    def __call__(self, x: Vectors) -> Vectors:
        x -= x.mean(-1, keepdims=True)
        variance = np.einsum("...i,...i->...", x, x) / np.float32(x.shape[-1])
        x *= (1 / np.sqrt(variance + np.float32(1e-12)))[..., None]
        x *= self.weight
        x += self.bias
        return x


@dataclass(frozen=True, slots=True)
class _Linear:
    """x @ weight + bias on (..., inputs); `weight` is stored (inputs, outputs)."""

    weight: Vectors
    bias: Vectors

    @classmethod
    def read(cls, tensors: Tensors, *names: str) -> _Linear:
        """One map of several beside each other: one large product is faster than three."""
        weight = np.concatenate([tensors[f"{name}.weight"] for name in names]).T
        bias = np.concatenate([tensors[f"{name}.bias"] for name in names])
        return cls(np.ascontiguousarray(weight), bias)

    def __call__(self, x: Vectors) -> Vectors:
        # Two axes: with three, numpy makes one small product per text.
        y: Vectors = x.reshape(-1, x.shape[-1]) @ self.weight
        y += self.bias
        return y.reshape(*x.shape[:-1], -1)


@dataclass(frozen=True, slots=True)
class _Embedding:
    words: Vectors
    positions: Vectors
    norm: _Norm

    @classmethod
    def read(cls, tensors: Tensors) -> _Embedding:
        # We never encode pairs, so every token has type 0 and its vector can be added once.
        positions = (
            tensors["embeddings.position_embeddings.weight"]
            + tensors["embeddings.token_type_embeddings.weight"][0]
        )
        words = tensors["embeddings.word_embeddings.weight"]
        return cls(words, positions, _Norm.read(tensors, "embeddings.LayerNorm"))

    def __call__(self, ids: Ids) -> Vectors:
        x: Vectors = self.words[ids]
        x += self.positions[: ids.shape[1]]
        return self.norm(x)


@dataclass(frozen=True, slots=True)
class _Layer:
    """One transformer block, (b, length, dim) -> the same."""

    qkv: _Linear
    out: _Linear
    attention_norm: _Norm
    inner: _Linear
    outer: _Linear
    norm: _Norm

    @classmethod
    def read(cls, tensors: Tensors, at: str) -> _Layer:
        attention = [f"{at}.attention.self.{part}" for part in ("query", "key", "value")]
        return cls(
            qkv=_Linear.read(tensors, *attention),
            out=_Linear.read(tensors, f"{at}.attention.output.dense"),
            attention_norm=_Norm.read(tensors, f"{at}.attention.output.LayerNorm"),
            inner=_Linear.read(tensors, f"{at}.intermediate.dense"),
            outer=_Linear.read(tensors, f"{at}.output.dense"),
            norm=_Norm.read(tensors, f"{at}.output.LayerNorm"),
        )

    def __call__(self, x: Vectors) -> Vectors:
        attended = self.out(self._attend(self.qkv(x)))
        attended += x
        attended = self.attention_norm(attended)
        changed = self.outer(gelu(self.inner(attended)))
        changed += attended
        return self.norm(changed)

    def _attend(self, qkv: Vectors) -> Vectors:
        b, length, width = qkv.shape
        size = width // 3 // HEADS
        q, k, v = qkv.reshape(b, length, 3, HEADS, size).transpose(2, 0, 3, 1, 4)
        weights = (q * np.float32(size**-0.5)) @ k.swapaxes(-1, -2)
        weights -= weights.max(-1, keepdims=True)
        np.exp(weights, out=weights)
        weights /= weights.sum(-1, keepdims=True)
        mixed: Vectors = (weights @ v).transpose(0, 2, 1, 3).reshape(b, length, width // 3)
        return mixed


def _layers(tensors: Tensors) -> Iterator[_Layer]:
    count = 0
    while count == 0 or f"encoder.layer.{count}.output.dense.weight" in tensors:
        yield _Layer.read(tensors, f"encoder.layer.{count}")
        count += 1


def gelu(x: Vectors) -> Vectors:
    """x * Phi(x) in place, Phi the standard normal distribution function; error below 1e-6.

    Abramowitz and Stegun 7.1.26. scipy.special.erf takes 18 ns a number, a third of the whole
    encoding; this takes about 5. x must be contiguous.
    """
    flat = x.reshape(-1)
    for start in range(0, len(flat), GELU_BLOCK):
        _gelu_block(flat[start : start + GELU_BLOCK])
    return x


def _gelu_block(x: Vectors) -> None:
    z = np.abs(x)
    z *= np.float32(0.5**0.5)
    t = 1 / (1 + np.float32(0.3275911) * z)
    series = np.full_like(t, 1.061405429)
    for coefficient in (-1.453152027, 1.421413741, -0.284496736, 0.254829592):
        series *= t
        series += np.float32(coefficient)
    series *= t
    z *= z
    np.negative(z, out=z)
    series *= np.exp(z, out=z)  # erfc(|x| / sqrt 2), twice the tail beyond |x|
    # x * Phi(x) = max(x, 0) - |x| * tail, which stays exact far from 0.
    series *= np.abs(x)
    series *= np.float32(0.5)
    np.maximum(x, 0, out=x)
    x -= series

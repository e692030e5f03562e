"""A llama of random weights, half a megabyte: the real llama.cpp loads it and talks nonsense,
on and on until it is cut off. Or one that knows which token follows which, and how likely.

The file is laid out by hand (GGUF version 3, little-endian), so nothing needs to be downloaded.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

WIDTH, LAYERS, HEADS, INNER = 64, 2, 4, 128
CONTEXT = 2048
MODEL = "tiny-random"

END = "<|im_end|>"
"""What ends a reply."""
NEVER = -30.0

_TURN = "<|im_start|>"
_CHAT = (
    "{% for m in messages %}<|im_start|>{{ m['role'] }}\n{{ m['content'] }}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
_MARKS = ("<eos>", _TURN, END)
_UINT32, _INT32, _FLOAT32, _BOOL, _STRING, _ARRAY = 4, 5, 6, 7, 8, 9
_NORMAL, _CONTROL = 1, 3
_ALIGNMENT = 32


def write_tiny_gguf(path: Path, *, seed: int = 0) -> Path:
    """The model file at `path`; equal seeds make equal files."""
    vocabulary = _vocabulary()
    return _write(path, vocabulary, _tensors(len(vocabulary), np.random.default_rng(seed)))


def write_bigram_gguf(path: Path, following: Mapping[str, Mapping[str, float]]) -> Path:
    """A model file at `path` whose next token depends on the last one alone.

    following: a character or END -> what comes next, with its probability; up to 63 characters.
    After any other character everything is equally likely.
    """
    vocabulary = _vocabulary()
    tensors = dict(_tensors(len(vocabulary), np.random.default_rng(0)))
    for name in tensors:
        if name.endswith(("attn_output.weight", "ffn_down.weight")):
            tensors[name] = np.zeros_like(tensors[name])  # nothing but the last token counts
    heard = np.zeros((len(vocabulary), WIDTH), "<f4")
    heard[:, -1] = 1.0
    said = np.zeros((len(vocabulary), WIDTH), "<f4")
    for at, (last, chances) in enumerate(following.items()):
        heard[vocabulary.index(_shown(last))] = np.eye(WIDTH)[at]
        said[:, at] = NEVER
        for text, chance in chances.items():
            said[vocabulary.index(_shown(text)), at] = np.log(chance)
    tensors["token_embd.weight"] = heard
    # what is heard has one 1 in it, which normalising makes sqrt(WIDTH)
    tensors["output.weight"] = (said / np.sqrt(WIDTH)).astype("<f4")
    return _write(path, vocabulary, tensors)


def _shown(text: str) -> str:
    return text if text in _MARKS else _vocabulary()[_bytes_in_order().index(ord(text))]


def _write(
    path: Path, vocabulary: Sequence[str], tensors: Mapping[str, np.ndarray[Any, Any]]
) -> Path:
    keys = _keys(vocabulary)
    head = [b"GGUF", struct.pack("<IQQ", 3, len(tensors), len(keys))]
    head += [_text(name) + struct.pack("<I", kind) + body for name, (kind, body) in keys.items()]
    offset = 0
    for name, values in tensors.items():
        shape = values.shape[::-1]  # the fastest-running axis stands first
        head.append(_text(name) + struct.pack(f"<I{len(shape)}Q", len(shape), *shape))
        head.append(struct.pack("<IQ", 0, offset))  # type 0: 32-bit floats
        offset += _padded(values.nbytes)
    start = b"".join(head)
    body = b"".join(_pad(values.tobytes()) for values in tensors.values())
    path.write_bytes(_pad(start) + body)
    return path


def _vocabulary() -> list[str]:
    """Every byte as the printable character that byte-level BPE writes it as, one merge, marks."""
    hidden = 256 - len(_PRINTABLE)
    letters = [chr(byte) for byte in _PRINTABLE] + [chr(256 + at) for at in range(hidden)]
    return [*letters, "th", *_MARKS]


def _bytes_in_order() -> list[int]:
    return [*_PRINTABLE, *(byte for byte in range(256) if byte not in _PRINTABLE)]


_PRINTABLE = [*range(33, 127), *range(161, 173), *range(174, 256)]


def _keys(vocabulary: Sequence[str]) -> dict[str, tuple[int, bytes]]:
    numbers = {
        "llama.context_length": CONTEXT,
        "llama.embedding_length": WIDTH,
        "llama.block_count": LAYERS,
        "llama.feed_forward_length": INNER,
        "llama.attention.head_count": HEADS,
        "llama.attention.head_count_kv": HEADS,
        "llama.rope.dimension_count": WIDTH // HEADS,
        "llama.vocab_size": len(vocabulary),
        "general.file_type": 0,
        "tokenizer.ggml.eos_token_id": vocabulary.index(END),
        "tokenizer.ggml.bos_token_id": vocabulary.index("<eos>"),
    }
    texts = {
        "general.architecture": "llama",
        "general.name": MODEL,
        "tokenizer.ggml.model": "gpt2",
        "tokenizer.ggml.pre": "gpt-2",
        "tokenizer.chat_template": _CHAT,
    }
    kinds = [_CONTROL if word in _MARKS else _NORMAL for word in vocabulary]
    return {
        **{name: (_STRING, _text(value)) for name, value in texts.items()},
        **{name: (_UINT32, struct.pack("<I", value)) for name, value in numbers.items()},
        "llama.attention.layer_norm_rms_epsilon": (_FLOAT32, struct.pack("<f", 1e-5)),
        "llama.rope.freq_base": (_FLOAT32, struct.pack("<f", 10000.0)),
        "tokenizer.ggml.add_bos_token": (_BOOL, b"\0"),
        "tokenizer.ggml.tokens": (_ARRAY, _texts(vocabulary)),
        "tokenizer.ggml.merges": (_ARRAY, _texts(["t h"])),
        "tokenizer.ggml.token_type": (
            _ARRAY,
            struct.pack(f"<IQ{len(kinds)}i", _INT32, len(kinds), *kinds),
        ),
    }


def _tensors(words: int, rng: np.random.Generator) -> Mapping[str, np.ndarray[Any, Any]]:
    def drawn(*shape: int) -> np.ndarray[Any, Any]:
        return (rng.standard_normal(shape) * 0.2).astype("<f4")

    ones = np.ones(WIDTH, "<f4")
    output = drawn(words, WIDTH)
    output[-len(_MARKS) :] = 0  # never among the likely tokens: it does not stop by itself
    tensors = {
        "token_embd.weight": drawn(words, WIDTH),
        "output.weight": output,
        "output_norm.weight": ones,
    }
    for layer in range(LAYERS):
        block = f"blk.{layer}"
        tensors |= {f"{block}.attn_norm.weight": ones, f"{block}.ffn_norm.weight": ones}
        for name in ("attn_q", "attn_k", "attn_v", "attn_output"):
            tensors[f"{block}.{name}.weight"] = drawn(WIDTH, WIDTH)
        tensors[f"{block}.ffn_gate.weight"] = drawn(INNER, WIDTH)
        tensors[f"{block}.ffn_up.weight"] = drawn(INNER, WIDTH)
        tensors[f"{block}.ffn_down.weight"] = drawn(WIDTH, INNER)
    return tensors


def _text(text: str) -> bytes:
    raw = text.encode()
    return struct.pack("<Q", len(raw)) + raw


def _texts(texts: Sequence[str]) -> bytes:
    return struct.pack("<IQ", _STRING, len(texts)) + b"".join(map(_text, texts))


def _padded(size: int) -> int:
    return -(-size // _ALIGNMENT) * _ALIGNMENT


def _pad(raw: bytes) -> bytes:
    return raw.ljust(_padded(len(raw)), b"\0")

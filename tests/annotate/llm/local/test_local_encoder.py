from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from safetensors.numpy import save_file
from scipy.special import erf, ndtr
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors

from annotate.errors import WeightsError
from annotate.llm.local.encoder import HEADS, MAX_TOKENS, Encoder, MiniLM, gelu
from annotate.llm.local.tfidf import CharNgrams, choose_encoder
from annotate.llm.local.weights import WeightsFolder, find_weights

DIM, INNER, LAYERS, POSITIONS = 24, 40, 2, 300
WORDS = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "the", "parcel", "is", "late", "refund", "me", "中")
TEXTS = ("the parcel is late", "refund me", "refund the parcel", "late", "me me me me me me me")
ODD = ("", "   ", "\0", "the\0parcel", "🙂", "\ud83d", "x" * 1_000_000, "中文" * 500_000)

Tensors = dict[str, NDArray[np.float32]]


def shapes() -> dict[str, tuple[int, ...]]:
    norm = {"weight": (DIM,), "bias": (DIM,)}
    found: dict[str, tuple[int, ...]] = {
        "embeddings.word_embeddings.weight": (len(WORDS), DIM),
        "embeddings.position_embeddings.weight": (POSITIONS, DIM),
        "embeddings.token_type_embeddings.weight": (2, DIM),
        **{f"embeddings.LayerNorm.{part}": shape for part, shape in norm.items()},
    }
    linears = {
        "attention.self.query": (DIM, DIM),
        "attention.self.key": (DIM, DIM),
        "attention.self.value": (DIM, DIM),
        "attention.output.dense": (DIM, DIM),
        "intermediate.dense": (INNER, DIM),
        "output.dense": (DIM, INNER),
    }
    for at in (f"encoder.layer.{layer}" for layer in range(LAYERS)):
        for name, shape in linears.items():
            found[f"{at}.{name}.weight"], found[f"{at}.{name}.bias"] = shape, shape[:1]
        for name in ("attention.output.LayerNorm", "output.LayerNorm"):
            found |= {f"{at}.{name}.{part}": shape for part, shape in norm.items()}
    return found


def tokenizer() -> Any:
    made = Tokenizer(
        models.WordPiece({word: at for at, word in enumerate(WORDS)}, unk_token="[UNK]")
    )
    made.normalizer = normalizers.BertNormalizer()
    made.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    made.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
    )
    return made


@pytest.fixture(scope="module")
def tensors() -> Tensors:
    rng = np.random.default_rng(5)
    return {name: rng.normal(size=shape).astype(np.float32) for name, shape in shapes().items()}


@pytest.fixture(scope="module")
def tiny(tensors: Tensors, tmp_path_factory: pytest.TempPathFactory) -> MiniLM:
    folder = tmp_path_factory.mktemp("weights")
    save_file(tensors, folder / "model.safetensors")
    made = tokenizer()
    # The real file asks for padding and for 128 tokens; both must be undone on loading.
    made.enable_padding(length=128)
    made.enable_truncation(128)
    made.save(str(folder / "tokenizer.json"))
    return MiniLM.load(WeightsFolder(folder, "test"))


@pytest.fixture(scope="module")
def real() -> MiniLM:
    found = find_weights()
    if not isinstance(found, WeightsFolder):
        pytest.skip(str(found))
    return MiniLM.load(found)


def slow(tensors: Tensors, ids: Sequence[int]) -> NDArray[np.float64]:
    """BERT for one text in float64, one head at a time, straight from its definition."""
    w = {name: tensor.astype(np.float64) for name, tensor in tensors.items()}

    def linear(x: NDArray[np.float64], name: str) -> NDArray[np.float64]:
        return x @ w[f"{name}.weight"].T + w[f"{name}.bias"]

    def norm(x: NDArray[np.float64], name: str) -> NDArray[np.float64]:
        scaled = (x - x.mean(1, keepdims=True)) / np.sqrt(x.var(1, keepdims=True) + 1e-12)
        return np.asarray(scaled * w[f"{name}.weight"] + w[f"{name}.bias"])

    def attend(x: NDArray[np.float64], at: str) -> NDArray[np.float64]:
        parts = ("query", "key", "value")
        heads = (np.split(linear(x, f"{at}.self.{part}"), HEADS, 1) for part in parts)
        mixed = []
        for q, k, v in zip(*heads, strict=True):
            powers = np.exp(q @ k.T / np.sqrt(DIM / HEADS))
            mixed.append(powers / powers.sum(1, keepdims=True) @ v)
        return linear(np.concatenate(mixed, 1), f"{at}.output.dense")

    at = "embeddings"
    x = w[f"{at}.word_embeddings.weight"][list(ids)]
    x = x + w[f"{at}.position_embeddings.weight"][: len(ids)]
    x = norm(x + w[f"{at}.token_type_embeddings.weight"][0], f"{at}.LayerNorm")
    for at in (f"encoder.layer.{layer}" for layer in range(LAYERS)):
        x = norm(x + attend(x, f"{at}.attention"), f"{at}.attention.output.LayerNorm")
        u = linear(x, f"{at}.intermediate.dense")
        u = u * (1 + erf(u / np.sqrt(2))) / 2
        x = norm(x + linear(u, f"{at}.output.dense"), f"{at}.output.LayerNorm")
    pooled = x.mean(0)
    return np.asarray(pooled / np.linalg.norm(pooled))


def test_it_computes_bert(tiny: MiniLM, tensors: Tensors) -> None:
    expected = [slow(tensors, tokenizer().encode(text).ids) for text in TEXTS]
    np.testing.assert_allclose(tiny.encode(TEXTS), expected, atol=2e-5)


def test_long_texts_are_cut_to_256_tokens(tiny: MiniLM, tensors: Tensors) -> None:
    ids = [2, *[8] * (MAX_TOKENS - 2), 3]
    expected = slow(tensors, ids)
    np.testing.assert_allclose(tiny.encode(["refund " * 900])[0], expected, atol=2e-5)


def test_rows_are_float32_of_length_one(tiny: MiniLM) -> None:
    vectors = tiny.encode(TEXTS)
    assert vectors.shape == (len(TEXTS), DIM) == (len(TEXTS), tiny.dim)
    assert vectors.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-6)


def test_a_row_depends_on_its_text_alone(tiny: MiniLM) -> None:
    texts = [*TEXTS * 9, "parcel refund"]
    expected = tiny.encode(texts)
    order = np.random.default_rng(0).permutation(len(texts))
    np.testing.assert_allclose(tiny.encode([texts[i] for i in order]), expected[order], atol=1e-6)
    np.testing.assert_allclose(tiny.encode(texts, batch=3), expected, atol=1e-6)
    alone = np.concatenate([tiny.encode([text]) for text in texts])
    np.testing.assert_allclose(alone, expected, atol=1e-6)


def test_the_same_texts_give_the_same_numbers(tiny: MiniLM) -> None:
    assert np.array_equal(tiny.encode(TEXTS), tiny.encode(TEXTS))


def test_no_texts_give_no_rows(tiny: MiniLM) -> None:
    assert tiny.encode([]).shape == (0, DIM)
    assert CharNgrams().encode([]).shape == (0, CharNgrams.dim)


@pytest.mark.parametrize("text", ODD, ids=range(len(ODD)))
def test_odd_texts_are_encoded(tiny: MiniLM, text: str) -> None:
    for encoder in (tiny, CharNgrams()):
        vectors = encoder.encode([text, "refund me"])
        assert np.isfinite(vectors).all()
        assert np.linalg.norm(vectors[1]) == pytest.approx(1, abs=1e-6)


def test_missing_tensors_and_empty_batches_are_refused(tiny: MiniLM, tensors: Tensors) -> None:
    name = "encoder.layer.1.output.dense.bias"
    part = {key: value for key, value in tensors.items() if key != name}
    with pytest.raises(WeightsError, match=name):
        MiniLM(part, tokenizer())
    with pytest.raises(ValueError, match="at least 1"):
        tiny.encode(TEXTS, batch=0)


def test_a_file_that_is_no_safetensors_is_refused(tmp_path: Path) -> None:
    tokenizer().save(str(tmp_path / "tokenizer.json"))
    (tmp_path / "model.safetensors").write_bytes(b"not weights")
    with pytest.raises(WeightsError, match="start again"):
        MiniLM.load(WeightsFolder(tmp_path, "test"))


def test_gelu_is_exact_to_six_digits() -> None:
    x = np.linspace(-9, 9, 50_001, dtype=np.float32)
    expected = x.astype(np.float64) * ndtr(x.astype(np.float64))
    np.testing.assert_allclose(gelu(x.copy()), expected, atol=1e-6)


def test_character_ngrams_find_shared_spelling() -> None:
    vectors = CharNgrams().encode(["我要退款", "退款什么时候到", "refunding", "A refund!", "the"])
    similar = vectors @ vectors.T
    assert similar[0, 1] > 0.2
    assert similar[2, 3] > 0.4
    assert abs(similar[0, 2]) < 0.1
    assert not vectors[4].any()


def test_chinese_is_left_to_character_ngrams(tiny: MiniLM) -> None:
    assert choose_encoder(["where is my parcel"], tiny) is tiny
    for encoder in (choose_encoder(["我的包裹 DHL 丢了"], tiny), choose_encoder(TEXTS, None)):
        assert encoder.weak
        assert encoder.name == "char-ngrams"


def test_real_vectors_know_meaning(real: MiniLM) -> None:
    encoder: Encoder = real
    vectors = encoder.encode(
        [
            "A man is eating food.",
            "A man is eating a piece of bread.",
            "The girl is carrying a baby.",
            "Someone is having a meal.",
        ]
    )
    similar = vectors @ vectors.T
    assert vectors.shape == (4, 384)
    assert similar[0, 1] > 0.7
    assert similar[0, 2] < 0.3
    assert similar[0, 3] > similar[0, 2] + 0.3


@pytest.mark.parametrize("text", ODD, ids=range(len(ODD)))
def test_real_weights_take_odd_texts(real: MiniLM, text: str) -> None:
    assert np.linalg.norm(real.encode([text])) == pytest.approx(1, abs=1e-5)

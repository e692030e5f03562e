"""A tokenizer and a Llama small enough for one step on two cores, made on the spot: no hub."""

from __future__ import annotations

from pathlib import Path
from typing import Any

WORDS = ["a parcel came late", "the reply is polite", "money back please", "label the ticket"]
TEMPLATE = (
    "{% for m in messages %}<|im_start|>{{ m['role'] }}\n{{ m['content'] }}<|im_end|>\n"
    "{% endfor %}{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
SPECIAL = ["<pad>", "<eos>", "<|im_start|>", "<|im_end|>"]


def tokenizer() -> Any:
    """Bytes and a few merges: any text can be said in it."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
    from transformers import PreTrainedTokenizerFast

    made = Tokenizer(models.BPE())
    made.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    made.decoder = decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(
        vocab_size=360, initial_alphabet=alphabet, special_tokens=SPECIAL, show_progress=False
    )
    made.train_from_iterator(WORDS, trainer)
    fast = PreTrainedTokenizerFast(
        tokenizer_object=made, eos_token="<eos>", pad_token="<pad>", model_max_length=1024
    )
    fast.chat_template = TEMPLATE
    return fast


def config(words: Any, **more: Any) -> Any:
    """Two layers of 32."""
    from transformers import LlamaConfig

    return LlamaConfig(
        vocab_size=len(words),
        hidden_size=32,
        intermediate_size=64,
        num_hidden_layers=2,
        num_attention_heads=4,
        num_key_value_heads=2,
        max_position_embeddings=1024,
        pad_token_id=words.pad_token_id,
        eos_token_id=words.eos_token_id,
        bos_token_id=None,
        **more,
    )


def saved(folder: Path) -> Path:
    """A causal model and its tokenizer on disk: reference models are loaded by name."""
    import torch
    from transformers import LlamaForCausalLM

    if not (folder / "config.json").exists():
        torch.manual_seed(0)
        words = tokenizer()
        LlamaForCausalLM(config(words)).save_pretrained(folder)
        words.save_pretrained(folder)
    return folder

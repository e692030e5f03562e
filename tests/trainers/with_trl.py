"""TRL: one step of each trainer on the rows meant for it."""

from __future__ import annotations

import sys
import warnings
from pathlib import Path
from typing import Any

import datasets
import transformers
from trl import (
    DPOConfig,
    DPOTrainer,
    KTOConfig,
    KTOTrainer,
    RewardConfig,
    RewardTrainer,
    SFTConfig,
    SFTTrainer,
)

from tests.trainers import tiny
from tests.trainers.told import attempt, expect

STEP = {
    "max_steps": 1,
    "per_device_train_batch_size": 2,
    "report_to": [],
    "logging_steps": 1,
    "save_strategy": "no",
    "use_cpu": True,
    "bf16": False,
    "disable_tqdm": True,
    "max_length": 512,
}
TRAINERS = {
    "sft_messages": (SFTTrainer, SFTConfig),
    "sft_prompt_completion": (SFTTrainer, SFTConfig),
    "preference_trl": (DPOTrainer, DPOConfig),
    "kto_trl": (KTOTrainer, KTOConfig),
    "reward_trl": (RewardTrainer, RewardConfig),
}
ALSO = (
    ("preference_trl", RewardTrainer, RewardConfig),
    ("reward_trl", DPOTrainer, DPOConfig),
)


def rows(file: Path) -> Any:
    """A file as `datasets` reads it."""
    kind = "parquet" if file.suffix == ".parquet" else "json"
    return datasets.load_dataset(kind, data_files=str(file), split="train")


def step(trainer: Any, settings: Any, file: Path, work: Path) -> str:
    """One optimiser step; the loss. Rows that the trainer drops are an error."""
    data = rows(file)
    words = tiny.tokenizer()
    model: Any = str(tiny.saved(work / "model"))
    if trainer is RewardTrainer:
        model = transformers.LlamaForSequenceClassification(tiny.config(words, num_labels=1))
    made = trainer(
        model=model,
        args=settings(output_dir=str(work / "out"), **STEP),
        train_dataset=data,
        processing_class=words,
    )
    expect(len(made.train_dataset) >= len(data), f"{len(data) - len(made.train_dataset)} dropped")
    return f"{len(data)} rows, loss {made.train().training_loss:.3f}"


def main(folder: Path) -> None:
    """Every file of a format that TRL reads, in every project's folder."""
    warnings.filterwarnings("ignore")
    datasets.disable_progress_bars()
    transformers.logging.set_verbosity_error()
    work = folder / ".trl"
    steps = [(name, *kinds) for name, kinds in TRAINERS.items()] + list(ALSO)
    for name, trainer, settings in steps:
        for file in sorted(folder.glob(f"*/{name}.*")):
            what = f"trl {trainer.__name__} {file.parent.name}/{file.name}"
            attempt(what, lambda t=trainer, s=settings, f=file: step(t, s, f, work))


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve())

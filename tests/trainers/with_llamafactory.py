"""LLaMA-Factory: one step of each stage on the folder written for it."""

from __future__ import annotations

import json
import os
import sys
import types
from importlib.machinery import ModuleSpec
from pathlib import Path
from typing import Any

from tests.trainers import tiny
from tests.trainers.told import attempt

os.environ |= {"DISABLE_VERSION_CHECK": "1", "HF_HUB_OFFLINE": "1"}
# imported for audio data alone
_STUB = types.ModuleType("torchaudio")
_STUB.__spec__ = ModuleSpec("torchaudio", None)
sys.modules.setdefault("torchaudio", _STUB)


def stages(entry: dict[str, Any]) -> tuple[str, ...]:
    """What a data set of `dataset_info.json` can train."""
    if entry.get("ranking"):
        return ("dpo", "rm")
    return ("kto",) if "kto_tag" in entry.get("columns", {}) else ("sft",)


def step(stage: str, name: str, folder: Path, work: Path) -> str:
    from llamafactory.train.tuner import run_exp

    run_exp(
        {
            "stage": stage,
            "do_train": True,
            "model_name_or_path": str(tiny.saved(work / "model")),
            "dataset": name,
            "dataset_dir": str(folder),
            "template": "chatml",
            "finetuning_type": "full",
            "output_dir": str(work / "out" / f"{stage}-{name}"),
            "max_steps": 1,
            "per_device_train_batch_size": 2,
            "cutoff_len": 512,
            "report_to": "none",
            "save_strategy": "no",
            "logging_steps": 1,
            "overwrite_cache": True,
            "disable_tqdm": True,
            "use_cpu": True,
            "preprocessing_num_workers": 1,
        }
    )
    return "one step"


def main(folder: Path) -> None:
    work = folder / ".llamafactory"
    for info in sorted(folder.glob("*/llamafactory/dataset_info.json")):
        for name, entry in json.loads(info.read_text("utf-8")).items():
            for stage in stages(entry):
                what = f"llamafactory {stage} {info.parent.parent.name}/{name}"
                attempt(what, lambda s=stage, n=name, i=info: step(s, n, i.parent, work))


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve())

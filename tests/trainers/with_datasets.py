"""`datasets`, in the version that is installed: `python -m tests.trainers.with_datasets DIR`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import datasets

from tests.trainers.told import attempt, expect


def table(file: Path) -> str:
    """Every row and every value of a file comes back."""
    kind = {".parquet": "parquet", ".csv": "csv"}.get(file.suffix, "json")
    data = datasets.load_dataset(kind, data_files=str(file), split="train")
    if file.suffix == ".jsonl":
        lines = file.read_bytes().count(b"\n")
        expect(len(data) == lines, f"{lines} lines became {len(data)} rows")
    expect(len(data) > 0, "no rows")
    return f"{len(data)} rows, columns {', '.join(data.column_names)}"


def repository(folder: Path) -> str:
    """A dataset folder, as it is loaded by its name from the Hub: every part, every split."""
    said = []
    kept = str(folder.parent / ".kept")  # folders of one name would share the usual one
    for name in datasets.get_dataset_config_names(str(folder)):
        found: Any = datasets.load_dataset(str(folder), name, cache_dir=kept)
        for split, data in found.items():
            expect(len(data) > 0, f"{name}/{split} is empty")
            data[0]
            said.append(f"{name}/{split} {len(data)}")
        if name.startswith("labels"):
            classes = [
                feature
                for data in found.values()
                for feature in data.features.values()
                if isinstance(feature, datasets.ClassLabel)
            ]
            said.append(f"{len(classes)} class columns")
    expect(bool(said), "no configurations")
    return ", ".join(said)


def main(folder: Path) -> None:
    datasets.disable_progress_bars()
    version = datasets.__version__
    for file in sorted(folder.glob("*/*")):
        if file.suffix in {".jsonl", ".parquet", ".csv"} and not file.name.startswith(
            "preference_"
        ):
            name = f"{file.parent.name}/{file.name}"
            attempt(f"datasets {version} {name}", lambda f=file: table(f))
    for readme in sorted(folder.glob("*/hf_dataset/README.md")):
        where = f"{readme.parent.parent.name}/hf_dataset"
        attempt(f"datasets {version} {where}", lambda f=readme: repository(f.parent))


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve())

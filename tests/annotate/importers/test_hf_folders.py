"""Folders as the library `datasets` keeps them: configurations, splits, classes."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from annotate.importers import Record, recognised
from tests.annotate.importers.reading import refusal, rows


def values(folder: Path) -> list[dict[str, object]]:
    return [row.values for row in rows(folder, format="hf_dataset") if isinstance(row, Record)]


def test_a_hugging_face_folder_with_classes_and_splits(tmp_path: Path) -> None:
    features = {"label": {"names": ["ham", "spam"], "_type": "ClassLabel"}}
    meta = {b"huggingface": json.dumps({"info": {"features": features}}).encode()}
    for split, labels in (("train", [1, 0]), ("test", [-1])):
        table = pa.table({"text": [f"{split} {at}" for at in range(len(labels))], "label": labels})
        (tmp_path / "data").mkdir(exist_ok=True)
        path = tmp_path / "data" / f"{split}-00000-of-00001.parquet"
        pq.write_table(table.replace_schema_metadata(meta), path)
    (tmp_path / "README.md").write_text(
        "---\nconfigs:\n- config_name: default\n  data_files:\n"
        "  - {split: train, path: data/train-*}\n  - {split: test, path: data/test-*}\n"
        "  - {split: test, path: ../*}\n---\n# A dataset\n",
        "utf-8",
    )
    assert recognised(tmp_path) == "hf_dataset"
    assert values(tmp_path) == [
        {"text": "train 0", "label": "spam", "split": "train"},
        {"text": "train 1", "label": "ham", "split": "train"},
        {"text": "test 0", "label": None, "split": "test"},
    ]


def test_what_is_hidden_is_no_data(tmp_path: Path) -> None:
    for name in (".marks.json", ".cache/rows.jsonl", "__pycache__/rows.jsonl"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text('{"text": "hidden"}\n', "utf-8")
    assert refusal(tmp_path, format="hf_dataset").startswith("holds no data files; name a folder")
    (tmp_path / "rows.jsonl").write_text('{"text": "seen"}\n', "utf-8")
    assert values(tmp_path) == [{"text": "seen"}]

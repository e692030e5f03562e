"""The folder for LLaMA-Factory: its data files, and the file that says how they are read."""

from __future__ import annotations

import json

from annotate.exporters import DIALECTS, Part, WrittenPart
from tests.annotate.exports.materials import CLASSES, project_of


def test_the_folder_for_llamafactory_names_its_files() -> None:
    folder = DIALECTS["llamafactory"]
    sft, preference, kto = folder.parts
    written = [
        WrittenPart(sft, "sft/train.jsonl", "train", 9, ("messages",), {}),
        WrittenPart(sft, "sft/test.jsonl", "test", 1, ("messages",), {}),
        WrittenPart(preference, "preference.jsonl", "", 3, ("messages",), {}),
        WrittenPart(kto, "kto.jsonl", "", 0, ("messages",), {}),
    ]
    texts = folder.beside(project_of(CLASSES), written)
    assert list(texts) == ["dataset_info.json"]
    info = json.loads(texts["dataset_info.json"])
    assert list(info) == ["mails_sft_train", "mails_sft_test", "mails_preference"]
    assert info["mails_preference"] == {
        "file_name": "preference.jsonl",
        "formatting": "sharegpt",
        "ranking": True,
        "columns": {"messages": "messages", "chosen": "chosen", "rejected": "rejected"},
        "tags": {
            "role_tag": "role", "content_tag": "content", "user_tag": "user",
            "assistant_tag": "assistant", "observation_tag": "tool", "function_tag": "function",
            "system_tag": "system",
        },
    }  # fmt: skip
    assert info["mails_sft_test"]["file_name"] == "sft/test.jsonl"
    assert "ranking" not in info["mails_sft_test"]
    tagged = WrittenPart(Part("kto", "kto_llamafactory", "jsonl"), "kto.jsonl", "", 2, (), {})
    [entry] = json.loads(folder.beside(project_of(CLASSES), [tagged])["dataset_info.json"]).values()
    assert entry["columns"] == {"messages": "messages", "kto_tag": "kto_tag"}

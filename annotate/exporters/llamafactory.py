"""A folder for LLaMA-Factory's `dataset_dir`: data files, and dataset_info.json that names them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from annotate.exporters.dialect import DIALECTS, Dialect, Part, WrittenPart
from annotate.project import Project

INFO = "dataset_info.json"

# with tags given, every default of theirs is gone: all are named
TAGS = {
    "role_tag": "role",
    "content_tag": "content",
    "user_tag": "user",
    "assistant_tag": "assistant",
    "observation_tag": "tool",
    "function_tag": "function",
    "system_tag": "system",
}
COLUMNS = {
    "sft_messages": ("messages",),
    "preference_llamafactory": ("messages", "chosen", "rejected"),
    "kto_llamafactory": ("messages", "kto_tag"),
}
PARTS = (
    Part("sft", "sft_messages", "jsonl"),
    Part("preference", "preference_llamafactory", "jsonl"),
    Part("kto", "kto_llamafactory", "jsonl"),
)


def beside(project: Project, written: Sequence[WrittenPart]) -> Mapping[str, str]:
    """`dataset_info.json`: a name for every file with rows, as `dataset:` takes it.

    An empty file is left out: loading one fails there.
    """
    entries = {_name(project, one): _entry(one) for one in written if one.rows}
    return {INFO: json.dumps(entries, ensure_ascii=False, indent=2) + "\n"}


def _name(project: Project, one: WrittenPart) -> str:
    return "_".join(part for part in (project.project, one.part.name, one.split) if part)


def _entry(one: WrittenPart) -> dict[str, Any]:
    """`sharegpt`, not `openai`: that one adds words of its own to the system message."""
    ranking = {"ranking": True} if one.part.dialect == "preference_llamafactory" else {}
    return {
        "file_name": one.path,
        "formatting": "sharegpt",
        **ranking,
        "columns": {name: name for name in COLUMNS[one.part.dialect]},
        "tags": TAGS,
    }


DIALECTS.add(
    "llamafactory",
    Dialect(
        "a folder for LLaMA-Factory: sft, preference and kto data with dataset_info.json",
        read_by=("LLaMA-Factory sft, dpo, rm and kto",),
        note="Give the folder as dataset_dir, and the names in dataset_info.json as dataset and "
        "eval_dataset.",
        parts=PARTS,
        beside=beside,
    ),
)

"""Small exports of other tools, in the shapes that they are written in today."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

Raw = dict[str, Any]


def choice(*labels: str, name: str = "sentiment") -> Raw:
    value = {"choices": list(labels)}
    return {"id": "c", "from_name": name, "to_name": "text", "type": "choices", "value": value}


def mark(start: int, end: int, label: str, text: str) -> Raw:
    value = {"start": start, "end": end, "labels": [label], "text": text}
    return {"id": "m", "from_name": "names", "to_name": "text", "type": "labels", "value": value}


LABEL_STUDIO: list[Raw] = [
    {
        "id": 11,
        "data": {"text": "😀 Ada was here, fine.", "source": "web"},
        "annotations": [
            {
                "id": 1,
                "completed_by": {"id": 7, "email": "ann@example.org"},
                "was_cancelled": False,
                "ground_truth": False,
                "lead_time": 4.2,
                "created_at": "2021-03-09T22:16:08.728353Z",
                "result": [choice("Positive"), mark(3, 6, "PER", "Ada")],
            },
            {
                "id": 2,
                "completed_by": 8,
                "was_cancelled": False,
                "lead_time": 9.0,
                "created_at": "2021-03-10T22:16:08Z",
                "result": [choice("Negative")],
            },
        ],
        "predictions": [
            {"id": 1, "model_version": "bert-2", "score": 0.91, "result": [choice("Positive")]}
        ],
    },
    {
        "id": 12,
        "data": {"text": "Bad mail.", "source": "web"},
        "annotations": [{"id": 3, "completed_by": 8, "was_cancelled": True, "result": []}],
        "predictions": [
            {"id": 2, "model_version": "bert-2", "score": 0.6, "result": [choice("Negative")]}
        ],
    },
    {
        "id": 13,
        "data": {"text": "So so.", "source": "web"},
        "annotations": [
            {
                "id": 4,
                "completed_by": 8,
                "was_cancelled": False,
                "result": [
                    choice("Neutral"),
                    {"from_name": "box", "type": "rectanglelabels", "value": {"x": 1}},
                ],
            }
        ],
        "predictions": [],
        "drafts": [{"user": "bob", "result": [choice("Positive")]}],
    },
]

ARGILLA: list[Raw] = [
    {
        "id": "r1",
        "fields": {"prompt": "Write a haiku.", "reply": "Leaves fall."},
        "metadata": {"source": "web"},
        "suggestions": {
            "quality": {"value": 4, "score": None, "agent": "judge-1"},
            "topic": {"value": "poetry", "score": 0.8, "agent": "judge-1"},
        },
        "responses": {
            "quality": [{"value": 5, "user_id": "2d1b6f9a-6f0e-4c1e-9a77-2f5f2f3f0001"}],
            "topic": [
                {"value": "poetry", "user_id": "2d1b6f9a-6f0e-4c1e-9a77-2f5f2f3f0001"},
                {"value": "other", "user_id": "3d1b6f9a-6f0e-4c1e-9a77-2f5f2f3f0002"},
            ],
        },
        "vectors": {},
        "_server_id": "s1",
    }
]

ARGILLA_FLAT: list[Raw] = [
    {
        "id": "r1",
        "status": "completed",
        "_server_id": "s1",
        "text": "Ada was here.",
        "topic.responses": ["people", "places"],
        "topic.responses.users": ["u-1", "u-2"],
        "topic.responses.status": ["submitted", "draft"],
        "topic.suggestion": "people",
        "topic.suggestion.agent": "m",
        "topic.suggestion.score": 0.7,
    }
]

DOCCANO_LABELS: list[Raw] = [
    {"id": 1, "text": "fine mail", "label": ["good"], "Comments": []},
    {"id": 2, "text": "bad mail", "label": [], "Comments": []},
]
DOCCANO_SPANS: list[Raw] = [{"id": 3, "text": "Ada was here", "label": [[0, 3, "PER"]]}]
DOCCANO_ENTITIES: list[Raw] = [
    {
        "id": 4,
        "text": "Ada was here",
        "entities": [{"id": 9, "label": "PER", "start_offset": 0, "end_offset": 3}],
        "relations": [{"id": 1, "from_id": 9, "to_id": 9, "type": "is"}],
        "Comments": [],
    }
]

PRODIGY: list[Raw] = [
    {
        "text": "Ada was here",
        "meta": {"source": "web"},
        "_input_hash": -97,
        "_task_hash": -66,
        "options": [{"id": "good", "text": "good"}, {"id": "bad", "text": "bad"}],
        "accept": ["good"],
        "answer": "accept",
        "_timestamp": 1616246400,
        "_annotator_id": "db-ann",
        "_session_id": "db-ann",
        "_view_id": "choice",
    },
    {
        "text": "Ada was here",
        "meta": {"source": "web"},
        "_input_hash": -97,
        "_task_hash": -66,
        "accept": ["bad"],
        "answer": "accept",
        "_annotator_id": "db-bob",
    },
    {"text": "Bob too", "_input_hash": 5, "_task_hash": 6, "accept": [], "answer": "ignore"},
]

ALPACA: list[Raw] = [
    {"instruction": "Say hello.", "input": "", "output": "Hello."},
    {"instruction": "Translate.", "input": "你好", "output": "Hello"},
]

SHAREGPT: list[Raw] = [
    {
        "id": "c1",
        "conversations": [
            {"from": "system", "value": "Be brief."},
            {"from": "human", "value": "Hi"},
            {"from": "gpt", "value": "Hello 😀"},
        ],
    }
]

ULTRAFEEDBACK: list[Raw] = [
    {
        "source": "flan",
        "instruction": "Why is the sky blue?",
        "models": ["a", "b"],
        "completions": [
            {"model": "a", "response": "Because.", "overall_score": 3.0},
            {"model": "b", "response": "Rayleigh scattering.", "overall_score": 8.5},
        ],
    }
]

BINARIZED: list[Raw] = [
    {
        "prompt": f"Why {at}?",
        "prompt_id": f"p{at}",
        "chosen": [
            {"role": "user", "content": f"Why {at}?"},
            {"role": "assistant", "content": f"good {at}"},
        ],
        "rejected": [
            {"role": "user", "content": f"Why {at}?"},
            {"role": "assistant", "content": f"worse {at}"},
        ],
        "messages": [],
        "score_chosen": 8.0,
        "score_rejected": 5.0,
    }
    for at in range(20)
]

VOTES: list[Raw] = [
    {
        "id": "7", "text": "fine mail", "question": "mail", "by": "person", "voter": "ann",
        "vote": "ham", "outcome": None, "confidence": None, "blind": True, "exposure": "blind",
        "second": None, "note": "sure", "variant": None, "sample": None, "prompt": None,
        "prompt_hash": None, "seconds": 3.5, "at": "2026-03-01T09:00:00.000000Z",
    },
    {
        "id": "7", "text": "fine mail", "question": "mail", "by": "model", "voter": "m-1",
        "vote": "spam", "outcome": "parsed", "confidence": 0.9, "blind": None, "exposure": None,
        "second": None, "note": None, "variant": "question", "sample": 0, "prompt": "v1",
        "prompt_hash": "x", "seconds": 0.1, "at": "2026-03-01T08:00:00.000000Z",
    },
]  # fmt: skip


def as_json(path: Path, rows: Iterable[Raw]) -> Path:
    path.write_text(json.dumps(list(rows), ensure_ascii=False), "utf-8")
    return path


def as_lines(path: Path, rows: Iterable[Raw]) -> Path:
    path.write_text("".join(f"{json.dumps(one, ensure_ascii=False)}\n" for one in rows), "utf-8")
    return path


def potato_task(folder: Path, more: str = "") -> Path:
    """A task's folder: configuration, items, and the state of two people. more: data files."""
    (folder / "data").mkdir(parents=True)
    items = [{"uid": "i1", "body": "Ada was here"}, {"uid": "i2", "body": "Bob too"}]
    as_lines(folder / "data" / "items.jsonl", items)
    config = (
        f"data_files: [data/items.jsonl{more}]\nitem_properties: {{id_key: uid, text_key: body}}\n"
    )
    (folder / "config.yaml").write_text(config, "utf-8")
    states = {
        "ann": {
            "user_id": "ann",
            "instance_id_to_label_to_value": {
                "i1": [[{"schema": "mood", "name": "good"}, True]],
                "i2": [[{"schema": "mood", "name": "bad"}, "true"]],
            },
            "instance_id_to_span_to_value": {},
        },
        "bob": {
            "user_id": "bob",
            "instance_id_to_label_to_value": {"i1": {"mood": {"labels": {"bad": True}}}},
        },
    }
    for name, state in states.items():
        (folder / "annotation_output" / name).mkdir(parents=True)
        path = folder / "annotation_output" / name / "user_state.json"
        path.write_text(json.dumps(state), "utf-8")
    return folder

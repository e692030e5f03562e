"""Label Studio's JSON: a task with people's answers as annotations, the model's as predictions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from annotate.consensus import offers
from annotate.exporters.dialect import DIALECTS, Dialect, Part, WrittenPart
from annotate.exporters.label_studio_check import check
from annotate.exporters.label_studio_parts import Region, data_of, labelling_config, regions
from annotate.exporters.protocol import Answer, ExportRow, Record
from annotate.json_text import compact
from annotate.model import VOTING, Prelabel, Value
from annotate.project import Project
from annotate.training.protocol import Made

COLUMNS = ("data", "annotations", "predictions")


def record(made: Made) -> Record:
    """One task: whatever people and models have said of the item, decided or not.

    Answers that the question no longer offers have no place in its labelling interface.
    `completed_by` is left out: an import fails on whoever has no account there. `annotator` is the
    person's name. A lead's decision is an annotation with `ground_truth`.
    """
    assert isinstance(made, ExportRow)
    return {
        "data": data_of(made.project, made.id, made.item.fields),
        "annotations": [*_annotations(made)],
        "predictions": [*_predictions(made)],
    }


def _annotations(row: ExportRow) -> Iterator[dict[str, Any]]:
    for answer in row.answers:
        if offers(row.question, answer.annotation.value):
            yield _annotation(row, answer)
    ruling = row.ruling
    if ruling is not None and ruling.kind == "decided" and offers(row.question, ruling.value):
        names = [name for one, name in row.rulings if one == ruling]
        yield {
            "result": _result(row, ruling.value, f"d{ruling.number}"),
            "annotator": names[0] if names else ruling.person_id,
            "ground_truth": True,
            "was_cancelled": False,
            "lead_time": None,
            "created_at": ruling.created_at,
        }


def _annotation(row: ExportRow, answer: Answer) -> dict[str, Any]:
    """`ground_truth` is said although it is false: older versions take it for granted."""
    said = answer.annotation
    return {
        "result": _result(row, said.value, f"a{said.id}"),
        "annotator": answer.name,
        "ground_truth": False,
        "was_cancelled": False,
        "lead_time": said.seconds,
        "created_at": said.created_at,
    }


def _predictions(row: ExportRow) -> Iterator[dict[str, Any]]:
    """One of each model; of models that were asked for parts of the answer, what they make up."""
    made = False
    for model in dict.fromkeys(call.model for call in row.machine.calls):
        votes = [call for call in row.machine.calls if call.model == model and _votes(row, call)]
        if votes:
            made = True
            value, score = _most(votes)
            yield _prediction(row, value, model, score)
    if not made and row.model_value is not None:
        names = dict.fromkeys(call.model for call in row.machine.calls)
        yield _prediction(row, row.model_value, ", ".join(names) or "model", None)


def _votes(row: ExportRow, call: Prelabel) -> bool:
    return call.outcome in VOTING and offers(row.question, call.value)


def _most(votes: Sequence[Prelabel]) -> tuple[Value, float]:
    """The value that most of a model's calls say, and their share."""
    if len(votes) == 1:
        return votes[0].value, 1.0
    texts = Counter(compact(call.value) for call in votes)
    text, count = texts.most_common(1)[0]
    value = next(call.value for call in votes if compact(call.value) == text)
    return value, round(count / len(votes), 4)


def _prediction(row: ExportRow, value: Value, model: str, score: float | None) -> dict[str, Any]:
    result = _result(row, value, f"m{model}")
    return {"result": result, "model_version": model, "score": score}


def _result(row: ExportRow, value: Value, prefix: str) -> list[Region]:
    """Regions with ids that no other region of the task has."""
    made = []
    for at, region in enumerate(regions(row.project, row.question, value)):
        inside = region["value"]
        if region["type"] == "labels":
            text = row.item.fields[region["to_name"]][inside["start"] : inside["end"]]
            region["value"] = {**inside, "text": text}
        made.append({"id": f"{prefix}-{row.question.name}-{at}", **region})
    return made


def joined(task: Record, other: Record) -> Record:
    """The task with what was said of its item's next question: by the same person, in the same
    annotation; by the same model, in the same prediction."""
    said: dict[str, Any] = {**task}
    more: dict[str, Any] = {**other}
    for column, names in (("annotations", _PERSON), ("predictions", _MODEL)):
        made = {_by(one, names): one for one in said[column]}
        for one in more[column]:
            same = made.get(_by(one, names))
            made[_by(one, names)] = one if same is None else _both(same, one)
        said[column] = [*made.values()]
    return said


_PERSON, _MODEL = ("annotator", "ground_truth"), ("model_version",)


def _by(one: Mapping[str, Any], names: Sequence[str]) -> tuple[Any, ...]:
    return tuple(one[name] for name in names)


def _both(one: Mapping[str, Any], other: Mapping[str, Any]) -> dict[str, Any]:
    """Times add up; a score is about one answer, so the lower one is kept."""
    found = {**one, "result": one["result"] + other["result"]}
    if "lead_time" in one:
        known = [said["lead_time"] for said in (one, other) if said["lead_time"] is not None]
        found["lead_time"] = sum(known) if known else None
    if "score" in one:
        known = [said["score"] for said in (one, other) if said["score"] is not None]
        found["score"] = min(known) if known else None
    return found


def _beside(project: Project, written: Sequence[WrittenPart]) -> Mapping[str, str]:
    return {"labelling.xml": labelling_config(project)}


NOTE = (
    "All items, also those that nobody has decided. People's names are in `annotator`: Label "
    "Studio gives the annotations to whoever imports the file."
)

DIALECTS.add(
    "label_studio",
    Dialect(
        "tasks for Label Studio, with people's answers and the model's predictions",
        material="everything",
        columns=lambda project: COLUMNS,
        record=record,
        check=check,
        forms=("json",),
        read_by=("Label Studio",),
        calls=True,
        note=NOTE,
        passport=False,
        joined=joined,
    ),
)
DIALECTS.add(
    "label_studio_project",
    Dialect(
        "a folder for Label Studio: tasks, and the labelling interface that they belong to",
        read_by=("Label Studio",),
        note=f"Paste labelling.xml into Settings, Labeling Interface, Code. {NOTE}",
        parts=(Part("tasks", "label_studio", "json"),),
        beside=_beside,
    ),
)

"""Label Studio's JSON export: tasks with annotations of people and predictions of models."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from annotate.importers.protocol import Kind, Record, Said, Source
from annotate.importers.times import when
from annotate.importers.tool import TOOLS, Raw, Tool
from annotate.importers.tools.regions import BROKEN, code_points, field_with
from annotate.importers.tools.sides import (
    NO_PROMPT,
    from_left,
    in_columns,
    pair_alone,
    sides,
    texts_in,
)

_MARKS = ("labels", "hypertextlabels")
_PREFERRED = (["a"], ["b"], ["tie"])
"""Choices by which our own export writes a preference: there is no tie in theirs."""


def _knows(raw: Raw) -> bool:
    """Tasks have their fields in `data`; with `annotations` they are an export."""
    listed = [raw.get(key) for key in ("annotations", "predictions", "completions")]
    return isinstance(raw.get("data"), dict) and any(isinstance(one, list) for one in listed)


def _convert(record: Record, source: Source) -> Record:
    raw = record.values
    data = raw.get("data")
    if not isinstance(data, dict):
        raise ValueError("a task without `data`: export as JSON, not as JSON-MIN or CSV")
    own = data.get("id", raw.get("id"))
    columns, column_of = in_columns(data)
    values = {**({} if own is None else {"id": own}), **columns}
    meta = raw.get("meta")
    if isinstance(meta, dict):
        values |= {key: value for key, value in meta.items() if key not in values}
    told = [*_people(raw, values), *_models(raw, values)]
    said = tuple(_by_column(one, column_of) if one.kind == "ranking" else one for one in told)
    read = _compared(said, values)
    if read and len(texts_in(columns)) == 2:
        values = {"prompt": NO_PROMPT, **values}
        read = ("prompt", *read) if said else read
    return Record(record.line, values, said, "label_studio", read)


def _compared(said: Sequence[Said], values: Raw) -> tuple[str, ...]:
    """The texts of a task in which two of them are compared, as they stand; () for another task.

    One without answers is such a task where the texts are called so.
    """
    among = next((one.among for one in said if one.among), ())
    if not among:
        return tuple(texts_in(values)) if not said and pair_alone(values) else ()
    return (*(name for name in texts_in(values) if name not in among), *among)


def _by_column(said: Said, column_of: Mapping[str, str]) -> Said:
    """A ranking by the columns that its entries became."""
    listed = said.value if isinstance(said.value, list) else []
    if not all(isinstance(one, str | int) and str(one) in column_of for one in listed):
        return said
    return replace(said, value=[column_of[str(one)] for one in listed])


def _people(raw: Raw, values: Raw) -> Iterator[Said]:
    for one in [*_listed(raw, "annotations"), *_listed(raw, "completions")]:
        common: dict[str, Any] = {
            "who": _who(one.get("completed_by", one.get("annotator"))),
            "at": when(one.get("created_at")),
            "seconds": _number(one.get("lead_time")),
            "record": {
                **({"annotation": one["id"]} if "id" in one else {}),
                **({"ground_truth": True} if one.get("ground_truth") else {}),
            },
        }
        if one.get("was_cancelled"):
            yield Said(question="", kind="empty", value=None, why="skipped there", **common)
            continue
        found = [*_answers(one, values, common)]
        yield from found
        if any(said.kind != "empty" for said in found):
            # every annotation answers all questions there: nothing marked is an answer, too
            beside = {**common, "seconds": None, "record": {**common["record"], "beside": True}}
            yield Said(question="", kind="empty", value=None, **beside)
    for one in _listed(raw, "drafts"):
        who = _who(one.get("user"))
        yield Said(question="", kind="empty", value=None, who=who, why="a draft, not handed in")


def _models(raw: Raw, values: Raw) -> Iterator[Said]:
    for one in _listed(raw, "predictions"):
        common: dict[str, Any] = {
            "who": str(one.get("model_version") or "a model without a name"),
            "model": True,
            "at": when(one.get("created_at")),
            "score": _number(one.get("score")),
        }
        yield from _answers(one, values, common)


def _answers(one: Raw, values: Raw, common: Mapping[str, Any]) -> Iterator[Said]:
    """What a list of regions says, question by question."""
    parts: dict[str, list[Raw]] = defaultdict(list)
    for region in _listed(one, "result"):
        if region.get("type") != "relation":
            parts[str(region.get("from_name") or "")].append(region)
    if not parts:
        yield Said(question="", kind="empty", value=None, **common)
    took = common.get("seconds")
    if took is not None and len(parts) > 1:  # it is of all of them together
        common = {**common, "seconds": took / len(parts)}
    for name, regions in parts.items():
        yield _answer(name, regions, values, common)


def _answer(name: str, regions: Sequence[Raw], values: Raw, common: Mapping[str, Any]) -> Said:
    kind = str(regions[0].get("type"))
    values_there = (one.get("value") for one in regions)
    said = [one for one in values_there if isinstance(one, dict)]
    if kind in _MARKS:
        return _spans(name, said, values, common)
    if kind == "pairwise" and said:
        return _pairwise(name, regions[-1].get("to_name"), said[-1], values, common)
    read = _READ.get(kind)
    if read is None or not said:
        why = f"an answer of a kind that has no question here ({kind})"
        return Said(question=name, kind="empty", value=None, why=why, **common)
    as_kind, value = read(said)
    if as_kind == "choices" and value in _PREFERRED:
        among = from_left(regions[-1].get("to_name"), values)
        if among is not None:
            letter = value[0]
            return Said(question=name, kind="preference", value=letter, among=among, **common)
    return Said(question=name, kind=as_kind, value=value, **common)


def _spans(name: str, said: Sequence[Raw], values: Raw, common: Mapping[str, Any]) -> Said:
    spans, about, why = [], "", ""
    for value in said:
        place = value.get("globalOffsets")
        at = place if isinstance(place, dict) else value
        start, end, words = at.get("start"), at.get("end"), value.get("text")
        if not isinstance(start, int) or not isinstance(end, int):
            why = "marked in a web page by its elements, not by characters"
            break
        about = about or field_with(values, start, end, words)
        found = code_points(str(values.get(about, "")), start, end, words)
        if found is None:
            why = BROKEN
            break
        labels = value.get("labels", value.get("hypertextlabels"))
        spans += [
            {"start": found[0], "end": found[1], "label": str(label)}
            for label in (labels if isinstance(labels, list) else [])
        ]
    return Said(question=name, kind="spans", value=spans, about=about, why=why, **common)


def _choices(said: Sequence[Raw]) -> tuple[Kind, object]:
    return "choices", [str(one) for value in said for one in _plain(value, "choices")]


def _taxonomy(said: Sequence[Raw]) -> tuple[Kind, object]:
    paths = [path for value in said for path in _plain(value, "taxonomy")]
    return "choices", [" / ".join(map(str, p)) if isinstance(p, list) else str(p) for p in paths]


def _rating(said: Sequence[Raw]) -> tuple[Kind, object]:
    return "rating", said[-1].get("rating", said[-1].get("number"))


def _text(said: Sequence[Raw]) -> tuple[Kind, object]:
    return "text", "\n".join(str(one) for value in said for one in _plain(value, "text"))


def _pairwise(
    name: str, to_name: object, said: Raw, values: Raw, common: Mapping[str, Any]
) -> Said:
    """The letter of the chosen text, the left one being a; the interface may call the two as their
    tags are called."""
    selected = str(said.get("selected"))
    tags = [part.strip() for part in str(to_name).split(",")]
    letters = {**dict(zip(tags, "ab", strict=False)), "left": "a", "right": "b"}
    value = letters.get(selected, selected)
    among = sides(to_name, values) or ()
    return Said(question=name, kind="preference", value=value, among=among, **common)


def _ranker(said: Sequence[Raw]) -> tuple[Kind, object]:
    """Ids of the list, best first; of several buckets none is an order."""
    buckets = said[-1].get("ranker")
    listed = list(buckets.values()) if isinstance(buckets, dict) else []
    return "ranking", listed[0] if len(listed) == 1 else listed


_READ = {
    "choices": _choices,
    "taxonomy": _taxonomy,
    "rating": _rating,
    "number": _rating,
    "textarea": _text,
    "ranker": _ranker,
}


def _plain(value: Raw, key: str) -> list[object]:
    found = value.get(key)
    return found if isinstance(found, list) else [] if found is None else [found]


def _who(by: object) -> str:
    if isinstance(by, dict):
        name = " ".join(str(by.get(key) or "") for key in ("first_name", "last_name")).strip()
        return str(by.get("email") or name or by.get("id") or "")
    return "" if by is None else str(by)


def _listed(raw: Raw, key: str) -> list[dict[str, Any]]:
    """The objects of a list; exports can also hold bare numbers there."""
    found = raw.get(key)
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


def _number(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value)


TOOLS.add("label_studio", Tool(title="Label Studio", knows=_knows, convert=_convert))

"""Potato: a task's folder with what everybody answered, or its JSON Lines of answers alone."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from annotate.importers.protocol import IMPORTERS, Record, Reject, Row, Said, Source
from annotate.importers.tool import TOOLS, Raw, Tool

_STATE = "user_state.json"
_YES = ("true", "True", True, 1, "1", "on")


def _knows(raw: Raw) -> bool:
    answers = isinstance(raw.get("labels"), dict) or isinstance(raw.get("spans"), dict)
    return "instance_id" in raw and "user_id" in raw and answers


def _convert(record: Record, source: Source) -> Record:
    """A line of answers: the item's text is in another file, so it must be there already."""
    raw = record.values
    if "instance_id" not in raw:
        raise ValueError("no `instance_id`: export it with `python -m potato.export -f jsonl`")
    said = [*_schemes(raw.get("labels"), str(raw.get("user_id") or ""))]
    said += _spans(raw.get("spans"), str(raw.get("user_id") or ""))
    return Record(record.line, {"id": str(raw["instance_id"])}, tuple(said), "potato")


def _holds(path: Path) -> bool:
    return any(path.glob(f"*/{_STATE}")) or any(path.glob(f"*/*/{_STATE}"))


def _folder(source: Source) -> Iterator[Row]:
    """The items of the data files, with the answers that each person's state has for them.

    All answers are held in memory; items are read one by one.
    """
    answers = _answers(source)
    id_key, text_key, files = _properties(source)
    if not answers and not files:
        raise source.error(
            "holds no answers of Potato: name the folder of a task, with its configuration, data "
            "files and annotation_output"
        )
    line, seen = 0, set()
    for path in files:
        for row in _rows(path):
            line += 1
            if isinstance(row, Reject):
                yield Reject(line, f"{path.name}, line {row.line}: {row.reason}", row.raw)
                continue
            key = str(row.values.get(id_key))
            seen.add(key)
            values = {**{k: v for k, v in row.values.items() if k != id_key}, "id": key}
            read = (text_key,) if text_key in values else ()
            yield Record(line, values, tuple(answers.get(key, ())), "potato", read)
    for key in answers.keys() - seen:
        line += 1
        yield Record(line, {"id": key}, tuple(answers[key]), "potato")


def _answers(source: Source) -> dict[str, list[Said]]:
    found: dict[str, list[Said]] = defaultdict(list)
    states = sorted({*source.path.glob(f"*/{_STATE}"), *source.path.glob(f"*/*/{_STATE}")})
    for path in states:
        try:
            state = json.loads(path.read_text("utf-8"))
        except (OSError, ValueError) as error:
            raise source.error(f"{path} cannot be read ({error})") from error
        try:
            _add_state(_object(state), path.parent.name, found)
        except ValueError as error:
            raise source.error(f"{path} is not as Potato writes it: {error}") from error
    return found


def _add_state(state: Mapping[str, Any], called: str, found: dict[str, list[Said]]) -> None:
    who = str(state.get("user_id") or called)
    for key, labels in _object(state.get("instance_id_to_label_to_value")).items():
        found[key] += _schemes(labels, who)
    for key, spans in _object(state.get("instance_id_to_span_to_value")).items():
        found[key] += _spans(spans, who)


def _schemes(labels: object, who: str) -> Iterator[Said]:
    """{scheme: {label: value}}, or [[{"schema", "name"}, value], ...] as the newer states have."""
    parts: dict[str, dict[str, Any]] = defaultdict(dict)
    if isinstance(labels, dict):
        for scheme, said in labels.items():
            inner = said.get("labels", said) if isinstance(said, dict) else {"": said}
            parts[scheme] |= inner if isinstance(inner, dict) else {"": inner}
    for pair in labels if isinstance(labels, list) else []:
        about, value = _pair(pair)
        parts[str(about.get("schema"))][str(about.get("name"))] = value
    for scheme, said in parts.items():
        yield _scheme(scheme, said, who)


def _scheme(name: str, said: Mapping[str, Any], who: str) -> Said:
    """Labels that are ticked are a choice; anything else is what was put in."""
    ticked = [label for label, value in said.items() if value in _YES or value == label]
    if ticked and len(ticked) == len(said):
        return Said(question=name, kind="choices", value=ticked, who=who)
    if len(said) != 1:
        why = "several inputs in one scheme have no question here"
        return Said(question=name, kind="empty", value=None, who=who, why=why)
    [value] = said.values()
    kind: Any = "rating" if _is_number(value) else "choices"
    return Said(
        question=name, kind=kind, value=float(value) if kind == "rating" else [value], who=who
    )


def _spans(spans: object, who: str) -> Iterator[Said]:
    parts: dict[str, list[dict[str, Any]]] = defaultdict(list)
    if isinstance(spans, dict):
        for scheme, listed in spans.items():
            for one in listed if isinstance(listed, list) else []:
                parts[str(scheme)].append(_span(one))
    for pair in spans if isinstance(spans, list) else []:
        one, _ = _pair(pair if isinstance(pair, list) else [pair, None])
        parts[str(one.get("schema"))].append(_span(one))
    for scheme, found in parts.items():
        yield Said(question=scheme, kind="spans", value=found, who=who, about="text")


def _pair(pair: object) -> tuple[Raw, object]:
    """What an answer is about, and what it says."""
    if not isinstance(pair, list) or len(pair) != 2 or not isinstance(pair[0], dict):
        raise ValueError('an answer that is not [{"schema", "name"}, value]')
    return pair[0], pair[1]


def _span(one: object) -> dict[str, Any]:
    if not isinstance(one, dict):
        raise ValueError('a span that is not {"start", "end", "label"}')
    return {
        "start": one.get("start"),
        "end": one.get("end"),
        "label": one.get("label", one.get("name")),
    }


def _properties(source: Source) -> tuple[str, str, Sequence[Path]]:
    """The keys of id and text, and the data files, as the task's configuration says."""
    for path in sorted([*source.path.glob("*.yaml"), *source.path.glob("*.yml")]):
        said = _yaml(path)
        if isinstance(said, dict) and "data_files" in said:
            keys = _object(said.get("item_properties"))
            files = [_beside(source, one) for one in said["data_files"]]
            return str(keys.get("id_key", "id")), str(keys.get("text_key", "text")), files
    return "id", "text", ()


def _beside(source: Source, name: object) -> Path:
    """A data file inside the task's folder. Raises UnreadableFile for one that lies elsewhere."""
    said = str(name.get("path") if isinstance(name, dict) else name)
    path = (source.path / said).resolve()
    if not path.is_relative_to(source.path.resolve()):
        raise source.error(f"its data file {said} lies outside of the folder: copy it into it")
    return path


def _rows(path: Path) -> Iterator[Row]:
    suffix = path.suffix.lower()
    for _, importer in IMPORTERS.items():
        if suffix in importer.suffixes:
            return importer.read(Source(path=path))
    return iter(())


def _yaml(path: Path) -> object:
    from ruamel.yaml import YAML
    from ruamel.yaml.error import YAMLError

    try:
        return YAML(typ="safe").load(path.read_text("utf-8"))
    except (OSError, ValueError, YAMLError):
        return None


def _object(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _is_number(value: object) -> bool:
    try:
        float(str(value))
    except ValueError:
        return False
    return not isinstance(value, bool)


TOOLS.add(
    "potato", Tool(title="Potato", knows=_knows, convert=_convert, folder=_folder, holds=_holds)
)

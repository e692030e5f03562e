"""A Hugging Face dataset folder: the files that its README names, classes by their names."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from annotate.importers.protocol import IMPORTERS, Record, Reject, Row, Source
from annotate.importers.tool import TOOLS, Raw, Tool, tool_of

_SPLIT = re.compile(r"(?:^|[-_./])(train|test|validation|dev|valid)(?=[-_./]|$)")
_SUFFIXES = (".parquet", ".jsonl", ".json", ".csv", ".tsv")


@dataclass(frozen=True, slots=True)
class _File:
    path: Path
    split: str


def _knows(raw: Raw) -> bool:
    """Rows do not tell: a folder does."""
    return False


def _convert(record: Record, source: Source) -> Record:
    """A row as it is, or as the tool writes it whose rows look like that."""
    tool = tool_of(record.values)
    return record if tool is None else TOOLS[tool].convert(record, source)


def _holds(path: Path) -> bool:
    return any(_configs(path)) or any(path.rglob("*.parquet"))


def _folder(source: Source) -> Iterator[Row]:
    """The rows of what tells most: the configurations with votes, else the default one.

    A column `split` names the split, where there are several. Raises UnreadableFile.
    """
    configs = _configs(source.path)
    files = _chosen(source, configs)
    if not files:
        raise source.error("holds no data files; name a folder with README.md or Parquet files")
    several = len({file.split for file in files}) > 1
    line = 0
    for file in files:
        inner = replace(source, path=file.path, name=file.path.name, encoding="utf-8")
        names = _classes(source.path, file.path)
        for row in _read(inner):
            line += 1
            if isinstance(row, Reject):
                yield Reject(line, f"{file.path.name}, row {row.line}: {row.reason}", row.raw)
                continue
            values = {key: _named(names.get(key), value) for key, value in row.values.items()}
            if several and "split" not in values:
                values["split"] = file.split
            yield _tried(Record(line, values), inner)


def _tried(record: Record, source: Source) -> Row:
    try:
        return _convert(record, source)
    except ValueError as error:
        return Reject(
            record.line, str(error), json.dumps(record.values, ensure_ascii=False)[:20_000]
        )


def _chosen(source: Source, configs: Mapping[str, list[_File]]) -> list[_File]:
    voted = [files for files in configs.values() if _votes(replace(source, path=files[0].path))]
    return [file for files in voted for file in files] or next(iter(configs.values()), [])


def _votes(source: Source) -> bool:
    """Whether a file holds votes of ours."""
    first = next((row for row in _read(source)), None)
    return isinstance(first, Record) and tool_of(first.values) == "coannotate"


def _read(source: Source) -> Iterator[Row]:
    suffix = source.path.suffix.lower()
    for _, importer in IMPORTERS.items():
        if suffix in importer.suffixes:
            return importer.read(replace(source, on_bytes=None))
    return iter(())


def _configs(folder: Path) -> dict[str, list[_File]]:
    """name -> its files, the default one first; without a README what lies in the folder."""
    found: dict[str, list[_File]] = {}
    said = _front_matter(folder).get("configs")
    listed = [one for one in said if isinstance(one, dict)] if isinstance(said, list) else []
    for config in sorted(listed, key=lambda one: not one.get("default")):
        files = list(_files(folder, config.get("data_files")))
        if files:
            found[str(config.get("config_name", len(found)))] = files
    if not found and (files := list(_globbed(folder, "**/*", ""))):
        found["default"] = [file for file in files if file.path.suffix == files[0].path.suffix]
    return found


def _files(folder: Path, said: object) -> Iterator[_File]:
    for one in said if isinstance(said, list) else [said]:
        if isinstance(one, str):
            yield from _globbed(folder, one, "")
        elif isinstance(one, dict):
            paths = one.get("path")
            for path in paths if isinstance(paths, list) else [paths]:
                yield from _globbed(folder, str(path), str(one.get("split", "")))


def _globbed(folder: Path, pattern: str, split: str) -> Iterator[_File]:
    """Files of the folder alone: a pattern that leads out of it finds nothing, nor does one that
    leads to what is hidden, as in the library `datasets`."""
    if pattern.startswith("/") or ".." in Path(pattern).parts:
        return
    for path in sorted(folder.glob(pattern)):
        inside = path.relative_to(folder)
        hidden = any(part.startswith((".", "__")) for part in inside.parts)
        if path.is_file() and path.suffix.lower() in _SUFFIXES and not hidden:
            yield _File(path, split or _split_of(inside))


def _split_of(path: Path) -> str:
    found = _SPLIT.search(str(path))
    return found[1] if found else "train"


def _front_matter(folder: Path) -> Mapping[str, Any]:
    from ruamel.yaml import YAML
    from ruamel.yaml.error import YAMLError

    try:
        text = (folder / "README.md").read_text("utf-8")
        parts = text.split("\n---", 1)
        said = YAML(typ="safe").load(parts[0].removeprefix("---")) if len(parts) > 1 else None
    except (OSError, ValueError, YAMLError):
        return {}
    return said if isinstance(said, dict) else {}


def _classes(folder: Path, path: Path) -> dict[str, list[str]]:
    """column -> the names of its classes, as the file itself tells, else as README does."""
    if path.suffix == ".parquet":
        import pyarrow.parquet as pq

        meta = pq.read_schema(path).metadata or {}
        try:
            features = json.loads(meta.get(b"huggingface", b"{}")).get("info", {}).get("features")
        except ValueError:
            features = None
        if isinstance(features, dict):
            named = {
                name: one.get("names") for name, one in features.items() if isinstance(one, dict)
            }
            return {name: names for name, names in named.items() if isinstance(names, list)}
    return _told(folder)


def _told(folder: Path) -> dict[str, list[str]]:
    infos = _front_matter(folder).get("dataset_info")
    found = {}
    for info in infos if isinstance(infos, list) else [infos]:
        for one in info.get("features") or [] if isinstance(info, dict) else []:
            names = _class_names(one.get("dtype")) if isinstance(one, dict) else None
            if isinstance(names, dict):
                found[str(one["name"])] = [str(names[key]) for key in sorted(names, key=int)]
            elif isinstance(names, list):
                found[str(one["name"])] = list(map(str, names))
    return found


def _class_names(kind: object) -> object:
    """Of {"class_label": {"names": ...}}; None for another type."""
    classes = kind.get("class_label") if isinstance(kind, dict) else None
    return classes.get("names") if isinstance(classes, dict) else None


def _named(names: list[str] | None, value: object) -> object:
    """A class by its name; -1 is no class."""
    if names is None or isinstance(value, bool) or not isinstance(value, int):
        return value
    return names[value] if 0 <= value < len(names) else None


TOOLS.add(
    "hf_dataset",
    Tool(
        title="Hugging Face dataset",
        knows=_knows,
        convert=_convert,
        folder=_folder,
        holds=_holds,
    ),
)

"""A folder as the Hugging Face Hub has it: Parquet alone, a README that says what is what."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from annotate.exporters.dialect import DIALECTS, Dialect, Part, WrittenPart
from annotate.json_text import compact
from annotate.project import Project

README, GUIDELINE = "README.md", "guidelines.md"
PARTS = (
    Part("labels", "labels", "parquet_features"),
    Part("votes", "votes_pseudonymous", "parquet"),
    Part("sft", "sft_messages", "parquet"),
    Part("preference", "preference_trl", "parquet"),
)
"""Parquet alone: the loader takes one format for the whole folder. Of every question, where there
are several: `labels_topic`, `votes_topic`."""
TASKS = {
    "single_label": "text-classification",
    "multi_label": "text-classification",
    "rating": "text-classification",
    "spans": "token-classification",
    "preference": "text-generation",
    "ranking": "text-generation",
    "text": "text-generation",
}
"""Question type -> the Hub's task category."""
_UNPRINTABLE = re.compile("[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")
SIZES = (
    (1_000, "n<1K"),
    (10_000, "1K<n<10K"),
    (100_000, "10K<n<100K"),
    (1_000_000, "100K<n<1M"),
    (10_000_000, "1M<n<10M"),
    (100_000_000, "10M<n<100M"),
)
"""Rows below which -> the Hub's size category."""


def beside(project: Project, written: Sequence[WrittenPart]) -> Mapping[str, str]:
    """README.md, as far as its front matter, and guidelines.md where there is a guideline."""
    texts = {README: front_matter(project, written)}
    if project.guideline.strip():
        texts[GUIDELINE] = project.guideline.rstrip() + "\n"
    return texts


def front_matter(project: Project, written: Sequence[WrittenPart]) -> str:
    """YAML between two lines of ---, with an empty line behind it.

    Nothing in it is guessed: licence, language of the texts and who the annotators are is for the
    owner to add. Rows are not counted per split: the loader refuses a folder whose counts differ.
    """
    return "\n".join(["---", *_lines(project, [one for one in written if one.rows]), "---", "", ""])


def _lines(project: Project, written: Sequence[WrittenPart]) -> Iterator[str]:
    yield f"pretty_name: {quoted(project.title)}"
    yield "task_categories:"
    yield from (f"- {task}" for task in _tasks(project, written))
    rows = sum(one.rows for one in written if one.part.dialect == "labels")
    yield "size_categories:"
    yield f"- {next((name for below, name in SIZES if rows < below), 'n>100M')}"
    yield "tags:"
    yield "- human-in-the-loop"
    if written:
        yield "configs:"
    default = next((one.part for one in written if one.part.dialect == "labels"), None)
    for part in dict.fromkeys(one.part for one in written):
        yield f"- config_name: {part.name}"
        if part == default:
            yield "  default: true"
        yield "  data_files:"
        yield from _files([one for one in written if one.part == part])


def _tasks(project: Project, written: Sequence[WrittenPart]) -> list[str]:
    names = {one.part.question for one in written}
    asked = [one for one in project.questions if not names - {""} or one.name in names]
    tasks = {TASKS[question.type] for question in asked if question.type in TASKS}
    if any(one.part.dialect in ("sft_messages", "preference_trl") for one in written):
        tasks.add("text-generation")
    return sorted(tasks)


def _files(files: Sequence[WrittenPart]) -> Iterator[str]:
    for one in files:
        yield f"  - split: {split_name(one.split)}"
        yield f"    path: {quoted(one.path)}"


def quoted(text: str) -> str:
    """Text as YAML has it between quotes: JSON, with what YAML would take for an end of line or
    refuse.

    >>> quoted('a "b" \\u2028 标')
    '"a \\\\"b\\\\" \\\\u2028 标"'
    """
    return _UNPRINTABLE.sub(lambda found: f"\\u{ord(found[0]):04x}", compact(text))


def split_name(name: str) -> str:
    """As the loader takes it: letters, digits and _ alone; a set that is not split is `train`.

    >>> split_name("dev-1"), split_name("")
    ('dev_1', 'train')
    """
    return re.sub(r"\W", "_", name) or "train"


DIALECTS.add(
    "hf_dataset",
    Dialect(
        "a Hugging Face dataset: Parquet files, a README with the data card, the guideline",
        read_by=("datasets", "the Hugging Face Hub", "pandas", "Polars"),
        note="People stand in it under pseudonyms. Before you publish it, add licence and language "
        "to README.md, and read the data card in it.",
        parts=PARTS,
        each_question=True,
        beside=beside,
        card=True,
    ),
)

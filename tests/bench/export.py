"""How fast labels become files, and in how much memory: `python -m tests.bench.export [ITEMS]`.

100,000 items unless told otherwise, each with a text of 200 to 600 characters, two calls of the
model, a decision and a person's answer; half of the answers are the model's. Every dialect is
written once, and beside it the same rows by a loop over `json.dumps`. Memory is the most that the
process ever held more than before the pass, of the first tenth of the items and of all.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from time import perf_counter
from typing import Any

from annotate.exporters import DIALECTS
from annotate.exporters.forms import FORMS
from annotate.hashing import digest
from annotate.model import Annotation, Assignment, Decision, Item, Prelabel, Round
from annotate.people import add_person, operator
from annotate.project.file import parse_project
from annotate.store import Store, open_store
from annotate.store.decisions import Routing
from annotate.training.protocol import Rules
from annotate.workflow.exports.exporting import Request, export
from annotate.workflow.exports.places import MARK
from tests.small import START

ITEMS = 100_000
COMPARED = 20_000
AT = "2026-03-01T09:00:00.000000Z"
NAMES = ("billing", "shipping", "returns", "account", "other")
TEXT = f"""
project: p
title: Mails
guideline: Read the whole mail.
fields: [body]
import: {{id: id}}
questions:
  - name: topic
    type: single_label
    text: What is the mail about?
    labels: [{", ".join(f"{{name: {name}}}" for name in NAMES)}]
llm: {{provider: openai, model: m, variants: [instruction, paraphrase]}}
routing: {{signal: entropy, policy: random, budget: 0.2, audit: 0}}
"""
PROJECT = parse_project(TEXT)
RULES = Rules(sft_from=frozenset({"agreed", "human"}))
WORDS = TEXT.split()


def fill(store: Store, count: int) -> None:
    store.projects.record("p", text=TEXT, hash="h", now=AT)
    ann = add_person(store, "Ann", "annotator", actor=operator(START), now=START)
    ids = [digest("p", at) for at in range(count)]
    routing = Routing("r", "p", "topic", 1, "random", {}, AT)
    with store.transaction():
        store.items.add(item(at, id_) for at, id_ in enumerate(ids))
        store.prelabels.start_round(
            Round("r", "p", "topic", "s", "m", ("instruction",), (), "missing", AT, AT)
        )
        store.prelabels.add(call(at, id_, n) for at, id_ in enumerate(ids) for n in (0, 1))
        store.decisions.start(routing)
        store.decisions.add(routing, (decision(at, id_) for at, id_ in enumerate(ids)))
        store.assignments.add((slot(id_, ann.id) for id_ in ids), now=AT)
        for at, id_ in enumerate(ids):
            store.prelabels.finish_item("r", id_, errors=0, now=AT)
            store.annotations.add(answer(at, id_, ann.id))


def item(at: int, id_: str) -> Item:
    body = " ".join(WORDS[(at + n) % len(WORDS)] for n in range(40 + at % 80))
    return Item(id_, "p", at, f"id:{at}", id_, {"body": f"{at}: {body}"}, {"source": "mail"}, AT)


def said(at: int) -> str:
    return NAMES[at % len(NAMES)]


def call(at: int, item_id: str, sample: int) -> Prelabel:
    raw = json.dumps({"label": said(at), "reason": "It says so in the first sentence."})
    return Prelabel(
        f"{item_id}{sample}", "p", item_id, "topic", "r", "instruction", sample, "m",
        "single_label/en/instruction.v1", "0" * 32, "parsed", said(at), None, 0.9, None, raw,
        "stop", 300, 12, 0.4, AT,
    )  # fmt: skip


def decision(at: int, item_id: str) -> Decision:
    value, why = said(at), "drawn at random"
    return Decision(
        f"d{item_id}", "p", item_id, "topic", "annotate", 0.5, value, 1.0, "random", why, AT, value
    )


def slot(item_id: str, person: str) -> Assignment:
    return Assignment(f"s{item_id}", "p", item_id, "topic", 0, 0.5, "done", person, None)


def answer(at: int, item_id: str, person: str) -> Annotation:
    value = said(at) if at % 2 else said(at + 1)
    return Annotation(
        f"a{item_id}", "p", item_id, "topic", f"s{item_id}", person, "answer", value, None, None,
        4.2, "2026-03-02T09:00:00.000000Z", None, {"mode": "blind", "arm": "blind",
        "shown": "never"},
    )  # fmt: skip


def written(store: Store, name: str, out: Path) -> tuple[int, float, dict[str, int]]:
    """(rows, seconds, what was left out) of one dialect."""
    start = perf_counter()
    report = export(
        store, PROJECT, Request(name, rules=RULES), out, actor=operator(START), now=START
    )
    return report.rows, perf_counter() - start, dict(report.dropped)


def dumped(out: Path, sink: Path) -> float:
    """Rows a second of a plain loop over the same rows."""
    rows = list(first_rows(out))
    start = perf_counter()
    with sink.open("w", encoding="utf-8") as stream:
        for row in rows:
            stream.write(json.dumps(row, ensure_ascii=False) + "\n")
    return len(rows) / (perf_counter() - start)


def first_rows(out: Path) -> Iterator[Any]:
    """One JSON list has an object on each line too."""
    beside = ("dataset_info.json", MARK)
    files = sorted(out.rglob("*.json*")) if out.is_dir() else [out]
    for path in (one for one in files if one.name not in beside):
        with path.open("r", encoding="utf-8", newline="\n") as lines:
            records = (line.rstrip(",\n") for line in lines if line not in ("[\n", "]\n"))
            for _, line in zip(range(COMPARED), records, strict=False):
                yield json.loads(line)


def peak(database: Path, name: str, out: Path) -> int:
    """Most bytes that a process of its own held while it wrote the dialect, above its start."""
    ended = subprocess.run(
        [sys.executable, "-m", "tests.bench.export", "--peak", str(database), name, str(out)],
        capture_output=True, check=True, text=True,
    )  # fmt: skip
    return int(ended.stdout)


def tell_peak(database: str, name: str, out: str) -> None:
    with open_store(Path(database)) as store:
        before = _held("VmRSS")
        written(store, name, Path(out))
    sys.stdout.write(str(max(0, _held("VmHWM") - before)))


def _held(which: str) -> int:
    """Bytes, from the kernel: `getrusage` counts what the starting process held as well."""
    status = Path("/proc/self/status").read_text()
    return int(status.split(f"{which}:")[1].split()[0]) * 1024


def made(folder: Path, count: int) -> Path:
    path = folder / f"{count}.db"
    if not path.exists():
        with open_store(path) as store:
            fill(store, count)
    return path


def main(count: int, folder: str = "", *names: str) -> None:
    """One line for each dialect, or for those named. folder: where databases are kept."""
    with tempfile.TemporaryDirectory() as temporary:
        place = Path(folder or temporary)
        small, large = made(place, count // 10), made(place, count)
        for name, dialect in DIALECTS.items():
            if names and name not in names:
                continue
            suffix = "" if dialect.parts else FORMS[dialect.forms[0]].suffix
            out = Path(temporary) / f"{name}{suffix}"
            with open_store(large) as store:
                rows, seconds, _ = written(store, name, out)
            plain = dumped(out, Path(temporary) / "plain.jsonl") if rows else float("nan")
            peaks = [peak(path, name, out) / 1e6 for path in (small, large)]
            sys.stdout.write(
                f"{name:24} {rows:>9,} rows {count / seconds:>8,.0f} items/s "
                f"{rows / seconds:>8,.0f} rows/s, json.dumps {plain:>9,.0f}: "
                f"{rows / seconds / plain:5.2f}; memory {peaks[0]:5.1f} and {peaks[1]:5.1f} MB\n"
            )
            sys.stdout.flush()


if __name__ == "__main__":
    if "--peak" in sys.argv:
        tell_peak(*sys.argv[2:])
    else:
        main(int(sys.argv[1]) if sys.argv[1:] else ITEMS, *sys.argv[2:])

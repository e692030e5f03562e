"""Bench folders -> tasks: what the machine said and what people say, in arrays."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from routing.types import Confidences, Labels, Votes

Row = dict[str, Any]
MOST_ITEMS = 1_500


@dataclass(frozen=True, slots=True, eq=False)
class Task:
    """n items of one set with the answers of one group of calls; gold is what people say.

    texts: one tuple per item: (text,), or (answer a, answer b) for a preference. models: who cast
    each column's votes; for a preference with the prompt, which says which answer stood first.
    """

    name: str
    group: str
    labels: tuple[str, ...]
    texts: list[tuple[str, ...]]
    votes: Votes
    confidences: Confidences | None
    log_probs: NDArray[np.float64] | None
    gold: Labels
    models: list[tuple[str, str]]
    flagged: NDArray[np.bool_] | None = None

    @property
    def k(self) -> int:
        return len(self.labels)

    @property
    def paired(self) -> bool:
        return len(self.texts[0]) == 2


@dataclass(frozen=True, slots=True)
class Source:
    """One task: its folder, the set it is averaged with, and which answers belong to it."""

    folder: str
    group: str
    keep: Callable[[Row], bool] = lambda row: True
    bar: bool = False


def _models(*names: str) -> Callable[[Row], bool]:
    return lambda row: row["model"] in names


def _three(row: Row) -> bool:
    shots = {"zero_shot", "four_shot", "eight_shot"}
    models = {"gpt_4", "mixtral_8x7b", "openchat"}
    return row["model"] in models and row["prompt_variant"] in shots


def _nine_samples(row: Row) -> bool:
    right: bool = row["model"] == "gpt-4.1" and row["prompt_variant"] == "zero_shot"
    return right and 1 <= int(row["sample"]) <= 9


def _first_sample(row: Row) -> bool:
    return not row.get("sample")


BABE, TREC = "babe_media_bias", "trec_relevance_llmjudge"
SOURCES: dict[str, Source] = {
    "babe/gpt4": Source(BABE, "babe", _models("gpt_4"), True),
    "babe/gpt3.5": Source(BABE, "babe", _models("gpt_3_5"), True),
    "babe/mixtral": Source(BABE, "babe", _models("mixtral_8x7b"), True),
    "babe/3models": Source(BABE, "babe", _three, True),
    "trec/umbrela+h2oloo": Source(TREC, "trec", _models("umbrela", "h2oloo"), True),
    "trec/olz": Source(TREC, "trec", _models("Olz"), True),
    "cic": Source("cic_stance_ca_es", "cic", bar=True),
    "cars50": Source("cars50_rhetorical_steps", "cars50", _nine_samples, True),
    "gwsd": Source("gwsd_stance", "gwsd", bar=True),
    "politeness": Source("politeness_requests", "politeness", bar=True),
    "pandalm": Source("pandalm_pairwise", "pandalm", bar=True),
    "mtbench": Source("mtbench_pairwise", "mtbench", _first_sample),
    "vicuna": Source("vicuna80_peer_judges", "vicuna"),
    "vicuna/gpt4": Source("vicuna80_peer_judges", "vicuna", _models("gpt-4")),
    "mrpc": Source("mrpc_coannotating", "mrpc"),
    "nl_news": Source("nl_news_topics_logprob", "nl_news"),
    "latent": Source("latent_content_100", "latent"),
    "latent/gpt4o": Source("latent_content_100", "latent", _models("gpt-4o")),
    "discourse": Source("css_discourse_acts", "discourse"),
    "trump": Source("css_stance_trump", "trump"),
}


def read(folder: Path, name: str, *, most: int | None = MOST_ITEMS) -> Task | None:
    """The task, or None when its folder is not there. most: items, drawn with seed 0."""
    source = SOURCES[name]
    place = folder / source.folder
    if not place.is_dir():
        return None
    items = list(_rows(place / "items.jsonl.gz"))
    row_of = {item["id"]: row for row, item in enumerate(items)}
    calls: dict[tuple[Any, ...], int] = {}
    answers = [row for row in _rows(place / "llm.jsonl.gz") if source.keep(row)]
    for row in answers:
        calls.setdefault((row["model"], row["prompt_variant"], row.get("sample")), len(calls))
    labels = tuple(items[0]["labels"])
    place_of = {label: index for index, label in enumerate(labels)}
    shape = (len(items), len(calls))
    votes = np.full(shape, -1)
    seen = np.zeros(shape, dtype=bool)
    confidences = np.full(shape, np.nan)
    log_probs = np.full((*shape, len(labels)), np.nan)
    flagged = np.zeros(len(items), dtype=bool)
    for row in answers:
        at = row_of[row["id"]], calls[row["model"], row["prompt_variant"], row.get("sample")]
        seen[at] = True
        votes[at] = place_of.get(row["answer"], -1)
        if row["confidence"] is not None:
            confidences[at] = row["confidence"]
        if row["logprobs"]:
            log_probs[at] = _spread(row["logprobs"], place_of)
        flagged[at[0]] |= row.get("order_consistent") is False
    keep = np.flatnonzero((seen.mean(axis=1) > 0.5) & (votes >= 0).any(axis=1))
    if most is not None and len(keep) > most:
        keep = np.sort(np.random.default_rng(0).choice(keep, most, replace=False))
    return Task(
        name,
        source.group,
        labels,
        [_texts(items[row]) for row in keep],
        votes[keep],
        None if np.isnan(confidences[keep]).all() else confidences[keep],
        None if np.isnan(log_probs[keep]).all() else log_probs[keep],
        np.array([place_of[items[row]["gold"]] for row in keep]),
        [(str(m), str(v) if "response_a" in items[0] else "") for m, v, _ in calls],
        flagged[keep] if flagged.any() else None,
    )


def _spread(logs: dict[str, float], place_of: dict[str, int]) -> NDArray[np.float64]:
    """Logs of the classes; one that is not among the listed got less than any that is."""
    least = min(logs.values())
    result = np.full(len(place_of), min(least, -20.0))
    for label, value in logs.items():
        if label in place_of:
            result[place_of[label]] = value
    return result


def _texts(item: Row) -> tuple[str, ...]:
    if "response_a" in item:
        return str(item["response_a"]), str(item["response_b"])
    if "query" in item:
        return (f"{item['query']} {item['passage'] or ''}",)
    return (item["text"] or "",)


def _rows(path: Path) -> Iterator[Row]:
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            yield json.loads(line)

"""Bench folders -> people's answers and what is right, and parts of them as a project would have
them: a few answers to each item, the truth made of other people's."""

from __future__ import annotations

import gzip
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from annotate.consensus.estimate import Answers, Ints
from routing.evidence import Evidence
from routing.student import text_features

ASIDE = -1


@dataclass(frozen=True, slots=True, eq=False)
class Crowd:
    """answers: of people. gold: (n,). votes, confidences: (n, m) of the machine, m may be 0."""

    name: str
    answers: Answers
    gold: Ints
    texts: list[str | None]
    votes: Ints
    confidences: NDArray[np.float64]

    def evidence(self, *, copies: int = 1, rows: Ints | None = None) -> Evidence:
        """What the machine said, each call so many times, and the items' words."""
        part = np.arange(len(self.gold)) if rows is None else rows
        return Evidence(
            np.repeat(self.votes[part], copies, axis=1),
            self.answers.k,
            confidences=np.repeat(self.confidences[part], copies, axis=1),
            features=[text_features([self.texts[row] or "" for row in part])],
        )


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """What each item's own people said, `given` in a random order of people, and the truth by the
    others; -1 where these are tied. who, said: (n, at hand)."""

    who: Ints
    said: Ints
    truth: Ints

    def first(self, counts: Ints) -> tuple[Ints, Ints, Ints]:
        """Items, people and labels of so many answers to each item: (n,)."""
        items, nth = np.nonzero(np.arange(self.who.shape[1]) < counts[:, None])
        return items, self.who[items, nth], self.said[items, nth]


def read(folder: Path, name: str) -> Crowd | None:
    """The set, or None when its folder is not there."""
    place = folder / name
    if not place.is_dir():
        return None
    items = _rows(place / "items.jsonl.gz")
    number = {label: at for at, label in enumerate(items[0]["labels"])}
    row = {item["id"]: at for at, item in enumerate(items)}
    people: dict[str, int] = {}
    said = [
        (row[one["id"]], people.setdefault(one["annotator"], len(people)), number[one["label"]])
        for one in _rows(place / "humans.jsonl.gz")
    ]
    table = np.array(said)
    machine = {one["id"]: one for one in _rows(place / "llm.jsonl.gz")}
    votes = [[number[machine[item["id"]]["answer"]]] if machine else [] for item in items]
    stated = [[machine[item["id"]]["confidence"]] if machine else [] for item in items]
    return Crowd(
        name,
        Answers(table[:, 0], table[:, 1], table[:, 2], len(number), len(items), len(people)),
        np.array([number[item["gold"]] for item in items]),
        [item.get("text") for item in items],
        np.array(votes, dtype=np.int64).reshape(len(items), -1),
        np.array(stated, dtype=np.float64).reshape(len(items), -1),
    )


def parted(crowd: Crowd, at_hand: int, rng: np.random.Generator) -> Part:
    """Of every item's people, drawn at random, so many answer; the others say what is right."""
    a = crowd.answers
    each = int(a.per_item().min())
    order = np.argsort(a.items, kind="stable")
    who, said = a.people[order].reshape(-1, each), a.labels[order].reshape(-1, each)
    turn = np.argsort(rng.random(who.shape), axis=1)
    who, said = np.take_along_axis(who, turn, 1), np.take_along_axis(said, turn, 1)
    votes = (said[:, at_hand:, None] == np.arange(a.k)).sum(axis=1)
    ordered = np.sort(votes, axis=1)
    clear = ordered[:, -1] > ordered[:, -2]
    truth = np.where(clear, votes.argmax(axis=1), ASIDE)
    return Part(who[:, :at_hand], said[:, :at_hand], truth)


def _rows(path: Path) -> list[dict[str, Any]]:
    if not path.exists():
        return []
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]

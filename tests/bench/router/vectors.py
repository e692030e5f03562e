"""Features of a task's items: TF-IDF always, sentence embeddings when weights are given."""

from __future__ import annotations

import hashlib
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from annotate.llm.local.encoder import MiniLM
from annotate.llm.local.weights import Missing, find_weights
from routing.evidence import Evidence
from routing.student import Features, pair_features, reduced, scaled, text_features
from tests.bench.router.tasks import Task


@dataclass(frozen=True, slots=True)
class Embedder:
    """Encodes with the weights in a folder; keeps what it encoded in another, if given."""

    weights: Path
    cache: Path | None

    def encode(self, task: Task) -> Features:
        """(n, d): of each text, or of what answer a has and answer b has not."""
        digest = hashlib.sha256(repr(task.texts).encode("utf-8", "replace")).hexdigest()[:16]
        kept = self.cache / f"{digest}.npy" if self.cache else None
        if kept and kept.exists():
            return np.asarray(np.load(kept), dtype=np.float64)
        found = find_weights(self.weights)
        if isinstance(found, Missing):
            sys.exit(f"no sentence-embedding weights in {self.weights}: leave out --embeddings")
        encoder = MiniLM.load(found)
        flat = scaled(encoder.encode([text for texts in task.texts for text in texts]))
        vectors = scaled(flat[0::2] - flat[1::2]) if task.paired else flat
        if kept:
            kept.parent.mkdir(parents=True, exist_ok=True)
            np.save(kept, vectors.astype(np.float32))
        return vectors


def evidence(task: Task, embedder: Embedder | None = None, *, text: bool = True) -> Evidence:
    """What a router may see of the task: no gold."""
    features: list[Features] = []
    if text:
        features.append(_words(task))
    if embedder is not None:
        vectors = embedder.encode(task)
        features.append(_sided(task, vectors) if task.paired else reduced(vectors))
    return Evidence(
        task.votes,
        task.k,
        confidences=task.confidences,
        log_probs=task.log_probs,
        features=tuple(features),
        models=task.models,
    )


def _words(task: Task) -> Features:
    flat = text_features([text for texts in task.texts for text in texts])
    return _sided(task, scaled(flat[0::2] - flat[1::2])) if task.paired else flat


def _sided(task: Task, difference: Features) -> Features:
    lengths = np.array([[len(text) for text in texts] for texts in task.texts])
    return pair_features(difference, np.zeros_like(difference), lengths)

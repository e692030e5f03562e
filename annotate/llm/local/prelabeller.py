"""The embedded annotator: sentence vectors in nine views. A small statistical model, not an LLM."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Mapping, Sequence

import numpy as np

from annotate.chats import read_as, read_fields
from annotate.llm.books.ledger import Ledger
from annotate.llm.local.encoder import Encoder, Vectors
from annotate.llm.local.views import (
    VIEWS,
    LabelText,
    item_matrix,
    label_matrix,
    prototypes,
    view_probabilities,
    votes,
)
from annotate.llm.prelabeller import Answer, Preview, Work
from annotate.llm.prompts import Example
from annotate.model import Item, Value
from annotate.project import Project
from annotate.questions import QUESTION_TYPES, QuestionSettings
from routing.types import Probs

VERSION = "local.v1"


class LocalPrelabeller:
    """Implements `Prelabeller`. Judges labels by their descriptions and by human-labelled items;
    for anything but a single label it abstains and says why."""

    free = True
    batch = 64
    concurrency = 1
    example_limit: int | None = None
    ledger: Ledger | None = None

    def __init__(
        self, project: Project, question: QuestionSettings, encoder: Encoder, *, missing: str = ""
    ) -> None:
        self.model = f"local/{encoder.name}"
        self._project, self._question, self._encoder = project, question, encoder
        self._missing = missing
        self._able = question.type == "single_label"
        self._classes = list(QUESTION_TYPES[question.type].classes(question))
        self._labels: Vectors | None = None
        self._examples: Sequence[Example] = ()
        self._own: dict[str, tuple[int, Vectors]] = {}

    def variants(self) -> tuple[str, ...]:
        return VIEWS if self._able else ("local",)

    def fingerprint(self) -> Mapping[str, Value]:
        return {
            "provider": "local",
            "model": self.model,
            "version": VERSION,
            "fields": read_fields(self._project),
            "question": self._question.asked(),
        }

    def announcement(self) -> str | None:
        if not self._able:
            return f"The local annotator abstains from {self._question.type}: {_NEEDS_MODEL}."
        if self._encoder.weak:
            return (
                "Pre-labels come from shared character sequences, a weak statistical model that "
                f"knows spelling and not meaning: expect many wrong ones. {self._missing}".strip()
            )
        return (
            "Pre-labels come from a small sentence-embedding model on this machine, "
            "not from a large language model: take its confidence as rough."
        )

    def preview(self, work: Work) -> list[Preview]:
        return []

    def learn(self, examples: Sequence[Example]) -> None:
        self._examples = examples
        self._labels = None
        self._own = {}

    async def answer(self, works: Sequence[Work]) -> AsyncIterator[Answer]:
        answers = self._judge(works) if self._able else map(_abstain, works)
        for answer in answers:
            yield answer

    async def close(self) -> None:
        return None

    def _judge(self, works: Sequence[Work]) -> list[Answer]:
        started = time.monotonic()
        items = item_matrix(self._encoder, [self._text(work.item) for work in works])
        views = view_probabilities(items, self._label_vectors())
        self._unlearn(works, items, views)
        chosen = votes(views)
        seconds = (time.monotonic() - started) / (len(works) * len(views))
        version = f"{VERSION}+{len(self._examples)}"
        return [
            Answer(
                work.item.id,
                view,
                0,
                "parsed",
                self._classes[chosen[view][at]],
                prompt_version=version,
                prompt_hash=version,
                probabilities=_by_class(self._classes, rows[at]),
                confidence=round(float(rows[at][chosen[view][at]]), 6),
                seconds=round(seconds, 6),
            )
            for at, work in enumerate(works)
            for view, rows in views.items()
            if (view, 0) not in work.done
        ]

    def _unlearn(self, works: Sequence[Work], items: Vectors, views: Mapping[str, Probs]) -> None:
        """Judge items that are examples themselves again, without what people said of them."""
        for at, work in enumerate(works):
            if work.item.id in self._own:
                label, vector = self._own[work.item.id]
                labels = self._label_vectors().copy()
                rest = (self._sums[label] - vector)[None]
                for wording, own in zip(self._wordings, labels, strict=True):
                    own[label] = prototypes(wording[[label]], rest, np.zeros(1, np.intp))[0]
                for view, rows in view_probabilities(items[:, [at]], labels).items():
                    views[view][at] = rows[0]

    def _label_vectors(self) -> Vectors:
        """(5, k, d): each wording moved towards the items people gave that label."""
        if self._labels is None:
            control = QUESTION_TYPES[self._question.type].control(self._question)
            texts = [LabelText(o.value, o.description) for o in control.options]
            self._wordings = label_matrix(self._encoder, texts, self._question.text)
            self._labels = self._taught(self._wordings) if self._examples else self._wordings
        return self._labels

    def _taught(self, wordings: Vectors) -> Vectors:
        known = [e for e in self._examples if e.value in self._classes]
        vectors = self._encoder.encode([self._text(e.item) for e in known])
        labels = np.array([self._classes.index(e.value) for e in known], dtype=np.intp)
        self._own = {
            e.item.id: (label, vector)
            for e, label, vector in zip(known, labels, vectors, strict=True)
        }
        self._sums = np.zeros((len(self._classes), self._encoder.dim), np.float32)
        np.add.at(self._sums, labels, vectors)
        return np.stack([prototypes(wording, vectors, labels) for wording in wordings])

    def _text(self, item: Item) -> str:
        return "\n".join(read_as(self._project, name, item) for name in self._project.fields)


_NEEDS_MODEL = "comparing or writing text needs a language model"


def _abstain(work: Work) -> Answer:
    return Answer(work.item.id, "local", 0, "abstained", reason=_NEEDS_MODEL)


def _by_class(classes: Sequence[str], row: np.ndarray) -> dict[str, float]:
    return {name: round(float(p), 6) for name, p in zip(classes, row, strict=True)}

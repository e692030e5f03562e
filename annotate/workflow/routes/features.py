"""What the items are about, as numbers: a router learns from them where a model errs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from annotate.hashing import digest
from annotate.llm.local.encoder import Encoder
from annotate.model import Item
from annotate.project import Project
from annotate.questions import QUESTION_TYPES, QuestionSettings
from annotate.store import Store
from annotate.workflow.prelabels.pool import Pool
from routing.student import Features, pair_features, reduced, scaled, text_features

PAGE = 500


class ItemFeatures:
    """Features of a question's items; the last ones made are kept, since items do not change.

    encoder: sentence embeddings beside the words, or None for words alone. Embeddings are stored,
    so that only new items are encoded.
    """

    def __init__(self, encoder: Encoder | None = None) -> None:
        self._encoder = encoder
        self._kept: tuple[str, tuple[Features, ...]] = ("", ())
        self._pools: dict[str, Pool] = {}

    def pool(self, project: Project, question: QuestionSettings) -> Pool:
        """The values of a question without classes: how far two of them are apart is computed
        once, however often one routes."""
        key = digest(project.project, question.name, question.asked())
        return self._pools.setdefault(key, Pool(question))

    def of(
        self, store: Store, project: Project, question: QuestionSettings, item_ids: Sequence[str]
    ) -> tuple[Features, ...]:
        """(n, d) arrays in the order of `item_ids`: words, then embeddings where they are used.

        Two responses that are compared give what the one has and the other has not.
        """
        fields = _compared(question) or project.fields
        key = digest(project.project, question.name, fields, digest(*item_ids))
        if self._kept[0] != key:
            self._kept = (key, self._made(store, question, fields, item_ids))
        return self._kept[1]

    def _made(
        self, store: Store, question: QuestionSettings, fields: Sequence[str], ids: Sequence[str]
    ) -> tuple[Features, ...]:
        texts = _texts(store, fields, ids, apart=bool(_compared(question)))
        made = [_sided(text_features(texts[0] + texts[1]), texts)] if len(texts) == 2 else []
        if len(texts) == 1:
            made = [text_features(texts[0])]
        if self._encoder is not None:
            vectors = self._embedded(store, self._encoder, fields, ids, texts)
            made.append(_sided(vectors, texts) if len(texts) == 2 else reduced(vectors))
        return tuple(made)

    def _embedded(
        self,
        store: Store,
        encoder: Encoder,
        fields: Sequence[str],
        ids: Sequence[str],
        texts: Sequence[Sequence[str]],
    ) -> NDArray[np.float32]:
        """(n, d), or (2n, d) for two texts: all first ones, then all second ones."""
        parts = []
        for side, read in enumerate(texts):
            space = f"{encoder.name}/{digest(fields, side, len(texts))}"
            known = store.embeddings.of(space, ids)
            for start in range(0, len(ids), PAGE):
                at = [i for i in range(start, min(start + PAGE, len(ids))) if ids[i] not in known]
                if at:
                    new = dict(
                        zip(
                            [ids[i] for i in at], encoder.encode([read[i] for i in at]), strict=True
                        )
                    )
                    store.embeddings.add(space, new)
                    known |= new
            parts.append(np.array([known[item_id] for item_id in ids], dtype=np.float32))
        return np.concatenate(parts)


def _compared(question: QuestionSettings) -> tuple[str, ...]:
    """The two fields whose texts are compared; nothing where it is not two."""
    responses = QUESTION_TYPES[question.type].control(question).responses
    return responses if len(responses) == 2 else ()


def _texts(
    store: Store, fields: Sequence[str], ids: Sequence[str], *, apart: bool
) -> list[list[str]]:
    """One list of texts, all fields together, or one list for each field."""
    found: list[list[str]] = [[] for _ in fields] if apart else [[]]
    for start in range(0, len(ids), PAGE):
        page = ids[start : start + PAGE]
        items: Mapping[str, Item] = store.items.several(page)
        for item_id in page:
            read = [items[item_id].fields[name] for name in fields]
            for texts, text in zip(found, read if apart else ["\n".join(read)], strict=True):
                texts.append(text)
    return found


def _sided(flat: NDArray[np.floating], texts: Sequence[Sequence[str]]) -> Features:
    """(2n, d), first texts before second ones -> (n, d + 1), changing sign when swapped."""
    n = len(texts[0])
    lengths = np.array([[len(a), len(b)] for a, b in zip(*texts, strict=True)]).reshape(-1, 2)
    one, other = scaled(flat[:n]), scaled(flat[n:])
    return pair_features(one, other, lengths)

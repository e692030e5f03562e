"""spaCy's JSON of a `Doc`: a line is read with `Doc(nlp.vocab).from_json(json.loads(line))`.

Three dialects, one for each of its components: an entity recogniser, which cannot hold spans that
overlap, a span categoriser, which can, and a text categoriser.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from operator import itemgetter, lt
from typing import Any

from annotate.agreement.spans import Span
from annotate.exporters.dialect import DIALECTS, Dialect
from annotate.exporters.marked import Marked, Word, apart, marked
from annotate.exporters.messages import unlike, unreadable, unwritable
from annotate.exporters.protocol import Dropped, ExportRow, Record
from annotate.exporters.refusals import NO_LABELS, NO_WORDS, OVERLAP
from annotate.project import Project
from annotate.questions import QUESTION_TYPES
from annotate.questions.multi_label import MultiLabelSettings
from annotate.questions.single_label import SingleLabelSettings
from annotate.training.protocol import Made

NO_TOKENS = "the words do not make up the text"
NO_SPAN = "a span does not begin and end with a word"
NO_CATS = "a category is no text with a number from 0 to 1"

ENTITIES, SPANS, CATS = "ents", "spans", "cats"
_TOKEN = ("id", "start", "end")
_ENTITY = frozenset({"start", "end", "label"})
_SPAN = _ENTITY | {"kb_id"}
READ = (
    "Make a DocBin of them: DocBin(docs=[Doc(nlp.vocab).from_json(json.loads(line)) for line in "
    'open("FILE.jsonl", encoding="utf-8")], store_user_data=True).to_disk("train.spacy").'
)


def entities(made: Made) -> Record | Dropped:
    """Text, tokens and `ents`: no two of them share a word."""
    assert isinstance(made, ExportRow)
    found = apart(made)
    if isinstance(found, Dropped):
        return found
    ents = [{"start": start, "end": end, "label": label} for start, end, label in found.spans]
    return _document(found, ENTITIES, ents)


def groups(made: Made) -> Record | Dropped:
    """Text, tokens and the span group `sc`, which is where a span categoriser looks."""
    assert isinstance(made, ExportRow)
    found = marked(made)
    if isinstance(found, Dropped):
        return found
    return _document(found, SPANS, {"sc": [_grouped(span) for span in found.spans]})


def _grouped(span: Span) -> dict[str, object]:
    start, end, label = span
    return {"start": start, "end": end, "label": label, "kb_id": ""}


def categories(made: Made) -> Record | Dropped:
    """Text, tokens and `cats`: 1 for the labels that were given, 0 for all others."""
    assert isinstance(made, ExportRow)
    question = made.question
    if not isinstance(question, SingleLabelSettings | MultiLabelSettings):
        return Dropped(NO_LABELS)
    value = made.final.value
    given = value if isinstance(value, list) else [value]
    fields = made.project.fields
    text = "\n\n".join(made.item.fields[name] for name in fields)
    names = [str(name) for name in QUESTION_TYPES[question.type].said(question)]
    return _document(Marked(text, ()), CATS, {name: float(name in given) for name in names})


def _document(found: Marked, column: str, said: object) -> Record | Dropped:
    words = found.words()
    if not words:
        return Dropped(NO_WORDS)
    return {"text": found.text, "tokens": _tokens(found.text, words), column: said}


def _tokens(text: str, words: Sequence[Word]) -> list[dict[str, int]]:
    """spaCy keeps one space behind a word with it, and all other blanks as tokens."""
    made: list[dict[str, int]] = []
    number = at = 0
    for start, end in words:
        if at < start:
            made.append({"id": number, "start": at, "end": start})
            number += 1
        made.append({"id": number, "start": start, "end": end})
        number += 1
        at = end + 1 if text[end : end + 1] == " " else end
    if at < len(text):
        made.append({"id": number, "start": at, "end": len(text)})
    return made


def _check(column: str) -> Callable[[Mapping[str, object]], str | None]:
    columns = frozenset({"text", "tokens", column})

    def check(found: Mapping[str, object]) -> str | None:
        why = unlike(found, columns) or unreadable(found["text"]) or unwritable(found)
        if why is not None:
            return why
        words = _words(found["tokens"], str(found["text"]))
        if words is None:
            return NO_TOKENS
        return _CHECKS[column](found[column], words)

    return check


def _words(given: object, text: str) -> list[Word] | None:
    """The tokens, where nothing but one space behind each is outside of all, and none is empty."""
    if not isinstance(given, list) or not given:
        return None
    if set(map(type, given)) != {dict} or set(map(len, given)) != {len(_TOKEN)}:
        return None
    try:
        ids, starts, ends = zip(*map(itemgetter(*_TOKEN), given), strict=True)
    except KeyError:
        return None
    if set(map(type, ids + starts + ends)) != {int} or ids != tuple(range(len(ids))):
        return None
    if starts[0] or not all(map(lt, starts, ends)) or text[ends[-1] :] not in ("", " "):
        return None
    between = [at for at in zip(ends, starts[1:], strict=False) if at[0] != at[1]]
    if not all([text[end:start] == " " for end, start in between]):
        return None
    return list(zip(starts, ends, strict=True)) if ends[-1] <= len(text) else None


def _read(given: object, keys: frozenset[str]) -> list[Word] | None:
    """The offsets of a list of spans with these keys; None where it is none."""
    if not isinstance(given, list):
        return None
    words = []
    for one in given:
        if not isinstance(one, dict) or one.keys() != keys or unreadable(one["label"]):
            return None
        if one.get("kb_id", "") != "":
            return None
        words.append((one["start"], one["end"]))
    return words if all(type(at) is int for word in words for at in word) else None


def _check_ents(given: object, words: list[Word]) -> str | None:
    spans = _read(given, _ENTITY)
    if spans is None or not _on_words(spans, words):
        return NO_SPAN
    return OVERLAP if any(b[0] < a[1] for a, b in pairwise(sorted(spans))) else None


def _check_spans(given: object, words: list[Word]) -> str | None:
    held = given.get("sc") if isinstance(given, dict) else None
    spans = _read(held, _SPAN)
    if spans is None or not _on_words(spans, words):
        return NO_SPAN
    return None


def _on_words(spans: list[Word], words: list[Word]) -> bool:
    starts, ends = {start for start, _ in words}, {end for _, end in words}
    return all(start in starts and end in ends and start < end for start, end in spans)


def _check_cats(given: Any, words: list[Word]) -> str | None:
    if not isinstance(given, dict) or not given:
        return NO_CATS
    fine = all(
        unreadable(name) is None and isinstance(share, float) and 0 <= share <= 1
        for name, share in given.items()
    )
    return None if fine else NO_CATS


_CHECKS = {ENTITIES: _check_ents, SPANS: _check_spans, CATS: _check_cats}


def _columns(column: str) -> Callable[[Project], tuple[str, ...]]:
    return lambda project: ("text", "tokens", column)


def _add(
    name: str, description: str, make: Callable[[Made], Record | Dropped], column: str, reader: str
) -> None:
    DIALECTS.add(
        name,
        Dialect(
            description,
            material="rows",
            columns=_columns(column),
            record=make,
            check=_check(column),
            forms=("jsonl",),
            read_by=(reader,),
            note=READ,
        ),
    )


_add("spacy", "texts with entities, as spaCy's Doc JSON", entities, ENTITIES, "spaCy ner")
_add("spacy_spans", "texts with spans that may overlap, as spaCy's Doc JSON", groups, SPANS,
     "spaCy spancat")  # fmt: skip
_add("spacy_textcat", "texts with their labels, as spaCy's Doc JSON", categories, CATS,
     "spaCy textcat and textcat_multilabel")  # fmt: skip

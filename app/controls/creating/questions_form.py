"""Questions of a new project as a form: kind, words, labels, and what each kind needs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from annotate.importers.guessing import Guess, gold_fits, labels_of
from annotate.importers.survey import Survey
from annotate.project.drafting import WITH_LABELS, question_draft, question_name
from annotate.questions.text import MODEL
from app import look

KINDS = {
    "single_label": "One label",
    "multi_label": "Any number of labels",
    "rating": "A rating on a scale",
    "preference": "Which response is better",
    "ranking": "Responses in order",
    "spans": "Places marked in the text",
    "text": "A text, written or corrected",
}
TEXTS = {
    "single_label": "What is this about?",
    "multi_label": "Which of these does it touch?",
    "rating": "How good is it?",
    "preference": "Which response is better?",
    "ranking": "Put the responses in order, the best first.",
    "spans": "Mark every place.",
    "text": "Correct the text.",
}
NONE = "none"
MOST_DESCRIBED = 30
COUNT = "setup-questions"


class Words(NamedTuple):
    """What a question can refer to: the project's fields, and the file."""

    fields: Sequence[str]
    found: Survey
    guessed: Guess
    field_of: dict[str, str]


class Asked(NamedTuple):
    """A question as a project file has it, and the column with its known answers."""

    said: dict[str, Any]
    gold: str | None


def questions(words: Words, key: str) -> list[Asked]:
    """Every question that is put together here. key: of the file, from whose guesses they start."""
    count = int(st.session_state.setdefault(f"{COUNT}-{key}", 1))
    asked = []
    for at in range(count):
        with st.container(border=True):
            asked.append(_question(words, f"{key}-{at}", at))
    with st.container(horizontal=True):
        st.button("Add a question", on_click=_change, args=(key, 1), icon=":material/add:")
        if count > 1:
            st.button("Remove the last one", on_click=_change, args=(key, -1), type="tertiary")
    return asked


def _change(key: str, by: int) -> None:
    st.session_state[f"{COUNT}-{key}"] += by


def _question(words: Words, key: str, at: int) -> Asked:
    first = "preference" if words.guessed.prompt else "single_label"
    kinds = list(KINDS)
    left, right = st.columns([3, 2])
    kind = right.selectbox(
        "Answer",
        kinds,
        index=kinds.index(first),
        format_func=lambda name: KINDS[name],
        key=f"kind-{key}",
    )
    text = left.text_input("Question", TEXTS[kind], key=f"text-{key}-{kind}")
    left, right = st.columns([3, 2])
    gold = _gold(words, left, key, kind, guessed=at == 0)
    name = right.text_input(
        "Short id",
        question_name(gold or text),
        key=f"name-{key}-{gold or text}",
        help="A column of that name holds the answers in exports.",
    )
    labels = _labels(words, key, kind, gold) if kind in WITH_LABELS else []
    said = question_draft(kind, name=name, text=text, fields=words.fields, labels=labels)
    said |= _SETTINGS[kind](words, key)
    return Asked({k: value for k, value in said.items() if value is not None}, gold)


def _gold(words: Words, where: DeltaGenerator, key: str, kind: str, *, guessed: bool) -> str | None:
    names = [NONE, *words.found.names]
    fits = guessed and gold_fits(words.found, words.guessed.gold, kind)
    chosen = where.selectbox(
        "Column with known right answers",
        names,
        index=names.index(str(words.guessed.gold)) if fits else 0,
        key=f"gold-{key}-{kind}",
        help="They are held back: nobody is shown them, and model and people are measured by them.",
    )
    return None if chosen == NONE else str(chosen)


def _labels(words: Words, key: str, kind: str, gold: str | None) -> list[dict[str, str]]:
    known = labels_of(words.found.column(gold)) if gold else words.guessed.labels
    given = st.text_area(
        "Labels, one a line",
        "\n".join(known),
        key=f"labels-{key}-{gold}-{kind}",
        placeholder="delivery\nprice\nother",
        height=max(96, 27 * len(known) + 40),
        width=360,
    )
    lines = (line.strip() for line in str(given).splitlines())
    names = list(dict.fromkeys(line for line in lines if line))
    if not names or len(names) > MOST_DESCRIBED:
        return [{"name": name} for name in names]
    with st.expander("What each label covers: people and the model read it", expanded=True):
        return [{"name": name, "description": _covers(name, key)} for name in names]


def _covers(name: str, key: str) -> str:
    left, right = st.columns([1, 4], vertical_alignment="center")
    left.markdown(look.plain(name))
    given = right.text_input(
        look.plain(name), key=f"covers-{key}-{name}", label_visibility="collapsed"
    )
    return str(given).strip()


def _single_label(words: Words, key: str) -> dict[str, Any]:
    return {}


def _multi_label(words: Words, key: str) -> dict[str, Any]:
    left, right, _ = st.columns([1, 1, 2])
    least = left.number_input("Fewest labels", 0, 100, 0, key=f"min-{key}")
    most = right.number_input("Most labels, 0 for all", 0, 100, 0, key=f"max-{key}")
    return {"min": int(least), "max": int(most) or None}


def _rating(words: Words, key: str) -> dict[str, Any]:
    columns = st.columns(4)
    low = columns[0].number_input("Lowest", -10, 10, 1, key=f"low-{key}")
    high = columns[1].number_input("Highest", -10, 10, 5, key=f"high-{key}")
    ends = [
        str(columns[2].text_input("The lowest means", key=f"end0-{key}")),
        str(columns[3].text_input("The highest means", key=f"end1-{key}")),
    ]
    given = st.text_area(
        "Aspects that are rated one by one, one a line; empty for one rating",
        key=f"aspects-{key}",
        height=96,
    )
    aspects = [line.strip() for line in str(given).splitlines() if line.strip()]
    scale: dict[str, Any] = {"min": int(low), "max": int(high)}
    return {
        "scale": scale | ({"ends": ends} if any(ends) else {}),
        "aspects": [{"name": question_name(one), "text": one} for one in aspects] or None,
    }


def _replies(words: Words, key: str) -> tuple[str, list[str]]:
    prompt = words.field_of.get(words.guessed.prompt or "", words.fields[0])
    left, right = st.columns([1, 2])
    chosen = left.selectbox(
        "Field with the prompt",
        words.fields,
        index=list(words.fields).index(prompt),
        key=f"prompt-{key}",
    )
    others = [field for field in words.fields if field != chosen]
    responses = right.multiselect(
        "Fields with the responses", others, default=others, key=f"responses-{key}-{chosen}"
    )
    return str(chosen), list(responses)


def _preference(words: Words, key: str) -> dict[str, Any]:
    prompt, responses = _replies(words, key)
    left, right = st.columns([1, 2])
    tie = left.checkbox("They may be equally good", True, key=f"tie-{key}")
    strength = right.number_input(
        "Levels of how much better, 2 to 9; 0 asks for none", 0, 9, 0, key=f"strength-{key}"
    )
    levels = int(strength) or None
    return {"prompt": prompt, "responses": responses, "tie": tie, "strength": levels}


def _ranking(words: Words, key: str) -> dict[str, Any]:
    prompt, responses = _replies(words, key)
    return {"prompt": prompt, "responses": responses}


def _spans(words: Words, key: str) -> dict[str, Any]:
    left, right = st.columns(2)
    field = left.selectbox("Field that is marked", words.fields, key=f"field-{key}")
    overlap = right.checkbox("Places may overlap", False, key=f"overlap-{key}")
    return {"field": field, "overlap": overlap}


def _text(words: Words, key: str) -> dict[str, Any]:
    nothing = "nothing: people write"
    model = "the model's answer"
    chosen = st.selectbox(
        "People start from", [nothing, *words.fields, model], key=f"draft-{key}", width=360
    )
    return {"draft": {nothing: None, model: MODEL}.get(chosen, chosen)}


_SETTINGS: dict[str, Callable[[Words, str], dict[str, Any]]] = {
    "single_label": _single_label,
    "multi_label": _multi_label,
    "rating": _rating,
    "preference": _preference,
    "ranking": _ranking,
    "spans": _spans,
    "text": _text,
}

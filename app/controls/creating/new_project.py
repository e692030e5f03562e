"""A new project, step by step: a file, what is asked, who answers first, a look at it all."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from annotate.importers.guessing import Guess, guess, names_for, shown_as, unfit_id
from annotate.importers.survey import Survey
from annotate.model import Person
from annotate.project.drafting import short_name
from annotate.project.settings import Show
from annotate.store import Store
from annotate.workflow.projects.creating import Choices
from annotate.workflow.projects.moving_in import columns_asked_about
from app import look
from app.controls.creating import datafile, halfway, model_form, moving, questions_form
from app.controls.creating.datafile import Chosen
from app.controls.creating.looking import FILE_NUMBER, look_and_make
from app.services import Services

SHOWS: tuple[Show, ...] = ("text", "markdown", "chat", "code", "pairs")
MOST_SHOWN = 8


def form(services: Services, store: Store, actor: Person) -> str | None:
    """The name of the project that was just made; None until then. What is filled in is kept."""
    st.subheader("1 · The data", anchor=False)
    draft = halfway.resumed(services, actor)
    kept = None if draft is None else halfway.told(services, actor, draft)
    number = st.session_state.setdefault(FILE_NUMBER, 0)
    chosen = datafile.choose(services, f"setup-file-{number}", kept=kept)
    if chosen is None:
        return None
    if draft is None:
        halfway.keep(services, actor, chosen)
        st.rerun()  # the file is ours now, and is told as such
    made = None
    try:
        made = _filled_in(services, store, actor, chosen)
    finally:
        if made is None:
            halfway.keep(services, actor, chosen)
    if made is not None:
        halfway.forget(services, actor, file=False)
    return made


def _filled_in(services: Services, store: Store, actor: Person, chosen: Chosen) -> str | None:
    """As `form`, once there is a file."""
    guessed = guess(chosen.found)
    columns = _columns(chosen, guessed)
    if not columns:
        return None
    shows, id_ = _shows(chosen, columns), _id(chosen, guessed)
    datafile.first_rows(
        chosen.found, list(dict.fromkeys([*columns.values(), *filter(None, [id_])]))
    )
    st.subheader("2 · The project", anchor=False)
    choices = _project(chosen, guessed, columns)
    st.subheader("3 · What is asked", anchor=False)
    field_of = {column: field for field, column in columns.items()}
    words = questions_form.Words(list(columns), chosen.found, guessed, field_of)
    asked = moving.asked_there(chosen, guessed, columns)
    if asked is None:
        asked = questions_form.questions(words, chosen.upload)
    st.subheader("4 · Who answers", anchor=False)
    llm = model_form.model(services, store, actor)
    budget, per_item = _people()
    choices = replace(
        choices,
        questions=[one.said for one in asked],
        gold={str(one.said["name"]): one.gold for one in asked if one.gold is not None},
        shows=shows,
        id=id_,
        llm=llm,
        budget=budget,
        per_item=per_item,
        format=chosen.found.tool or None,
    )
    st.subheader("5 · A look, then it is made", anchor=False)
    return look_and_make(services, store, actor, chosen, choices)


def _columns(chosen: Chosen, guessed: Guess) -> dict[str, str]:
    """field -> column, in order."""
    names = st.multiselect(
        "Columns that people and the model read, in this order",
        chosen.found.names,
        default=list(dict.fromkeys([*guessed.fields, *columns_asked_about(chosen.found)])),
        key=f"fields-{chosen.upload}",
        help="The other columns stay with the item and come back in exports.",
    )
    if not names:
        st.info("Choose at least one column.")
    return names_for(names)


def _shows(chosen: Chosen, columns: dict[str, str]) -> dict[str, str]:
    shown = list(columns.items())[:MOST_SHOWN]
    cells = st.columns(max(4, len(shown)))
    return {
        field: str(
            cell.selectbox(
                look.plain(f"{field} is shown as"),
                SHOWS,
                index=SHOWS.index(shown_as(chosen.found.column(column))),
                key=f"show-{chosen.upload}-{field}",
            )
        )
        for cell, (field, column) in zip(cells, shown, strict=False)
    }


def _id(chosen: Chosen, guessed: Guess) -> str | None:
    nothing = "none: a row is known by its content"
    names = [nothing, *chosen.found.names]
    given = st.selectbox(
        "Column with your own id of each row",
        names,
        index=names.index(guessed.id) if guessed.id is not None else 0,
        key=f"id-{chosen.upload}",
        width=440,
    )
    if given == nothing:
        unfit = unfit_id(chosen.found)
        if unfit is not None and guessed.id is None:
            why = _not_unique(chosen.found, unfit)
            look.show(look.text("hint", f"{unfit} is not taken for it: {why}."))
        return None
    if why := _not_unique(chosen.found, str(given)):
        st.warning(
            look.message(
                f"{given}: {why}. These rows are left out; without an id column they come in."
            )
        )
    return str(given)


def _not_unique(found: Survey, name: str) -> str:
    """What keeps a column from being an id; empty when nothing does."""
    column = found.column(name)
    repeats, missing = column.filled - column.distinct, found.rows - column.filled
    told = [f"{repeats:,} rows repeat an id"] if repeats else []
    told += [f"{missing:,} have none"] if missing else []
    return " and ".join(told)


def _project(chosen: Chosen, guessed: Guess, columns: dict[str, str]) -> Choices:
    left, middle, right = st.columns([4, 3, 2])
    first = chosen.file.name.split(".")[0].replace("_", " ")
    title = str(left.text_input("Title", first, key=f"title-{chosen.upload}")).strip()
    name = middle.text_input(
        "Short id",
        short_name(title),
        key=f"name-{chosen.upload}-{title}",
        help="Of the project's file and its exports. It cannot be changed later.",
    )
    languages = {"en": "English", "zh": "中文"}
    language = right.segmented_control(
        "Prompts in",
        list(languages),
        default=guessed.language,
        required=True,
        format_func=lambda code: languages[code],
        key=f"language-{chosen.upload}",
    )
    guideline = st.text_area(
        "Guideline: how to decide. People and the model read the same text (Markdown)",
        key=f"guideline-{chosen.upload}",
        height=140,
    )
    return Choices(
        name=str(name).strip(),
        title=title,
        columns=columns,
        questions=(),
        language=str(language),
        guideline=str(guideline),
    )


def _people() -> tuple[float, int]:
    """The share of the items for people, and how many people answer each."""
    left, right, _ = st.columns([2, 2, 1])
    share = left.slider(
        "Share of the items that people get, %",
        0,
        100,
        30,
        5,
        key="setup-budget",
        help="Those that the model is least sure of, once it has answered all.",
    )
    people = right.number_input("People who answer each of them", 1, 100, 1, key="setup-people")
    return share / 100, int(people)

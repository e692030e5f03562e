"""What a lead sees of one person, and does about them."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

import streamlit as st

from annotate.model import Item, Value
from annotate.questions import brief
from annotate.workflow.team.attention import give_skills
from annotate.workflow.team.figures import percent, seconds
from annotate.workflow.team.leading import pause_person, reassign, resume_person, take_back
from annotate.workflow.team.person_detail import Detail
from annotate.workflow.team.teaming import Team
from app import charts, look, team_table
from app.charts import Axis
from app.controls import tabular
from app.services import Services
from app.state import Here

SNIPPET_CHARS = 140
QUEUE = "whoever asks next"
DAYS_SHOWN = 7


def warnings(found: Sequence[tuple[str, str]]) -> None:
    """Who to look at, a line each."""
    lines = "".join(f"<p><b>{escape(name)}</b> {escape(each)}</p>" for name, each in found)
    if lines:
        look.show(f'<div class="warned">{lines}</div>')


def table(team: Team, *, name: str) -> None:
    """Everybody's figures; skills and the time of the last answer are in the file alone."""
    shown = len(team_table.HEADS) - 2
    rows = team_table.rows(team)
    with st.container(key="team-table"):
        look.show(look.table(team_table.HEADS[:shown], [row[:shown] for row in rows]))
    tabular.taken(team_table.HEADS, rows, name=name)


# ---- what can be done


def actions(services: Services, here: Here, found: Detail, names: Sequence[str]) -> None:
    """Pause or resume, take items, set skills; each asks why."""
    key = found.member.person.id
    pause, take, skills = st.columns(3, gap="medium")
    with pause, look.told():
        _pause(services, here, found, key)
    with take, look.told():
        _reassign(services, here, found, names, key)
    with skills, look.told():
        _skills(services, here, found, key)


def _pause(services: Services, here: Here, found: Detail, key: str) -> None:
    store, project, actor = here
    name, now = found.member.person.name, services.now()
    paused = found.member.state == "paused"
    with st.form(f"pause-{key}", clear_on_submit=True):
        label = "Why they go on" if paused else f"Why {look.plain(name)} is paused; they see it"
        reason = st.text_input(label, max_chars=500)
        pressed = st.form_submit_button("Let them go on" if paused else "Pause")
    if pressed and paused:
        resume_person(store, project, name, actor=actor, now=now, reason=reason)
        st.rerun()
    elif pressed:
        pause_person(store, project, name, reason=reason, actor=actor, now=now)
        st.rerun()


def _reassign(
    services: Services, here: Here, found: Detail, names: Sequence[str], key: str
) -> None:
    store, project, actor = here
    name, now, held = found.member.person.name, services.now(), found.member.in_hand
    with st.form(f"reassign-{key}", clear_on_submit=True):
        others = [QUEUE, *(one for one in names if one != name)]
        to = st.selectbox(f"{team_table.counted(held)} in hand go to", others)
        reason = st.text_input("Why", max_chars=500, key=f"why-{key}")
        taken = st.form_submit_button("Reassign", disabled=not held)
    if taken:
        whom = None if to == QUEUE else to
        reassign(store, project, name, actor=actor, now=now, reason=reason, to=whom)
        st.rerun()
    last = found.events[0] if found.events else None
    undoable = last is not None and last.kind == "reassigned" and "undoes" not in last.details
    if undoable and st.button("Undo reassigning", key=f"undo-{key}", type="tertiary"):
        take_back(store, project, name, actor=actor, now=now)
        st.rerun()


def _skills(services: Services, here: Here, found: Detail, key: str) -> None:
    name, has = found.member.person.name, list(found.member.skills)
    known = sorted({*has, *(one for each in here.store.skills.all().values() for one in each)})
    with st.form(f"skills-{key}"):
        skills = st.multiselect("Skills, such as languages", known, has, accept_new_options=True)
        reason = st.text_input("Why", max_chars=500, key=f"why-skills-{key}")
        saved = st.form_submit_button("Save skills")
    if saved:
        give_skills(
            here.store, name, skills, actor=here.actor, now=services.now(), reason=reason or None
        )
        st.rerun()


# ---- what there is to see


def pace(found: Detail) -> None:
    """Median seconds by day: bars, and the numbers of the newest days."""
    _head("Pace by day")
    timed = [day for day in reversed(found.days) if day.seconds is not None]
    if len(timed) > 1:
        charts.bars(
            [{"day": day.date[5:], "seconds": day.seconds} for day in timed],
            Axis("day", "name"),
            Axis("seconds"),
            alt=f"Median seconds per answer of {found.member.person.name} on {len(timed)} days",
            height=190,
        )
    rows = [
        (day.date, f"{day.answers:,}", "" if day.seconds is None else seconds(day.seconds))
        for day in found.days
    ]
    if rows:
        heads = ("day", "answers", "per answer")
        look.show(look.table(heads, rows[:DAYS_SHOWN]))
        tabular.taken(heads, rows, name="pace")
    else:
        _hint("No answers in the last 30 days.")


def labels(found: Detail) -> None:
    """This person's labels beside those of the others."""
    if not found.labels:
        return
    _head("Labels")
    name = found.member.person.name
    if not any(own or rest for own, rest in found.labels.values()):
        _hint("Nobody has answered yet: there are no labels to compare.")
        return
    drawn = [
        {"label": label, "share": share, "who": who}
        for label, pair in found.labels.items()
        for who, share in zip((name, "the others"), pair, strict=True)
    ]
    charts.bars(
        drawn,
        Axis("share", "share"),
        Axis("label", "name"),
        by="who",
        stacked=False,
        alt=f"Share of each label in the answers of {name} and of the others",
        height=60 + 40 * len(found.labels),
    )
    rows = [(label, percent(own), percent(rest)) for label, (own, rest) in found.labels.items()]
    tabular.shown(("label", name, "the others"), rows, name="labels")


def confusion(found: Detail) -> None:
    """What this person says in rows, what is stood by in columns."""
    table = found.confusion
    if table is None:
        return
    rest = "consensus" if found.by == "consensus" else "most of the others"
    _head(f"Against the {rest}" if found.by == "consensus" else f"Against {rest}")
    if not table.compared:
        _hint("Nobody else has answered the same items yet.")
        return
    counts = table.counts[:, :-1]
    most = max(int(counts.max()), 1)
    heads = "".join(f"<th><span>{escape(str(one))}</span></th>" for one in table.classes)
    body = []
    for row, value in enumerate(table.classes):
        cells = "".join(
            f'<td class="{"same" if row == column else "other"}" '
            f'style="--depth:{100 * int(count) / most:.0f}%">{int(count) or "·"}</td>'
            for column, count in enumerate(counts[row])
        )
        body.append(f"<tr><th>{escape(str(value))}</th>{cells}</tr>")
    look.show(
        f'<div class="scroll"><table class="confusion"><thead><tr><th>says ↓ {rest} →</th>{heads}'
        f"</tr></thead><tbody>{''.join(body)}</tbody></table></div>"
    )
    tabular.taken(
        ("says", *map(str, table.classes)),
        [(str(v), *map(int, counts[at])) for at, v in enumerate(table.classes)],
        name="confusion",
    )


def differing(found: Detail) -> str | None:
    """Their newest answers that are not what is stood by; the item whose history is asked for."""
    if not found.differing:
        return None
    rest = "consensus" if found.by == "consensus" else "others"
    _head(f"Newest answers that differ from the {rest}")
    asked = None
    for one in found.differing:
        if _row(one.item, one.own, f"{rest}: {brief(one.other)}", key="differs"):
            asked = one.item.id
    return asked


def corrected(found: Detail) -> str | None:
    """What was decided otherwise than they answered; the item whose history is asked for."""
    if not found.corrected:
        return None
    _head("Newest corrections")
    asked = None
    for one in found.corrected:
        truth = "no answer is right" if one.right is None else f"decided: {brief(one.truth)}"
        said = f"{truth} · {one.comment}" if one.comment else truth
        if _row(one.item, one.own, said, key=f"corrected-{one.question}"):
            asked = one.item.id
    return asked


def events(found: Detail) -> None:
    """Every decision about this person: when, who, what, why."""
    _head("Decided about them")
    if found.events:
        tabular.shown(team_table.EVENT_HEADS, team_table.events(found.events), name="decided")
    else:
        _hint("Nothing yet.")


def _row(item: Item, own: Value, other: str, *, key: str) -> bool:
    body = " ".join(" · ".join(item.fields.values()).split())[:SNIPPET_CHARS]
    with st.container(key=f"row-{key}-{item.id}", horizontal=True, vertical_alignment="center"):
        look.show(
            f'<div class="differ"><b>{escape(brief(own))}</b> '
            f"<i>{escape(other)}</i><p>{escape(body)}</p></div>"
        )
        return bool(st.button("History", key=f"open-{key}-{item.id}", type="tertiary"))


def _head(words: str) -> None:
    st.subheader(words, anchor=False)


def _hint(words: str) -> None:
    look.show(look.text("hint", words))

"""Items that come into a project: a small file at once, a large one as a job."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import streamlit as st

from annotate.model import Person, Value
from annotate.project import Project
from annotate.store import Store
from annotate.workflow.projects.jobs import enqueue
from app import look
from app.controls.creating import datafile
from app.controls.creating.datafile import Chosen
from app.datafiles import REJECTS, DataFile, import_file, remapped, told, told_more
from app.services import Services
from app.state import Here

AT_ONCE_BYTES = 3_000_000
"""About two seconds."""

NEWS = "setup-news"
NUMBER = "bring-file-number"


def bring(
    services: Services,
    store: Store,
    project: Project,
    file: DataFile,
    *,
    actor: Person,
    columns: Mapping[str, str] | None = None,
    id_: str | None = None,
) -> None:
    """Import a file, or queue that. What came of it is told by `news` on the next run.

    columns, id_: where the file calls them otherwise than the project (`remapped`).
    """
    if file.size > AT_ONCE_BYTES:
        settings: dict[str, Value] = {
            "upload": file.path.name,
            "name": file.name,
            "encoding": file.encoding,
            "delimiter": file.delimiter,
            "columns": dict(columns or {}),
            "id": id_,
            "read_as": file.format,
        }
        enqueue(
            store, project, "import", settings, actor=actor, now=services.now(),
            new_id=services.new_id,
        )  # fmt: skip
        told_ = f"{file.name} is being imported: see below."
        st.session_state[NEWS] = (project.project, told_, [], None)
        return
    rejects = services.config.folder / REJECTS / f"{services.new_id()}.jsonl"
    with st.spinner("Importing…"):
        mapped = remapped(project, columns or {}, id_)
        report = import_file(store, mapped, file, rejects, actor=actor, now=services.now())
    file.path.unlink(missing_ok=True)
    kept = str(rejects) if report.left_out else None
    line = "\n".join([f"{told(report)}.", *told_more(report)])
    st.session_state[NEWS] = (project.project, line, report.first_rejects, kept)


def news(project: Project) -> None:
    """What came of the last import into this project in this session."""
    found = st.session_state.get(NEWS)
    if found is None or found[0] != project.project:
        return
    _, line, rejects, kept = found
    st.success(look.message(line))
    if rejects:
        with st.expander("What was left out: the first ones"):
            datafile.left_out(rejects)
            if kept is not None:
                st.download_button(
                    "All of them, with line and reason",
                    lambda: Path(kept).read_bytes(),
                    f"{project.project}.left-out.jsonl",
                    on_click="ignore",
                )


def more(services: Services, here: Here) -> None:
    """Bring more items into a project that is there."""
    st.subheader("Add items", anchor=False)
    count = here.store.items.count(here.project.project)
    mapping = here.project.import_
    columns = ", ".join(mapping.columns.get(name, name) for name in here.project.fields)
    by = f"{mapping.id} is the id of a row" if mapping.id else "a row is known by its content"
    look.show(
        look.text(
            "hint",
            f"{count:,} items so far. Read from the columns {columns}; {by}: what is there "
            "already stays as it is.",
        )
    )
    number = st.session_state.setdefault(NUMBER, 0)
    key = f"bring-file-{here.project.project}-{number}"
    chosen = datafile.choose(services, key, into=here.project)
    if chosen is None:
        return
    datafile.first_rows(chosen.found, chosen.found.names[:8])
    named, id_ = _other_names(here.project, chosen)
    if st.button("Import this file", type="primary"):
        bring(
            services, here.store, here.project, chosen.file, actor=here.actor, columns=named,
            id_=id_,
        )  # fmt: skip
        st.session_state[NUMBER] += 1
        st.rerun()


def _other_names(project: Project, chosen: Chosen) -> tuple[dict[str, str], str | None]:
    """The columns of a file that lacks some of the project's: field -> column; and of the id."""
    names, mapping = chosen.found.names, project.import_
    lacking = [f for f in project.fields if mapping.columns.get(f, f) not in names]
    no_id = mapping.id is not None and mapping.id not in names
    if not lacking and not no_id:
        return {}, None
    st.warning("This file calls its columns otherwise: say which is which.")
    cells = st.columns(max(3, len(lacking) + no_id))
    columns = {
        field: str(
            cell.selectbox(look.plain(f"{field} is in"), names, key=f"in-{chosen.upload}-{field}")
        )
        for cell, field in zip(cells, lacking, strict=False)
    }
    if not no_id:
        return columns, None
    where = cells[len(lacking)]
    return columns, str(where.selectbox("The id is in", names, key=f"id-in-{chosen.upload}"))

"""Items that come into a project: a small file at once, a large one as a job."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from annotate.model import Person, Value
from annotate.project import Project
from annotate.store import Store
from annotate.workflow.jobs import enqueue
from app import look
from app.controls import datafile
from app.datafiles import REJECTS, DataFile, import_file, told
from app.services import Services
from app.state import Here

AT_ONCE_BYTES = 3_000_000
"""About two seconds."""

NEWS = "setup-news"
NUMBER = "bring-file-number"


def bring(
    services: Services, store: Store, project: Project, file: DataFile, *, actor: Person
) -> None:
    """Import a file, or queue that. What came of it is told by `news` on the next run."""
    if file.size > AT_ONCE_BYTES:
        settings: dict[str, Value] = {
            "upload": file.path.name,
            "name": file.name,
            "encoding": file.encoding,
            "delimiter": file.delimiter,
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
        report = import_file(store, project, file, rejects, actor=actor, now=services.now())
    file.path.unlink(missing_ok=True)
    kept = str(rejects) if report.rejected else None
    st.session_state[NEWS] = (project.project, f"{told(report)}.", report.first_rejects, kept)


def news(project: Project) -> None:
    """What came of the last import into this project in this session."""
    found = st.session_state.get(NEWS)
    if found is None or found[0] != project.project:
        return
    _, line, rejects, kept = found
    st.success(look.message(line))
    if rejects:
        with st.expander("Rows that were left out: the first ones"):
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
    chosen = datafile.choose(services, f"bring-file-{here.project.project}-{number}")
    if chosen is None:
        return
    datafile.first_rows(chosen.found, chosen.found.names[:8])
    if st.button("Import this file", type="primary"):
        bring(services, here.store, here.project, chosen.file, actor=here.actor)
        st.session_state[NUMBER] += 1
        st.rerun()

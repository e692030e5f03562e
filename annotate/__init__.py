"""What we know about labelling. No Streamlit, no printing, no environment variables."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from annotate.api.opened import Opened


def open(folder: str | Path = ".") -> Opened:
    """The labels of a workspace, for notebooks and scripts; nothing in it can be changed.

    folder: the one with the project files and the database. Raises WorkspaceError when there is no
    database in it.

    An example, with one project in the folder:

        import annotate

        topics = annotate.open("my-folder").project()
        topics.labels().to_pandas()
        topics.preferences().to_dataset()
        print(topics.card())
    """
    from annotate.api.opened import opened  # the rest of the program imports this package first

    return opened(folder)

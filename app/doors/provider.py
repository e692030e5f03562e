"""Coming in through an identity provider: Streamlit's `st.login` does the talking, and what it
learns is exchanged for a session of ours at once."""

from __future__ import annotations

from starlette.responses import Response

from app.doors.visit import Visit


def arrived(visit: Visit) -> Response | None:
    return None

"""The pages before the application: plain HTML, no script but the one that reads a code."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import streamlit
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, Response

HERE = Path(__file__).parent
TYPES = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}


@cache
def _templates() -> Environment:
    loader = FileSystemLoader(HERE / "templates")
    return Environment(loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True)


def render(
    template: str,
    title: str,
    /,
    *,
    problem: str = "",
    done: str = "",
    status: int = 200,
    **values: object,
) -> HTMLResponse:
    """A page that no cache keeps. problem, done: a line above the form."""
    html = (
        _templates()
        .get_template(template)
        .render(title=title, problem=problem, done=done, **values)
    )
    return HTMLResponse(html, status, headers={"Cache-Control": "no-store"})


async def static(request: Request) -> Response:
    """The style sheet, the icon and the script; nothing else is in that folder."""
    path = HERE / "static" / Path(request.url.path).name
    return FileResponse(
        path, media_type=TYPES[path.suffix], headers={"Cache-Control": "max-age=3600"}
    )


async def font(request: Request) -> Response:
    """The face that Streamlit brings, under a name that does not change."""
    media = Path(streamlit.__file__).parent / "static" / "static" / "media"
    [path] = media.glob("SourceSansVF-Upright.*.woff2")
    headers = {"Cache-Control": "max-age=86400"}
    return FileResponse(path, media_type="font/woff2", headers=headers)


STATIC = sorted(path.name for path in (HERE / "static").iterdir())

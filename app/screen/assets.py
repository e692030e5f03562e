"""The desk's own files, at an address that changes with them: browsers keep them for good."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

FOLDER = Path(__file__).with_name("static")
TYPES = {".js": "text/javascript", ".css": "text/css", ".json": "application/json"}
FOR_GOOD = {
    "Cache-Control": "public, max-age=31536000, immutable",
    "X-Content-Type-Options": "nosniff",
}


@dataclass(frozen=True, slots=True)
class Assets:
    """version: digest of all files. files: path below the folder -> content."""

    version: str
    files: Mapping[str, bytes]

    def address(self, path: str) -> str:
        return f"/screen/{self.version}/{path}"

    @property
    def styles(self) -> list[str]:
        """The paths of the style sheets."""
        return [path for path in self.files if path.endswith(".css")]

    @property
    def languages(self) -> dict[str, str]:
        """code -> own name of every language that has a catalogue."""
        catalogues = (path for path in self.files if path.startswith("strings/"))
        return {Path(p).stem: json.loads(self.files[p])["language_name"] for p in catalogues}


@cache
def assets() -> Assets:
    """All files of the desk, read once."""
    found = sorted(path for path in FOLDER.rglob("*") if path.suffix in TYPES)
    files = {path.relative_to(FOLDER).as_posix(): path.read_bytes() for path in found}
    whole = hashlib.sha256()
    for path, content in files.items():
        whole.update(f"{path}\0{len(content)}\0".encode() + content)
    return Assets(whole.hexdigest()[:16], files)


def route() -> Route:
    """Where the server hands them out."""
    return Route("/screen/{version}/{path:path}", _file)


async def _file(request: Request) -> Response:
    known, path = assets(), request.path_params["path"]
    content = known.files.get(path)
    if content is None or request.path_params["version"] != known.version:
        return PlainTextResponse("There is no such file: load the page again.\n", 404)
    return Response(content, media_type=TYPES[Path(path).suffix], headers=FOR_GOOD)

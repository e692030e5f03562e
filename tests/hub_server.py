"""A server that speaks as the Hugging Face Hub does when a data set is pushed to it."""

from __future__ import annotations

import base64
import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

TOKEN = "hf_of_the_tests"


@dataclass
class Hub:
    """What it was told. private: of its repositories; token: whom it knows.

    refuses: paths that begin so are answered with this status. asked: "METHOD path" of every
    request. files: path -> content, by repository.
    """

    url: str = ""
    private: dict[str, bool] = field(default_factory=dict)
    files: dict[str, dict[str, bytes]] = field(default_factory=dict)
    messages: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    refuses: dict[str, int] = field(default_factory=dict)
    stored: dict[str, bytes] = field(default_factory=dict)

    def create(self, said: dict[str, Any]) -> tuple[int, Any]:
        name = f"{said['organization']}/{said['name']}"
        if name in self.private:
            return 409, {"error": "You already created this dataset repo", "url": self.at(name)}
        self.private[name] = said.get("visibility") != "public" and said.get("private", True)
        return 200, {"url": self.at(name)}

    def at(self, name: str) -> str:
        return f"{self.url}/datasets/{name}"

    def info(self, name: str) -> tuple[int, Any]:
        if name not in self.private:
            return 404, {"error": "Repository not found"}
        return 200, {"id": name, "private": self.private[name], "sha": "0" * 40, "siblings": []}

    def preupload(self, said: dict[str, Any]) -> tuple[int, Any]:
        """Text comes with the commit, Parquet as large files do."""
        return 200, {
            "files": [
                {
                    "path": one["path"],
                    "uploadMode": "lfs" if one["path"].endswith(".parquet") else "regular",
                    "shouldIgnore": False,
                }
                for one in said["files"]
            ]
        }

    def batch(self, said: dict[str, Any]) -> tuple[int, Any]:
        objects = [
            one | {"actions": {"upload": {"href": f"{self.url}/store/{one['oid']}"}}}
            for one in said["objects"]
        ]
        return 200, {"transfer": "basic", "objects": objects}

    def commit(self, name: str, lines: list[dict[str, Any]]) -> tuple[int, Any]:
        files = self.files.setdefault(name, {})
        for line in lines:
            value = line["value"]
            if line["key"] == "header":
                self.messages.append(value["summary"])
            elif line["key"] == "file":
                files[value["path"]] = base64.b64decode(value["content"])
            elif line["key"] == "lfsFile":
                files[value["path"]] = self.stored[value["oid"]]
        made = f"{self.at(name)}/commit/1"
        return 200, {"success": True, "commitOid": "1" * 40, "commitUrl": made, "hookOutput": ""}

    def reply(self, method: str, path: str, body: bytes) -> tuple[int, Any]:
        if method == "PUT" and path.startswith("/store/"):
            self.stored[path.removeprefix("/store/")] = body
            return 200, {}
        if path == "/api/repos/create":
            return self.create(json.loads(body))
        if path == "/api/validate-yaml":
            return 200, {"errors": [], "warnings": []}
        if found := re.fullmatch(r"/datasets/(.+)\.git/info/lfs/objects/batch", path):
            return self.batch(json.loads(body))
        if found := re.fullmatch(r"/api/datasets/([^/]+/[^/]+)/preupload/main", path):
            return self.preupload(json.loads(body))
        if found := re.fullmatch(r"/api/datasets/([^/]+/[^/]+)/commit/main", path):
            return self.commit(found[1], [json.loads(line) for line in body.splitlines()])
        if found := re.fullmatch(r"/api/datasets/([^/]+/[^/]+)(/revision/main)?", path):
            return self.info(found[1])
        return 404, {"error": f"no {method} {path}"}


@contextmanager
def hub_server() -> Iterator[Hub]:
    """It runs on this machine while the block does."""
    hub = Hub()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _answer(self) -> None:
            path = self.path.partition("?")[0]
            body = self.rfile.read(int(self.headers.get("content-length") or 0))
            hub.asked.append(f"{self.command} {path}")
            refused = next((s for start, s in hub.refuses.items() if path.startswith(start)), None)
            if refused is not None:
                status, said = refused, {"error": "the tests say no"}
            elif self.headers["authorization"] != f"Bearer {TOKEN}" and "/store/" not in path:
                status, said = 401, {"error": "Invalid credentials"}
            else:
                status, said = hub.reply(self.command, path, body)
            data = json.dumps(said).encode()
            self.send_response(status)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        do_GET = do_POST = do_PUT = _answer

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    hub.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield hub
    finally:
        server.shutdown()
        server.server_close()
        thread.join()

"""The launcher: only this machine is let in, and Ctrl-C ends it at once."""

from __future__ import annotations

import http.client
import signal
import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect
from websockets.typing import Origin, Subprotocol

from annotate.errors import AnnotateError, WorkspaceError
from app.config import Config
from app.server import serve
from tests.app.doors.guest import Guest
from tests.app.serving import Server, launched, serving
from tests.app.world import MAIL, mails, person, services_in, set_up

STREAMLIT = Subprotocol("streamlit")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("served")
    services = services_in(folder)
    set_up(services, MAIL, mails(1))
    person(services, "Ann")
    with serving(folder) as running:
        yield running


def config(folder: Path) -> Config:
    return Config(folder, None, folder, {})


def cookie(guest: Guest) -> dict[str, str]:
    return {"Cookie": guest.cookie_header}


def status(server: Server, headers: dict[str, str], path: str = "/healthz") -> int:
    address = urlsplit(server.url)
    connection = http.client.HTTPConnection(str(address.hostname), int(address.port or 0))
    connection.request("GET", path, headers=headers)
    found = connection.getresponse().status
    connection.close()
    return found


@pytest.mark.parametrize("host", ["0.0.0.0", "", "::", "192.168.1.4", "example.org"])
def test_other_machines_are_kept_out(tmp_path: Path, host: str) -> None:
    with pytest.raises(AnnotateError, match="could act as anybody"):
        serve(config(tmp_path), host=host, port=0, open_browser=False)


def test_a_port_in_use_names_the_way_out(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(AnnotateError, match=rf"port {port} of .* cannot be had .*--port"):
            serve(config(tmp_path), port=port, open_browser=False)


def test_an_impossible_port_names_the_way_out(tmp_path: Path) -> None:
    with pytest.raises(AnnotateError, match=r"port 70000 of .* cannot be had .*--port"):
        serve(config(tmp_path), port=70000, open_browser=False)


def test_a_missing_folder_is_told_before_serving(tmp_path: Path) -> None:
    with pytest.raises(WorkspaceError, match="is no folder"):
        serve(config(tmp_path / "gone"), port=0, open_browser=False)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "127.0.0.1:80", "localhost:1234"])
def test_addresses_of_this_machine_are_served(server: Server, host: str) -> None:
    assert status(server, {"Host": host}) == 200


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example:80", "", "[::1]:80"])
def test_a_foreign_host_is_refused(server: Server, host: str) -> None:
    assert status(server, {"Host": host}) == 403
    assert status(server, {"Host": host}, "/sign-in") == 403


def test_a_foreign_origin_is_refused(server: Server) -> None:
    host = urlsplit(server.url).netloc
    assert status(server, {"Host": host, "Origin": "http://evil.example"}) == 403
    assert status(server, {"Host": host, "Origin": server.url}) == 200


def test_a_websocket_of_another_site_is_refused(server: Server) -> None:
    address = server.url.replace("http", "ws") + "/_stcore/stream"
    with pytest.raises(InvalidStatus, match="403"):
        connect(address, origin=Origin("http://localhost:9999"))
    guest = Guest(server.url)
    guest.pick("Ann")
    own = Origin(server.url)
    with connect(address, origin=own, subprotocols=[STREAMLIT], additional_headers=cookie(guest)):
        pass
    with pytest.raises(InvalidStatus, match="403"):
        connect(address, origin=Origin("http://evil.example"), additional_headers=cookie(guest))


def test_ctrl_c_ends_it_with_open_websockets(tmp_path: Path) -> None:
    services = services_in(tmp_path)
    set_up(services, MAIL, mails(1))
    person(services, "Ann")
    with launched(tmp_path) as running, ExitStack() as sockets:
        guest = Guest(running.url)
        guest.pick("Ann")
        address = running.url.replace("http", "ws") + "/_stcore/stream"
        for _ in range(3):
            sockets.enter_context(
                connect(address, subprotocols=[STREAMLIT], additional_headers=cookie(guest))
            )
        began = time.monotonic()
        running.process.send_signal(signal.SIGINT)
        out, said = running.process.communicate(timeout=10)
        took = time.monotonic() - began
    assert took < 8  # without a limit it waits for the open websockets
    assert running.process.returncode == 0, said
    assert (out, said) == ("", "")

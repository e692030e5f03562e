"""The saving door over HTTP: who comes in, what is refused with which status, JSON both ways."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.requests import HTTPConnection
from starlette.testclient import TestClient

from annotate.errors import NotAllowed, NotSignedIn
from annotate.model import Person
from annotate.store import Store
from app import api
from app.api import routes
from app.services import Services
from tests.app.world import MAIL, mails, person, services_in, set_up

TOKEN = {"X-Coannotate-Token": "good"}
SYNC = "/api/projects/mails/sync"


@pytest.fixture
def services(tmp_path: Path) -> Services:
    found = services_in(tmp_path)
    set_up(found, MAIL, mails(4))
    return found


@pytest.fixture
def ann(services: Services) -> Person:
    return person(services, "Ann")


def door(services: Services, people: dict[str, Person]) -> TestClient:
    """Whoever `X-Name` says is signed in."""

    def admit(store: Store, connection: HTTPConnection, project: str) -> tuple[Person, str]:
        person = people.get(connection.headers.get("x-name", ""))
        if person is None:
            raise NotSignedIn("you are signed out: sign in again; what is not saved stays here")
        if connection.headers.get("x-coannotate-token") != "good":
            raise NotAllowed("this page was opened by somebody else: load it again")
        return person, f"next for {person.name} in {project}"

    return TestClient(Starlette(routes=routes(services, admit=admit)))


@pytest.fixture
def client(services: Services, ann: Person) -> Iterator[TestClient]:
    with door(services, {"ann": ann}) as opened:
        opened.headers = {"x-name": "ann", **TOKEN}
        yield opened


def test_taking_and_answering(client: TestClient, services: Services) -> None:
    reply = client.post(SYNC, json={"request": "r1", "want": 2}).json()
    assert (reply["reply_to"], reply["token"]) == ("r1", "next for Ann in mails")
    assert len(reply["tasks"]) == 2
    task = reply["tasks"][0]
    op = {"op": "answer", "id": "o1", "task": task["id"], "attempt": 0}
    body = {"request": "r2", "ops": [op | {"answers": {"topic": "parcel"}}]}
    for _ in range(2):
        assert client.post(SYNC, json=body).json()["results"] == [{"id": "o1", "status": "stored"}]
    with services.open("mails") as (store, _):
        assert [a.value for a in store.annotations.of_item(task["id"])] == ["parcel"]


def refused(answer: Any, status: int) -> str:
    assert answer.status_code == status
    assert set(answer.json()) == {"error"}
    return str(answer.json()["error"])


def test_who_is_not_signed_in_gets_nothing(services: Services) -> None:
    with door(services, {}) as nobody:
        assert "sign in again" in refused(nobody.post(SYNC, json={"request": "r"}), 401)


def test_a_foreign_token_is_refused(client: TestClient) -> None:
    client.headers["x-coannotate-token"] = "bad"
    assert "load it again" in refused(client.post(SYNC, json={"request": "r", "want": 1}), 403)


def test_an_unknown_project(client: TestClient) -> None:
    answer = client.post("/api/projects/other/sync", json={"request": "r"})
    assert refused(answer, 404) == "there is no project 'other' here: go back to the first page"


@pytest.mark.parametrize(
    ("body", "named"),
    [
        (b"", "the request is no JSON"),
        (b"{", "the request is no JSON"),
        (b'{"request": "r", "want": NaN}', "the request is no JSON"),
        (b'{"request": "\xff"}', "the request is no JSON"),
        (b'{"request": "r", "want": 99}', "want: "),
    ],
)
def test_what_is_malformed(client: TestClient, body: bytes, named: str) -> None:
    assert refused(client.post(SYNC, content=body), 422).startswith(named)


def test_too_much_at_once(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(api, "MOST_BYTES", 100)
    body = {"request": "r", "holding": ["x" * 80] * 2}
    assert "100 bytes" in refused(client.post(SYNC, json=body), 413)


def test_reading_by_another_method_is_not_possible(client: TestClient) -> None:
    assert client.get(SYNC).status_code == 405


def test_ones_own_history(client: TestClient) -> None:
    tasks = client.post(SYNC, json={"request": "r1", "want": 3}).json()["tasks"]
    ops = [
        {"op": "answer", "id": f"o{at}", "task": task["id"], "attempt": 0,
         "answers": {"topic": "parcel"}, "note": f"note {at}"}
        for at, task in enumerate(tasks)
    ]  # fmt: skip
    client.post(SYNC, json={"request": "r2", "ops": ops})
    first = client.get("/api/projects/mails/history?limit=2").json()
    assert [one["op"] for one in first["answers"]] == ["o2", "o1"]
    assert first["answers"][0]["answers"] == {"topic": "parcel"}
    rest = client.get("/api/projects/mails/history", params={"before": first["next"]}).json()
    assert ([one["op"] for one in rest["answers"]], rest["next"]) == (["o0"], None)
    assert refused(client.get("/api/projects/mails/history?limit=x"), 422).startswith("limit: 'x'")
    answer = client.get("/api/projects/mails/history?before=x")
    assert refused(answer, 422).startswith("before: 'x'")


def test_decisions_and_cases_are_for_leads(services: Services, ann: Person) -> None:
    lea = person(services, "Lea", "lead")
    cases, decisions = "/api/projects/mails/cases", "/api/projects/mails/decisions"
    with door(services, {"ann": ann, "lea": lea}) as opened:
        opened.headers = {"x-name": "ann", **TOKEN}
        assert "may not adjudicate" in refused(opened.get(cases), 403)
        assert "may not adjudicate" in refused(opened.post(decisions, json={"request": "r"}), 403)
        opened.headers = {"x-name": "lea", **TOKEN}
        found = opened.get(f"{cases}?item=m1").json()
        assert [one["key"] for one in found["cases"]] == ["m1"]
        assert found["token"] == "next for Lea in mails"
        op = {"op": "decide", "id": "o1", "question": "topic", "value": "parcel"}
        body = {"request": "r", "ops": [op | {"item": found["cases"][0]["id"]}]}
        assert opened.post(decisions, json=body).json()["results"][0]["status"] == "stored"
        assert "not the `after`" in refused(opened.get(f"{cases}?after=x"), 422)
        assert refused(opened.post(decisions, content=b"{"), 422).startswith("the request is no")


def test_long_replies_are_compressed_for_who_takes_that(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(api, "LONG", 300)
    took = client.post(SYNC, json={"request": "r", "want": 2})
    assert took.headers["content-encoding"] == "gzip"
    assert len(took.json()["tasks"]) == 2
    plain = client.post(
        SYNC, json={"request": "r", "want": 4}, headers={"accept-encoding": "identity"}
    )
    assert "content-encoding" not in plain.headers
    assert plain.json()["tasks"]

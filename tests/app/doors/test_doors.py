"""The way in over HTTP, against the real server: who gets what, and what never leaves it."""

from __future__ import annotations

import json
import re
import secrets
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect
from websockets.typing import Origin, Subprotocol

from annotate.accounts import account_named, deactivate
from annotate.invites import invite, new_code
from annotate.people import operator
from annotate.sessions import sign_out_everywhere
from app.doors import cookie_name, visitor
from app.doors.gate import OPEN
from app.doors.routes import POSTED, SHOWN
from app.doors.tokens import form_token
from app.services import Services
from tests.app.doors.guest import FRIEND, Answer, Guest, give_password, token
from tests.app.serving import Server, serving
from tests.app.world import MAIL, mails, person, services_in, set_up

PAGES = ("/", "/progress", "/label", "/item", "/people", "/people?x=1", "/nothing")
STREAMLIT = Subprotocol("streamlit")


@pytest.fixture(scope="module")
def services(tmp_path_factory: pytest.TempPathFactory) -> Services:
    """A workspace with accounts. Its clock is the server's: sessions are looked at by both."""
    made = replace(services_in(tmp_path_factory.mktemp("doors")), now=lambda: datetime.now(UTC))
    set_up(made, MAIL, mails(3))
    for name, role in (
        ("Lea", "admin"),
        ("Lin", "lead"),
        ("Ann", "annotator"),
        ("Bo", "annotator"),
    ):
        person(made, name, role)
        give_password(made, name)
    return made


@pytest.fixture(scope="module")
def server(services: Services) -> Iterator[Server]:
    with serving(services.config.folder) as running:
        yield running


@pytest.fixture
def guest(server: Server) -> Guest:
    return Guest(server.url)


def test_signing_in_gives_a_cookie_that_scripts_cannot_read(guest: Guest) -> None:
    answer = guest.sign_in("Ann")
    assert (answer.status, answer.leads_to) == (303, "/")
    [line] = [line for line in guest.set if "_form=" not in line]
    assert "HttpOnly" in line
    assert "SameSite=lax" in line
    assert "Path=/" in line
    assert "Secure" not in line  # it came by plain http
    assert "Max-Age=2592000" in line
    assert guest.get("/account").status == 200
    assert "<b>Ann</b> · annotator" in guest.get("/account").text


def test_the_database_could_not_open_a_session(guest: Guest, services: Services) -> None:
    guest.sign_in("Ann")
    secret = guest.cookies[cookie_name(services)]
    assert len(secret) >= 43
    stored = b"".join(p.read_bytes() for p in services.config.folder.glob("coannotate.db*"))
    assert secret.encode() not in stored
    assert FRIEND.encode() not in stored


@pytest.mark.parametrize("path", PAGES)
def test_a_page_leads_to_the_way_in(guest: Guest, path: str) -> None:
    answer = guest.get(path)
    assert answer.status == 303
    assert answer.leads_to.startswith("/sign-in")
    assert "Mail number" not in answer.text
    guest.cookies = {name: "x" * 43 for name in (*guest.cookies, "coannotate_12345678")}
    assert guest.get(path).status == 303


def test_where_one_wanted_to_go_is_where_one_gets(guest: Guest) -> None:
    way_in = guest.get("/item?item=m%3A1").leads_to
    assert way_in == "/sign-in?next=/item%3Fitem%3Dm%253A1"
    page = guest.get(way_in)
    [wanted] = re.findall(r'name="next" value="([^"]*)"', page.text)
    answer = guest.post(
        "/doors/sign-in", token=token(page), next=wanted, name="Ann", password=FRIEND
    )
    assert answer.leads_to == "/item?item=m%3A1"


def test_a_link_with_commas_leads_to_its_page(guest: Guest) -> None:
    way_in = guest.get("/export?split=train+80,+test+20").leads_to
    [wanted] = re.findall(r'name="next" value="([^"]*)"', guest.get(way_in).text)
    assert wanted == "/export?split=train+80,+test+20"


@pytest.mark.parametrize(
    "elsewhere", ["//evil.example", "https://evil.example", "/\\evil.example", "javascript:x", ""]
)
def test_nobody_is_led_to_another_site(guest: Guest, elsewhere: str) -> None:
    page = guest.get("/sign-in")
    answer = guest.post(
        "/doors/sign-in", token=token(page), next=elsewhere, name="Ann", password=FRIEND
    )
    assert answer.leads_to == "/"


@pytest.mark.parametrize(
    "path",
    ["/media/0123.csv", "/_stcore/upload_file/a/b", "/_stcore/metrics", "/component/x/index.html"],
)
def test_machinery_answers_nobody(guest: Guest, path: str) -> None:
    assert guest.get(path).status == 401


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/api/projects/mails/sync", 405),
        ("PUT", "/api/projects/mails/history", 405),
        ("POST", "/api/projects/..%2f..%2fetc/sync", 404),
        ("GET", "/api/", 404),
    ],
)
def test_what_no_route_answers_is_no_mistake_of_the_server(
    guest: Guest, method: str, path: str, status: int
) -> None:
    answer = guest._ask(method, path, None, {})
    assert answer.status == status
    assert json.loads(answer.text)["error"].startswith(f"{method} /api/")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_what_is_open_is_the_way_in_and_files_alone(server: Server, guest: Guest) -> None:
    for path in ("/sign-in", "/join", "/healthz", "/_stcore/health", "/favicon.png"):
        assert guest.get(path).status == 200, path
    assert guest.get("/account").leads_to == "/sign-in?next=/account"
    assert {path for path in SHOWN if not path.startswith("/doors/")} <= set(OPEN)
    for path, (_, shown_at) in POSTED.items():
        assert guest.get(path).leads_to == shown_at
        assert guest._ask("PUT", path, "", {}).status == 405


@pytest.mark.parametrize("path", sorted(POSTED))
def test_a_form_of_another_page_does_nothing(guest: Guest, path: str, services: Services) -> None:
    guest.sign_in("Ann")
    before = guest.cookies.copy()
    form = {
        "name": "Ann",
        "password": FRIEND,
        "new": "other words here",
        "again": "other words here",
    }
    good = form_token(services, guest.cookies[cookie_name(services)])
    for answer in (
        guest.post(path, **form),
        guest.post(path, token="", **form),
        guest.post(path, token=form_token(services, "x"), **form),
    ):
        assert answer.leads_to == "/sign-in?again=yes"
    assert guest.post(path, origin="http://evil.example", token=good, **form).status == 403
    assert guest.post(path, origin="null", token=good, **form).status == 403
    assert guest.cookies == before
    assert guest.get("/account").status == 200


def test_a_form_without_an_origin_does_nothing(guest: Guest, services: Services) -> None:
    guest.sign_in("Ann")
    body = f"token={form_token(services, guest.cookies[cookie_name(services)])}"
    answer = guest._ask("POST", "/doors/sign-out", body, {})
    assert answer.leads_to == "/sign-in?again=yes"
    assert guest.get("/account").status == 200


def test_a_form_is_no_way_to_fill_the_memory(guest: Guest) -> None:
    assert guest.post("/doors/sign-in", token="x", name="x" * 70_000).status == 413


def _wait_s(answer: Answer) -> int:
    return int(answer.headers.get("Retry-After", "0"))


def test_wrong_passwords_are_told_alike_and_then_wait(guest: Guest, server: Server) -> None:
    wrong = "name or password is not right"
    for name in ("Bo", "Nobody <b>"):
        answer = guest.sign_in(name, "wrong words")
        assert (answer.status, wrong in answer.text) == (403, True)
        assert "<b>" not in answer.text.split("<h1>")[1].split("<form")[0]
    while (left := _wait_s(guest.sign_in("Bo", "wrong words"))) < 6:
        time.sleep(0.2)
    answer = guest.sign_in("Bo")
    assert (answer.status, 0 < _wait_s(answer) <= left) == (429, True)
    assert "too many failed attempts: wait" in answer.text
    assert Guest(server.url).sign_in("Lin").status == 303


def test_signing_out_ends_it_for_good(guest: Guest, services: Services) -> None:
    guest.sign_in("Ann")
    kept = guest.cookies.copy()
    assert guest.fill("/account", "/doors/sign-out").leads_to == "/sign-in?switch=yes"
    assert cookie_name(services) not in guest.cookies
    guest.cookies = kept
    assert guest.get("/account").leads_to == "/sign-in?next=/account"


def test_signing_out_everywhere_ends_the_others_too(server: Server) -> None:
    here, there, other = Guest(server.url), Guest(server.url), Guest(server.url)
    here.sign_in("Ann")
    there.sign_in("Ann")
    other.sign_in("Lin")
    assert "Sign out everywhere" in here.get("/account").text
    here.fill("/account", "/doors/sign-out", everywhere="yes")
    assert there.get("/label").status == 303
    assert other.get("/label").status == 200


def test_signing_in_again_ends_the_session_before(guest: Guest, services: Services) -> None:
    guest.sign_in("Ann")
    before = guest.cookies[cookie_name(services)]
    page = guest.get("/account")
    guest.post("/doors/sign-in", token=token(page), name="Lin", password=FRIEND)
    assert "<b>Lin</b>" in guest.get("/account").text
    guest.cookies[cookie_name(services)] = before
    assert guest.get("/label").status == 303


def test_a_deactivated_person_is_out_at_once(server: Server, services: Services) -> None:
    person(services, "Cy")
    give_password(services, "Cy")
    guest = Guest(server.url)
    guest.sign_in("Cy")
    assert guest.get("/label").status == 200
    now = services.now()
    with services.workspace.open() as store:
        deactivate(store, account_named(store, "Cy").person, actor=operator(now), now=now)
    assert guest.get("/label").status == 303
    assert guest.sign_in("Cy").status == 403


def test_a_password_is_changed_with_the_one_there_is(server: Server, services: Services) -> None:
    person(services, "Di")
    give_password(services, "Di")
    guest, other = Guest(server.url), Guest(server.url)
    guest.sign_in("Di")
    other.sign_in("Di")
    new = "green piano sleeps"
    change = {"new": new, "again": new}
    answer = guest.fill("/account", "/doors/password", password="wrong", **change)
    assert (answer.status, "name or password is not right" in answer.text) == (422, True)
    answer = guest.fill("/account", "/doors/password", password=FRIEND, new=new, again="else")
    assert (answer.status, "passwords differ" in answer.text) == (422, True)
    answer = guest.fill("/account", "/doors/password", password=FRIEND, **change)
    assert (answer.status, "Your password is set" in answer.text) == (200, True)
    assert guest.get("/label").status == 200
    assert other.get("/label").status == 303
    assert Guest(server.url).sign_in("Di").status == 403
    assert Guest(server.url).sign_in("Di", new).status == 303


def test_joining_by_a_code(server: Server, services: Services) -> None:
    code, now = new_code(secrets.randbelow), services.now()
    with services.workspace.open() as store:
        lea = account_named(store, "Lea").person
        invite(store, "annotator", code=code, actor=lea, now=now)
    guest = Guest(server.url)
    assert guest.fill("/join", "/doors/join", code="AAAAA").status == 403
    page = guest.fill("/join", "/doors/join", code=code)
    assert "You come in as <b>annotator</b>" in page.text
    form = {"code": code, "chosen": "yes", "name": "Eve <i>", "new": FRIEND}
    answer = guest.post("/doors/join", token=token(page), again="else", **form)
    assert (answer.status, "passwords differ" in answer.text) == (422, True)
    assert 'value="Eve &lt;i&gt;"' in answer.text
    answer = guest.post("/doors/join", token=token(page), again=FRIEND, **form)
    assert (answer.status, answer.leads_to) == (303, "/")
    assert "<b>Eve &lt;i&gt;</b> · annotator" in guest.get("/account").text
    assert Guest(server.url).fill("/join", "/doors/join", code=code).status == 403


def test_every_answer_carries_the_security_headers(server: Server, guest: Guest) -> None:
    guest.sign_in("Ann")
    for path in ("/label", "/sign-in", "/media/x", "/healthz", "/doors/doors.css", "/nothing"):
        for who in (guest, Guest(server.url)):
            headers = who.get(path).headers
            rules = dict(
                rule.strip().split(" ", 1) for rule in headers["Content-Security-Policy"].split(";")
            )
            assert rules["default-src"] == rules["connect-src"] == rules["form-action"] == "'self'"
            assert rules["frame-ancestors"] == rules["object-src"] == "'none'"
            assert "unsafe" not in rules["script-src"]
            assert headers["X-Content-Type-Options"] == "nosniff"
            assert headers["Referrer-Policy"] == "same-origin"
            assert "camera=()" in headers["Permissions-Policy"]
    evil = guest.get("/label", Host="evil.example")
    assert (evil.status, "Content-Security-Policy" in evil.headers) == (403, True)
    for path in ("/sign-in", "/account", "/join"):
        assert guest.get(path).headers["Cache-Control"] == "no-store"


def test_a_websocket_needs_a_session(server: Server, services: Services) -> None:
    address = server.url.replace("http", "ws") + "/_stcore/stream"
    own = Origin(server.url)

    def open_with(cookie: str) -> None:
        headers = {"Cookie": cookie}
        with connect(address, origin=own, subprotocols=[STREAMLIT], additional_headers=headers):
            pass

    guest = Guest(server.url)
    guest.sign_in("Ann")
    open_with(guest.cookie_header)
    for cookie in ("", f"{cookie_name(services)}={'x' * 43}"):
        with pytest.raises(InvalidStatus, match="403"):
            open_with(cookie)
    guest.fill("/account", "/doors/sign-out", everywhere="yes")


def test_pages_and_routes_ask_the_same_question(server: Server, services: Services) -> None:
    guest = Guest(server.url)
    guest.sign_in("Lin")
    with services.workspace.open() as store:
        found = visitor(services, store, guest.cookies)
        assert found is not None
        assert found.person.name == "Lin"
        assert visitor(services, store, {}) is None
        now = services.now()
        sign_out_everywhere(store, found.person.id, actor=operator(now), now=now)
        assert visitor(services, store, guest.cookies) is None


def test_behind_a_proxy_with_https_the_cookie_is_secure(services: Services) -> None:
    variables = {"COANNOTATE_HOSTS": "label.example.org", "COANNOTATE_PROXY": "127.0.0.1"}
    name = "label.example.org"
    with serving(services.config.folder, variables=variables) as running:
        proxied = {"Host": name, "X-Forwarded-Proto": "https", "X-Forwarded-For": "203.0.113.9"}
        guest = Guest(running.url, headers=proxied)
        form = {"token": token(guest.get("/sign-in")), "name": "Ann", "password": FRIEND}
        assert guest.post("/doors/sign-in", origin=f"http://{name}", **form).status == 403
        assert guest.post("/doors/sign-in", origin=f"https://{name}", **form).leads_to == "/"
        assert all("; Secure" in line for line in guest.set if line.startswith("coannotate"))
        assert guest.get("/label").status == 200
        assert guest.get("/label", Host="other.example.org").status == 403


def test_nobody_elses_word_is_taken_for_https(guest: Guest) -> None:
    guest.headers = {"X-Forwarded-Proto": "https"}
    secure = guest.url.replace("http:", "https:")
    assert guest.get("/healthz", Origin=secure).status == 403
    assert guest.get("/healthz", Origin=guest.url).status == 200

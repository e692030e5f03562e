"""Signing in through an identity provider, all the way round, with a provider of our own."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from urllib.parse import urlsplit

import pytest

from annotate.accounts import account_named, deactivate, set_email
from annotate.invites import invite
from annotate.people import operator
from app.services import Services
from tests.app.doors.guest import Answer, Guest
from tests.app.serving import Server, serving
from tests.app.world import MAIL, mails, person, services_in, set_up

pytest.importorskip("authlib", reason="what `pip install 'coannotate[oidc]'` brings")

from tests.app.doors.identity_provider import CLIENT, SECRET, Provider, provider

SECRETS = """
[auth]
redirect_uri = "http://127.0.0.1:{port}/oauth2callback"
client_id = "{client}"
client_secret = "{secret}"
server_metadata_url = "{url}/.well-known/openid-configuration"
title = "Example <b>"
"""


@pytest.fixture(scope="module")
def idp() -> Iterator[Provider]:
    with provider() as running:
        yield running


@pytest.fixture(scope="module")
def services(tmp_path_factory: pytest.TempPathFactory) -> Services:
    made = services_in(tmp_path_factory.mktemp("oidc"))
    set_up(made, MAIL, mails(3))
    person(made, "Lea", "admin")
    with made.workspace.open() as store:
        actor, lea = operator(made.now()), account_named(store, "Lea").person
        set_email(store, lea, "lea@example.org", actor=actor)
    return replace(made, now=lambda: datetime.now(UTC))


@pytest.fixture(scope="module")
def server(services: Services, idp: Provider) -> Iterator[Server]:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
    folder = services.config.folder / ".streamlit"
    folder.mkdir()
    text = SECRETS.format(port=port, client=CLIENT, secret=SECRET, url=idp.url)
    (folder / "secrets.toml").write_text(text, "utf-8")
    with serving(services.config.folder, port=port) as running:
        yield running


def come(server: Server, idp: Provider, guest: Guest | None = None, **claims: object) -> Answer:
    """Through the provider as somebody; the answer to the way in after that."""
    idp.claims = claims
    guest = guest or Guest(server.url)
    to_login = guest.get("/doors/provider?name=default").leads_to
    assert to_login.startswith("/auth/login?provider=")
    to_provider = guest.get(to_login).leads_to
    assert to_provider.startswith(f"{idp.url}/authorize?")
    back = urlsplit(Guest(idp.url).get(to_provider.removeprefix(idp.url)).leads_to)
    assert back.path == "/oauth2callback"
    assert guest.get(f"{back.path}?{back.query}").leads_to == "/"
    assert guest.get("/").leads_to == "/sign-in"
    return guest.get("/sign-in")


def test_the_way_in_offers_the_provider_and_no_password(server: Server) -> None:
    page = Guest(server.url).get("/sign-in").text
    assert "Sign in with Example &lt;b&gt;" in page
    assert 'type="password"' not in page
    assert Guest(server.url).get("/doors/provider?name=other").leads_to == "/sign-in"


def test_a_checked_address_opens_the_door_once_and_its_cookie_does_not(
    server: Server, idp: Provider
) -> None:
    guest = Guest(server.url)
    answer = come(server, idp, guest, sub="1", email="Lea@Example.org", email_verified=True)
    assert (answer.status, answer.leads_to) == (303, "/")
    assert not [name for name in guest.cookies if name.startswith("_streamlit_user")]
    assert "<b>Lea</b> · admin" in guest.get("/account").text
    guest.fill("/account", "/doors/sign-out")
    assert "Sign in with" in guest.get("/sign-in").text


def test_from_then_on_the_subject_counts(server: Server, idp: Provider) -> None:
    come(server, idp, sub="1", email="lea@example.org", email_verified=True)
    moved = come(server, idp, sub="1", email="lea@elsewhere.org", email_verified=False)
    assert (moved.status, moved.leads_to) == (303, "/")
    heir = come(server, idp, sub="2", email="lea@example.org", email_verified=True)
    assert heir.status == 403


@pytest.mark.parametrize("verified", [False, "false", None])
def test_an_unchecked_address_does_not(server: Server, idp: Provider, verified: object) -> None:
    answer = come(server, idp, sub="9", email="lea@example.org", email_verified=verified)
    assert answer.status == 403
    assert "your provider has not checked that it is yours" in answer.text


def test_somebody_unknown_is_told_what_to_do(server: Server, idp: Provider) -> None:
    guest = Guest(server.url)
    answer = come(server, idp, guest, sub="3", email="<i>@example.org", email_verified=True)
    assert (answer.status, "Nobody we know" in answer.text) == (403, True)
    assert "&lt;i&gt;@example.org" in answer.text
    assert guest.get("/label").leads_to == "/sign-in?next=/label"


def test_an_invited_address_makes_a_person(
    server: Server, idp: Provider, services: Services
) -> None:
    now = services.now()
    with services.workspace.open() as store:
        lea = account_named(store, "Lea").person
        invite(store, "annotator", code="AAAAA", actor=lea, now=now, email="bo@example.org")
    guest = Guest(server.url)
    claims = {"sub": "4", "email": "bo@example.org", "email_verified": True, "name": "Bo B."}
    assert come(server, idp, guest, **claims).leads_to == "/"
    assert "<b>Bo B.</b> · annotator" in guest.get("/account").text
    with services.workspace.open() as store:
        bo = account_named(store, "Bo B.").person
        deactivate(store, bo, actor=operator(now), now=now)
    assert guest.get("/label").status == 303
    assert come(server, idp, **claims).status == 403


def test_an_old_word_of_the_provider_is_worth_nothing(server: Server, idp: Provider) -> None:
    hour_ago = int(time.time()) - 3500
    claims = {"sub": "1", "email": "lea@example.org", "email_verified": True, "iat": hour_ago}
    assert come(server, idp, **claims).status == 403


def test_a_made_up_word_is_worth_nothing(server: Server) -> None:
    guest = Guest(server.url, {"_streamlit_user": "2|1:0|10:1|15:_streamlit_user|4:e30=|abc"})
    assert guest.get("/sign-in").leads_to == "/sign-in?again=yes"
    assert "_streamlit_user" not in guest.cookies

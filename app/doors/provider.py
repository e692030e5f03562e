"""Coming in through an identity provider.

Streamlit's own sign-in (what `st.login` starts) does the talking. What it learns stands in a
signed cookie of its own; that is exchanged for a session of ours at once and thrown away, so that
there is one kind of session, which can be ended.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from starlette.responses import Response
from streamlit.auth_util import (
    get_cookie_with_chunks,
    is_authlib_installed,
    validate_auth_credentials,
)
from streamlit.errors import StreamlitAuthError
from streamlit.user_info import generate_login_redirect_url
from streamlit.web.server.server_util import get_cookie_secret
from streamlit.web.server.starlette.starlette_app_utils import decode_signed_value
from streamlit.web.server.starlette.starlette_server_config import (
    TOKENS_COOKIE_NAME,
    USER_COOKIE_NAME,
)

from annotate.identities import Identity, person_of
from app.doors import cookies
from app.doors.oidc import providers
from app.doors.pages import render
from app.doors.visit import Visit, go_on

FRESH = timedelta(minutes=10)
"""How old a provider's word may be: its cookie alone must not open the door days later."""


def leave_for(visit: Visit) -> Response:
    """To the provider that was chosen, as `st.login` would go there."""
    name = visit.request.query_params.get("name", "")
    if name not in providers(visit.services.config.folder):
        return go_on("/sign-in")
    if not is_authlib_installed():
        return _told(
            "Not set up yet",
            "Signing in through a provider needs a library that is not installed here. Whoever "
            "runs this server installs it with: pip install 'coannotate[oidc]'",
            501,
        )
    try:
        validate_auth_credentials(name)
    except StreamlitAuthError as error:
        return _told("Not set up yet", " ".join(str(error).split()), 501)
    return go_on(generate_login_redirect_url(name))


def arrived(visit: Visit) -> Response | None:
    """In, for somebody a provider has just vouched for; None when there is no such word."""
    if USER_COOKIE_NAME not in visit.request.cookies:
        return None
    services, store, request = visit.services, visit.store, visit.request
    claims = _claims(request.cookies)
    person = None
    if _is_fresh(claims, services.now()):
        person = person_of(store, identity_of(claims), now=services.now())
    if person is not None:
        response = cookies.come_in(services, store, go_on(visit.next), request, person, "oidc")
    elif claims:
        response = _unknown(claims)
    else:
        response = go_on("/sign-in?again=yes")
    for name in request.cookies:
        if name.startswith((USER_COOKIE_NAME, TOKENS_COOKIE_NAME)):
            response.delete_cookie(name)
    return response


def identity_of(claims: Mapping[str, Any]) -> Identity:
    """
    >>> identity_of({"iss": "i", "sub": 7, "email": "a@b.org", "email_verified": False}).email
    ''
    >>> identity_of({"iss": "i", "sub": 7, "email": "a@b.org", "email_verified": True}).key
    'i 7'
    """
    checked = str(claims.get("email_verified", "")).lower() == "true"
    return Identity(
        issuer=str(claims.get("iss", "")),
        subject=str(claims.get("sub", "")),
        email=str(claims.get("email", "")) if checked else "",
        name=str(claims.get("name", "")),
    )


def _claims(sent: Mapping[str, str]) -> dict[str, Any]:
    """What Streamlit signed; empty for anything else."""

    def one(name: str) -> bytes | None:
        raw = sent.get(name)
        if raw is None:
            return None
        return decode_signed_value(get_cookie_secret(), name, raw.encode("latin-1", "replace"))

    try:
        found = json.loads(get_cookie_with_chunks(one, USER_COOKIE_NAME) or b"{}")
    except ValueError:
        return {}
    return found if isinstance(found, dict) and found.get("is_logged_in") else {}


def _is_fresh(claims: Mapping[str, Any], now: datetime) -> bool:
    try:
        said = datetime.fromtimestamp(float(claims["iat"]), UTC)
    except (KeyError, TypeError, ValueError, OverflowError, OSError):
        return False
    return abs(now - said) < FRESH


def _unknown(claims: Mapping[str, Any]) -> Response:
    address = str(claims.get("email") or claims.get("name") or "this account")
    checked = identity_of(claims).email or not claims.get("email")
    return _told(
        "Nobody we know",
        f"You are signed in elsewhere as {address}, but nobody here has that address"
        f"{'' if checked else ', and your provider has not checked that it is yours'}. "
        "Ask whoever runs this place to invite you by it.",
        403,
    )


def _told(title: str, text: str, status: int) -> Response:
    return render(
        "message.html",
        title,
        status=status,
        text=text,
        back="/sign-in",
        back_text="Back to the way in",
    )

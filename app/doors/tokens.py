"""Short-lived signed tokens: a page hands one to its script, which sends it with every request."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from datetime import timedelta
from functools import cache
from typing import Any

from itsdangerous import BadData, URLSafeSerializer

from annotate.clock import iso
from annotate.errors import NotAllowed, NotSignedIn
from app.doors import Visitor
from app.doors.key import workspace_key
from app.workplace import Workplace

HEADER = "X-Coannotate-Token"
GOOD_FOR = timedelta(minutes=15)


def make_token(services: Workplace, visitor: Visitor, project: str) -> str:
    """A token for this session, person and project, good for 15 minutes from now."""
    until = iso(services.now() + GOOD_FOR)
    said = [visitor.session, visitor.person.id, project, until]
    return str(_serializer(services).dumps(said))


def check_token(services: Workplace, token: str, visitor: Visitor, project: str) -> None:
    """Raises NotSignedIn for a token that is none or has run out, and NotAllowed for one of
    another session, person or project."""
    session, person, its_project, until = _read(services, token)
    if (session, person) != (visitor.session, visitor.person.id):
        raise NotAllowed("this page was opened by somebody else: load it again")
    if its_project != project:
        raise NotAllowed(f"this page was opened for another project than {project!r}: load it")
    if until <= iso(services.now()):
        raise NotSignedIn("this page was open for too long without a word: load it again")


def _read(services: Workplace, token: str) -> list[str]:
    try:
        said: Any = _serializer(services).loads(token)
    except BadData:
        raise NotSignedIn("this page carries no token of this server: load it again") from None
    return [str(part) for part in said]


def _serializer(services: Workplace) -> URLSafeSerializer:
    return _signed_with(workspace_key(services.config.folder))


@cache
def _signed_with(key: bytes) -> URLSafeSerializer:
    return URLSafeSerializer(key, salt="sync", signer_kwargs={"digest_method": hashlib.sha256})


def form_token(services: Workplace, cookie: str) -> str:
    """What a form carries so that only a page of ours can have sent it; bound to a cookie."""
    key = workspace_key(services.config.folder)
    return hmac.new(key, b"form\0" + cookie.encode(), "sha256").hexdigest()


def is_ours(services: Workplace, form: Mapping[str, str], cookie: str) -> bool:
    """Whether a form was made by `form_token` for the same cookie."""
    return bool(cookie) and hmac.compare_digest(
        form_token(services, cookie).encode(), form.get("token", "").encode()
    )

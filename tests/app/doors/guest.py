"""A browser without a screen: keeps cookies, reads forms, and sends them as a browser would."""

from __future__ import annotations

import http.client
import re
from dataclasses import dataclass, field
from html import unescape
from http.cookies import SimpleCookie
from urllib.parse import urlencode, urlsplit

from annotate.accounts import account_named, set_password
from app.services import Services

FRIEND = "lamp river uncle"
"""A password that is not refused."""


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    headers: http.client.HTTPMessage
    text: str

    @property
    def leads_to(self) -> str:
        return self.headers.get("Location", "")


@dataclass
class Guest:
    """url: where the server listens. cookies: name -> value, as the server set them. headers: sent
    with each request, as by a proxy. set: every cookie line that came."""

    url: str
    cookies: dict[str, str] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)
    set: list[str] = field(default_factory=list)

    def get(self, path: str, **headers: str) -> Answer:
        return self._ask("GET", path, None, headers)

    def post(self, path: str, *, origin: str | None = None, **form: str) -> Answer:
        """Send a form as a page of `origin`, which is the server's own unless said otherwise."""
        headers = {
            "Origin": self.url if origin is None else origin,
            "Content-Type": "application/x-www-form-urlencoded",
        }
        return self._ask("POST", path, urlencode(form), headers)

    def fill(self, page: str, path: str, **form: str) -> Answer:
        """Open a page, and send its form to `path` with the token that it holds."""
        return self.post(path, token=token(self.get(page)), **form)

    def sign_in(self, name: str, password: str = FRIEND) -> Answer:
        return self.fill("/sign-in", "/doors/sign-in", name=name, password=password)

    def pick(self, name: str) -> Answer:
        """Choose a name, while there are no accounts."""
        page = self.get("/sign-in")
        [person] = re.findall(rf'value="(\w+)">{re.escape(name)}\n', page.text)
        return self.post("/doors/pick", token=token(page), person=person)

    @property
    def cookie_header(self) -> str:
        return "; ".join(f"{name}={value}" for name, value in self.cookies.items())

    def _ask(self, method: str, path: str, body: str | None, headers: dict[str, str]) -> Answer:
        address = urlsplit(self.url)
        connection = http.client.HTTPConnection(str(address.hostname), int(address.port or 0))
        if self.cookies:
            headers = {"Cookie": self.cookie_header} | headers
        connection.request(method, path, body, self.headers | headers)
        response = connection.getresponse()
        answer = Answer(
            response.status, response.headers, response.read().decode("utf-8", "replace")
        )
        connection.close()
        for line in response.headers.get_all("Set-Cookie", []):
            self._keep(line)
        return answer

    def _keep(self, line: str) -> None:
        self.set.append(line)
        for name, morsel in SimpleCookie(line).items():
            if morsel["max-age"] == "0":
                self.cookies.pop(name, None)
            else:
                self.cookies[name] = morsel.value


def token(page: Answer) -> str:
    """What the first form of a page is tied to its browser with."""
    return unescape(re.findall(r'name="token" value="(\w+)"', page.text)[0])


def give_password(services: Services, name: str, password: str = FRIEND) -> None:
    """What `coannotate people password-reset NAME --set` does."""
    now = services.now()
    with services.workspace.open() as store:
        set_password(store, account_named(store, name).person, password, now=now)

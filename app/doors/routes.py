"""The pages before the application and their addresses. What a POST did is never in an address."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from app.doors import account, coming_in, joining, pages, provider
from app.doors.visit import Handler, go_on, page
from app.workplace import Workplace

SHOWN: dict[str, Handler] = {
    "/sign-in": coming_in.show,
    "/join": joining.show,
    "/account": account.show,
    "/doors/provider": provider.leave_for,
}
POSTED: dict[str, tuple[Handler, str]] = {
    "/doors/sign-in": (coming_in.sign_in, "/sign-in"),
    "/doors/pick": (coming_in.pick, "/sign-in"),
    "/doors/sign-out": (coming_in.sign_out, "/sign-in"),
    "/doors/join": (joining.come, "/join"),
    "/doors/password": (account.change, "/account"),
}
"""What each form does, and the page that shows it: where a reload of the answer leads."""


def routes(services: Workplace) -> list[Route]:
    """Every page of this room, and its style sheet, icon and script."""
    shown = [Route(path, page(services, handler)) for path, handler in SHOWN.items()]
    posted = [
        route
        for path, (handler, shown_at) in POSTED.items()
        for route in (
            Route(path, page(services, handler), methods=["POST"]),
            Route(path, _back_to(shown_at), methods=["GET"]),
        )
    ]
    files = [Route(f"/doors/{name}", pages.static) for name in pages.STATIC]
    return shown + posted + files + [Route("/doors/font.woff2", pages.font)]


def _back_to(path: str) -> Callable[[Request], Awaitable[Response]]:
    async def endpoint(request: Request) -> Response:
        return go_on(path)

    return endpoint

"""The pages before the application and their addresses. What a POST did is never in an address."""

from __future__ import annotations

from starlette.routing import Route

from app.doors import account, coming_in, joining, pages
from app.doors.visit import Handler, page
from app.workplace import Workplace

SHOWN: dict[str, Handler] = {
    "/sign-in": coming_in.show,
    "/join": joining.show,
    "/account": account.show,
}
POSTED: dict[str, Handler] = {
    "/doors/sign-in": coming_in.sign_in,
    "/doors/pick": coming_in.pick,
    "/doors/sign-out": coming_in.sign_out,
    "/doors/join": joining.come,
    "/doors/password": account.change,
}


def routes(services: Workplace) -> list[Route]:
    """Every page of this room, and its style sheet, icon and script."""
    shown = [Route(path, page(services, handler)) for path, handler in SHOWN.items()]
    posted = [
        Route(path, page(services, handler), methods=["POST"]) for path, handler in POSTED.items()
    ]
    files = [Route(f"/doors/{name}", pages.static) for name in pages.STATIC]
    return shown + posted + files + [Route("/doors/font.woff2", pages.font)]

"""The address at which what a job made is fetched: from the disk, piece by piece."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import FileResponse, PlainTextResponse, Response
from starlette.routing import Route

from annotate.errors import AnnotateError, NotAllowed, NotFound, NotSignedIn
from annotate.people import require
from annotate.workflow.projects.jobs import KINDS
from app.doors import known_visitor
from app.filework import Product, product_of
from app.workplace import Workplace

STATUS: tuple[tuple[type[AnnotateError], int], ...] = (
    (NotSignedIn, 401),
    (NotAllowed, 403),
    (NotFound, 404),
)


def routes(services: Workplace) -> list[Route]:
    """`/files/JOB`: whoever may queue such a job may have what came of it."""

    def fetch(request: Request) -> Response:
        try:
            product = _product(services, request)
        except AnnotateError as error:
            status = next((code for kind, code in STATUS if isinstance(error, kind)), 500)
            return PlainTextResponse(f"{error}\n", status, headers={"Cache-Control": "no-store"})
        return FileResponse(
            product.path,
            filename=product.name,
            media_type="application/octet-stream",
            headers={"Cache-Control": "no-store"},
        )

    return [Route("/files/{job}", fetch, methods=["GET"])]


def address(job_id: str) -> str:
    """Where the file of a job is fetched."""
    return f"/files/{job_id}"


def _product(services: Workplace, request: Request) -> Product:
    with services.workspace.open() as store:
        person = known_visitor(services, store, request.cookies).person
        job = store.jobs.get(request.path_params["job"])
    require(person, "export" if job is None else KINDS[job.kind])
    product = None if job is None else product_of(services.config.folder, job)
    if product is None or not product.path.is_file():
        raise NotFound("this file is not here any more: make it again where you asked for it")
    return product

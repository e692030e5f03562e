"""Jobs about files, done by the worker; and the address at which what they made is fetched."""

from __future__ import annotations

import io
import threading
import zipfile
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.testclient import TestClient

from annotate.errors import NotAllowed, UnreadableFile
from annotate.model import Person, Role, Value
from annotate.people import operator
from annotate.sessions import Lifetime, start_session
from annotate.store.jobs import Job
from annotate.workflow.exports.exporting import Request
from annotate.workflow.projects.jobs import FILES, cancel, enqueue
from app.datafiles import DataFile, import_file, keep_upload
from app.doors import cookie_name
from app.doors.gate import SignedIn
from app.exported import COUNTS, report_of
from app.files import address, routes
from app.filework import product_of
from app.services import Services
from app.worker import beside_others, work
from tests.app.world import MAIL, START, mails, person, services_in, set_up
from tests.labelling import assign, submit

BOSS = operator(START)


@pytest.fixture
def services(tmp_path: Path) -> Services:
    services = services_in(tmp_path)
    set_up(services, MAIL, mails(3), upto="import")
    return services


def queue(
    services: Services, kind: str, settings: dict[str, Value], *, actor: Person = BOSS
) -> Job:
    with services.open("mails") as (store, project):
        return enqueue(
            store, project, kind, settings, actor=actor, now=services.now(), new_id=services.new_id
        )


def ended(services: Services, job: Job) -> Job:
    """The job, once the worker has done all that waits."""
    work(services, once=True, say=lambda line: None)
    with services.workspace.open() as store:
        found = store.jobs.get(job.id)
    assert found is not None
    return found


def upload(services: Services, text: str) -> dict[str, Value]:
    content = io.BytesIO(text.encode())
    path = keep_upload(services.config.folder, "a-1", "more.csv", content)
    return {"upload": path.name, "name": "more.csv"}


def test_a_file_is_imported_and_what_was_left_out_is_kept(services: Services) -> None:
    job = queue(services, "import", upload(services, "id;text\nm8;Eight\nm9;\nm8;Other\n"))
    done = ended(services, job)
    assert (done.state, done.done, done.total) == ("done", 30, 30)
    assert done.message == (
        "1 item added; 2 rows left out; line 3: every field is empty. Remove the row; "
        "line 4: id 'm8' is already there with other content. Give the row its own id, or remove it"
    )
    rejects = services.config.folder / "rejects" / f"{job.id}.jsonl"
    assert rejects.read_text("utf-8").count('"reason"') == 2
    assert list((services.config.folder / "uploads").iterdir()) == []


def test_a_file_that_cannot_be_read_is_told_by_its_own_name(services: Services) -> None:
    done = ended(services, queue(services, "import", upload(services, "a;a\n1;2\n")))
    assert (done.state, done.message[:45]) == (
        "failed",
        "more.csv: the header names 'a' more than once",
    )
    gone = ended(services, queue(services, "import", {"upload": "a-1.csv", "name": "more.csv"}))
    assert gone.message == "more.csv is no longer here: choose the file again"


def test_an_import_that_is_stopped_keeps_what_it_has(services: Services, tmp_path: Path) -> None:
    path = tmp_path / "long.csv"
    path.write_text("id,text\n" + "".join(f"x{n},{'long ' * 200}\n" for n in range(3000)), "utf-8")
    with services.open("mails") as (store, project):
        report = import_file(
            store,
            project,
            DataFile(path=path, name="long.csv"),
            tmp_path / "left.jsonl",
            actor=BOSS,
            now=services.now(),
            going=lambda done, total: done < total / 2,
        )
        assert 0 < report.added < 3000
        assert store.items.count("mails") == 3 + report.added
    assert not list(tmp_path.glob("*left*"))


def test_the_same_work_is_queued_once_and_other_work_beside_it(services: Services) -> None:
    first = queue(services, "export", Request("labels", "csv").to_json())
    assert queue(services, "export", Request("labels", "csv").to_json()).id == first.id
    assert queue(services, "export", Request("labels").to_json()).id != first.id


def test_a_job_that_is_stopped_while_it_waits_leaves_nothing(services: Services) -> None:
    job = queue(services, "export", Request("labels", "csv").to_json())
    with services.open("mails") as (store, project):
        cancel(store, project, job.id, actor=BOSS, now=services.now())
    assert ended(services, job).state == "cancelled"
    assert not (services.config.folder / "exports").exists()


def client(services: Services, role: Role | None) -> TestClient:
    """A browser in which somebody of this role is signed in; None: nobody."""
    app = Starlette(routes=routes(services), middleware=[Middleware(SignedIn, services=services)])
    client = TestClient(app, follow_redirects=False)
    if role is not None:
        someone = person(services, f"The {role}", role)
        secret = services.new_id()
        with services.workspace.open() as store:
            start_session(
                store, someone, "name", secret=secret, lifetime=Lifetime(), now=services.now()
            )
        client.cookies.set(cookie_name(services), secret)
    return client


def answered(services: Services, value: str) -> None:
    """One person answers all there is."""
    ann = person(services, "Ann")
    with services.open("mails") as (store, project):
        while (task := assign(store, project, actor=ann, now=services.now())) is not None:
            submit(store, project, task, value, actor=ann, now=services.now())


def test_what_was_exported_is_fetched_by_who_may(services: Services) -> None:
    job = queue(services, "export", Request("labels", "csv", passport=True).to_json())
    assert client(services, "lead").get(address(job.id)).status_code == 404
    assert ended(services, job).message.startswith("0 rows from 3 items; left out: 3")
    got = client(services, "lead").get(address(job.id))
    assert (got.status_code, got.headers["cache-control"]) == (200, "no-store")
    assert got.headers["content-disposition"] == 'attachment; filename="mails.labels.csv"'
    assert got.text.startswith("id,text,question,")
    refused = client(services, "annotator").get(address(job.id))
    assert (refused.status_code, "may not export" in refused.text) == (403, True)
    assert client(services, None).get(address(job.id)).headers["location"].startswith("/sign-in")
    assert client(services, "lead").get(address("../coannotate.db")).status_code == 404


def test_several_files_are_fetched_as_one(services: Services) -> None:
    set_up(services, MAIL, mails(3), says="parcel")
    answered(services, "parcel")
    job = queue(services, "export", Request("llamafactory").to_json())
    assert "rows from 3 items" in ended(services, job).message
    got = client(services, "lead").get(address(job.id))
    named = got.headers["content-disposition"]
    assert named == 'attachment; filename="mails.llamafactory.zip"'
    with zipfile.ZipFile(io.BytesIO(got.content)) as archive:
        assert "dataset_info.json" in archive.namelist()


def test_what_a_job_counts_is_there_for_the_page(services: Services) -> None:
    request = Request("sft_messages")
    job = queue(services, "count", request.to_json())
    assert ended(services, job).message == "0 rows from 3 items; left out: 3 not routed yet"
    folder = services.config.folder
    assert product_of(folder, job) is None
    with services.open("mails") as (store, project):
        jobs = store.jobs.of_project("mails", limit=9)
        found = report_of(folder, jobs, request)
        assert report_of(folder, jobs, Request("votes")) is None
        assert found == COUNTS.get(folder, store, project, request, actor=BOSS)
    assert found is not None
    assert found.report.dropped == {"not routed yet": 3}
    assert found.behind == {"not routed yet": (("m0", "topic"), ("m1", "topic"), ("m2", "topic"))}


def test_an_export_of_an_earlier_version_says_what_to_do(services: Services) -> None:
    job = queue(services, "export", {"format": "labels_csv", "history": False})
    assert product_of(services.config.folder, job) is None
    done = ended(services, job)
    assert (done.state, done.message) == (
        "failed",
        "this export was queued by an earlier version, whose formats are no more: choose the "
        "format again under Export",
    )


def test_a_backup_is_fetched_by_admins_alone(services: Services) -> None:
    job = queue(services, "backup", {})
    done = ended(services, job)
    assert done.message.endswith("3 items, 0 people")
    assert client(services, "lead").get(address(job.id)).status_code == 403
    got = client(services, "admin").get(address(job.id))
    assert (
        got.headers["content-disposition"]
        == 'attachment; filename="coannotate-2026-03-01-0900.zip"'
    )
    with zipfile.ZipFile(io.BytesIO(got.content)) as archive:
        assert sorted(archive.namelist()) == ["coannotate.db", "mails.task.yaml", "manifest.json"]


def test_who_may_not_do_it_may_not_queue_it(services: Services) -> None:
    ann, lea = person(services, "Ann"), person(services, "Lea", "lead")
    with pytest.raises(NotAllowed, match="may not back up"):
        queue(services, "backup", {}, actor=lea)
    for kind in ("import", "export", "count", "backup"):
        with pytest.raises(NotAllowed, match="Ann is annotator"):
            queue(services, kind, {}, actor=ann)


def test_jobs_about_files_do_not_wait_for_others(services: Services) -> None:
    """They have a thread of their own, however long the worker's other loop is busy."""
    job = queue(services, "export", Request("labels", "csv").to_json())
    ended_, stop = threading.Event(), threading.Event()
    thread = beside_others(services, FILES, lambda line: ended_.set(), stop)
    assert ended_.wait(timeout=60)
    stop.set()
    thread.join()
    with services.workspace.open() as store:
        found = store.jobs.get(job.id)
    assert found is not None
    assert found.state == "done"


@pytest.mark.parametrize("name", ["sheet.xlsx", "../../etc/passwd", "none"])
def test_what_is_no_data_file_is_not_kept(services: Services, name: str) -> None:
    with pytest.raises(UnreadableFile, match=r"a data file ends in \.csv"):
        keep_upload(services.config.folder, "a-1", name, io.BytesIO(b"x"))
    with pytest.raises(UnreadableFile, match="choose the file again"):
        keep_upload(services.config.folder, "../a", "x.csv", io.BytesIO(b"x"))
    assert not (services.config.folder / "uploads").exists()

"""`coannotate people` as somebody types it: who is here, who is let in, and what it refuses."""

from __future__ import annotations

import io
import re
from dataclasses import replace
from pathlib import Path

import pytest

from annotate.accounts import Origin, check_password
from annotate.errors import AnnotateError, NotSignedIn
from annotate.invites import Welcome, welcome
from annotate.model import Person
from app.cli import main
from app.config import Doors, from_environment
from app.server import _check_reach
from app.services import Services, services_for

GOOD = "lamp river uncle"


@pytest.fixture
def services(tmp_path: Path) -> Services:
    return services_for(tmp_path)


@pytest.fixture
def run(services: Services, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch):
    """Runs `coannotate people`; typed: what comes in on standard input. Gives exit code, output
    lines, error text."""

    def command(*words: str, typed: str = "") -> tuple[int, list[str], str]:
        capsys.readouterr()
        monkeypatch.setattr("sys.stdin", io.StringIO(typed))
        code = main(["people", *words, "--dir", str(services.config.folder)])
        out, err = capsys.readouterr()
        return code, out.splitlines(), err

    return command


def enter(services: Services, name: str, password: str) -> Person:
    with services.workspace.open() as store:
        origin = Origin(name, name)
        return check_password(store, name, password, origin=origin, now=services.now())


def test_a_first_admin_from_the_terminal(run, services: Services) -> None:
    assert run("list")[1] == ["Nobody is here yet: `coannotate people add NAME --role admin`"]
    assert run("add", "Lea", "--role", "admin")[1] == ["Lea is here as admin"]
    code, out, _ = run("password-reset", "lea", "--set", typed=f"{GOOD}\nmore\n")
    assert (code, out) == (0, ["Lea has a new password and is signed out everywhere"])
    assert enter(services, "Lea", GOOD).role == "admin"
    assert run("add", "Bo", "--email", "Bo@example.org")[1] == ["Bo is here as annotator"]
    assert [re.split(r"  +", line) for line in run()[1]] == [
        ["name", "role", "password", "e-mail", "signed in"],
        ["Lea", "admin", "yes", "0"],
        ["Bo", "annotator", "no", "bo@example.org", "0"],
    ]


def test_codes_from_the_terminal(run, services: Services) -> None:
    assert "set a password of your own first" in run("invite")[2]
    run("add", "Lea", "--role", "admin")
    code, out, _ = run("password-reset", "Lea")
    assert (code, out[1][:32]) == (0, "Whoever types this code at /join")
    assert f"ADDRESS/join#{out[0]}" in out[1]
    with services.workspace.open() as store:
        assert welcome(store, out[0], now=services.now()) == Welcome("admin", "Lea")
    run("password-reset", "Lea", "--set", typed=GOOD)
    invited = run("invite", "--role", "lead")[1][0]
    with services.workspace.open() as store:
        assert welcome(store, invited, now=services.now()) == Welcome("lead", None)


def test_passwords_are_no_arguments(run, capsys: pytest.CaptureFixture[str]) -> None:
    run("add", "Lea", "--role", "admin")
    with pytest.raises(SystemExit) as stopped:
        run("password-reset", "Lea", "--set", GOOD)
    assert stopped.value.code == 2
    code, _, err = run("password-reset", "Lea", "--set", typed="short\n")
    assert (code, "a password has 10 to 512 characters, not 5" in err) == (1, True)


def test_the_first_password_is_an_admins(run) -> None:
    run("add", "Bo")
    code, _, err = run("password-reset", "Bo", "--set", typed=GOOD)
    assert (code, "the first password is an admin's" in err) == (1, True)


def test_roles_and_leaving(run, services: Services) -> None:
    run("add", "Lea", "--role", "admin")
    run("password-reset", "Lea", "--set", typed=GOOD)
    assert run("add", "Bo")[1][1] == "To let them in: coannotate people password-reset 'Bo'"
    run("password-reset", "Bo", "--set", typed=GOOD)
    assert run("role", "Bo", "--role", "lead")[1] == ["Bo is lead now"]
    assert "Add --role annotator, lead or admin" in run("role", "Bo")[2]
    assert "Lea is the only admin here" in run("deactivate", "Lea")[2]
    assert run("deactivate", "Bo")[1] == ["Bo may no longer come in; their answers stay"]
    assert run()[1][2].endswith("deactivated")
    with pytest.raises(NotSignedIn):
        enter(services, "Bo", GOOD)
    run("deactivate", "Bo", "--undo")
    assert enter(services, "Bo", GOOD).role == "lead"
    assert run("sign-out", "Bo")[1] == ["0 sessions ended"]
    assert "whom? Write: coannotate people deactivate NAME" in run("deactivate")[2]
    assert "nobody here is called 'Cy'; there are: Lea, Bo" in run("deactivate", "Cy")[2]


@pytest.mark.parametrize(
    ("host", "hosts", "shut", "why"),
    [
        ("127.0.0.1", (), False, ""),
        ("127.0.0.1", ("label.example.org",), False, "there are no accounts yet"),
        ("0.0.0.0", ("label.example.org",), False, "there are no accounts yet"),
        ("0.0.0.0", (), True, "--host-name NAME"),
        ("0.0.0.0", ("label.example.org",), True, ""),
        ("127.0.0.1", ("label.example.org",), True, ""),
    ],
)
def test_where_a_server_may_be_reached(
    run, services: Services, host: str, hosts: tuple[str, ...], shut: bool, why: str
) -> None:
    run("add", "Lea", "--role", "admin")
    if shut:
        run("password-reset", "Lea", "--set", typed=GOOD)
    there = replace(services, config=replace(services.config, doors=Doors(hosts)))
    if why:
        with pytest.raises(AnnotateError, match=why):
            _check_reach(there, host)
    else:
        _check_reach(there, host)


def test_the_environment_says_how_long_and_from_where(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COANNOTATE_HOSTS", "Label.Example.org, 10.0.0.4")
    monkeypatch.setenv("COANNOTATE_IDLE_HOURS", "1.5")
    monkeypatch.setenv("COANNOTATE_SESSION_DAYS", "7")
    doors = from_environment().doors
    assert doors.hosts == ("label.example.org", "10.0.0.4")
    assert (doors.lifetime.idle_hours, doors.lifetime.days) == (1.5, 7.0)
    for wrong in ("0", "-1", "soon", "nan", "inf"):
        monkeypatch.setenv("COANNOTATE_IDLE_HOURS", wrong)
        with pytest.raises(AnnotateError, match=f"COANNOTATE_IDLE_HOURS='{wrong}' is no number"):
            from_environment()

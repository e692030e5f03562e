"""`coannotate outlook`, and `coannotate route` with other settings, as somebody types them."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from app.cli import main
from app.services import Services
from tests.app.world import MAIL, Clock, mails, person, services_in, set_up
from tests.labelling import assign, submit

TASK = MAIL.replace("policy: random, budget: 1.0, audit: 0.0", "budget: 0.4, audit: 0.2")


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """30 mails, all `money` to the model, of which Ann has answered two."""
    folder = tmp_path_factory.mktemp("outlook")
    services = services_in(folder, now=Clock())
    set_up(services, TASK, mails(30), says="money")
    ann = person(services, "Ann")
    with services.open("mails") as (store, project):
        for value in ("money", "parcel"):
            task = assign(store, project, actor=ann, now=services.now())
            assert task is not None
            submit(store, project, task, value, actor=ann, now=services.now(), seconds=9.0)
    return folder


@pytest.fixture
def services(prepared: Path, tmp_path: Path) -> Services:
    shutil.copytree(prepared, tmp_path / "work")
    return services_in(tmp_path / "work")


def run(services: Services, *words: str) -> int:
    return main([*words, "--dir", str(services.config.folder)])


def to_people(services: Services) -> int:
    with services.open("mails") as (store, _):
        return store.progress.destinations("mails", "topic")["annotate"]


def test_the_outlook_in_words(services: Services, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(services, "outlook", "--labels", "4") == 0
    said = capsys.readouterr().out
    assert said.startswith("topic: 2 of 30 routed items answered\n")
    assert "the next 4 labels:" in said
    assert "no promise is made" in said
    assert "`coannotate route --set hour_usd=20 --reason ...`" in said


def test_the_outlook_for_programs(services: Services, capsys: pytest.CaptureFixture[str]) -> None:
    words = ("route", "--set", "hour_usd=20", "--reason", "The wage")
    assert run(services, *words) == 0
    capsys.readouterr()
    assert run(services, "outlook", "--usd", "0.5", "--json") == 0
    found = json.loads(capsys.readouterr().out)["topic"]
    assert (found["routed"], found["answered"], found["seconds"]) == (30, 2, 9.0)
    assert found["calibration"] is None
    assert found["dollars_buy"][0]["labels"] == pytest.approx(10.0)
    assert found["curve"]["expected"][0] == pytest.approx(found["expected_wrong"]["now"], abs=1e-6)
    assert found["promise"].startswith("no promise")


def test_a_preview_changes_nothing_and_a_reason_makes_it_so(
    services: Services, capsys: pytest.CaptureFixture[str]
) -> None:
    before = to_people(services)
    assert run(services, "route", "--preview", "--set", "budget=0.8") == 0
    said = capsys.readouterr().out
    assert "nothing is stored. routing.budget: 0.4 → 0.8" in said
    assert "kept by the model → to people" in said
    assert to_people(services) == before
    assert run(services, "route", "--set", "budget=0.8", "--reason", "More people") == 0
    assert "mails.task.yaml: changed as a new version" in capsys.readouterr().out
    assert to_people(services) > before
    with services.open("mails") as (store, project):
        assert project.routing.budget == 0.8
        assert store.versions.all("mails")[0].reason == "More people"


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("--set", "budget=0.8"), "a change needs --reason TEXT"),
        (("--reason", "x"), "name it with --set KEY=VALUE"),
        (("--preview", "--set", "budget"), "KEY=VALUE is meant"),
        (("--preview", "--set", "policy=threshold"), "is required for policy threshold"),
    ],
)
def test_what_does_not_fit_is_refused(
    services: Services, capsys: pytest.CaptureFixture[str], words: tuple[str, ...], why: str
) -> None:
    assert run(services, "route", *words) == 1
    assert why in capsys.readouterr().err

"""`coannotate route` as somebody types it: explained, reported, watching, live in the worker."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from annotate.people import add_person, operator
from app.cli import main
from app.config import from_environment
from app.live import LiveRouter, keep_current
from app.services import Services
from tests.labelling import assign, submit
from tests.small import START

WORDS = ("wonderful", "broken", "late")


@pytest.fixture(scope="module")
def routed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace with ninety routed items, to be copied."""
    folder = tmp_path_factory.mktemp("routed")
    rows = [f'"The {WORDS[n % 3]} lamp number {n} has come, praise or not?"' for n in range(90)]
    (folder / "items.csv").write_text("\n".join(["text", *rows]), "utf-8")
    for words in (("init",), ("import", str(folder / "items.csv")), ("prelabel",), ("route",)):
        assert main([*words, "--dir", str(folder / "work")]) == 0
    return folder / "work"


@pytest.fixture
def services(routed: Path, tmp_path: Path) -> Services:
    """Ninety routed items of one's own."""
    shutil.copytree(routed, tmp_path / "work")
    return Services(from_environment(tmp_path / "work"), now=lambda: START)


def answer(services: Services, count: int) -> None:
    with services.open() as (store, project):
        known = [person for person in store.people.all() if person.name == "Ann"]
        ann = known[0] if known else add_person(
            store, "Ann", "annotator", actor=operator(START), now=START
        )  # fmt: skip
        label = project.questions[0].labels[0].name  # type: ignore[attr-defined]
        for _ in range(count):
            task = assign(store, project, actor=ann, now=START)
            assert task is not None
            submit(store, project, task, label, actor=ann, now=START)


def route(services: Services, *words: str) -> int:
    return main(["route", "--dir", str(services.config.folder), *words])


def test_an_item_is_explained(services: Services, capsys: pytest.CaptureFixture[str]) -> None:
    with services.open() as (store, project):
        item = store.items.page(project.project, limit=1)[0]
    answer(services, 2)
    capsys.readouterr()
    assert route(services, "--explain", item.id) == 0
    out = capsys.readouterr().out
    assert "likely wrong before any human answer" in out
    assert "policy budget, version 1 of" in out
    assert "What each signal adds (logits):" in out
    assert "together: " in out
    assert route(services, "--explain", "nothing") == 1
    assert "has no item 'nothing'" in capsys.readouterr().err


def test_the_report(services: Services, capsys: pytest.CaptureFixture[str]) -> None:
    assert route(services, "--report") == 0
    assert "measured from 30 human answers on" in capsys.readouterr().out
    answer(services, 31)
    assert route(services, "--report") == 0
    out = capsys.readouterr().out
    assert "learned from 31 human answers" in out
    assert "on 31 human answers held out in turn" in out
    assert "Brier 0." in out


def test_routing_follows_the_answers(services: Services) -> None:
    seconds = [0.0]
    router = LiveRouter(services, every_s=5.0, clock=lambda: seconds[0])

    def step(*, first: bool = False) -> list[int]:
        with services.open() as (store, project):
            return [report.humans for _, report in router.step(store, project, first=first)]

    assert step(first=True) == [0]
    answer(services, 3)
    assert step() == []  # so soon after the last routing nothing is due
    seconds[0] = 5.0
    assert step() == [3]
    seconds[0] = 60.0
    assert step() == []  # nothing has come
    answer(services, 1)
    assert step() == [4]


def test_the_worker_keeps_the_queue_current(services: Services) -> None:
    router = LiveRouter(services, every_s=0.0, clock=lambda: 0.0)

    def routings() -> int:
        with services.open() as (store, project):
            return store.decisions.next_number(project.project, project.questions[0].name)

    keep_current(router)
    before = routings()
    answer(services, 5)
    keep_current(router)
    assert routings() == before + 1
    task = services.config.folder / "task.yaml"
    whole = task.read_text("utf-8")
    task.write_text(whole.replace("routing:", "routing:\n  live: false"), "utf-8")
    answer(services, 5)
    keep_current(router)
    assert routings() == before + 1
    task.write_text("broken: [", "utf-8")
    keep_current(router)  # `coannotate check` tells what is wrong; the worker goes on


def test_a_simulation_without_any_data(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["simulate", "--made-up", "60", "--seeds", "2"]) == 0
    out = capsys.readouterr().out
    assert "made up: 60 items" in out
    assert "learned_keep" in out
    assert main(["simulate", "--made-up", "60", "--seeds", "2", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)["made up"]
    assert found["human_share"][:2] == [0.0, 0.05]
    assert set(found["strategies"]["learned"]) == {"low", "mean", "high", "end_share", "end_error"}


def test_a_simulation_needs_known_answers(
    services: Services, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["simulate", "--dir", str(services.config.folder)]) == 1
    assert "name a gold column (`import: gold:`), label some items" in capsys.readouterr().err

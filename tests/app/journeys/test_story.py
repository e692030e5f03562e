"""One story of a lead in a real Chromium: four people of known quality, a model, ten decisions."""

from __future__ import annotations

import random
import re
from collections.abc import Mapping

import pytest
from playwright.sync_api import Browser, Page, expect

from annotate.model import Value
from annotate.people import operator
from annotate.promise.plan import Terms
from annotate.workflow.consensus.consenting import consensus_of
from annotate.workflow.consensus.view import ConsensusView
from annotate.workflow.promises.promising import start
from app.services import Services
from tests.app.desk.browsing import free, signed_in
from tests.app.serving import Server
from tests.app.world import MAIL, Clock, person, services_in, set_up
from tests.labelling import assign, submit

pytestmark = pytest.mark.browser

LABELS = ("money", "parcel", "other")
ITEMS, DECIDED = 60, 10
RIGHT = {"Ann": 1.0, "Bob": 0.95, "Cyd": 0.8, "Dee": 0.35}
MODEL_RIGHT = 0.75
TASK = MAIL.replace(
    "routing: {policy: random, budget: 1.0, audit: 0.0}",
    "people: {per_item: 3}\nrouting: {signal: entropy, policy: random, budget: 0.7, audit: 0.0}",
)


def truth(number: int) -> str:
    return LABELS[number % 3]


def said_by(name: str, number: int, share: float) -> str:
    """What somebody who is right this often says of an item: always the same."""
    chance = random.Random(f"{name} {number}")
    wrong = [label for label in LABELS if label != truth(number)]
    return truth(number) if chance.random() < share else chance.choice(wrong)


def number_of(text: str) -> int:
    [*_, last] = re.findall(r"Mail number (\d+)", text)
    return int(last)


@pytest.fixture(scope="module")
def services(tmp_path_factory: pytest.TempPathFactory) -> Services:
    services = services_in(tmp_path_factory.mktemp("story"), now=Clock())
    rows = [{"id": f"m{n}", "text": f"Mail number {n}"} for n in range(ITEMS)]
    model = lambda prompt: said_by("model", number_of(prompt), MODEL_RIGHT)  # noqa: E731
    set_up(services, TASK, rows, says=model)
    person(services, "Lea", "lead")
    label(services)
    return services


def label(services: Services) -> None:
    """Everybody answers what there is, in turn, until nothing waits."""
    people = {name: person(services, name) for name in RIGHT}
    with services.open("mails") as (store, project):
        waiting = set(people)
        while waiting:
            for name in sorted(waiting):
                task = assign(store, project, actor=people[name], now=services.now())
                if task is None:
                    waiting.discard(name)
                    continue
                value = said_by(name, number_of(task.item.fields["text"]), RIGHT[name])
                submit(store, project, task, value, actor=people[name], now=services.now())


def consensus(services: Services) -> ConsensusView:
    with services.open("mails") as (store, project):
        actor = operator(services.now())
        return consensus_of(store, project, project.questions[0], actor=actor)


def stands(services: Services, view: ConsensusView) -> dict[int, Value]:
    """Number of a mail -> what is stood by."""
    with services.open("mails") as (store, _):
        items = store.items.several(view.item_ids)
    found = zip(view.item_ids, view.label, strict=True)
    return {number_of(items[i].fields["text"]): view.classes[at] for i, at in found if at >= 0}


def right(said: Mapping[int, Value]) -> int:
    return sum(value == truth(number) for number, value in said.items())


def refused(page: Page, server: Server, name: str) -> None:
    page.goto(f"{server.url}/{name}")
    expect(page.get_by_test_id("stAlert").first).to_contain_text("may not")
    assert page.locator("table, .desk, canvas").count() == 0


def test_disagreement_is_decided_and_what_is_delivered_gets_better(
    browser: Browser, server: Server, services: Services
) -> None:
    before = consensus(services)
    first = stands(services, before)
    quality = {q.person_id: q.accuracy for q in before.quality}
    ids = {name: person(services, name).id for name in RIGHT}
    assert quality[ids["Ann"]] > quality[ids["Cyd"]] > quality[ids["Dee"]]
    with signed_in(browser, server, "Lea") as context:
        page = free(context)
        wrong: list[str] = []
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.goto(f"{server.url}/disagreements")
        expect(page.locator('[class*="st-key-matrix-"]').first).to_be_visible()
        expect(page.get_by_text(re.compile(r"Mail number \d+")).first).to_be_visible()
        page.goto(f"{server.url}/decide")
        for _ in range(DECIDED):
            decide(page)
        expect(page.locator(".desk .status")).to_have_class("status good")
        after = consensus(services)
        now = stands(services, after)
        decided = [
            i for i, s in zip(after.item_ids, after.status, strict=True) if s == "adjudicated"
        ]
        assert len(decided) == DECIDED
        kept = {i: p.max() for i, p in zip(after.item_ids, after.posterior, strict=True)}
        assert all(kept[i] == 1 for i in decided)
        assert right(now) > right(first)
        promised(page, server, services)
        assert wrong == []
    with signed_in(browser, server, "Bob") as context:
        page = free(context)
        for name in ("disagreements", "decide", "routing"):
            refused(page, server, name)


def decide(page: Page) -> None:
    """As somebody who knows: choose the right label's digit, then Enter."""
    key = page.locator(".desk .meta .key")
    expect(page.locator(".desk .work:not(.blank) .meta .key")).not_to_be_empty()
    shown = key.inner_text()
    label = truth(number_of(page.locator(".desk .item").inner_text()))
    page.keyboard.press(str(LABELS.index(label) + 1))
    page.keyboard.press("Enter")
    left = page.locator(".desk .work:not(.blank) .meta .key")
    expect(left.filter(has_text=re.compile(f"^{shown}$"))).to_have_count(0)


def promised(page: Page, server: Server, services: Services) -> None:
    """A promise is made; it says nothing yet; what people answer to its audit makes it tighter."""
    with services.open("mails") as (store, project):
        now = services.now()
        terms = Terms(0.3, 0.1, 12)
        start(
            store, project, project.questions[0], terms,
            actor=operator(now), now=now, new_id=services.new_id,
        )  # fmt: skip
    page.goto(f"{server.url}/progress")
    expect(page.locator(".promise.auditing")).to_contain_text("0 of 12 audited")
    label(services)
    page.reload()
    expect(page.locator(".promise.short")).to_contain_text("people are tied on")
    page.goto(f"{server.url}/decide")
    count = page.locator(".desk .count")
    expect(count).to_contain_text("wait")
    for _ in range(int(count.inner_text().split()[0])):
        decide(page)
    expect(page.locator(".desk")).to_contain_text("Nothing to decide")
    page.goto(f"{server.url}/progress")
    expect(page.locator(".promise.kept")).to_contain_text("KEPT: at most 30.0 %")

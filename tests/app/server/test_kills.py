"""The server is killed again and again while people save: what was acknowledged is there, once."""

from __future__ import annotations

import os
import random
import threading
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from tests.app.server.saving import Mortal, Outbox
from tests.app.world import MAIL, mails, person, services_in, set_up
from tests.small import add_slots

KILLS = int(os.environ.get("KILLS", "12"))
"""`make proof` does it fifty times."""


def told(boxes: Sequence[Outbox]) -> int:
    """How many operations were acknowledged so far."""
    return sum(len(box.told) for box in boxes)


def kill_again_and_again(
    server: Mortal, boxes: Sequence[Outbox], threads: Sequence[threading.Thread]
) -> None:
    """When it works; then at any moment of the next few requests."""
    chance = random.Random(7)
    for _ in range(KILLS):
        seen = told(boxes)
        while told(boxes) == seen:
            assert server.runs, "the server ended by itself"
            assert all(thread.is_alive() for thread in threads), "a reply was not as agreed"
            time.sleep(0.002)
        time.sleep(chance.random() * 0.05)
        server.kill()
        server.start()


def test_kills_lose_nothing_and_double_nothing(tmp_path: Path) -> None:
    services = services_in(tmp_path)
    set_up(services, MAIL, mails(3_000), upto="import")
    with services.open("mails") as (store, project):
        ids = [item.id for item in store.items.all("mails")]
        add_slots(store, project, ids, question="topic")
    names = ("Ann", "Bob", "Cyd")
    for name in names:
        person(services, name)
    with Mortal(tmp_path) as server:
        boxes = [
            Outbox(name, server.port, "mails", "topic", ("money", "parcel", "other"), seed)
            for seed, name in enumerate(names)
        ]
        try:
            threads = [threading.Thread(target=box.run, daemon=True) for box in boxes]
            for thread in threads:
                thread.start()
            kill_again_and_again(server, boxes, threads)
        finally:
            for box in boxes:
                box.stop.set()
        for thread in threads:
            thread.join(60)
            assert not thread.is_alive()

    assert sum(box.resent for box in boxes) > 0, "no request was ever cut off"
    with services.open("mails") as (store, _):
        stored = list(store.annotations.counting("mails", "topic"))
        who = {one.id: one.name for one in store.people.all()}
        operations = {
            (who[row["person_id"]], row["id"]): row["status"]
            for row in store._engine.query("select person_id, id, status from operations")
        }
        slots = store.progress.slots("mails", "topic")
    assert operations == {
        (box.name, op): status for box in boxes for op, status in box.told.items()
    }
    assert set(operations.values()) == {"stored"}
    assert len(stored) > KILLS
    assert set(Counter(one.item_id for one in stored).values()) == {1}
    assert {(who[one.person_id], one.item_id, one.value) for one in stored} == {
        (box.name, item_id, value)
        for box in boxes
        for item_id, value in box.meant.items()
        if value is not None
    }
    assert slots["done"] == len(stored)

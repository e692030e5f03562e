"""The annotator's screen against the real app: `python -m tests.bench.screen [--help]`.

A queue of 1,000,000 items unless told otherwise, the server as a process of its own:

- first load: from the address to the first item, with an empty and with a filled browser cache;
- key to next item: from Enter to the frame with the next item, and until the answer is stored;
  alone, and beside 30 simulated annotators who answer every 5 s over HTTP;
- memory: of the server for each further session;
- capacity: how many annotators at work, one answer per 5 s each on average, until 95 in 100 answers
  are no longer stored within 50 ms of being sent.

Browser, server and annotators share the machine: the figures are upper bounds.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from statistics import quantiles
from time import perf_counter
from typing import Any

from playwright.sync_api import Browser

from annotate.people import add_person, operator
from app.config import Config
from app.doors import visitor
from app.doors.tokens import make_token
from app.services import Services
from tests.app.chromium import chromium
from tests.app.doors.guest import Guest
from tests.app.serving import Server, serving
from tests.bench.screen.annotators import TURNS_BEFORE
from tests.bench.screen.typist import Typed, at_work, context_of, type_on
from tests.small import add_items, add_slots, small_project

TASK = """
project: mails
title: Mails
fields: [text]
questions:
  - name: mail
    type: single_label
    text: What is it?
    labels: [{name: spam}, {name: ham}, {name: eggs}]
"""
CHUNK = 50_000
WITHIN_MS = 50.0
SESSIONS = 8


def say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def prepare(folder: Path, items: int, people: int) -> Services:
    """A workspace with one open slot for each item."""
    (folder / "mails.task.yaml").write_text(TASK, "utf-8")
    services = Services(Config(folder, None, folder / "no-hub", {}))
    project = small_project()
    began = perf_counter()
    with services.workspace.open() as store:
        for start in range(0, items, CHUNK):
            ids = add_items(store, project, min(CHUNK, items - start))
            add_slots(store, project, ids)
        for at in range(people):
            now = services.now()
            add_person(store, f"person {at}", "annotator", actor=operator(now), now=now)
    say(f"{items:,} items opened for {people:,} people in {perf_counter() - began:.0f} s")
    return services


def signed_in(services: Services, server: Server, at: int) -> tuple[Guest, dict[str, Any]]:
    """A session of this person, and what their simulated annotator is told."""
    guest = Guest(server.url)
    guest.pick(f"person {at}")
    with services.workspace.open() as store:
        found = visitor(services, store, guest.cookies)
    assert found is not None
    token = make_token(services, found, "mails")
    told = {"url": server.url, "project": "mails", "cookie": guest.cookie_header, "token": token}
    return guest, told


@contextmanager
def beside(told: Sequence[dict[str, Any]], every_s: float, seconds: float) -> Iterator[Any]:
    """Simulated annotators in a process of their own; the dict has their figures afterwards."""
    command = [sys.executable, "-m", "tests.bench.screen.annotators"]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdin is not None
    json.dump({"people": list(told), "every_s": every_s, "seconds": seconds}, process.stdin)
    process.stdin.close()
    process.stdin = None
    figures: dict[str, Any] = {}
    yield figures
    out, _ = process.communicate()
    figures |= json.loads(out)


def percentiles(took: Sequence[float]) -> str:
    """The median and the 95th percentile, of milliseconds."""
    cuts = quantiles(took, n=20, method="inclusive")
    return f"p50 {cuts[9]:.1f} ms, p95 {cuts[18]:.1f} ms, most {max(took):.0f} ms"


def tell(how: str, typed: Typed) -> None:
    say(f"key to next item, {how}: {percentiles(typed.shown_ms)} (n {len(typed.shown_ms)})")
    say(f"key to stored, {how}: {percentiles(typed.saved_ms)}")


def loads_and_keys(
    services: Services, server: Server, browser: Browser, arguments: argparse.Namespace
) -> None:
    guest, _ = signed_in(services, server, 0)
    context = context_of(browser, server, guest.cookies)
    first, cold_s = at_work(context, server)
    first.close()
    page, warm_s = at_work(context, server)
    say(f"first load: {cold_s:.2f} s with an empty cache, {warm_s:.2f} s with a filled one")
    tell("alone", type_on(page, arguments.answers, arguments.pause_ms))
    told = [signed_in(services, server, at)[1] for at in range(1, arguments.people + 1)]
    seconds = arguments.answers * (arguments.pause_ms / 1000 + 0.05) + 10
    with beside(told, arguments.every_s, seconds) as figures:
        page.wait_for_timeout(TURNS_BEFORE * arguments.every_s * 1000)
        tell(f"beside {len(told)}", type_on(page, arguments.answers, arguments.pause_ms))
    took = [second * 1000 for second in figures["save_s"]]
    say(f"their saves meanwhile: {percentiles(took)}, {figures['failed']} failed")
    context.close()


def resident_mb(server: Server) -> float:
    status = Path(f"/proc/{server.process.pid}/status").read_text("ascii")
    [line] = [line for line in status.splitlines() if line.startswith("VmRSS")]
    return int(line.split()[1]) / 1024


def memory(services: Services, server: Server, browser: Browser) -> None:
    before = resident_mb(server)
    contexts = []
    for at in range(1, SESSIONS + 1):
        guest, _ = signed_in(services, server, at)
        contexts.append(context_of(browser, server, guest.cookies))
        at_work(contexts[-1], server)
    after = resident_mb(server)
    for context in contexts:
        context.close()
    each = (after - before) / SESSIONS
    say(f"memory: {before:.0f} MB before, {each:.1f} MB more for each of {SESSIONS} sessions")


def capacity(services: Services, server: Server, arguments: argparse.Namespace) -> None:
    most = 0
    sessions = [signed_in(services, server, at)[1] for at in range(max(arguments.levels))]
    for level in arguments.levels:
        told = [
            one | {"token": _fresh(services, one)} for one in sessions[:level]
        ]  # a token is good for minutes
        with beside(told, arguments.every_s, arguments.seconds) as figures:
            pass
        took = [second * 1000 for second in figures["save_s"]]
        say(
            f"{level} annotators: {len(took) / arguments.seconds:.0f} answers/s stored, "
            f"{percentiles(took)}, {figures['failed']} failed"
        )
        if figures["failed"] or quantiles(took, n=20, method="inclusive")[18] > WITHIN_MS:
            break
        most = level
    say(f"one process serves {most} annotators with 95 in 100 saves within {WITHIN_MS:.0f} ms")


def _fresh(services: Services, told: dict[str, Any]) -> str:
    cookies = dict(part.split("=", 1) for part in told["cookie"].split("; "))
    with services.workspace.open() as store:
        found = visitor(services, store, cookies)
    assert found is not None
    return make_token(services, found, "mails")


def parsed() -> argparse.Namespace:
    parser = argparse.ArgumentParser("python -m tests.bench.screen", description=__doc__)
    parser.add_argument("--items", type=int, default=1_000_000)
    parser.add_argument("--answers", type=int, default=300, help="typed in the browser")
    parser.add_argument("--pause-ms", type=float, default=200.0, help="between two of them")
    parser.add_argument("--people", type=int, default=30, help="simulated beside the browser")
    parser.add_argument("--every-s", type=float, default=5.0, help="pace of a simulated annotator")
    parser.add_argument("--levels", type=int, nargs="*", default=[100, 250, 500, 750, 1000])
    parser.add_argument("--seconds", type=float, default=30.0, help="at each level")
    return parser.parse_args()


def main() -> None:
    arguments = parsed()
    people = max(arguments.people + 1, SESSIONS + 1, *arguments.levels, 1)
    with tempfile.TemporaryDirectory() as folder:
        services = prepare(Path(folder), arguments.items, people)
        with serving(Path(folder)) as server:
            with chromium() as browser:
                loads_and_keys(services, server, browser, arguments)
                memory(services, server, browser)
            if arguments.levels:
                capacity(services, server, arguments)


if __name__ == "__main__":
    main()

"""By hand: a server that understands the prompts, guesses by the text, and fails as asked."""

from __future__ import annotations

import argparse
import itertools
import re
import sys
import time
import zlib
from collections.abc import Callable, Mapping
from typing import Any

from tests.llm_server.fast import FastServer, Load
from tests.llm_server.faults import FAULTS, Call, Step
from tests.llm_server.quota import Quota
from tests.llm_server.reader import answer_label, answer_preference, outside
from tests.llm_server.server import LLMServer


def main() -> None:
    arguments = parsed()
    if arguments.fast:
        load = Load(latency_s=arguments.latency, limit=arguments.limit, refused=arguments.refused)
        say = arguments.say or guessed
        port, processes = arguments.port, arguments.processes
        with FastServer(say, load, port=port, processes=processes) as fast:
            run(fast.base_url, "test-model", fast.counters.told)
        return
    server = LLMServer(
        answering(arguments),
        latency_s=arguments.latency,
        key=arguments.key,
        model=arguments.model,
        port=arguments.port,
        limit=arguments.limit,
        refused=arguments.refused,
    )
    for kind in ("requests", "tokens"):
        if getattr(arguments, kind):
            full = getattr(arguments, kind)
            server.quotas.append(Quota(full, 60, kind, cost=1 if kind == "requests" else 42))
    with server:
        run(server.base_url, server.model, server.told)


def parsed() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m tests.llm_server",
        description=f"{__doc__} GET /stats tells what came, DELETE /stats begins anew.",
    )
    parser.add_argument("--port", type=int, default=8010)
    parser.add_argument("--latency", type=float, default=0.1, help="seconds for each answer (0.1)")
    parser.add_argument("--limit", type=int, default=0, help="calls at once; more get 429 (any)")
    parser.add_argument("--refused", type=float, default=0.0, help="share of calls that get 429")
    parser.add_argument("--say", help="the one answer to every call (a guess)")
    parser.add_argument("--fast", action="store_true", help="thousands of calls a second, no more")
    parser.add_argument("--processes", type=int, default=1, help="of a fast server (1)")
    slow = parser.add_argument_group("not of a fast server")
    slow.add_argument("--model", default="test-model", help="calls for another one get 404")
    slow.add_argument("--key", help="calls with another one get 401")
    slow.add_argument("--fault", choices=sorted(FAULTS), help="what goes wrong")
    slow.add_argument("--every", type=int, default=10, help="each how many calls (10)")
    slow.add_argument("--requests", type=int, help="a minute, told in headers; more get 429")
    slow.add_argument("--tokens", type=int, help="a minute, told in headers; more get 429")
    arguments = parser.parse_args()
    ignored = [name for name in ("key", "fault", "requests", "tokens") if getattr(arguments, name)]
    if arguments.fast and ignored:
        parser.error(f"a fast server has no --{ignored[0]}")
    return arguments


def answering(arguments: argparse.Namespace) -> Callable[[Call], str | Step]:
    counter = itertools.count(1)

    def answer(call: Call) -> str | Step:
        if arguments.fault and next(counter) % arguments.every == 0:
            return FAULTS[arguments.fault]
        return arguments.say or guessed(call.body)

    return answer


def run(base_url: str, model: str, told: Callable[[], Mapping[str, int]]) -> None:
    """Show how it goes until somebody stops it."""
    sys.stdout.write(f"base_url: {base_url}\nmodel: {model}\n")
    try:
        while True:
            sys.stdout.write("\r" + ", ".join(f"{n} {name}" for name, n in told().items()) + "  ")
            sys.stdout.flush()
            time.sleep(1)
    except KeyboardInterrupt:
        sys.stdout.write("\n")


def guessed(body: Mapping[str, Any]) -> str:
    """An answer in the form that the prompt asks for, the same for the same item text."""
    system, user = body["messages"][0]["content"], body["messages"][-1]["content"]
    return f"{guess(system, user)}\nconfidence: 0.8"


def guess(system: str, user: str) -> str:
    prompt = f"{system.partition(NEWLINE)[0]}\n\n{user}"  # the guideline has lists of its own
    material = re.findall(r"<{3,}(.*?)>{3,}", user, re.DOTALL)
    number = zlib.crc32("".join(sorted(material)).encode())
    responses = re.findall(r"(?:Response|回答) [A-Z](?:: ?|：)\n?<{3,}(.*?)>{3,}", user, re.DOTALL)
    if responses:
        return answer_preference(prompt, [*sorted(responses)[:2], None][number % 3])
    labels = dict.fromkeys(sorted(_names(outside(prompt))), "")
    return answer_label(prompt, list(labels)[number % len(labels)], labels)


def _names(asked: str) -> set[str]:
    """The labels in a prompt; of a claim about one, that one and another."""
    listed = re.findall(r"^(?:- |\(\S+\) )(.+?)(?:: .*|：.*)?$", asked, re.MULTILINE)
    if listed:
        return set(listed)
    row = re.search(r"^(?:Possible answers: |可能的答案：)(.+)[.。]", asked, re.MULTILINE)
    if row:
        bare = re.sub(r" \([^()]*\)|（[^（）]*）", "", row.group(1))
        return set(re.split(r"; |；", bare))
    claims: list[str] = re.findall(r"(?:is|is not|是) ?[\"“](.+?)[\"”]", asked)
    return {"another", *claims[-1:]}


NEWLINE = "\n"

if __name__ == "__main__":
    main()

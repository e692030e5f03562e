"""By hand: a server that understands the prompts, guesses by the text, and fails as asked."""

from __future__ import annotations

import argparse
import itertools
import re
import sys
import time
import zlib

from tests.llm_server.faults import FAULTS, Call, Step
from tests.llm_server.reader import answer_label, answer_preference, outside
from tests.llm_server.server import LLMServer


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.llm_server", description=__doc__)
    parser.add_argument("--port", type=int, default=8010)
    parser.add_argument("--latency", type=float, default=0.1, help="seconds for each answer")
    parser.add_argument("--model", default="test-model", help="calls for another one get 404")
    parser.add_argument("--key", help="calls with another one get 401")
    parser.add_argument("--fault", choices=sorted(FAULTS), help="what goes wrong")
    parser.add_argument("--every", type=int, default=10, help="each how many calls (10)")
    arguments = parser.parse_args()
    counter = itertools.count(1)

    def answer(call: Call) -> str | Step:
        if arguments.fault and next(counter) % arguments.every == 0:
            return FAULTS[arguments.fault]
        return f"{guess(call)}\nconfidence: 0.8"

    server = LLMServer(
        answer,
        latency_s=arguments.latency,
        key=arguments.key,
        model=arguments.model,
        port=arguments.port,
    )
    with server:
        sys.stdout.write(f"base_url: {server.base_url}\nmodel: {server.model}\n")
        sys.stdout.flush()
        try:
            while True:
                time.sleep(1)
                sys.stdout.write(f"\r{len(server.calls)} calls, {server.in_flight} in flight ")
                sys.stdout.flush()
        except KeyboardInterrupt:
            sys.stdout.write("\n")


def guess(call: Call) -> str:
    """An answer in the form that the prompt asks for, the same for the same item text."""
    system, user = call.messages[0][1], call.messages[-1][1]
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

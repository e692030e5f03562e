"""A model proposes a sentence about what it got wrong; a person takes it, changes it or not."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from annotate.errors import Conflict, NotFound, NothingToDo, ProviderError
from annotate.llm.books.ledger import CapReached, Ledger
from annotate.llm.proposal import Writer, read_proposal, with_room
from annotate.llm.providers.openai_chat import OpenAIChat
from annotate.model import Person
from annotate.project import Project, load_project
from annotate.store.proposals import Proposal
from annotate.workflow.guideline.proposing import (
    accept_proposal,
    proposals,
    propose,
    reject_proposal,
)
from annotate.workflow.guideline.revising import versions
from annotate.workflow.routes.routing import route
from annotate.workspace import record_version
from tests.labelling import assign, submit
from tests.llm_server import LLMServer
from tests.llm_server.fixtures import World
from tests.llm_server.forked import KEY
from tests.small import add_items, machine_says, someone

TASK = """\
project: mails
title: Mails
guideline: |
  Spam is unasked for.
  - Offers are spam.
fields: [text]
questions:
  - name: mail
    type: single_label
    text: What is it?
    labels: [{{name: spam}}, {{name: ham}}]
routing: {{signal: entropy, policy: budget, budget: 1.0, audit: 0}}
llm: {{provider: openai, base_url: "{address}", model: test-model, max_tokens: 5}}
"""
SAYS = {"summary": "They are\nnewsletters.", "sentence": "- Newsletters that were ordered are ham."}


class Court:
    """Six mails that the model takes for spam and Ann for ham, two that she takes for spam."""

    def __init__(self, world: World, server: LLMServer, folder: Path, lead: Person) -> None:
        self.world, self.server, self.lead = world, server, lead
        self.path = folder / "task.yaml"
        self.path.write_text(TASK.format(address=server.base_url), "utf-8")
        self.ids = add_items(world.store, self.project, 8)
        record_version(world.store, self.path, self.project, now=world.now)
        machine_says(world.store, self.project, {i: ["spam"] * 5 for i in self.ids})
        question = self.project.questions[0]
        route(world.store, self.project, question, actor=lead, now=world.now, new_id=lambda: "r")
        ann = someone(world.store, "Ann")
        said = {i: "ham" if at < 6 else "spam" for at, i in enumerate(self.ids)}
        for _ in self.ids:
            task = assign(world.store, self.project, actor=ann, now=world.now)
            assert task is not None
            value = said[task.item.id]
            submit(world.store, self.project, task, value, actor=ann, now=world.now)
        server.answer = lambda call: f"Here it is:\n```json\n{json.dumps(SAYS)}\n```"

    @property
    def project(self) -> Project:
        return load_project(self.path)

    def propose(self, people: str = "ham", *, max_calls: int = 9, new_id: str = "p1") -> Proposal:
        llm = with_room(self.project.llm)
        provider = OpenAIChat(llm, KEY, backoff_s=0.001)
        writer = Writer(provider, llm, Ledger(max_calls=max_calls), structured=False)
        return propose(
            self.world.store,
            self.project,
            self.project.questions[0],
            people,
            "spam",
            writer,
            actor=self.lead,
            now=self.world.now,
            new_id=lambda: new_id,
        )


@pytest.fixture
def court(world: World, server: LLMServer, tmp_path: Path, lead: Person) -> Court:
    return Court(world, server, tmp_path, lead)


def test_what_is_asked_and_what_is_kept(court: Court) -> None:
    made = court.propose()
    assert made.summary == "They are newsletters."
    assert made.sentence == "Newsletters that were ordered are ham."
    assert sorted(made.item_ids) == sorted(court.ids[:6])
    assert (made.prompt_version, made.asked) == ("proposal/en/sentence.v1+system.v1", "test-model")
    [call] = court.server.calls
    assert call.body["max_tokens" if "max_tokens" in call.body else "max_completion_tokens"] == 600
    assert 'people answered "ham" and a model answered "spam"' in call.prompt
    assert "Offers are spam." in call.prompt
    assert all(f"<<<mail {at}>>>" in call.prompt for at in range(6))
    assert "mail 6" not in call.prompt
    assert proposals(court.world.store, court.project, actor=court.lead) == [(made, None)]
    assert court.project.guideline.count("\n") == 2  # nothing is changed by it


def test_an_edited_sentence_becomes_a_version(court: Court) -> None:
    made = court.propose()
    new = accept_proposal(
        court.world.store,
        court.path,
        court.project,
        made.id,
        sentence="Newsletters are ham when ordered.",
        actor=court.lead,
        now=court.world.now,
    )
    assert new.guideline == (
        "Spam is unasked for.\n- Offers are spam.\n- Newsletters are ham when ordered.\n"
    )
    newest = versions(court.world.store, court.project, actor=court.lead)[0]
    assert (newest.number, newest.reason) == (
        2,
        "proposed by the model (mail: people say ham, the model spam)",
    )
    [(_, verdict)] = proposals(court.world.store, court.project, actor=court.lead)
    assert verdict is not None
    assert (verdict.verdict, verdict.sentence, verdict.version, verdict.person) == (
        "accepted",
        "Newsletters are ham when ordered.",
        2,
        "operator",
    )
    with pytest.raises(Conflict, match="operator has accepted this proposal already"):
        reject_proposal(
            court.world.store, court.project, made.id, actor=court.lead, now=court.world.now
        )
    assert court.world.store.proposals.items_used("mails", "mail") == set(court.ids[:6])


def test_a_rejected_one_stays_on_record(court: Court) -> None:
    made, store = court.propose(), court.world.store
    reject_proposal(
        store, court.project, made.id, comment="too wide", actor=court.lead, now=court.world.now
    )
    [(kept, verdict)] = proposals(store, court.project, actor=court.lead)
    assert verdict is not None
    assert (kept.id, verdict.verdict, verdict.comment) == ("p1", "rejected", "too wide")
    assert court.project.guideline.count("\n") == 2
    with pytest.raises(NotFound, match="no proposal 'other'"):
        reject_proposal(store, court.project, "other", actor=court.lead, now=court.world.now)


def test_when_writing_fails_the_proposal_is_undecided(court: Court) -> None:
    made = court.propose()
    seen = court.project
    court.path.write_text(court.path.read_text("utf-8").replace("Mails", "Post"), "utf-8")
    with pytest.raises(Conflict, match="has changed since you began"):
        accept_proposal(
            court.world.store, court.path, seen, made.id, actor=court.lead, now=court.world.now
        )
    assert proposals(court.world.store, court.project, actor=court.lead)[0][1] is None


def test_items_that_measure_are_not_shown(court: Court) -> None:
    court.world.store.items.add_gold((i, "mail", "ham") for i in court.ids[:4])
    with pytest.raises(NothingToDo, match=r"there are 2 items .* \(4 more measure the model"):
        court.propose()
    assert court.server.calls == []


def test_it_stays_within_the_caps(court: Court) -> None:
    with pytest.raises(CapReached):
        court.propose(max_calls=0)
    assert court.server.calls == []


@pytest.mark.parametrize(
    ("reply", "why"),
    [
        ("Newsletters are ham.", "is no JSON object"),
        ('{"summary": "x", "sentence": " "}', "proposes no sentence"),
        ('{"summary": "x", "sentence": "%s"}' % ("y" * 501), "is longer than one sentence"),
        (None, "is no JSON object"),
        ("[1] {", "is no JSON object"),
    ],
)
def test_a_reply_that_is_no_proposal(reply: str | None, why: str) -> None:
    with pytest.raises(ProviderError, match=why):
        read_proposal(reply)

"""Projects of every question type, with open work that no model was asked about."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping, Sequence
from typing import Any

from annotate.importers import read
from annotate.model import Annotation
from annotate.people import operator
from annotate.workflow.imports.importing import import_items
from annotate.workflow.routes.people_only import send_all
from app.services import Services
from tests.app.world import answers

ONE_LABEL = """
project: topics
title: Topics
guideline: |
  Choose **one**. A refund of $5 or $10 is *money*.

  1. The open request wins over the background.
fields: [text]
import: {id: id}
questions:
  - name: topic
    type: single_label
    text: What is it about?
    labels:
      - {name: money, description: Anything that is paid.}
      - {name: parcel}
      - {name: other, key: o}
"""
MANY_LABELS = """
project: intents
title: Intents
fields: [text]
import: {id: id}
questions:
  - name: intent
    type: single_label
    text: Which intent?
    labels:
      - {name: activate card}
      - {name: age limit}
      - {name: apple pay}
      - {name: atm support}
      - {name: balance}
      - {name: cancel}
      - {name: card arrival}
      - {name: change pin}
      - {name: country}
      - {name: declined}
      - {name: exchange rate}
      - {name: lost phone}
"""
SEVERAL_LABELS = """
project: touches
title: Touches
fields: [text]
import: {id: id}
questions:
  - name: about
    type: multi_label
    text: What does it touch?
    min: 0
    max: 2
    labels: [{name: price, key: p}, {name: taste}, {name: service}]
"""
RATING = """
project: quality
title: Quality
fields: [text]
import: {id: id}
questions:
  - name: quality
    type: rating
    text: How good is it?
    scale: {min: 1, max: 5, ends: [poor, excellent]}
    aspects: [{name: tone, text: Tone}, {name: facts, text: Facts}]
"""
PREFERENCE = """
project: better
title: Better
fields: [prompt, one, two]
import: {id: id}
questions:
  - {name: better, type: preference, text: Which is better?, prompt: prompt, responses: [one, two]}
"""
STRENGTH = """
project: stronger
title: Stronger
fields: [prompt, one, two]
import: {id: id}
questions:
  - name: better
    type: preference
    text: Which is better?
    prompt: prompt
    responses: [one, two]
    strength: 3
"""
RANKING = """
project: ranks
title: Ranks
fields: [prompt, one, two, three]
import: {id: id}
questions:
  - {name: order, type: ranking, text: Rank them, prompt: prompt, responses: [one, two, three]}
"""
SEVERAL_QUESTIONS = """
project: triage
title: Triage
fields: [text]
import: {id: id}
questions:
  - name: topic
    type: single_label
    text: What is it about?
    labels: [{name: fault}, {name: praise}]
  - name: what
    type: multi_label
    text: What is wrong?
    when: {question: topic, is: fault}
    labels: [{name: broken}, {name: late}]
  - name: urgent
    type: rating
    text: How urgent?
    scale: {min: 0, max: 10}
"""
SAME_RESPONSES = """
project: same
title: Same
fields: [prompt, one, two, three]
import: {id: id}
questions:
  - {name: flaw, type: single_label, text: Is one flawed?, labels: [{name: yes it is}, {name: no}]}
  - name: where
    type: spans
    text: Where is the flaw?
    field: one
    labels: [{name: flaw}]
    when: {question: flaw, is: yes it is}
  - {name: better, type: preference, text: Best?, prompt: prompt, responses: [one, two, three]}
  - {name: order, type: ranking, text: Rank, prompt: prompt, responses: [one, two, three]}
"""
CHINESE = """
project: zh
language: zh
title: 图书馆留言
guideline: 只选**一个**。
fields: [内容]
import: {id: 编号}
questions:
  - name: 意图
    type: single_label
    text: 读者主要想办什么事？
    labels: [{name: 借阅}, {name: 预约, description: 预约图书、座位。}]
"""


def bring(services: Services, name: str, rows: Sequence[Mapping[str, Any]]) -> None:
    """Import the rows; nobody is asked about them yet."""
    now, items = services.now(), services.config.folder / f"{name}.jsonl"
    items.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    with services.open(name) as (store, project):
        import_items(store, project, read(items), io.StringIO(), actor=operator(now), now=now)


def open_work(services: Services, task: str, rows: Sequence[Mapping[str, Any]]) -> None:
    """Write the project file, import the rows, and ask people about each."""
    folder, now = services.config.folder, services.now()
    name = task.split("project: ")[1].split()[0]
    (folder / f"{name}.task.yaml").write_text(task, "utf-8")
    bring(services, name, rows)
    with services.open(name) as (store, project):
        for question in project.questions:
            send_all(store, project, question, now=now, new_id=services.new_id)


def mails(count: int, prefix: str = "m") -> list[dict[str, str]]:
    return [{"id": f"{prefix}{at}", "text": f"Mail number {at} of {prefix}"} for at in range(count)]


def said(services: Services, project: str, name: str) -> list[tuple[str, Annotation]]:
    """(item's own id, answer) of all that this person ever said, by time; retracted ones too."""
    with services.open(project) as (store, opened):
        who = store.people.named(name)
        assert who is not None
        keys = {i.id: i.key.removeprefix("id:") for i in store.items.page(opened.project)}
    return [(keys[a.item_id], a) for a in answers(services, project) if a.person_id == who.id]


def counting(services: Services, project: str, name: str) -> list[tuple[str, Any]]:
    """(item's own id, value) of this person's answers that count, by the time they arrived."""
    found = said(services, project, name)
    return [(key, a.value) for key, a in found if a.kind == "answer" and a.undone_at is None]

"""The page on which training data is chosen, seen and taken, as a lead meets it."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from annotate.model import Role
from app.config import FOLDER, PERSON
from app.controls.exports import choice as export_choice
from app.services import Services
from app.worker import work
from tests.app.looking import MAIN, click, shown
from tests.app.world import MAIL, REPLIES, mails, person, services_in, set_up
from tests.labelling import assign, submit

WORDS = (
    "Kettle",
    "Lamp",
    "Boat",
    "Chair",
    "Ticket",
    "Fridge",
    "Ladder",
    "Violin",
    "Carpet",
    "Bell",
)


@pytest.fixture
def services(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Services:
    monkeypatch.setenv(FOLDER, str(tmp_path))
    monkeypatch.setenv(PERSON, "")
    return services_in(tmp_path)


def answered(services: Services, project: str, *values: str) -> list[str]:
    """Ann gives these answers, one after the other; the ids of the items she got."""
    ann, ids = person(services, "Ann"), []
    with services.open(project) as (store, opened):
        for value in values:
            task = assign(store, opened, actor=ann, now=services.now())
            assert task is not None
            submit(store, opened, task, value, actor=ann, now=services.now())
            ids.append(task.item.key.removeprefix("id:"))
    return ids


def at_export(services: Services, role: Role = "lead", **query: str) -> AppTest:
    os.environ[PERSON] = person(services, f"The {role}", role).name
    app = AppTest.from_file(MAIN, default_timeout=20).run()
    app.switch_page("pages/export.py")
    for key, value in query.items():
        app.query_params[key] = value
    app.run()
    assert not app.exception
    return app


def choose(app: AppTest, key: str, value: object) -> AppTest:
    everything = [
        *app.selectbox,
        *app.button_group,
        *app.checkbox,
        *app.number_input,
        *app.multiselect,
    ]
    next(one for one in everything if one.key == key).set_value(value)
    app.run()
    assert not app.exception
    return app


def test_labels_are_seen_as_they_will_be_written(services: Services) -> None:
    set_up(services, MAIL, mails(4), says="parcel")
    ids = answered(services, "mails", "parcel", "money", "parcel")
    app = at_export(services)
    assert app.selectbox(key="format").options[:2] == ["labels", "votes"]
    html = shown(app)
    assert "<b>3</b><span>rows</span>" in html
    assert "<b>1</b><span>left out</span>" in html
    rows = [json.loads(line) for line in app.code[0].value.splitlines()]
    assert [row["id"] for row in rows] == sorted(ids)
    [button, *_] = app.get("download_button")
    assert button.proto.label == "Download mails\\.labels\\.jsonl"
    assert app.code[-1].value == "coannotate export labels -o mails.labels.jsonl"
    choose(app, "form", "csv")
    assert (
        app.code[0].value.splitlines()[1].startswith(f"{min(ids)},Mail number {min(ids)[1:]} about")
    )
    assert "--guard-formulas" in app.code[-1].value


def test_a_folder_of_files_counts_them_together_and_shows_columns_in_their_order(
    services: Services,
) -> None:
    set_up(services, MAIL, mails(4), says="parcel")
    answered(services, "mails", "parcel", "money", "parcel")
    app = at_export(services)
    assert "JSON Lines, one object a line." in shown(app)
    choose(app, "format", "hf_dataset")
    html = shown(app)
    assert "<span>rows</span><small>in all files together</small>" in html
    assert "<span>left out</span><small>in all files together, for 3 reasons</small>" in html
    first = json.loads(app.code[0].value.splitlines()[0])
    assert list(first)[:4] == ["id", "text", "question", "label"]


def test_what_is_left_out_has_its_reason_and_its_items(services: Services) -> None:
    set_up(services, MAIL, mails(4), says="parcel")
    answered(services, "mails", "parcel", "money", "parcel")
    app = at_export(services)
    choose(app, "format", "sft_messages")
    html = shown(app)
    assert "<p>Person and model disagree<small>Let a second person answer or a lead decide" in html
    assert "<p>Waiting for people<small>" in html
    click(app, "Items")
    assert '<a href="/item?project=mails&amp;item=' in shown(app)
    choose(app, "from-human", True)
    assert "Person and model disagree" not in shown(app)
    assert "--sft-from agreed confirmed human" in app.code[-1].value


def test_nothing_to_take_is_said_with_its_reason(services: Services) -> None:
    set_up(services, MAIL, mails(2), upto="import")
    app = at_export(services)
    html = shown(app)
    assert "<b>0</b><span>rows</span>" in html
    assert "No row yet: what is left out, and why, stands below." in html
    assert "<p>Not routed yet<small>" in html
    assert app.get("download_button")[0].proto.disabled


def test_pairs_are_read_as_a_chat(services: Services) -> None:
    rows = [{"id": "r1", "prompt": "Say <b>", "one": "Loud & clear", "two": "No."}]
    set_up(services, REPLIES, rows)
    answered(services, "replies", "a")
    app = at_export(services)
    choose(app, "format", "preference_trl")
    choose(app, "rows", "To read")
    html = shown(app)
    assert '<p class="turn user" dir="auto"><i>user</i>Say &lt;b&gt;</p>' in html
    assert '<dd class="rejected"><p class="turn assistant" dir="auto"><i>assistant</i>No.' in html
    assert {one.key for one in app.number_input} == {"cap"}
    choose(app, "cap", 2)
    assert "--per-prompt 2" in app.code[-1].value


def test_every_format_is_shown(services: Services) -> None:
    set_up(services, MAIL, mails(2), says="parcel")
    answered(services, "mails", "parcel", "parcel")
    app = at_export(services)
    for name in export_choice.names():
        choose(app, "format", name)
        assert [one.value for one in app.error] == []
        assert f"<td>{name}</td>" in shown(app)


def test_a_link_opens_what_it_was_made_of(services: Services) -> None:
    set_up(services, MAIL, mails(1), upto="import")
    app = at_export(services, format="kto_trl", guideline="true")
    assert app.selectbox(key="format").value == "kto_trl"
    assert app.checkbox(key="guideline").value is True


def test_large_ones_are_counted_and_written_by_jobs(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.controls.exports.taking.AT_ONCE_ITEMS", 2)
    set_up(services, MAIL, mails(3), says="parcel")
    answered(services, "mails", "parcel")
    app = at_export(services)
    assert "<span>rows</span>" not in shown(app)
    click(app, "Count first")
    assert next(one for one in app.button if one.label == "Count first").disabled
    work(services, once=True, say=lambda line: None)
    html = shown(app.run())
    assert "<b>1</b><span>row</span>" in html
    assert "<p>Waiting for people<small>" in html
    assert "Download mails." not in html
    click(app, "Write the file")
    work(services, once=True, say=lambda line: None)
    assert "Download mails.labels.jsonl" in shown(app.run())
    answered(services, "mails", "money")
    assert "Counted before the newest answers came in" in shown(app.run())


def test_splits_are_counted_and_what_was_moved_is_told(services: Services) -> None:
    rows = [{"id": f"m{n}", "text": f"{word} came late"} for n, word in enumerate(WORDS)]
    set_up(services, MAIL, rows, says="parcel")
    answered(services, "mails", *["parcel"] * len(WORDS))
    app = at_export(services, split="train 50, dev 25, test 25")
    html = shown(app)
    counts = {name: int(count) for count, name in re.findall(r"<b>(\d+)</b><span>(\w+)", html)}
    assert counts["train"] + counts["dev"] + counts["test"] == counts["rows"] == len(WORDS)
    assert min(counts["train"], counts["dev"], counts["test"]) > 0
    assert "Download mails\\.labels\\.zip" in [b.proto.label for b in app.get("download_button")]
    assert "--splits train=0.5,dev=0.25,test=0.25" in app.code[-1].value
    app = at_export(services, split="train 50, dev 25")
    assert "write a name and its percent for each part" in app.error[0].value


def test_a_snapshot_is_made_checked_and_compared(services: Services) -> None:
    set_up(services, MAIL, mails(3), says="parcel")
    answered(services, "mails", "parcel")
    app = at_export(services, part="Snapshots")
    assert "None yet" in shown(app)
    next(one for one in app.text_input if one.key == "snapshot-comment").set_value("first <b>")
    choose(app, "with", ["sft_messages"])
    click(app, "Make a snapshot")
    work(services, once=True, say=lambda line: None)
    html = shown(app.run())
    assert "<b>v1</b> first &lt;b&gt;<small>1 labels of 3 items" in html
    assert "by The lead" in html
    folder = services.config.folder / "snapshots" / "mails" / "v1"
    assert (folder / "sft_messages.jsonl").is_file()
    click(app, "Check")
    assert "are as they were written" in app.success[0].value
    answered(services, "mails", "money")
    click(app, "Compare")
    assert "<li>1 label is new: 1 from people</li>" in shown(app)
    (folder / "guideline.md").chmod(0o644)
    (folder / "guideline.md").write_text("other", "utf-8")
    click(app, "Check")
    assert "guideline\\.md was changed" in app.error[0].value


def test_an_annotator_is_refused(services: Services) -> None:
    set_up(services, MAIL, mails(1), upto="import")
    app = at_export(services, "annotator")
    assert "may not export" in app.error[0].value
    assert not app.title
    assert not app.selectbox

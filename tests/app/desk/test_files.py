"""The desk's files: no way from text to HTML, one catalogue, addresses that browsers may keep."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from annotate.model import Person
from app.screen.assets import FOLDER, assets, route
from app.screen.mount import LOADER, payload
from app.services import Services
from tests.app.desk.projects import CHINESE, ONE_LABEL, mails, open_work
from tests.app.world import person, services_in

MODULES = sorted(FOLDER.rglob("*.js"))
CATALOGUES = sorted((FOLDER / "strings").glob("*.json"))
SINKS = re.compile(
    r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|DOMParser|createContextualFragment"
    r"|setHTML|srcdoc|\beval\b|new Function|javascript:"
)
FETCHED = re.compile(r"""https?://(?!\*)[a-z]""")
KEY = re.compile(r"""\bt\(\s*(?:"([\w.]+)"|`([\w.$]+)\$?\{)""")


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.name)
def test_a_module_has_no_html_sink_and_no_address_elsewhere(path: Path) -> None:
    text = path.read_text("utf-8")
    assert SINKS.findall(text) == []
    assert FETCHED.findall(text) == []


def test_style_sheets_fetch_nothing() -> None:
    for path in FOLDER.rglob("*.css"):
        assert re.findall(r"url\(|@import", path.read_text("utf-8")) == []


def test_every_language_has_the_same_keys_and_places() -> None:
    english, *others = (json.loads(path.read_text("utf-8")) for path in CATALOGUES)
    assert [path.stem for path in CATALOGUES] == ["en", "zh"]
    for other in others:
        assert sorted(other) == sorted(english)
        for key, text in english.items():
            assert set(re.findall(r"\{\w+\}", other[key])) == set(re.findall(r"\{\w+\}", text)), key


def test_every_key_that_is_asked_for_is_in_the_catalogue() -> None:
    known = set(json.loads(CATALOGUES[0].read_text("utf-8")))
    known |= {key.rsplit(".", 1)[0] for key in known}
    text = "".join(path.read_text("utf-8") for path in MODULES)
    asked = {name for name, _ in KEY.findall(text) if name}
    assert len(asked) > 60
    assert asked - known == set()


def test_files_are_kept_for_good_at_an_address_of_their_own() -> None:
    client = TestClient(Starlette(routes=[route()]))
    found = client.get(assets().address("index.js"))
    assert found.status_code == 200
    assert found.headers["content-type"].startswith("text/javascript")
    assert found.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert found.headers["x-content-type-options"] == "nosniff"
    assert "export default" in found.text
    assert client.get(assets().address("desk.css")).headers["content-type"].startswith("text/css")
    words = client.get(assets().address("strings/zh.json"))
    assert words.headers["content-type"].startswith("application/json")


@pytest.mark.parametrize(
    "path", ["/screen/0000000000000000/index.js", "VERSION/../mount.py", "VERSION/nothing.js"]
)
def test_other_files_are_not_there(path: str) -> None:
    client = TestClient(Starlette(routes=[route()]))
    wanted = path.replace("VERSION", assets().address("").rstrip("/"))
    assert client.get(wanted).status_code == 404


def test_little_goes_over_the_websocket() -> None:
    assert len((LOADER % assets().address("index.js")).encode()) < 400


def test_the_page_tells_the_desk_its_language_and_no_more_than_it_needs(tmp_path: Path) -> None:
    services = services_in(tmp_path)
    open_work(services, CHINESE, [{"编号": "z", "内容": "你好"}])
    open_work(services, ONE_LABEL, mails(1))
    ann = person(services, "Ann")
    assert _payload(services, "zh", ann, "zh-Hans-CN")["language"] == "zh"
    assert _payload(services, "zh", ann, "de-DE")["language"] == "en"
    assert _payload(services, "zh", ann, None)["content_language"] == "zh"
    told = _payload(services, "topics", ann, "en-GB")
    assert told["types"] == ["single_label"]
    assert told["api"] == "/api/projects/topics/"
    assert told["guideline"][0] == {
        "tag": "p",
        "children": [
            "Choose ",
            {"tag": "strong", "children": ["one"]},
            ". A refund of $5 or $10 is ",
            {"tag": "em", "children": ["money"]},
            ".",
        ],
    }
    assert set(told) == {
        *("project", "title", "person", "api", "token", "language", "languages"),
        *("content_language", "types", "style", "guideline"),
    }


def _payload(services: Services, name: str, ann: Person, locale: str | None) -> dict[str, Any]:
    with services.open(name) as (_, project):
        return payload(project, ann, token="t", locale=locale)

"""What the written pages say is true: their names exist."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest
from ruamel.yaml import YAML

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text("utf-8")


def blocks(language: str, text: str = README) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", text, re.DOTALL)


@pytest.mark.parametrize("goal", ["demo", "test"])
def test_make_goals_of_the_readme_exist(goal: str) -> None:
    assert f"make {goal}" in README
    shown = subprocess.run(
        ["make", "--dry-run", goal], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert {"demo": "coannotate demo", "test": "pytest"}[goal] in shown.stdout


def test_the_settings_of_the_readme_are_valid() -> None:
    from annotate.project.settings import (
        ConsensusSettings,
        LLMSettings,
        PeopleSettings,
        RoutingSettings,
    )

    found = [YAML(typ="safe").load(block) for block in blocks("yaml")]
    for llm in (block["llm"] for block in found if "llm" in block):
        assert LLMSettings.model_validate(llm).provider == "openai"
    [routing] = [block["routing"] for block in found if "routing" in block]
    assert RoutingSettings.model_validate(routing).build().name == "budget"
    people = [block["people"] for block in found if "people" in block]
    assert {PeopleSettings.model_validate(one).mode for one in people} == {"blind"}
    [consensus] = [block["consensus"] for block in found if "consensus" in block]
    assert ConsensusSettings.model_validate(consensus).method == "joint"
    assert len(found) == 5


def test_links_lead_somewhere() -> None:
    for page in ("README.md", "CONTRIBUTING.md", "data/README.md"):
        text = (ROOT / page).read_text("utf-8")
        for target in re.findall(r"\]\((?!http)([^)#]+)\)", text):
            assert (ROOT / page).parent.joinpath(target).exists(), f"{page}: {target}"


def test_the_rooms_of_the_house_exist() -> None:
    text = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
    rooms = [line for line in blocks("", text)[0].splitlines() if not line.startswith(" ")]
    for line in rooms:
        assert (ROOT / line.split()[0]).exists(), line


def test_constraints_hold_names_and_versions_alone() -> None:
    for line in (ROOT / "constraints.txt").read_text("utf-8").splitlines():
        assert re.fullmatch(r"[A-Za-z0-9._-]+==[A-Za-z0-9.+!]+", line), line

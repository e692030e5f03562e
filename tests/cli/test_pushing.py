"""`coannotate export --push-to-hub` against a server that speaks as the Hub does."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from annotate.errors import AnnotateError
from annotate.hub import push, upload_of
from app.cli import main
from tests.annotate.support.answering import people_say
from tests.hub_server import TOKEN, Hub, hub_server
from tests.mails import mails_in

# the library's own, where it sends large files without its second protocol
pytestmark = pytest.mark.filterwarnings("ignore:Use 'content=:DeprecationWarning")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two mails that Ann and Bob agree on."""
    place = tmp_path_factory.mktemp("mails")
    with mails_in(place, 2, more="guideline: Read it.\n") as (store, project, ids):
        people_say(store, project, {one: {"Ann": "spam", "Bob": "spam"} for one in ids})
    return place


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_DISABLE_XET", True)
    with hub_server() as running:
        monkeypatch.setenv("HF_ENDPOINT", running.url)
        monkeypatch.setenv("HF_TOKEN", TOKEN)
        yield running


def export(folder: Path, *words: str, repository: str = "mary/mails") -> int:
    return main(["export", "hf_dataset", "--dir", str(folder), "--push-to-hub", repository, *words])


def test_nothing_is_sent_unless_one_really_wants_it(
    folder: Path, hub: Hub, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("HF_TOKEN")
    assert export(folder) == 0
    said = capsys.readouterr().out.splitlines()
    assert said[0].startswith("mary/mails: ")
    assert [line.split()[0] for line in said if "." in line.split()[0]] == [
        "README.md", "guidelines.md", "labels.parquet", "sft.parquet", "votes.parquet",
    ]  # fmt: skip
    assert said[-1] == (
        f"would go to {hub.url}/datasets/mary/mails, for its owner alone; nothing was sent: add "
        "--really"
    )
    assert hub.asked == []


def test_it_is_sent_as_one_commit_byte_for_byte(
    folder: Path, hub: Hub, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    out = tmp_path / "mails"
    assert export(folder, "-o", str(out), "--really") == 0
    assert capsys.readouterr().out.splitlines()[-1] == (
        f"sent to {hub.url}/datasets/mary/mails, for its owner alone: "
        f"{hub.url}/datasets/mary/mails/commit/1"
    )
    assert hub.private == {"mary/mails": True}
    assert hub.messages == ["Labels from coannotate"]
    local = {path.name: path.read_bytes() for path in out.iterdir()}
    assert local.pop(".coannotate.json") != b""
    assert hub.files["mary/mails"] == local
    assert {"README.md", "guidelines.md", "labels.parquet", "sft.parquet", "votes.parquet"} == set(
        local
    )


def test_everybody_sees_it_only_when_told_so(
    folder: Path, hub: Hub, capsys: pytest.CaptureFixture[str]
) -> None:
    assert export(folder, "--really", "--public") == 0
    assert hub.private == {"mary/mails": False}
    assert ", for everybody: " in capsys.readouterr().out
    assert export(folder, "--really") == 1
    assert "/datasets/mary/mails is public, so that everybody would see this" in (
        capsys.readouterr().err
    )
    assert len(hub.messages) == 1


@pytest.mark.parametrize(
    ("path", "status", "said"),
    [
        ("/api/repos", 401, "does not know the token in HF_TOKEN: make a new one there"),
        ("/api/repos", 403, "the token in HF_TOKEN may not write to mary/mails"),
        ("/api/datasets/mary/mails/commit", 400, "refused (400): the tests say no"),
        ("/store", 403, "did not go through (RuntimeError: Error while uploading"),
    ],
)
def test_what_the_server_refuses_is_told(
    folder: Path,
    hub: Hub,
    capsys: pytest.CaptureFixture[str],
    path: str,
    status: int,
    said: str,
) -> None:
    hub.refuses[path] = status
    assert export(folder, "--really") == 1
    told = capsys.readouterr().err
    assert said in told
    assert TOKEN not in told
    assert hub.files == {}


@pytest.mark.usefixtures("hub")
@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["export", "labels", "--push-to-hub", "a/b"], "labels is no data set of the Hub: push"),
        (["export", "hf_dataset", "--push-to-hub", "mails"], "'mails' is no repository: write"),
        (["export", "hf_dataset", "--push-to-hub", "a/b--c"], "'a/b--c' is no repository: write"),
        (["export", "hf_dataset", "--push-to-hub", "a/b.git"], "'a/b.git' is no repository: wri"),
        (["export", "hf_dataset", "--push-to-hub", "a/b", "-o", "x.zip"], "x.zip is a zip: name"),
        (["export", "labels", "-o", "x.csv", "--really"], "--really and --public are for"),
    ],
)
def test_what_cannot_be_pushed_is_told_before_anything_is_read(
    words: list[str], said: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*words, "--dir", str(folder)]) == 1
    assert said in capsys.readouterr().err


def test_a_token_is_wanted_before_anything_is_read(
    folder: Path, hub: Hub, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("HF_TOKEN")
    assert export(folder, "--really") == 1
    said = capsys.readouterr()
    assert said.out == ""
    assert "HF_TOKEN is not set: make a token with the right to write" in said.err
    assert hub.asked == []


def test_hidden_files_stay_and_an_empty_folder_is_told(tmp_path: Path) -> None:
    (tmp_path / ".cache").mkdir()
    (tmp_path / ".cache" / "a").write_text("x")
    with pytest.raises(AnnotateError, match="has no files to push"):
        upload_of(tmp_path, "mary/mails")
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "b").write_text("xyz")
    assert upload_of(tmp_path, "mary/mails").files == (("data/b", 3),)


def test_who_is_not_there_is_told(tmp_path: Path, hub: Hub) -> None:
    (tmp_path / "a").write_text("x")
    nobody = upload_of(tmp_path, "mary/mails", endpoint="http://127.0.0.1:9")
    with pytest.raises(AnnotateError, match=r"did not go through \(ConnectError: "):
        push(nobody, token=TOKEN)


@pytest.mark.usefixtures("hub")
def test_a_name_may_have_a_dot_in_it(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["export", "hf_dataset", "--push-to-hub", "mary/mails.v2", "--dir", str(folder)]
    assert main(words) == 0
    assert "/datasets/mary/mails.v2, for its owner alone" in capsys.readouterr().out

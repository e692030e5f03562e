"""`coannotate export`, from the options to the files."""

from __future__ import annotations

import csv
import json
import sys
from pathlib import Path
from subprocess import PIPE
from subprocess import run as run_alone
from zipfile import ZipFile

import pytest

from app.cli import main

ITEMS = 30
FROM_MODEL = ("--sft-from", "model")


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):
    """A workspace of items that the embedded model has answered; (exit code, output, errors)."""
    monkeypatch.chdir(tmp_path)

    def run(*words: str) -> tuple[int, list[str], str]:
        code = main(list(words))
        said = capsys.readouterr()
        return code, said.out.splitlines(), said.err

    with Path("items.csv").open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out)
        writer.writerow(["text", "source"])
        for n in range(ITEMS):
            word = "wonderful" if n % 2 else "broken"
            writer.writerow([f"The {word} lamp number {n} came in", f"shop {n % 6}"])
    run("init")
    run("import", "items.csv")
    return run


@pytest.fixture
def routed(run):
    run("prelabel")
    run("route")
    return run


def lines(path: str) -> list[dict[str, object]]:
    return [json.loads(line) for line in Path(path).read_text("utf-8").splitlines()]


def test_an_empty_export_says_why_and_what_to_do(run) -> None:
    code, out, _ = run("export", "preference_trl", "-o", "pairs.jsonl")
    assert code == 0
    assert out == [
        f"pairs.jsonl: 0 rows from {ITEMS} items; left out: {ITEMS} not routed yet",
        "  not routed yet: Run `coannotate route`, so that each item has a label or waits for "
        "people.",
    ]
    assert Path("pairs.jsonl").read_bytes() == b""


def test_the_formats_are_listed_with_what_loads_them(run) -> None:
    code, out, _ = run("export", "--list")
    assert code == 0
    assert out[0].split() == ["format", "files", "loaded", "by", "what", "it", "is"]
    told = {line.split()[0]: line for line in out[1:]}
    assert "jsonl, csv, parquet, json" in told["labels"]
    assert "TRL DPO" in told["preference_trl"]
    assert "folder" in told["llamafactory"].split()


def test_the_suffix_or_the_option_chooses_the_form(routed) -> None:
    assert routed("export", "labels", "-o", "out.csv")[0] == 0
    assert Path("out.csv").read_bytes().startswith(b"id,text,question,label,")
    assert routed("export", "labels", "-o", "out.parquet")[0] == 0
    assert Path("out.parquet").read_bytes()[:4] == b"PAR1"
    assert routed("export", "labels", "-o", "out", "--form", "json")[0] == 0
    assert json.loads(Path("out").read_text("utf-8"))[0]["source"] == "model"


def test_a_minus_is_standard_output(routed, tmp_path: Path) -> None:
    assert routed("export", "labels", "-o", "out.csv")[0] == 0
    words = ["export", "labels", "-o", "-", "--form", "csv", "--dir", str(tmp_path)]
    done = run_alone([sys.executable, "-m", "app.cli", *words], capture_output=True, check=True)
    assert done.stdout == Path("out.csv").read_bytes()
    assert b"-: " in done.stderr
    assert sorted(path.name for path in Path().glob("-*")) == []


def test_rules_choose_rows_and_drops_are_listed(routed) -> None:
    code, out, _ = routed("export", "sft_messages", "-o", "a.jsonl", "--drops", "left.jsonl")
    assert (code, out[0].startswith("a.jsonl: 0 rows")) == (0, True)
    left = lines("left.jsonl")
    assert len(left) == ITEMS
    reasons = {"only the model has answered", "waiting for people"}
    assert {row["reason"] for row in left} == reasons
    assert {(row["question"], row["format"]) for row in left} == {("topic", "sft_messages")}
    routed("export", "sft_messages", "-o", "b.jsonl", *FROM_MODEL, "--passport", "--guideline")
    rows = lines("b.jsonl")
    assert len(rows) == sum(row["reason"] == "only the model has answered" for row in left) > 0
    assert {tuple(row) for row in rows} == {("messages", "meta")}


def test_a_folder_and_the_same_files_in_a_zip(routed) -> None:
    code, out, _ = routed("export", "llamafactory", "-o", "lf", *FROM_MODEL)
    assert (code, out[0].startswith("lf: ")) == (0, True)
    names = {path.name for path in Path("lf").iterdir()}
    assert names == {".coannotate.json", "dataset_info.json", "sft.jsonl"}  # no empty file
    routed("export", "llamafactory", "-o", "lf.zip", *FROM_MODEL)
    with ZipFile("lf.zip") as archive:
        assert set(archive.namelist()) == names - {".coannotate.json"}
        assert archive.read("sft.jsonl") == Path("lf/sft.jsonl").read_bytes()


def test_splits_are_files_of_a_folder(routed) -> None:
    words = ("--splits", "train=0.5,test=0.5", "--split-by", "source", "--split-seed", "1")
    code, out, err = routed("export", "labels", "-o", "parts", "--form", "csv", *words)
    assert (code, err) == (0, "")
    written = {path.name: path for path in Path("parts").glob("*.csv")}
    assert set(written) == {"train.csv", "test.csv"}
    rows = {
        name: list(csv.DictReader(path.read_text("utf-8").splitlines()))
        for name, path in written.items()
    }
    assert all(rows.values())
    counted = f"(train {len(rows['train.csv'])}, test {len(rows['test.csv'])})"
    assert counted in out[0]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("export",), "which format? `coannotate export --list` lists them"),
        (("export", "labels"), "where to? Name the file, as in -o labels.jsonl"),
        (("export", "llamafactory"), "where to? Name the file, as in -o llamafactory\n"),
        (("export", "xml", "-o", "x"), "no export format 'xml'; there are: alpaca"),
        (("export", "labels", "-o", "x", "--form", "text"), "labels is not written as 'text'"),
        (("export", "labels", "-o", "x", "--min-margin", "2"), "it is a share from 0 to 1"),
        (("export", "labels", "-o", "x", "--per-prompt", "-1"), "at least 1, or leave it out"),
        (("export", "labels", "-o", "x", "--splits", "train"), "write NAME=SHARE, as in train=0.9"),
        (("export", "labels", "-o", "x", "--splits", "a=1,b=1"), "above 0 and below 1"),
        (("export", "labels", "-o", "x", "--splits", "a=.5,b=.6"), "add up to 1.1: make it 1"),
        (("export", "labels", "-o", "x", "--splits", "a b=.5,c=.5"), "is no name of a split"),
        (("export", "labels", "-o", "x", "--split-by", "text"), "says --splits: add it"),
        (("export", "labels", "-o", "x.csv", "--splits"), "name a folder, as in x, or a zip"),
        (("export", "labels", "-o", "x", "--drops", "items.csv"), "is no .jsonl file"),
        (("export", "labels", "-o", "x", "--question", "mood"), "no question 'mood'"),
        (("export", "labels", "-o", "x", "--per-prompt", "0"), "per_prompt is 0: at least 1"),
        (("export", "labels", "-o", "x.xlsx"), "as .xlsx: let it end in .jsonl or .csv or .parq"),
        (("export", "labels", "-o", "x.jsonl.gz"), "labels is not written as .gz: let it end in"),
        (("export", "sft_openai", "-o", "x.parquet"), "as .parquet: let it end in .jsonl, or"),
        (("export", "labels", "-o", "x.zip"), "labels is not written as .zip"),
        (("export", "labels", "-o", "x.csv", "--form", "json"), "as .csv: call it x.json"),
        (("export", "labels", "-o", "x.jsonl", "--drops", "x.jsonl"), "where the export itself"),
        (("export", "llamafactory", "-o", "x", "--drops", "x/a.jsonl"), "name another file after"),
        (("export", "labels", "-o", "a/x.jsonl"), "a/x.jsonl: there is no folder"),
        (("export", "labels", "-o", f"{'x' * 300}.jsonl"), "cannot be written (File name too long"),
    ],
)
def test_what_cannot_be_done_says_the_way_out(run, words: tuple[str, ...], said: str) -> None:
    before = {path.name for path in Path().iterdir()}
    code, _, err = run(*words)
    assert (code, said in err) == (1, True)
    assert {path.name for path in Path().iterdir()} == before


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a disk that is always full")
def test_standard_output_that_takes_no_more(routed, tmp_path: Path) -> None:
    words = ["export", "labels", "-o", "-", "--dir", str(tmp_path)]
    with Path("/dev/full").open("wb") as full:
        done = run_alone([sys.executable, "-m", "app.cli", *words], stdout=full, stderr=PIPE)
    assert done.returncode == 1
    assert b"standard output cannot be written (No space left on device)" in done.stderr

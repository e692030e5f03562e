"""Exports of other tools: told by their rows, and read as what they are."""

from __future__ import annotations

import contextlib
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from annotate.errors import UnreadableFile
from annotate.importers import TOOLS, Record, Reject, Said, Source, read, recognised
from annotate.importers.tools.regions import BROKEN
from tests.annotate.importers import exports

SAMPLES: dict[str, list[exports.Raw]] = {
    "alpaca": exports.ALPACA,
    "argilla": [*exports.ARGILLA, *exports.ARGILLA_FLAT],
    "coannotate": exports.VOTES,
    "doccano": [*exports.DOCCANO_LABELS, *exports.DOCCANO_SPANS, *exports.DOCCANO_ENTITIES],
    "label_studio": exports.LABEL_STUDIO,
    "potato": [{"instance_id": "i1", "user_id": "ann", "labels": {"mood": {"good": True}}}],
    "prodigy": exports.PRODIGY,
    "sharegpt": exports.SHAREGPT,
    "ultrafeedback": [*exports.ULTRAFEEDBACK, *exports.BINARIZED],
}


def records(path: Path, tool: str | None = None, name: str = "") -> list[Record]:
    found = list(read(path, format=tool or recognised(path), name=name))
    assert [one for one in found if isinstance(one, Reject)] == []
    return [one for one in found if isinstance(one, Record)]


def said(record: Record) -> list[tuple[str, str, object]]:
    plain = (one for one in record.said if not one.why and one.kind != "empty")
    return [(one.question, one.who, one.value) for one in plain]


def left(record: Record) -> list[str]:
    return [one.why for one in record.said if one.why]


def test_every_tool_has_a_sample() -> None:
    assert {*SAMPLES, "hf_dataset"} == {*TOOLS}


@pytest.mark.parametrize("tool", SAMPLES)
def test_a_file_tells_which_tool_it_is_from(tool: str, tmp_path: Path) -> None:
    for at, one in enumerate(SAMPLES[tool]):
        assert recognised(exports.as_json(tmp_path / f"{at}.json", [one])) == tool
        assert recognised(exports.as_lines(tmp_path / f"{at}.jsonl", [one])) == tool


def test_plain_rows_are_from_no_tool(tmp_path: Path) -> None:
    rows = [
        {"text": "a mail", "label": "spam"},
        {"prompt": "Why?", "chosen": "this", "rejected": "that"},
        {"id": 1, "data": "text", "annotations": "none"},
        {"conversations": []},
        {"instruction": ["Say hello."], "output": None},
    ]
    for at, row in enumerate(rows):
        assert recognised(exports.as_lines(tmp_path / f"{at}.jsonl", [row])) is None


# ---- one after the other


def test_label_studio(tmp_path: Path) -> None:
    first, second, third = records(exports.as_json(tmp_path / "e.json", exports.LABEL_STUDIO))
    assert first.values == {"id": 11, "text": "😀 Ada was here, fine.", "source": "web"}
    ada = [{"start": 2, "end": 5, "label": "PER"}]  # the file counts the emoji as two
    assert said(first) == [
        ("sentiment", "ann@example.org", ["Positive"]),
        ("names", "ann@example.org", ada),
        ("sentiment", "8", ["Negative"]),
        ("sentiment", "bert-2", ["Positive"]),
    ]
    ann, _, _, eight, _, bert = first.said
    assert (ann.at, ann.seconds) == ("2021-03-09T22:16:08.728353Z", 2.1)  # 4.2 s, two questions
    assert (eight.at, eight.seconds) == ("2021-03-10T22:16:08.000000Z", 9.0)
    assert (bert.model, bert.score) == (True, 0.91)
    assert left(second) == ["skipped there"]
    assert left(third) == [
        "an answer of a kind that has no question here (rectanglelabels)",
        "a draft, not handed in",
    ]


@pytest.mark.parametrize(
    ("start", "end", "text", "found"),
    [
        (3, 6, "Ada", [{"start": 2, "end": 5, "label": "PER"}]),
        (2, 5, "Ada", [{"start": 2, "end": 5, "label": "PER"}]),
        (7, 10, "Ada", BROKEN),
        (900, 901, "Ada", BROKEN),
    ],
)
def test_marked_places_hold_the_words_that_the_file_names(
    start: int, end: int, text: str, found: object, tmp_path: Path
) -> None:
    result = [exports.mark(start, end, "PER", text)]
    task = {"data": {"text": "😀 Ada was"}, "annotations": [{"completed_by": 1, "result": result}]}
    [one] = records(exports.as_json(tmp_path / "e.json", [task]))
    assert (one.said[0].why or one.said[0].value) == found


@pytest.mark.parametrize(
    ("kind", "value", "as_kind", "as_value"),
    [
        ("choices", {"choices": ["a", "b"]}, "choices", ["a", "b"]),
        ("taxonomy", {"taxonomy": [["animal", "cat"]]}, "choices", ["animal / cat"]),
        ("rating", {"rating": 4}, "rating", 4),
        ("number", {"number": 0}, "rating", 0),
        ("textarea", {"text": ["one", "two"]}, "text", "one\ntwo"),
        ("pairwise", {"selected": "right"}, "preference", "b"),
        ("ranker", {"ranker": {"rank": ["b", "a"]}}, "ranking", ["b", "a"]),
    ],
)
def test_kinds_of_label_studio(
    kind: str, value: object, as_kind: str, as_value: object, tmp_path: Path
) -> None:
    region = {"from_name": "q", "type": kind, "value": value}
    task = {"data": {"text": "x"}, "annotations": [{"completed_by": 1, "result": [region]}]}
    [one] = records(exports.as_json(tmp_path / "e.json", [task]))
    assert [(s.kind, s.value) for s in one.said] == [(as_kind, as_value), ("empty", None)]


def pairwise(data: dict[str, str], to_name: str, selected: str) -> exports.Raw:
    region = {"from_name": "better", "to_name": to_name, "type": "pairwise"}
    result = [region | {"value": {"selected": selected}}]
    return {"data": data, "annotations": [{"completed_by": 1, "result": result}]}


@pytest.mark.parametrize(
    ("texts", "to_name", "selected", "among", "value"),
    [
        # the tags are called as the columns are
        ({"answer2": "y", "answer1": "x"}, "answer1,answer2", "left", ("answer1", "answer2"), "a"),
        ({"answer1": "x", "answer2": "y"}, "answer2,answer1", "left", ("answer2", "answer1"), "a"),
        ({"old": "x", "new": "y"}, "new, old", "old", ("new", "old"), "b"),
        # the columns are called so that one is the left one
        ({"reply_b": "y", "reply_a": "x"}, "t1,t2", "right", ("reply_a", "reply_b"), "b"),
        ({"right text": "y", "left text": "x"}, "t1,t2", "left", (), "a"),
        ({"text-right": "y", "text-left": "x"}, "t1,t2", "left", ("text-left", "text-right"), "a"),
        ({"old": "x", "new": "y"}, "t1,t2", "left", (), "a"),
    ],
)
def test_which_text_stood_left_in_label_studio(
    texts: dict[str, str],
    to_name: str,
    selected: str,
    among: tuple[str, ...],
    value: str,
    tmp_path: Path,
) -> None:
    task = pairwise({"source": "web", "prompt": "Why?", **texts}, to_name, selected)
    [one] = records(exports.as_json(tmp_path / "e.json", [task]))
    said = one.said[0]
    assert (said.kind, said.among, said.value) == ("preference", among, value)
    assert one.read == (("prompt", *among) if among else ())


def test_two_texts_that_are_compared_alone_get_a_prompt(tmp_path: Path) -> None:
    texts = {"text1": "a man", "text2": "a cat"}
    task = pairwise(texts, "text1,text2", "right")
    waiting = {"data": texts, "annotations": []}
    other = {"data": texts, "annotations": [{"completed_by": 1, "result": [exports.choice("x")]}]}
    path = exports.as_json(tmp_path / "e.json", [task, waiting, other])
    compared, open_, chosen = records(path)
    assert compared.values == {"prompt": "Which text is better?", **texts}
    assert compared.read == ("prompt", "text1", "text2")
    assert (open_.values, open_.read) == (compared.values, ("text1", "text2"))
    assert (chosen.values, chosen.read) == (texts, ())


def test_a_ranked_list_of_label_studio_becomes_columns(tmp_path: Path) -> None:
    listed = [
        {"id": 7, "title": "A", "body": "one"},
        {"id": "m", "html": "two"},
        {"id": "n", "title": "three"},
    ]
    region = {"from_name": "order", "type": "ranker", "value": {"ranker": {"r": ["n", 7, "m"]}}}
    said = [{"completed_by": 1, "result": [region]}]
    task = {"data": {"prompt": "Why?", "list": listed}, "annotations": said}
    [one] = records(exports.as_json(tmp_path / "e.json", [task]))
    columns = {"list_a": "one", "list_b": "two", "list_c": "three"}
    assert one.values == {"prompt": "Why?", **columns}
    assert one.said[0].value == ["list_c", "list_a", "list_b"]
    ours = {"prompt": "Why?", "x": "three", "y": "two", "z": "one", "list": listed}
    [one] = records(exports.as_json(tmp_path / "o.json", [{**task, "data": ours}]))
    assert one.values == {"prompt": "Why?", "x": "three", "y": "two", "z": "one"}
    assert one.said[0].value == ["x", "z", "y"]


@pytest.mark.parametrize(
    "listed",
    [
        [{"id": "a", "body": "one"}],
        [{"id": "a", "body": "one"}, {"id": "a", "body": "two"}],
        [{"id": "a", "body": "one"}, {"id": "b", "body": 2}],
        [{"id": ["a"], "body": "one"}, "two"],
        [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Hello"}],
    ],
)
def test_other_lists_stay_as_they_are(listed: list[object], tmp_path: Path) -> None:
    task = {"data": {"text": "x", "list": listed}, "annotations": []}
    [one] = records(exports.as_json(tmp_path / "e.json", [task]))
    assert one.values == {"text": "x", "list": listed}


def test_a_field_that_is_called_as_a_column_of_votes_comes_back(tmp_path: Path) -> None:
    rows = [{**one, "x_prompt": "Why?"} for one in exports.VOTES]
    first, _ = records(exports.as_lines(tmp_path / "votes.jsonl", rows))
    assert first.values == {"id": "7", "text": "fine mail", "prompt": "Why?"}
    assert first.read == ("text", "prompt")


def test_argilla(tmp_path: Path) -> None:
    [nested] = records(exports.as_json(tmp_path / "a.json", exports.ARGILLA))
    assert nested.values == {
        "source": "web", "id": "r1", "prompt": "Write a haiku.", "reply": "Leaves fall.",
    }  # fmt: skip
    assert nested.read == ("prompt", "reply")
    assert said(nested) == [
        ("quality", "2d1b6f9a", 5),
        ("topic", "2d1b6f9a", ["poetry"]),
        ("topic", "3d1b6f9a", ["other"]),
        ("quality", "judge-1", 4),
        ("topic", "judge-1", ["poetry"]),
    ]
    [flat] = records(exports.as_json(tmp_path / "f.json", exports.ARGILLA_FLAT))
    assert flat.values == {"id": "r1", "text": "Ada was here."}
    assert said(flat) == [("topic", "u-1", ["people"]), ("topic", "m", ["people"])]
    assert left(flat) == ["a draft, not handed in"]


def test_doccano(tmp_path: Path) -> None:
    path = exports.as_lines(tmp_path / "ann.jsonl", exports.DOCCANO_LABELS)
    good, empty = records(path)
    assert good.values == {"text": "fine mail", "id": 1, "Comments": []}
    assert said(good) == [("label", "ann", ["good"])]
    assert [(one.kind, one.who) for one in empty.said] == [("empty", "ann")]
    everybody = exports.as_lines(tmp_path / "all.jsonl", exports.DOCCANO_SPANS)
    span = [{"start": 0, "end": 3, "label": "PER"}]
    assert said(records(everybody)[0]) == [("spans", "", span)]
    [entities] = records(exports.as_lines(tmp_path / "e.jsonl", exports.DOCCANO_ENTITIES))
    assert said(entities) == [("spans", "e", span)]
    assert left(entities) == ["relations between spans have no question here"]


def test_prodigy(tmp_path: Path) -> None:
    ann, bob, ignored = records(exports.as_lines(tmp_path / "p.jsonl", exports.PRODIGY))
    assert ann.values == {"id": "-97", "source": "web", "text": "Ada was here"}
    assert bob.values["id"] == "-97"
    assert said(ann) == [("choice", "db-ann", ["good"])]
    assert ann.said[0].at == "2021-03-20T13:20:00.000000Z"
    assert said(bob) == [("choice", "db-bob", ["bad"])]
    assert left(ignored) == ["skipped there"]


def test_a_potato_task_is_read_from_its_folder(tmp_path: Path) -> None:
    folder = exports.potato_task(tmp_path / "task")
    assert recognised(folder) == "potato"
    first, second = records(folder, "potato")
    assert (first.values, first.read) == ({"body": "Ada was here", "id": "i1"}, ("body",))
    assert said(first) == [("mood", "ann", ["good"]), ("mood", "bob", ["bad"])]
    assert said(second) == [("mood", "ann", ["bad"])]


def test_a_potato_task_reads_nothing_outside_of_its_folder(tmp_path: Path) -> None:
    exports.as_lines(tmp_path / "outside.jsonl", [{"uid": "i9", "body": "elsewhere"}])
    folder = exports.potato_task(tmp_path / "task", more=", ../outside.jsonl")
    with pytest.raises(UnreadableFile, match=r"outside\.jsonl lies outside of the folder: copy it"):
        list(read(folder, format="potato"))


def test_sharegpt_and_alpaca_hold_finished_texts(tmp_path: Path) -> None:
    [chat] = records(exports.as_lines(tmp_path / "s.jsonl", exports.SHAREGPT))
    assert chat.values == {
        "id": "c1",
        "conversation": [
            {"role": "system", "content": "Be brief."},
            {"role": "user", "content": "Hi"},
        ],
        "reply": "Hello 😀",
    }
    greeting, _ = records(exports.as_lines(tmp_path / "a.jsonl", exports.ALPACA))
    assert greeting.values == {"instruction": "Say hello.", "input": "", "output": "Hello."}
    assert (chat.said, greeting.said) == ((), ())


def test_ultrafeedback_scores_are_a_models_vote(tmp_path: Path) -> None:
    [row] = records(exports.as_lines(tmp_path / "u.jsonl", exports.ULTRAFEEDBACK))
    assert row.read == ("prompt", "response_a", "response_b")
    assert row.values["response_b"] == "Rayleigh scattering."
    assert [(one.kind, one.value, one.model) for one in row.said] == [("preference", "b", True)]


def test_the_better_answer_is_not_told_by_its_place(tmp_path: Path) -> None:
    path = exports.as_lines(tmp_path / "b.jsonl", exports.BINARIZED)
    rows = records(path)
    chosen = [one.said[0].value for one in rows]
    assert 4 <= chosen.count("a") <= 16
    for one in rows:
        assert str(one.values[f"response_{one.said[0].value}"]).startswith("good")
    assert [one.said[0].value for one in records(path)] == chosen


def test_our_own_votes(tmp_path: Path) -> None:
    person, model = records(exports.as_lines(tmp_path / "v.jsonl", exports.VOTES))
    assert person.values == model.values == {"id": "7", "text": "fine mail"}
    assert person.read == ("text",)
    [ann] = person.said
    assert (ann.question, ann.who, ann.value, ann.seconds) == ("mail", "ann", ["ham"], 3.5)
    assert ann.record == {"blind_there": True}
    assert [(one.who, one.model, one.score) for one in model.said] == [("m-1", True, 0.9)]
    assert model.said[0].record == {"variant": "question", "sample": 0}


# ---- rows that are broken


def test_a_broken_row_is_a_reject_and_the_others_come(tmp_path: Path) -> None:
    rows = [{"conversations": [{"from": "human", "value": "Hi"}]}, *exports.SHAREGPT]
    first, second = read(exports.as_lines(tmp_path / "s.jsonl", rows), format="sharegpt")
    assert isinstance(first, Reject)
    assert first.reason == (
        "not as ShareGPT writes it: the conversation does not end with an answer of gpt"
    )
    assert isinstance(second, Record)


@pytest.mark.parametrize(
    ("rows", "named", "said"),
    [
        (exports.LABEL_STUDIO, "prodigy", "--from label_studio"),
        (exports.LABEL_STUDIO, "argilla", "--from label_studio"),
        (exports.PRODIGY, "doccano", "not as doccano writes it. It looks like Prodigy: --from pro"),
        (exports.PRODIGY, "label_studio", "not as JSON-MIN or CSV. It looks like Prodigy: --from "),
        (exports.DOCCANO_LABELS, "argilla", "--from doccano"),
        (exports.ALPACA, "sharegpt", "--from alpaca"),
    ],
)
def test_a_file_of_another_tool_says_which(
    rows: list[exports.Raw], named: str, said: str, tmp_path: Path
) -> None:
    """Its texts alone, without what was said of them, would be a loss that nobody sees."""
    for row in read(exports.as_lines(tmp_path / "x.jsonl", rows), format=named):
        assert isinstance(row, Reject)
        assert said in row.reason


def test_a_folder_without_a_potato_task(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile, match="holds no answers of Potato: name the folder of a"):
        list(read(tmp_path, format="potato"))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.floats(0, 1) | st.text(max_size=4),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3)
    ),
    max_leaves=6,
)


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Every place in a value, from the outside in."""
    inner = value.items() if isinstance(value, dict) else []
    inner = enumerate(value) if isinstance(value, list) else inner
    return [path, *(found for key, one in inner for found in places(one, (*path, key)))]


def with_other(value: Any, path: tuple[Any, ...], other: Any) -> Any:
    if not path:
        return other
    copied = value.copy()
    copied[path[0]] = with_other(value[path[0]], path[1:], other)
    return copied


@pytest.mark.parametrize("tool", SAMPLES)
@given(data=st.data())
@settings(suppress_health_check=[HealthCheck.too_slow])
def test_whatever_stands_in_an_export_is_a_row_or_a_reason(tool: str, data: st.DataObject) -> None:
    sample = data.draw(st.sampled_from(SAMPLES[tool]))
    path = data.draw(st.sampled_from(places(sample)[1:]))
    broken = with_other(sample, path, data.draw(JSON))
    with contextlib.suppress(ValueError):  # whoever reads makes a reject of it
        found = TOOLS[tool].convert(Record(1, broken), Source(path=Path("e.jsonl")))
        assert all(isinstance(one, Said) for one in found.said)
        json.dumps(found.values)

"""What charts hand to Vega: marks, rows, and columns by names that mean nothing to it."""

from __future__ import annotations

import json
from typing import Any

import pyarrow as pa
from streamlit.testing.v1 import AppTest

HEAD = "from app import charts\nfrom app.charts import Axis\n"


def drawn(script: str) -> dict[str, Any]:
    """The specification of the one chart that a page draws, with its `alt` text beside it."""
    app = AppTest.from_string(HEAD + script, default_timeout=60).run()
    assert not app.exception
    (chart,) = app.get("vega_lite_chart")
    spec: dict[str, Any] = json.loads(chart.proto.spec)
    (rows,) = chart.proto.datasets
    table = pa.ipc.open_stream(rows.data.data).read_all()
    return spec | {"alt": chart.proto.alt, "rows": table.to_pylist()}


def marks(spec: dict[str, Any]) -> list[str]:
    layers = spec.get("layer", [spec])
    return [layer["mark"]["type"] for layer in layers]


def test_a_line_has_its_band_below_and_dashed_lines_above() -> None:
    spec = drawn(
        'charts.line([{"share": 0.5, "error": 0.1, "low": 0.05, "high": 0.2}], '
        'Axis("share", "share"), Axis("error", "share"), band=("low", "high"), now=0.3, '
        'goal=0.05, alt="Error falls.")'
    )
    assert marks(spec) == ["area", "line", "rule", "rule"]
    assert spec["alt"] == "Error falls."
    area, line, now, goal = spec["layer"]
    assert (area["encoding"]["y"]["field"], area["encoding"]["y2"]["field"]) == ("c2", "c3")
    assert line["encoding"]["x"]["axis"] == {
        "title": "share",
        "labelLimit": 220,
        "format": ".1~%",
        "tickCount": 6,
        "grid": False,
    }
    assert now["encoding"]["x"] == {"datum": 0.3}
    assert goal["encoding"]["y"] == {"datum": 0.05}


def test_columns_are_titles_and_never_paths() -> None:
    spec = drawn(
        'charts.bars([{"a.b[0]": "<b>x:Q</b>", "n": 3}], Axis("a.b[0]", "name"), Axis("n"), '
        'alt="One bar.")'
    )
    assert spec["encoding"]["x"]["field"] == "c0"
    assert spec["encoding"]["x"]["axis"]["title"] == "a.b[0]"
    assert spec["encoding"]["x"]["sort"] is None
    assert spec["rows"] == [{"c0": "<b>x:Q</b>", "c1": 3}]


def test_colours_follow_the_order_of_the_rows() -> None:
    spec = drawn(
        'charts.bars([{"x": 1, "n": 3, "who": w} for w in ("people", "auto")], '
        'Axis("x"), Axis("n"), by="who", stacked=False, alt="Two bars.")'
    )
    assert spec["encoding"]["color"]["scale"] == {
        "domain": ["people", "auto"],
        "range": ["#3a86a8", "#d08a2c"],
    }
    assert spec["encoding"]["xOffset"]["field"] == "c2"


def test_a_cell_of_a_heat_map_shows_its_number() -> None:
    spec = drawn(
        'charts.heat([{"p": "a", "m": "b", "n": 7}], Axis("m", "name"), Axis("p", "name"), '
        'Axis("n"), alt="One cell.")'
    )
    assert marks(spec) == ["rect", "text"]
    assert spec["layer"][1]["encoding"]["text"]["field"] == "c2"
    assert spec["height"] == 124


def test_calibration_stands_beside_the_diagonal() -> None:
    spec = drawn(
        'charts.calibration([{"said": 0.1, "was": 0.2, "low": 0.1, "high": 0.4, "items": 9}], '
        'Axis("said", "share"), Axis("was", "share"), band=("low", "high"), size="items", '
        'alt="One bin.")'
    )
    assert marks(spec) == ["line", "rule", "circle"]
    assert spec["layer"][2]["encoding"]["size"]["field"] == "c4"

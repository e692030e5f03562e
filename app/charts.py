"""Charts of a page, drawn by Vega in the browser: lines, bars, heat maps, calibration.

Streamlit gives Vega its expression interpreter, so that they draw under our policy, which has no
`unsafe-eval`. The specifications are plain Vega-Lite: Altair, which would write the same, takes a
quarter of a second to check each. Colours stand on a light page and on a dark one. Rows are
`{column: value}`; what a column is called is its title, and what its values say is only text.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal, TypeAlias

import streamlit as st

Rows: TypeAlias = Sequence[Mapping[str, object]]
Spec: TypeAlias = dict[str, Any]
Kind: TypeAlias = Literal["number", "share", "name", "time"]

COLOURS = ("#3a86a8", "#d08a2c", "#2e9d6b", "#c0504d", "#8a6fb0", "#7d8790")
"""Those of look.css first."""
HEIGHT = 270
_QUIET = "#8b949e"  # for what is not data: grey in both themes
_DASHED: Final[dict[str, Any]] = {"color": _QUIET, "strokeDash": [4, 4]}
_WORDS = "currentColor"  # Streamlit has Vega draw SVG, where that is the page's own text colour
_ROWS = "rows"
_TYPES: dict[Kind, str] = {
    "number": "quantitative",
    "share": "quantitative",
    "name": "nominal",
    "time": "temporal",
}
_FORMATS: dict[Kind, str] = {"number": ",~r", "share": ".1~%"}


@dataclass(frozen=True, slots=True)
class Axis:
    """A column and how its values are read: numbers, shares (0..1, shown in %), names in the order
    of the rows, or times as ISO text. ends: the numbers at the ends of the axis; None fits them."""

    column: str
    kind: Kind = "number"
    ends: tuple[float, float] | None = None


def line(
    rows: Rows,
    x: Axis,
    y: Axis,
    *,
    alt: str,
    by: str = "",
    band: tuple[str, str] = ("", ""),
    now: float | None = None,
    goal: float | None = None,
    height: int = HEIGHT,
) -> None:
    """One line, or one for each value of the column `by`. band: columns of its edges, lower first.

    now, goal: a dashed line at this x, at this y. alt: what it shows, for whoever cannot see it.
    """
    drawn = _Drawn(rows, x, y, by=by, others=band)
    place, colour = drawn.place(), drawn.coloured()
    layers = []
    if all(band):
        mark = {"type": "area", "opacity": 0.2, "color": COLOURS[0]}
        layers.append({"mark": mark, "encoding": place | drawn.between(band) | colour})
    mark = {"type": "line", "strokeWidth": 2, "color": COLOURS[0]}
    layers.append({"mark": mark, "encoding": place | colour | drawn.told()})
    layers += [
        {"mark": _DASHED | {"type": "rule"}, "encoding": {which: {"datum": at}}}
        for which, at in (("x", now), ("y", goal))
        if at is not None
    ]
    drawn.show({"layer": layers}, alt, height)


def bars(
    rows: Rows,
    x: Axis,
    y: Axis,
    *,
    alt: str,
    by: str = "",
    stacked: bool = True,
    height: int = HEIGHT,
) -> None:
    """A bar for each row; of rows at one x, those of other values of `by` on top of each other, or
    beside each other where `stacked` is false. Bars lie when y holds the names."""
    drawn = _Drawn(rows, x, y, by=by)
    encoding = drawn.place() | drawn.coloured() | drawn.told()
    if by and not stacked:
        offset = "yOffset" if y.kind == "name" else "xOffset"
        encoding[offset] = {"field": drawn.name(by), "type": "nominal", "sort": None}
    drawn.show({"mark": {"type": "bar", "color": COLOURS[0]}, "encoding": encoding}, alt, height)


def heat(rows: Rows, x: Axis, y: Axis, value: Axis, *, alt: str, height: int | None = None) -> None:
    """A cell for each row, darker for a higher value, which stands in it."""
    drawn = _Drawn(rows, x, y, others=(value.column,))
    place, field = drawn.place(), {"field": drawn.name(value.column), "type": "quantitative"}
    depth = {"opacity": field | {"legend": None, "scale": {"range": [0.06, 0.6]}}}
    said = {"text": field | _only(format=_FORMATS.get(value.kind))}
    cells = {"mark": {"type": "rect", "color": COLOURS[0]}, "encoding": place | depth}
    numbers = {"mark": {"type": "text", "fontSize": 12, "color": _WORDS}, "encoding": place | said}
    cells["encoding"] |= drawn.told()
    drawn.show({"layer": [cells, numbers]}, alt, height or _tall(rows, y))


def calibration(
    rows: Rows,
    x: Axis,
    y: Axis,
    *,
    alt: str,
    band: tuple[str, str],
    size: str,
    height: int = HEIGHT,
) -> None:
    """Points with their intervals beside the diagonal on which what was said is what happened.

    band: columns of an interval's ends. size: the column of how many items a point stands for.
    """
    drawn = _Drawn(rows, x, y, others=(*band, size))
    place = drawn.place()
    corners = [{"x": 0, "y": 0}, {"x": 1, "y": 1}]
    diagonal = {
        "data": {"values": corners},
        "mark": _DASHED | {"type": "line", "strokeWidth": 1},
        "encoding": {which: {"field": which, "type": "quantitative"} for which in ("x", "y")},
    }
    spread = {
        "mark": {"type": "rule", "color": COLOURS[0], "opacity": 0.6},
        "encoding": place | drawn.between(band),
    }
    area = {"legend": None, "scale": {"range": [30, 260]}}
    sized = {"size": {"field": drawn.name(size), "type": "quantitative"} | area}
    points = {
        "mark": {"type": "circle", "color": COLOURS[0], "opacity": 1},
        "encoding": place | sized | drawn.told(),
    }
    drawn.show({"layer": [diagonal, spread, points]}, alt, height)


class _Drawn:
    """Rows under names of our own: a dot or a bracket in a column would mean a path to Vega."""

    def __init__(
        self, rows: Rows, x: Axis, y: Axis, *, by: str = "", others: Sequence[str] = ()
    ) -> None:
        columns = [name for name in dict.fromkeys((x.column, y.column, by, *others)) if name]
        self._names = {column: f"c{at}" for at, column in enumerate(columns)}
        self._axes = {"x": x, "y": y}
        self._by = by
        self._rows = [{self._names[column]: row[column] for column in columns} for row in rows]

    def name(self, column: str) -> str:
        return self._names[column]

    def show(self, spec: Spec, alt: str, height: int) -> None:
        data = {"data": {"name": _ROWS}, "datasets": {_ROWS: self._rows}}
        whole = {**data, "height": height, **spec}
        st.vega_lite_chart(spec=whole, theme="streamlit", alt=alt, width="stretch")

    def place(self) -> Spec:
        """Where on the two axes."""
        return {
            which: _axis(axis, which) | {"field": self._names[axis.column]}
            for which, axis in self._axes.items()
        }

    def between(self, band: tuple[str, str]) -> Spec:
        """From one column to the other, along y."""
        low, high = (self._names[column] for column in band)
        return {"y": _axis(self._axes["y"], "y") | {"field": low}, "y2": {"field": high}}

    def coloured(self) -> Spec:
        """A colour for each value of `by`, in the order of the rows; nothing without it."""
        if not self._by:
            return {}
        name = self._names[self._by]
        values = list(dict.fromkeys(row[name] for row in self._rows))
        colours = [COLOURS[at % len(COLOURS)] for at in range(len(values))]
        legend = {"title": None, "orient": "top", "labelLimit": 260, "symbolOpacity": 1}
        scale = {"domain": values, "range": colours}
        return {"color": {"field": name, "type": "nominal", "scale": scale, "legend": legend}}

    def told(self) -> Spec:
        """Every column, under a pointer."""
        shown = []
        for column, name in self._names.items():
            kind = self._kind(column)
            more = _only(format=_FORMATS.get(kind))
            shown.append({"field": name, "title": column, "type": _TYPES[kind], **more})
        return {"tooltip": shown}

    def _kind(self, column: str) -> Kind:
        for axis in self._axes.values():
            if axis.column == column:
                return axis.kind
        values = (row[self._names[column]] for row in self._rows)
        numbers = all(value is None or isinstance(value, int | float) for value in values)
        return "number" if numbers and column != self._by else "name"


def _axis(axis: Axis, which: str) -> Spec:
    shown: Spec = {"title": axis.column, "labelLimit": 220}
    shown |= _only(format=_FORMATS.get(axis.kind))
    shown["grid"] = which == "y" and axis.kind != "name"
    if axis.kind == "name":
        shown["labelAngle"] = 0
        return {"type": _TYPES[axis.kind], "sort": None, "axis": shown}
    if axis.kind == "share":
        shown["tickCount"] = 6
    scale: Spec = {"domain": list(axis.ends), "nice": False} if axis.ends else {"nice": True}
    return {"type": _TYPES[axis.kind], "scale": scale, "axis": shown}


def _only(**given: Any) -> Spec:
    return {key: value for key, value in given.items() if value is not None}


def _tall(rows: Rows, y: Axis) -> int:
    return 90 + 34 * len({row[y.column] for row in rows})

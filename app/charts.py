"""Charts of a page, drawn by Vega in the browser: lines, bars, heat maps, points, calibration.

Streamlit gives Vega its expression interpreter, so that they draw under our policy, which has no
`unsafe-eval`. Colours stand on a light page and on a dark one. Rows are `{column: value}`; what a
column is called is its title, and what its values say is only text.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

import streamlit as st

Rows: TypeAlias = Sequence[Mapping[str, object]]
Kind: TypeAlias = Literal["number", "share", "name", "time"]

COLOURS = ("#3a86a8", "#d08a2c", "#2e9d6b", "#c0504d", "#8a6fb0", "#7d8790")
"""Those of look.css first."""
HEIGHT = 270
_QUIET = "#8b949e"  # for what is not data: grey in both themes
_WORDS = "currentColor"  # Streamlit has Vega draw SVG, where that is the page's own text colour
_FEW = 30  # points that are all called by their names
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
    import altair as alt_

    drawn = _Drawn(rows, x, y, by=by, others=band)
    base = drawn.base()
    layers = []
    if all(band):
        edges = {"y": drawn.encoding("y", y, field=band[0]), "y2": drawn.name(band[1])}
        area = base.mark_area(opacity=0.2, color=COLOURS[0])
        layers.append(area.encode(x=drawn.encoding("x", x), **edges, **drawn.coloured()))
    layers.append(
        base.mark_line(strokeWidth=2, color=COLOURS[0]).encode(
            x=drawn.encoding("x", x), y=drawn.encoding("y", y), **drawn.coloured()
        )
    )
    layers += _rules(alt_, now, goal)
    _show(alt_.layer(*layers), alt, height)


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
    more = {} if stacked or not by else drawn.beside("yOffset" if y.kind == "name" else "xOffset")
    chart = drawn.base().mark_bar(color=COLOURS[0])
    _show(
        chart.encode(
            x=drawn.encoding("x", x), y=drawn.encoding("y", y), **drawn.coloured(), **more
        ),
        alt,
        height,
    )


def heat(rows: Rows, x: Axis, y: Axis, value: Axis, *, alt: str, height: int | None = None) -> None:
    """A cell for each row, darker for a higher value, which stands in it."""
    import altair as alt_

    drawn = _Drawn(rows, x, y, others=(value.column,))
    base, name = drawn.base(), drawn.name(value.column)
    depth = alt_.Opacity(
        field=name, type="quantitative", legend=None, scale=alt_.Scale(range=[0.06, 0.6])
    )
    at = {"x": drawn.encoding("x", x), "y": drawn.encoding("y", y)}
    cells = base.mark_rect(color=COLOURS[0]).encode(**at, opacity=depth)
    said = alt_.Text(field=name, type="quantitative", format=_FORMATS[value.kind])
    numbers = base.mark_text(fontSize=12, color=_WORDS).encode(**at, text=said)
    _show(alt_.layer(cells, numbers), alt, height or _tall(rows, y))


def scatter(
    rows: Rows,
    x: Axis,
    y: Axis,
    *,
    alt: str,
    by: str = "",
    name: str = "",
    height: int = HEIGHT,
) -> None:
    """A point for each row; a few are called what their column `name` says."""
    import altair as alt_

    drawn = _Drawn(rows, x, y, by=by, others=(name,))
    base = drawn.base().encode(x=drawn.encoding("x", x), y=drawn.encoding("y", y))
    points = base.mark_circle(size=60, color=COLOURS[0], opacity=0.8).encode(**drawn.coloured())
    layers = [points]
    if name and len(rows) <= _FEW:
        words = base.mark_text(align="left", dx=7, fontSize=11, color=_WORDS)
        layers.append(words.encode(text=alt_.Text(field=drawn.name(name), type="nominal")))
    _show(alt_.layer(*layers), alt, height)


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
    import altair as alt_

    drawn = _Drawn(rows, x, y, others=(*band, size))
    base = drawn.base()
    place = {"x": drawn.encoding("x", x), "y": drawn.encoding("y", y)}
    ends = {"y": drawn.encoding("y", y, field=band[0]), "y2": drawn.name(band[1])}
    area = alt_.Size(
        field=drawn.name(size),
        type="quantitative",
        legend=None,
        scale=alt_.Scale(range=[30, 260]),
    )
    corners = alt_.Chart(alt_.InlineData(values=[{"x": 0, "y": 0}, {"x": 1, "y": 1}]))
    diagonal = corners.mark_line(color=_QUIET, strokeDash=[4, 4], strokeWidth=1).encode(
        x=alt_.X(field="x", type="quantitative"), y=alt_.Y(field="y", type="quantitative")
    )
    spread = base.mark_rule(color=COLOURS[0], opacity=0.6).encode(x=place["x"], **ends)
    points = base.mark_circle(color=COLOURS[0], opacity=1.0).encode(**place, size=area)
    _show(alt_.layer(diagonal, spread, points), alt, height)


class _Drawn:
    """Rows under names of our own: a dot or a bracket in a column would mean a path to Vega."""

    def __init__(
        self, rows: Rows, x: Axis, y: Axis, *, by: str = "", others: Sequence[str] = ()
    ) -> None:
        columns = [name for name in dict.fromkeys((x.column, y.column, by, *others)) if name]
        self._names = {column: f"c{at}" for at, column in enumerate(columns)}
        self._kinds = {axis.column: axis.kind for axis in (x, y)}
        self._by = by
        self._rows = [{self._names[column]: row[column] for column in columns} for row in rows]

    def base(self) -> Any:
        import altair

        tooltip = [
            altair.Tooltip(
                field=name,
                title=column,
                type=_TYPES[self._kind(column)],
                **_only(format=_FORMATS.get(self._kind(column))),
            )
            for column, name in self._names.items()
        ]
        return altair.Chart(altair.InlineData(values=self._rows)).encode(tooltip=tooltip)

    def name(self, column: str) -> str:
        return self._names[column]

    def encoding(self, which: Literal["x", "y"], axis: Axis, *, field: str = "") -> Any:
        import altair

        scale = _only(domain=axis.ends and list(axis.ends))
        more: dict[str, Any] = {"scale": altair.Scale(nice=not axis.ends, **scale)}
        shown = _only(
            format=_FORMATS.get(axis.kind),
            tickCount=6 if axis.kind == "share" else None,
            labelAngle=0 if axis.kind == "name" else None,
            grid=which == "y" and axis.kind != "name",
        )
        more["axis"] = altair.Axis(title=axis.column, labelLimit=220, **shown)
        if axis.kind == "name":
            more = {"sort": None, "axis": more["axis"]}
        made = altair.X if which == "x" else altair.Y
        return made(field=self._names[field or axis.column], type=_TYPES[axis.kind], **more)

    def coloured(self) -> dict[str, Any]:
        """A colour for each value of `by`, in the order of the rows; nothing without it."""
        import altair

        if not self._by:
            return {}
        name = self._names[self._by]
        values = list(dict.fromkeys(row[name] for row in self._rows))
        colours = [COLOURS[at % len(COLOURS)] for at in range(len(values))]
        return {
            "color": altair.Color(
                field=name,
                type="nominal",
                scale=altair.Scale(domain=values, range=colours),
                legend=altair.Legend(title=None, orient="top", labelLimit=260, symbolOpacity=1),
            )
        }

    def beside(self, channel: str) -> dict[str, Any]:
        import altair

        made = altair.XOffset if channel == "xOffset" else altair.YOffset
        return {channel: made(field=self._names[self._by], type="nominal", sort=None)}

    def _kind(self, column: str) -> Kind:
        if column in self._kinds:
            return self._kinds[column]
        values = (row[self._names[column]] for row in self._rows)
        numbers = all(isinstance(value, int | float) for value in values)
        return "number" if numbers and column != self._by else "name"


def _rules(altair: Any, now: float | None, goal: float | None) -> list[Any]:
    found = []
    for channel, at in (("x", now), ("y", goal)):
        if at is not None:
            base = altair.Chart(altair.InlineData(values=[{}]))
            rule = base.mark_rule(color=_QUIET, strokeDash=[4, 4])
            found.append(rule.encode(**{channel: altair.datum(at)}))
    return found


def _only(**given: Any) -> dict[str, Any]:
    return {key: value for key, value in given.items() if value is not None}


def _tall(rows: Rows, y: Axis) -> int:
    return 90 + 34 * len({row[y.column] for row in rows})


def _show(chart: Any, alt: str, height: int) -> None:
    st.altair_chart(chart.properties(height=height), theme="streamlit", alt=alt, width="stretch")

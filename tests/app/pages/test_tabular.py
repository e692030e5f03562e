"""Tables that can be taken away."""

from __future__ import annotations

from streamlit.testing.v1 import AppTest

from app.controls.tabular import as_csv


def draw() -> None:
    from app.controls import tabular

    tabular.shown(("person", "answers"), [("Ann <b>", "1,204"), ("=HYPERLINK(1)", "7")], name="all")


def test_a_table_is_text_and_can_be_downloaded() -> None:
    page = AppTest.from_function(draw).run()
    assert not page.exception
    [html] = page.get("html")
    assert "<td>Ann &lt;b&gt;</td><td>1,204</td>" in html.proto.body
    [button] = page.get("download_button")
    assert button.proto.label == "CSV"


def test_no_cell_of_the_file_is_a_formula() -> None:
    lines = as_csv(
        ("person", "share"), [("＠cmd", -0.5), ("-1+1", "two\nlines"), ("-12 %", "−")]
    ).split("\r\n")
    assert lines == ["person,share", "'＠cmd,-0.5", '\'-1+1,"two\nlines"', "-12 %,−", ""]

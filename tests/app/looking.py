"""The whole application in a test, without a browser: opened, gone through, read."""

from __future__ import annotations

from pathlib import Path

from streamlit.testing.v1 import AppTest

MAIN = str(Path(__file__).parents[2] / "app" / "main.py")


def go(app: AppTest, page: str) -> AppTest:
    """To a file of `app/pages`, which may raise nothing."""
    app.switch_page(f"pages/{page}.py").run()
    assert not app.exception
    return app


def shown(app: AppTest) -> str:
    """The HTML of a page, in the order of its parts."""
    return "\n".join(str(element.proto.body) for element in app.get("html"))


def click(app: AppTest, label: str) -> AppTest:
    """The first button that begins with this."""
    next(b for b in app.button if b.label.startswith(label)).click()
    app.run()
    assert not app.exception
    return app

"""What a page says that was left open for too long: nobody is signed in any more."""

from __future__ import annotations

import streamlit as st

from app import look


def page() -> None:
    with st.container(key="narrow", width=420):
        st.title("You are signed out")
        look.show(
            "<p>Your session has ended. Everything you saved is there.</p>"
            '<p><a class="go" href="/sign-in" target="_self">Sign in again</a></p>'
        )


if __name__ == "__main__":
    page()

"""How an export is split: shares, what stays together, and where a repetition begins."""

from __future__ import annotations

import re
from collections.abc import Sequence

import streamlit as st

from annotate.errors import AnnotateError
from annotate.splits.plan import SplitPlan
from app import look

USUAL = SplitPlan()
_SHARE = re.compile(r"([A-Za-z][\w-]*) +(\d+(?:\.\d+)?) ?%?")
SHARES = (
    "train 90, test 10",
    "train 80, test 20",
    "train 80, validation 10, test 10",
)
"""Others can be typed."""
NO = "one file"
HOW = (
    "An item stays where it is when more are imported. What examples, known answers, calibration "
    "or the audit have used is never in a test."
)


def chosen(fields: Sequence[str]) -> SplitPlan | None:
    """None: everything into one file. fields: names by which items can be kept together."""
    said = st.selectbox(
        "Split, in percent",
        [NO, *SHARES],
        key="split",
        bind="query-params",
        accept_new_options=True,
        help="Choose, or type your own: train 70, dev 15, test 15.",
    )
    if said in (None, NO):
        return None
    shares = shares_of(str(said))
    with st.container(border=True):
        by = st.multiselect(
            "What has the same of these stays together",
            list(fields),
            key="together",
            bind="query-params",
            placeholder="a source, a prompt",
        )
        near = st.checkbox(
            "Nearly the same texts stay together", USUAL.near_duplicates,
            key="near", bind="query-params",
        )  # fmt: skip
        seed = st.text_input(
            "Seed", USUAL.seed, max_chars=64, key="seed", bind="query-params",
            help="Another seed, another split; the same seed, the same split.",
        )  # fmt: skip
        look.show(look.text("hint", HOW))
    return SplitPlan(shares, tuple(by), near, seed=seed)


def shares_of(text: str) -> tuple[tuple[str, float], ...]:
    """Name and share of each split; raises AnnotateError.

    >>> shares_of("train 70, dev 15, test 15")
    (('train', 0.7), ('dev', 0.15), ('test', 0.15))
    """
    found = [_SHARE.fullmatch(part.strip()) for part in text.split(",")]
    pairs = [(one[1], float(one[2])) for one in found if one is not None]
    names = {name for name, _ in pairs}
    whole = round(sum(percent for _, percent in pairs), 6) == 100
    above = all(percent > 0 for _, percent in pairs)
    if not (len(pairs) == len(found) == len(names) and whole and above):
        raise AnnotateError(
            f"the split {text!r} is not understood: write a name and its percent for each part, "
            "100 together, as in train 80, validation 10, test 10"
        )
    return tuple((name, percent / 100) for name, percent in pairs)

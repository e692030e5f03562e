"""Ways of asking one question (CoAnnotating, Li et al. 2023, table 1), and presets of them."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

Kind = Literal["open", "letters", "claim", "challenge"]


@dataclass(frozen=True, slots=True)
class Way:
    """One template. `claim` ways are asked once per class and say yes or no to it.

    negated: the template denies the claim. reversed: candidate responses in opposite order,
    against position bias. own: the project words it itself.
    """

    name: str
    kind: Kind
    negated: bool = False
    reversed: bool = False
    own: bool = False


WAYS: dict[str, Way] = {
    way.name: way
    for way in (
        Way("instruction", "open"),
        Way("text_first", "open", reversed=True),
        Way("paraphrase", "open"),
        Way("question", "open", reversed=True),
        Way("multiple_choice", "letters", reversed=True),
        Way("true_false", "claim"),
        Way("true_false_negated", "claim", negated=True),
        Way("confirmation", "claim"),
        Way("confirmation_negated", "claim", negated=True),
        Way("challenge", "challenge"),
    )
}

PRESETS: dict[str, tuple[str, ...]] = {
    # five were found enough; `challenge` leads against the model's own first answer
    "default": ("instruction", "text_first", "paraphrase", "multiple_choice", "challenge"),
    # the paper's seven types: 5 + 2C calls, as two of them are asked once per class
    "coannotating": (
        "instruction",
        "text_first",
        "paraphrase",
        "true_false",
        "question",
        "multiple_choice",
        "confirmation",
    ),
}

DECISION, DECISION_REVERSED = "decision", "decision_reversed"
"""What the calls of a decision endpoint are named."""

WORDINGS = tuple(f"wording_{n}" for n in range(1, 6))
DROPOUTS = tuple(f"dropout_{n}" for n in range(1, 5))
VIEWS = WORDINGS + DROPOUTS
"""What the looks of the embedded annotator are named."""


@dataclass(frozen=True, slots=True)
class Variant:
    """One call: a way, and for `claim` ways the class it is about."""

    way: Way
    about: str | None = None

    @property
    def name(self) -> str:
        return self.way.name if self.about is None else f"{self.way.name}:{self.about}"


def unknown_variants(
    chosen: str | Sequence[str], own: Collection[str] = ()
) -> Iterator[tuple[str, Sequence[str]]]:
    """(name, known names) for everything in `chosen` that is no preset or way, nor one of the
    project's own."""
    if isinstance(chosen, str):
        if chosen not in PRESETS:
            yield chosen, tuple(PRESETS)
        return
    for name in chosen:
        if name not in WAYS and name not in own:
            yield name, (*WAYS, *own)


def names_of(chosen: str | Sequence[str], own: Collection[str] = ()) -> tuple[str, ...]:
    """The ways that are chosen: a preset and all of the project's own, or those in a list.

    >>> names_of(["question", "brief"], ["brief", "long"]), names_of("default", ["long"])[-2:]
    (('question', 'brief'), ('challenge', 'long'))
    """
    return (*PRESETS[chosen], *own) if isinstance(chosen, str) else tuple(chosen)


def expand(
    chosen: str | Sequence[str], classes: Sequence[str], *, among: Collection[str] | None = None
) -> tuple[Variant, ...]:
    """The calls for one item, in order; a challenge stands last because it needs an answer. A name
    that is no way of ours is one of the project's own.

    among: the ways that there are templates for, where that is not all; others are left out.

    >>> [v.name for v in expand(["challenge", "true_false"], ["spam", "ham"])]
    ['true_false:spam', 'true_false:ham', 'challenge']
    >>> len(expand("coannotating", ["a", "b", "c"]))
    11
    """
    known = [
        name
        for name in dict.fromkeys(names_of(chosen))
        if among is None or name in among or name not in WAYS
    ]
    ways = sorted((way_called(name) for name in known), key=_challenge_last)
    return tuple(
        Variant(way, about)
        for way in ways
        for about in (classes if way.kind == "claim" else (None,))
    )


def way_called(name: str) -> Way:
    """The way of this name; the project's own where none of ours has it."""
    return WAYS.get(name) or Way(name, "open", own=True)


def belongs(variant: str, names: Collection[str]) -> bool:
    """Whether one of `names` stands for this variant: by its own name, or by its way's, which
    stands for all classes. What several models are asked is named MODEL/WAY: there, names with
    and without the model count.

    >>> belongs("true_false:spam", ["true_false"]), belongs("true_false:spam", ["true_false:ham"])
    (True, False)
    >>> belongs("small/question", ["question"]), belongs("small/question", ["large/question"])
    (True, False)
    """
    return not all_names(variant).isdisjoint(names)


def all_names(variant: str) -> set[str]:
    """Every name that stands for a variant. The name of a model may hold a colon, as a label may
    hold a slash.

    >>> sorted(all_names("m:8b/true_false:and/or"))
    ['m:8b/true_false', 'm:8b/true_false:and/or', 'true_false', 'true_false:and/or']
    >>> sorted(all_names("true_false:and/or"))
    ['true_false', 'true_false:and/or']
    """
    short = _without_model(variant)
    return {variant, way_of(variant), short, way_of(short)}


def way_of(variant: str) -> str:
    """The variant's way, with the model in front where it has one.

    >>> way_of("true_false:spam"), way_of("m:8b/true_false:spam")
    ('true_false', 'm:8b/true_false')
    """
    short = _without_model(variant)
    return variant.removesuffix(short) + short.partition(":")[0]


def _without_model(variant: str) -> str:
    if variant.partition(":")[0] in WAYS:  # a slash behind it is part of a label
        return variant
    return variant.partition("/")[2] or variant


def _challenge_last(way: Way) -> bool:
    return way.kind == "challenge"

"""How a card speaks: words of its language, numbers, and user text that stays text."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from annotate.agreement import Measure, Undefined
from annotate.agreement.measure import decimal
from annotate.card import en, zh

Language: TypeAlias = Literal["en", "zh"]

_WORDS: Final[Mapping[Language, Mapping[str, str]]] = {"en": en.WORDS, "zh": zh.WORDS}
_TURNING = re.compile("[\u202a-\u202e\u2066-\u2069]")
_SIGNS = re.compile(r"([\\`*\[\]|])")


class _Count(int):
    """A number in a text: with thousands parted; `{n:item|items}` with the word that fits it,
    `{n:=is|are}` as that word alone."""

    def __format__(self, words: str) -> str:
        if not words:
            return f"{int(self):,}"
        one, many = words.removeprefix("=").split("|")
        word = one if self == 1 else many
        return word if words.startswith("=") else f"{int(self):,} {word}"


@dataclass(frozen=True, slots=True)
class Voice:
    """One language."""

    language: Language

    def say(self, key: str, **said: object) -> str:
        """A text of the card.

        >>> Voice("en").say("of_items", measure=".69", items=1)
        '.69, of 1 item'
        """
        shown = {
            name: _Count(value) if isinstance(value, int) else value for name, value in said.items()
        }
        return _WORDS[self.language][key].format_map(shown)

    def translated(self, said: str) -> str:
        """What another part says in English, where this language has words for it."""
        return said if self.language == "en" else zh.said(said)

    def reasons(self, said: str) -> str:
        """Why a promise was withdrawn, as `translated`."""
        return said if self.language == "en" else zh.reasons_said(said)

    def listed(self, parts: Iterable[str]) -> str:
        return (", " if self.language == "en" else "、").join(parts)

    def named(self, names: Iterable[str]) -> str:
        """Names of questions or fields.

        >>> Voice("zh").named(["topic", "tone"])
        '`topic`、`tone`'
        """
        return self.listed(f"`{inline(name)}`" for name in names)

    def quoted(self, said: Iterable[object]) -> str:
        return self.listed(f"“{inline(str(one))}”" for one in said)

    def share(self, part: int, whole: int) -> str:
        """
        >>> Voice("en").share(1, 3), Voice("zh").share(0, 0)
        ('33.3 %', '0.0%')
        """
        return self.percent(f"{100 * part / max(whole, 1):.1f} %")

    def percent(self, told: str) -> str:
        """A share in percent as this language writes it: Chinese leaves no space."""
        return told.replace(" %", "%") if self.language == "zh" else told

    def decimal(self, value: float) -> str:
        """Two places; Chinese writes the nought before them, for coefficients too."""
        return f"{value:.2f}".replace("-0.00", "0.00") if self.language == "zh" else decimal(value)

    def measure(self, found: Measure, *, percent: bool = False) -> str:
        """The value and its interval; where there is none, why.

        >>> from annotate.agreement import Estimate
        >>> Voice("en").measure(Estimate(0.691, 0.5, 1.0, 12))
        '.69 [.50, 1.00], of 12 items'
        """
        if isinstance(found, Undefined):
            return self.say("undefined", reason=inline(self.translated(found.reason)))
        told = [
            self.percent(f"{100 * one:.1f} %") if percent else self.decimal(one)
            for one in (found.value, found.low, found.high)
            if one is not None
        ]
        ends = f" [{told[1]}, {told[2]}]" if len(told) == 3 else ""
        return self.say("of_items", measure=f"{told[0]}{ends}", items=found.items)


def day(at: str) -> str:
    """The day of a UTC ISO time."""
    return at[:10]


def inline(text: str) -> str:
    """User text on one line, in which no sign means anything to Markdown or HTML.

    >>> inline("a|b <c>  *d*")
    'a\\\\|b &lt;c&gt; \\\\*d\\\\*'
    >>> inline("a\\u202eb")  # which would turn round what stands behind it
    'ab'
    """
    plain = (
        " ".join(_TURNING.sub("", text).split())
        .replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
    )
    return _SIGNS.sub(r"\\\1", plain)


def table(head: Sequence[str], rows: Iterable[Sequence[str]], *, text: int = 1) -> str:
    """A Markdown table; cells are one line each. text: how many columns hold words; the others
    hold numbers, which stand to the right."""
    lines = [head, ["---"] * text + ["---:"] * (len(head) - text), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def lower(text: str, by: int) -> str:
    """Markdown with its headings `by` levels lower, six at most; fenced code is left alone.

    >>> lower("# a\\n~~~\\n# b\\n~~~", 2)
    '### a\\n~~~\\n# b\\n~~~'
    """
    lines, fence = [], ""
    for line in text.splitlines():
        mark = re.match(r" {0,3}(`{3,}|~{3,})", line)
        if mark and (not fence or mark[1].startswith(fence)):
            fence = "" if fence else mark[1]
        heading = None if fence else re.match(r"(#{1,6})(?=\s|$)", line)
        if heading:
            line = "#" * min(len(heading[1]) + by, 6) + line[heading.end() :]
        lines.append(line)
    return "\n".join(lines)

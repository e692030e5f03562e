"""A model that always understands: reads a prompt as sent and answers it truthfully."""

from __future__ import annotations

import re
from collections.abc import Mapping


def answer_label(prompt: str, truth: str, labels: Mapping[str, str]) -> str:
    """What somebody says who knows that the label is `truth`.

    prompt: all messages, joined; labels: name -> description.
    """
    asked = outside(prompt)
    about = f"{truth}: {labels[truth]}", f"{truth}：{labels[truth]}"
    for line in asked.splitlines():
        letter = re.fullmatch(r"\((\S+)\) (.*)", line)
        if letter and letter.group(2) in (truth, *about):
            return letter.group(1)
    for label in labels:
        if f'is not "{label}"' in asked or f"不是“{label}”" in asked:
            return _reply(asked, label != truth, truth)
        if f'is "{label}"' in asked or f"是“{label}”" in asked:
            return _reply(asked, label == truth, truth)
    return truth


def answer_preference(prompt: str, better: str | None) -> str:
    """What somebody says who likes the response `better` best; None: one as much as the other."""
    asked = outside(prompt)
    title = _tie(asked) if better is None else _title(prompt, better)
    letter = re.search(rf"^\((\S+)\) (?:Response |回答 )?{title}\b", asked, re.MULTILINE)
    if letter:
        return letter.group(1)
    claim = re.search(r"Response ([A-Z]) is (not )?the better", asked)
    if claim:
        return _reply(asked, (claim.group(1) == title) != bool(claim.group(2)), title)
    claim = re.search(r"更好的(不)?是回答 ([A-Z])", asked)
    if claim:
        return _reply(asked, (claim.group(2) == title) != bool(claim.group(1)), title)
    claim = re.search(r"the responses are (not )?equally good|各个回答(并不)?一样好[。]", asked)
    if claim:
        return _reply(asked, (better is None) != bool(claim.group(1) or claim.group(2)), title)
    claim = re.search(r"answer is not \"(.+)\"|正确答案不是“(.+)”", asked)
    if claim:
        return _reply(asked, title not in claim.groups(), title)
    return title


def outside(prompt: str) -> str:
    """The prompt without the material in it, which is no instruction."""
    opening, closing = _marks(prompt)
    head, newline, rest = prompt.partition("\n")
    return head + newline + re.sub(f"{opening}.*?{closing}(?!>)", "…", rest, flags=re.DOTALL)


def _reply(asked: str, agrees: bool, truth: str) -> str:
    """Agrees to a claim or not; who agrees to a challenge tells the truth instead."""
    if agrees and any(words in asked for words in _CHALLENGES):
        return truth
    if "True or false" in asked:
        return "true" if agrees else "false"
    if "判断对错" in asked:
        return "对" if agrees else "错"
    if "你同意吗" in asked:
        return "同意" if agrees else "不同意"
    return "yes" if agrees else "no"


_CHALLENGES = ("If you agree,", "如果同意")


def _marks(prompt: str) -> tuple[str, str]:
    """What the prompt says stands around material."""
    found = re.search(r"(<{3,}) (?:and|和) (>{3,})", prompt.partition("\n")[0])
    assert found, prompt
    return found.group(1), found.group(2)


def _title(prompt: str, better: str) -> str:
    """The letter under which a response is shown."""
    opening, closing = _marks(prompt)
    shown = rf"(?:Response|回答) ([A-Z])(?:: ?|：)\n?{opening}{re.escape(better)}{closing}"
    found = re.findall(shown, prompt)
    assert found, (better, prompt)
    return str(found[-1])


def _tie(asked: str) -> str:
    return "平局" if "回答 A" in asked else "Tie"

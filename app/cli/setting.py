"""`KEY=VALUE` on a command line -> a place in a project file and what shall stand there."""

from __future__ import annotations

import re

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from annotate.errors import AnnotateError
from annotate.project.editing import REMOVE
from annotate.project.tree import KeyPath

_STEP = re.compile(r"\.?([\w -]+)|\[(\d+)\]")


def as_change(text: str) -> tuple[KeyPath, object]:
    """The place, and the value as YAML reads it; nothing behind the sign takes the key out.

    >>> as_change("questions[0].labels[1].description=Unasked for.")
    (('questions', 0, 'labels', 1, 'description'), 'Unasked for.')
    >>> as_change("llm.exclude=[question, paraphrase]")
    (('llm', 'exclude'), ['question', 'paraphrase'])
    >>> as_change("title=Mails: all")
    (('title',), 'Mails: all')
    >>> as_change("routing.seed=")
    (('routing', 'seed'), REMOVE)
    """
    key, equals, value = text.partition("=")
    steps = [(m.group(1), m.group(2)) for m in _STEP.finditer(key)]
    spelled = "".join(m.group() for m in _STEP.finditer(key))
    if not equals or not steps or spelled != key:
        raise AnnotateError(
            f"--set {text}: write KEY=VALUE with KEY such as title or "
            "questions[0].labels[1].description, counted from 0"
        )
    path = tuple(int(number) if number else name for name, number in steps)
    if not value.strip():
        return path, REMOVE
    try:
        read = YAML(typ="safe").load(value)
    except YAMLError:
        return path, value
    group = isinstance(read, dict | list) and value.strip()[0] not in "[{"
    return path, value if group else read  # a sentence may hold a colon or begin with a dash

"""A new project file: what was chosen, as YAML that people go on with by hand."""

from __future__ import annotations

import io
import re
from collections.abc import Mapping, Sequence
from typing import Any, Final, Literal, get_args

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.scalarstring import DoubleQuotedScalarString, LiteralScalarString

from annotate.project.tree import parse_yaml, plain

HEAD = (
    "`coannotate check` names every mistake in this file; `coannotate check --schema` tells all\n"
    "that it may say."
)
NOTES = {
    "project": "short id: of files and exports",
    "title": "what people see",
    "language": "of the prompts around your texts",
    "fields": "what of each item is shown and sent",
    "columns": "field: column",
    "gold": "question: column of known answers, held back to measure",
    "api_key_env": "the NAME of the variable that holds the key",
    "price": "US dollars per million tokens",
    "max_cost_usd": "a run stops before it costs more",
    "budget": "share of all items that people get",
    "audit": "share of the rest that people check at random",
    "per_item": "people who answer each item",
}
NOTE_AT = 34
Style = Literal["literal", "plain", "quoted"]
STYLES: Final[tuple[Style, ...]] = get_args(Style)
"""How texts are written, the nicest first; ruamel does not read back all that it writes plain."""
_LITERAL = re.compile(r"[^\S\n]\n|\n\s+\Z|\A\s|[^\S\n ]")
"""What YAML's literal text does not keep: blanks at line ends, at the start, tabs."""


def written(said: Mapping[str, Any]) -> str:
    """The text of a project file with these keys, in this order; reading it gives them back.

    said: plain values as the file has them, every key text.
    """
    for style in STYLES:
        text = _written(said, style)
        if plain(parse_yaml(text, "draft")[0]) == said:
            break
    return text


def short_name(title: str) -> str:
    """A project's short id made of its title; "project" where that has no Latin letter or digit.

    >>> short_name("Mails to the Shop (2026)!"), short_name("图书馆")
    ('mails-to-the-shop-2026', 'project')
    """
    name = re.sub(r"[^a-z0-9]+", "-", title.casefold()).strip("-")
    return name[:48].strip("-") or "project"


def question_name(text: str) -> str:
    """A question's short id, of its first words.

    >>> question_name("What is it about?"), question_name("读者 想办什么？"), question_name("?")
    ('what_is_it_about', '读者_想办什么', 'answer')
    """
    words = re.findall(r"\w+", text.casefold())
    return "_".join(words[:4])[:48] or "answer"


def _written(said: Mapping[str, Any], style: Style) -> str:
    yaml = YAML()
    yaml.width = 100
    yaml.indent(mapping=2, sequence=4, offset=2)
    tree = _commented(said, style)
    tree.yaml_set_start_comment(HEAD)
    out = io.StringIO()
    yaml.dump(tree, out)
    return out.getvalue()


def _commented(said: Any, style: Style, indent: int = 0) -> Any:
    """The tree that ruamel writes. indent: columns that it stands in from the left."""
    if isinstance(said, Mapping):
        inner = ((key, _commented(value, style, indent + 2)) for key, value in said.items())
        tree = CommentedMap(inner)
        for key in NOTES.keys() & said.keys():
            _note(tree, key, indent)
        return tree
    if isinstance(said, Sequence) and not isinstance(said, str):
        listed = CommentedSeq(_commented(value, style, indent + 2) for value in said)
        if all(isinstance(value, str | int) for value in said):
            listed.fa.set_flow_style()
        return listed
    return _scalar(said, style) if isinstance(said, str) else said


def _scalar(said: str, style: Style) -> Any:
    if style == "literal" and "\n" in said and not _LITERAL.search(said):
        return LiteralScalarString(said)
    return DoubleQuotedScalarString(said) if style == "quoted" else said


def _note(tree: CommentedMap, key: str, indent: int) -> None:
    if isinstance(tree[key], CommentedMap | CommentedSeq) and not _is_flow(tree[key]):
        tree.yaml_set_comment_before_after_key(key, before=NOTES[key], indent=indent)
    else:
        tree.yaml_add_eol_comment(NOTES[key], key, column=NOTE_AT)


def _is_flow(node: CommentedMap | CommentedSeq) -> bool:
    return bool(node.fa.flow_style())


def question_draft(
    type_name: str,
    *,
    name: str,
    text: str,
    fields: Sequence[str],
    labels: Sequence[Mapping[str, str]] = (),
    prompt: str | None = None,
    responses: Sequence[str] = (),
) -> dict[str, Any]:
    """A question of this type with the settings that it cannot do without, as a file has it.

    labels: name and, where there is one, description. fields: the project's; the first is marked
    by spans. prompt, responses: fields, for types that compare replies.
    """
    said: dict[str, Any] = {"name": name, "type": type_name, "text": text}
    if type_name in WITH_LABELS:
        said |= {"labels": [{key: v for key, v in one.items() if v} for one in labels]}
    if type_name == "multi_label":
        said |= {"min": 0}
    if type_name == "spans":
        said |= {"field": fields[0] if fields else ""}
    if type_name == "rating":
        said |= {"scale": {"min": 1, "max": 5}}
    if type_name in WITH_REPLIES:
        said |= {"prompt": prompt} if prompt is not None else {}
        said |= {"responses": list(responses)}
    return said


WITH_LABELS = ("single_label", "multi_label", "spans")
WITH_REPLIES = ("preference", "ranking")

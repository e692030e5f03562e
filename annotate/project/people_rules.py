"""Rules about people that span several keys of a project."""

from __future__ import annotations

from collections.abc import Iterator

from annotate.project.broken import Broken
from annotate.project.people_settings import PeopleSettings
from annotate.project.settings import Project
from annotate.project.tree import KeyPath

PEOPLE: KeyPath = ("people",)


def broken_people(project: Project) -> Iterator[Broken]:
    """Everything that is wrong with `people` although each key alone is well-formed."""
    people = project.people
    arm = people.other_arm
    if arm is not None and arm.mode == people.mode:
        rule = f"is {arm.mode}, which is the mode of all other items too"
        remedy = "Choose another one, or leave `other_arm` out."
        yield Broken((*PEOPLE, "other_arm", "mode"), rule, remedy, also=((*PEOPLE, "mode"),))
    if people.overlap is not None and people.overlap.most <= people.per_item:
        rule = f"is {people.overlap.most}, no more than `per_item` already says"
        remedy = "Raise it, or leave `overlap` out."
        yield Broken((*PEOPLE, "overlap", "most"), rule, remedy, also=((*PEOPLE, "per_item"),))
    yield from _known_answers(project, people)


def _known_answers(project: Project, people: PeopleSettings) -> Iterator[Broken]:
    if project.import_.gold:
        return
    remedy = "Name the column with known answers in `import: gold:`, or leave this out."
    for key, wanted in (("training", people.training), ("gold_share", people.gold_share)):
        if wanted:
            rule = "needs items with a known answer"
            yield Broken((*PEOPLE, key), rule, remedy, also=(("import", "gold"),))

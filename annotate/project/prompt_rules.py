"""Rules about which prompts are asked, and about those that a project words itself."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from annotate.llm.own import mistakes
from annotate.llm.spoken import spoken_of, variants_of
from annotate.llm.variants import WAYS, unknown_variants
from annotate.project.broken import Broken
from annotate.project.explain import did_you_mean
from annotate.project.secret import shown
from annotate.project.settings import ModelSettings, Project
from annotate.project.tree import KeyPath


def broken_prompts(project: Project) -> Iterator[Broken]:
    """Everything that is wrong with the texts of a project's own prompts."""
    labels = any(getattr(question, "labels", ()) for question in project.questions)
    for name, text in project.llm.prompts.items():
        path: KeyPath = ("llm", "prompts", name)
        if name in WAYS:
            rule = "is the name of a prompt that is there already, whose text never changes"
            yield Broken(path, rule, f"Give it another name, such as `own_{name}`.")
        for rule, remedy in mistakes(text, labels=labels):
            yield Broken(path, rule, remedy)


def broken_variants(llm: ModelSettings, path: KeyPath, own: Collection[str]) -> Iterator[Broken]:
    """What is wrong with `variants`, which stands at `path`. own: names of the project's own."""
    unknown = list(unknown_variants(llm.variants, own))
    for name, known in unknown:
        at = () if isinstance(llm.variants, str) else (llm.variants.index(name),)
        yield Broken((*path, *at), f"{shown(name)} is unknown", did_you_mean(name, known))
    if unknown or isinstance(llm.variants, str):
        return
    if not llm.variants:
        yield Broken(path, "names no variant", did_you_mean("", WAYS))
    elif set(llm.variants) == {"challenge"}:
        rule = "is only `challenge`, which leads against a first answer"
        yield Broken(path, rule, "Add another variant, such as `instruction`.")


def asks_nothing(project: Project) -> Iterator[Broken]:
    """A way that a question does not have is left out there, but one must be left."""
    own = project.llm.prompts
    for at, model in enumerate(project.llm.ensemble or (project.llm,)):
        chosen = model.variants
        if isinstance(chosen, str) or not chosen or any(unknown_variants(chosen, own)):
            continue
        path: KeyPath = ("llm", "ensemble", at) if project.llm.ensemble else ("llm",)
        for question in project.questions:
            spoken = spoken_of(question)
            if spoken is not None and not variants_of(question, chosen, own):
                rule = f"names no way to ask question {shown(question.name)}, a {question.type}"
                remedy = f"Add one of {', '.join(spoken.ways)}."
                yield Broken((*path, "variants"), rule, remedy, also=(("questions",),))

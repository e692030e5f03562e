"""Rules that span several keys of a project."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from collections.abc import Set as AbstractSet
from urllib.parse import urlsplit

from annotate.importers import TOOLS
from annotate.llm.able import able
from annotate.llm.spoken import has_classes, variants_of
from annotate.llm.variants import (
    DECISION,
    DECISION_REVERSED,
    VIEWS,
    all_names,
    belongs,
    unknown_variants,
)
from annotate.project.broken import Broken
from annotate.project.explain import did_you_mean
from annotate.project.people_rules import broken_people
from annotate.project.policies import KEYS, NEEDED, TAKE_CHANCES
from annotate.project.prompt_rules import asks_nothing, broken_prompts, broken_variants
from annotate.project.question_rules import broken_questions
from annotate.project.secret import looks_secret, shown
from annotate.project.settings import FieldSettings, LLMSettings, ModelSettings, Project
from annotate.project.tree import KeyPath
from annotate.questions import QUESTION_TYPES, QuestionSettings

PROVIDERS = ("auto", "decisions", "gguf", "local", "openai", "systemone")
DECISIONS = ("decisions", "systemone")


def broken_rules(project: Project) -> Iterator[Broken]:
    """Everything that is wrong although each key alone is well-formed."""
    yield from _fields(project)
    yield from broken_questions(project)
    yield from _import(project)
    yield from _llm(project.llm)
    yield from broken_prompts(project)
    yield from asks_nothing(project)
    yield from _exclude(project)
    yield from _tolerance(project)
    yield from _routing(project)
    yield from broken_people(project)


def _fields(project: Project) -> Iterator[Broken]:
    for at, name in enumerate(project.fields):
        if name in project.fields[:at]:
            yield Broken(("fields", at), f"{name!r} stands twice", "Remove one.")
    for at, entry in enumerate(project.fields_):
        if isinstance(entry, FieldSettings) and entry.language and entry.show != "code":
            rule = f"is given, but {entry.name!r} is shown as {entry.show}"
            yield Broken(("fields", at, "language"), rule, "Set `show: code`, or remove it.")


def _import(project: Project) -> Iterator[Broken]:
    tool = project.import_.format
    if tool is not None and tool not in TOOLS:
        rule = f"{shown(tool)} is none of the tools whose exports are known"
        yield Broken(("import", "format"), rule, did_you_mean(tool, list(TOOLS)))
    for name in project.import_.columns:
        if name not in project.fields:
            rule = f"{shown(name)} is not one of the project's fields"
            remedy = did_you_mean(name, project.fields)
            yield Broken(("import", "columns", name), rule, remedy, also=(("fields",),))
    names = [question.name for question in project.questions]
    for name in project.import_.gold:
        if name not in names:
            rule = f"{shown(name)} is not one of the project's questions"
            remedy = did_you_mean(name, names)
            yield Broken(("import", "gold", name), rule, remedy, also=(("questions",),))


def _llm(llm: LLMSettings) -> Iterator[Broken]:
    here: KeyPath = ("llm",)
    yield from _keys(llm, here, set(ModelSettings.model_fields), llm.prompts)
    if not llm.ensemble:
        yield from _model(llm, here)
    yield from _names(llm)
    for at, (member, (_, whole)) in enumerate(zip(llm.ensemble, llm.models(), strict=False)):
        path = (*here, "ensemble", at)
        yield from _keys(whole, path, member.model_fields_set, llm.prompts)
        yield from _model(whole, path)
        if whole.provider == "local" and member.model_fields_set & {"model", "base_url"}:
            rule = "names a model or a server, but its provider is local"
            yield Broken(path, rule, "Set `provider: openai` there or in `llm`.", also=(_PROVIDER,))
    yield from _cap(llm)


_PROVIDER: KeyPath = ("llm", "provider")


def _keys(
    llm: ModelSettings, path: KeyPath, own: AbstractSet[str], prompts: Collection[str]
) -> Iterator[Broken]:
    """What is wrong with the keys `own`, which stand at `path`. prompts: of the project itself."""
    if "provider" in own and llm.provider not in PROVIDERS:
        remedy = did_you_mean(llm.provider, PROVIDERS)
        yield Broken((*path, "provider"), f"{shown(llm.provider)} is unknown", remedy)
    if "base_url" in own and llm.base_url is not None:
        for rule, remedy in _address(llm.base_url):
            yield Broken((*path, "base_url"), rule, remedy)
    if "api_key_env" in own and looks_secret(llm.api_key_env) and not llm.api_key_env.isupper():
        yield Broken(
            (*path, "api_key_env"),
            "looks like the key itself, not like the name of a variable",
            "Take the key out of the file: put it in an environment variable and name that here.",
        )
    if "variants" in own:
        yield from broken_variants(llm, (*path, "variants"), prompts)


def _model(llm: ModelSettings, path: KeyPath) -> Iterator[Broken]:
    if llm.provider in PROVIDERS and llm.provider != "local" and not llm.model:
        rule = f"is required for provider {llm.provider}"
        remedy = "Name the file." if llm.provider == "gguf" else "Name the server's model."
        also: tuple[KeyPath, ...] = (_PROVIDER, ("llm", "model"), ("llm", "ensemble"))
        yield Broken((*path, "model"), rule, remedy, also=also)


def _names(llm: LLMSettings) -> Iterator[Broken]:
    """Votes of two members of one name could not be told apart."""
    names = [name for name, _ in llm.models()]
    for at, name in enumerate(names):
        if name in names[:at]:
            key = "model" if llm.ensemble[at].name is None else "name"
            path: KeyPath = ("llm", "ensemble", at, key)
            rule = f"{shown(name)} is the name of an earlier member too"
            yield Broken(path, rule, "Give one of them another `name`.", also=(("llm", "model"),))


def _cap(llm: LLMSettings) -> Iterator[Broken]:
    """A cost is only kept when the most that one call can cost is known."""
    if llm.max_cost_usd is None:
        return
    for name, model in llm.models():
        if name and model.provider == "local":
            continue
        needed = {"price": model.price, "max_tokens": model.max_tokens}
        if model.provider in DECISIONS:  # the answer is a number for each label
            del needed["max_tokens"]
        for key in (key for key, value in needed.items() if value is None):
            rule = f"cannot be kept without `{key}`" + (f" of member {name!r}" if name else "")
            where = f"`{key}` there" if name else f"`llm.{key}`"
            remedy = f"Add {where}, or cap the calls with `max_calls`."
            also: tuple[KeyPath, ...] = (("llm", key), ("llm", "ensemble"))
            yield Broken(("llm", "max_cost_usd"), rule, remedy, also=also)


def _address(url: str) -> Iterator[tuple[str, str]]:
    try:
        parts = urlsplit(url)
        whole = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        whole = False
    if not whole:
        remedy = "It starts with http:// or https:// and usually ends in /v1."
        yield f"{shown(url)} is no address", remedy
    elif parts.username or parts.password or parts.query or parts.fragment:
        yield (
            "holds more than an address",
            "Leave out user, password and everything from a ? on; a key goes into the "
            "environment variable that `llm.api_key_env` names.",
        )


def _tolerance(project: Project) -> Iterator[Broken]:
    open_ = [question.name for question in project.questions if not has_classes(question)]
    for name in project.routing.tolerance:
        if name not in open_:
            rule = f"{shown(name)} is no question without a fixed set of answers"
            remedy = did_you_mean(name, open_) if open_ else "Remove it."
            path: KeyPath = ("routing", "tolerance", name)
            yield Broken(path, rule, remedy, also=(("questions",),))
    if project.routing.policy == "promise" and open_:
        rule = f"is promise, but question {shown(open_[0])} has no fixed set of answers"
        remedy = "Take another policy, or put that question into a project of its own."
        yield Broken(("routing", "policy"), rule, remedy, also=(("questions",),))


def _exclude(project: Project) -> Iterator[Broken]:
    """Only what is asked can be excluded, and something must be left to ask."""
    llm = project.llm
    models = llm.models()
    unclear = any(
        one.provider not in PROVIDERS
        or not one.variants
        or any(unknown_variants(one.variants, llm.prompts))
        for _, one in models
    )
    if not llm.exclude or unclear:
        return
    also: tuple[KeyPath, ...] = (
        _PROVIDER, ("llm", "variants"), ("llm", "ensemble"), ("questions",)
    )  # fmt: skip
    asked = {
        question.name: tuple(
            f"{name}/{variant}" if name else variant
            for name, one in models
            for variant in _asked(one, question, llm.prompts)
        )
        for question in able(project)
    }
    known = {name for names in asked.values() for one in names for name in all_names(one)}
    for at, name in enumerate(llm.exclude):
        if name not in known:
            rule = f"{shown(name)} is no variant of this project"
            yield Broken(("llm", "exclude", at), rule, _meant(name, known), also)
    for question, names in asked.items():
        left = [name for name in names if not belongs(name, llm.exclude)]
        if all(belongs(name, ["challenge"]) for name in left):
            what = "only `challenge`, which leads against a first answer" if left else "no variant"
            rule = f"leaves {what} to question {shown(question)}"
            yield Broken(("llm", "exclude"), rule, "Take one back.", also)


def _meant(name: str, known: Collection[str]) -> str:
    """The nearest name, else those of ways: with their classes they can be hundreds."""
    remedy = did_you_mean(name, known)
    ways = [one for one in known if ":" not in one]
    return remedy if remedy.startswith("Did") else did_you_mean("", ways)


def _asked(
    llm: ModelSettings, question: QuestionSettings, prompts: Collection[str]
) -> tuple[str, ...]:
    """The names of the calls that are made for each item, of either kind where a probe decides."""
    kind = QUESTION_TYPES[question.type]
    if llm.provider == "local":
        return VIEWS if question.type == "single_label" else ("local",)
    compared = kind.control(question).responses
    decisions = (DECISION, DECISION_REVERSED) if compared else (DECISION,)
    chat = tuple(variant.name for variant in variants_of(question, llm.variants, prompts))
    if llm.provider == "auto":
        return (*chat, *decisions)
    return decisions if llm.provider in DECISIONS else chat


def _routing(project: Project) -> Iterator[Broken]:
    routing = project.routing
    policy = ("routing", "policy")
    if routing.policy not in KEYS:
        remedy = did_you_mean(routing.policy, KEYS)
        yield Broken(policy, f"{shown(routing.policy)} is unknown", remedy)
        return
    for key in NEEDED.get(routing.policy, ()):
        if getattr(routing, key) is None:
            rule = f"is required for policy {routing.policy}"
            yield Broken(("routing", key), rule, _remedy(key), also=(policy,))
    used = KEYS[routing.policy]
    taken_by = {key: [p for p in KEYS if key in KEYS[p]] for keys in KEYS.values() for key in keys}
    told = {"audit", "hour_usd", "seconds"}  # the last two also say what people's work costs
    for key in sorted(routing.model_fields_set & taken_by.keys() - used.keys() - told):
        rule = f"is not used by policy {routing.policy}"
        others = " or ".join(f"`policy: {name}`" for name in taken_by[key])
        yield Broken(("routing", key), rule, f"Remove it, or set {others}.", also=(policy,))
    members = [name for name, _ in project.llm.models() if name]
    if "strong" in used and routing.strong is not None and routing.strong not in members:
        rule = f"{shown(routing.strong)} is no member of `llm.ensemble`"
        yield Broken(("routing", "strong"), rule, did_you_mean(routing.strong, members))
    if routing.budget is not None and routing.budget_items is not None:
        rule = "is given, and `budget` too"
        yield Broken(("routing", "budget_items"), rule, "Keep one of them.", also=(policy,))
    if routing.policy in TAKE_CHANCES and routing.signal != "learned":
        rule = f"is {routing.signal}, but policy {routing.policy} reckons with chances of an error"
        yield Broken(("routing", "signal"), rule, "Set `signal: learned`.", also=(policy,))


def _remedy(key: str) -> str:
    if key == "threshold":
        return "Add it, 0 to 1."
    if key == "strong":
        return "Name a member of `llm.ensemble`."
    return "Add it, such as 0.05." if key == "target_error" else "Add it, in US dollars."

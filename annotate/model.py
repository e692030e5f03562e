"""The nouns: frozen dataclasses, one per table. Times are UTC ISO text, ids are text."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

Value = Any
"""An answer in its question type's form; always JSON-able."""

Outcome = Literal["parsed", "repaired", "abstained", "invalid", "refused", "truncated", "error"]
"""How one call ended. Only `parsed` and `repaired` (right at the second try) vote."""

VOTING: frozenset[Outcome] = frozenset({"parsed", "repaired"})

Destination = Literal["auto", "annotate", "audit", "strong"]
"""Where an item goes: the model's label stands, a person answers, a person checks at random, or the
stronger model of a cascade answers next."""

PromiseEventKind = Literal["settled", "withdrawn"]
"""What became of a promise: a cut was found (again, when it had to move down); it is off."""

AssignmentState = Literal["open", "leased", "done", "skipped"]

AnnotationKind = Literal["answer", "skip", "not_asked", "second"]
"""Only `answer` counts as a label. `not_asked`: an earlier answer made the question moot. `second`:
what a person said after the machine's answer was revealed, beside what they had said before."""

AdjudicationKind = Literal["decided", "ambiguous", "sent_back", "reopened"]
"""`decided`: `value` is the answer. `ambiguous`: no answer is the right one. `sent_back`: a person
answers again. `reopened`: what it supersedes is taken back, and what stood before stands again."""

Role = Literal["annotator", "lead", "admin"]

PEOPLE = "people"
"""The policy of questions that no model is asked."""

IMPORTED = "imported"
"""Of an answer: stands for the prelabel in sight (`shown_prelabel`) where it came from another
tool. Nobody can know what was in sight there, so it never counts as blind. Of a prelabel: its
prompt's version and what it was taken over from, and its variant where the tool tells none."""

Scope = Literal["missing", "failed", "unlabelled", "chosen"]
"""The items a round is about: without answers, also those whose calls were given up, without a
human label, or chosen for the stronger model."""


@dataclass(frozen=True, slots=True)
class Item:
    """One thing to label: named text fields, and whatever else came with them."""

    id: str
    project: str
    position: int
    key: str
    content_hash: str
    fields: Mapping[str, str]
    metadata: Mapping[str, Any]
    created_at: str


@dataclass(frozen=True, slots=True)
class Prelabel:
    """One machine answer to one way of asking. `value` is None unless `outcome` is in VOTING."""

    id: str
    project: str
    item_id: str
    question: str
    round_id: str
    variant: str
    sample: int
    model: str
    prompt_version: str
    prompt_hash: str
    outcome: Outcome
    value: Value
    probabilities: Mapping[str, float] | None
    confidence: float | None
    reason: str | None
    raw: str | None
    finish_reason: str | None
    tokens_in: int | None
    tokens_out: int | None
    seconds: float | None
    created_at: str
    cost_usd: float | None = None
    label_mass: float | None = None
    call: str | None = None
    reused_from: str | None = None


@dataclass(frozen=True, slots=True)
class Round:
    """One pre-labelling run: its settings and few-shot examples are frozen when it starts."""

    id: str
    project: str
    question: str
    settings_hash: str
    model: str
    variants: tuple[str, ...]
    examples: tuple[tuple[str, Value], ...]
    scope: Scope
    started_at: str
    finished_at: str | None
    imported: str | None = None
    """The tool that the answers came from: they count only as long as no model of ours has said
    anything about the question."""


@dataclass(frozen=True, slots=True)
class Decision:
    """Where an item was sent, why, and with which chance a person would see it.

    model_value: what most of the machine's answers say. label: what is delivered unless a person
    answers; another one than `model_value` where people have shown the machine to be wrong in such
    cases.
    """

    id: str
    project: str
    item_id: str
    question: str
    destination: Destination
    score: float | None
    model_value: Value
    propensity: float
    policy: str
    reason: str
    created_at: str
    label: Value


@dataclass(frozen=True, slots=True)
class Assignment:
    """One wanted answer: free, or lent to a person until a time.

    skill: what a person must have to be lent it; empty: nothing. extra: beyond the planned number,
    because the answers so far differ.
    """

    id: str
    project: str
    item_id: str
    question: str
    slot: int
    priority: float
    state: AssignmentState
    person_id: str | None
    leased_until: str | None
    skill: str = ""
    extra: bool = False


@dataclass(frozen=True, slots=True)
class Annotation:
    """One person's answer. Undone answers stay, with `undone_at`; they no longer count."""

    id: str
    project: str
    item_id: str
    question: str
    assignment_id: str
    person_id: str
    kind: AnnotationKind
    value: Value
    note: str | None
    shown_prelabel: str | None
    seconds: float | None
    created_at: str
    undone_at: str | None
    exposure: Mapping[str, Any] | None = None
    """What the person had seen of the machine's answer, and in which mode; None: not recorded."""
    op_id: str | None = None
    """The operation it came with: one answers all questions of a task."""


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who works here, and in which role."""

    id: str
    name: str
    role: Role
    created_at: str


Door = Literal["name", "password", "oidc", "here"]
"""How somebody came in: by picking a name, by a password, through an identity provider, or because
this machine is set up for them alone."""


@dataclass(frozen=True, slots=True)
class Account:
    """A person, and how they prove who they are. password: its argon2 hash.

    email, subject: what an identity provider says of them; subject is `issuer sub`, kept from
    their first sign-in on, because an address may be given to somebody else.
    """

    person: Person
    password: str | None
    email: str | None
    subject: str | None
    deactivated_at: str | None

    @property
    def active(self) -> bool:
        return self.deactivated_at is None


@dataclass(frozen=True, slots=True)
class Session:
    """One signed-in browser. id: digest of the secret in its cookie."""

    id: str
    person_id: str
    door: Door
    created_at: str
    seen_at: str
    expires_at: str
    ended_at: str | None


@dataclass(frozen=True, slots=True)
class Invite:
    """A code that works once. id: digest of the code. person_id: whose password it sets anew;
    None: it makes a new person of that role."""

    id: str
    role: Role
    person_id: str | None
    email: str | None
    created_by: str
    created_at: str
    expires_at: str
    used_at: str | None


@dataclass(frozen=True, slots=True)
class Adjudication:
    """One word of a lead on one item's question.

    number: of this item and question, from 1. guideline_version: hash of the project text it was
    said under. sent_to: who is asked again; None: somebody who has not had the item. supersedes:
    what stood until then, None for nothing.
    """

    id: str
    project: str
    item_id: str
    question: str
    number: int
    kind: AdjudicationKind
    value: Value
    comment: str | None
    guideline_version: str
    person_id: str
    sent_to: str | None
    created_at: str
    supersedes: str | None


@dataclass(frozen=True, slots=True)
class Consensus:
    """The answer people stand by. `value` is None when they are tied or have not answered."""

    value: Value
    votes: int
    agreeing: int


@dataclass(frozen=True, slots=True)
class Promise:
    """At most `tolerance` of `size` labels are wrong, with chance 1 - alpha, once it is kept.

    number: of this question's promises, from 1. size: items it speaks of, in all. population: how
    many of these had no human label, so that their labels and order were frozen. audited: how many
    of those were drawn. seed, frozen: what the draw is computed from; `frozen` is a digest of the
    frozen labels and order. basis: what must not change while it stands.
    """

    id: str
    project: str
    question: str
    number: int
    tolerance: float
    alpha: float
    size: int
    population: int
    audited: int
    seed: str
    frozen: str
    basis: Mapping[str, Any]
    created_by: str
    created_at: str


class PromiseItem(NamedTuple):
    """An item of a promise. place: in the frozen order, 0 safest; None: it was people's already.

    drawn: when it was drawn for the audit, from 0; None when it was not. label: the frozen one.
    """

    item_id: str
    place: int | None
    drawn: int | None
    label: Value
    score: float | None


@dataclass(frozen=True, slots=True)
class PromiseEvent:
    """Something that became of a promise; `details` are its facts, `person` is who caused it."""

    promise_id: str
    number: int
    kind: PromiseEventKind
    details: Mapping[str, Any]
    person: str
    created_at: str

"""Steps 1 to 7: items, what machines and people said of them, promises, batches, the desk."""

from __future__ import annotations

from typing import TYPE_CHECKING

from annotate.store.steps import Steps

if TYPE_CHECKING:
    from sqlite_utils import Database

migrations = Steps("annotate")

_M001 = """
create table projects (
  id text primary key, created_at text not null
) strict;

create table project_versions (
  project text not null references projects(id), hash text not null, text text not null,
  created_at text not null, primary key (project, hash)
) strict;

create table people (
  id text primary key, name text not null unique, role text not null, created_at text not null
) strict;

create table items (
  id text primary key, project text not null references projects(id), position integer not null,
  key text not null, content_hash text not null, fields text not null, metadata text not null,
  created_at text not null,
  unique (project, key), unique (project, position)
) strict;

create table gold (
  item_id text not null references items(id), question text not null, value text not null,
  primary key (item_id, question)
) strict;

create table rounds (
  id text primary key, project text not null references projects(id), question text not null,
  settings_hash text not null, model text not null, variants text not null,
  examples text not null, scope text not null, started_at text not null, finished_at text
) strict;
create index rounds_of on rounds (project, question, started_at);

create table prelabels (
  id text primary key, project text not null references projects(id),
  item_id text not null references items(id), question text not null,
  round_id text not null references rounds(id), variant text not null, sample integer not null,
  model text not null, prompt_version text not null, prompt_hash text not null,
  outcome text not null, value text, probabilities text, confidence real, reason text,
  raw text, finish_reason text, tokens_in integer, tokens_out integer, seconds real,
  created_at text not null, cost_usd real
) strict;
create index prelabels_of on prelabels (item_id, question, round_id);

create table prelabelled (
  round_id text not null references rounds(id), item_id text not null references items(id),
  errors integer not null, created_at text not null, primary key (round_id, item_id)
) strict;
create index prelabelled_item on prelabelled (item_id, round_id);

create table routings (
  id text primary key, project text not null references projects(id), question text not null,
  number integer not null, policy text not null, settings text not null, created_at text not null,
  unique (project, question, number)
) strict;

create table decisions (
  id text primary key, project text not null references projects(id),
  item_id text not null references items(id), question text not null,
  routing_id text not null references routings(id), number integer not null,
  destination text not null, score real, model_value text, propensity real not null,
  policy text not null, reason text not null, created_at text not null,
  unique (item_id, question, number)
) strict;
create index decisions_of on decisions (project, question);

create table assignments (
  id text primary key, project text not null references projects(id),
  item_id text not null references items(id), question text not null, slot integer not null,
  priority real not null, state text not null, person_id text references people(id),
  leased_until text, created_at text not null,
  unique (item_id, question, slot)
) strict;
create index assignments_queue on assignments (project, state, priority desc, id);
create index assignments_person on assignments (person_id, state);
create index assignments_lease on assignments (state, leased_until);

create table annotations (
  id text primary key, project text not null references projects(id),
  item_id text not null references items(id), question text not null,
  assignment_id text not null references assignments(id),
  person_id text not null references people(id), kind text not null, value text, note text,
  shown_prelabel text, seconds real, created_at text not null
) strict;
create index annotations_item on annotations (item_id, question);
create index annotations_person on annotations (person_id, created_at);
create index annotations_project on annotations (project, question);
create index annotations_assignment on annotations (assignment_id);

create table jobs (
  id text primary key, project text not null references projects(id), kind text not null,
  settings text not null, state text not null, done integer not null, total integer not null,
  cost_usd real not null, message text not null, cancel integer not null, worker text,
  created_by text not null, created_at text not null, started_at text, heartbeat_at text,
  finished_at text
) strict;
create index jobs_state on jobs (state, created_at);
create index jobs_project on jobs (project, created_at);

create table connections (
  base_url text not null, model text not null, capabilities text not null,
  checked_at text not null, primary key (base_url, model)
) strict;

create table retractions (
  annotation_id text primary key references annotations(id),
  person_id text not null references people(id), created_at text not null
) strict;
"""


@migrations()
def m001_start(db: Database) -> None:
    for statement in _M001.split(";"):
        if statement.strip():
            db.conn.execute(statement)


@migrations()
def m002_call_identity(db: Database) -> None:
    for name, kind in (("label_mass", "real"), ("call", "text"), ("reused_from", "text")):
        db.conn.execute(f"alter table prelabels add column {name} {kind}")
    db.conn.execute("create index prelabels_call on prelabels (call) where call is not null")


@migrations()
def m003_given_up(db: Database) -> None:
    db.conn.execute("alter table prelabelled add column given_up integer not null default 0")


@migrations()
def m004_learned_label(db: Database) -> None:
    db.conn.execute("alter table decisions add column label text")
    db.conn.execute("""
        create table vectors (
          item_id text not null references items(id), space text not null, vector blob not null,
          primary key (item_id, space)
        ) strict""")


_M005 = """
create table promises (
  id text primary key, project text not null references projects(id), question text not null,
  number integer not null, tolerance real not null, alpha real not null, size integer not null,
  population integer not null, audited integer not null, seed text not null,
  frozen text not null, basis text not null, created_by text not null, created_at text not null,
  unique (project, question, number)
) strict;

create table promise_items (
  promise_id text not null references promises(id), item_id text not null references items(id),
  place integer, drawn integer, label text, score real,
  primary key (promise_id, item_id)
) without rowid, strict;
create index promise_items_drawn on promise_items (promise_id, drawn) where drawn is not null;

create table promise_events (
  promise_id text not null references promises(id), number integer not null, kind text not null,
  details text not null, person text not null, created_at text not null,
  primary key (promise_id, number)
) strict;
"""


@migrations()
def m005_promises(db: Database) -> None:
    for statement in _M005.split(";"):
        if statement.strip():
            db.conn.execute(statement)


_M006 = """
create table batches (
  id text primary key, project text not null references projects(id), question text not null,
  round_id text not null references rounds(id), run_id text not null, run_over integer not null,
  wave integer not null, number integer not null, member text not null, base_url text not null,
  model text not null, state text not null, calls integer not null, most_usd real,
  answered integer not null, direct integer not null,
  cost_usd real, input_file_id text, server_id text, status text, done integer not null,
  failed integer not null, reason text, room integer, created_at text not null,
  submitted_at text, closed_at text
) strict;
create index batches_of on batches (project, question, created_at);
create index batches_round on batches (round_id, state);

create table batch_calls (
  round_id text not null references rounds(id), custom_id text not null,
  item_id text not null references items(id), variant text not null, sample integer not null,
  batch_id text references batches(id), attempt integer not null, most_usd real,
  given_up integer not null, reason text, primary key (round_id, custom_id)
) strict;
create index batch_calls_item on batch_calls (item_id, round_id);
create index batch_calls_batch on batch_calls (batch_id, item_id);
"""


@migrations()
def m006_batches(db: Database) -> None:
    for statement in _M006.split(";"):
        if statement.strip():
            db.conn.execute(statement)


_M007 = """
alter table assignments add column skill text not null default '';
alter table assignments add column extra integer not null default 0;
drop index assignments_queue;
create index assignments_queue on assignments (project, state, skill, priority desc, id);

alter table annotations add column exposure text;
alter table annotations add column op_id text;
create index annotations_had on annotations (person_id, item_id);

create table operations (
  person_id text not null references people(id), id text not null,
  project text not null references projects(id), item_id text not null, kind text not null,
  status text not null, digest text not null, payload text, result text not null, target text,
  ended text, created_at text not null, primary key (person_id, id)
) strict;
create index operations_of on operations (project, person_id, created_at, id);
create index operations_kept on operations (project, created_at) where status <> 'stored';
insert into operations
  select a.person_id, a.id, a.project, a.item_id, a.kind, 'stored', '', null, '{}', null,
    case when x.annotation_id is null then null else 'undone' end, a.created_at
  from annotations a left join retractions x on x.annotation_id = a.id;

create table drafts (
  person_id text not null references people(id), item_id text not null references items(id),
  answers text not null, created_at text not null, primary key (person_id, item_id)
) strict;

create table flags (
  id text primary key, project text not null references projects(id),
  item_id text not null references items(id), person_id text not null references people(id),
  comment text not null, created_at text not null, closed_by text, closed_at text
) strict;
create index flags_open on flags (project, created_at) where closed_at is null;

create table project_events (
  project text not null references projects(id), number integer not null, state text not null,
  person text not null, reason text, created_at text not null, primary key (project, number)
) strict;

create table checks (
  person_id text not null references people(id), item_id text not null references items(id),
  project text not null references projects(id), purpose text not null, state text not null,
  leased_until text, attempt integer not null, answers text, correct integer, asked integer,
  exposure text, seconds real, note text, op_id text, created_at text not null, settled_at text,
  primary key (person_id, item_id)
) strict;
create index checks_of on checks (project, person_id, purpose, state);

create table trainings (
  project text not null references projects(id), person_id text not null references people(id),
  number integer not null, result text not null, correct integer not null,
  asked integer not null, by text not null, created_at text not null,
  primary key (project, person_id, number)
) strict;

create table skills (
  person_id text not null references people(id), skill text not null, given_by text not null,
  created_at text not null, primary key (person_id, skill)
) strict;
"""


@migrations()
def m007_desk(db: Database) -> None:
    for statement in _M007.split(";"):
        if statement.strip():
            db.conn.execute(statement)

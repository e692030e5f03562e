"""The schema, step by step. A step that has been on anyone's disk is never edited."""

from __future__ import annotations

from typing import TYPE_CHECKING

from annotate.store.schema.words import migrations

if TYPE_CHECKING:
    from sqlite_utils import Database

__all__ = ["migrations"]

_M013 = """
create table person_events (
  person_id text not null references people(id), number integer not null, project text,
  kind text not null, reason text, details text not null, person text not null,
  created_at text not null, primary key (person_id, number)
) strict;
create index person_events_of on person_events (project, person_id, number);

create table withheld (
  person_id text not null references people(id), item_id text not null references items(id),
  created_at text not null, primary key (person_id, item_id)
) strict;

create index annotations_team on annotations (project, person_id, kind, created_at);
"""


@migrations()
def m013_team(db: Database) -> None:
    for statement in _M013.split(";"):
        if statement.strip():
            db.conn.execute(statement)


_M014 = """
create table snapshots (
  project text not null references projects(id), name text not null, number integer not null,
  sha256 text not null, items integer not null, labels integer not null, files integer not null,
  bytes integer not null, comment text, person text not null, created_at text not null,
  primary key (project, name), unique (project, number)
) strict;
"""


@migrations()
def m014_snapshots(db: Database) -> None:
    for statement in _M014.split(";"):
        if statement.strip():
            db.conn.execute(statement)


_M015 = """
create table imported_people (
  person_id text primary key references people(id), tool text not null, called text not null,
  created_at text not null
) strict;

alter table rounds add column imported text;

create view rounds_that_count as
  select * from rounds r where r.imported is null or not exists (
    select 1 from rounds own
    where own.project = r.project and own.question = r.question and own.imported is null
      and exists (select 1 from prelabelled d where d.round_id = own.id));
"""


@migrations()
def m015_imports(db: Database) -> None:
    for statement in _M015.split(";"):
        if statement.strip():
            db.conn.execute(statement)


@migrations()
def m016_refusals(db: Database) -> None:
    db.conn.execute(
        "create index prelabels_refused on prelabels (item_id, question) where outcome = 'refused'"
    )

"""Steps 8 to 12: accounts, the consensus, the search, what leads decide, versions of a project."""

from __future__ import annotations

from typing import TYPE_CHECKING

from annotate.store.schema.answers import migrations

if TYPE_CHECKING:
    from sqlite_utils import Database

__all__ = ["migrations"]

_M008 = """
create table accounts (
  person_id text primary key references people(id), password text, email text unique,
  subject text unique, deactivated_at text
) strict;

create table sessions (
  id text primary key, person_id text not null references people(id), door text not null,
  created_at text not null, seen_at text not null, expires_at text not null, ended_at text
) strict;
create index sessions_person on sessions (person_id);
create index sessions_expires on sessions (expires_at);

create table invites (
  id text primary key, role text not null, person_id text references people(id), email text,
  created_by text not null, created_at text not null, expires_at text not null, used_at text
) strict;
create index invites_expires on invites (expires_at);

create table attempts (
  id text primary key, failures integer not null, last_at text not null, next_at text not null
) strict;
create index attempts_last on attempts (last_at);
"""


@migrations()
def m008_accounts(db: Database) -> None:
    for statement in _M008.split(";"):
        if statement.strip():
            db.conn.execute(statement)


_M009 = (
    """
    create table data_versions (
      project text primary key references projects(id), version integer not null
    ) strict""",
    "insert into data_versions select id, 1 from projects",
    """
    create trigger annotations_versioned after insert on annotations begin
      insert into data_versions (project, version) values (new.project, 1)
        on conflict (project) do update set version = version + 1;
    end""",
    """
    create trigger retractions_versioned after insert on retractions begin
      update data_versions set version = version + 1
        where project = (select project from annotations where id = new.annotation_id);
    end""",
    """
    create trigger routings_versioned after insert on routings begin
      insert into data_versions (project, version) values (new.project, 1)
        on conflict (project) do update set version = version + 1;
    end""",
    """
    create trigger prelabelled_versioned after insert on prelabelled begin
      insert into data_versions (project, version)
        select project, 1 from rounds where id = new.round_id
        on conflict (project) do update set version = version + 1;
    end""",
    """
    create trigger prelabelled_again_versioned after update on prelabelled begin
      update data_versions set version = version + 1
        where project = (select project from rounds where id = new.round_id);
    end""",
    """
    create table consensus (
      project text not null references projects(id), question text not null,
      item_id text not null references items(id), value text, probability real,
      uncertainty real not null, people integer not null, machine_value text,
      machine_probability real, status text not null, priority real not null,
      data_version integer not null, at text not null, primary key (item_id, question)
    ) strict""",
    "create index consensus_first on consensus (project, question, priority desc, item_id)",
    """
    create index consensus_status
      on consensus (project, question, status, priority desc, item_id)""",
    """
    create table consensus_runs (
      project text not null references projects(id), question text not null,
      basis text not null, method text not null, data_version integer not null,
      answers integer not null, quality text not null, at text not null,
      primary key (project, question)
    ) strict""",
)


@migrations()
def m009_consensus(db: Database) -> None:
    for statement in _M009:
        db.conn.execute(statement)


_M010 = (
    """create table search_projects (
      project text primary key references projects(id), first integer not null unique
    ) strict""",
    # an item's place is `first` + its position: no project ever has 2^40 items
    """insert into search_projects
      select id, (row_number() over (order by created_at, id) - 1) << 40 from projects""",
    """create trigger search_projects_new after insert on projects begin
      insert into search_projects
        select new.id, coalesce(max(first) + (1 << 40), 0) from search_projects;
    end""",
    # no text and no positions are kept: a quarter of the size and of the time, and what is found
    # is looked at again; the line ends make every pair of characters begin some trigram
    """create virtual table item_search using fts5(
      body, content='', columnsize=0, detail=none, tokenize='trigram')""",
    "create virtual table item_trigrams using fts5vocab(item_search, 'instance')",
    """create view items_with as
      select rowid as place, item_search as says from item_search""",
    """insert into item_search (rowid, body)
      select p.first + i.position,
        (select group_concat(f.value, char(10, 10)) || char(10, 10) from json_each(i.fields) f)
      from items i join search_projects p on p.project = i.project order by 1""",
    """create trigger item_search_new after insert on items begin
      insert into item_search (rowid, body)
        select p.first + new.position,
          (select group_concat(f.value, char(10, 10)) || char(10, 10) from json_each(new.fields) f)
        from search_projects p where p.project = new.project;
    end""",
    """create table slices (
      project text not null references projects(id), question text not null, name text not null,
      version text not null, layout text not null, content blob not null, at text not null,
      primary key (project, question, name)
    ) strict""",
    "create index flags_item on flags (item_id)",
    "create index checks_item on checks (item_id)",
)


@migrations()
def m010_search(db: Database) -> None:
    for statement in _M010:
        db.conn.execute(statement)


_M011 = (
    """
    create table adjudications (
      id text primary key, project text not null references projects(id),
      item_id text not null references items(id), question text not null,
      number integer not null, kind text not null, value text, comment text,
      guideline_version text not null, person_id text not null,
      sent_to text references people(id), created_at text not null,
      supersedes text references adjudications(id), unique (item_id, question, number)
    ) strict""",
    "create index adjudications_of on adjudications (project, question, created_at)",
    """
    create index adjudications_by
      on adjudications (person_id, project, question, created_at)""",
    """
    create trigger adjudications_versioned after insert on adjudications begin
      insert into data_versions (project, version) values (new.project, 1)
        on conflict (project) do update set version = version + 1;
    end""",
)


@migrations()
def m011_adjudications(db: Database) -> None:
    for statement in _M011:
        db.conn.execute(statement)


_M012 = """
create table project_changes (
  project text not null, number integer not null, hash text not null, kind text not null,
  person text, reason text, told text, created_at text not null,
  primary key (project, number),
  foreign key (project, hash) references project_versions(project, hash)
) strict;
insert into project_changes
  select project, number, hash, case when number = 1 then 'first' else 'by hand' end,
    null, null, null, created_at
  from (
    select project, hash, created_at,
      row_number() over (partition by project order by created_at, hash) as number
    from project_versions
  );

create table trials (
  id text primary key, project text not null references projects(id), question text not null,
  base text not null, changes text not null, told text not null, items integer not null,
  drawn integer not null, failed integer not null, right_before integer not null,
  right_after integer not null, won integer not null, lost integer not null,
  calls integer not null, cost_usd real not null, unpriced integer not null, stopped text,
  person text not null, created_at text not null
) strict;
create index trials_of on trials (project, question, created_at);

create table trial_items (
  trial_id text not null references trials(id), item_id text not null references items(id),
  truth text not null, before text, after text, primary key (trial_id, item_id)
) strict;

create table trial_calls (
  item_id text not null references items(id), call text not null, answer text not null,
  created_at text not null, primary key (item_id, call)
) strict;

create table proposals (
  id text primary key, project text not null references projects(id), question text not null,
  people text not null, model text not null, item_ids text not null, asked text not null,
  prompt_version text not null, prompt text not null, raw text, summary text not null,
  sentence text not null, base text not null, cost_usd real, person text not null,
  created_at text not null
) strict;
create index proposals_of on proposals (project, created_at);

create table proposal_verdicts (
  proposal_id text primary key references proposals(id), verdict text not null,
  sentence text not null, version integer, comment text, person text not null,
  created_at text not null
) strict;

create table requeues (
  id text primary key, project text not null references projects(id), question text not null,
  version integer not null, which text not null, items integer not null, person text not null,
  created_at text not null
) strict;
create index requeues_of on requeues (project, question, created_at);

create table requeued (
  requeue_id text not null references requeues(id), item_id text not null references items(id),
  kind text not null, primary key (requeue_id, item_id)
) strict;
"""


@migrations()
def m012_project_changes(db: Database) -> None:
    for statement in _M012.split(";"):
        if statement.strip():
            db.conn.execute(statement)

"""Counts for status and dashboards, made in the database."""

from __future__ import annotations

from collections.abc import Mapping
from statistics import median
from typing import Any

import numpy as np

from annotate.store.arrays import KEY, Numbers, arrays, distinct, keys, whole, whose
from annotate.store.columns import Columns, random_share
from annotate.store.engine import Engine

MOST_TIMED = 50_000
"""Answers whose times are read: more would hardly move their median."""


class Progress:
    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def seconds_per_answer(self, project: str, question: str) -> float | None:
        """Median seconds of the answers that were timed; None when none was.

        Of more than `MOST_TIMED` answers, those of some items, drawn by chance and the same
        whenever it is asked: this median then lies between the 49th and the 51st percentile of all.
        """
        params: dict[str, Any] = {"project": project, "question": question}
        whose = "project = :project"
        given = Columns(self._engine).answers(project, question)
        if given > MOST_TIMED:
            whose = "coalesce(project, '') = :project and item_id <= :upto"
            params["upto"] = random_share(MOST_TIMED / given)
        sql = f"""
            select seconds from annotations
            where {whose} and question = :question and kind = 'answer' and seconds > 0"""
        timed = self._engine.columns(sql, params)
        return median(timed[0]) if timed else None

    def answers_since(self, project: str, question: str, *, since: str) -> int:
        """Answers that count and were given after a time."""
        sql = """
            select count(*) as n from annotations a
            left join retractions x on x.annotation_id = a.id
            where a.project = :project and a.question = :question and a.kind = 'answer'
              and x.annotation_id is null and a.created_at > :since"""
        params = {"project": project, "question": question, "since": since}
        return int(next(self._engine.query(sql, params))["n"])

    def changes(self, project: str, question: str) -> int:
        """A number that grows with every answer, skip, retraction and adjudication."""
        sql = """
            select
              (select count(*) from annotations
               where project = :project and question = :question)
              + (select count(*)
                 from retractions x cross join annotations a on a.id = x.annotation_id
                 where a.project = :project and a.question = :question)
              + (select count(*) from adjudications
                 where project = :project and question = :question) as n"""
        rows = self._engine.query(sql, {"project": project, "question": question})
        return int(next(rows)["n"])

    def destinations(self, project: str, question: str) -> dict[str, int]:
        """destination -> number of items whose decision in force says so."""
        names = Numbers()
        sql = f"""
            select {KEY.format("item_id")}, number, destination from decisions
            where project = :project and question = :question"""
        params = {"project": project, "question": question}
        items, number, code = arrays(self._engine, sql, params, keys, whole, names)
        order = np.lexsort((number, items))
        last = np.append(items[order][1:] != items[order][:-1], True)[: len(order)]
        counts = np.bincount(code[order[last]], minlength=len(names)).tolist()
        return {name: n for name, n in zip(names, counts, strict=True) if n}

    def slots(self, project: str, question: str) -> dict[str, int]:
        """assignment state -> number of slots."""
        sql = f"""
            select state as name, count(*) as n from assignments
            where {whose(self._engine, project)} and question = :question group by state"""
        return self._counts(sql, project, question)

    def outcomes(self, project: str, question: str) -> dict[str, int]:
        """outcome -> number of calls, over all rounds; an answer taken over is no call."""
        sql = """
            select outcome as name, count(*) as n from prelabels
            where project = :project and question = :question and reused_from is null
            group by outcome"""
        return self._counts(sql, project, question)

    def tokens(self, project: str, question: str) -> dict[str, int]:
        """tokens in and out over all rounds; calls that did not tell count as 0."""
        sql = """
            select coalesce(sum(tokens_in), 0) as tokens_in,
              coalesce(sum(tokens_out), 0) as tokens_out
            from prelabels where project = :project and question = :question"""
        return dict(next(self._engine.query(sql, {"project": project, "question": question})))

    def callers(self, project: str, question: str) -> list[Mapping[str, Any]]:
        """model, prompt_version, outcome, calls, first and last time, over all rounds; an answer
        taken over is no call. By model, prompt version, and the most frequent outcome first."""
        sql = """
            select model, prompt_version, outcome, count(*) as calls,
              min(created_at) as first, max(created_at) as last
            from prelabels
            where project = :project and question = :question and reused_from is null
            group by model, prompt_version, outcome
            order by model, prompt_version, calls desc, outcome"""
        return list(self._engine.query(sql, {"project": project, "question": question}))

    def call_means(self, project: str, question: str, model: str) -> tuple[int, float, float]:
        """A model's calls that told their tokens, and their mean tokens in and out; all rounds."""
        sql = """
            select count(*) as n, coalesce(avg(tokens_in), 0.0) as mean_in,
              coalesce(avg(tokens_out), 0.0) as mean_out
            from prelabels
            where project = :project and question = :question and model = :model
              and tokens_in is not null and tokens_out is not null"""
        params = {"project": project, "question": question, "model": model}
        row = next(self._engine.query(sql, params))
        return int(row["n"]), float(row["mean_in"]), float(row["mean_out"])

    def answered_items(self, project: str, question: str) -> int:
        """Items with at least one counting answer."""
        sql = f"""
            select {KEY.format("a.item_id")} as key from annotations a
            left join retractions x on x.annotation_id = a.id
            where a.project = :project and a.question = :question
              and a.kind = 'answer' and x.annotation_id is null"""
        return distinct(self._engine, sql, {"project": project, "question": question})

    def people(self, project: str) -> list[Mapping[str, Any]]:
        """Per person: name, answers, skips, last answer. Most answers first, then by name."""
        sql = """
            select p.id, p.name, a.kind, count(*) as n, max(a.created_at) as last
            from annotations a join people p on p.id = a.person_id
            where a.project = :project group by a.person_id, a.kind"""
        taken = self._taken_back(project)
        found: dict[str, dict[str, Any]] = {}
        for row in self._engine.query(sql, {"project": project}):
            left = row["n"] - taken.get((row["id"], row["kind"]), 0)
            one = found.setdefault(row["id"], {"name": row["name"], "n": 0, "last": ""})
            one[row["kind"]], one["n"] = left, one["n"] + left
            one["last"] = max(one["last"], row["last"])
        for person_id in {person_id for person_id, _ in taken}:
            found[person_id]["last"] = self._last(project, person_id)
        told = [
            {
                "name": one["name"],
                "answers": one.get("answer", 0),
                "skips": one.get("skip", 0),
                "last": one["last"],
            }
            for one in found.values()
            if one["n"]
        ]
        return sorted(told, key=lambda one: (-one["answers"], one["name"]))

    def _taken_back(self, project: str) -> dict[tuple[str, str], int]:
        """(person, kind) -> how many were retracted."""
        sql = """
            select a.person_id, a.kind, count(*) as n
            from retractions x cross join annotations a on a.id = x.annotation_id
            where a.project = :project group by a.person_id, a.kind"""
        rows = self._engine.query(sql, {"project": project})
        return {(row["person_id"], row["kind"]): int(row["n"]) for row in rows}

    def _last(self, project: str, person_id: str) -> str | None:
        """When somebody last said what they have not taken back."""
        sql = """
            select a.created_at from annotations a
            left join retractions x on x.annotation_id = a.id
            where a.person_id = :person and a.project = :project and x.annotation_id is null
            order by a.created_at desc limit 1"""
        rows = self._engine.query(sql, {"person": person_id, "project": project})
        return next((row["created_at"] for row in rows), None)

    def _counts(self, sql: str, project: str, question: str) -> dict[str, int]:
        rows = self._engine.query(sql, {"project": project, "question": question})
        return {row["name"]: int(row["n"]) for row in rows}

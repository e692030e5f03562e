"""Counts for status and dashboards, made in the database."""

from __future__ import annotations

from collections.abc import Mapping
from statistics import median
from typing import Any

from annotate.store.decisions import NEWEST_DECISION
from annotate.store.engine import Engine


class Progress:
    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def seconds_per_answer(self, project: str, question: str) -> float | None:
        """Median seconds of the answers that were timed; None when none was."""
        sql = """
            select seconds from annotations
            where project = :project and question = :question and kind = 'answer' and seconds > 0
            order by seconds"""
        params = {"project": project, "question": question}
        timed = [float(row["seconds"]) for row in self._engine.query(sql, params)]
        return median(timed) if timed else None

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
              + (select count(*) from retractions x join annotations a on a.id = x.annotation_id
                 where a.project = :project and a.question = :question)
              + (select count(*) from adjudications
                 where project = :project and question = :question) as n"""
        rows = self._engine.query(sql, {"project": project, "question": question})
        return int(next(rows)["n"])

    def destinations(self, project: str, question: str) -> dict[str, int]:
        """destination -> number of items whose decision in force says so."""
        sql = f"""
            select d.destination as name, count(*) as n from decisions d
            where d.project = :project and d.question = :question and {NEWEST_DECISION}
            group by d.destination"""
        return self._counts(sql, project, question)

    def slots(self, project: str, question: str) -> dict[str, int]:
        """assignment state -> number of slots."""
        sql = """
            select state as name, count(*) as n from assignments
            where project = :project and question = :question group by state"""
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
        sql = """
            select count(distinct a.item_id) as n from annotations a
            left join retractions x on x.annotation_id = a.id
            where a.project = :project and a.question = :question
              and a.kind = 'answer' and x.annotation_id is null"""
        return int(next(self._engine.query(sql, {"project": project, "question": question}))["n"])

    def answered_ids(self, project: str, question: str) -> set[str]:
        """The items that `answered_items` counts."""
        sql = """
            select distinct a.item_id from annotations a
            left join retractions x on x.annotation_id = a.id
            where a.project = :project and a.question = :question
              and a.kind = 'answer' and x.annotation_id is null"""
        rows = self._engine.query(sql, {"project": project, "question": question})
        return {row["item_id"] for row in rows}

    def people(self, project: str) -> list[Mapping[str, Any]]:
        """Per person: name, answers, skips, last answer."""
        sql = """
            select p.name as name,
              sum(case when a.kind = 'answer' then 1 else 0 end) as answers,
              sum(case when a.kind = 'skip' then 1 else 0 end) as skips,
              max(a.created_at) as last
            from annotations a join people p on p.id = a.person_id
            left join retractions x on x.annotation_id = a.id
            where a.project = :project and x.annotation_id is null
            group by p.id, p.name order by answers desc, p.name"""
        return list(self._engine.query(sql, {"project": project}))

    def _counts(self, sql: str, project: str, question: str) -> dict[str, int]:
        rows = self._engine.query(sql, {"project": project, "question": question})
        return {row["name"]: int(row["n"]) for row in rows}

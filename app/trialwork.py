"""The job in which a change of guideline or prompts is tried."""

from __future__ import annotations

from collections.abc import Callable

from annotate.people import operator
from annotate.store import Store
from annotate.store.jobs import Job
from annotate.workflow.guideline.queueing import changes_of
from annotate.workflow.guideline.trial_words import sentences
from annotate.workflow.projects.jobs import Beat
from app.guiding import Bench, candidate
from app.pulsing import Going, with_pulse
from app.services import Services


def do(services: Services, job: Job, beat: Beat, say: Callable[[str], None]) -> str:
    """Try the change; the trial is stored under the job's id. Says what came of it in a sentence.

    Raises what `try_out` does. What a worker that died had asked is not asked again.
    """
    path, project = services.workspace.project(job.project)
    said = job.settings

    def work(own: Store, going: Going) -> str:
        found = own.trials.get(job.id)
        if found is None:
            actor = own.people.named(job.created_by) or operator(services.now())
            services.try_out(own, project, actor=actor, say=say)
            made = candidate(own, path, project, changes_of(said), actor=actor)
            question = project.question(str(said["question"]))
            bench = Bench(services, own, path, project, question, made, actor)
            found = bench.try_out(int(said["most"]), going, trial_id=job.id)
        return sentences(found)[0]

    return with_pulse(services, work, beat)

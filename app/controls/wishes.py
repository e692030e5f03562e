"""What the buttons of the labelling page asked for, done. No Streamlit call happens in here.

So a run that is broken off by the next click is never broken off between a click and its save.
"""

from __future__ import annotations

from annotate.errors import AnnotateError
from annotate.workflow.labelling import assign, recent, skip, submit, undo
from app.controls import queue
from app.services import Services
from app.state import Desk, Here, Wish


def fulfil(services: Services, here: Here, desk: Desk) -> str:
    """Do what the buttons asked for, in order; returns what went wrong."""
    wishes, desk.wishes = desk.wishes, []
    if not desk.take():
        desk.said = queue.TOO_FAST
        return ""
    if desk.chosen is not None and desk.said in queue.ASKS:
        desk.said = ""
    try:
        for wish, answer_id in wishes:
            desk.said = _do(services, here, desk, wish, answer_id)
    except AnnotateError as error:
        desk.said = ""
        return str(error)
    return ""


def _do(services: Services, here: Here, desk: Desk, wish: Wish, answer_id: str) -> str:
    """Fulfil one wish; returns what to tell. A second click on what is settled does nothing."""
    if wish == "undo":
        return _undo(services, here, desk, answer_id)
    if answer_id != desk.answer_id:
        return desk.said
    if wish == "submit" and desk.chosen is None:
        return queue.CHOOSE_FIRST
    store, project, actor = here
    now = services.now()
    task = assign(store, project, actor=actor, now=now)
    if task is None or task.answer_id != answer_id:
        raise AnnotateError(
            "the item shown before is no longer yours: it was open for too long, or answered in "
            "another window. Your choice was not stored; look at the item that is here now"
        )
    seconds, chosen = desk.seconds(now), desk.chosen
    if wish == "skip":
        skip(store, project, task, actor=actor, now=now, seconds=seconds)
        desk.clear()
        return "Skipped"
    submit(store, project, task, chosen, actor=actor, now=now, seconds=seconds)
    desk.clear()
    return f"Saved: {queue.title(project, task.question.name, chosen)}"


def _undo(services: Services, here: Here, desk: Desk, answer_id: str) -> str:
    store, project, actor = here
    last = recent(store, project, actor=actor, limit=1)
    if not last or last[0].annotation.id != answer_id:
        return desk.said
    undo(store, project, actor=actor, now=services.now())
    return "Taken back"

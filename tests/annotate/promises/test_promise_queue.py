"""Where audited items stand in people's queue, and what is given back when the cut is known."""

from __future__ import annotations

from annotate.store import Store
from tests.annotate.support.pledge import LATE, Pledge, pledge_project
from tests.small import QUESTION, someone


def test_people_cannot_tell_what_is_audited(store: Store) -> None:
    """Half of the queue is asked about anyway; the audit stands between those, not before them."""
    project = pledge_project(routing={"signal": "confidence", "budget": 0.5, "audit": 0.0})
    pledge = Pledge(store, 100, LATE, project)
    ann = someone(store, "Ann")
    pledge.start()
    drawn = pledge.drawn()
    shown = []
    order = []
    while (task := pledge.next(ann)) is not None:
        shown.append(
            ({one["name"] for one in task.shown["fields"]}, task.assignment.slot, task.control.type)
        )
        order.append(pledge.number(task.item.id))
        pledge.submit(task, ann)
    assert set(map(repr, shown)) == {repr(({"text"}, 0, "single_label"))}
    assert set(order) == set(drawn) | set(range(50, 100))
    assert [at for at in order if at in drawn] == drawn
    last = order.index(drawn[-1])
    others = [at for at in order[:last] if at not in drawn]
    assert 10 <= len(others) <= 20
    assert others == sorted(others, reverse=True)
    kinds = "".join("a" if at in drawn else "o" for at in order[: last + 1])
    assert "a" * 8 not in kinds
    answers = [a for at in drawn for a in store.annotations.of_item(pledge.ids[at])]
    assert {a.shown_prelabel for a in answers} == {None}


def test_routing_again_keeps_the_audit_where_it_stands_in_the_queue(store: Store) -> None:
    project = pledge_project(routing={"signal": "confidence", "budget": 0.5, "audit": 0.0})
    pledge = Pledge(store, 100, LATE, project)
    ann = someone(store, "Ann")
    pledge.start()
    drawn = pledge.drawn()
    before = store.assignments.open_priorities("mails", QUESTION)
    pledge.route()
    after = store.assignments.open_priorities("mails", QUESTION)
    ids = [pledge.ids[at] for at in drawn]
    assert [after[item_id] for item_id in ids] == [before[item_id] for item_id in ids]
    assert [at for at in pledge.answer(ann) if at in drawn] == drawn


def test_many_equal_scores_do_not_push_the_audit_to_the_end(store: Store) -> None:
    project = pledge_project(routing={"signal": "entropy", "budget": 1.0, "audit": 0.0})
    pledge = Pledge(store, 200, (), project, votes=["spam", "ham", "spam", "ham"])
    ann = someone(store, "Ann")
    pledge.start()
    drawn = pledge.drawn()
    order = pledge.answer(ann, 45)
    assert [at for at in order if at in drawn] == drawn
    assert len(order) - len(drawn) >= 20


def test_waiting_items_before_the_cut_are_given_back(store: Store) -> None:
    """Half of the items wait for people; the audit finds nothing wrong, so the model keeps them."""
    project = pledge_project(routing={"signal": "confidence", "budget": 0.5, "audit": 0.1})
    pledge = Pledge(store, 100, (), project)
    ann = someone(store, "Ann")
    pledge.start()
    drawn = pledge.drawn()
    answered: list[int] = []
    while not set(drawn) <= set(answered):
        answered += pledge.answer(ann, 1)
    held = pledge.next(ann)
    assert held is not None
    status = pledge.look()
    assert (status.cut, status.beyond, status.errors) == (100, 0, 0)
    assert status.to_go == 1  # what Ann has in hand stays hers
    assert pledge.answer(ann) == [pledge.number(held.item.id)]
    status = pledge.look()
    assert status.state == "kept"
    assert status.answers == len(answered) + 1
    assert status.machine == 100 - status.answers
    moved = [d for d in pledge.decisions().values() if "before the cut" in d.reason]
    assert {(d.destination, d.propensity, d.policy) for d in moved} == {
        ("auto", 0.2, "certificate")
    }

"""`coannotate promise` as somebody types it: what it says, and what it refuses."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from app.cli import main
from app.services import Services
from tests.app.world import MAIL, Clock, mails, person, services_in, set_up
from tests.labelling import assign, skip, submit

NEVER = "topic: no promise is made about how many of these labels are wrong"
TASK = MAIL.replace("policy: random, budget: 1.0", "policy: budget, budget: 0.1")


@pytest.fixture
def services(tmp_path: Path) -> Services:
    made = services_in(tmp_path, now=Clock())
    set_up(made, TASK, mails(100), says="money")
    return made


@pytest.fixture
def run(services: Services, capsys: pytest.CaptureFixture[str]):
    """Runs a command in the workspace; gives exit code, output lines, error text."""

    def command(*words: str) -> tuple[int, list[str], str]:
        capsys.readouterr()
        code = main([*words, "--dir", str(services.config.folder)])
        out, err = capsys.readouterr()
        return code, out.splitlines(), err

    return command


def label(services: Services, name: str, value: str, count: int = 10**9) -> int:
    """This person answers everything with one value; how often."""
    who = person(services, name)
    done = 0
    with services.open("mails") as (store, project):
        while done < count:
            services.now.forward(seconds=1)  # type: ignore[attr-defined]
            task = assign(store, project, actor=who, now=services.now())
            if task is None:
                break
            submit(store, project, task, value, actor=who, now=services.now())
            done += 1
    return done


START = ("promise", "start", "--error", "0.1", "--confidence", "0.9", "--audit", "20")


def test_from_the_first_question_to_the_promise_that_was_kept(
    run, services: Services, tmp_path: Path
) -> None:
    assert run("promise")[1] == [f"{NEVER}; `coannotate promise start --error 0.05` makes one"]
    code, out, _ = run(*START, "--dry-run")
    cost = [
        "  At most 10.0 % wrong with 90 % confidence: 0 of the audited labels may be wrong; what "
        "comes behind the next wrong one goes to people.",
    ]
    assert code == 0
    assert out[0] == (
        "topic: nothing is stored. This would freeze 100 labels of 100 items and draw 20 for a "
        "blind audit."
    )
    assert out[1:2] == cost
    assert out[2].startswith("  Expected: people label about ")
    assert out[2].endswith("This is a guess from the scores; the promise does not depend on it.")
    assert run("promise")[1][0].startswith(NEVER)

    code, out, _ = run(*START)
    assert (code, out[0]) == (
        0,
        "topic: Frozen: 100 labels of 100 items. 20 were drawn for a blind audit and wait in the "
        "queue, unmarked among the others.",
    )
    assert out[1:2] == cost
    assert out[-2:] == [
        "topic: promise 1 (10.0 %, 90 % confidence)",
        "  0 of 20 audited; nothing can be said of the model's labels yet",
    ]
    export = ("export", "labels", "-o", str(tmp_path / "labels.csv"))
    assert run(*export)[1][1] == (
        f"  {NEVER} yet: 0 of 20 audited; nothing can be said of the model's labels yet"
    )

    assert run("route")[1][1] == ("  100 of them are frozen by a promise and were left as they are")
    assert 20 <= label(services, "Ann", "money") <= 30
    code, out, _ = run("promise", "--verify")
    assert code == 0
    assert out[1].startswith(
        "  KEPT: at most 10.0 % of 100 delivered labels are wrong (90 % confidence), for "
    )
    assert out[2] == "  0 of 20 audited labels were wrong; 0 may be passed"
    assert out[-1] == (
        "  ok  people's answers say no more audited labels wrong than the cut was made for"
    )
    said = run("status")[1][-1]
    assert said == f"promise: {out[1].strip()}"
    found = json.loads("\n".join(run("status", "--json")[1]))
    assert found["questions"][0]["promise"] == {"state": "kept", "statement": out[1].strip()}
    assert run(*export)[1] == [
        f"{tmp_path / 'labels.csv'}: 100 rows from 100 items",
        f"  topic: {out[1].strip()}",
    ]


def test_what_a_wrong_machine_costs(run, services: Services) -> None:
    run(*START)
    label(services, "Ann", "parcel", 22)
    label(services, "Ann", "money")
    code, out, _ = run("promise")
    assert code == 0
    assert "audited labels were wrong; 0 may be passed" in out[2]
    left = label(services, "Ann", "money")
    assert left > 0
    assert run("promise")[1][1].startswith("  KEPT: at most 10.0 % of 100 delivered labels")


def test_taking_it_back(run) -> None:
    assert run("promise", "withdraw", "--reason", "typo") == (
        1,
        [],
        "coannotate: no promise stands for this question: `coannotate promise start` makes one\n",
    )
    run(*START)
    code, _, err = run("promise", "withdraw")
    assert (code, err) == (
        1,
        "coannotate: a promise is withdrawn for a reason: say which, as in --reason 'typo'\n",
    )
    assert run("promise", "withdraw", "--reason", "typo")[1] == [
        "topic: promise 1 (10.0 %, 90 % confidence)",
        "  WITHDRAWN, no promise is made about how many of these labels are wrong: typo",
    ]
    code, out, err = run("promise", "--verify")
    assert (code, out[-1]) == (1, "  NOT it stands (it was withdrawn: typo)")
    assert err == "coannotate: 1 of 4 checks failed: do not rely on this promise\n"
    out = run(*START)[1]
    assert out[-1] == (
        "  This is promise 2 on this question: the chance that any of the 2 fails is at most 20.0 %"
    )


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (
            ("start",),
            "say which share of the labels may be wrong at most: --error 0.05 is 5 %",
        ),
        (
            ("start", "--error", "5"),
            "--error 5: a share between 0 and 1 is needed; 5 % is 0.05",
        ),
        (
            ("start", "--error", "0.1", "--confidence", "95"),
            "--confidence 95: a share between 0 and 1 is needed; 5 % is 0.05",
        ),
        (("--error", "0.1"), "--error belongs to `coannotate promise start`: leave it out here"),
        (
            ("withdraw", "--verify", "--reason", "x"),
            "--verify belongs to `coannotate promise`: leave it out here",
        ),
        (
            ("start", "--question", "sender", "--error", "0.1"),
            "no question 'sender' in 'mails'; there are: topic",
        ),
        (
            ("start", "--error", "0.1", "--audit", "5"),
            "an audit of 5 would certify nothing even if it found no error: 18 more are needed, so "
            "ask for --audit 23 or more",
        ),
    ],
)
def test_what_is_refused(run, words: tuple[str, ...], said: str) -> None:
    assert run("promise", *words) == (1, [], f"coannotate: {said}\n")


def test_a_skipped_audit_is_settled_on_demand(run, services: Services) -> None:
    run(*START)
    ann = person(services, "Ann")
    person(services, "Bo")
    with services.open("mails") as (store, project):
        audited = store.promises.audited_items("mails", "topic")
        while True:
            task = assign(store, project, actor=ann, now=services.now())
            assert task is not None
            if task.item.id in audited:
                skip(store, project, task, actor=ann, now=services.now())
                break
            submit(store, project, task, "money", actor=ann, now=services.now())
    label(services, "Ann", "money")
    out = run("promise")[1]
    assert out[1].startswith("  19 of 20 audited, 1 skipped. So far at most ")
    assert out[2] == (
        "  1 audited items were skipped: they count as wrong unless somebody else answers them; "
        "`coannotate promise settle` does not wait for that"
    )
    out = run("promise", "settle")[1]
    assert out[2] == (
        "  1 of 20 audited labels were wrong, 1 of them because nobody answered; 0 may be passed"
    )


def test_two_questions_have_to_be_told_apart(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    services = services_in(tmp_path, now=Clock())
    question = MAIL[MAIL.index("  - name: topic") : MAIL.index("routing:")]
    task = MAIL.replace(question, question + question.replace("name: topic", "name: tone"))
    set_up(services, task, mails(3), says="money")
    folder = str(services.config.folder)
    assert main(["promise", "start", "--error", "0.1", "--dir", folder]) == 1
    assert capsys.readouterr().err == (
        "coannotate: a promise is about one question (topic, tone): choose with --question\n"
    )
    assert main(["promise", "--dir", folder]) == 0
    assert [line.split(":")[0] for line in capsys.readouterr().out.splitlines()] == [
        "topic",
        "tone",
    ]

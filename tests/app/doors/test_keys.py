"""What a workspace signs with: its key, and the tokens of pages, which need no server."""

from __future__ import annotations

from pathlib import Path

import pytest

from annotate.errors import NotAllowed, NotSignedIn, WorkspaceError
from app.doors import Visitor
from app.doors.key import workspace_key
from app.doors.tokens import check_token, form_token, make_token
from tests.annotate.support.workers import in_processes
from tests.app.world import Clock, person, services_in


def test_a_page_token_is_good_for_its_session_person_and_project(tmp_path: Path) -> None:
    clock = Clock()
    here = services_in(tmp_path, now=clock)
    ann, lin = person(here, "Ann"), person(here, "Lin", "lead")
    mine = Visitor(ann, "s1")
    made = make_token(here, mine, "mails")
    check_token(here, made, mine, "mails")
    for other in (Visitor(ann, "s2"), Visitor(lin, "s1")):
        with pytest.raises(NotAllowed, match="opened by somebody else"):
            check_token(here, made, other, "mails")
    with pytest.raises(NotAllowed, match="another project than 'topics'"):
        check_token(here, made, mine, "topics")
    for wrong in ("", "x", made[:-1], made + "x", form_token(here, "s1")):
        with pytest.raises(NotSignedIn, match="no token of this server"):
            check_token(here, wrong, mine, "mails")
    clock.forward(minutes=14.9)
    check_token(here, made, mine, "mails")
    clock.forward(minutes=0.1)
    with pytest.raises(NotSignedIn, match="open for too long"):
        check_token(here, made, mine, "mails")


def test_the_key_is_made_once_and_for_its_owner_alone(tmp_path: Path) -> None:
    keys = in_processes(4, workspace_key, [(tmp_path,)] * 4)
    assert set(keys) == {workspace_key(tmp_path)}
    assert len(keys[0]) == 32
    [path] = tmp_path.iterdir()
    assert path.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("content", ["", "no key", "ab" * 31])
def test_a_key_that_is_none_is_told(tmp_path: Path, content: str) -> None:
    (tmp_path / ".coannotate-key").write_text(content, "ascii")
    with pytest.raises(WorkspaceError, match="delete it"):
        workspace_key(tmp_path)

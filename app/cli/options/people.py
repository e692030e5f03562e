"""Options of the commands about who comes in, and from where."""

from __future__ import annotations

import argparse
from typing import get_args

from annotate.model import Role

ACTIONS = ("list", "add", "invite", "role", "password-reset", "deactivate", "sign-out")


def add_people(parser: argparse.ArgumentParser) -> None:
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.epilog = """\
actions:
  list            everybody (the default)
  add             a person, without a password
  invite          a code with which somebody joins as a new person
  role            give a person the role of --role
  password-reset  a code with which a person sets a password; with --set, ask for it here
  deactivate      let a person in no more, or again with --undo; their answers stay
  sign-out        end every session of a person, of everybody without a name"""
    parser.add_argument("action", nargs="?", choices=ACTIONS, default="list", help="see below")
    parser.add_argument("name", nargs="?", metavar="NAME", help="whom")
    parser.add_argument(
        "--role", choices=get_args(Role), help="add, invite: default annotator; role: the new one"
    )
    parser.add_argument(
        "--email", metavar="ADDRESS", help="add, invite: what their identity provider says"
    )
    parser.add_argument(
        "--set",
        action="store_true",
        help="password-reset: ask for the password, or read it from standard input",
    )
    parser.add_argument("--undo", action="store_true", help="deactivate: let them in again")


def add_reach(parser: argparse.ArgumentParser) -> None:
    """Where the server can be reached."""
    parser.add_argument(
        "--host",
        default="127.0.0.1",
        help="address to listen at (default: this machine alone); others need accounts",
    )
    parser.add_argument(
        "--host-name",
        action="append",
        default=[],
        metavar="NAME",
        help="name or address under which people open the page; may be repeated",
    )
    parser.add_argument(
        "--proxy",
        metavar="ADDRESS",
        help="take this proxy's word (X-Forwarded-For, X-Forwarded-Proto) for where people come "
        "from and whether it was https",
    )

"""Passwords: which are refused, and their argon2 hashes."""

from __future__ import annotations

import threading
import unicodedata
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from annotate.errors import AnnotateError

SHORTEST, LONGEST = 10, 512
FEWEST_DIFFERENT = 5

_HASHER = PasswordHasher()
_AT_ONCE = threading.BoundedSemaphore(2)
"""A hash takes 64 MB and a core: as many sign-ins at once must not take the machine down."""

_GUESSED = """
password passwort passw motdepasse contrasena parola wachtwoord salasana haslo qwertyuiop qwerty
qwertz azertyuiop asdfghjkl zxcvbnm asdf iloveyou letmein welcome willkommen admin administrator
changeme trustno monkey dragon football baseball superman princess sunshine master shadow whatever
secret default login annotator annotation coannotate labelling labeling woaini nihao mima test
testing abcdefghij abcdefgh correcthorsebatterystaple
"""
_COMMON = frozenset(_GUESSED.split())
"""What most lists of guessed passwords are made of, without the digits around it."""


def check_new(password: str, name: str) -> str:
    """The password as it is hashed. Raises AnnotateError for one that is easily guessed."""
    text = unicodedata.normalize("NFC", password)
    if not SHORTEST <= len(text) <= LONGEST:
        raise AnnotateError(
            f"a password has {SHORTEST} to {LONGEST} characters, not {len(text)}: "
            "three or four words that do not belong together are easy to keep"
        )
    if len(set(text)) < FEWEST_DIFFERENT or _is_common(text):
        raise AnnotateError(
            "this password is among the first that are guessed: "
            "take three or four words that do not belong together"
        )
    if _core(name) and _core(name) in (_core(text), text.casefold()):
        raise AnnotateError("a password must not be the name: whoever sees the one has the other")
    return text


def _is_common(text: str) -> bool:
    return _core(text) in _COMMON or text in "0123456789" * 3 or text in "9876543210" * 3


def _core(text: str) -> str:
    """Letters alone, in one case, with the usual stand-ins for letters undone.

    >>> _core("P@ssw0rd2024!"), _core("12-34")
    ('password', '')
    """
    plain = text.casefold().strip("0123456789!?.,*#-_ ").translate(str.maketrans("@013$", "aoles"))
    return "".join(character for character in plain if character.isalpha())


def hashed(password: str) -> str:
    """The argon2id hash of a checked password, with its salt and costs. Takes about 0.1 s."""
    with _AT_ONCE:
        return _HASHER.hash(password)


def matches(hash_: str | None, password: str) -> bool:
    """Whether a password is the one that was hashed. None takes as long, and is never right."""
    text = unicodedata.normalize("NFC", password)[: LONGEST + 1]
    with _AT_ONCE:
        try:
            right = _HASHER.verify(hash_ or _nobodys(), text.encode("utf-8", "surrogatepass"))
        except (VerificationError, InvalidHashError):
            return False
    return right and hash_ is not None


def is_outdated(hash_: str) -> bool:
    """Whether it was made at lower costs than are used now."""
    return _HASHER.check_needs_rehash(hash_)


@cache
def _nobodys() -> str:
    return _HASHER.hash("the password of nobody")

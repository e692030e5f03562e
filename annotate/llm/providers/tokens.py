"""A reply's tokens with their log-probabilities, out of whatever a server sends.

A token is bytes, and may be a piece of a character: of the three bytes of 标 one token may hold two
and the next one the last. Pieces are joined to one `Token` whose log-probability is their sum, by
the chain rule. Its alternatives are those of each piece after what was said before it: [E6 A0]
then [87] is 标, and instead of [87] it could have been [88], 栈. An alternative that is itself a
piece ends in U+FFFD: it is probability of something, but of nothing that can be named.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from annotate.llm.providers.protocol import Token

ROUNDING = 1e-6
"""How far above 0 a logarithm may be that is one of a probability."""
SENTINEL = -9999.0
"""What servers write for a probability of 0, or one they do not know."""


@dataclass(frozen=True, slots=True)
class _Piece:
    """One token as it came. logprob: None when it is of no use."""

    data: bytes
    logprob: float | None
    likeliest: tuple[tuple[bytes, float], ...]


def tokens_from(logprobs: object) -> tuple[Token, ...] | None:
    """The tokens in a choice's `logprobs`; None when there are none.

    A token is left out when its log-probability is of no use: missing, no number, NaN, above 0, or
    -9999 and below. Then the texts of all tokens no longer make up the reply. So are alternatives.
    """
    content = logprobs.get("content") if isinstance(logprobs, dict) else None
    if not isinstance(content, list):
        return None
    pieces = [piece for piece in map(_piece, content) if piece is not None]
    found = tuple(token for token in map(_joined, _characters(pieces)) if token is not None)
    return found or None


def _piece(given: object) -> _Piece | None:
    """None for what is no token at all."""
    data = _bytes(given)
    if data is None or not isinstance(given, dict):
        return None
    listed = given.get("top_logprobs")
    pairs = ((_bytes(one), _logprob(one)) for one in (listed if isinstance(listed, list) else ()))
    likeliest = tuple(
        (one, chance) for one, chance in pairs if one is not None and chance is not None
    )
    return _Piece(data, _logprob(given), likeliest)


def _bytes(given: object) -> bytes | None:
    """What a token says. Its text cannot hold a piece of a character, so its bytes go first."""
    if not isinstance(given, dict):
        return None
    listed = given.get("bytes")
    if isinstance(listed, list) and listed and all(map(_is_byte, listed)):
        return bytes(listed)
    text = given.get("token")
    return text.encode("utf-8", "replace") if isinstance(text, str) else None


def _is_byte(given: object) -> bool:
    return isinstance(given, int) and not isinstance(given, bool) and 0 <= given < 256


def _logprob(given: object) -> float | None:
    number = given.get("logprob") if isinstance(given, Mapping) else None
    if isinstance(number, bool) or not isinstance(number, int | float):
        return None
    # NaN is not below anything; an integer may be too large to be compared as a float
    return min(float(number), 0.0) if SENTINEL < number <= ROUNDING else None


def _characters(pieces: list[_Piece]) -> Iterator[list[_Piece]]:
    """Runs of pieces that end where a character ends; nearly all of one piece."""
    run: list[_Piece] = []
    for piece in pieces:
        run.append(piece)
        if not _unfinished(b"".join(one.data for one in run)):
            yield run
            run = []
    if run:
        yield run


def _unfinished(data: bytes) -> bool:
    """Whether a character has begun at the end that more bytes could finish."""
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as error:
        return error.reason == "unexpected end of data"
    return False


def _joined(run: list[_Piece]) -> Token | None:
    said, chance = b"", 0.0
    likeliest: list[tuple[str, float]] = []
    for at, piece in enumerate(run, start=1):
        if piece.logprob is None:
            return None
        for other, other_chance in piece.likeliest:
            # the piece that was said goes on in the next one
            if at == len(run) or other != piece.data:
                likeliest.append((_text(said + other), chance + other_chance))
        said, chance = said + piece.data, chance + piece.logprob
    return Token(_text(said), chance, tuple(likeliest))


def _text(data: bytes) -> str:
    return data.decode("utf-8", "replace")

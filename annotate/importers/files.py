"""Opening files: progress, gzip, encodings, and the system's errors in our words."""

from __future__ import annotations

import codecs
import gzip
import io
import stat
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from annotate.importers.protocol import Source

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

_BUFFER_BYTES = 1 << 18
_GZIP = b"\x1f\x8b"
# UTF-32 first: its little-endian mark begins with that of UTF-16.
_WIDE_MARKS = {
    codecs.BOM_UTF32_LE: "utf-32",
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
_NOT_TEXT = {
    b"PK\x03\x04": "is a zip archive or an Excel workbook, not text; unpack it or save it as CSV",
    b"PAR1": "is a Parquet file; say so with --format parquet",
}


def _mark(error: UnicodeError) -> tuple[str, int]:
    """Each undecodable byte b as the lone surrogate U+DC00 + b, which no decoder produces.

    The standard "surrogateescape" does the same but gives up on bytes under 128, which
    multi-byte encodings such as UTF-16 and GBK can also fail on.
    """
    if not isinstance(error, UnicodeDecodeError):
        raise error
    bad = error.object[error.start : error.end]
    return "".join(chr(0xDC00 + byte) for byte in bad), error.end


MARK = "coannotate.mark"
codecs.register_error(MARK, _mark)


def size(path: Path) -> int:
    """Bytes of `path` on disk. Raises UnreadableFile."""
    with translated(Source(path=path)):
        return path.stat().st_size


def check_file(source: Source) -> None:
    """Raises UnreadableFile when `source` is missing, a folder, out of reach or empty."""
    with translated(source):
        found = source.path.stat()
    if stat.S_ISDIR(found.st_mode):
        raise source.error("is a folder, not a file; name a file inside it")
    # A pipe also has size 0 and can be read all the same.
    if stat.S_ISREG(found.st_mode) and found.st_size == 0:
        raise source.error("is empty; check that it was written or downloaded in full")


@contextmanager
def open_text(source: Source, *, newline: str) -> Iterator[TextIO]:
    """The decoded text of `source`; undecodable bytes become marks (`lines.undecodable`).

    newline: as in `open`; "\\n" splits lines there only, "" also at \\r. Raises UnreadableFile,
    also for errors met while the text is being read inside the `with`.
    """
    codec = _codec(source)
    with translated(source), io.BufferedReader(_File(source), _BUFFER_BYTES) as raw:
        binary = gzip.GzipFile(fileobj=raw) if raw.peek(2)[:2] == _GZIP else raw
        _check_start(source, codec, binary.peek(4)[:4])
        with io.TextIOWrapper(binary, codec, errors=MARK, newline=newline) as text:
            yield text


@contextmanager
def translated(source: Source) -> Iterator[None]:
    """Turns the errors of opening and reading into UnreadableFile."""
    try:
        yield
    except FileNotFoundError:
        raise source.error("no such file; check the path") from None
    except PermissionError:
        raise source.error("may not be read by this user; change its permissions") from None
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise source.error(f"damaged gzip data ({error}); check it with gzip -t") from error
    except OSError as error:
        raise source.error(f"cannot be read ({error.strerror or error})") from error
    except UnicodeError as error:
        raise source.error(
            f"is not {source.encoding} ({error}); name its encoding with --encoding, "
            "for example utf-16-le when the byte-order mark is missing"
        ) from error


def _codec(source: Source) -> str:
    """The encoding's usual name. Raises UnreadableFile when Python knows no such text encoding."""
    try:
        # A codec such as base64 exists but does not give text; only opening a file tells.
        with io.TextIOWrapper(io.BytesIO(), source.encoding):
            return codecs.lookup(source.encoding).name
    except (LookupError, ValueError):
        raise source.error(
            f"unknown encoding {source.encoding!r}; use for example utf-8, utf-16, cp1252, gb18030"
        ) from None


def _check_start(source: Source, codec: str, start: bytes) -> None:
    for magic, why in _NOT_TEXT.items():
        if start.startswith(magic):
            raise source.error(why)
    if codec.startswith(("utf-16", "utf-32")):
        return
    for mark, wide in _WIDE_MARKS.items():
        if start.startswith(mark):
            raise source.error(
                f"starts with the byte-order mark of {wide.upper()}; pass --encoding {wide}"
            )


class _File(io.FileIO):
    """A file that tells `on_bytes` how far it has been read."""

    def __init__(self, source: Source) -> None:
        super().__init__(str(source.path), "rb")
        self._on_bytes: Callable[[int], None] | None = source.on_bytes
        self._consumed = 0

    def readinto(self, buffer: WriteableBuffer, /) -> int:
        """As in FileIO; the buffer above reads through this and nothing else."""
        count = super().readinto(buffer) or 0
        self._consumed += count
        if count and self._on_bytes is not None:
            self._on_bytes(self._consumed)
        return count

"""Ctrl-C that waits for a good moment: it must not cut a write in two."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType


@contextmanager
def noted() -> Iterator[Callable[[], None]]:
    """While the block runs, Ctrl-C is only noted; the function given raises KeyboardInterrupt if
    it was pressed. Pressed again, it interrupts at once.

    Does nothing outside of the main thread, which no signal reaches, and where somebody else has
    taken the signal.
    """
    pressed = False

    def note(number: int, frame: FrameType | None) -> None:
        nonlocal pressed
        if pressed:
            raise KeyboardInterrupt
        pressed = True

    def raise_noted() -> None:
        if pressed:
            raise KeyboardInterrupt

    ours = threading.current_thread() is threading.main_thread()
    ours = ours and signal.getsignal(signal.SIGINT) is signal.default_int_handler
    if ours:
        signal.signal(signal.SIGINT, note)
    try:
        yield raise_noted
    finally:
        if ours:
            signal.signal(signal.SIGINT, signal.default_int_handler)

"""Whether something is watched now, what of it is recorded, and what happens if watching fails.

A program that is watched must run as it would alone. So everything of ours that goes on inside of
its calls is guarded: what fails there ends the watching, is told at the end, and the program goes
on.
"""

from __future__ import annotations

import threading
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from graphlab.watch import user_error
from graphlab.watch.calls import Calls
from graphlab.watch.recording import EagerOps, Recording
from graphlab.watch.seen import Seen
from graphlab.watch.windows import Window, Windows

RECORDED = (1, 2, 4, 8)  # these calls of a kind are recorded; the first and the last are kept
MOST_EAGER_OPS = 2000  # recorded outside of `steps`; a training loop would fill the memory


class _Ours(threading.local):
    """What a thread does for us."""

    reading = False  # a state, which is no call of the program


class Control:
    """What the wrappers around TensorFlow share."""

    def __init__(self, seen: Seen, values: bool) -> None:
        self.seen = seen
        self.values = values  # whether what a replay needs is kept
        self.windows = Windows(values, self.guarded)
        self.lock = threading.Lock()  # of what several threads write
        self.thread = threading.get_ident()  # that began to watch
        self.stopped = False
        self.eager_left = MOST_EAGER_OPS
        self.step = 0  # of `Seen.steps`; 0 outside
        self.kinds: set[Calls] = set()  # called in this step
        self._last_kinds: frozenset[Calls] = frozenset()  # of the step before
        self._in_step: set[Calls] = set()  # recorded in this step already
        self.ours = _Ours()

    @property
    def here(self) -> bool:
        """Whether this is the thread that began to watch."""
        return threading.get_ident() == self.thread

    def hears(self) -> bool:
        """Whether a call made now is one of the program\'s."""
        return not (self.stopped or self.ours.reading)

    def wanted(self, calls: Calls) -> bool:
        """Whether the next call of its kind is to be recorded."""
        seen = self.seen
        if not self.step or calls.thread:
            if calls.count == (seen.first or RECORDED[-1]) and not calls.thread:
                self.close_window()  # the program is in a loop: leave it alone
            number = calls.count + 1
            due = number <= seen.first if seen.first else number in RECORDED
            due = due and not calls.unrecorded
            return seen.hunting or (due and seen.has_room())
        self.kinds.add(calls)
        if self.step not in seen.step_calls:
            return False
        seen.step_calls[self.step] += 1
        if calls in self._in_step and not seen.hunting:
            return False
        self._in_step.add(calls)
        return True

    def begin_step(self, number: int, recorded: bool) -> None:
        """From here on calls belong to the step."""
        self.step = number
        if recorded:
            self._in_step = set()
            self.seen.step_calls[number] = 0

    def end_step(self) -> frozenset[Calls]:
        """What was called in it."""
        if self.kinds != self._last_kinds:
            self._last_kinds = frozenset(self.kinds)
        self.kinds.clear()
        self.step = 0
        return self._last_kinds

    def open_window(self, eager_ops: int) -> Window:
        """Begin to profile, and to record so many eager ops."""
        return self.windows.begin(self.step, eager_ops, self._full)

    def close_window(self) -> None:
        """End that, and keep what was recorded."""
        window = self.windows.end()
        if window is None or window.recorder is None or not window.recorder.ops:
            return
        if window.step:
            calls = sum(not op.function for op in window.recorder.ops)
            self.seen.step_calls[window.step] += calls
        else:
            self.eager_left -= len(window.recorder.ops)
        kind = "steps" if window.step else window.started
        self.keep(kind, EagerOps(window, self.windows.handles))

    def _full(self) -> None:
        self.seen.eager_cut = True
        self.close_window()

    def keep(self, kind: Any, recording: Recording) -> None:
        """Keep a recording, and see whether a number in it is no longer finite."""
        with self.lock:
            self.seen.keep(kind, recording)
            self.seen.look_at(recording)

    def read(self, read: Callable[[], Any]) -> Any:
        """Read a state, which is no call of the program."""
        self.ours.reading = True
        try:
            if not self.here:
                return read()
            with self.windows.unheard():
                return read()
        finally:
            self.ours.reading = False

    def fail(self, error: Exception) -> None:
        """Watching ends here, as something of ours failed; the program goes on."""
        self.stopped = True
        self.windows.forget()
        frame = traceback.extract_tb(error.__traceback__)[-1]
        first = (user_error.text_of(error).strip().splitlines() or [""])[0]
        self.seen.notes.append(
            f"watching ended after {sum(calls.count for calls in self.seen.calls):,} calls, as"
            f" graphlab failed ({type(error).__name__}: {first[:200]}, in {frame.name}); the"
            " program went on unwatched"
        )

    def guarded(self, function: Callable) -> Callable:
        """A callback that ends the watching where it fails."""

        def call(*args: Any, **kwargs: Any) -> None:
            if self.stopped:
                return
            try:
                function(*args, **kwargs)
            except Exception as error:  # whatever it is, the program is not to hear of it
                self.fail(error)

        return call

    @contextmanager
    def guard(self) -> Iterator[None]:
        """The same for a block: what it raises is ours, and stays with us."""
        try:
            yield
        except Exception as error:  # whatever it is, the program is not to hear of it
            self.fail(error)

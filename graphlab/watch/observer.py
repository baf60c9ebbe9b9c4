"""Watch what TensorFlow code does, without changing a line of it.

    with observe() as seen:
        ...                       # sessions, tf.functions, eager ops
    seen.runs                     # what was built and executed, on which device, how long
    seen.calls                    # every call: how often, how long

What is watched: what is asked of sessions (with a trace of the runtime's), each call of a
`tf.function` (with the runtime's profiler: its kernels as they ran), and eager ops as Python
dispatched them. Only chosen calls are recorded, the first and a later, steady one; all others are
only timed. Nothing is run twice, nothing is fed or fetched that the program did not ask for, and
where watching fails the program does not hear of it.
"""

from __future__ import annotations

import os
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import Any

from graphlab import _private
from graphlab.watch import KEEP
from graphlab.watch.control import Control
from graphlab.watch.functions import Functions
from graphlab.watch.seen import Seen
from graphlab.watch.sessions import Sessions

STEADY = 8  # the step that is recorded as the steady one, where there are so many

_busy = threading.Lock()
_watching: list[Control] = []  # at most one
_inherited: list[Control] = []  # by a fork: its profiler is not to be stopped here


@contextmanager
def observe(
    values: bool = False, until_bad: bool = False, keep_bytes: int = KEEP, first: int = 0
) -> Iterator[Seen]:
    """Watch the block. Gives a `Seen`, which is complete when the block is left.

    With `values` the state that a recorded call begins with is read before it, so that the call
    can be executed again op by op: `Seen.replays`. With `until_bad` too, every call is recorded
    until one gives or leaves behind a NaN or an Inf, and that one is among the replays. Of
    recordings about `keep_bytes` are kept; where there would be more, `Seen.notes` says so. With
    `first` so many calls of each kind, and so many steps, are recorded in place of the first and a
    steady one.

    Blocks do not nest: RuntimeError. An error in the block passes through, and what was
    recorded until then is kept. A process that the block forks is not watched.
    """
    if not _busy.acquire(blocking=False):
        raise RuntimeError("observe() is watching already; blocks do not nest")
    try:
        observer = Observer(values, until_bad, keep_bytes, first)
        with observer.watching():
            yield observer.seen
    finally:
        _busy.release()


class Observer:
    """Sits between a program and TensorFlow, and takes down into a Seen what passes."""

    def __init__(self, values: bool, until_bad: bool, keep_bytes: int, first: int) -> None:
        self.seen = Seen(self, until_bad, keep_bytes, first)
        self.control = Control(self.seen, values)
        self.sessions = Sessions(self.control)
        self.functions = Functions(self.control)

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Everything between here and the end is watched."""
        control = self.control
        with ExitStack() as stack:
            stack.callback(self._finished)
            _watching.append(control)
            stack.callback(_watching.clear)
            stack.enter_context(self.functions.watched())
            stack.enter_context(self.sessions.watched())
            stack.enter_context(_private.profiler_lent(control.guarded(control.windows.lend)))
            stack.callback(control.guarded(control.close_window))
            with control.guard():
                control.open_window(control.eager_left)
            yield

    def _finished(self) -> None:
        self.control.stopped = True
        self.seen.notes += self.sessions.growing()
        self.seen.traced = tuple(self.functions.traced)

    def watched(self, items: Sequence[Any], on_step: Callable[[int], None] | None) -> Iterator[Any]:
        """See `Seen.steps`."""
        seen, control = self.seen, self.control
        windows, now = control.windows, time.perf_counter
        took, called = seen.step_us.append, seen.step_kinds.append
        recorded = set(range(1, seen.first + 1)) or {1, min(len(items), STEADY)}
        for item in items:
            number = len(seen.step_us) + 1
            # Of many steps those that there is room for, each of them whole.
            due = number in recorded and (not seen.first or number == 1 or seen.has_room())
            idle = not (due or seen.hunting or windows.open)
            if idle:  # all others take as long as in a program that nobody watches, or nearly
                control.step = number
            else:
                with control.guard():
                    self._begin_step(number, seen.hunting or due)
            started = now()
            try:
                yield item
            finally:
                wall_us = (now() - started) * 1e6
                if windows.open and not control.stopped:
                    with control.guard():
                        control.close_window()
                took(wall_us)
                called(control.end_step())
            if on_step is not None:
                on_step(len(seen.step_us))
        if not control.stopped and not seen.sessions_only() and control.eager_left > 0:
            with control.guard():
                control.open_window(control.eager_left)

    def _begin_step(self, number: int, recorded: bool) -> None:
        control = self.control
        if control.stopped:
            return
        control.close_window()
        control.begin_step(number, recorded)
        # A program of sessions alone is traced by them; the profiler would only slow it.
        if recorded and not self.seen.sessions_only():
            control.open_window(sys.maxsize)


def _in_child() -> None:
    """A forked process is another program: its runtime has no threads left to watch it with."""
    for control in _watching:
        control.stopped = True
        control.windows.deafen()
    _inherited.extend(_watching)
    _watching.clear()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_in_child)

"""Stretches in which the runtime's profiler is on and eager ops are recorded."""

from __future__ import annotations

import time
import weakref
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import tensorflow as tf

from graphlab import _private
from graphlab.watch import eager
from graphlab.watch.profile import HERE, MARK, Profile, profile_of


@dataclass
class Window:
    """One of them."""

    step: int  # 0 outside of `Seen.steps`
    started: float
    recorder: eager.Recorder | None  # None: only a function call is of interest
    profile: _private.Profile | None  # None where somebody else profiles: nothing is timed
    events: bytes = b""
    wall_us: float = 0.0
    marks: int = 0  # calls that were marked in the profile

    def mark(self) -> Any:
        """Marks a stretch of the profile while it is entered; `marks` is its number."""
        self.marks += 1
        return tf.profiler.experimental.Trace(MARK, number=self.marks)

    @cached_property
    def spans(self) -> Profile:
        """The profile, read once for all that happened in the window."""
        return profile_of(_private.profile_events(self.events))


class Windows:
    """At most one is open: there is one profiler in a process."""

    def __init__(self, values: bool, guarded: Callable[[Callable], Callable]) -> None:
        """`guarded` makes a callback of the dispatch harmless, should it fail."""
        self.open: Window | None = None
        self.handles: dict[int, str] = {}  # names of variables, by the id of their handle
        self.dtypes: dict[int, tf.DType] = {}  # what is behind a handle
        self._born: list[weakref.ref] = []  # the handles of variables made under our eyes
        self._values = values
        self._guarded = guarded
        self._callback: Callable | None = None

    def begin(self, step: int, eager_ops: int, full: Callable[[], None]) -> Window:
        """Open one, for so many eager ops; `full` is called when there are more."""
        try:
            profile = _private.Profile()
        except RuntimeError:
            profile = None
        recorder = None
        if eager_ops > 0:
            recorder = eager.Recorder(self.handles, eager_ops, full, self._values)
            if self._values:
                recorder.dtypes |= self.dtypes
                recorder.state |= eager.values_behind(self._born, self.dtypes)
        self.open = Window(step, time.perf_counter(), recorder, profile)
        with tf.profiler.experimental.Trace(MARK, number=HERE):
            pass
        self.listen()
        return self.open

    def end(self) -> Window | None:
        """Close the one that is open, if any, and give it."""
        window, self.open = self.open, None
        if window is None:
            return None
        window.wall_us = (time.perf_counter() - window.started) * 1e6
        self.deafen()
        if window.recorder is not None:
            self._born += window.recorder.born
            self.dtypes |= window.recorder.dtypes
        if window.profile is not None:
            window.events = window.profile.stop()
        return window

    def lend(self) -> None:
        """Stop our profiler, as another is about to start: what follows is recorded untimed."""
        window = self.open
        if window is not None and window.profile is not None:
            window.events = window.profile.stop()
            window.profile = None

    def forget(self) -> None:
        """Let go of the open one, as it is: this process is another, or watching failed."""
        self.deafen()
        self.open = None

    def listen(self) -> None:
        """Have the open window's recorder called by the dispatch of this thread."""
        if self.open is not None and self.open.recorder is not None and self._callback is None:
            self._callback = self._guarded(self.open.recorder)
            _private.add_op_callback(self._callback)

    def deafen(self) -> None:
        """Undo `listen`."""
        if self._callback is not None:
            _private.remove_op_callback(self._callback)
            self._callback = None

    @contextmanager
    def unheard(self) -> Iterator[None]:
        """While ops are run that are no ops of the program."""
        heard = self._callback is not None
        self.deafen()
        try:
            yield
        finally:
            if heard:
                self.listen()

    def reaches(self, function: Any, names: Mapping[str, str]) -> None:
        """Note the variables that a function about to be called has, as they are now.

        `names` has their names by placeholder (`live.captured_variables`).
        """
        behind = []
        for outside, inside in function.graph.captures:
            dtypes = _private.behind_handle(inside)[0] if inside.dtype == tf.resource else []
            if dtypes:
                key = _private.tensor_id(outside)
                self.dtypes.setdefault(key, tf.as_dtype(dtypes[0]))
                self.handles.setdefault(key, names.get(inside.op.name, "variable"))
                behind.append(weakref.ref(outside))
        if self.open is not None and self.open.recorder is not None:
            self.open.recorder.begin(eager.values_behind(behind, self.dtypes), self.dtypes)

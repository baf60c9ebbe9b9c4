"""Watch what TensorFlow code does, without changing a line of it.

    with observe() as seen:
        ...                       # sessions, tf.functions, eager ops
    seen.runs                     # what was built and executed, on which device, how long
    seen.calls                    # every call: how often, how long

What is watched: `Session.run` (with a full trace), each call of a `tf.function` (with the
runtime's profiler: its kernels as they ran), and eager ops as Python dispatched them. Only
chosen calls are recorded, the first and a later, steady one; all others are only timed. Nothing
is run twice, nothing is fed or fetched that the program did not ask for.
"""

from __future__ import annotations

import sys
import threading
import time
import weakref
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from typing import Any

import tensorflow as tf

from graphlab import _private
from graphlab.engine.start import session_state
from graphlab.sources import live
from graphlab.watch import eager, request
from graphlab.watch.recording import Calls, EagerOps, FunctionCall, SessionCall, Window
from graphlab.watch.replay import Start, copied, function_start, values_by_name
from graphlab.watch.seen import Seen

RECORDED = (1, 2, 4, 8)  # these calls of a kind are recorded; the first and the last are kept
STEADY = 8  # the step that is recorded as the steady one, where there are so many
MOST_EAGER_OPS = 2000  # recorded outside of `steps`; a training loop would fill the memory

tf1 = tf.compat.v1
_busy = threading.Lock()


@contextmanager
def observe(values: bool = False, until_bad: bool = False) -> Iterator[Seen]:
    """Watch the block. Gives a `Seen`, which is complete when the block is left.

    With `values` the state that a recorded call begins with is read before it, so that the call
    can be executed again op by op: `Seen.replays`. With `until_bad` too, every call is recorded
    until one gives or leaves behind a NaN or an Inf, and that one is among the replays.

    Blocks do not nest: RuntimeError. An error in the block passes through, and what was
    recorded until then is kept.
    """
    if not _busy.acquire(blocking=False):
        raise RuntimeError("observe() is watching already; blocks do not nest")
    try:
        observer = Observer(values, until_bad)
        with observer.watching():
            yield observer.seen
    finally:
        _busy.release()


class Observer:
    """Sits between a program and TensorFlow, and takes down into a Seen what passes."""

    def __init__(self, values: bool, until_bad: bool) -> None:
        self.seen = Seen(self, until_bad)
        self._partitions: dict[str, Any] = {}  # what the runtime told of a function, by name
        self._codes: list[Any] = []  # that call sessions
        self._handles: dict[int, str] = {}  # names of variables, by the id of their handle
        self._dtypes: dict[int, tf.DType] = {}  # what is behind a handle
        self._born: list[weakref.ref] = []  # the handles of variables made under our eyes
        self._window: Window | None = None
        self._step = 0
        self._kinds: set[Any] = set()  # of call in this step
        self._in_step: set[Any] = set()  # the kinds of call recorded in this step already
        self._eager_left = MOST_EAGER_OPS
        self._thread = threading.get_ident()
        self._values = values
        self._reading = False  # we are reading a state: nobody's call but ours

    def watched(self, items: Sequence[Any], on_step: Callable[[int], None] | None) -> Iterator[Any]:
        """See `Seen.steps`."""
        seen = self.seen
        recorded = {1, min(len(items), STEADY)}
        for item in items:
            self._begin_step(seen.hunting or len(seen.step_us) + 1 in recorded)
            started = time.perf_counter()
            try:
                yield item
            finally:
                self._end_step((time.perf_counter() - started) * 1e6)
            if on_step is not None:
                on_step(len(seen.step_us))
        if not seen.sessions_only() and self._eager_left > 0:
            self._open_window(self._eager_left)

    def _begin_step(self, recorded: bool) -> None:
        self._step = len(self.seen.step_us) + 1
        if self._window is not None:
            self._close_window()
        if recorded:
            self._in_step = set()
            self.seen.step_calls[self._step] = 0
            if not self.seen.sessions_only():
                self._open_window(sys.maxsize)

    def _end_step(self, wall_us: float) -> None:
        if self._window is not None:
            self._close_window()
        self.seen.step_us.append(wall_us)
        self.seen.step_kinds.append(frozenset(self._kinds))
        self._kinds.clear()
        self._step = 0

    def _open_window(self, eager_ops: int) -> Window:
        try:
            profile = _private.Profile()
        except RuntimeError:
            profile = None
        recorder = None
        if eager_ops > 0:
            recorder = eager.Recorder(self._handles, eager_ops, self._full, self._values)
            if self._values:
                recorder.dtypes |= self._dtypes
                recorder.state |= eager.values_behind(self._born, self._dtypes)
            _private.add_op_callback(recorder)
        self._window = Window(self._step, time.perf_counter(), recorder, profile)
        return self._window

    def _full(self) -> None:
        self.seen.eager_cut = True
        self._close_window()

    def _close_window(self) -> None:
        window, self._window = self._window, None
        if window is None:
            return
        window.wall_us = (time.perf_counter() - window.started) * 1e6
        if window.recorder is not None:
            _private.remove_op_callback(window.recorder)
            self._born += window.recorder.born
            self._dtypes |= window.recorder.dtypes
        if window.profile is not None:
            window.events = window.profile.stop()
        if window.recorder is None or not window.recorder.ops:
            return
        if window.step:
            self.seen.step_calls[window.step] += sum(not op.function for op in window.recorder.ops)
        else:
            self._eager_left -= len(window.recorder.ops)
        recording = EagerOps(window, self._handles)
        self.seen.keep("steps" if window.step else window.started, recording)
        self.seen.look_at(recording)

    # Calls

    @contextmanager
    def watching(self) -> Iterator[None]:
        session = next(kind for kind in tf1.Session.__mro__ if "run" in vars(kind))
        original = session.run
        observer = self

        def run(
            self: Any,
            fetches: Any,
            feed_dict: Any = None,
            options: Any = None,
            run_metadata: Any = None,
        ) -> Any:
            if observer._reading:
                return original(self, fetches, feed_dict, options, run_metadata)
            return observer._session_run(original, self, fetches, feed_dict, options, run_metadata)

        with ExitStack() as stack:
            _private.start_collecting_graphs()
            stack.callback(_private.stop_collecting_graphs)
            stack.enter_context(_private.every_function_call(self._function_call))
            stack.enter_context(_private.every_trace(self._trace))
            session.run = run
            stack.callback(setattr, session, "run", original)
            stack.callback(self._close_window)
            self._open_window(self._eager_left)
            yield

    def _trace(self) -> None:
        self.seen.traces += 1

    def _wanted(self, key: Any, calls: Calls) -> bool:
        """Whether this call, the next of its kind, is to be recorded."""
        if not self._step:
            return self.seen.hunting or len(calls.wall_us) + 1 in RECORDED
        self._kinds.add(key)
        if self._step not in self.seen.step_calls:
            return False
        self.seen.step_calls[self._step] += 1
        if key in self._in_step and not self.seen.hunting:
            return False
        self._in_step.add(key)
        return True

    def _session_run(
        self,
        original: Callable,
        session: Any,
        fetches: Any,
        feed_dict: Any,
        options: Any,
        run_metadata: Any,
    ) -> Any:
        frame = sys._getframe(2)
        place = (id(frame.f_code), frame.f_lasti)  # their hash and line take longer to find
        key = (
            "run",
            id(session.graph),
            place,
            request.identity(fetches),
            request.identity(feed_dict, keys=True),
        )
        calls = self.seen.kinds.get(key)
        if calls is None:
            calls = self.seen.kinds[key] = Calls("graph", "Session.run", request.user_line(frame))
            self._codes.append(frame.f_code)  # kept alive, so that no other gets its id
        wanted = self._wanted(key, calls)
        if wanted or not self._step:
            self._close_window()  # a full trace needs the one profiler there is
        if not wanted or not _private.profiler_is_free():
            started = time.perf_counter()
            result = original(session, fetches, feed_dict, options, run_metadata)
            calls.wall_us.append((time.perf_counter() - started) * 1e6)
            return result
        traced = tf1.RunOptions()
        if options is not None:
            traced.CopyFrom(options)
        traced.trace_level = tf1.RunOptions.FULL_TRACE
        traced.output_partition_graphs = True
        metadata = tf1.RunMetadata()
        state = self._read(lambda: session_state(session)) if self._values else {}
        started = time.perf_counter()
        result = original(session, fetches, feed_dict, traced, metadata)
        wall_us = (time.perf_counter() - started) * 1e6
        calls.wall_us.append(wall_us)
        calls.recorded.append(len(calls.wall_us))
        recording = SessionCall(
            calls,
            len(calls.wall_us),
            self._step,
            started,
            wall_us,
            session.graph,
            len(session.graph.get_operations()),
            request.feeds(feed_dict, session.graph),
            request.names(fetches, session.graph),
            metadata,
        )
        if self._values:
            results = values_by_name(recording.fetches, result)
            feeds = copied(feed_dict or {})
            recording.start = Start(feeds, state, results, recording.fetches)
            self.seen.look_at(recording)
        self.seen.keep(key, recording)
        if run_metadata is not None:
            run_metadata.CopyFrom(request.as_asked(metadata, options))
        return result

    def _function_call(self, original: Callable, function: Any, args: tuple) -> Any:
        if not tf.executing_eagerly() or threading.get_ident() != self._thread:
            return original(function, *args)  # put into a graph, or called by a data pipeline
        key = ("call", function.name)
        calls = self.seen.kinds.get(key)
        if calls is None:
            source = request.user_line(sys._getframe(2))
            name = eager.function_name(live.text(function.name))
            calls = self.seen.kinds[key] = Calls("function", name, source)
        if not self._wanted(key, calls):
            if not self._step and len(calls.wall_us) >= RECORDED[-1]:
                self._close_window()  # the program is in a loop: leave it alone
            started = time.perf_counter()
            result = original(function, *args)
            calls.wall_us.append((time.perf_counter() - started) * 1e6)
            return result
        name = live.text(function.name)
        before = self._read(lambda: self._start_of(function, args)) if self._values else None
        outer = self._window
        window = outer or self._open_window(0)
        window.called[name] = nth = window.called.get(name, -1) + 1
        started = time.perf_counter()
        try:
            result = original(function, *args)
        finally:
            wall_us = (time.perf_counter() - started) * 1e6
            calls.wall_us.append(wall_us)
            calls.recorded.append(len(calls.wall_us))
            if outer is None:
                self._close_window()
            if name not in self._partitions:
                self._partitions[name] = request.partitions(function, _private.collected_graphs())
            recording = FunctionCall(
                calls,
                len(calls.wall_us),
                self._step,
                started,
                wall_us,
                function,
                window,
                nth,
                request.arguments(function, args),
                live.captured_variables(function.graph),
                self._partitions[name],
            )
            self.seen.keep(key, recording)
        if before is not None:
            outputs = (tensor.name for tensor in function.graph.outputs)
            # None where it returns nothing; and a gradient adds what it needs behind the outputs.
            found = zip(outputs, result or (), strict=False)
            recording.start = replace(before, results=dict(found))
            self.seen.look_at(recording)
        return result

    def _start_of(self, function: Any, args: Sequence[Any]) -> Start:
        """Where the call begins; the eager recording around it learns of its variables too."""
        names = live.captured_variables(function.graph)
        handles = []
        for outside, inside in function.graph.captures:
            dtypes = _private.behind_handle(inside)[0] if inside.dtype == tf.resource else []
            if dtypes:
                key = _private.tensor_id(outside)
                self._dtypes.setdefault(key, tf.as_dtype(dtypes[0]))
                self._handles.setdefault(key, names.get(inside.op.name, "variable"))
                handles.append(weakref.ref(outside))
        if self._window is not None and self._window.recorder is not None:
            self._window.recorder.begin(eager.values_behind(handles, self._dtypes), self._dtypes)
        return function_start(function, args)

    def _read(self, read: Callable[[], Any]) -> Any:
        """Read a state, which is no call of the program."""
        self._reading = True
        window = self._window
        if window is not None and window.recorder is not None:
            _private.remove_op_callback(window.recorder)
        try:
            return read()
        finally:
            self._reading = False
            if window is not None and window.recorder is not None:
                _private.add_op_callback(window.recorder)

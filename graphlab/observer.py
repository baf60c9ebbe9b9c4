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
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from typing import Any

import tensorflow as tf

from graphlab import _private, asked
from graphlab.model import Graph, Run
from graphlab.recording import Calls, EagerOps, FunctionCall, Recording, SessionCall, Window
from graphlab.replay import (
    Replay,
    Start,
    all_finite,
    copied,
    function_start,
    values_by_name,
)
from graphlab.sources import eager, live
from graphlab.start import session_state

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
        seen = Seen(values, until_bad)
        with seen._watching():
            yield seen
    finally:
        _busy.release()


class Seen:
    """What was observed so far."""

    def __init__(self, values: bool = False, until_bad: bool = False) -> None:
        self.traces = 0  # how often Python ran the body of a tf.function to trace it
        self.eager_cut = False  # whether there were more eager ops than MOST_EAGER_OPS
        self.step_us: list[float] = []  # each item of `steps`, from hand-over to the next
        self.step_calls: dict[int, int] = {}  # recorded steps, and their calls into the runtime
        self.step_kinds: list[frozenset] = []  # for each item of `steps`, what it called
        self._calls: dict[Any, Calls] = {}
        self._recordings: dict[Any, list[Recording]] = {}
        self._built: dict[tuple[int, int], tuple[tf.Graph, Graph]] = {}
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
        self._hunting = until_bad
        self._latest: Recording | None = None  # of the hunt
        self._suspect: Recording | None = None  # after which a number is not finite any more
        self._reading = False  # we are reading a state: nobody's call but ours

    @property
    def calls(self) -> tuple[Calls, ...]:
        """Every kind of call in the order of its first."""
        return tuple(self._calls.values())

    @property
    def runs(self) -> tuple[Run, ...]:
        """The recorded runs as they started: of each kind of call the first and a steady one."""
        return tuple(recording.run(self._graph) for recording in self._in_order())

    @property
    def replays(self) -> tuple[Replay, ...]:
        """The recorded runs that can be executed again; none without `observe(values=True)`."""
        return tuple(
            Replay(recording.run(self._graph), recording.source, recording.start)
            for recording in self._in_order()
            if recording.start is not None
        )

    def _in_order(self) -> list[Recording]:
        kept = [recording for kept in self._recordings.values() for recording in kept]
        if self._suspect is not None and not any(self._suspect is each for each in kept):
            kept.append(self._suspect)
        return sorted(kept, key=lambda recording: recording.started)

    def live(self, run: Run) -> tf.Graph | None:
        """The TensorFlow graph that `run.built` was read from; it may have grown since."""
        found = (live for live, graph in self._built.values() if graph is run.built)
        return next(found, None)

    def metadata(self, run: Run) -> Any:
        """The RunMetadata of one of the runs, to keep; None where there is none: eager ops.

        A session filled it in; a function's has the graphs that its devices were given.
        """
        which = (run.name, run.call, run.step, run.wall_us)
        found = (each.metadata_of(which) for each in self._in_order())
        return next((metadata for metadata in found if metadata is not None), None)

    def steps(
        self, items: Sequence[Any], on_step: Callable[[int], None] | None = None
    ) -> Sequence[Any]:
        """`items` again, but whoever iterates over them is watched step by step.

        Each item is a step that lasts until the next one is asked for. All are timed; the first
        and a steady one (the eighth, or the last of fewer) are recorded. `on_step` is called
        with the number of steps done after each.
        """
        return _Steps(self, items, on_step)

    def _graph(self, graph: tf.Graph, operations: int, variables: Mapping[str, str]) -> Graph:
        """The built graph as it was with so many operations; equal ones are one object."""
        key = (id(graph), operations)
        if key not in self._built:
            self._built[key] = graph, live.from_graph(graph, operations, variables)
        return self._built[key][1]

    def _keep(self, kind: Any, recording: Recording) -> None:
        """Keep the first and the latest recording of a kind."""
        kept = self._recordings.setdefault(kind, [])
        del kept[1:]
        kept.append(recording)

    def _look_at(self, recording: Recording) -> None:
        """End the hunt where numbers are not finite any more.

        A result, or what was fed, tells of this call; a variable's value before it, of the last.
        """
        if not self._hunting or recording.start is None:
            return
        start = recording.start
        if not (all_finite(start.feeds) and all_finite(start.results)):
            self._suspect = recording
        elif not all_finite(start.state):
            self._suspect = self._latest or recording
        self._latest = recording
        self._hunting = self._suspect is None

    # Steps and windows

    def _begin_step(self, recorded: bool) -> None:
        self._step = len(self.step_us) + 1
        if self._window is not None:
            self._close_window()
        if recorded:
            self._in_step = set()
            self.step_calls[self._step] = 0
            if not self._sessions_only():
                self._open_window(sys.maxsize)

    def _end_step(self, wall_us: float) -> None:
        if self._window is not None:
            self._close_window()
        self.step_us.append(wall_us)
        self.step_kinds.append(frozenset(self._kinds))
        self._kinds.clear()
        self._step = 0

    def _sessions_only(self) -> bool:
        """A program of sessions alone is traced by them; the profiler would only slow it."""
        kinds = {calls.way for calls in self._calls.values()} | set(self._recordings)
        return bool(kinds) and all(kind == "graph" or isinstance(kind, tuple) for kind in kinds)

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
        self.eager_cut = True
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
            self.step_calls[window.step] += sum(not op.function for op in window.recorder.ops)
        else:
            self._eager_left -= len(window.recorder.ops)
        recording = EagerOps(window, self._handles)
        self._keep("steps" if window.step else window.started, recording)
        self._look_at(recording)

    # Calls

    @contextmanager
    def _watching(self) -> Iterator[None]:
        session = next(kind for kind in tf1.Session.__mro__ if "run" in vars(kind))
        original = session.run
        seen = self

        def run(
            self: Any,
            fetches: Any,
            feed_dict: Any = None,
            options: Any = None,
            run_metadata: Any = None,
        ) -> Any:
            if seen._reading:
                return original(self, fetches, feed_dict, options, run_metadata)
            return seen._session_run(original, self, fetches, feed_dict, options, run_metadata)

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
        self.traces += 1

    def _wanted(self, key: Any, calls: Calls) -> bool:
        """Whether this call, the next of its kind, is to be recorded."""
        if not self._step:
            return self._hunting or len(calls.wall_us) + 1 in RECORDED
        self._kinds.add(key)
        if self._step not in self.step_calls:
            return False
        self.step_calls[self._step] += 1
        if key in self._in_step and not self._hunting:
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
            asked.identity(fetches),
            asked.identity(feed_dict, keys=True),
        )
        calls = self._calls.get(key)
        if calls is None:
            calls = self._calls[key] = Calls("graph", "Session.run", asked.user_line(frame))
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
            asked.feeds(feed_dict, session.graph),
            asked.names(fetches, session.graph),
            metadata,
        )
        if self._values:
            results = values_by_name(recording.fetches, result)
            feeds = copied(feed_dict or {})
            recording.start = Start(feeds, state, results, recording.fetches)
            self._look_at(recording)
        self._keep(key, recording)
        if run_metadata is not None:
            run_metadata.CopyFrom(asked.as_asked(metadata, options))
        return result

    def _function_call(self, original: Callable, function: Any, args: tuple) -> Any:
        if not tf.executing_eagerly() or threading.get_ident() != self._thread:
            return original(function, *args)  # put into a graph, or called by a data pipeline
        key = ("call", function.name)
        calls = self._calls.get(key)
        if calls is None:
            source = asked.user_line(sys._getframe(2))
            name = eager.function_name(live.text(function.name))
            calls = self._calls[key] = Calls("function", name, source)
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
                self._partitions[name] = asked.partitions(function, _private.collected_graphs())
            recording = FunctionCall(
                calls,
                len(calls.wall_us),
                self._step,
                started,
                wall_us,
                function,
                window,
                nth,
                asked.arguments(function, args),
                live.captured_variables(function.graph),
                self._partitions[name],
            )
            self._keep(key, recording)
        if before is not None:
            outputs = (tensor.name for tensor in function.graph.outputs)
            # None where it returns nothing; and a gradient adds what it needs behind the outputs.
            found = zip(outputs, result or (), strict=False)
            recording.start = replace(before, results=dict(found))
            self._look_at(recording)
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


class _Steps(Sequence):
    """See `Seen.steps`."""

    def __init__(
        self, seen: Seen, items: Sequence[Any], on_step: Callable[[int], None] | None
    ) -> None:
        self._seen = seen
        self._items = items
        self._on_step = on_step

    def __len__(self) -> int:
        return len(self._items)

    def __getitem__(self, index: Any) -> Any:
        return self._items[index]

    def __getattr__(self, name: str) -> Any:
        return getattr(self._items, name)  # what the steps carry along, as `Cases.start`

    def __iter__(self) -> Iterator[Any]:
        seen = self._seen
        recorded = {1, min(len(self._items), STEADY)}
        for item in self._items:
            seen._begin_step(seen._hunting or len(seen.step_us) + 1 in recorded)
            started = time.perf_counter()
            try:
                yield item
            finally:
                seen._end_step((time.perf_counter() - started) * 1e6)
            if self._on_step is not None:
                self._on_step(len(seen.step_us))
        if not seen._sessions_only() and seen._eager_left > 0:
            seen._open_window(seen._eager_left)

"""Calls of traced functions: timed, and some of them recorded with the runtime's profiler."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from typing import Any

import tensorflow as tf

from graphlab import _private, devices
from graphlab.model import Graph, Source
from graphlab.sources import live
from graphlab.watch import eager, request
from graphlab.watch.calls import Calls
from graphlab.watch.compiled import compiled_by
from graphlab.watch.control import Control
from graphlab.watch.recording import FunctionCall
from graphlab.watch.replay import Start, function_start
from graphlab.watch.retracing import Trace, Traced
from graphlab.watch.windows import Window
from visualize.words import shape_text

MOST_TEXT = 40  # characters of a Python value that is part of a trace


class Functions:
    """The wrappers around a function's call and its tracing."""

    def __init__(self, control: Control) -> None:
        self.control = control
        self._kinds: dict[tuple, Calls] = {}  # by function and thread
        self._told: dict[bytes, request.Told] = {}  # of a function by the runtime, by name
        self._programs: dict[tuple, Graph] = {}  # see `compiled.program_of`
        self._traces: dict[int, tuple[Any, str, Source | None, list[Trace]]] = {}
        self._collecting = False  # graphs of functions, as the runtime makes them

    @contextmanager
    def watched(self) -> Iterator[None]:
        """Route every call and every trace through here."""
        with ExitStack() as stack:
            stack.enter_context(_private.every_function_call(self.call))
            stack.enter_context(_private.every_trace(self.control.guarded(self.trace)))
            stack.callback(self._collect_no_more)
            yield

    @property
    def traced(self) -> list[Traced]:
        """Every function whose body was run to trace it."""
        return [
            Traced(name, source, tuple(traces)) for _, name, source, traces in self._traces.values()
        ]

    # The wrappers. The program's own call is made exactly once, outside of all guards.

    def call(self, original: Callable, function: Any, args: tuple) -> Any:
        """Around each call into the runtime."""
        control = self.control
        calls, wanted = None, False
        if control.hears() and tf.executing_eagerly():  # else it is put into a graph
            try:  # a guard of its own would take as long as all the rest
                calls = self._kind(function)
                wanted = control.wanted(calls)
            except Exception as error:
                control.fail(error)
        if calls is None or control.stopped:
            return original(function, *args)
        if wanted:
            return self._recorded(original, function, args, calls)
        started = time.perf_counter()
        result = original(function, *args)
        wall_us = (time.perf_counter() - started) * 1e6
        if calls.count == 0 and self._collecting:  # it has just been made, alone
            with control.guard():
                self._told_of(function)
        calls.took(wall_us)
        return result

    def trace(self, key: Any, name: str, function: Any, arguments: Mapping[str, Any]) -> None:
        """Note that the body of a function is about to be traced, and for which arguments."""
        self.control.seen.traces += 1
        if id(key) not in self._traces:  # the key is kept, so that no other gets its id
            self._traces[id(key)] = key, name, _defined(function), []
        told = {argument: _private.python_value(kind) for argument, kind in arguments.items()}
        self._traces[id(key)][3].append(
            Trace(
                tuple((a, _told(kind, told[a])) for a, kind in arguments.items()),
                frozenset(a for a, value in told.items() if value is not None),
            )
        )

    # What they share

    def _kind(self, function: Any) -> Calls:
        thread = None if self.control.here else threading.current_thread()
        calls = self._kinds.get((function.name, thread))
        if calls is None:
            name = eager.function_name(live.text(function.name))
            source = request.user_line(sys._getframe(3))
            calls = Calls("function", name, source, thread.name if thread else "")
            self._kinds[function.name, thread] = calls
            if thread:
                calls.unrecorded = "the profiler would not tell it from calls on other threads"
            with self.control.lock:
                self.control.seen.add(calls)
        return calls

    def _recorded(self, original: Callable, function: Any, args: tuple, calls: Calls) -> Any:
        control = self.control
        before: Start | None = None
        outer, window = control.windows.open, None
        with control.guard():
            self._collect()
            if control.values:
                before = control.read(lambda: self._start(function, args))
            window = outer or control.open_window(0)
            marked = window.mark()
            mark = window.marks
        if window is None or control.stopped:
            return original(function, *args)
        started = time.perf_counter()
        result, done = (), False
        try:
            with marked:
                result = original(function, *args)
            done = True
        finally:
            wall_us = (time.perf_counter() - started) * 1e6
            with control.guard():
                if outer is None:
                    control.close_window()
                recording = self._recording(
                    function, args, calls, window, mark, started, wall_us, result
                )
                if before is not None and done:
                    outputs = (tensor.name for tensor in function.graph.outputs)
                    # None where it returns nothing; a gradient adds what it needs behind them.
                    found: Any = zip(outputs, result or (), strict=False)
                    recording.start = replace(before, results=dict(found))
                control.keep(calls, recording)
        return result

    def _recording(
        self,
        function: Any,
        args: tuple,
        calls: Calls,
        window: Window,
        mark: int,
        started: float,
        wall_us: float,
        results: Any,
    ) -> FunctionCall:
        number = calls.took(wall_us, recorded=True)
        return FunctionCall(
            calls,
            number,
            self.control.step,
            started,
            wall_us,
            function,
            window,
            mark,
            request.arguments(function, args),
            live.captured_variables(function.graph),
            _device_of(results),
            self._told_of(function),
            args if compiled_by(function) else (),
            self._programs,
        )

    def _told_of(self, function: Any) -> request.Told:
        """The graphs of a function that the devices were given, where the runtime told."""
        if function.name not in self._told:
            told = request.Told(function.graph, _private.collected_graphs())
            self._told[function.name] = told
        return self._told[function.name]

    def _start(self, function: Any, args: tuple) -> Start:
        """Where the call begins; the eager recording around it learns of its variables too."""
        self.control.windows.reaches(function, live.captured_variables(function.graph))
        return function_start(function, args)

    def _collect(self) -> None:
        """Have the runtime keep graphs: only now, as it starts TensorFlow's devices, which a
        program may still want to choose before its first call.
        """
        if not self._collecting:
            _private.start_collecting_graphs()
            self._collecting = True

    def _collect_no_more(self) -> None:
        if self._collecting:
            _private.stop_collecting_graphs()


def _device_of(results: Any) -> str:
    """The short name of the device that the first result is on; a CPU's where there is none."""
    placed = (getattr(result, "device", "") for result in results or ())
    return devices.short(next(filter(None, placed), "")) or "CPU:0"


def _defined(function: Any) -> Source | None:
    """Where a function is defined, if the user did it."""
    code = getattr(function, "__code__", None)
    if code is None or live.is_library(code.co_filename):
        return None
    return code.co_filename, code.co_firstlineno


def _told(kind: Any, value: list | None) -> str:
    """An argument as tracing tells it apart: `"float32 2x3"`, `"3"`."""
    if value is not None:
        text = repr(value[0])
    elif isinstance(kind, tf.TensorSpec):
        return f"{kind.dtype.name} {shape_text(live.static_shape(kind.shape))}"
    else:
        text = str(kind)
    return text if len(text) <= MOST_TEXT else f"{text[: MOST_TEXT - 1]}\N{HORIZONTAL ELLIPSIS}"

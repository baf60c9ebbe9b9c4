"""Every use of TensorFlow that is not public, each pinned by a test in tests/test_private.py.

Nothing else in the project may import `tensorflow.python` or touch an underscored attribute of
a TensorFlow object. When a TensorFlow release breaks graphlab, it breaks here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import tensorflow as tf
from tensorflow.python.eager import context
from tensorflow.python.eager.polymorphic_function import atomic_function, tracing_compilation
from tensorflow.python.framework import op_callbacks
from tensorflow.python.profiler.internal import _pywrap_profiler
from tensorflow.tsl.profiler.protobuf import trace_events_pb2


class Profile:
    """The runtime's own event recorder, kept in memory.

    The public `tf.profiler.experimental` can only write a folder. Starting and stopping takes
    under a millisecond; kernels of sessions, functions and eager ops are all seen.
    """

    def __init__(self) -> None:
        """RuntimeError where the user is profiling already: there is one recorder a process."""
        self._session = _pywrap_profiler.ProfilerSession()
        options = {"host_tracer_level": 2, "python_tracer_level": 0, "device_tracer_level": 1}
        try:
            self._session.start("", options)
        except tf.errors.AlreadyExistsError as error:
            raise RuntimeError("another profiler is running") from error

    def stop(self) -> bytes:
        """End the recording; the serialized events, for `profile_events`."""
        return self._session.stop()


def profiler_is_free() -> bool:
    """Whether nobody is profiling: a session with a full trace raises while somebody is."""
    try:
        Profile().stop()
    except RuntimeError:
        return False
    return True


def profile_events(data: bytes) -> trace_events_pb2.Trace:
    """What `Profile.stop` gave, as devices with threads and `trace_events` (picoseconds)."""
    trace = trace_events_pb2.Trace()
    trace.ParseFromString(data)
    return trace


@contextmanager
def every_function_call(wrapper: Callable) -> Iterator[None]:
    """Route each runtime call of a traced function through `wrapper(original, function, args)`.

    The place that `tf.function`, concrete functions and the halves of a differentiated call
    (`__forward_f_1`, `__backward_f_1`) all go through, also while a graph is being built.
    """
    original = atomic_function.AtomicFunction.call_flat

    def call_flat(self: Any, *args: Any) -> Any:
        return wrapper(original, self, args)

    atomic_function.AtomicFunction.call_flat = call_flat
    try:
        yield
    finally:
        atomic_function.AtomicFunction.call_flat = original


@contextmanager
def every_trace(tick: Callable[[], None]) -> Iterator[None]:
    """Call `tick` whenever the Python body of a `tf.function` is run to trace it."""
    original = tracing_compilation._create_concrete_function

    def create(*args: Any, **kwargs: Any) -> Any:
        tick()
        return original(*args, **kwargs)

    tracing_compilation._create_concrete_function = create
    try:
        yield
    finally:
        tracing_compilation._create_concrete_function = original


def add_op_callback(callback: Callable) -> None:
    """Call `callback(op_type, inputs, attrs, outputs, op_name, graph)` after each Python-made op.

    Eager ops of this thread, and ops put into a graph (then `graph` is that graph).
    """
    op_callbacks.add_op_callback(callback)


def remove_op_callback(callback: Callable) -> None:
    """Undo `add_op_callback`."""
    op_callbacks.remove_op_callback(callback)


def tensor_id(tensor: Any) -> int:
    """A number that is this eager tensor's alone for as long as the process lives."""
    return tensor._id


def start_collecting_graphs() -> None:
    """Have the runtime keep the graphs of each function that it instantiates from now on."""
    context.context().enable_graph_collection()


def stop_collecting_graphs() -> None:
    """Undo `start_collecting_graphs`."""
    context.context().disable_graph_collection()


def collected_graphs() -> Any:
    """The RunMetadata.function_graphs collected since the last call."""
    return context.context().export_run_metadata().function_graphs


def function_graph(graph: tf.Graph, name: str) -> tf.Graph | None:
    """The live body of a function in a graph's library; None where only its definition is left."""
    function = graph._get_function(name)
    return getattr(function, "graph", None)


def frames(operation: tf.Operation) -> list[tuple[str, int]]:
    """Where an op of a graph was made: (file, line) from the innermost frame outwards."""
    return [(frame.filename, frame.lineno) for frame in reversed(list(operation.traceback or ()))]


def forward_op(operation: tf.Operation) -> str | None:
    """The op whose gradient this one is part of, where TensorFlow kept it."""
    original = getattr(operation, "_original_op", None)
    return original.name if original is not None else None


def devices_are_fixed() -> bool:
    """Whether TensorFlow has started its devices, so that no logical device can be added."""
    return context.context()._initialized

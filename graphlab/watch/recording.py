"""What `observe` keeps of a recorded call until somebody asks for it, and how it becomes a Run.

Turning protos into Runs takes longer than taking them down, so it waits until the observed
program is done: a recorded call stays almost as fast as a traced one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import tensorflow as tf

from graphlab import _private
from graphlab.model import Graph, Run, Source, TensorSpec
from graphlab.sources import live
from graphlab.watch import eager, runtime
from graphlab.watch.eager_graph import graph_def_of
from graphlab.watch.replay import Start

Built = Callable[[tf.Graph, int, Mapping[str, str]], Graph]  # see `live.from_graph`


@dataclass
class Calls:
    """All calls of one kind: one place in the user's code asking for the same thing."""

    way: str
    name: str  # "Session.run", or the function's name
    source: Source | None
    wall_us: list[float] = field(default_factory=list)  # one a call, seen from Python
    recorded: list[int] = field(default_factory=list)  # which calls carry a trace, from 1


@dataclass
class Window:
    """A stretch in which the profiler is on and, mostly, eager ops are recorded."""

    step: int  # 0 outside of `Seen.steps`
    started: float
    recorder: eager.Recorder | None  # None: only a function call is of interest
    profile: _private.Profile | None  # None where the user profiles: then nothing is timed
    events: bytes = b""
    wall_us: float = 0.0
    called: dict[str, int] = field(default_factory=dict)  # functions: calls so far, less one

    @cached_property
    def spans(self) -> runtime.Profile:
        """The profile, read once for all that happened in the window."""
        return runtime.profile_of(_private.profile_events(self.events))


@dataclass
class SessionCall:
    """A `Session.run` that carried a full trace."""

    calls: Calls
    call: int
    step: int
    started: float
    wall_us: float
    graph: tf.Graph
    operations: int
    feeds: tuple[TensorSpec, ...]
    fetches: tuple[str, ...]
    metadata: Any
    start: Start | None = None  # where values are kept

    def source(self) -> Any:
        """What the engine is given to execute the call again."""
        return self.graph

    def metadata_of(self, which: tuple) -> Any:
        """A copy of what the session filled in, if this is the call that is meant."""
        return _copied(self.metadata) if which == _which(self) else None

    def run(self, built_of: Built) -> Run:
        """Steps and executed graph from the metadata that the session filled in."""
        built = built_of(self.graph, self.operations, {})
        partitions = self.metadata.partition_graphs
        ops = {node.name: node.op for partition in partitions for node in partition.node}
        steps = runtime.steps_of_stats(self.metadata.step_stats, ops)
        known = specs_of(built) | {spec.name: spec for step in steps for spec in step.outputs}
        executed = runtime.executed_graph(partitions, known)
        return Run(
            "graph",
            self.calls.name,
            self.call,
            self.feeds,
            self.fetches,
            built,
            executed,
            runtime.with_untimed(steps, executed),
            "runtime",
            self.wall_us,
            self.calls.source,
            self.step,
        )


@dataclass
class FunctionCall:
    """One call of a traced function, as the profiler saw it."""

    calls: Calls
    call: int
    step: int
    started: float
    wall_us: float
    function: Any
    window: Window
    nth: int  # how many calls of the same function came before it in its window
    feeds: tuple[TensorSpec, ...]
    variables: Mapping[str, str]  # see `live.captured_variables`
    partitions: Any = ()  # the graphs the devices were given, where the runtime told
    start: Start | None = None  # where values are kept

    def source(self) -> Any:
        """What the engine is given to execute the call again."""
        return self.function

    def metadata_of(self, which: tuple) -> Any:
        """RunMetadata of the graphs that the runtime told of, if this is the call that is meant."""
        if which != _which(self):
            return None
        return tf.compat.v1.RunMetadata(partition_graphs=self.partitions)

    def run(self, built_of: Built) -> Run:
        """Steps are the kernels inside the span of this call."""
        graph = self.function.graph
        built = built_of(graph, len(graph.get_operations()), self.variables)
        executed = None
        if self.partitions:
            executed = runtime.executed_graph(self.partitions, specs_of(built))
        name = live.text(self.function.name)
        spans = [span for span in self.window.spans.calls if span.name == name][self.nth :][:1]
        kernels = [
            kernel
            for span in spans
            for kernel in self.window.spans.kernels
            if span.start_us <= kernel.start_us and kernel.end_us <= span.end_us
        ]
        steps = runtime.steps_of_kernels(kernels, executed, built)
        return Run(
            "function",
            self.calls.name,
            self.call,
            self.feeds,
            tuple(tensor.name for tensor in graph.outputs),
            built,
            executed,
            runtime.with_untimed(steps, executed) if executed else steps,
            "runtime",
            self.wall_us,
            self.calls.source,
            self.step,
        )


@dataclass
class EagerOps:
    """The eager ops of one window."""

    window: Window
    handles: Mapping[int, str]

    @property
    def started(self) -> float:
        return self.window.started

    @property
    def ops(self) -> list[eager.EagerOp]:
        assert self.window.recorder is not None
        return self.window.recorder.ops

    @cached_property
    def graph(self) -> Graph:
        """The recording as a graph, executed just as it was written."""
        return eager.graph_of(self.ops, dict(self.handles))

    @cached_property
    def start(self) -> Start | None:
        """Where the ops began, if values were kept; every op is fetched, so all of them run."""
        recorder = self.window.recorder
        if recorder is None or not recorder.values:
            return None
        names = eager.outside_names(self.ops, self.graph)
        nodes = [node for node in self.graph.nodes if not eager.is_outside(node)]
        results = {
            spec.name: value
            for record, node in zip(self.ops, nodes, strict=True)
            for spec, value in zip(node.outputs, record.values, strict=True)
            if value is not None
        }
        return Start(
            {names[key] + ":0": value for key, value in recorder.given.items()},
            {names[key]: value for key, value in recorder.state.items() if key in names},
            results,
            (*results, *(node.name for node in nodes if not node.outputs)),
        )

    def source(self) -> Any:
        """What the engine is given to execute the ops again."""
        assert self.window.recorder is not None
        names = eager.outside_names(self.ops, self.graph)
        dtypes = self.window.recorder.dtypes
        return graph_def_of(
            self.ops, self.graph, {names[key]: d for key, d in dtypes.items() if key in names}
        )

    def metadata_of(self, which: tuple) -> Any:
        """None: nobody tells."""
        return None

    def run(self, built_of: Built) -> Run:
        """Every op that Python dispatched, timed by the profiler."""
        spans = self.window.spans
        dispatched = sorted(spans.eager + spans.calls, key=lambda span: span.start_us)
        return Run(
            "eager",
            "step" if self.window.step else "eager ops",
            self.window.step or 1,
            (),
            (),
            self.graph,
            self.graph,
            eager.steps_of(self.ops, self.graph, dispatched),
            "runtime" if self.window.profile else "python",
            self.window.wall_us,
            next((op.source for op in self.ops if op.source), None),
            self.window.step,
        )


Recording = SessionCall | FunctionCall | EagerOps


def _which(call: SessionCall | FunctionCall) -> tuple:
    """What tells a run of one call from those of all others: no two took as long to the bit."""
    return (call.calls.name, call.call, call.step, call.wall_us)


def _copied(message: Any) -> Any:
    copy = type(message)()
    copy.CopyFrom(message)
    return copy


def specs_of(graph: Graph) -> dict[str, TensorSpec]:
    """All that a graph knows of its tensors, by name."""
    return {spec.name: spec for node in graph.nodes for spec in node.outputs}

"""What `observe` keeps of a recorded call until somebody asks for it, and how it becomes a Run.

Turning protos into Runs takes longer than taking them down, so it waits until the observed
program is done: a recorded call stays almost as fast as a traced one.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import tensorflow as tf

from graphlab.model import Graph, Node, Run, TensorSpec
from graphlab.sources import live
from graphlab.watch import claims, eager, kernels, runtime
from graphlab.watch.calls import Calls
from graphlab.watch.compiled import compiled_by, one_kernel, program_of
from graphlab.watch.eager_graph import graph_def_of
from graphlab.watch.replay import Start
from graphlab.watch.request import Told
from graphlab.watch.windows import Window

OP_BYTES = 3000  # of a live graph, for each of its ops: as much as TensorFlow 2.21's take, about

Built = Callable[[tf.Graph, int, Mapping[str, str]], Graph]  # see `live.from_graph`


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
    config: Any = None  # the session's ConfigProto
    start: Start | None = None  # where values are kept

    @property
    def bytes(self) -> int:
        """The memory that it takes, about, but for the graph."""
        return self.metadata.ByteSize() + _bytes_of(self.start)

    def source(self) -> Any:
        """What the engine is given to execute the call again."""
        return self.graph

    def metadata_of(self, which: tuple) -> Any:
        """A copy of what the session filled in, if this is the call that is meant."""
        return _copied(self.metadata) if which == _which(self) else None

    def config_of(self, which: tuple) -> Any:
        """The ConfigProto of its session, if this is the call that is meant."""
        return self.config if which == _which(self) else None

    def run(self, built_of: Built) -> Run:
        """Steps and executed graph from the metadata that the session filled in."""
        built = built_of(self.graph, self.operations, {})
        partitions = self.metadata.partition_graphs
        ops = {node.name: node.op for partition in partitions for node in partition.node}
        steps = runtime.steps_of_stats(self.metadata.step_stats, ops)
        known = specs_of(built) | {spec.name: spec for step in steps for spec in step.outputs}
        executed = runtime.executed_graph(partitions, known)
        stats = self.metadata.step_stats
        steps, unclaimed = claims.joined(
            runtime.with_untimed(steps, executed),
            kernels.of_stats(stats, runtime.zero_of(stats)),
        )
        return Run(
            "graph",
            self.calls.name,
            self.call,
            self.feeds,
            self.fetches,
            built,
            executed,
            steps,
            "runtime",
            self.wall_us,
            self.calls.source,
            self.step,
            unclaimed=unclaimed,
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
    mark: int  # its number in the profile
    feeds: tuple[TensorSpec, ...]
    variables: Mapping[str, str]  # see `live.captured_variables`
    device: str  # of its results, by short name
    told: Told  # of the graphs the devices were given
    args: Sequence[Any] = ()  # of a compiled function: what its program is made for
    programs: dict[tuple, Graph] = field(default_factory=dict)  # made so far, for all calls
    start: Start | None = None  # where values are kept

    @property
    def bytes(self) -> int:
        """The memory that it takes, about, but for the graph."""
        own = _bytes_of(self.start) + _bytes(list(self.args))
        return self.told.bytes + len(self.window.events) + own

    @cached_property
    def program(self) -> Graph | None:
        """What XLA made of the function, compiled once more: the runtime keeps its own."""
        return program_of(self.function, self.args, self.device, self.programs)

    @property
    def graph(self) -> tf.Graph:
        """The function's."""
        return self.function.graph

    def source(self) -> Any:
        """What the engine is given to execute the call again."""
        return self.function

    def metadata_of(self, which: tuple) -> Any:
        """RunMetadata of the graphs that the runtime told of, if this is the call that is meant."""
        if which != _which(self):
            return None
        return tf.compat.v1.RunMetadata(partition_graphs=self.told.partitions)

    def config_of(self, which: tuple) -> Any:
        """None: a function has the process's."""
        return None

    def run(self, built_of: Built) -> Run:
        """Steps are the kernels inside the span of this call."""
        graph = self.graph
        built = built_of(graph, len(graph.get_operations()), self.variables)
        executed = None
        if self.told.partitions:
            executed = runtime.executed_graph(self.told.partitions, specs_of(built))
        name = live.text(self.function.name)
        profile = self.window.spans
        own = profile.call_under(self.mark, name)
        ran = [op for op in profile.ops if op.within(own)] if own else []
        found = claims.in_call(profile.gpu, own) if own else []
        steps, unclaimed = runtime.steps_of_kernels(ran, executed, built, found)
        if executed:
            steps = runtime.with_untimed(steps, executed)
        run = Run(
            "function",
            self.calls.name,
            self.call,
            self.feeds,
            tuple(tensor.name for tensor in graph.outputs),
            built,
            executed,
            runtime.on_host(steps, executed or built),
            "runtime",
            self.wall_us,
            self.calls.source,
            self.step,
            unclaimed=unclaimed,
        )
        if not compiled_by(self.function):
            return run
        inner = [span for span in profile.instructions if span.within(own)] if own else []
        return one_kernel(run, name, self.device, self.program, inner)


@dataclass
class EagerOps:
    """The eager ops of one window."""

    window: Window
    handles: Mapping[int, str]

    graph = None  # there is none, but the one that is made of it

    @property
    def started(self) -> float:
        return self.window.started

    @property
    def bytes(self) -> int:
        """The memory that it takes, about."""
        values = [value for op in self.ops for value in op.values]
        return len(self.window.events) + 1000 * len(self.ops) + _bytes(values)

    @property
    def ops(self) -> list[eager.EagerOp]:
        assert self.window.recorder is not None
        return self.window.recorder.ops

    @cached_property
    def built(self) -> Graph:
        """The recording as a graph, executed just as it was written."""
        return eager.graph_of(self.ops, dict(self.handles))

    @cached_property
    def start(self) -> Start | None:
        """Where the ops began, if values were kept; every op is fetched, so all of them run."""
        recorder = self.window.recorder
        if recorder is None or not recorder.values:
            return None
        names = eager.outside_names(self.ops, self.built)
        nodes = [node for node in self.built.nodes if not eager.is_outside(node)]
        results = {
            spec.name: value
            for record, node in zip(self.ops, nodes, strict=True)
            for spec, value in zip(node.outputs, record.values, strict=True)
            if value is not None
        }
        given = {names[key] + ":0": value for key, value in recorder.given.items()}
        behind = {key for key in names if key not in recorder.dtypes}
        return Start(
            given | self._taken(nodes, behind),
            {names[key]: value for key, value in recorder.state.items() if key in names},
            results,
            (*results, *(node.name for node in nodes if not node.outputs)),
            handles={
                **{names[key]: key for key in recorder.dtypes if key in names},
                **{
                    node.name: record.outputs[0].id
                    for record, node in zip(self.ops, nodes, strict=True)
                    if record.op == "VarHandleOp"
                },
            },
        )

    def _taken(self, nodes: Sequence[Node], before: Container[int]) -> dict[str, Any]:
        """What was taken from what was there before, by tensor: an iterator has gone on since, and
        gives no element a second time."""
        return {
            spec.name: value
            for record, node in zip(self.ops, nodes, strict=True)
            if any(each.dtype == "resource" and each.id in before for each in record.inputs)
            and not any(value is None for value in record.values)
            for spec, value in zip(node.outputs, record.values, strict=True)
        }

    def source(self) -> Any:
        """What the engine is given to execute the ops again."""
        assert self.window.recorder is not None
        names = eager.outside_names(self.ops, self.built)
        dtypes = self.window.recorder.dtypes
        return graph_def_of(
            self.ops, self.built, {names[key]: d for key, d in dtypes.items() if key in names}
        )

    def metadata_of(self, which: tuple) -> Any:
        """None: nobody tells."""
        return None

    config_of = metadata_of  # eager ops are run one by one, as they come

    def run(self, built_of: Built) -> Run:
        """Every op that Python dispatched, timed by the profiler."""
        spans = self.window.spans
        dispatched = spans.dispatched
        mine, unclaimed = claims.by_dispatch(dispatched, spans.gpu)
        zero = claims.zero_of(dispatched[:1], spans.gpu)
        steps, others = eager.steps_of(self.ops, self.built, dispatched, mine, zero)
        nobodys = [*(kernels.since(kernel, zero) for kernel in unclaimed), *others]
        return Run(
            "eager",
            "step" if self.window.step else "eager ops",
            self.window.step or 1,
            (),
            (),
            self.built,
            self.built,
            steps,
            "runtime" if self.window.events else "python",
            self.window.wall_us,
            next((op.source for op in self.ops if op.source), None),
            self.window.step,
            unclaimed=tuple(sorted(nobodys, key=lambda kernel: kernel.start_us)),
        )


Recording = SessionCall | FunctionCall | EagerOps


def _bytes_of(start: Start | None) -> int:
    if start is None:
        return 0
    return _bytes([*start.feeds.values(), *start.state.values(), *start.results.values()])


def _bytes(values: list[Any]) -> int:
    """Of arrays and tensors; what a text takes is left out."""
    return sum(_size(value) for value in values)


def _size(value: Any) -> int:
    if isinstance(value, np.ndarray | np.generic):
        return value.nbytes
    if isinstance(value, tuple):
        return sum(map(_size, value))
    if not isinstance(value, tf.Tensor) or value.shape.rank is None:
        return 0
    return (value.shape.num_elements() or 0) * value.dtype.size


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

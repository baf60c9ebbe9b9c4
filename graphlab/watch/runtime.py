"""What the runtime says of an execution -> Steps, and the graph that was executed.

Two witnesses: the StepStats of a session's full trace, and the profile, in which the kernels of
`tf.function`s and eager ops are seen too.
"""

from __future__ import annotations

import bisect
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import networkx as nx

from graphlab.devices import short
from graphlab.model import Graph, Node, Step, TensorSpec
from graphlab.sources import proto


@dataclass(frozen=True, slots=True)
class Span:
    """A named stretch of time on a thread, in µs of the profile's clock."""

    name: str
    start_us: float
    end_us: float
    thread: str
    op: str = ""
    lane: int = 0  # of a profile: its number of the thread, as names are shared

    def overlaps(self, other: Span) -> bool:
        """Whether there is an instant that both have."""
        return self.start_us < other.end_us and other.start_us < self.end_us

    def within(self, other: Span) -> bool:
        """Whether the other lasts as long and longer."""
        return other.start_us <= self.start_us and self.end_us <= other.end_us


MARK = "graphlab call"  # what `Windows` writes into the profile around a call that is recorded
HERE = 0  # the number of the mark that says which thread is watched


@dataclass(frozen=True, slots=True)
class Profile:
    """The spans of one recording, each kind in the order in which it started."""

    eager: tuple[Span, ...]  # single ops, by op type
    calls: tuple[Span, ...]  # function calls, by the function's name
    kernels: tuple[Span, ...]  # node by node, inside function calls
    marks: Mapping[int, Span] = field(default_factory=dict)  # see `MARK`

    @property
    def dispatched(self) -> list[Span]:
        """The eager ops and calls of the thread that is watched."""
        here = self.marks.get(HERE)
        spans = [span for span in self.eager + self.calls if here and span.lane == here.lane]
        return sorted(spans, key=lambda span: span.start_us)

    def kernels_of(self, mark: int, function: str) -> list[Span]:
        """The kernels of the call of a function that was made under a mark.

        There are none where another thread called one meanwhile: nothing tells whose they are.
        """
        marked = self.marks.get(mark)
        if marked is None:
            return []
        meanwhile = [call for call in self.calls if call.overlaps(marked)]
        own = next((c for c in meanwhile if c.name == function and c.lane == marked.lane), None)
        if own is None or any(call.overlaps(own) and call.lane != own.lane for call in meanwhile):
            return []
        return [kernel for kernel in self.kernels if kernel.within(own)]


def profile_of(trace: Any) -> Profile:
    """Sort the recorder's raw events by kind."""
    threads = {
        (device, resource.resource_id): resource.name
        for device, entry in trace.devices.items()
        for resource in entry.resources.values()
    }
    eager: list[Span] = []
    calls: list[Span] = []
    kernels: list[Span] = []
    dispatches: list[Span] = []
    marks: dict[int, Span] = {}
    for event in trace.trace_events:
        start = event.timestamp_ps / 1e6
        thread = threads.get((event.device_id, event.resource_id), "")
        end = start + event.duration_ps / 1e6
        span = Span(event.name, start, end, thread, lane=event.resource_id)
        if event.name == MARK:
            marks[int(event.args["number"])] = span
        elif event.name == "EagerExecute":
            span = replace(span, name=event.args["eager_op"])
            (calls if event.args["is_func"] == "1" else dispatches).append(span)
        elif event.name == "KernelAndDeviceFunc::Run":
            eager.append(span)
        elif "long_name" in event.args:
            name, _, op = event.args["long_name"].rpartition(":")
            kernels.append(replace(span, name=name, op=op))
    return Profile(_dispatched(eager, dispatches), _ordered(calls), _ordered(kernels), marks)


def _ordered(spans: Iterable[Span]) -> tuple[Span, ...]:
    return tuple(sorted(spans, key=lambda span: span.start_us))


def _dispatched(kernels: Sequence[Span], dispatches: Sequence[Span]) -> tuple[Span, ...]:
    """Each eager op as long as its kernel ran: dispatch is Python's and the runtime's business."""
    by_lane: dict[int, list[Span]] = {}
    for kernel in _ordered(kernels):
        by_lane.setdefault(kernel.lane, []).append(kernel)
    starts = {lane: [span.start_us for span in spans] for lane, spans in by_lane.items()}
    result = []
    for dispatch in _ordered(dispatches):
        found = by_lane.get(dispatch.lane, [])
        index = bisect.bisect_left(starts.get(dispatch.lane, []), dispatch.start_us)
        if index < len(found) and found[index].end_us <= dispatch.end_us:
            result.append(replace(found[index], name=dispatch.name))
        else:
            result.append(dispatch)
    return tuple(result)


def executed_graph(partitions: Iterable[Any], known: Mapping[str, TensorSpec]) -> Graph:
    """The graphs that the devices were given, as one, with what is known of their tensors."""
    return proto.from_node_defs([n for p in partitions for n in p.node], known)


def steps_of_stats(step_stats: Any, ops: Mapping[str, str]) -> tuple[Step, ...]:
    """A session's StepStats as Steps in the order in which the ops started.

    `ops` gives a node's op from the executed graph. Times are in µs from the first op on; a
    node that ran n times (a loop) has the iteration in `frame`, counted from 0.
    """
    found = []
    for device in step_stats.dev_stats:
        if "/stream:" in device.device:
            continue  # a GPU's streams say again what the device's own entry says
        for stats in device.node_stats:
            if stats.node_name.startswith("_SO") or stats.node_name.startswith("_SI"):
                continue  # _SOURCE and _SINK: the executor's own ends of the graph
            if stats.node_name == "RecvTensor" or stats.node_name.startswith("RecvTensor "):
                continue  # a server's note of what it sent for; the _Recv is in the graph
            base = stats.all_start_nanos or stats.all_start_micros * 1000
            start = base + stats.op_start_rel_nanos
            end = base + stats.op_end_rel_nanos
            op = ops.get(stats.node_name) or _op_of_label(stats.timeline_label)
            timed = op not in ("_Send", "_Recv") or end > start
            found.append((start, end, timed, op, short(device.device), stats))
    found.sort(key=lambda item: item[0])
    zero = found[0][0] if found else 0
    steps = [
        Step(
            stats.node_name,
            op,
            device,
            round((start - zero) / 1000, 3) if timed else None,
            round((end - zero) / 1000, 3) if timed else None,
            tuple(_output(stats.node_name, output) for output in stats.output),
            sum(o.tensor_description.allocation_description.requested_bytes for o in stats.output),
            str(stats.thread_id) if stats.thread_id else "",
        )
        for start, end, timed, op, device, stats in found
    ]
    return tuple(number_iterations(steps))


def _op_of_label(label: str) -> str:
    """`"y = MatMul(x, W)"` is a MatMul; a label that says no op gives none."""
    return label.partition(" = ")[2].partition("(")[0]


def _output(node: str, output: Any) -> TensorSpec:
    description = output.tensor_description
    return TensorSpec(
        f"{node}:{output.slot}",
        proto.dtype_name(description.dtype),
        proto.shape_of(description.shape),
    )


def steps_of_kernels(
    spans: Iterable[Span], executed: Graph | None, built: Graph | None
) -> tuple[Step, ...]:
    """The kernels inside one function call as Steps.

    Device and outputs come from the executed graph, or from the built one where the runtime
    did not hand out the executed graph.
    """
    spans = list(spans)
    zero = spans[0].start_us if spans else 0.0
    steps = []
    for span in spans:
        node: Node | None = None
        for graph in (executed, built):
            if node is None and graph is not None:
                node = graph.by_name.get(span.name)
        steps.append(
            Step(
                span.name,
                span.op,
                node.device if node else "",
                round(span.start_us - zero, 3),
                round(span.end_us - zero, 3),
                node.outputs if node else (),
                None,
                span.thread,
            )
        )
    return tuple(number_iterations(steps))


def number_iterations(steps: Sequence[Step]) -> list[Step]:
    """Say in `frame` which time it was, for nodes that ran more than once."""
    total: dict[str, int] = {}
    for step in steps:
        total[step.node] = total.get(step.node, 0) + 1
    seen: dict[str, int] = {}
    result = []
    for step in steps:
        if total[step.node] > 1:
            seen[step.node] = seen.get(step.node, -1) + 1
            step = replace(step, frame=str(seen[step.node]))
        result.append(step)
    return result


def with_untimed(steps: Sequence[Step], executed: Graph) -> tuple[Step, ...]:
    """Add the nodes that ran although nobody timed them: transfers, constants, arguments.

    A device runs every node of the graph it was given, so what neither stats nor profile
    mention ran too; only a `Switch` can leave nodes dead, and then no node is added but the
    transfers. An added step stands behind all its inputs, or before its first consumer.
    """
    seen = {step.node for step in steps}
    certain = not any(node.op in _MAY_KILL for node in executed.nodes)
    missing = {
        node.name
        for node in executed.nodes
        if node.name not in seen and (certain or node.op in _TRANSFERS)
    }
    graph = executed.networkx()
    at: dict[str, float] = {}
    for index, step in enumerate(steps):
        at.setdefault(step.node, index)
    order = _order(graph)
    for name in order:
        if name in missing:
            inputs = [at[n] for n in graph.predecessors(name) if n in at]
            if inputs:
                at[name] = max(inputs)
    for name in reversed(order):
        if name in missing and name not in at:
            at[name] = min((at[n] for n in graph.successors(name) if n in at), default=0) - 0.5
    added = [executed[name] for name in order if name in missing]
    placed = [(float(index), 0, step) for index, step in enumerate(steps)]
    placed += [
        (at[node.name], number, Step(node.name, node.op, node.device, outputs=node.outputs))
        for number, node in enumerate(added, 1)
    ]
    return tuple(step for _, _, step in sorted(placed, key=lambda item: item[:2]))


_TRANSFERS = ("_Send", "_Recv", "_HostSend", "_HostRecv")
_MAY_KILL = ("Switch", "_SwitchN", "RefSwitch")


def _order(graph: nx.MultiDiGraph) -> list[str]:
    """Every node behind its inputs; in a graph with loops, as it stands."""
    if nx.is_directed_acyclic_graph(graph):
        return list(nx.topological_sort(graph))
    return list(graph)

"""What the runtime says of an execution -> Steps, and the graph that was executed.

Two witnesses: the StepStats of a session's full trace, and the profile, in which the ops of
`tf.function`s and eager ops are seen too.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import networkx as nx

from graphlab import _private
from graphlab.devices import is_gpu, short
from graphlab.model import Graph, Kernel, Node, Step, TensorSpec
from graphlab.sources import ops, proto
from graphlab.watch import claims, kernels
from graphlab.watch.profile import Span


def executed_graph(partitions: Iterable[Any], known: Mapping[str, TensorSpec]) -> Graph:
    """The graphs that the devices were given, as one, with what is known of their tensors."""
    return proto.from_node_defs([n for p in partitions for n in p.node], known)


def steps_of_stats(step_stats: Any, ops: Mapping[str, str]) -> tuple[Step, ...]:
    """A session's StepStats as Steps in the order in which the ops started, on the host.

    `ops` gives a node's op from the executed graph. Times are in µs from `zero_of` on; a
    node that ran n times (a loop) has the iteration in `frame`, counted from 0. An op of a GPU
    has the times of its launch; what the GPU did is in `kernels.of_stats`.
    """
    zero = zero_of(step_stats)
    found = []
    for device, stats in _entries(step_stats):
        start, end = _nanos(stats, stats.op_start_rel_nanos), _nanos(stats, stats.op_end_rel_nanos)
        op = ops.get(stats.node_name) or _op_of_label(stats.timeline_label)
        timed = op not in ("_Send", "_Recv") or end > start
        found.append((start, end, timed, op, short(device), stats))
    found.sort(key=lambda item: item[0])
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
            on_host=is_gpu(device) and _on_host(stats),
        )
        for start, end, timed, op, device, stats in found
    ]
    return tuple(number_iterations(steps))


def zero_of(step_stats: Any) -> int:
    """When the first op of a session's StepStats started, in ns of the system's clock."""
    starts = (_nanos(s, s.op_start_rel_nanos) for _, s in _entries(step_stats))
    return min(starts, default=0)


def _entries(step_stats: Any) -> Iterator[tuple[str, Any]]:
    """What each device says of each of its nodes."""
    for device in step_stats.dev_stats:
        if kernels.is_stream(device.device):
            continue
        for stats in device.node_stats:
            if stats.node_name.startswith("_SO") or stats.node_name.startswith("_SI"):
                continue  # _SOURCE and _SINK: the executor's own ends of the graph
            if stats.node_name == "RecvTensor" or stats.node_name.startswith("RecvTensor "):
                continue  # a server's note of what it sent for; the _Recv is in the graph
            yield device.device, stats


def _nanos(stats: Any, after: int) -> int:
    return (stats.all_start_nanos or stats.all_start_micros * 1000) + after


def _on_host(stats: Any) -> bool:
    """Whether all that an op gave was put into the host's memory, by the allocators' names."""
    names = [o.tensor_description.allocation_description.allocator_name for o in stats.output]
    return bool(names) and all("cpu" in name or "host" in name for name in names)


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
    spans: Iterable[Span],
    executed: Graph | None,
    built: Graph | None,
    found: Sequence[kernels.Found] = (),
) -> tuple[tuple[Step, ...], tuple[Kernel, ...]]:
    """The ops inside one function call as Steps, and what a GPU did for none of them.

    `spans` are those that the host ran, `found` is what a GPU did meanwhile. Device and outputs
    come from the executed graph, or from the built one where the runtime did not hand out the
    executed graph.
    """
    ran, unclaimed = claims.by_span(spans, found)
    zero = claims.zero_of((span for span, _ in ran), found)
    steps = []
    for span, mine in ran:
        node: Node | None = None
        for graph in (executed, built):
            if node is None and graph is not None:
                node = graph.by_name.get(span.name)
        step = Step(
            span.name,
            span.op,
            node.device if node else mine[0].device if mine else "",
            round(span.start_us - zero, 3),
            round(span.end_us - zero, 3),
            node.outputs if node else (),
            None,
            span.thread,
        )
        steps.append(claims.with_kernels(step, (kernels.since(k, zero) for k in mine)))
    return tuple(number_iterations(steps)), tuple(kernels.since(k, zero) for k in unclaimed)


def on_host(steps: Iterable[Step], graph: Graph) -> tuple[Step, ...]:
    """The steps of a function, saying which of a GPU's ops ran on the host.

    The profile does not tell: the kernel that TensorFlow has registered for such a node does.
    """
    return tuple(
        replace(step, on_host=True)
        if is_gpu(step.device)
        and not step.kernels
        and (node := graph.by_name.get(step.node)) is not None
        and _gives_to_host(node)
        else step
        for step in steps
    )


def _gives_to_host(node: Node) -> bool:
    """Whether TensorFlow's kernel for it on a GPU puts all that it gives into the host's memory."""
    definition = ops.definition(node.op)
    outputs = {output.name for output in definition.outputs} if definition else set()
    on_host = _private.host_memory(node.op, "GPU", node.attrs)
    return bool(outputs) and on_host is not None and outputs <= on_host


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

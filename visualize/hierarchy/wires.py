"""What flows in a graph, wire by wire, in columns: the form in which a million are handled."""

from __future__ import annotations

from array import array
from collections.abc import Mapping
from dataclasses import dataclass

from graphlab.model import Graph, Shape, TensorSpec, node_of
from visualize.hierarchy.order import LOOP_BACK

CONTROL, BACK = 1, 2  # flags of a wire


@dataclass(frozen=True, slots=True)
class Wires:
    """Columns: wire k goes from node `tail[k]` to node `head[k]`, both drawn (no icons)."""

    tail: tuple[int, ...] = ()
    head: tuple[int, ...] = ()
    spec: tuple[int, ...] = ()  # a number of Hierarchy.specs; -1 for a control input


NO_WIRES = Wires()
UNKNOWN = TensorSpec("", "")  # what nobody says anything about


@dataclass(frozen=True, slots=True)
class Found:
    """All wires of a graph in creation order, to be bundled."""

    tail: array
    head: array
    spec: array
    tensor: array  # one number for each tensor, and for each control input
    flags: array
    specs: tuple[tuple[str, Shape], ...]

    @property
    def ends(self) -> tuple[array, array]:
        return self.tail, self.head


def wires(
    graph: Graph, hosts: Mapping[int, int], known: Mapping[str, TensorSpec] | None = None
) -> Found:
    """Every wire of a graph, those of icons at their host. What an icon takes for itself is none.

    An input that no node gives is left out. `known` says more of tensors than the graph does,
    by name: the shapes of a run.
    """
    known = known or {}
    index = {node.name: i for i, node in enumerate(graph.nodes)}
    tail, head, spec, tensor, flags = (array("q") for _ in range(5))
    specs: dict[tuple[str, Shape], int] = {}
    numbers: dict[str, int] = {}
    nodes = graph.nodes
    given = {told.name: told for node in nodes for told in node.outputs}

    def spec_of(name: str) -> int:
        told = known.get(name) or given.get(name) or given.get(f"{name}:0") or UNKNOWN
        return specs.setdefault((told.dtype, told.shape), len(specs))

    def add(source: int, end: int, flows: int, number: int, flag: int) -> None:
        tail.append(source)
        head.append(end)
        spec.append(flows)
        tensor.append(number)
        flags.append(flag)

    for i, node in enumerate(nodes):
        end = hosts.get(i, i)
        for name in node.inputs:
            source = index.get(node_of(name))
            if source is None or hosts.get(source, source) == end != source:
                continue
            # What an embedded read takes is a handle; what flows along the edge is what it gives.
            read = end != i and node.outputs
            flows = spec_of(node.outputs[0].name if read else name)
            number = numbers.setdefault(name, len(numbers))
            flag = BACK if nodes[source].op in LOOP_BACK else 0
            add(hosts.get(source, source), end, flows, number, flag)
        for name in node.controls:
            source = index.get(name)
            if source is not None:
                number = numbers.setdefault(f"^{name}>{node.name}", len(numbers))
                add(hosts.get(source, source), end, -1, number, CONTROL)
    return Found(tail, head, spec, tensor, flags, tuple(specs))

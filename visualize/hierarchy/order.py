"""In which order ops are executed, and which earlier op gave what they take.

>>> from graphlab.model import Node, TensorSpec
>>> y = Node("y", "Relu", ("x:0",), outputs=(TensorSpec("y:0", "float32"),))
>>> x = Node("x", "Placeholder", outputs=(TensorSpec("x:0", "float32"),))
>>> [(event.node.name, event.takes) for event in events(Graph((y, x)))]
[('x', ()), ('y', (0,))]
"""

from __future__ import annotations

import heapq
from dataclasses import dataclass

from graphlab.model import Graph, Node, Run, Step, node_of

LOOP_BACK = frozenset({"NextIteration", "RefNextIteration"})


@dataclass(frozen=True, slots=True)
class Event:
    """An op executed once, or to be. Tensors are numbered over the whole order."""

    node: Node
    step: Step | None
    takes: tuple[int, ...]  # the numbers of the tensors it takes, each once
    gives: tuple[int, ...]  # the numbers of the tensors it gives


def events(what: Graph | Run) -> list[Event]:
    """A Run's steps as they started; a Graph's nodes in an order in which they can run.

    A step whose node is in no graph of the run takes nothing that is known.
    """
    if isinstance(what, Graph):
        return _numbered([(what.nodes[i], None) for i in execution_order(what)])
    graphs = [graph for graph in (what.executed, what.built) if graph is not None]
    pairs: list[tuple[Node, Step | None]] = []
    for step in what.steps:
        node = next((g[step.node] for g in graphs if step.node in g.by_name), None)
        pairs.append((node or Node(step.node, step.op, outputs=step.outputs), step))
    return _numbered(pairs)


def _numbered(pairs: list[tuple[Node, Step | None]]) -> list[Event]:
    latest: dict[str, int] = {}  # in a loop a tensor is made again: the latest one is taken
    count = 0
    result = []
    for node, step in pairs:
        takes = tuple(dict.fromkeys(latest[name] for name in node.inputs if name in latest))
        specs = node.outputs or (step.outputs if step else ())
        gives = tuple(range(count, count + len(specs)))
        count += len(specs)
        latest.update(zip((spec.name for spec in specs), gives, strict=True))
        result.append(Event(node, step, takes, gives))
    return result


def execution_order(graph: Graph) -> list[int]:
    """Indexes of nodes, each after all that it needs, otherwise in creation order.

    A loop's way back is no need. What is left in any other cycle comes last, as created.
    """
    index = {node.name: i for i, node in enumerate(graph.nodes)}
    needs: list[set[int]] = []
    users: list[list[int]] = [[] for _ in graph.nodes]
    for i, node in enumerate(graph.nodes):
        sources = {index[node_of(tensor)] for tensor in node.inputs}
        sources |= {index[control] for control in node.controls}
        needs.append({j for j in sources if graph.nodes[j].op not in LOOP_BACK})
        for j in needs[i]:
            users[j].append(i)
    ready = [i for i, need in enumerate(needs) if not need]
    order: list[int] = []
    while ready:
        i = heapq.heappop(ready)
        order.append(i)
        for user in users[i]:
            needs[user].discard(i)
            if not needs[user]:
                heapq.heappush(ready, user)
    done = set(order)
    return order + [i for i in range(len(graph.nodes)) if i not in done]

"""Which ops ran as one kernel, said on the ops as they were written.

Grappler's remapper puts a MatMul, its BiasAdd and its Relu into one op `_FusedMatMul` that has the
name of the last of them. What the runtime timed is that op: without a word on the others, the
Relu's time would look like its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from graphlab.model import Graph, Run
from graphlab.stages.verdict import FUSED
from graphlab.stages.whole import verdicts

BY = "remapper"  # the pass of Grappler that makes all ops of such types
MADE = "_Fused"


def fusions(run: Run) -> Mapping[str, str]:
    """For each built op that ran as part of one fused kernel, what is said of it, by name.

    `"fused into y by remapper"` of those that are in it, `"_FusedMatMul of 3 ops by remapper"` of
    the one that it is named after, where its time stands.
    """
    if run.built is None or run.executed is None:
        return {}
    into: dict[str, list[str]] = {}
    for name, verdict in verdicts(run).items():
        if verdict.kind == FUSED and _made(run.executed, verdict.other):
            into.setdefault(verdict.other, []).append(name)
    said: dict[str, str] = {}
    for kernel, names in into.items():
        said |= dict.fromkeys(names, f"{FUSED} {kernel} by {BY}")
        if kernel in run.built.by_name:
            several = len({*names, kernel})
            said[kernel] = f"{run.executed[kernel].op} of {several} ops by {BY}"
    return said


def _made(executed: Graph, name: str) -> bool:
    return name in executed.by_name and executed[name].op.startswith(MADE)


def with_fusions(graph: Graph, run: Run | None) -> Graph:
    """The graph that a run built, each op of a fused kernel marked with what became of it.

    Any other graph is given back as it is.
    """
    said = fusions(run) if run is not None and graph is run.built else {}
    if not said:
        return graph
    nodes = (
        replace(node, marks=replace(node.marks, became=said[node.name]))
        if node.name in said
        else node
        for node in graph.nodes
    )
    return Graph(tuple(nodes), graph.functions)

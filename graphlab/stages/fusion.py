"""Which ops ran as one kernel, said on the ops as they were written.

Grappler's remapper puts a MatMul, its BiasAdd and its Relu into one op `_FusedMatMul` that has the
name of the last of them; where oneDNN computes, a later pass calls that `_MklNativeFusedMatMul`.
What the runtime timed is that op: without a word on the others, the Relu's time would look like its
own. Pictures, pages, texts and the stepper have their words here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from graphlab.model import Graph, Run
from graphlab.stages import alike
from graphlab.stages.inside import inside
from graphlab.stages.verdict import FUSED
from graphlab.stages.whole import verdicts

# By how the type of an op begins, the pass of Grappler that makes such of several.
MAKERS = {"Fused": "remapper", "SquaredDifference": "arithmetic optimizer"}


def fusions(run: Run) -> Mapping[str, str]:
    """For each op that ran as part of one fused kernel, what is said of it, by name.

    `"fused into y by remapper"` of those that are in it, `"_FusedMatMul of 3 ops by remapper"` of
    the one that it is named after, where its time stands. An op in the body of a call has its path
    for a name: `"call/op"`.
    """
    if run.built is None or run.executed is None:
        return {}
    into: dict[str, list[str]] = {}
    after: dict[str, str] = {}  # by kernel, the op that it is named after
    for name, verdict in {**inside(run), **verdicts(run)}.items():
        if verdict.kind == FUSED and _maker(run.executed, verdict.other):
            into.setdefault(verdict.other, []).append(name)
        elif verdict.lives and verdict.other:
            after.setdefault(verdict.other, name)
    said: dict[str, str] = {}
    for kernel, names in into.items():
        by = _maker(run.executed, kernel)
        said |= dict.fromkeys(names, f"{FUSED} {kernel} by {by}")
        own = [after[kernel]] if kernel in after else []
        words = f"{run.executed[kernel].op} of {len(names) + len(own)} ops by {by}"
        said |= dict.fromkeys([kernel, *own], words)
    return said


def _maker(executed: Graph, name: str) -> str:
    """The pass that makes ops of this one's type of several; "" where none does."""
    op = alike.kernel(executed[name].op) if name in executed.by_name else ""
    return next((by for made, by in MAKERS.items() if op.startswith(made)), "")


def with_fusions(graph: Graph, run: Run | None) -> Graph:
    """The graph that a run built or executed, each op of a fused kernel marked with what is said;
    of the kernel itself `"3 ops by remapper"`, beside its type.

    Any other graph is given back as it is.
    """
    own = run is not None and (graph is run.built or graph is run.executed)
    said = fusions(run) if run is not None and own else {}
    if not said:
        return graph
    nodes = (
        replace(node, marks=replace(node.marks, became=_beside(node.op, said[node.name])))
        if node.name in said
        else node
        for node in graph.nodes
    )
    return Graph(tuple(nodes), graph.functions)


def _beside(op: str, words: str) -> str:
    """What is said next to an op's type: a kernel in the graph as executed has its own there."""
    return words.removeprefix(f"{op} of ")


def run_with_fusions(run: Run) -> Run:
    """A run whose executed graph has such marks, for a view of its steps."""
    if run.executed is None:
        return run
    marked = with_fusions(run.executed, run)
    return run if marked is run.executed else replace(run, executed=marked)

"""From any stage to any later one: the verdicts of all steps in between, and both in one graph."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import pairwise

from graphlab.errors import GraphlabError
from graphlab.model import Graph, Node, TensorSpec
from graphlab.stages import verdict as v
from graphlab.stages.verdict import Stage, Verdict

KEPT, GONE, NEW, CHANGED = "kept", "gone", "new", "changed"  # as marks.verdict has it


def find(stages: Sequence[Stage], name: str) -> int:
    """Where a stage stands. GraphlabError where there is none of that name."""
    names = [stage.name for stage in stages]
    if name not in names:
        raise GraphlabError(f"stage {name!r} does not exist; there are {', '.join(names)}")
    return names.index(name)


def between(stages: Sequence[Stage], first: str, last: str) -> dict[str, Verdict]:
    """What becomes of each op of one stage in a later one.

    An op that met with several things is told by what counts most: that it was not needed in
    the end, then that it was folded, then fused, then whatever came first. GraphlabError where
    a stage does not exist, or the second comes before the first.
    """
    start, end = find(stages, first), find(stages, last)
    if end < start:
        raise GraphlabError(f"stage {last} comes before {first}; name them the other way round")
    return {
        node.name: _followed(node, stages[start : end + 1]) for node in stages[start].graph.nodes
    }


def _followed(node: Node, stages: Sequence[Stage]) -> Verdict:
    told = Verdict(v.STAYS, node.name, v.BY_NAME)
    here = node.name
    for stage, following in pairwise(stages):
        verdict = stage.verdicts.get(here)
        if verdict is None:
            break
        if verdict.kind == v.MOVED:
            continue  # where it runs says nothing of what it became
        how = f"{verdict.how}, in {following.name}" if verdict.kind != v.STAYS else told.how
        if not verdict.lives:
            return Verdict(verdict.kind, "", how)
        here = verdict.other or here
        if verdict.kind in (v.FOLDED, v.FUSED) or told.kind == v.STAYS:
            kind = verdict.kind if told.kind != v.FOLDED else told.kind
            told = Verdict(kind, here, how, verdict.op or told.op)
        else:
            told = replace(told, other=here, op=verdict.op or told.op)
    return told


def diff(before: Stage, after: Stage, verdicts: Mapping[str, Verdict] | None = None) -> Graph:
    """Both stages in one graph; each node says in `marks.verdict` what it is.

    `"kept"`, `"gone"`, `"new"` or `"changed"` (op, inputs, waiting or device), and in
    `marks.became` what happened to it, as `verdicts` has it (by default those of `before`).
    """
    verdicts = before.verdicts if verdicts is None else verdicts
    nodes = []
    for node in before.graph.nodes:
        now = after.graph.by_name.get(node.name)
        mark = GONE if now is None else CHANGED if _differs(node, now) else KEPT
        became = verdicts.get(node.name)
        told = ""
        if became is not None and (mark == GONE or became.kind != v.STAYS):
            told = became.text()
        outputs = _outputs(node, now)
        kept = now or node
        marks = replace(kept.marks, verdict=mark, became=told)
        nodes.append(replace(kept, marks=marks, outputs=outputs))
    for node in after.graph.nodes:
        if node.name not in before.graph.by_name:
            nodes.append(replace(node, marks=replace(node.marks, verdict=NEW)))
    return Graph(tuple(nodes), {**before.graph.functions, **after.graph.functions})


def _outputs(node: Node, now: Node | None) -> tuple[TensorSpec, ...]:
    """All outputs that either stage has: a consumer that is gone may have taken one."""
    if now is None:
        return node.outputs
    return now.outputs + node.outputs[len(now.outputs) :]


def _differs(node: Node, now: Node) -> bool:
    return (node.op, node.inputs, node.controls) != (now.op, now.inputs, now.controls) or bool(
        node.device and node.device != now.device
    )

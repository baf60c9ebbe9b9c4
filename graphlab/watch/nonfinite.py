"""The first bad number of an execution: where NaN or Inf came up, out of what, and how far it got.

bad = first_bad(run.steps, run.built)
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from graphlab.agreement import wide
from graphlab.errors import GraphlabError
from graphlab.model import Graph, Source, Step, body_at, node_of

if TYPE_CHECKING:  # a replay needs TensorFlow; a Run from a file does not
    from graphlab.watch.replay import Replay


@dataclass(frozen=True, slots=True)
class Summary:
    """What is to be said of a tensor's numbers in one line."""

    tensor: str
    dtype: str
    shape: tuple[int, ...]
    least: float | None = None  # of the finite numbers; None where there is none
    most: float | None = None
    mean: float | None = None
    nans: int = 0
    infs: int = 0
    zeros: int = 0

    def text(self) -> str:
        """`"x:0 [2, 3] float32, from -1 to 4, mean 0.5, 1 NaN"`."""
        said = [f"{self.tensor} [{', '.join(map(str, self.shape))}] {self.dtype}"]
        if self.least is not None and self.least == self.most:
            said.append(f"all {self.least:.4g}" if self.shape else f"{self.least:.4g}")
        elif self.least is not None:
            said.append(f"from {self.least:.4g} to {self.most:.4g}, mean {self.mean:.4g}")
        counts = [(self.nans, "NaN"), (self.infs, "Inf")]
        if self.shape:
            counts.append((self.zeros, "zero" if self.zeros == 1 else "zeros"))
        return ", ".join(said + [f"{count} {what}" for count, what in counts if count])


@dataclass(frozen=True, slots=True)
class Bad:
    """The first op that gave a NaN or an Inf."""

    node: str
    op: str
    source: Source | None
    tensor: str
    what: str  # "NaN" or "Inf"; NaN where there are both
    inputs: tuple[Summary, ...]  # what went in, as far as the values were recorded
    output: Summary
    downstream: tuple[str, ...]  # the ops that depend on it, nearest first
    step: int  # which step of the run, from 0
    frame: str = ""
    compiled_by: str = ""  # what alone gave it: op by op, every number of the call is finite
    refused: str = ""  # why the call cannot be executed again, so that only its results are known


def first_bad(steps: Iterable[Step], graph: Graph) -> Bad | None:
    """The first step with a NaN or Inf among its values; None where all numbers are finite.

    Steps without values, and values that are no floating-point numbers, say nothing.
    """
    values: dict[tuple[str, str], Any] = {}  # by frame and tensor: the same name is in many
    for index, step in enumerate(steps):
        for tensor, value in (step.values or {}).items():
            values[step.frame, tensor] = value
            output = summary(tensor, value)
            if output is None or not (output.nans or output.infs):
                continue
            body = body_at(graph, step.frame)
            node = body.by_name.get(step.node) if body is not None else None
            names = node.inputs if node else ()
            given = getattr(
                steps, "inputs", {name: values.get((step.frame, name)) for name in names}
            )
            taken = [summary(name, given[name]) for name in given]
            return Bad(
                step.node,
                step.op,
                node.source if node else None,
                tensor,
                "NaN" if output.nans else "Inf",
                tuple(found for found in taken if found is not None),
                output,
                _downstream(graph, step.frame, step.node),
                index,
                step.frame,
            )
    return None


def first_bad_call(replays: Iterable[Replay]) -> tuple[Replay, Bad] | None:
    """The first of the recorded calls that, replayed op by op, gives a NaN or an Inf; or that did
    so when it was made, compiled, and does not op by op.

    What came up inside of a function that was called among eager ops is told by the call of that
    function where it was recorded too: it knows the lines. Of a call that cannot be replayed only
    the results are looked at; GraphlabError where these and all else are finite.
    """
    outside: tuple[Replay, Bad] | None = None
    unknown: GraphlabError | None = None
    for replay in replays:
        assert replay.run.built is not None
        if outside is not None and replay.run.way == "eager":
            continue
        try:
            found = first_bad(replay.steps(), replay.run.built)
            if found is None and replay.run.compiled_by:
                found = _first_result(replay)
        except GraphlabError as error:
            unknown = unknown or error
            found = _first_result(replay, str(error))
        if found is None:
            continue
        if replay.run.way != "eager" or not found.frame:
            return replay, found
        outside = replay, found
    if outside is None and unknown is not None:
        raise GraphlabError(
            f"{unknown}; what all calls gave is finite, what is inside is not known"
        )
    return outside


def _first_result(replay: Replay, refused: str = "") -> Bad | None:
    """The first result of a call that is not finite, told by the op that gave it."""
    run = replay.run
    assert run.built is not None
    for tensor, value in replay.start.results.items():
        output = summary(tensor, value)
        if output is None or not (output.nans or output.infs):
            continue
        node = run.built[node_of(tensor)]
        while node.op == "Identity" and node.inputs:  # what Python's `return` made
            node = run.built[node_of(node.inputs[0])]
        what = "NaN" if output.nans else "Inf"
        places = (node.name, node.op, node.source, tensor, what)
        by = "" if refused else run.compiled_by
        return Bad(*places, (), output, (), 0, compiled_by=by, refused=refused)
    return None


def summary(tensor: str, value: Any) -> Summary | None:
    """A tensor's numbers in short; None where the value is not known or is no number."""
    if value is None:
        return None
    try:
        array = np.asarray(value)
    except (TypeError, ValueError, NotImplementedError):
        return None  # a resource or variant has no numbers
    name, array = array.dtype.name, wide(array)
    if array.dtype.kind not in "fciub":
        return None
    shape = tuple(array.shape)
    with np.errstate(all="ignore"):
        numbers = np.abs(array) if array.dtype.kind == "c" else array.astype(np.float64)
    finite = numbers[np.isfinite(numbers)]
    return Summary(
        tensor,
        name,
        shape,
        float(finite.min()) if finite.size else None,
        float(finite.max()) if finite.size else None,
        float(finite.mean()) if finite.size else None,
        int(np.isnan(numbers).sum()),
        int(np.isinf(numbers).sum()),
        int((numbers == 0).sum()),
    )


def _downstream(graph: Graph, frame: str, name: str) -> tuple[str, ...]:
    """Every op that takes what came of this one, in the order of distance: first in its own body,
    then, from call to call outwards, what takes what the call gave."""
    found: dict[str, None] = {}
    parts = frame.split(" > ") if frame else []
    for depth in range(len(parts), -1, -1):
        body = body_at(graph, " > ".join(parts[:depth]))
        if body is not None and name in body.by_name:
            found |= dict.fromkeys(_takers(body, name))
        name = parts[depth - 1].partition(":")[0] if depth else name
    return tuple(found)


def _takers(graph: Graph, name: str) -> Iterable[str]:
    import networkx as nx  # late: a tenth of a second that most commands do not need

    edges = graph.networkx()
    edges.remove_edges_from([e for e in edges.edges(keys=True, data="slot") if e[3] == -1])
    lengths = nx.single_source_shortest_path_length(edges, name)
    return [other for other in lengths if other != name]

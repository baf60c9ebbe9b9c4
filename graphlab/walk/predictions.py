"""Guess before you look: is the op that a learner names the next one, is the value right?

Pure functions: the stepper asks, these judge.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from graphlab.errors import GraphlabError, nearest
from graphlab.model import Graph, Step, TensorSpec, node_of
from graphlab.walk.tensors import whole_names
from visualize.words import HANDLES, shape_text

if TYPE_CHECKING:
    from graphlab.engine.execution import Next

FEW = 8  # a tensor of at most so many elements is asked for by value, a larger one by shape
NEAR = 0.01  # a learner counts in the head: one part in a hundred is right


@dataclass(frozen=True)
class Verdict:
    """What a learner is told of a guess."""

    right: bool
    text: str


@dataclass(frozen=True)
class Moment:
    """What could be known before the op ran."""

    ready: tuple[Next, ...]
    arrived: frozenset[str]  # the tensors that are there
    ran: Sequence[Step]  # the steps so far


def judge_op(guess: str, step: Step, moment: Moment, graph: Graph) -> Verdict:
    """A guess at the next op, by name, the last part of a name, or type. GraphlabError: no op."""
    if _means(guess, step.node, step.op):
        return Verdict(True, f"Right: {step.node} ({step.op}).")
    truth = f"next is {step.node} ({step.op})"
    if any(_means(guess, op.node, op.op) for op in moment.ready):
        return Verdict(
            True,
            f"Right too: it is ready, and TensorFlow's threads may take it first. Here the op that"
            f" was written first goes first: {truth}.",
        )
    bodies = [graph, *graph.functions.values()]
    nodes = [node for body in bodies for node in body.nodes if _means(guess, node.name, node.op)]
    if not nodes:
        names = (node.name for body in bodies for node in body.nodes)
        like = nearest(guess, names)
        raise GraphlabError(f"{guess!r} is no op of this graph; did you mean {whole_names(like)}?")
    for number, before in enumerate(moment.ran, 1):
        if _means(guess, before.node, before.op):
            return Verdict(False, f"No: {before.node} has run already, in step {number}; {truth}.")
    node = nodes[0]
    missing = [name for name in node.inputs if name not in moment.arrived]
    missing += [f"^{name}" for name in node.controls if not _ran(name, moment.ran)]
    waits = f"waits for {', '.join(missing[:3])}" if missing else "is not ready"
    return Verdict(False, f"No: {node.name} {waits}; {truth}.")


def asked_of(step: Step) -> tuple[TensorSpec, str] | None:
    """The output to ask for, and whether its `"value"` or its `"shape"`; None: nothing to ask."""
    for spec in step.outputs:
        if spec.dtype not in HANDLES and spec.shape is not None:
            size = np.prod([d or 0 for d in spec.shape], dtype=np.int64)
            return spec, "value" if 0 < size <= FEW else "shape"
    return None


def judge_shape(guess: str, spec: TensorSpec) -> Verdict:
    """A guess such as `250x10`, `[250, 10]` or `scalar`. GraphlabError: it is no shape."""
    if not re.fullmatch(r"scalar|[\[\]()\d\s,x]+", guess.strip()):
        raise GraphlabError(f"{guess!r} is no shape; write 250x10, [10] or scalar")
    shape = tuple(int(size) for size in re.findall(r"\d+", guess))
    truth = f"{spec.name} is {shape_text(spec.shape)}"
    right = shape == spec.shape
    return Verdict(right, f"{'Right' if right else 'No'}: {truth}.")


def judge_value(guess: Any, spec: TensorSpec, value: Any, shown: str) -> Verdict:
    """A guess at a value; `shown` is how the true one is written. Numbers may be 1 % away."""
    truth, mine = np.asarray(value), np.asarray(guess)
    said = f"{spec.name} is {shown}"
    if mine.size != truth.size or (mine.ndim > 1 and mine.shape != truth.shape):
        found, wanted = shape_text(mine.shape), shape_text(spec.shape)
        return Verdict(False, f"No: your value is {found}, but {said}, {wanted}.")
    mine = mine.reshape(truth.shape)
    if truth.dtype.kind in "OSU":
        same = [_text(item) for item in truth.ravel()] == [_text(item) for item in mine.ravel()]
    elif mine.dtype.kind not in "biufc":
        same = False
    elif truth.dtype.kind in "biu":
        same = bool((truth == mine).all())
    else:
        wide = truth.astype(np.complex128)
        same = bool(np.isclose(mine.astype(np.complex128), wide, NEAR, 1e-6, equal_nan=True).all())
    return Verdict(same, f"{'Right' if same else 'No'}: {said}.")


def _means(guess: str, name: str, op: str) -> bool:
    """Whether somebody means this op: by its name or the end of it, by its type, or by the
    function that makes one.

    >>> _means("tf.reduce_mean", "loss", "Mean"), _means("add", "z", "AddV2")
    (True, True)
    >>> [_means(guess, "gradients/loss_grad/Tile", "Mul") for guess in ("loss_grad/Tile", "Til")]
    [True, False]
    """
    guess = node_of(guess.strip()).lower()
    plain = guess.rpartition(".")[2].replace("_", "").removeprefix("reduce")
    types = (op.lower(), re.sub(r"v\d$", "", op.lower()))
    ends = name.lower() == guess or name.lower().endswith(f"/{guess}")
    return bool(guess) and (ends or guess in types or plain in types)


def _ran(name: str, steps: Iterable[Step]) -> bool:
    return any(step.node == name for step in steps)


def _text(item: Any) -> str:
    return item.decode("utf-8", "backslashreplace") if isinstance(item, bytes) else str(item)

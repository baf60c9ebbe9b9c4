"""Whether an op that parses examples is the newer kind of a recorded one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import tensorflow as tf

from graphlab.engine.kernels.nodes import Op

PARSERS = ("ParseExample", "ParseExampleV2")
MADE = "ParseExampleV2"  # what TensorFlow 2 makes, of the same values


def is_same(
    op: Op, made: Any, names: Mapping[int, str], constants: Mapping[str, np.ndarray]
) -> bool:
    """Whether an op that was made parses as a recorded one does, which may be the older kind."""
    if op.type not in PARSERS or made.type != MADE:
        return False
    mine = [[constants.get(tensor) for tensor in tensors] for tensors in _taken(op)]
    theirs = [[_static(each)] for each in made.inputs[1:5]] + [[*map(_static, made.inputs[5:])]]
    return (
        names.get(id(made.inputs[0])) == op.inputs[0]
        and all(map(_are_equal, mine, theirs))
        and all(
            op.attr(name) == made.node_def.attr[name]
            for name in ("sparse_types", "Tdense", "dense_shapes")
        )
    )


def _taken(op: Op) -> list[Sequence[str]]:
    """What a parser takes but for the examples: names, keys of three kinds, defaults."""
    if op.type == MADE:
        return [*((tensor,) for tensor in op.inputs[1:5]), op.inputs[5:]]
    first = 2 + op.attr("Nsparse").i
    last = first + op.attr("Ndense").i
    return [op.inputs[1:2], op.inputs[2:first], op.inputs[first:last], (), op.inputs[last:]]


def _static(tensor: Any) -> Any:
    """The value of a constant, also of one that is brought to a shape."""
    return tf.get_static_value(tensor.op.inputs[0] if tensor.op.type == "Reshape" else tensor)


def _are_equal(mine: Sequence[Any], theirs: Sequence[Any]) -> bool:
    """Whether tensors have the same items; one that is not known has not."""
    if any(each is None for each in (*mine, *theirs)):
        return False
    found = [[item for each in side for item in np.ravel(each).tolist()] for side in (mine, theirs)]
    return found[0] == found[1]

"""TF1's control flow, as the dataflow machine has it (Yu et al., EuroSys 2018).

`Switch` sends its input to one side; the other side is dead, and so is every op that takes a
dead tensor, until a `Merge` takes whichever of its inputs is alive. `Enter`, `NextIteration`
and `Exit` carry tensors into a loop, to its next turn and out of it: where their outputs go is
the engine's matter, their value is that of their input.
"""

from __future__ import annotations

from typing import Any

import tensorflow as tf

from graphlab import _private
from graphlab.engine.kernels.nodes import Op
from graphlab.engine.kernels.values import DEAD, tensor_of
from graphlab.engine.state import State

ENTERS = frozenset(("Enter", "RefEnter"))
EXITS = frozenset(("Exit", "RefExit"))
NEXTS = frozenset(("NextIteration", "RefNextIteration"))
MERGES = frozenset(("Merge", "RefMerge"))
STEERS = ENTERS | EXITS | NEXTS  # their outputs go to another frame


def pass_on(op: Op, inputs: list, state: State) -> list:
    """Enter, NextIteration, Exit, LoopCond, RefIdentity: the input as it is."""
    return inputs


def switch(op: Op, inputs: list, state: State) -> list:
    """(false, true): the data on the side that the predicate says, the other side dead."""
    data, predicate = inputs
    return [DEAD, data] if truth(op, predicate) else [data, DEAD]


def switch_n(op: Op, inputs: list, state: State) -> list:
    """One of many sides alive; an index outside takes the last."""
    data, index = inputs
    taken = int(tensor_of(index).numpy())
    if not 0 <= taken < len(op.outputs):
        taken = len(op.outputs) - 1
    return [data if side == taken else DEAD for side in range(len(op.outputs))]


def merge(op: Op, inputs: list, state: State) -> list:
    """(value, value_index) of the input that is alive."""
    index = next(i for i, value in enumerate(inputs) if value is not DEAD)
    return [inputs[index], _private.eager_tensor(index, tf.int32)]


def ref_select(op: Op, inputs: list, state: State) -> list:
    """The reference that the index names."""
    return [inputs[1 + int(tensor_of(inputs[0]).numpy())]]


def truth(op: Op, predicate: Any) -> bool:
    """What an If or a While takes for true: a scalar that is not zero or "", or any shape that
    is not empty."""
    value = tensor_of(predicate).numpy()
    if getattr(value, "shape", ()) != ():
        return value.size > 0
    return len(value) > 0 if isinstance(value, bytes) else bool(value)


KERNELS = {
    "Switch": switch,
    "RefSwitch": switch,
    "_SwitchN": switch_n,
    "Merge": merge,
    "RefMerge": merge,
    "RefSelect": ref_select,
    "RefIdentity": pass_on,
    "LoopCond": pass_on,
    **dict.fromkeys([*ENTERS, *EXITS, *NEXTS], pass_on),
}

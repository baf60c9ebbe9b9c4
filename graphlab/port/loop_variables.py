"""The variables of a loop of TF1, and what to call them: their graph has lost their names."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from graphlab.engine.kernels.nodes import Op
from graphlab.model import node_of
from graphlab.port.names import identifier

_COUNTERS = "ijklmn"
# What TensorFlow calls an op when nobody has, where that is not the op's type.
_NOBODYS = frozenset(
    "zeros ones zeros_like ones_like x y read initialized_value exit switch_t size begin delta"
    " start".split()
)


@dataclass(frozen=True)
class Variable:
    """A loop variable: the ops that give its first value, that of a turn, and the next."""

    enter: Op
    merge: Op
    next: Op

    @property
    def tensor(self) -> str:
        """Its value in a turn."""
        return self.merge.outputs[0]


def names_of(variables: Sequence[Variable], ops: Mapping[str, Op]) -> list[str]:
    """A name for each: of what it begins with, or of what it becomes, where somebody gave one; `i`
    for what counts. They are told apart by numbers."""
    found: list[str] = []
    for variable in variables:
        name = _name(variable, ops)
        choices = [name, *(f"{name}_{number}" for number in range(2, len(variables) + 2))]
        if name == "i":
            choices = [*_COUNTERS, *choices]
        found.append(next(choice for choice in choices if choice not in found))
    return found


def _name(variable: Variable, ops: Mapping[str, Op]) -> str:
    begins = ops.get(node_of(variable.enter.inputs[0]))
    becomes = ops.get(node_of(variable.next.inputs[0]))
    for op in (begins, becomes):
        if op is not None and (name := given_name(op)):
            return name
    if becomes is not None and counts(becomes, ops):
        return "i"
    return "state"


def given_name(op: Op) -> str:
    """The name that a person gave to an op; "" where it is TensorFlow's own."""
    word = op.name.rpartition("/")[2]
    while word.rpartition("_")[2].isdigit():
        word = word.rpartition("_")[0]
    name = identifier(word)
    plain = name.replace("_", "")
    kind = op.type.lower()
    if (
        name in _NOBODYS
        or plain.startswith("tensorarray")
        or plain == kind
        or kind.startswith(plain)
        or plain.startswith(kind)
    ):
        return ""
    return name


def counts(op: Op, ops: Mapping[str, Op]) -> bool:
    """Whether it adds a constant to an integer."""
    sources = [ops.get(node_of(tensor)) for tensor in op.inputs]
    whole = op.dtypes[0] in ("int32", "int64")
    return whole and op.type in ("Add", "AddV2") and any(o and o.type == "Const" for o in sources)

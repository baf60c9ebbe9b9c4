"""In which cases of the conditions of TensorFlow 1 each op is there: read off Switch and Merge."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from graphlab.engine.kernels.control_flow import MERGES
from graphlab.engine.kernels.nodes import Op
from graphlab.errors import GraphlabError
from graphlab.model import node_of
from graphlab.port.functions import Functions
from graphlab.port.order import in_order
from graphlab.port.rewired import lost, rewired

SWITCHES = frozenset(("Switch", "RefSwitch"))
State = tuple[tuple[str, int], ...]  # predicates and their sides, the outermost first


@dataclass(frozen=True)
class Join:
    """A Merge: the predicate that it waits for, and its input on each side."""

    predicate: str
    inputs: tuple[str, str]
    places: tuple[int, int]  # where they stand among its inputs


@dataclass(frozen=True)
class Cases:
    """In which cases each op is there. Switches are gone: what they give is what they take."""

    ops: tuple[Op, ...]  # in order
    states: dict[str, State]  # by op
    sides: Mapping[str, State]  # by tensor of a Switch
    joins: Mapping[str, Join]  # by Merge
    behind: Mapping[str, str]  # what a Switch takes, by what it gives

    @classmethod
    def of(cls, ops: Sequence[Op], functions: Functions, known: Mapping[str, int]) -> Cases:
        """Read off the graph. `known` are predicates of which the side is known."""
        given = {tensor: op for op in ops for tensor in op.outputs}
        states: dict[str, State] = {}
        sides: dict[str, State] = {}
        joins: dict[str, Join] = {}
        behind: dict[str, str] = {}
        rest = []
        for op in in_order(ops):
            taken = [sides.get(t, states.get(node_of(t), ())) for t in op.inputs]
            new = rewired(op, behind, op.controls)
            try:
                if op.type in MERGES:
                    joins[op.name], states[op.name] = _join(new, taken)
                elif op.type == "ControlTrigger":  # alive whatever it waits for
                    states[op.name] = ()
                else:
                    waits = [states[name] for name in op.controls if name in states]
                    states[op.name] = _all(op, [*taken, *waits])
            except GraphlabError as error:
                states[op.name] = _common(taken)
                new = lost(op.type, op.name, [], op.dtypes, op, str(error))
            if op.type not in SWITCHES:
                rest.append(new)
                continue
            predicate = _predicate(op.inputs[1], given)
            for side, tensor in enumerate(op.outputs):
                more = () if known.get(predicate) == side else ((predicate, side),)
                sides[tensor] = states[op.name] + more
                behind[tensor] = functions.handle(new.inputs[0])
        return cls(tuple(rest), states, sides, joins, behind)

    def of_tensor(self, tensor: str) -> State:
        """In which case a tensor is there."""
        return self.sides.get(tensor, self.states.get(node_of(tensor), ()))


def _predicate(tensor: str, given: Mapping[str, Op]) -> str:
    """The tensor that the switches of one condition ask in the end."""
    while tensor in given and given[tensor].type == "Identity":
        tensor = given[tensor].inputs[0]
    return tensor


def _join(merge: Op, states: Sequence[State]) -> tuple[Join, State]:
    """GraphlabError where a Merge does not end a condition."""
    ends = [state[-1] for state in states if state]
    around = {state[:-1] for state in states}
    if len(states) != 2 or len(ends) != 2 or len(around) != 1 or ends[0][0] != ends[1][0]:
        raise GraphlabError(
            f"{merge.title} joins what are not the two cases of one condition of TF1"
        )
    if ends[0][1] == ends[1][1]:
        raise GraphlabError(f"{merge.title} joins two tensors of the same case of a condition")
    places = (0, 1) if ends[0][1] == 0 else (1, 0)
    inputs = merge.inputs[places[0]], merge.inputs[places[1]]
    return Join(ends[0][0], inputs, places), states[0][:-1]


def _all(op: Op, states: Sequence[State]) -> State:
    """What hangs on all of these at once. GraphlabError where they are not inside of each other."""
    longest: State = max(states, key=len, default=())
    if any(state != longest[: len(state)] for state in states):
        raise GraphlabError(
            f"{op.title} hangs on conditions of TF1 of which neither is inside of the other"
        )
    return longest


def _common(states: Sequence[State]) -> State:
    found = states[0] if states else ()
    for state in states:
        while state[: len(found)] != found:
            found = found[:-1]
    return found

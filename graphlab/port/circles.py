"""The ops of a graph with loops in the order in which they can be numbered: what goes round in one
circle stands together.

How often a loop turns says nothing of what a turn computes. So a Switch hangs on its LoopCond no
more; what an Exit gives does.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import networkx as nx

from graphlab.engine.kernels.control_flow import ENTERS, EXITS, MERGES, NEXTS
from graphlab.engine.kernels.nodes import Op
from graphlab.port import effects
from graphlab.port.arrays import GRADIENT

HANDS_ON = ENTERS | NEXTS | {"LoopCond"}
Case = tuple[str, int]  # what decides, a tensor, and the side
_SAME_IN_A_TURN = ("Identity", "EnsureShape", "ReadVariableOp")


@dataclass
class Circles:
    """Ops, who makes which tensor, and what of loops stands where."""

    ops: Sequence[Op]
    makers: dict[str, Op] = field(default_factory=dict)  # by tensor
    pushed: dict[str, list[Op]] = field(default_factory=dict)  # onto a stack, by its handle
    popped: dict[str, list[Op]] = field(default_factory=dict)
    tests: dict[str, str] = field(default_factory=dict)  # of loops of TF1, by their frames
    sources: dict[str, set[bytes]] = field(default_factory=dict)  # of gradients, by arrays' handles

    def __post_init__(self) -> None:
        self.makers = {tensor: op for op in self.ops for tensor in op.outputs}
        for op in self.ops:
            merge = self.makers.get(op.inputs[0]) if self.is_turn(op) else None
            if merge is not None and self.is_variable(merge):
                enter = self.makers.get(self.ways(merge)[0])
                if enter is not None and enter.type in ENTERS:
                    self.tests[enter.text("frame_name")] = self.test(op) or ""
        for op in self.ops:
            if op.type in ("StackPushV2", "StackPopV2"):
                found = self.pushed if op.type == "StackPushV2" else self.popped
                found.setdefault(self.behind(op.inputs[0]), []).append(op)
            if op.type == GRADIENT:
                handle = self.behind(op.inputs[0])
                self.sources.setdefault(handle, set()).add(op.attr("source").s)

    def behind(self, tensor: str) -> str:
        """The tensor outside of all loops that one is in each turn, through Enters, and a handle
        that one is in a case."""
        op = self.makers.get(tensor)
        while op is not None and (op.type in _SAME_IN_A_TURN or _is_fixed(op) or _is_in_case(op)):
            tensor = op.inputs[0]
            op = self.makers.get(tensor)
        return tensor

    def is_outside(self, tensor: str) -> bool:
        """Whether it is the same in each turn, as it comes from outside of the loop."""
        op = self.makers.get(tensor)
        while op is not None and op.type in _SAME_IN_A_TURN:
            op = self.makers.get(op.inputs[0])
        return op is None or op.type in effects.HANDLES or _is_fixed(op)

    def is_turn(self, op: Op) -> bool:
        """Whether it is a Switch of a loop, which sends a variable into the next turn or out."""
        return op.type in ("Switch", "RefSwitch") and self.test(op) is not None

    def test(self, switch: Op) -> str | None:
        """The tensor of the LoopCond that a Switch hangs on; None where it is no loop's."""
        op = self.makers.get(switch.inputs[1])
        while op is not None and op.type == "Identity":
            op = self.makers.get(op.inputs[0])
        return op.outputs[0] if op is not None and op.type == "LoopCond" else None

    def test_of_exit(self, op: Op) -> str | None:
        """The tensor of the LoopCond that says when an Exit gives."""
        switch = self.makers.get(op.inputs[0])
        is_turn = switch is not None and self.is_turn(switch)
        return self.test(switch) if switch is not None and is_turn else None

    def pushes(self, op: Op) -> tuple[str, str, list[Case]] | None:
        """What is put onto the stack that a StackPopV2 takes from, the LoopCond of the loop that
        puts it there, and the cases in which it is put there and taken. None where several ops put
        something there or take it."""
        stack = self.behind(op.inputs[0])
        maker = self.makers.get(stack)
        pushes, pops = self.pushed.get(stack, []), self.popped[stack]
        is_stack = maker is not None and maker.type == "StackV2"
        if not is_stack or len(pushes) != 1 or len(pops) != 1:
            return None
        enter, cases = self._entered(pushes[0].inputs[0])
        if enter is None or enter.type not in ENTERS:
            return None
        test = self.tests.get(enter.text("frame_name"))
        cases += self._entered(op.inputs[0])[1]
        return None if test is None else (pushes[0].inputs[1], test, cases)

    def _entered(self, handle: str) -> tuple[Op | None, list[Case]]:
        """The op that leads a handle into the loop, and the case in which it is there, if it is in
        one: the innermost. In what cases that can be told says what decides. The same case in each
        turn is one of the whole loop."""
        cases: list[Case] = []
        op = self.makers.get(handle)
        while op is not None and (op.type in _SAME_IN_A_TURN or _is_in_case(op)):
            if _is_in_case(op) and not cases and not self.is_outside(op.inputs[1]):
                cases = [(op.inputs[1], op.outputs.index(handle))]
            handle = op.inputs[0]
            op = self.makers.get(handle)
        return op, cases

    def is_variable(self, op: Op) -> bool:
        """Whether it is the Merge of a loop variable."""
        return op.type in MERGES and any(self._is_next(tensor) for tensor in op.inputs)

    def _is_next(self, tensor: str) -> bool:
        op = self.makers.get(tensor)
        return op is not None and op.type in NEXTS

    def ways(self, merge: Op) -> tuple[str, str]:
        """The tensors of a loop variable's first value and of that of the next turn."""
        first, following = sorted(merge.inputs, key=self._is_next)
        return first, following

    def needs(self, op: Op) -> Iterator[str]:
        """The tensors that the number of what an op gives hangs on."""
        yield from op.inputs[:1] if self.is_turn(op) else op.inputs
        if op.type in EXITS:
            test = self.test_of_exit(op)
            yield from () if test is None else (test,)
        if op.type == "StackPopV2":
            value, test, cases = self.pushes(op) or ("", "", [])
            yield from [value, test, *(predicate for predicate, _ in cases)] if test else ()

    def in_order(self) -> Iterator[list[Op]]:
        """Each op alone behind what it needs, or all of a circle together, in an order in which
        only Merges come before what they take."""
        graph = self._graph()
        whole = nx.condensation(graph)
        for number in nx.lexicographical_topological_sort(
            whole, key=lambda n: min(whole.nodes[n]["members"])
        ):
            members = sorted(whole.nodes[number]["members"])
            yield self._cut(members) if len(members) > 1 else [self.ops[members[0]]]

    def _graph(self) -> nx.DiGraph:
        """By the ops' places."""
        places = {op.name: n for n, op in enumerate(self.ops)}
        graph = nx.DiGraph()
        graph.add_nodes_from(range(len(self.ops)))
        for n, op in enumerate(self.ops):
            for tensor in self.needs(op):
                if tensor in self.makers:
                    graph.add_edge(places[self.makers[tensor].name], n)
        return graph

    def _cut(self, members: Sequence[int]) -> list[Op]:
        """The ops of a circle, cut open before its Merges."""
        there: Mapping[str, int] = {self.ops[n].name: n for n in members}
        graph = nx.DiGraph()
        graph.add_nodes_from(members)
        for n in members:
            op = self.ops[n]
            for tensor in () if self.is_variable(op) else self.needs(op):
                maker = self.makers.get(tensor)
                if maker is not None and maker.name in there:
                    graph.add_edge(there[maker.name], n)
        if not nx.is_directed_acyclic_graph(graph):
            return [self.ops[n] for n in members]
        return [self.ops[n] for n in nx.lexicographical_topological_sort(graph)]


def _is_in_case(op: Op) -> bool:
    """Whether it hands a handle on to one case of a condition."""
    return op.type == "Switch" and op.dtypes[0] == "resource"


def _is_fixed(op: Op) -> bool:
    """Whether it leads what is the same in each turn into a loop."""
    return op.type in ENTERS and op.attr("is_constant").b

"""What decides which side of a condition a Merge takes: constants alone do not tell."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from graphlab.engine.kernels.control_flow import MERGES
from graphlab.engine.kernels.nodes import Op
from graphlab.port.circles import Circles
from graphlab.port.lowered import PREDICATE


@dataclass
class Sides:
    """The conditions among some ops, as they stand in a graph of TensorFlow 1."""

    ops: Mapping[str, Op]
    flow: Circles | None  # where there are loops
    switches: dict[str, Op | None] = field(default_factory=dict)  # by Merge

    @classmethod
    def of(cls, ops: Iterable[Op], flow: Circles | None) -> Sides:
        """Those among these ops."""
        return cls({op.name: op for op in ops}, flow)

    def predicate(self, merge: Op) -> str | None:
        """The tensor that decides; None where there is none."""
        if PREDICATE in merge.node.attr:
            return merge.node.attr[PREDICATE].s.decode()
        switch = self._switch(merge)
        return None if switch is None else switch.inputs[1]

    def _switch(self, merge: Op) -> Op | None:
        """A Switch of the condition that a Merge ends: the first on the way back, but for those of
        conditions in one of its cases."""
        if merge.name in self.switches:
            return self.switches[merge.name]
        found, seen, todo = None, set[str](), [*merge.before]
        while todo and found is None:
            op = self.ops.get(todo.pop())
            if op is None or op.name in seen:
                continue
            seen.add(op.name)
            if op.type == "Switch" and not (self.flow and self.flow.is_turn(op)):
                found = op
                continue
            is_inner = op.type in MERGES and not (self.flow and self.flow.is_variable(op))
            last = self._switch(op) if is_inner else op
            todo += [] if last is None else [*last.before, *last.controls]
        self.switches[merge.name] = found
        return found

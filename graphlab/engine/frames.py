"""Where tensors are while a graph runs, and what ends together."""

from __future__ import annotations

from typing import Any

from graphlab.engine.kernels.functions import Calls
from graphlab.engine.kernels.nodes import Body, Op
from graphlab.engine.kernels.table import Kernel
from graphlab.engine.kernels.values import tensor_of
from graphlab.engine.plan import Plan


class Frame:
    """One time and place for the ops of a plan: the graph itself, one call of a function, or one
    turn of a loop. An op runs at most once in each."""

    def __init__(self, plan: Plan, label: str, key: tuple, group: Any, turn: int = 0) -> None:
        self.plan = plan
        self.label = label  # as a Step says it: "while:2", "model/call > cond:then"
        self.key = key  # puts its ops in order where the call or the loop stands among others
        self.group = group
        self.turn = turn  # which turn of its loop, from 0
        self.values: dict[str, Any] = {}  # tensors that somebody still waits for
        self.uses: dict[str, int] = {}  # by how many each is waited for
        self.waits: dict[str, int] = {}  # by op: how much has to come yet
        self.dead: set[str] = set()  # ops that got a dead tensor
        self.merges: dict[str, int] = {}  # by Merge: how many inputs are not dead
        self.results: dict[str, Any] = {}
        self.loops: dict[str, Loop] = {}
        self.calls: dict[str, Call] = {}

    def loop_of(self, enter: Op) -> Loop:
        """The loop that an Enter of this frame leads into; it begins with the first of them."""
        name = enter.text("frame_name")
        if name not in self.loops:
            self.loops[name] = Loop(self, enter, name)
            self.group.busy += 1
        return self.loops[name]

    def one_less_alive(self, merge: Op) -> bool:
        """Count a dead input of a Merge; whether it was the last that could be alive."""
        left = self.merges.get(merge.name, len(set(merge.inputs))) - 1
        self.merges[merge.name] = left
        return not left

    def inner(self, name: str) -> str:
        """The label of a frame inside of this one."""
        return f"{self.label} > {name}" if self.label else name


class Group:
    """Frames that end together: when nothing in them is ready, and nothing can come any more."""

    def __init__(self, parent: Frame | None) -> None:
        self.parent = parent
        self.busy = 0  # ops that are ready, and groups inside that have not ended


class Loop(Group):
    """A TF1 loop and its turns."""

    def __init__(self, parent: Frame, enter: Op, name: str) -> None:
        super().__init__(parent)
        self.full_name = name
        self.label = parent.inner(name.removesuffix("/while_context"))
        # After the last way into it: else its first variable would go through all turns alone.
        self.key = (*parent.key, parent.plan.enters[name][-1].index)
        self.plan = parent.plan
        self.enters = len(parent.plan.enters[name])  # how many tensors have not come in yet
        self.constants: list[tuple[Op, list | None]] = []  # what is the same in every turn
        self.left: dict[Op, bool] = {}  # by Exit: whether it has let a tensor out
        self.turns: dict[int, Frame] = {}
        self.open(0)

    def open(self, number: int) -> Frame:
        """A new turn, still empty."""
        key = (*self.key, number)
        self.turns[number] = Frame(self.plan, f"{self.label}:{number}", key, self, number)
        return self.turns[number]


class Call(Group):
    """An op that calls functions, one at a time."""

    def __init__(self, parent: Frame, op: Op, inputs: list, kernel: Kernel, began: float) -> None:
        super().__init__(parent)
        self.op = op
        self.key = (*parent.key, op.index)
        self.inputs = inputs
        # yields each call, and is sent its results
        self.generator: Calls = kernel.run(op, inputs)
        self.began = began
        self.count = 0
        self.frame: Frame | None = None
        self.results: tuple[str, ...] = ()

    def open(self, body: Body, plan: Plan, word: str) -> Frame:
        """The frame of the next call."""
        label = self.parent.inner(f"{self.op.name}:{word}" if word else self.op.name)  # type: ignore[union-attr]
        self.frame = Frame(plan, label, (*self.key, self.count), self)
        self.count += 1
        self.results = body.results
        return self.frame

    def outcome(self) -> list:
        """The results of the call that has ended."""
        assert self.frame is not None
        return [tensor_of(self.frame.results[tensor]) for tensor in self.results]

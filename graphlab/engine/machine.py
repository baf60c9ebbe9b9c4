"""One execution of a plan: an op is ready once all its inputs have come; it runs, and its outputs
are sent to the ops that wait for them.
"""

from __future__ import annotations

import functools
import heapq
import time
from collections.abc import Callable, Mapping
from typing import Any

import tensorflow as tf

from graphlab.engine.frames import Call, Frame, Group, Loop
from graphlab.engine.kernels.control_flow import ENTERS, MERGES, NEXTS, STEERS
from graphlab.engine.kernels.nodes import Body, Op
from graphlab.engine.kernels.table import Kernel
from graphlab.engine.kernels.values import DEAD, tensor_of
from graphlab.engine.memory import Memory
from graphlab.engine.plan import Plan
from graphlab.engine.state import State
from graphlab.engine.steps import failure, step_of
from graphlab.model import Step

Function = Callable[[str, Op], tuple[Body, Plan]]  # a function's body and its plan


class Machine:
    """One execution of a plan, from feeds to fetches."""

    def __init__(
        self,
        plan: Plan,
        function: Function,
        feeds: Mapping[str, Any],
        state: State,
        memory: Memory | None = None,
    ) -> None:
        self.function = function
        self.state = state
        self.memory = memory  # of what ran before a step back
        self.ready: list[tuple[tuple, Frame, Op, str]] = []  # a heap: first written, first out
        self.started = time.perf_counter()
        self.why = ""  # what came last to the op that ran last
        self.taken: tuple[Op | None, list] = None, []  # the op that ran last, and its inputs
        self.root = Frame(plan, "", (), Group(None))
        self._begin(self.root, feeds)

    def advance(self) -> Step | None:
        """Run the next op. None when there is nothing left to run."""
        while self.ready:
            _, frame, op, self.why = heapq.heappop(self.ready)
            if op.name in frame.dead:  # it does not run, but those who wait for it must know
                self._take(frame, op)
                self._give(frame, op, None)
                self._leave(frame.group)
                continue
            began = time.perf_counter()
            kernel = frame.plan.kernels[op.name]
            if kernel.calls:
                began, outputs = self._call(frame, op, kernel, began)
            else:
                outputs = self._run(frame, op, kernel, self._take(frame, op))
            if outputs is None:  # a call has begun; the ops of the function come first
                continue
            times = began - self.started, time.perf_counter() - self.started
            self._give(frame, op, outputs)
            self._leave(frame.group)
            return step_of(op, outputs, kernel, frame.label, *times)
        return None

    def _run(self, frame: Frame, op: Op, kernel: Kernel, inputs: list) -> list:
        """The outputs of one op: from its kernel, or remembered from before a step back."""
        try:
            if self.memory is None or not (kernel.once or self.memory.budget):
                return kernel.run(op, inputs, self.state)
            run = functools.partial(kernel.run, op, inputs, self.state)
            return self.memory.outputs((*frame.key, op.index), op, kernel, run)
        except tf.errors.OpError as error:
            raise failure(op, frame.label, error, self.state, inputs) from error

    def _call(self, frame: Frame, op: Op, kernel: Kernel, began: float) -> tuple[float, Any]:
        """Go on with an op that calls functions: to its next call, or to its outputs."""
        call = frame.calls.get(op.name)
        try:
            if call is None:
                call = Call(frame, op, self._take(frame, op), kernel, began)
                frame.calls[op.name] = call
                name, arguments, word = next(call.generator)
            else:
                name, arguments, word = call.generator.send(call.outcome())
        except StopIteration as end:
            self.taken = op, frame.calls.pop(op.name).inputs
            return call.began, end.value  # type: ignore[union-attr]
        body, plan = self.function(name, op)
        self._begin(call.open(body, plan, word), dict(zip(body.arguments, arguments, strict=True)))
        return began, None

    def _begin(self, frame: Frame, given: Mapping[str, Any]) -> None:
        """Put what is given into a frame, and make ready what waits for nothing."""
        frame.group.busy += 1
        for tensor, value in given.items():
            self._send(frame, tensor, value)
        for op in frame.plan.sources:
            self._push(frame, op, "")
        self._leave(frame.group)

    def _take(self, frame: Frame, op: Op) -> list:
        """An op's inputs. A tensor that nobody else waits for is let go."""
        values, uses = frame.values, frame.uses
        inputs = [values.get(tensor, DEAD) for tensor in op.inputs]
        for tensor in op.distinct:
            left = uses.get(tensor)  # None of a tensor that is dead
            if left == 1:
                del uses[tensor], values[tensor]
            elif left:
                uses[tensor] = left - 1
        self.taken = op, inputs
        return inputs

    def _give(self, frame: Frame, op: Op, outputs: list | None) -> None:
        """Send an op's outputs to where they are waited for; None: the op was dead."""
        if op.type not in STEERS:
            self._spread(frame, op, outputs)
        elif op.type in ENTERS:  # from outside into the first turn; what never changes into all
            loop = frame.loop_of(op)
            loop.enters -= 1
            loop.busy += 1
            constant = op.attr("is_constant").b
            for turn in [self._turn(loop, 0)] if not constant else list(loop.turns.values()):
                self._spread(turn, op, outputs, entered=True)
            if constant:
                loop.constants.append((op, outputs))
            self._leave(loop)
        elif op.type in NEXTS:  # from one turn into the next, if there is one
            if outputs is not None:
                self._spread(self._turn(frame.group, frame.turn + 1), op, outputs)
        else:  # an Exit: out of the loop, from its last turn
            frame.group.left[op] = frame.group.left.get(op, False) or outputs is not None
            if outputs is not None:
                self._spread(frame.group.parent, op, outputs)

    def _turn(self, loop: Loop, number: int) -> Frame:
        if number not in loop.turns:
            turn = loop.open(number)
            for op, outputs in loop.constants:
                self._spread(turn, op, outputs, entered=True)
        return loop.turns[number]

    def _spread(self, frame: Frame, op: Op, outputs: list | None, entered: bool = False) -> None:
        """Send all outputs of an op within one frame, and tell those who waited for it to run."""
        fed = frame.plan.fed
        for tensor, value in zip(op.outputs, outputs or [DEAD] * len(op.outputs), strict=True):
            if tensor not in fed:  # a feed stands, even if the op runs for its own sake
                self._send(frame, tensor, value, entered)
        for follower in frame.plan.followers.get(op.name, ()):
            spared = follower.type in MERGES or follower.type == "ControlTrigger"
            self._arrive(frame, follower, f"^{op.name}", outputs is None and not spared)

    def _send(self, frame: Frame, tensor: str, value: Any, entered: bool = False) -> None:
        """Hand a tensor to all who wait for it."""
        consumers, dead = frame.plan.consumers.get(tensor, ()), value is DEAD
        if not dead:
            if tensor in frame.plan.results:
                tensor_of(value)  # which a reference to nothing refuses
                frame.results[tensor] = value  # what a reference is of is read when all has run
            if consumers:
                frame.values[tensor] = value
                frame.uses[tensor] = len(consumers)
        for op in consumers:
            # A Merge goes on with what is alive; it is dead if nothing is, or its loop's way in.
            if not dead or op.type not in MERGES or frame.one_less_alive(op) or entered:
                self._arrive(frame, op, tensor, dead)

    def _arrive(self, frame: Frame, op: Op, what: str, dead: bool) -> None:
        """Something that an op waits for has come. Was it the last?"""
        name, waits = op.name, frame.waits
        if dead:
            frame.dead.add(name)
        waits[name] = left = (waits[name] if name in waits else frame.plan.waits[name]) - 1
        if not left:
            self._push(frame, op, what)

    def _push(self, frame: Frame, op: Op, why: str) -> None:
        frame.group.busy += 1
        heapq.heappush(self.ready, ((*frame.key, op.index), frame, op, why))

    def _leave(self, group: Group) -> None:
        """One thing less goes on in a group. At the end of a call, its caller goes on."""
        group.busy -= 1
        if group.busy or group.parent is None:
            return
        if isinstance(group, Call):
            heapq.heappush(self.ready, (group.key, group.parent, group.op, group.op.name))
        elif isinstance(group, Loop) and not group.enters:
            group.parent.loops.pop(group.full_name)
            for op, let_out in group.left.items():
                if not let_out:  # the loop was on a side not taken
                    self._spread(group.parent, op, None)
            self._leave(group.parent.group)

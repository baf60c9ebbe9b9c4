"""An execution under way: step on, stop, look, change a tensor, go back.

execution = Engine(graph).steps("loss:0", feeds, state=session)
execution.stop_at(op="MatMul")
step = execution.run()             # to the breakpoint
execution.live()                   # the tensors that somebody still waits for
execution.set("x:0", value)        # go on with another one
execution.back(2)                  # as if the last two ops had not run
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import tensorflow as tf

from graphlab import _private
from graphlab.devices import short
from graphlab.engine.breakpoints import Breakpoint, breakpoint_on
from graphlab.engine.frames import Frame
from graphlab.engine.kernels import variables
from graphlab.engine.kernels.table import is_random
from graphlab.engine.kernels.values import (
    DEAD,
    Ref,
    Values,
    as_numpy,
    bytes_of,
    is_tensor,
    spec_of,
    tensor_of,
)
from graphlab.engine.machine import Machine
from graphlab.engine.memory import Memory
from graphlab.engine.plan import Plan
from graphlab.engine.program import value_for
from graphlab.engine.state import State, Value
from graphlab.errors import GraphlabError, nearest
from graphlab.model import Step, TensorSpec


@dataclass(frozen=True)
class Live:
    """A tensor that an op still waits for."""

    spec: TensorSpec
    frame: str
    bytes: int | None
    waited_for: int  # by how many ops
    held: Any  # the value as the engine has it

    @property
    def value(self) -> Any:
        """As an array, or a text for what is no array."""
        return as_numpy(self.held)

    @property
    def device(self) -> str:
        """Whose memory it is in, as `"CPU:0"`; "" where it is no tensor.

        A GPU's op may give one that is in the host's: a shape, an int32.
        """
        return short(getattr(self.held, "backing_device", "") or "")


@dataclass(frozen=True)
class Next:
    """An op that is ready to run."""

    node: str
    op: str
    frame: str
    last: str  # the tensor that came last to it, "^node" for a control input, "" for nothing


@dataclass(frozen=True)
class _Edit:
    """A value that was changed after so many steps: of a tensor, or of a variable."""

    number: int
    name: str
    frame: str | None  # None: a variable
    value: Any


class Execution(Iterator[Step]):
    """Steps one after another, for whoever iterates; and a hold on what is between them."""

    def __init__(
        self,
        start: Callable[[Memory, State], Machine],
        initial: Mapping[str, Value],
        plans: Sequence[Plan],
        fetches: Sequence[str],
        keep_bytes: int = 0,
    ) -> None:
        self.number = 0  # how many steps have been made
        self.last: Step | None = None
        self.fetches = tuple(fetches)
        self.breakpoints: list[Breakpoint] = []
        self.plans = plans
        self._start = start
        self._memory = Memory(keep_bytes)
        self._edits: list[_Edit] = []
        self._machine = start(self._memory, State(initial))

    def __next__(self) -> Step:
        """Run one op. GraphlabError where it fails."""
        step = self._machine.advance()
        if step is None:
            raise StopIteration
        self.number += 1
        self.last = step
        return step

    # Looking

    @property
    def fetched(self) -> dict[str, Any]:
        """The fetched tensors that have come so far, as arrays, by name in the order asked for."""
        return self.arrived(self.fetches)

    def arrived(self, names: Iterable[str]) -> dict[str, Any]:
        """Those of some fetched tensors that have come so far, as arrays, by name."""
        found = self._machine.root.results
        return {name: as_numpy(found[name]) for name in names if name in found}

    def results(self) -> dict[str, Any]:
        """All fetched tensors, after running what is left.

        GraphlabError where one did not come: it is on a side of a branch that was not taken.
        """
        for _ in self:
            pass
        for name in self.fetches:
            if ":" in name and name not in self._machine.root.results:
                raise GraphlabError(
                    f"fetch {name} has no value: it is on a side of a branch that was not taken"
                )
        return self.fetched

    @property
    def random_ops(self) -> tuple[str, ...]:
        """The ops that will run or have run and draw numbers of which each run has its own."""
        return tuple(op.name for plan in self.plans for op in plan.ops.values() if is_random(op))

    def state(self) -> dict[str, Value]:
        """Variables and tables as they are now; the caller's own are as they were."""
        return self._machine.state.values()

    def live(self) -> tuple[Live, ...]:
        """Every tensor that some op still waits for, in the order of the frames and of arrival."""
        result = []
        for frame in self._frames():
            for name, value in frame.values.items():
                spec = spec_of(name, _dtype(frame, name, value), value)
                size = bytes_of(spec)
                result.append(Live(spec, frame.label, size, frame.uses[name], value))
        return tuple(result)

    @property
    def live_bytes(self) -> int:
        """The memory of all live tensors whose size is known."""
        return sum(live.bytes or 0 for live in self.live())

    def ready(self) -> tuple[Next, ...]:
        """The ops that could run now, the next one first."""
        return tuple(
            Next(op.name, op.type, frame.label, why)
            for _, frame, op, why in sorted(self._machine.ready, key=lambda entry: entry[0])
            if op.name not in frame.dead
        )

    @property
    def why(self) -> str:
        """What came last to the op that ran last: a tensor, "^op" for a control input, "" where
        it waited for nothing."""
        return self._machine.why

    @property
    def inputs(self) -> Mapping[str, Any]:
        """What the op that ran last was given, by tensor; of a Merge what had come."""
        op, inputs = self._machine.taken
        pairs = zip(op.inputs, inputs, strict=True) if op and self.last else ()
        came = {name: value for name, value in pairs if value is not DEAD}
        return Values(tuple(came), list(came.values()))

    def touched(self) -> tuple[str, ...]:
        """The names of the variables whose handles the op that ran last was given."""
        state, (_, inputs) = self._machine.state, self._machine.taken
        names = {id(handle): name for name, (handle, _) in state.variables.items()}
        of_refs = (v for v in inputs if type(v) is not Ref or v.view is None)  # not what was read
        handles = (value.handle if type(value) is Ref else value for value in of_refs)
        found = (names.get(id(handle)) for handle in handles)
        return tuple(dict.fromkeys(name for name in found if name is not None))

    def variable(self, name: str) -> Any:
        """A variable's value now; None where it has none yet, or nothing has asked for it."""
        handle, number = self._machine.state.variables.get(name, (None, 0))
        if handle is None:
            return None
        try:
            return as_numpy(tensor_of(Ref(name, handle, number)))
        except tf.errors.FailedPreconditionError:
            return None

    # Changing

    def set(self, tensor: str, value: Any, frame: str | None = None) -> None:
        """Replace a live tensor by a value of its type; its shape may be another.

        `frame` says which one where it is live in several. GraphlabError where it is not live.
        """
        tensor = tensor if ":" in tensor else f"{tensor}:0"
        frames = [f for f in self._frames() if tensor in f.values]
        if frame is not None:
            frames = [f for f in frames if f.label == frame]
        if len(frames) > 1:
            labels = ", ".join(f.label or "the graph itself" for f in frames)
            raise GraphlabError(f"{tensor} is live in {labels}; say in which frame")
        if not frames:
            names = dict.fromkeys(live.spec.name for live in self.live())
            there = nearest(tensor, names) or "none"
            raise GraphlabError(f"{tensor} is not live now; live tensors are {there}")
        held = frames[0].values[tensor]
        if not is_tensor(held) or held.dtype in (tf.resource, tf.variant):
            raise GraphlabError(f"{tensor} is {as_numpy(held)}; only plain tensors can be set")
        new = value_for(tensor, held.dtype, tf.TensorShape(None), value)
        frames[0].values[tensor] = new
        self._memory.forget()
        self._edits.append(_Edit(self.number, tensor, frames[0].label, new))

    def set_variable(self, name: str, value: Any) -> None:
        """Give a variable another value of its type and shape, for whatever reads it from here on.

        GraphlabError where there is no such variable, or nothing that will run has to do with it.
        """
        state = self._machine.state
        found = state.variables.get(name) or self._made(name)
        if found is None:
            known = [*state.variables, *state.initial]
            what = "a table" if isinstance(state.initial.get(name), tuple) else "no variable here"
            there = f"; variables are {nearest(name, known)}" if known else ""
            raise GraphlabError(f"{name} is {what}{there}")
        handle, number = found
        before = state.values().get(name)
        shape = tf.TensorShape(None if before is None else np.shape(before))
        new = value_for(name, tf.as_dtype(number), shape, value)
        self._assign(name, handle, number, new)
        self._memory.forget()
        self._edits.append(_Edit(self.number, name, None, new))

    def _made(self, name: str) -> tuple[Any, int] | None:
        """A variable whose op has not run yet, made now."""
        for plan in self.plans:
            for op in plan.ops.values():
                if op.type in variables.MAKES and variables.name_of(op) == name:
                    kernel = plan.kernels[op.name].run
                    assert isinstance(kernel, variables.Handle)
                    self._machine.state.variable(name, kernel.number, kernel.device)
                    return self._machine.state.variables[name]
        return None

    def _assign(self, name: str, handle: Any, number: int, value: Any) -> None:
        attrs = ("dtype", number)
        _private.execute("AssignVariableOp", 0, [handle, value], attrs, handle.device)

    # Stopping

    def stop_at(
        self,
        node: str | None = None,
        op: str | None = None,
        bad: bool = False,
        device: bool = False,
        iteration: tuple[str, int] | None = None,
    ) -> Breakpoint:
        """Let `run` stop after a step: of a node or an op type by pattern (`"layer/*"`), that
        gives a NaN or an Inf, that is on another device than the one before it, or that is the
        first in a loop's nth turn (`("while", 3)`, turns from 0). What is said holds together.

        GraphlabError where nothing that will run can ever be such a step.
        """
        made = breakpoint_on(self.plans, node, op, bad, device, iteration)
        self.breakpoints.append(made)
        return made

    def run(self) -> Step | None:
        """Go on to the next breakpoint; the step that hit it. None: ran to the end."""
        before = self.last
        for step in self:
            if any(point.hit_by(step, before) for point in self.breakpoints):
                return step
            before = step
        return None

    # Going back

    def back(self, steps: int = 1) -> Step | None:
        """As if the last so many ops had not run; the step that is then the last one.

        The way there is made again from the start: what is remembered is taken, the rest is
        computed. Changes of tensors are made again where they were made.
        """
        return self.go_to(self.number - steps)

    def go_to(self, number: int) -> Step | None:
        """To the moment after so many steps, back or forth. GraphlabError where there is none."""
        if number < 0:
            raise GraphlabError(f"there are {self.number} steps behind; cannot go to {number}")
        if number < self.number:
            kept = [edit for edit in self._edits if edit.number <= number]
            if len(kept) < len(self._edits):
                self._memory.forget()
            self._machine = self._start(self._memory, self._machine.state.again())
            self.number, self.last, self._edits = 0, None, []
            for edit in kept:
                self._forward(edit.number)
                self._apply(edit)
        self._forward(number)
        return self.last

    def _forward(self, number: int) -> None:
        while self.number < number:
            if next(self, None) is None:
                raise GraphlabError(f"the run ends after {self.number} steps; cannot go further")

    def _apply(self, edit: _Edit) -> None:
        if edit.frame is None:
            found = self._machine.state.variables.get(edit.name) or self._made(edit.name)
            assert found is not None
            self._assign(edit.name, *found, edit.value)
        else:
            frame = next(
                f for f in self._frames() if f.label == edit.frame and edit.name in f.values
            )
            frame.values[edit.name] = edit.value
        self._edits.append(edit)

    def _frames(self) -> Iterator[Frame]:
        todo = [self._machine.root]
        while todo:
            frame = todo.pop(0)
            yield frame
            for loop in frame.loops.values():
                todo += loop.turns.values()
            todo += [call.frame for call in frame.calls.values() if call.frame is not None]


def _dtype(frame: Frame, name: str, value: Any) -> str:
    if is_tensor(value):
        return value.dtype.name
    op = frame.plan.ops.get(name.rpartition(":")[0])
    return op.dtypes[op.outputs.index(name)] if op else "resource"

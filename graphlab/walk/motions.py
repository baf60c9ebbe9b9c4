"""Walking through an execution: motions that a person thinks in, and what is seen where one stops.

    walk = Walk(replay.steps, replay.run.built)
    walk.forward()
    walk.into()                  # the next call, or the next turn of a loop
    walk.view().step             # the op that ran last, with values

Whatever cannot be done raises GraphlabError and leaves the walk where it was.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from graphlab.errors import GraphlabError
from graphlab.model import Graph, Source, Step, body_at

if TYPE_CHECKING:
    from graphlab.engine.execution import Execution, Live, Next


@dataclass(frozen=True)
class View:
    """The moment after a step: all that a screen may show of it."""

    number: int  # steps made so far
    step: Step | None  # the last one, with values; None: nothing has run yet
    inputs: Mapping[str, Any]  # what it was given
    why: str  # what came last to it, see `Execution.why`
    whence: int | None  # the step that gave what came last; None: it was fed, or an argument
    source: Source | None
    ready: tuple[Next, ...]
    live: tuple[Live, ...]
    over: bool  # whether nothing is left to run
    again: bool  # whether this step had been made before a step back: its time tells nothing
    changed: Mapping[str, Any]  # tensors that were given another value at this moment
    variables: Mapping[str, str]  # which variable a handle is of, by tensor


@dataclass(frozen=True)
class Edit:
    """A tensor, or a variable, that was changed after so many steps."""

    number: int
    tensor: str
    frame: str | None  # None: a variable
    value: Any


Heed = Callable[[int], bool]  # is told of each step of a motion, and says whether to stop there


class Walk:
    """An execution with a memory of where it has been."""

    def __init__(
        self,
        start: Callable[[], Execution],
        graph: Graph | None,
        heed: Heed = lambda number: False,
    ) -> None:
        self.graph = graph or Graph()
        self.stopped = False  # whether the last motion was asked to stop before its end
        self._heed = heed
        self.trail: list[Step] = []  # every step so far, without its values
        self.edits: list[Edit] = []
        self.over = False
        self._again = 0  # up to this step all have been made before
        self.variables = _variables(self.graph)
        self._start = start
        self.execution = start()

    @property
    def number(self) -> int:
        """How many steps have been made."""
        return self.execution.number

    @property
    def frame(self) -> str:
        """The call or turn that the last op ran in, "" outside of any."""
        return self.trail[-1].frame if self.trail else ""

    def view(self) -> View:
        """What is to be seen now."""
        execution = self.execution
        step = execution.last
        return View(
            self.number,
            step,
            execution.inputs,
            execution.why if step else "",
            self._whence(execution.why, step) if step else None,
            self.source_of(step) if step else None,
            execution.ready(),
            execution.live(),
            self.over,
            self.number <= self._again,
            {e.tensor: e.value for e in self.edits if e.number == self.number},
            self.variables,
        )

    # Motions

    def forward(self, steps: int = 1) -> None:
        """So many steps, or fewer where the run ends before."""
        goal = self.number + steps
        self._until(lambda step: self.number == goal)

    def back(self, steps: int = 1) -> None:
        """As if the last so many steps had not been made; at most to the start."""
        if not self.number:
            raise GraphlabError("no step has been made yet; there is nothing to go back to")
        self.go_to(max(self.number - steps, 0))

    def go_to(self, number: int) -> None:
        """To the moment after so many steps. Changes that were made later are undone."""
        was = self.number
        if number < 0:
            raise GraphlabError(f"step {number} does not exist; steps count from 1, 0 is the start")
        if number > was:
            if not self._until(lambda step: self.number == number):
                ends = self.number
                self.go_to(was)
                raise GraphlabError(f"the run ends after {ends} steps; cannot go to {number}")
            return
        self._again = max(self._again, was)
        self.execution.go_to(number)
        del self.trail[number:]
        self.edits = [edit for edit in self.edits if edit.number <= number]
        self.over = self.over and number == was

    def next_stop(self) -> int | None:
        """To the next breakpoint; which one it was, from 0. None: the run went to its end."""
        points = self.execution.breakpoints
        before = self.execution.last
        hit: list[int] = []

        def stop(step: Step) -> bool:
            nonlocal before
            hit.extend(i for i, point in enumerate(points) if point.hit_by(step, before))
            before = step
            return bool(hit)

        self._until(stop)
        return hit[0] if hit else None

    def into(self) -> None:
        """To the first step of the next call, or turn of a loop, that begins."""
        was, here = self.number, self.frame
        if not self._until(lambda step: not _within(here, step.frame)):
            self.go_to(was)
            raise GraphlabError("no call and no turn of a loop begins from here to the end")

    def past(self) -> None:
        """To the next step that is not inside of a further call or loop."""
        here = self.frame
        self._until(lambda step: not _inside(step.frame, here))

    def out(self, whole_loop: bool = False) -> None:
        """Out of the call or the turn of a loop; or out of all turns of the loop."""
        here = self.frame
        if not here:
            raise GraphlabError("the last op ran in no call and no loop; there is no way out of it")
        outer, _, last = here.rpartition(" > ")
        loop, colon, turn = last.rpartition(":")
        if whole_loop and not (colon and turn.split(" ")[0].isdigit()):
            raise GraphlabError(f"{here} is no turn of a loop; `out` leaves it")
        turns = f"{outer} > {loop}:" if outer else f"{loop}:"

        def left(step: Step) -> bool:
            if whole_loop:
                return not (step.frame.startswith(turns) and step.frame[len(turns) :][:1].isdigit())
            return not _within(step.frame, here)

        self._until(left)

    def _until(self, stop: Callable[[Step], bool]) -> bool:
        """Step on to where `stop` says so, at least once; False where the run ended before."""
        if self.over:
            raise GraphlabError(f"the run is over after {self.number} steps; `back` goes back")
        self.stopped = False
        try:
            for step in self.execution:
                self.trail.append(replace(step, values=None))
                if stop(step):
                    return True
                if self._heed(self.number):
                    self.stopped = True
                    return True
        except GraphlabError:
            self._mend()
            raise
        self.over = True
        return False

    # Changing and looking

    def set(self, tensor: str, value: Any, frame: str | None = None) -> None:
        """Replace a live tensor, see `Execution.set`."""
        self.execution.set(tensor, value, frame)
        now = self.live(tensor, frame)[0]
        self.edits.append(Edit(self.number, now.spec.name, now.frame, now.value))

    def set_variable(self, name: str, value: Any) -> None:
        """Give a variable another value, see `Execution.set_variable`."""
        self.execution.set_variable(name, value)
        now = self.execution.state()[name]
        self.edits.append(Edit(self.number, name, None, now))

    def live(self, tensor: str, frame: str | None = None) -> list[Live]:
        """The live tensors of a name, in all frames or in one; an op stands for its first."""
        tensor = tensor if ":" in tensor else f"{tensor}:0"
        found = [each for each in self.execution.live() if each.spec.name == tensor]
        return [each for each in found if frame in (None, each.frame)]

    def value_at(self, number: int, tensor: str) -> Any:
        """The value that a tensor was given in an earlier step; the walk stays where it is."""
        now, edits = self.number, self.edits
        self._again = max(self._again, now)
        last = self.execution.go_to(number)
        assert last is not None and last.values is not None
        value = last.values[tensor]
        self._repeat([edit for edit in edits if edit.number > number])
        self.execution.go_to(now)
        return value

    def source_of(self, step: Step) -> Source | None:
        """The user's line that made the op of a step."""
        body = body_at(self.graph, step.frame)
        node = body.by_name.get(step.node) if body is not None else None
        return node.source if node is not None else None

    def _whence(self, why: str, step: Step | None) -> int | None:
        """The number of the step that gave what came last, searched backwards."""
        name = why.removeprefix("^")
        for number in range(len(self.trail) - 1, 0, -1):
            before = self.trail[number - 1]
            if before.node == name or any(spec.name == name for spec in before.outputs):
                return number
        return None

    def _mend(self) -> None:
        """Make the moment before an op failed again: a failed op has eaten its inputs."""
        number, edits = self.number, self.edits
        if number:
            self.execution.go_to(number - 1)
            next(self.execution)
            self._repeat([edit for edit in edits if edit.number == number])
        else:
            points = self.execution.breakpoints
            self.execution = self._start()
            self.execution.breakpoints = points
            self._repeat(edits)

    def _repeat(self, edits: list[Edit]) -> None:
        for edit in edits:
            self.execution.go_to(edit.number)
            if edit.frame is None:
                self.execution.set_variable(edit.tensor, edit.value)
            else:
                self.execution.set(edit.tensor, edit.value, edit.frame)


def _variables(graph: Graph) -> dict[str, str]:
    """The variable behind each handle of a graph, by tensor."""
    found = {}
    for node in graph.nodes:
        if node.op == "VarHandleOp":
            found[f"{node.name}:0"] = str(node.attrs.get("shared_name") or node.name)
        elif node.marks.variable:
            found[f"{node.name}:0"] = node.marks.variable
    return found


def _inside(frame: str, outer: str) -> bool:
    return frame.startswith(f"{outer} > ") if outer else bool(frame)


def _within(frame: str, outer: str) -> bool:
    return frame == outer or _inside(frame, outer)

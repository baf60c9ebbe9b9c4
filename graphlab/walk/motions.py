"""Walking through an execution: motions that a person thinks in, and what is seen where one stops.

    walk = Walk(replay.steps, replay.run.built)
    walk.forward()
    walk.into()                  # the next call, or the next turn of a loop
    walk.view().step             # the op that ran last, with values

Whatever cannot be done raises GraphlabError and leaves the walk where it was.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from graphlab.errors import GraphlabError
from graphlab.model import Graph, Source, Step, body_at
from graphlab.walk.lines import Lines, Op, begun
from graphlab.walk.quiet import Quiet
from graphlab.walk.untouched import Untouched
from graphlab.walk.view import Edit, Heed, View
from visualize.words import HANDLES

if TYPE_CHECKING:
    from graphlab.engine.execution import Execution, Live

NOTHING_BEFORE = "no step has been made yet; there is nothing to go back to"


class Walk:
    """An execution with a memory of where it has been."""

    def __init__(
        self,
        start: Callable[[], Execution],
        graph: Graph | None,
        heed: Heed = lambda number: False,
        total: int | None = None,
        became: Mapping[str, str] | None = None,
    ) -> None:
        self.graph = graph or Graph()
        self.total = total
        self._became = became or {}  # what the recorded call made of ops, by path
        self.quiet = Quiet(self.graph)
        self._untouched = Untouched(start)
        self.stopped = False  # whether the last motion was asked to stop before its end
        self._heed = heed
        self.trail: list[Step] = []  # every step so far, without its values
        self.edits: list[Edit] = []
        self.over = False
        self._again = 0  # up to this step all have been made before
        self.variables = _variables(self.graph)
        self._start = start
        self.execution = start()
        self._fed = {
            live.spec.name: live.value
            for live in self.execution.live()
            if live.spec.dtype not in HANDLES
        }

    @property
    def number(self) -> int:
        """How many steps have been made."""
        return self.execution.number

    @property
    def given(self) -> dict[str, Any]:
        """What the run was fed, or what somebody fed in its place, by tensor."""
        set_ones = {e.tensor: e.value for e in self.edits if e.tensor in self._fed and not e.frame}
        return {**self._fed, **set_ones}

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
            None if self.edits and not self.over else self.total,
            became=self._became.get(_path(step), "") if step else "",
            was=self._was(step),
        )

    # Motions

    def forward(self, steps: int = 1, every: bool = True) -> None:
        """So many steps, or fewer where the run ends before; without `every`, quiet ones do not
        count."""
        made = 0

        def enough(step: Step) -> bool:
            nonlocal made
            made += every or not self.quiet(step)
            return made == steps

        self._until(enough)

    def line(self) -> None:
        """To where the ops of another line of the program have run, as far as they come at once.

        Quiet ones of other lines may come between them.
        """
        here = self.source_of(self.trail[-1]) if self.trail else None
        lines = Lines(here, self._left_by_line(self.trail), self._source_at, self.quiet)
        self._until(lambda step: lines.ends(step, self._ahead()))

    def line_back(self) -> None:
        """To the last moment before this one at which `line` stops, from the start on."""
        if not self.number:
            raise GraphlabError(NOTHING_BEFORE)
        self.go_to(max(number for number in self._stops() if number < self.number))

    def _stops(self) -> list[int]:
        """Where one has stopped who went line by line from the start, the start included."""
        lines = Lines(None, self._left_by_line([]), self._source_at, self.quiet)
        stops = [0]
        for number, step in enumerate(self.trail, 1):
            if number == len(self.trail):
                ahead = self._ahead()
            else:
                after = self.trail[number]
                calls = begun(self.graph, step.frame, after.frame)
                ahead = calls[:2] if calls else (after.node, after.frame)
            if lines.ends(step, ahead):
                lines.here = self.source_of(step)
                stops.append(number)
        return stops

    def _ahead(self) -> Op | None:
        """The op that runs next."""
        ready = self.execution.ready()
        return (ready[0].node, ready[0].frame) if ready else None

    def _left_by_line(self, trail: Sequence[Step]) -> Counter[Source | None]:
        """How many ops that each line has made are to run after some steps, outside of calls and
        loops."""
        will = {name for plan in self.execution.plans for name in plan.ops}
        will -= {step.node for step in trail if not step.frame}
        nodes = (node for node in self.graph.nodes if node.name in will)
        return Counter(node.source for node in nodes if not self.quiet.of(node.name, ""))

    def past_quiet(self) -> None:
        """On while the next op is a quiet one."""
        while (ahead := self.execution.ready()) and self.quiet.of(ahead[0].node, ahead[0].frame):
            self.forward()

    def back(self, steps: int = 1, every: bool = True) -> None:
        """As if the last so many steps had not been made; at most to the start. Without `every`,
        quiet ones do not count."""
        if not self.number:
            raise GraphlabError(NOTHING_BEFORE)
        loud = [n for n, step in enumerate(self.trail, 1) if every or not self.quiet(step)]
        before = [0, *(n for n in loud if n < self.number)]
        self.go_to(before[max(len(before) - steps, 0)])

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
        self.total = self.number
        return False

    # Changing and looking

    def set(self, tensor: str, value: Any, frame: str | None = None) -> None:
        """Replace a live tensor, see `Execution.set`."""
        before = self.live(tensor, frame)
        self.execution.set(tensor, value, frame)
        now = self.live(tensor, frame)[0]
        held = before[0].value if before else None
        self.edits.append(Edit(self.number, now.spec.name, now.frame, now.value, held))

    def set_variable(self, name: str, value: Any) -> None:
        """Give a variable another value, see `Execution.set_variable`."""
        before = self.execution.state().get(name)
        self.execution.set_variable(name, value)
        now = self.execution.state()[name]
        self.edits.append(Edit(self.number, name, None, now, before))

    def live(self, tensor: str, frame: str | None = None) -> list[Live]:
        """The live tensors of a name, in all frames or in one; an op stands for its first."""
        tensor = tensor if ":" in tensor else f"{tensor}:0"
        found = [each for each in self.execution.live() if each.spec.name == tensor]
        return [each for each in found if frame in (None, each.frame)]

    def step_at(self, number: int) -> tuple[Step, Mapping[str, Any]]:
        """A step that was made, with its values, and what it was given; the walk stays here."""
        now, edits = self.number, self.edits
        self._again = max(self._again, now)
        last = self.execution.go_to(number)
        assert last is not None and last.values is not None
        values, inputs = dict(last.values), dict(self.execution.inputs)
        self._repeat([edit for edit in edits if edit.number > number])
        self.execution.go_to(now)
        return replace(last, values=values), inputs

    def value_at(self, number: int, tensor: str) -> Any:
        """The value that a tensor was given in an earlier step; the walk stays where it is."""
        step, _ = self.step_at(number)
        assert step.values is not None
        return step.values[tensor]

    def _was(self, step: Step | None) -> dict[str, Any]:
        """What the last op would have given, and what was set here, had nobody set anything."""
        found = {e.tensor: e.before for e in self.edits if e.number == self.number}
        if step is not None and any(e.number < self.number for e in self.edits):
            found |= self._untouched.gives(self.number, step)
        return found

    def source_of(self, step: Step) -> Source | None:
        """The user's line that made the op of a step."""
        return self._source_at(step.node, step.frame)

    def _source_at(self, name: str, frame: str) -> Source | None:
        body = body_at(self.graph, frame)
        node = body.by_name.get(name) if body is not None else None
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


def _path(step: Step) -> str:
    """The op of a step, with the calls that it is in: `"call/op"`."""
    calls = [re.sub(r":\d+$", "", each) for each in step.frame.split(" > ") if each]
    return "/".join([*calls, step.node])


def _inside(frame: str, outer: str) -> bool:
    return frame.startswith(f"{outer} > ") if outer else bool(frame)


def _within(frame: str, outer: str) -> bool:
    return frame == outer or _inside(frame, outer)

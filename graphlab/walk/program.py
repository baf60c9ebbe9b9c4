"""The program of a run on a page: its lines, what their names stand for, and when variables change.

told = Told()
run = replay.as_written(told.seen)
columns["program"] = program_columns(run, replay.start.state, told)
"""

from __future__ import annotations

import linecache
from collections.abc import Collection, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

from graphlab.model import Graph, Run, Source, body_at, node_of
from graphlab.walk.lines import begun
from graphlab.walk.lit import AROUND
from graphlab.walk.names import meanings
from graphlab.walk.quiet import Quiet
from visualize.page.columns import Table
from visualize.page.glimpse import glimpse

if TYPE_CHECKING:  # it imports TensorFlow
    from graphlab.engine.execution import Execution

READS = ("ReadVariableOp", "VarIsInitializedOp", "VarHandleOp", "VariableV2", "Variable")


class Told:
    """What the steps of an execution do not say: what they made of variables, and arguments."""

    def __init__(self) -> None:
        self.became: dict[int, dict[str, Any]] = {}  # by step, from 0
        self.given: dict[str, dict[str, Any]] = {}  # by frame: the tensors that no op in it gives
        self._ran: set[tuple[str, str]] = set()

    def seen(self, execution: Execution) -> None:
        """Take down what the op that ran last was given as an argument, and made of variables."""
        assert execution.last is not None
        frame = execution.last.frame
        self._ran.add((frame, execution.last.node))
        if frame:
            given = self.given.setdefault(frame, {})
            for name in execution.inputs:
                if name not in given and (frame, node_of(name)) not in self._ran:
                    value = execution.inputs[name]
                    given |= {} if isinstance(value, str) else {name: glimpse(value)}
        if execution.last.op in READS:
            return
        values = {name: execution.variable(name) for name in execution.touched()}
        known = {name: glimpse(value) for name, value in values.items() if value is not None}
        if known:
            self.became[execution.number - 1] = known


def program_columns(run: Run, state: Mapping[str, Any], told: Told) -> dict[str, Any]:
    """The program of a run that was executed again, as plain data.

    `quiet`: the steps that a reader passes by. `lines`: [number in `files`, line, its names] for
    each line whose ops ran, and `line`: which of them each step is of, -1 for none. A name is
    [name, variable, tensor, whether it is assigned there], see `graphlab.walk.names.Meant`; the
    tensor is of the step's own body, of which `body` has the number. `calls`: before which steps a
    call or a turn of a loop begins, with the line of the op that calls. `given` has what calls
    were given, by frame and tensor, `state` the variables' values before all and `became` those
    that a step changed, as far as some line names them; `code` the lines of each file around
    those: {number: text}.
    """
    graph = run.built or Graph()
    quiet = Quiet(graph)
    variables = list(
        dict.fromkeys([*_plain(state), *(name for some in told.became.values() for name in some)])
    )
    lines, meant = _Lines(), []
    numbers, bodies, calls, before = [], Table(), {}, ""
    for number, step in enumerate(run.steps):
        caller = begun(graph, before, step.frame)
        if caller is not None:
            calls[str(number)] = lines.of(*caller)
        numbers.append(lines.of(step.node, step.frame, body_at(graph, step.frame)))
        before = step.frame
    for source, body, frame in lines.found:
        meant.append(meanings(source, body, variables, partial(quiet.of, frame=frame)))
    named = {name for some in meant for each in some for name in (each.variable, each.tensor)}
    return {
        "quiet": [number for number, step in enumerate(run.steps) if quiet(step)],
        "files": lines.files.items,
        "lines": [
            [*place, [[each.name, each.variable, each.tensor, each.made] for each in names]]
            for place, names in zip(lines.places, meant, strict=True)
        ],
        "line": numbers,
        "body": [bodies.of(id(body_at(graph, step.frame))) for step in run.steps],
        "calls": calls,
        "given": {
            frame: known for frame, given in told.given.items() if (known := _only(given, named))
        },
        "state": {name: glimpse(x) for name, x in _only(_plain(state), named).items()},
        "became": {
            str(number): known
            for number, changed in told.became.items()
            if (known := _only(changed, named))
        },
        "code": [
            _code(path, [line for file, line in lines.places if file == number])
            for number, path in enumerate(lines.files.items)
        ],
    }


class _Lines:
    """The lines that made ops, each once for each body, in the order in which they came."""

    def __init__(self) -> None:
        self.files = Table()
        self.places: list[tuple[int, int]] = []  # number in `files`, line
        self.found: list[tuple[Source, Graph, str]] = []  # with a frame of the body
        self._numbers = Table()

    def of(self, node: str, frame: str, body: Graph | None) -> int:
        """The number of the line that made an op; -1 where none is known."""
        found = body.by_name.get(node) if body is not None else None
        if body is None or found is None or found.source is None:
            return -1
        number = self._numbers.of((id(body), found.source))
        if number == len(self.found):
            path, line = found.source
            self.places.append((self.files.of(path), line))
            self.found.append((found.source, body, frame))
        return number


def _plain(state: Mapping[str, Any]) -> dict[str, Any]:
    """The variables of a state, without its tables."""
    return {name: value for name, value in state.items() if not isinstance(value, tuple)}


def _only(values: Mapping[str, Any], names: Collection[str]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if name in names}


def _code(path: str, lines: list[int]) -> dict[str, str]:
    """The lines of a file, and AROUND before and after each; nothing of what cannot be read."""
    text = linecache.getlines(path)
    near = {n for line in lines for n in range(line - AROUND, line + AROUND + 1)}
    return {str(n): text[n - 1].rstrip("\n") for n in sorted(near) if 0 < n <= len(text)}

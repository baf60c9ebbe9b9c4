"""One side of a comparison: a target's recorded calls as events, each with the values it took
and gave.

side = of_watched(watched, index)
side.events[3].outputs        # ((tensor, number of its value in the index), ...)
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from graphlab.comparison.values import Index, array_of, informative
from graphlab.engine import Engine
from graphlab.errors import GraphlabError
from graphlab.model import Graph, Node, Source, body_at, node_of
from graphlab.targets.target import Watched
from graphlab.watch.replay import Replay

FEED, VARIABLE = "feed", "variable"  # events that are no ops: where values come from
# What only hands on or holds a value: two of them are no different computation.
SOURCES = frozenset(
    "Const Placeholder PlaceholderWithDefault _Arg EagerTensor Identity IdentityN ReadVariableOp"
    " Cast ExpandDims Reshape VariableV2 Variable Snapshot StopGradient PreventGradient".split()
) | {FEED, VARIABLE}
_WRITES = re.compile("Assign|Apply|Scatter")
_CALLS = re.compile("Call$|^(Stateless)?(While|If|Case)$|^__(inference|forward|backward)_")


@dataclass(frozen=True, slots=True)
class Event:
    """An op that ran once, or a feed, or the value with which a variable begins a call."""

    moment: int  # which call of the program this belongs to; 0: to none
    call: str  # "Session.run, call 2"
    node: str
    op: str
    inputs: tuple[int, ...]  # numbers of values; of what has none, such as a handle, nothing
    outputs: tuple[tuple[str, int], ...]  # a tensor, or a variable that was written, and its value
    frame: str = ""
    source: Source | None = None
    hidden: bool = False  # whether it takes or gives what has no value: a list, an array, a table


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a call gave."""

    moment: int
    name: str
    value: int
    returned: bool = True  # False: what a variable was after the last call


@dataclass
class Side:
    """All that is known of a side."""

    name: str
    index: Index
    events: list[Event] = field(default_factory=list)
    outcomes: list[Outcome] = field(default_factory=list)
    variables: dict[str, np.ndarray] = field(default_factory=dict)  # as they were first seen
    dtypes: dict[str, Any] = field(default_factory=dict)  # of variables: NumPy's or TensorFlow's
    begins: dict[int, dict[str, np.ndarray]] = field(default_factory=dict)  # by moment
    moments: int = 0
    replays: list[Replay] = field(default_factory=list)  # those that tell of variables
    notes: list[str] = field(default_factory=list)
    draws: tuple[str, ...] = ()  # ops that draw random numbers

    def add_variable(self, name: str, value: Any, array: np.ndarray) -> None:
        """A variable as it is seen now; nothing where it was seen before."""
        if name not in self.variables:
            self.variables[name] = array  # which may be wider than the variable
            self.dtypes[name] = getattr(value, "dtype", array.dtype)


State = Mapping[int, Mapping[str, Any]]  # by moment: values of variables


def of_watched(watched: Watched, index: Index, state: State | None = None) -> Side:
    """The events of a target's recorded calls, replayed. `state` gives what its variables begin
    each call with, where that is to be another's.

    GraphlabError where nothing was recorded that gives a value.
    """
    side = Side(watched.target.text, index)
    replays = _chosen(watched)
    moments = _moments(replays)
    side.moments = max(moments, default=0)
    draws: dict[str, None] = {}
    engines: dict[int, tuple[Any, Engine]] = {}
    functions = any(replay.run.way == "function" for replay in replays)
    for replay, moment in zip(replays, moments, strict=True):
        given = (state or {}).get(moment)
        if given:
            known = {n: v for n, v in given.items() if n in replay.start.state}
            begin = replace(replay.start, state={**replay.start.state, **known})
            replay = replace(replay, start=begin)
        # Bodies of functions are told by the calls of those functions, which know the lines.
        outermost = functions and replay.run.way == "eager"
        _Reader(side, replay, moment, outermost, engines).read(draws)
    _add_results(side, watched, changed=state is not None)
    side.draws = tuple(draws)
    if not any(array_of(index.values[o.value]) is not None for o in side.outcomes):
        raise GraphlabError(
            f"{side.name} gives no value that could be compared; fetch, return or compute one"
        )
    return side


def _chosen(watched: Watched) -> list[Replay]:
    """The recorded calls but those that only call what is recorded by itself."""
    kept = [r for r in watched.replays if not _only_calls(r)]
    return kept or list(watched.replays)


def _only_calls(replay: Replay) -> bool:
    built = replay.run.built
    return (
        replay.run.way == "eager"
        and built is not None
        and all(node.marks.outside or _is_call(node.op) for node in built.nodes)
    )


def _is_call(op: str) -> bool:
    return _CALLS.search(op) is not None


def _moments(replays: list[Replay]) -> list[int]:
    """To which call of the program each recorded call belongs.

    A lesson says so itself: its steps. Else it is told by the kind of call that was made most
    often (of as many, of the most ops): from one such call to the next is one moment.
    """
    if any(replay.run.step for replay in replays):
        return [replay.run.step for replay in replays]
    kinds: dict[Any, list[int]] = {}
    for n, replay in enumerate(replays):
        if replay.run.way != "eager":
            run = replay.run
            kinds.setdefault((run.way, run.name, run.source, run.fetches), []).append(n)
    if not kinds:
        return [1 for _ in replays]
    sizes = {key: len(replays[calls[0]].run.built or ()) for key, calls in kinds.items()}
    main = max(kinds, key=lambda key: (len(kinds[key]), sizes[key]))
    result, done = [], 0
    for n, replay in enumerate(replays):
        result.append(0 if replay.run.way == "eager" else min(done + 1, len(kinds[main])))
        done += n in kinds[main]
    return result


class _Reader:
    """Makes events of one replay."""

    def __init__(
        self, side: Side, replay: Replay, moment: int, outermost: bool, engines: dict
    ) -> None:
        self.side, self.replay, self.moment = side, replay, moment
        self.engines: dict[int, tuple[Any, Engine]] = engines
        self.outermost = outermost  # whether only ops outside of function bodies are told
        run = replay.run
        self.call = f"{run.name}, call {run.call}" + (f", step {run.step}" if run.step else "")
        self.graph: Graph = run.built or Graph()
        self.known: dict[tuple[str, str], int] = {}
        self.bodies: dict[str, Graph | None] = {}
        self.taken: set[int] = set()
        self.current: dict[str, int] = {}  # what each variable holds now

    def read(self, draws: dict[str, None]) -> None:
        """Replay the call; where that cannot be, only what it gave is known."""
        side = self.side
        if not self.outermost:
            side.replays.append(self.replay)
        for name, value in self.replay.start.state.items():
            array = array_of(value)
            if array is not None and not isinstance(value, tuple):
                if not self.outermost:  # where one variable may have another's name
                    side.add_variable(name, value, array)
                    side.begins.setdefault(self.moment, {}).setdefault(name, array)
                self.current[name] = number = self.number(array)
                self._add(name, VARIABLE, (), ((name, number),))
        for name, value in self.replay.start.feeds.items():
            array = array_of(_plain(value))
            if array is not None:
                number = self.known["", name] = self.number(array)
                self._add(node_of(name), FEED, (), ((name, number),))
        try:
            execution = self.replay.steps(engine=self._engine())
            draws |= dict.fromkeys(execution.random_ops)
            for step in execution:
                if not (self.outermost and step.frame):
                    self._step(step, execution)
            found, state = execution.fetched, execution.state()
        except GraphlabError as error:
            side.notes.append(f"{side.name}: {self.call} cannot be replayed: {error}")
            found = {n: _plain(v) for n, v in self.replay.start.results.items()}
            state = {}
        self._give(found, state)

    def _engine(self) -> Engine:
        """The one of the call's graph or function, which most calls share."""
        source = self.replay.source()
        if id(source) not in self.engines:  # the source is kept, so that no other gets its id
            self.engines[id(source)] = source, Engine(source)
        return self.engines[id(source)][1]

    def number(self, array: np.ndarray) -> int:
        """The number of a value."""
        return self.side.index.number(array)

    def _add(
        self,
        node: str,
        op: str,
        inputs: tuple,
        outputs: tuple,
        frame: str = "",
        source: Any = None,
        hidden: bool = False,
    ) -> None:
        event = Event(self.moment, self.call, node, op, inputs, outputs, frame, source, hidden)
        self.side.events.append(event)

    def _step(self, step: Any, execution: Any) -> None:
        inputs, handles = [], False
        given = execution.inputs
        for name in given:
            number = self.known.get((step.frame, name))
            if number is None:
                array = array_of(given[name])
                if array is None:
                    handles = True
                    continue
                number = self.number(array)
            inputs.append(number)
        touched = execution.touched() if handles or _WRITES.search(step.op) else ()
        inputs += [self.current[name] for name in touched if name in self.current]
        outputs = []
        hidden = handles and not touched
        for name in step.values or ():
            array = array_of(step.values[name])
            if array is None:
                hidden = hidden or step.op != "VarHandleOp"
            else:
                number = self.number(array)
                outputs.append((name, number))
                if not self._refers(step, name):
                    self.known[step.frame, name] = number
        for name in touched if _WRITES.search(step.op) else ():
            array = array_of(execution.variable(name))
            if array is not None:
                self.current[name] = number = self.number(array)
                outputs.append((name, number))
        if _is_call(step.op):
            self.taken.update(number for _, number in outputs)
            return  # its body is told op by op, and what it gives is a result there
        self.taken.update(inputs)
        if outputs or (hidden and inputs):
            node = self._node(step)
            source = node.source if node else None
            given_and_got = tuple(inputs), tuple(outputs)
            self._add(step.node, step.op, *given_and_got, step.frame, source, hidden)

    def _refers(self, step: Any, name: str) -> bool:
        """Whether a tensor is a reference to a variable, whose value changes."""
        return any(spec.name == name and spec.dtype.endswith("_ref") for spec in step.outputs)

    def _node(self, step: Any) -> Node | None:
        if step.frame not in self.bodies:
            self.bodies[step.frame] = body_at(self.graph, step.frame)
        body = self.bodies[step.frame]
        if body is None:
            return None
        # TensorFlow adds _0 to the name of an op that is called as a result of its function is.
        for name in (step.node, step.node.removesuffix("_0")):
            node = body.by_name.get(name)
            if node is not None and node.op == step.op:
                return node
        return None

    def _give(self, found: Mapping[str, Any], state: Mapping[str, Any]) -> None:
        """What the call gave, and what it left behind in variables."""
        eager = self.replay.run.way == "eager"
        for name, value in found.items():
            array = array_of(value)
            if array is None or name.endswith("_ref"):
                continue
            number = self.number(array)
            # Of eager ops all are fetched: a result is what nobody took, and is worth a look.
            if not eager or (number not in self.taken and informative(array)):
                self.side.outcomes.append(Outcome(self.moment, name, number))
        before = self.replay.start.state
        for name, value in state.items() if not self.outermost else ():
            array = array_of(value) if not isinstance(value, tuple) else None
            if array is not None:
                number = self.number(array)
                self.side.add_variable(name, value, array)  # if it was made in this call
                was = array_of(before.get(name))
                if was is None or self.number(was) != number:
                    self.side.outcomes.append(Outcome(self.moment, name, number, returned=False))


def _add_results(side: Side, watched: Watched, changed: bool) -> None:
    """Where the target says what its results are, those count and no fetch does."""
    if not watched.results or changed:
        return
    side.outcomes = [outcome for outcome in side.outcomes if not outcome.returned]
    for name, array in _arrays(watched.results):
        side.outcomes.append(Outcome(0, name, side.index.number(array)))


def _arrays(results: Mapping[str, Any]) -> Iterator[tuple[str, np.ndarray]]:
    """Results by name; of one for each case, each by itself."""
    for name, value in results.items():
        if isinstance(value, list | tuple):
            for n, item in enumerate(value, 1):
                array = array_of(_plain(item))
                if array is not None:
                    yield f"{name}, case {n}", array
        else:
            array = array_of(_plain(value))
            if array is not None:
                yield name, array


def _plain(value: Any) -> Any:
    return value.numpy() if hasattr(value, "numpy") else value

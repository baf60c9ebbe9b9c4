"""One recorded call executed again, op by op, each as an event of its side."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np

from graphlab.comparison.lines import Lines
from graphlab.comparison.side import FEED, VARIABLE, Event, Outcome, Played, Side
from graphlab.comparison.starts import is_call, lent, plain
from graphlab.comparison.values import array_of, informative
from graphlab.engine import Engine
from graphlab.errors import GraphlabError
from graphlab.model import Graph, node_of
from graphlab.watch.replay import Replay

_WRITES = re.compile("Assign|Apply|Scatter")
_OVERWRITES = ("AssignVariableOp", "Assign")  # whatever a variable held before


def _spec(value: Any, array: np.ndarray) -> tuple[str, tuple[int, ...]]:
    """What a value is; its array is wider where NumPy lacks the type."""
    return _named(getattr(value, "dtype", array.dtype)), array.shape


@cache
def _named(dtype: Any) -> str:
    """NumPy finds a type's name anew each time that it is asked."""
    return dtype.name


class Reader:
    """Makes events of one replay."""

    def __init__(
        self,
        side: Side,
        replay: Replay,
        moment: int,
        outermost: bool,
        engine: Engine | None,
        called: Mapping[str, str],
        handed: Mapping[str, Any],
    ) -> None:
        self.side, self.replay, self.moment, self.engine = side, replay, moment, engine
        self.outermost = outermost  # whether only ops outside of function bodies are told
        self.called = called  # what a variable of the call is called in the side
        self.handed = handed  # what calls gave that are not to be made, by tensor
        run = replay.run
        self.call = f"{run.name}, call {run.call}" + (f", step {run.step}" if run.step else "")
        self.graph: Graph = run.built or Graph()
        self.lines = Lines(self.graph)
        self.known: dict[tuple[str, str], int] = {}
        self.made: dict[tuple[str, str], int] = {}  # the event that gave a tensor of a frame
        self.holder: dict[str, int] = {}  # the event that gave a variable what it holds
        self.taken: set[int] = set()
        self.current: dict[str, int] = {}  # what each variable holds now

    def read(self, draws: dict[str, None]) -> None:
        """Replay the call; where that cannot be, only what it gave is known."""
        side = self.side
        first, run = len(side.events), self.replay.run
        side.played.append(Played(self.replay, self.moment, first, self.called, self.outermost))
        for own, value in self._variables().items():
            array = array_of(value)
            if array is not None and not isinstance(value, tuple):
                name = self._name(own)
                if not self.outermost:  # where one variable may have another's name
                    side.add_variable(name, value, array)
                    side.begins.setdefault(self.moment, {}).setdefault(name, array)
                self.current[own] = number = self.number(array)
                self._met(name, number)
                self.holder[own] = self._add(
                    name, VARIABLE, outputs=((name, number),), specs=(_spec(value, array),)
                )
        for name, value in self.replay.start.feeds.items():
            array = array_of(plain(value))
            if array is not None:
                number = self.known["", name] = self.number(array)
                # Outside of a lesson's steps other calls may be recorded on the other side.
                if run.way != "eager" and (self.moment or not side.moments):
                    side.fed.setdefault(node_of(name), []).append(number)
                self.made["", name] = self._add(
                    node_of(name), FEED, outputs=((name, number),), specs=(_spec(value, array),)
                )
        for name, value in self.handed.items():
            array = array_of(plain(value))
            if array is not None:
                self.known["", name] = self.number(array)
        try:
            execution = self._replay().steps(engine=self.engine)
            draws |= dict.fromkeys(execution.random_ops)
            for step in execution:
                if not (self.outermost and step.frame):
                    self._step(step, execution)
            found, state = self._found(execution), execution.state()
            if self.replay.start.iterators and not self._as_before(found):
                raise GraphlabError("its iterator gives other elements the second time")
        except GraphlabError as error:
            side.notes.append(f"{side.name}: {self.call} cannot be replayed: {error}")
            side.blind = side.blind or self.call
            found = self._given_before()
            state = {}
        self.lines.of_givers(side.events, first)
        self._give(found, state)
        if not self.outermost:  # which tells what the functions it calls left, at the wrong place
            for own, number in self.current.items():
                side.last[self._name(own)] = Outcome(self.moment, own, number, returned=False)
            side.reached = self.moment

    def _found(self, execution: Any) -> dict[str, int]:
        """What is fetched, as numbers of values: most have been looked at when they came."""
        known = {n: self.known["", n] for n in execution.fetches if ("", n) in self.known}
        left = [name for name in execution.fetches if name not in known]
        found = known | self._numbers(execution.arrived(left))
        return {name: found[name] for name in execution.fetches if name in found}

    def _numbers(self, values: Mapping[str, Any]) -> dict[str, int]:
        arrays = {name: array_of(value) for name, value in values.items()}
        return {name: self.number(array) for name, array in arrays.items() if array is not None}

    def _given_before(self) -> dict[str, int]:
        """What the call gave the program."""
        return self._numbers({n: plain(v) for n, v in self.replay.start.results.items()})

    def _as_before(self, found: Mapping[str, int]) -> bool:
        """Whether the call gave what it gave the program."""
        near = self.side.index.near
        own = self._given_before()
        return all(near(found[name]) == near(own[name]) for name in found if name in own)

    def _variables(self) -> dict[str, Any]:
        """What the variables of the call hold when it begins: its own, and those handed to it."""
        start = self.replay.start
        return {**start.state, **{own: held.value for own, held in lent(start).items()}}

    def _met(self, name: str, number: int) -> None:
        """A variable at the start of the call. If it was another when last seen, something between
        the calls has changed it: an optimizer outside of a function, a call that is not recorded.
        """
        if self.outermost or not self.moment:
            return
        first = self.side.reached < self.moment
        if first:  # what it holds now is what the calls before left in the end
            self.side.unsure.discard((self.moment - 1, name))
        before = self.side.last.get(name)
        if before is None or before.value == number:
            return
        if not first:  # and may be changed once more behind this call
            self.side.unsure.add((self.moment, name))
        # Of the call before, if this one is the first of its own.
        moment = max(self.side.reached, self.moment - 1)
        if moment:
            self.side.outside.add(name)
            self.side.outcomes.append(Outcome(moment, name, number, returned=False))

    def _replay(self) -> Replay:
        """The call, without the calls that are not to be made."""
        if not self.handed:
            return self.replay
        start = self.replay.start
        kept = tuple(f for f in start.fetches if not self._is_call(f))
        feeds = {**start.feeds, **self.handed}
        return replace(self.replay, start=replace(start, feeds=feeds, fetches=kept))

    def _is_call(self, fetch: str) -> bool:
        node = self.graph.by_name.get(node_of(fetch))
        return node is not None and is_call(node.op)

    def _name(self, own: str) -> str:
        """What a variable of the call is called in the side."""
        return self.called.get(own, own)

    def number(self, array: np.ndarray) -> int:
        """The number of a value."""
        return self.side.index.number(array)

    def _add(self, node: str, op: str, **more: Any) -> int:
        """The place of a new event of this call."""
        self.side.events.append(
            Event(self.moment, self.call, node, op, **{"inputs": (), "outputs": (), **more})
        )
        return len(self.side.events) - 1

    def _step(self, step: Any, execution: Any) -> None:
        inputs, givers, handles = [], [], False
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
            givers.append(self.made.get((step.frame, name), -1))
        touched = execution.touched() if handles or _WRITES.search(step.op) else ()
        for name in touched:
            if name in self.current and step.op not in _OVERWRITES:
                inputs.append(self.current[name])
                givers.append(self.holder.get(name, -1))
        outputs, specs, numbers, written = [], [], {}, []
        hidden = handles and not touched
        for name in step.values or ():
            array = array_of(step.values[name])
            if array is None:
                hidden = hidden or step.op != "VarHandleOp"
            else:
                numbers[name] = number = self.number(array)
                outputs.append((name, number))
                specs.append(_spec(step.values[name], array))
        for name in touched if _WRITES.search(step.op) else ():
            value = execution.variable(name)
            array = array_of(value)
            if array is not None:
                self.current[name] = number = self.number(array)
                outputs.append((self._name(name), number))
                specs.append(_spec(value, array))
                written.append(name)
                if not self.outermost:  # of one that the call makes, its first value
                    self.side.add_variable(self._name(name), value, array)
        kept = [name for name in numbers if not self._refers(step, name)]
        self.known |= {(step.frame, name): numbers[name] for name in kept}
        if is_call(step.op):
            self.taken.update(number for _, number in outputs)
            return  # its body is told op by op, and what it gives is a result there
        self.taken.update(inputs)
        if outputs or (hidden and inputs):
            at = self._add(
                step.node,
                step.op,
                inputs=tuple(inputs),
                outputs=tuple(outputs),
                specs=tuple(specs),
                frame=step.frame,
                source=self.lines.of(step),
                hidden=hidden,
                givers=tuple(givers),
            )
            # A hand-over of many tensors: each comes from where it came from before.
            made = (
                givers if step.op == "IdentityN" and len(givers) == len(kept) else [at] * len(kept)
            )
            self.made |= {(step.frame, n): giver for n, giver in zip(kept, made, strict=True)}
            self.holder |= dict.fromkeys(written, at)

    def _refers(self, step: Any, name: str) -> bool:
        """Whether a tensor is a reference to a variable, whose value changes."""
        return any(spec.name == name and spec.dtype.endswith("_ref") for spec in step.outputs)

    def _was_wanted(self, name: str) -> bool:
        """Whether it was a result in the program's own run."""
        own = array_of(plain(self.replay.start.results.get(name)))
        index = self.side.index
        return own is not None and index.near(index.number(own)) in self.side.wanted

    def _give(self, found: Mapping[str, int], state: Mapping[str, Any]) -> None:
        """What the call gave, and what it left behind in variables."""
        eager = self.replay.run.way == "eager"
        side, given = self.side, set()
        for name, number in found.items():
            if name.endswith("_ref"):
                continue
            outcome = Outcome(self.moment, name, number, loose=self.outermost)
            if side.wanted:
                if self._was_wanted(name) and number not in given:
                    side.outcomes.append(outcome)
                    given.add(number)
            # Of eager ops all are fetched: a result is what nobody took, and is worth a look.
            elif not eager or number not in self.taken:
                said = not eager or informative(side.index.values[number])
                (side.outcomes if said else side.faint).append(outcome)
        before = self._variables()
        for own, value in state.items() if not self.outermost else ():
            array = array_of(value) if not isinstance(value, tuple) else None
            if array is not None:
                name, number = self._name(own), self.number(array)
                self.side.add_variable(name, value, array)  # if it was made in this call
                was = array_of(before.get(own))
                if was is None or self.number(was) != number:
                    self.side.outcomes.append(Outcome(self.moment, name, number, returned=False))

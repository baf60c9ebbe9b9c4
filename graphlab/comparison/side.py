"""One side of a comparison: what ran as events, each with the values it took and gave.

side.events[3].outputs        # ((tensor, number of its value in the index), ...)
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from graphlab.comparison.index import Index
from graphlab.model import Run, Source
from graphlab.watch.replay import Replay

FEED, VARIABLE = "feed", "variable"  # events that are no ops: where values come from
# What only hands on or holds a value: two of them are no different computation.
SOURCES = frozenset(
    "Const Placeholder PlaceholderWithDefault _Arg EagerTensor Identity IdentityN ReadVariableOp"
    " Cast ExpandDims Reshape VariableV2 Variable Assign AssignVariableOp Snapshot StopGradient"
    " PreventGradient".split()
) | {FEED, VARIABLE}


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
    source: Source | None = None  # of a feed or a variable: of the op that takes it first
    hidden: bool = False  # whether it takes or gives what has no value: a list, an array, a table
    specs: tuple[tuple[str, tuple[int, ...]], ...] = ()  # of each output: dtype, shape
    givers: tuple[int, ...] = ()  # for each input the event that gave it; -1: nobody noted it


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a call gave."""

    moment: int
    name: str
    value: int
    returned: bool = True  # False: what a variable was after the last call
    case: int = 0  # of a result with one for each case of a lesson: which
    loose: bool = False  # of ops around functions: what nobody took, and need not be a result


@dataclass(frozen=True, slots=True)
class Played:
    """A recorded call that was executed again, and where its events begin."""

    replay: Replay
    moment: int
    first: int
    called: Mapping[str, str]  # what the side calls its variables, where that is another name
    outermost: bool = False  # whether it tells nothing of variables: functions that it calls do

    @property
    def run(self) -> Run:
        """What was recorded of it."""
        return self.replay.run


@dataclass
class Side:
    """All that is known of a side."""

    name: str
    index: Index
    events: list[Event] = field(default_factory=list)
    played: list[Played] = field(default_factory=list)  # in their order
    outcomes: list[Outcome] = field(default_factory=list)
    faint: list[Outcome] = field(default_factory=list)  # results where there are no others
    # Where calls begin with another's variables: what was given in the program's own run is a
    # result if it had one of these values. Empty: as without.
    wanted: frozenset[int] = frozenset()
    fetched: list[Outcome] = field(default_factory=list)  # what calls gave, where results count
    variables: dict[str, np.ndarray] = field(default_factory=dict)  # as they were first seen
    dtypes: dict[str, Any] = field(default_factory=dict)  # of variables: NumPy's or TensorFlow's
    begins: dict[int, dict[str, np.ndarray]] = field(default_factory=dict)  # by moment
    moments: int = 0
    fed: dict[str, list[int]] = field(default_factory=dict)  # to calls, by name: numbers of values
    notes: list[str] = field(default_factory=list)
    last: dict[str, Outcome] = field(default_factory=dict)  # what variables held when last seen
    reached: int = 0  # the moment of the call that was executed last
    outside: set[str] = field(
        default_factory=set
    )  # variables changed by what is not executed again
    # Moments, and variables of which nobody saw what was left when they ended.
    unsure: set[tuple[int, str]] = field(default_factory=set)
    blind: str = ""  # a call that cannot be executed again: what happens in it is not known
    cut: int = 0  # the last call that was executed, where those behind it were not
    shared: frozenset[str] = frozenset()  # names that variables of several sessions' graphs have
    draws: tuple[str, ...] = ()  # ops that draw random numbers

    @functools.cached_property
    def held(self) -> dict[str, list[Outcome]]:
        """What calls left in variables, by their names; asked for once all is read."""
        found: dict[str, list[Outcome]] = {}
        for outcome in self.outcomes:
            if not outcome.returned:
                found.setdefault(outcome.name, []).append(outcome)
        return found

    def end_after(self, moment: int) -> None:
        """Forget the calls behind that one, and what came between them."""
        behind = (at for at, event in enumerate(self.events) if event.moment > moment)
        del self.events[next(behind, len(self.events)) :]  # places of those before stay
        self.played = [each for each in self.played if each.first < len(self.events)]
        self.outcomes = [each for each in self.outcomes if each.moment <= moment]
        self.fetched = [each for each in self.fetched if each.moment <= moment]
        self.moments = min(self.moments, moment)

    def add_variable(self, name: str, value: Any, array: np.ndarray) -> None:
        """A variable as it is seen now; nothing where it was seen before."""
        if name not in self.variables:
            self.variables[name] = array  # which may be wider than the variable
            self.dtypes[name] = getattr(value, "dtype", array.dtype)


State = Mapping[int, Mapping[str, Any]]  # by moment: values of variables

"""Run one part of a lesson three ways, and say whether they agree or exactly where not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from graphlab.model import Run

WAYS = ("graph", "eager", "function")


@dataclass(frozen=True)
class WayResult:
    """What one way gave, and what it took."""

    way: str
    results: Mapping[str, np.ndarray | list[np.ndarray]]  # a list where the shapes differ
    runs: tuple[Run, ...]  # the recorded calls, in order; the last of a name is the steady one
    ops_built: int  # nodes of every graph that was built and run; 0 for eager
    ops_executed: int  # ops the runtime ran in the recorded steady step
    traces: int  # how often a tf.function's Python body was run to trace it
    calls: int  # calls from Python into the runtime in the recorded steady step
    steps: int  # cases taken
    first_ms: float | None  # the first step, seen from Python; None where there was no step
    steady_ms: float | None  # the median of the unrecorded steps after it; None: too few


@dataclass(frozen=True)
class Difference:
    """The place where two ways are furthest apart, in units of what is tolerated."""

    way: str
    other: str
    result: str
    index: tuple[int, ...]
    value: object
    other_value: object
    excess: float  # |value - other_value| / (atol + rtol * |other_value|); over 1 disagrees
    absolute: float  # |value - other_value|
    problem: str = ""  # where there are no two numbers to compare: a name, shape or type differs


@dataclass(frozen=True)
class Agreement:
    """Whether the ways agree, and the worst difference between any two."""

    ok: bool
    rtol: float
    atol: float
    worst: Difference | None  # None: bit-equal


@dataclass(frozen=True)
class Claim:
    """One sentence of a lesson that was executed."""

    name: str
    text: str
    ok: bool
    error: str = ""  # why not, one line

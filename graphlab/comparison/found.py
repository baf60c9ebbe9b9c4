"""What a comparison says: plain data, JSON both ways like `graphlab.model`.

found = graphlab.compare("2.3:graph", "2.3:eager")
found.same, found.frontier, found.variables
"""

from __future__ import annotations

from dataclasses import dataclass

from graphlab.model import Source
from graphlab.watch.nonfinite import Summary

EQUAL = ("same", "near", "reshaped")  # kinds of pairs that are no difference
ANOTHER = "another"  # of a Part: no op differs, but a result of B comes of another op than A's


@dataclass(frozen=True, slots=True)
class Place:
    """One tensor of one side, and the op that gave it."""

    moment: int  # which call of the program; 0: none in particular
    call: str  # "Session.run, call 2"
    tensor: str
    op: str  # "variable" and "feed": where values come from, no op
    node: str = ""
    frame: str = ""
    source: Source | None = None


@dataclass(frozen=True, slots=True)
class Pair:
    """A tensor of A and its partner of B.

    `how` is "same", "near" (within tolerance), "reshaped", "transposed", "permuted", "scaled"
    or "different".
    """

    a: Place
    b: Place
    how: str
    detail: str = ""  # the axes, the order, the factor
    apart: float = 0.0  # the largest difference, once rearranged


@dataclass(frozen=True, slots=True)
class Part:
    """An op at which the sides part: what it takes is equal, what it gives is not.

    Where only one side has it, the other place is None: the other side goes on without it. `how` is
    as of a Pair, or "another": both give what is expected of them, and results come of these.
    """

    a: Place | None
    b: Place | None
    how: str = "different"
    detail: str = ""
    apart: float = 0.0
    inputs: tuple[Pair, ...] = ()
    values: tuple[Summary | None, ...] = ()  # of A's output and of B's
    histograms: tuple[tuple[int, ...], ...] = ()  # of both, over the same stretch


@dataclass(frozen=True, slots=True)
class VariablePair:
    """A variable of A and its partner of B, by their values before the first call."""

    a: str
    b: str
    # How they are known to be partners: "match", "name", "value", "slot" (of partners),
    # "influence", "shape", "order" (in which they were made, of those that are all equal).
    by: str
    how: str  # as of a Pair
    detail: str = ""
    apart: float = 0.0
    order: tuple[int, ...] = ()  # of what was permuted: which of A's stands in each place of B
    axis: int = 0  # along which it was
    axes: tuple[int, ...] = ()  # of what was transposed: which of A's is each axis of B


@dataclass(frozen=True, slots=True)
class Result:
    """Something that both sides give, as far as it can be told which is which."""

    a: str
    b: str
    moment: int
    how: str
    detail: str = ""
    apart: float = 0.0


@dataclass(frozen=True, slots=True)
class Call:
    """One call of both by itself: it begins with whatever the variables hold by then."""

    number: int
    how: str  # "same", "different", or "" where nothing that it gave was compared
    apart: float = 0.0  # what it gave and left in variables, at most
    frontier: tuple[Part, ...] = ()  # variables that it begins with may be among it


@dataclass(frozen=True)
class Comparison:
    """Where two programs part, or that they do not."""

    a: str
    b: str
    rtol: float
    atol: float
    calls: int  # moments compared: calls of the kind that each side makes most
    same: bool
    results: tuple[Result, ...] = ()
    frontier: tuple[Part, ...] = ()  # in the order of execution
    pairs: tuple[Pair, ...] = ()  # of the first call
    variables: tuple[VariablePair, ...] = ()
    only_a: tuple[Place, ...] = ()  # of the first call: what has no partner
    only_b: tuple[Place, ...] = ()
    results_only_a: tuple[str, ...] = ()
    results_only_b: tuple[str, ...] = ()
    variables_only_a: tuple[str, ...] = ()
    variables_only_b: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    by_call: tuple[Call, ...] = ()  # empty where the numbers of calls differ

    @property
    def apart(self) -> float:
        """How far the results are apart at most."""
        return max((result.apart for result in self.results), default=0.0)

    @property
    def first(self) -> Result | None:
        """The first result that differs."""
        return next((each for each in self.results if each.how not in EQUAL), None)

    @property
    def first_call(self) -> Call | None:
        """The first call that gives something else."""
        return next((each for each in self.by_call if each.how == "different"), None)

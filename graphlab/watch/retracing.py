"""Why the Python body of a `tf.function` was run again: which argument was unlike those before.

Every run of the body makes a graph of its own, for one combination of arguments (the guide,
*Better performance with tf.function*, "Tracing").
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from graphlab.model import Source

MOST_TOLD = 4  # values of an argument that are told one by one
FEW = 2  # shapes of an argument that nobody need mind


@dataclass(frozen=True)
class Trace:
    """One run of the body: what each argument was, as TensorFlow tells arguments apart."""

    arguments: tuple[tuple[str, str], ...]  # name and value: "float32 2x3", "3"
    python: frozenset[str] = frozenset()  # those that are Python values, no tensors


@dataclass(frozen=True)
class Traced:
    """All traces of one function."""

    name: str
    source: Source | None  # where it is defined
    traces: tuple[Trace, ...]

    def text(self) -> str:
        """One line: how often, and why."""
        times = "once" if len(self.traces) == 1 else f"{len(self.traces):,} times"
        return f"{self.name} was traced {times}" + why(self.traces)


def why(traces: Sequence[Trace]) -> str:
    """What differed, to be put behind "traced 5 times"; "" where it was traced once."""
    if len(traces) < 2:
        return ""
    said = []
    if traces[0] == traces[1]:
        said.append("it made variables, and was traced again with them")
    each = [dict(trace.arguments) for trace in traces]
    for name in dict.fromkeys(name for arguments in each for name in arguments):
        different = list(dict.fromkeys(a.get(name, "left out") for a in each))
        if len(different) < 2:
            continue
        told = f"{name} was {_listed(different)}"
        if any(name in trace.python for trace in traces):
            told += " (each Python value is a trace of its own; a tensor would not be)"
        elif len(different) > FEW:
            told += " (an input_signature with None, or reduce_retracing=True, makes one of them)"
        said.append(told)
    if not said or (len(set(traces)) == 1 and len(traces) > 2):
        said.append("its arguments were the same; the device, the graph or the scope was not")
    return f": {'; '.join(said)}"


def _listed(values: Sequence[str]) -> str:
    shown = ", ".join(values[:MOST_TOLD])
    more = len(values) - MOST_TOLD
    return f"{shown} and {more:,} more" if more > 0 else shown

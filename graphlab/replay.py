"""An observed run again, op by op with values, and whether it comes out the same.

before = session_state(session)                # what the variables hold before the call
real = session.run(fetches, feeds)             # the call itself, as the program made it
again = replay(session.graph, fetches, feeds, before, real)
again.steps[3].values, again.note
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import tensorflow as tf

from graphlab.engine import Engine
from graphlab.model import Step

# The runtime fuses kernels and sums in another order; the engine runs what was written.
RTOL, ATOL = 1e-4, 1e-5


@dataclass(frozen=True)
class Replay:
    """Steps with values, and how the replay's fetches compare with the real ones."""

    steps: tuple[Step, ...]
    equal: bool  # to the last bit
    close: bool  # within RTOL and ATOL
    worst: float  # the largest absolute difference of two numbers
    note: str  # one line: "" where the fetches are close, else which are not, and why if known


def replay(
    graph: Any,
    fetches: Any,
    feeds: Mapping[Any, Any] | None,
    state: Any,
    expected: Any,
    device: str | None = None,
    engine: Engine | None = None,
) -> Replay:
    """Run what has been run, from the state before it, and check it against what came out.

    `graph`, `fetches`, `feeds`, `state` and `device` are as for `Engine.steps`; `expected` is
    what the real call gave for the fetches, nested alike. `engine` saves reading the graph again.
    GraphlabError where the engine cannot run it.
    """
    execution = (engine or Engine(graph)).steps(fetches, feeds, device, state)
    steps = tuple(execution)
    fetched = execution.results()
    names = [name for name in execution.fetches if ":" in name]
    pairs = list(zip(names, _arrays(expected), strict=True))
    equal = all(_same(fetched[name], value) for name, value in pairs)
    worst = max((_distance(fetched[name], value) for name, value in pairs), default=0.0)
    apart = [name for name, value in pairs if not _close(fetched[name], value)]
    return Replay(
        steps, equal, not apart, worst, _note(apart, execution.random_ops) if apart else ""
    )


def _note(apart: Sequence[str], drawn: Sequence[str]) -> str:
    names = ", ".join(apart)
    if drawn:
        return f"{names} cannot come out the same: {', '.join(drawn)} draws anew in each run"
    return f"{names} came out different, and no random op ran"


def _arrays(expected: Any) -> list[np.ndarray]:
    """Plain arrays; a sparse value is its parts, and what an op gives (None) is left out."""
    found = []
    for item in tf.nest.flatten(expected):
        parts = (
            item if type(item).__name__ in ("SparseTensorValue", "IndexedSlicesValue") else [item]
        )
        found += [np.asarray(part) for part in parts if part is not None]
    return found


def _same(a: Any, b: np.ndarray) -> bool:
    a = np.asarray(a)
    numbers = a.dtype.kind in "fc" and a.dtype == b.dtype
    return bool(np.array_equal(a, b, equal_nan=numbers))


def _close(a: Any, b: np.ndarray) -> bool:
    a = np.asarray(a)
    if a.dtype.kind not in "fc" or a.shape != b.shape:
        return _same(a, b)
    return bool(np.allclose(a, b, RTOL, ATOL, equal_nan=True))


def _distance(a: Any, b: np.ndarray) -> float:
    a = np.asarray(a)
    if _same(a, b):
        return 0.0
    if a.dtype.kind not in "fciu" or a.shape != b.shape:
        return float("inf")
    with np.errstate(invalid="ignore"):
        apart = np.abs(a.astype(np.complex128) - b.astype(np.complex128))
    return float(np.nanmax(apart)) if not np.isnan(apart).all() else float("inf")

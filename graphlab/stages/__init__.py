"""The lives of a graph, from what was written to what the devices were given.

    stages(graph, fetches, feeds, run)   built, pruned, each Grappler pass, placed, partitioned
    verdicts(run)                        what became of each op that was built
    inside(run)                          and of those in the functions that it calls
    between(found, "built", "placed")    the same from any stage to any later one
    program(run)                         what a compiler made of a whole call, where it was told
    diff(before, after, verdicts)        two stages in one graph, to be drawn
    fusions(run)                         what is said of the ops that ran in a fused kernel
    with_fusions(graph, run)             the graph with those marked
    run_with_fusions(run)                the run, whose executed graph has them marked
    transfers(run.executed, run.steps)   what the devices sent one another

`stages` needs TensorFlow and is imported when it is asked for; the others are plain data in
and out.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from graphlab.model import Run
from graphlab.stages.compiled import program
from graphlab.stages.difference import between, diff, find
from graphlab.stages.fusion import fusions, run_with_fusions, with_fusions
from graphlab.stages.inside import MUST_COMPILE, inside
from graphlab.stages.paths import ops_inside
from graphlab.stages.verdict import KINDS, Stage, Verdict
from graphlab.stages.whole import (
    Transfer,
    contradictions,
    feeds_and_fetches,
    transfers,
    verdicts,
)

if TYPE_CHECKING:
    import tensorflow as tf

__all__ = [
    "KINDS",
    "MUST_COMPILE",
    "Stage",
    "Transfer",
    "Verdict",
    "between",
    "contradictions",
    "diff",
    "feeds_and_fetches",
    "find",
    "fusions",
    "inside",
    "ops_inside",
    "program",
    "run_with_fusions",
    "stages",
    "transfers",
    "verdicts",
    "with_fusions",
]


def stages(
    graph: tf.Graph,
    fetches: Sequence[str],
    feeds: Sequence[str] = (),
    run: Run | None = None,
    config: Any = None,
) -> tuple[Stage, ...]:
    """See `graphlab.stages.passes.stages`."""
    from graphlab.stages import passes

    return passes.stages(graph, fetches, feeds, run, config)

"""From line to line of the program: whether the ops of one have run, as far as they come at once.

lines = Lines(here, left, source_at, quiet)
lines.ends(step, ahead)      # after each step: whether one stops here
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

from graphlab.model import Graph, Source, Step, body_at
from graphlab.walk.quiet import Quiet

Op = tuple[str, str]  # an op's name, and the frame in which it runs


class Lines:
    """Is told every step of a motion, in their order."""

    def __init__(
        self,
        here: Source | None,
        left: Counter[Source | None],
        source_at: Callable[[str, str], Source | None],
        quiet: Quiet,
    ) -> None:
        self.here = here  # the line that one comes from
        self._left = left  # ops of each line that are still to run, outside of calls and loops
        self._source_at = source_at
        self._quiet = quiet

    def ends(self, step: Step, ahead: Op | None) -> bool:
        """Whether with this step the ops of another line than `here` have run.

        Quiet ones of other lines may come between them. `ahead` runs next; None: the run is over.
        """
        now, quiet = self._source_at(step.node, step.frame), self._quiet(step)
        self._left[now] -= not quiet and not step.frame
        if now in (None, self.here) or quiet:
            return False
        if ahead is None:
            return True
        if self._quiet.of(*ahead):
            return bool(step.frame) or not self._left[now]  # of calls and loops nobody knows
        return self._source_at(*ahead) != now


def begun(graph: Graph, before: str, frame: str) -> tuple[str, str, Graph] | None:
    """The op whose call, or whose loop's turn, begins between two frames: its name, where it is."""
    was, now = (each.split(" > ") if each else [] for each in (before, frame))
    same = next(
        (k for k, (a, b) in enumerate(zip(was, now, strict=False)) if a != b),
        min(len(was), len(now)),
    )
    if same == len(now):
        return None
    outer = " > ".join(now[:same])
    body = body_at(graph, outer)
    name = now[same].partition(":")[0]
    node = body.by_name.get(name) if body is not None else None
    return (name, outer, body) if body is not None and node is not None and node.calls else None

"""On which lines of a program stand what a call of it ran, and what it was given.

lines = Lines(run.built)
lines.of(step)                         # of an op that ran
lines.of_givers(side.events, first)    # of feeds and variables, in the events from `first` on
"""

from __future__ import annotations

from dataclasses import replace

from graphlab.comparison.side import FEED, VARIABLE, Event
from graphlab.model import Graph, Source, Step, body_at


class Lines:
    """The lines of one graph and of the functions that it calls."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self._bodies: dict[str, Graph | None] = {}  # by frame

    def of(self, step: Step) -> Source | None:
        """Where the op of a step was made."""
        if step.frame not in self._bodies:
            self._bodies[step.frame] = body_at(self.graph, step.frame)
        body = self._bodies[step.frame]
        if body is None:
            return None
        # TensorFlow adds _0 to the name of an op that is called as a result of its function is.
        for name in (step.node, step.node.removesuffix("_0")):
            node = body.by_name.get(name)
            if node is not None and node.op == step.op:
                return node.source
        return None

    def of_givers(self, events: list[Event], first: int) -> None:
        """Give feeds and variables their lines: where the variable was made in this graph, else
        where the first op that takes it stands."""
        taken: dict[int, Source | None] = {}
        for event in events[first:]:
            for giver in event.givers:
                if giver >= first and event.source is not None:
                    taken.setdefault(giver, event.source)
        for at in range(first, len(events)):
            if events[at].op in (VARIABLE, FEED):
                node = self.graph.by_name.get(events[at].node)
                source = node.source if node is not None and node.source else taken.get(at)
                events[at] = replace(events[at], source=source)

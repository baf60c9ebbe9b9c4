"""What a run's steps say of the nodes of a graph."""

from __future__ import annotations

from collections.abc import Sequence

from graphlab.model import Graph, Node, Run, TensorSpec, node_of
from visualize.kinds import short_device


class Facts:
    """How often, how long, where and with which shapes each node was executed."""

    def __init__(self, graph: Graph, run: Run | None) -> None:
        self.run = run
        self.outside = {node.name for node in graph.nodes if node.attrs.get("outside")}
        self.counts: dict[str, int] = {}
        self.times: dict[str, float] = {}
        self.devices: dict[str, str] = {
            node.name: short_device(node.device) for node in graph.nodes
        }
        self.specs: dict[str, TensorSpec] = {}
        varied = set()
        for step in run.steps if run else ():
            self.counts[step.node] = self.counts.get(step.node, 0) + 1
            self.devices[step.node] = short_device(step.device)
            if step.duration_us is not None:
                self.times[step.node] = self.times.get(step.node, 0.0) + step.duration_us
            for spec in step.outputs:
                if self.specs.setdefault(spec.name, spec) != spec:
                    varied.add(spec.name)  # another shape in another iteration: keep the graph's
        feeds = run.feeds if run else ()
        self.fed = {node_of(feed.name) for feed in feeds}
        self.specs |= {feed.name: feed for feed in feeds}
        for name in varied:
            self.specs.pop(name, None)

    def took_part(self, graph: Graph) -> list[bool]:
        """For each node, whether the run executed it or was given its value."""
        given = self.counts.keys() | self.fed | self.outside
        return [node.name in given for node in graph.nodes]

    def of(self, nodes: Sequence[Node]) -> dict:
        """The fields of a Box that several nodes share: `devices`, and with a run the rest."""
        names = [node.name for node in nodes]
        devices = tuple(dict.fromkeys(self.devices[name] for name in names if self.devices[name]))
        marks = tuple(dict.fromkeys(n.attrs["verdict"] for n in nodes if "verdict" in n.attrs))
        shared = {"devices": devices, "marks": marks}
        if self.run is None:
            return shared
        timed = [self.times[name] for name in names if name in self.times]
        return shared | {
            "fed": any(name in self.fed for name in names),
            "outside": all(name in self.outside for name in names),
            "steps": sum(self.counts.get(name, 0) for name in names),
            "time_us": sum(timed) if timed else None,
        }

"""What a run's steps say of the nodes of a graph."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from graphlab.model import Graph, Node, Run, TensorSpec, node_of
from visualize.kinds import short_device


class Facts:
    """How often, how long, where and with which shapes each node was executed."""

    def __init__(self, graph: Graph, run: Run | None) -> None:
        self.run = run
        self.outside = {node.name for node in graph.nodes if node.marks.outside}
        self.counts: dict[str, int] = {}
        self.times: dict[str, float] = {}
        self.launched: set[str] = set()
        self.devices: dict[str, str] = {
            node.name: short_device(node.device) for node in graph.nodes
        }
        self.specs: dict[str, TensorSpec] = {}
        varied = set()
        known = {node.name for node in graph.nodes}
        calling = {node.name for node in graph.nodes if node.calls or node.marks.inlined}
        self.lowered: set[str] = set()  # calls and loops that ran as ops of other names
        if run and run.compiled_by:  # one kernel, of whose program only some is timed
            self.lowered = {step.node for step in run.steps} & calling
        for step in (*run.steps, *run.instructions) if run else ():
            node = step.node
            if node not in known:
                node = _above(node, calling) or node
                self.lowered |= {node} & calling
            self.counts[node] = self.counts.get(node, 0) + 1
            self.devices[node] = short_device(step.device)
            if step.duration_us is not None:
                self.times[node] = self.times.get(node, 0.0) + step.duration_us
            elif step.launch is not None:
                self.launched.add(node)
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
        return [node.name in given or bool(node.marks.became) for node in graph.nodes]

    def of(self, nodes: Sequence[Node]) -> dict:
        """The fields of a Box that several nodes share: `devices`, and with a run the rest."""
        names = [node.name for node in nodes]
        devices = tuple(dict.fromkeys(self.devices[name] for name in names if self.devices[name]))
        marks = tuple(dict.fromkeys(n.marks.verdict for n in nodes if n.marks.verdict))
        shared = {"devices": devices, "marks": marks}
        if self.run is None:
            return shared
        timed = [self.times[name] for name in names if name in self.times]
        steps: int | None = sum(self.counts.get(name, 0) for name in names)
        if not steps and any(node.marks.became for node in nodes):
            steps = None  # it ran in another op, where its time stands
        if not steps and any(_above(name, self.lowered) for name in names):
            steps = None  # in a body that ran under other names: which op ran how often is unknown
        return shared | {
            "fed": any(name in self.fed for name in names),
            "outside": all(name in self.outside for name in names),
            "steps": steps,
            "time_us": sum(timed) if timed else None,
            "launched": not timed and any(name in self.launched for name in names),
        }


def _above(name: str, calls: Collection[str]) -> str | None:
    """The nearest of some calls in whose scope a name is.

    >>> _above("net/while/body/_1/Tanh", {"net/while"}), _above("net/x", {"net/while"})
    ('net/while', None)
    """
    while calls and "/" in name:
        name = name.rpartition("/")[0]
        if name in calls:
            return name
    return None

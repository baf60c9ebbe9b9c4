"""Each stage of a graph's life, replayed: built, pruned, Grappler pass by pass, placed, cut up.

The passes are TensorFlow's own, run one at a time in the order in which a session runs them. A
session places first and optimizes the placed graph; so do we, with the devices of a real run
where there was one. Its executed graph is the last stage, and no replay.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import tensorflow as tf

from graphlab import _private
from graphlab.devices import short
from graphlab.model import Graph, Node, Run, TensorSpec, node_of
from graphlab.sources import live, proto
from graphlab.stages import rewriter, whole
from graphlab.stages import verdict as v
from graphlab.stages.match import match
from graphlab.stages.prune import pruned
from graphlab.stages.verdict import Stage, Verdict

LOCAL = "/job:localhost/replica:0/task:0/device:"


def stages(
    graph: tf.Graph,
    fetches: Sequence[str],
    feeds: Sequence[str] = (),
    run: Run | None = None,
    config: Any = None,
) -> tuple[Stage, ...]:
    """The stages of a graph for these fetches and feeds, each with its verdicts on the next.

    `run` is one of the same fetches and feeds: it says where the ops were placed, and its
    executed graph is the last stage. Without it the graph is neither placed nor partitioned. A
    function's arguments are no feeds; given as such, they are left out. `config` is the session's
    ConfigProto: it says which of Grappler's passes run, and how far they go. Functions, and
    sessions that are given none, have that of the process (`tf.config.optimizer`). GraphlabError
    where a fetch or feed is not in the graph.
    """
    built = run.built if run is not None and run.built is not None else live.from_graph(graph)
    if run is not None and run.compiled_by:
        return _compiled(built, run)
    whole_graph = _Whole(graph, built, fetches, feeds, run)
    found: list[Stage] = [Stage("built", built)]
    config = _private.eager_config() if config is None else config
    definition = whole_graph.pruned()
    _add(found, "pruned", whole_graph.model(definition), whole_graph)
    found[-1] = replace(found[-1], note=rewriter.told(config))
    keep = whole_graph.keep(definition)
    # A session looks at the size before it prunes, a function has its `_Retval`s as nodes.
    small = not rewriter.is_small(len(built), config) or whole_graph.is_function
    for name, optimized in passes(definition, keep, whole_graph.devices(definition), small, config):
        now = whole_graph.model(optimized)
        if " " in name and now.nodes == found[-1].graph.nodes:
            continue
        _add(found, name, now, whole_graph)
    if run is not None and run.executed is not None:
        _place(found, run, whole_graph)
    return tuple(found)


def passes(
    definition: Any, keep: list[str], devices: list[str], small: bool, config: Any = None
) -> list[tuple[str, Any]]:
    """Pass by pass the GraphDef that it leaves. The second round's are named `"constfold 2"`."""
    result: list[tuple[str, Any]] = []
    if not definition.node:
        return result
    options = config.graph_options.rewrite_options if config is not None else None
    for name, label in rewriter.passes_of(config):
        definition = _private.grappler(definition, keep, name, devices, small, options)
        result.append((label, definition))
    return result


def _compiled(built: Graph, run: Run) -> tuple[Stage, ...]:
    """A compiled function is handed to its compiler as it was built: no pass of Grappler's runs."""
    note = f"{run.compiled_by} compiled it as it was built; no pass of Grappler's ran"
    first = Stage("built", built, whole.verdicts(run), note)
    return (first, Stage("partitioned", run.executed)) if run.executed is not None else (first,)


def _add(found: list[Stage], name: str, graph: Graph, of: _Whole) -> None:
    """Append a stage, and give the one before it the verdicts."""
    before = found[-1].graph
    fed = {feed: _fed(feed, graph) for feed in of.fed if node_of(feed) in before.by_name}
    result = match(before, graph, of.asked(before), {f: now for f, now in fed.items() if now})
    found[-1] = replace(found[-1], verdicts=result)
    found.append(Stage(name, graph))


def _fed(feed: str, graph: Graph) -> str:
    """The tensor that stands for a fed one after pruning."""
    node, _, index = feed.rpartition(":")
    stand_in = f"{node}/_fed_{index}"
    if stand_in in graph.by_name:
        return f"{stand_in}:0"
    return f"{node}:0" if node in graph.by_name else ""


def _place(found: list[Stage], run: Run, of: _Whole) -> None:
    """Append the placed graph and the executed one."""
    assert run.executed is not None
    last = found[-1].graph
    feeds, results = whole.ends(run)
    known = {name: now for name, now in feeds.items() if node_of(name) in last.by_name}
    handed = {node.name: node.inputs[0] for node in run.executed.nodes if node.op == "_Retval"}
    for node in last.nodes:
        if node.op == "_Retval" and node.name in handed:  # a function's, in both under one name
            results[node.inputs[0]] = handed[node.name]
    into = match(last, run.executed, of.asked(last), known, results)
    nodes, verdicts = [], {}
    for node in last.nodes:
        other = run.executed.by_name.get(into[node.name].other)
        device = other.device if other is not None else ""
        nodes.append(replace(node, device=device or node.device))
        verdicts[node.name] = _placed(node, device)
    found[-1] = replace(found[-1], verdicts=verdicts)
    note = "a session places the whole graph first, and optimizes it placed"
    found.append(Stage("placed", Graph(tuple(nodes), last.functions), into, note))
    found.append(Stage("partitioned", run.executed))


def _placed(node: Node, device: str) -> Verdict:
    if not device:
        return Verdict(v.STAYS, node.name, "the executed graph does not show where it was placed")
    if node.device and node.device != device:
        return Verdict(v.MOVED, device, f"asked for {node.device}")
    how = f"asked for {device}" if node.device else f"asked for no device, placed on {device}"
    return Verdict(v.STAYS, node.name, how)


class _Whole:
    """The graph with what all stages need to know of it."""

    def __init__(
        self,
        graph: tf.Graph,
        built: Graph,
        fetches: Sequence[str],
        feeds: Sequence[str],
        run: Run | None,
    ) -> None:
        self.graph, self.built, self.run = graph, built, run
        self.is_function = hasattr(graph, "control_outputs")
        self.fetches, self.feeds = tuple(fetches), () if self.is_function else tuple(feeds)
        self.specs: Mapping[str, TensorSpec] = {
            spec.name: spec for node in built.nodes for spec in node.outputs
        }
        self.fed = tuple(t.name for t in graph.inputs) if self.is_function else self.feeds

    def pruned(self) -> Any:
        """The pruned GraphDef, every node with a device, a function's with its `_Retval`s."""
        effects = [op.name for op in self.graph.control_outputs] if self.is_function else []
        definition = pruned(self.graph, [*self.fetches, *effects], self.feeds)
        for node in definition.node:
            node.device = self._device(node.name, node.device)
        if self.is_function:
            self._take_arguments(definition)
            for index, name in enumerate(self.fetches):
                node = definition.node.add(name=self._retval(index), op="_Retval", input=[name])
                node.attr["T"].type = self.graph.get_tensor_by_name(name).dtype.as_datatype_enum
                node.attr["index"].i = index
                node.device = self._device(node_of(name), "")
        return definition

    def _take_arguments(self, definition: Any) -> None:
        """Make a function's arguments what they are in a call: of known shape, and not fed."""
        given = {tensor.op.name: (i, tensor) for i, tensor in enumerate(self.graph.inputs)}
        for node in definition.node:
            if node.name not in given or node.op != "Placeholder":
                continue
            index, tensor = given[node.name]
            node.op = "_Arg"
            shapes = list(node.attr["_output_shapes"].list.shape)
            node.ClearField("attr")
            node.attr["T"].type = tensor.dtype.as_datatype_enum
            node.attr["index"].i = index
            node.attr["_output_shapes"].list.shape.extend(shapes)
            if tensor.dtype == tf.resource:
                del node.attr["_output_shapes"]
                dtypes, inside = _private.behind_handle(tensor)
                node.attr["_handle_dtypes"].list.type.extend(dtypes)
                node.attr["_handle_shapes"].list.shape.extend(inside)

    def keep(self, definition: Any) -> list[str]:
        """The nodes whose values are asked for; those of a function are its `_Retval`s."""
        if not self.is_function:
            return list(dict.fromkeys(map(node_of, self.fetches)))
        effects = [op.name for op in self.graph.control_outputs]
        return [*(node.name for node in definition.node if node.op == "_Retval"), *effects]

    def asked(self, graph: Graph) -> list[str]:
        """What a stage has to compute; of a function its `_Retval`s and its effects."""
        returned = [node.name for node in graph.nodes if node.op == "_Retval"]
        effects = [op.name for op in self.graph.control_outputs] if self.is_function else []
        found = [*(returned or self.fetches), *effects]
        return [name for name in found if node_of(name) in graph.by_name]

    def _retval(self, index: int) -> str:
        """The name of a function's returning node, as the runtime had it where it ran."""
        executed = self.run.executed if self.run is not None else None
        for node in executed.nodes if executed is not None else ():
            if node.op == "_Retval" and node.attrs.get("index") == index:
                return node.name
        return f"_retval_{index}"

    def devices(self, definition: Any) -> list[str]:
        """All devices, by full name: those of this process, and those that the nodes name."""
        here = [device.name for device in _logical_devices()]
        return list(dict.fromkeys([*here, *(node.device for node in definition.node)]))

    def _device(self, name: str, asked: str) -> str:
        executed = self.run.executed if self.run is not None else None
        node = executed.by_name.get(name) if executed is not None else None
        return _full((node.device if node is not None else "") or short(asked) or "CPU:0")

    def model(self, definition: Any) -> Graph:
        """A stage's GraphDef as a Graph; devices are the asked ones, as nothing is placed yet."""
        graph = proto.from_node_defs(definition.node, self.specs)
        called = {
            node.name: tuple(f for f in proto.functions_called(node) if f in self.built.functions)
            for node in definition.node
        }
        nodes = []
        for node in graph.nodes:
            before = self.built.by_name.get(node.name)
            nodes.append(
                replace(
                    node,
                    device=before.device if before is not None else "",
                    source=before.source if before is not None else None,
                    calls=called[node.name],
                )
            )
        used = {name for node in nodes for name in node.calls}
        return Graph(tuple(nodes), self.built.functions if used else {})


def _full(device: str) -> str:
    """TensorFlow's whole name of a device: what `devices.short` made short."""
    task, slash, kind = device.rpartition("/")
    if not slash:
        return LOCAL + device
    job, _, number = task.partition(":")
    return f"/job:{job}/replica:0/task:{number or 0}/device:{kind}"


def _logical_devices() -> list:
    return [d for kind in ("CPU", "GPU") for d in tf.config.list_logical_devices(kind)]

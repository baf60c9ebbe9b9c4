"""A TF1 graph in a session, with its checkpoint restored."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import tensorflow as tf
from google.protobuf import text_format

from graphlab.errors import GraphlabError, shown
from graphlab.model import Node, TensorSpec, node_of
from graphlab.sources import files, frames
from graphlab.sources.choice import needed_by, signature_of
from graphlab.sources.elements import ELEMENTS
from graphlab.sources.ends import some
from graphlab.sources.modelfile import ModelFile, Port
from graphlab.sources.outside import Start, needed
from graphlab.sources.savedmodel import variables
from graphlab.targets import feeds
from graphlab.targets.job import CALLS, Job, one_line
from graphlab.watch.seen import Seen

tf1 = tf.compat.v1

_ASSIGNS = ("Assign", "AssignVariableOp")
_NO_READS = (*_ASSIGNS, "IsVariableInitialized", "VarIsInitializedOp")


def run_graph(job: Job) -> tuple[Seen, str]:
    """What was seen of the graph's run, and in words what was run. GraphlabError as it is refused.

    Nothing is loaded before all that can be refused has been.
    """
    model = job.model
    known, ports, fetches, told = _asked_of(job)
    fed = _fed(job, known, ports)
    inputs = [known.get(port.tensor.name, port.tensor) for port in ports if not port.kind]
    left = _needed(model, inputs, fetches, fed)
    job.trusted([Start(fetches, fed=frozenset(fed), own=model.assets_fed), *model.loading])
    names = {spec.name: name for name, spec in reversed(known.items())}
    wanted = {names.get(spec.name, node_of(spec.name)): spec for spec in left.values()}
    values = job.values_of(ports, wanted, known)
    if model.kind == "GraphDef":
        _with_values(job, needed(model.graph, fetches, frozenset(fed)))
    graph = tf.Graph()
    config = tf1.ConfigProto(allow_soft_placement=True)
    with graph.as_default(), graph.device(job.device), tf1.Session(config=config) as session:
        with one_line(job.target):
            _load(model, session)
        with one_line(job.target), job.observed() as seen:
            for _ in range(CALLS):
                session.run(list(fetches), values)
    return seen, "; ".join([told, *_initialised(model)])


def left_out(job: Job) -> str:
    """In words what nothing takes and is not fetched, although nobody named others; "" if none."""
    if job.ask.fetches or job.model.signatures:
        return ""
    return job.ends.left_out


def _with_values(job: Job, run: list[Node]) -> None:
    """GraphlabError where a variable is read to which nothing that is run gives a value."""
    if any(node.calls for node in run):
        return  # a function may do so
    assigned = {node_of(node.inputs[0]) for node in run if node.op in _ASSIGNS and node.inputs}
    read = {node_of(tensor) for node in run if node.op not in _NO_READS for tensor in node.inputs}
    lost = [n.name for n in run if n.op in variables.OPS and n.name in read - assigned]
    if lost:
        more = f" and {len(lost) - 1} more" if len(lost) > 1 else ""
        raise GraphlabError(
            f"{job.target.text} is a graph without the values of its variables, of which"
            f" {shown(lost[0])}{more} would be read; trace the SavedModel or the .meta that has"
            " them, or fetch what needs none"
        )


def _load(model: ModelFile, session: Any) -> None:
    """The model's graph into the session's, and its variables' values."""
    if model.kind == "SavedModel":
        tf1.saved_model.load(session, list(model.tags), str(model.path))
        return
    if model.kind == "MetaGraph":
        message = _read(model, tf1.MetaGraphDef())
        _forget_shapes(message.graph_def)
        saver = tf1.train.import_meta_graph(message)
        session.run(tf1.local_variables_initializer())  # which a checkpoint seldom has
        if model.checkpoint is not None and saver is not None:
            saver.restore(session, model.checkpoint.prefix)
        else:
            session.run(tf1.global_variables_initializer())
        session.run(tf1.tables_initializer())
        return
    message = _read(model, tf1.GraphDef())
    _forget_shapes(message)
    tf.import_graph_def(message, name="")


def _read(model: ModelFile, message: Any) -> Any:
    data = model.path.read_bytes()
    if files.is_text(data):
        text_format.Parse(data, message)
    else:
        message.ParseFromString(data)
    return message


def _forget_shapes(graph_def: Any) -> None:
    """Without the shapes that the TensorFlow which wrote the file had inferred: this one infers its
    own, and refuses the file where they differ, as of a FusedBatchNormGradV3 that does not train:
    its fourth output was as long as the mean in 1.15.5, and is empty in 2.21. Of what comes out of
    a queue none is inferred: Python noted it."""
    for node in graph_def.node:
        if node.op not in ELEMENTS:
            node.attr.pop("_output_shapes", None)


def _initialised(model: ModelFile) -> list[str]:
    if model.kind == "MetaGraph" and model.checkpoint is None and model.variables:
        return ["there is no checkpoint beside it: the variables have their initial values"]
    return []


def _asked_of(
    job: Job,
) -> tuple[dict[str, TensorSpec], tuple[Port, ...], tuple[str, ...], str]:
    """What may be fed, by every name it has; the inputs of the signature; what is fetched; and in
    words what that is."""
    graph, model = job.model.graph, job.model
    tensors = {spec.name: spec for node in graph.nodes for spec in node.outputs}
    known = {node_of(name): spec for name, spec in tensors.items() if name.endswith(":0")}
    known |= tensors
    if job.ask.fetches:
        there = {**tensors, **{node.name: node for node in graph.nodes}}
        feeds.unknown(job.ask.fetches, there, "fetch")
        _outside_of_loops(job)
        whole = {port.key: port for each in model.signatures for port in each.inputs if port.kind}
        return (
            known,
            tuple(whole.values()),
            tuple(job.ask.fetches),
            "; ".join(["the tensors that --fetch names", *_without_value(job)]),
        )
    if model.signatures:
        signature = signature_of(model, job.ask.signature)
        keys = {
            port.key: tensors.get(port.tensor.name, port.tensor)
            for port in reversed(signature.inputs)
            if not port.kind
        }
        known = keys | {name: spec for name, spec in known.items() if name not in keys}
        outputs = [tensor.name for port in signature.outputs for tensor in port.tensors]
        fetches = tuple(dict.fromkeys(outputs))
        return known, signature.inputs, fetches, f"signature {signature.name}"
    if job.ask.signature:
        signature_of(model, job.ask.signature)  # which says that there is none
    found = job.ends
    if not found.fetches:
        raise GraphlabError(f"{job.target.text} gives nothing at its ends; name a --fetch")
    what = f"training {some(found.training)} and what" if found.training else "all that"
    told = (
        f"{what} nothing takes, as it has no signature: {len(found.fetches)}; --fetch names others"
    )
    return known, (), found.fetches, told


def _without_value(job: Job) -> list[str]:
    """Of each op that is fetched as such, which only runs, the tensor that may have been meant."""
    ops = job.model.graph.by_name
    return [
        f"{shown(name)} is an op, which gives no value: {shown(ops[name].outputs[0].name)} does"
        for name in job.ask.fetches
        if name in ops and ops[name].outputs
    ]


def _outside_of_loops(job: Job) -> None:
    """GraphlabError for a fetch inside of a TF1 loop, which has a value for each of its turns."""
    there = frames.places(job.model.graph)
    for name in job.ask.fetches:
        node = name if name in job.model.graph.by_name else node_of(name)
        frame = there[node].frame if node in there else ""
        if frame:
            raise GraphlabError(
                f"fetch {shown(name)} is inside of the loop {shown(frame)}, where it has a value"
                " for each turn; fetch what leaves the loop, an Exit"
            )


def _needed(
    model: ModelFile, inputs: list[TensorSpec], fetches: tuple[str, ...], fed: set[str]
) -> dict[str, TensorSpec]:
    """What must be fed and is not: placeholders, by name.

    An input of the signature stands for what it would come from, such as the parsed feature for the
    text that it is parsed from.
    """
    found = needed_by(model.graph, fetches, fed)
    if not found:
        return found
    run = {node.name for node in needed(model.graph, fetches, frozenset(fed))}
    left = [spec for spec in inputs if spec.name not in fed and node_of(spec.name) in run]
    rest = needed_by(model.graph, fetches, fed | {spec.name for spec in left})
    return {spec.name: spec for spec in left} | rest


def _fed(job: Job, known: Mapping[str, TensorSpec], ports: tuple[Port, ...]) -> set[str]:
    """The tensors that the feeds name."""
    whole = {port.key: port for port in ports if port.kind}
    found = set()
    for name in feeds.parse(job.ask.feeds):
        if name in whole:
            found |= {tensor.name for tensor in whole[name].tensors}
        elif name in known:
            found.add(known[name].name)
    return found

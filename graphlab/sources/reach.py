"""What of a model reaches outside when it is loaded, called, or asked for node by node."""

from __future__ import annotations

from graphlab.model import Graph
from graphlab.sources import outside
from graphlab.sources.ends import ends
from graphlab.sources.modelfile import KERAS, ModelFile, Signature
from graphlab.sources.outside import Reach, Start

MOST_APART = 30  # signatures that are followed one by one; the others all at once, as if unfed


def when_run(model: ModelFile, signature: Signature | None = None) -> list[Reach]:
    """What loading the model and each of the ways to call it, or only this one, would run.

    Of a graph without signatures that is what a run fetches where nothing else is asked for.
    """
    if not _any(model):
        return []
    starts = [*model.loading]
    ways = [signature] if signature else [*model.signatures[:MOST_APART], *model.functions]
    for each in ways:
        starts += of_signature(model, each)
    rest = () if signature else model.signatures[MOST_APART:]
    ports = [port for each in rest for port in each.outputs]
    starts.append(Start(tuple(tensor.name for port in ports for tensor in port.tensors)))
    if not ways:
        starts.append(Start(ends(model.graph).fetches))
    return outside.reached(model.graph, starts)


def when_asked_for(model: ModelFile, run: list[Reach]) -> list[Reach]:
    """What else is in the file, beside what its own saver does: run only if it is asked for.

    `run` is what `when_run` gave.
    """
    if not _any(model):
        return []
    graph = model.graph
    everything = [
        Start(tuple(node.name for node in graph.nodes), own=model.assets_fed),
        *model.loading,
        *(Start(function=name) for name in _uncalled(graph)),
    ]
    saver = outside.reached(graph, [Start(model.saving)])
    known = {each for each in saver if each.op in outside.OF_SAVERS} | set(run)
    return [each for each in outside.reached(graph, everything) if each not in known]


def _any(model: ModelFile) -> bool:
    """Whether there is anything to look for."""
    nodes = (node for body in model.bodies for node in body.nodes)
    return model.kind != KERAS and any(node.op in outside.DOES for node in nodes)


def of_signature(model: ModelFile, signature: Signature) -> list[Start]:
    """What a call runs: the function of an object, or what the outputs of a signature need."""
    if signature.path:
        return [Start(function=signature.function, own=signature.own_files)]
    outputs = tuple(tensor.name for port in signature.outputs for tensor in port.tensors)
    fed = frozenset(tensor.name for port in signature.inputs for tensor in port.tensors)
    return [Start(outputs, fed=fed, own=model.assets_fed)]


def _uncalled(graph: Graph) -> list[str]:
    """The functions that nothing in the file calls."""
    bodies = (graph, *graph.functions.values())
    called = {name for body in bodies for node in body.nodes for name in node.calls}
    return [name for name in graph.functions if name not in called]

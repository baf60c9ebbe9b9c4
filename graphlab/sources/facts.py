"""What a model is, as plain facts: what `graphlab info` tells and `--json` writes.

facts = about(read_model(Path("exported/1")))
facts["signatures"]["serving_default"]["inputs"]
"""

from __future__ import annotations

from collections import Counter
from typing import Any

from graphlab.errors import shown
from graphlab.model import Graph, Shape, TensorSpec
from graphlab.sources import choice, ops, outside, reach
from graphlab.sources.checkpoint.saved import Checkpoint
from graphlab.sources.modelfile import (
    KERAS,
    Layer,
    ModelFile,
    Port,
    Signature,
    Variable,
    cycle,
    missing,
    not_in_file,
    refused_nodes,
    too_new,
    unknown_ops,
    without_kernel,
)
from graphlab.sources.outside import Reach

MOST_NAMED = 4  # ops of a circle


def about(model: ModelFile, signature: Signature | None = None) -> dict[str, Any]:
    """All that the file says, or all of one signature or function, as JSON values in one order."""
    run = reach.when_run(model, signature)
    asked = reach.when_asked_for(model, run) if signature is None else []
    model = model if signature is None else choice.only(model, signature)
    graph = model.graph
    return {
        "path": str(model.path),
        "kind": model.kind,
        "tensorflow": model.tensorflow or None,
        "producer": model.producer,
        "min_consumer": model.min_consumer,
        "tags": list(model.tags),
        **{name.lower(): text for name, text in model.facts.items()},
        "nodes": len(graph),
        "nodes_in_functions": sum(len(body) for body in graph.functions.values()),
        **({"checkpoint": _checkpoint(model.checkpoint)} if model.checkpoint else {}),
        "signatures": {each.name: _signature(each) for each in model.signatures},
        "concrete_functions": {each.name: _signature(each) for each in model.functions},
        "variables": [_variable(each) for each in model.variables],
        "variable_count": sum(not each.copy_of for each in model.variables),
        **_parameters(model),
        "variable_bytes": sum(each.bytes or 0 for each in model.variables) or None,
        **({"layers": [_layer(each) for each in model.layers]} if model.layers else {}),
        "ops": dict(histogram(graph)),
        "ops_in_functions": dict(_counted(list(graph.functions.values()))),
        "functions": {name: _function(graph, name) for name in graph.functions},
        "devices": dict(_devices(model)),
        "assets": list(model.assets),
        "known": _known(model),
        "outside": {"when_run": _reaches(run), "when_asked_for": _reaches(asked)},
        "notes": _notes(model, run, asked),
    }


def _checkpoint(checkpoint: Checkpoint) -> dict[str, Any]:
    return {
        "format": checkpoint.format,
        "files": checkpoint.files,
        "objects": checkpoint.objects is not None,
    }


def _counts(variable: Variable) -> bool:
    """Whether its elements are the model's: not those that only the checkpoint has, or twice."""
    return variable.used and not variable.copy_of


def _signature(signature: Signature) -> dict[str, Any]:
    return {
        "inputs": {port.key: _port(port) for port in signature.inputs},
        "outputs": {port.key: _port(port) for port in signature.outputs},
        "method": signature.method or None,
        "function": signature.function or None,
    }


def _port(port: Port) -> dict[str, Any]:
    told = _tensor(port.tensor)
    if not port.kind:
        return told
    parts = {part.role: _tensor(part.tensor) for part in port.parts}
    return {**told, "tensor": None, "kind": port.kind, "parts": parts}


def _tensor(spec: TensorSpec) -> dict[str, Any]:
    return {"tensor": spec.name, "dtype": spec.dtype, "shape": _shape(spec.shape)}


def _parameters(model: ModelFile) -> dict[str, int]:
    """How many numbers the weights are; of a Keras model as `model.summary()` has them."""
    found = model.parameters
    if found is None:
        return {
            "parameters": sum(
                elements(each.shape) or 0 for each in model.variables if _counts(each)
            )
        }
    return {
        "parameters": found.trainable + found.fixed + found.unknown + found.optimizer,
        "trainable_parameters": found.trainable,
        "non_trainable_parameters": found.fixed,
        "optimizer_parameters": found.optimizer,
        # Of layers whose settings the file does not hold, or whose class is not Keras' own.
        "unknown_parameters": found.unknown,
    }


def _layer(layer: Layer) -> dict[str, Any]:
    return {
        "name": layer.name,
        "class": layer.kind,
        "outputs": [{"dtype": each.dtype, "shape": _shape(each.shape)} for each in layer.outputs],
        "parameters": layer.parameters,
        "trainable": layer.trainable,
        "calls": layer.calls,
    }


def _shape(shape: Shape) -> list[int | None] | None:
    return None if shape is None else list(shape)


def _variable(variable: Variable) -> dict[str, Any]:
    return {
        "name": variable.name,
        "dtype": variable.dtype,
        "shape": _shape(variable.shape),
        "bytes": variable.bytes,
        "trainable": variable.trainable,
        **({"key": variable.key} if variable.key else {}),
        **({"called": variable.own_name} if variable.own_name else {}),
        **({"pieces": variable.pieces} if variable.pieces > 1 else {}),
        **({"piece_of": variable.piece_of} if variable.piece_of else {}),
        **({"copy_of": variable.copy_of} if variable.copy_of else {}),
        **({} if variable.used else {"only_in_checkpoint": True}),
        **({"note": variable.note} if variable.note else {}),
    }


def elements(shape: Shape) -> int | None:
    """How many numbers a shape holds, None where that is not known.

    >>> elements((784, 10)), elements(()), elements((None, 3))
    (7840, 1, None)
    """
    if shape is None or None in shape:
        return None
    count = 1
    for size in shape:
        count *= size or 0
    return count


def histogram(graph: Graph) -> list[tuple[str, int]]:
    """The ops of a graph's own nodes with their counts, the most frequent first."""
    return _counted([graph])


def _counted(graphs: list[Graph]) -> list[tuple[str, int]]:
    counts = Counter(node.op for graph in graphs for node in graph.nodes)
    return sorted(counts.items(), key=lambda item: (-item[1], item[0]))


def _function(graph: Graph, name: str) -> dict[str, Any]:
    body = graph.functions[name]
    ops_there = [node.op for node in body.nodes]
    return {
        "nodes": len(body),
        "arguments": ops_there.count("_Arg"),
        "results": ops_there.count("_Retval"),
        "calls": list(dict.fromkeys(call for node in body.nodes for call in node.calls)),
    }


def _devices(model: ModelFile) -> list[tuple[str, int]]:
    counts = Counter(node.device for body in model.bodies for node in body.nodes if node.device)
    return sorted(counts.items())


def _known(model: ModelFile) -> dict[str, Any]:
    """Whether the TensorFlow that the table of ops was made from takes the graph."""
    unknown, refused = unknown_ops(model), refused_nodes(model)
    there = model.kind != KERAS and bool(model.bodies[0].nodes)
    return {
        "tensorflow": ops.version(),
        "all": not unknown and not refused and not too_new(model) if there else None,
        "unknown": unknown,
        "refused": [
            {"node": each.node, "op": each.op, "function": each.function, "reason": each.reason}
            for each in refused
        ],
        "too_new": too_new(model) or None,
        "without_kernel": without_kernel(model),
    }


def _reaches(found: list[Reach]) -> list[dict[str, str]]:
    return [
        {"op": each.op, "does": each.does, "node": each.node, "function": each.function}
        for each in found
    ]


def _notes(model: ModelFile, run: list[Reach], asked: list[Reach]) -> list[str]:
    found = list(model.notes)
    lost = missing(model)
    if lost:
        some = "; ".join(lost[:3]) + (f"; and {len(lost) - 3} more" if len(lost) > 3 else "")
        what = "input comes" if len(lost) == 1 else "inputs come"
        found.append(f"{len(lost)} {what} from nowhere: {some}")
    gone = not_in_file(model)
    if gone:
        some = "; ".join(gone[:3]) + (f"; and {len(gone) - 3} more" if len(gone) > 3 else "")
        what = "function is" if len(gone) == 1 else "functions are"
        found.append(f"{len(gone)} {what} called and not in the file: {some}")
    bodies = {"": model.graph, **model.graph.functions}
    for name, body in bodies.items():
        if around := cycle(body):
            where = f"function {shown(name)}" if name else "the graph"
            found.append(f"{where} goes in a circle, and cannot run: {_circle(around)}")
    if run:
        found.append(f"running it reaches outside: {outside.told(run)}; trace wants --trust for it")
    if asked:
        found.append(f"only if it is asked for, it reaches outside: {outside.told(asked)}")
    return found


def _circle(names: list[str]) -> str:
    some = [shown(name) for name in names[:MOST_NAMED]]
    more = f" -> and {len(names) - MOST_NAMED} more" if len(names) > MOST_NAMED else ""
    return " -> ".join(some) + more

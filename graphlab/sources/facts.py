"""What a model is, as plain facts: what `graphlab info` tells and `--json` writes.

facts = about(read_model(Path("exported/1")))
facts["signatures"]["serving_default"]["inputs"]
"""

from __future__ import annotations

from collections import Counter
from typing import Any

from graphlab.errors import shown
from graphlab.model import Graph, Shape, TensorSpec
from graphlab.sources import ops
from graphlab.sources.checkpoint.saved import Checkpoint
from graphlab.sources.modelfile import (
    KERAS,
    ModelFile,
    Port,
    Signature,
    Variable,
    cycle,
    missing,
    unknown_ops,
    without_kernel,
)

MOST_NAMED = 4  # ops of a circle
_OUTSIDE = frozenset(
    "ReadFile WriteFile MatchingFiles PyFunc PyFuncStateless EagerPyFunc".split()
)  # ops that reach out of the graph when they run, beside those that save and restore


def about(model: ModelFile) -> dict[str, Any]:
    """All that the file says, as JSON values in one order."""
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
        "parameters": sum(elements(each.shape) or 0 for each in model.variables if _counts(each)),
        "variable_bytes": sum(each.bytes or 0 for each in model.variables) or None,
        "ops": dict(histogram(graph)),
        "ops_in_functions": dict(_counted(list(graph.functions.values()))),
        "functions": {name: _function(graph, name) for name in graph.functions},
        "devices": dict(_devices(model)),
        "assets": list(model.assets),
        "known": _known(model),
        "notes": _notes(model),
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
    """Whether the TensorFlow that the table of ops was made from knows every op."""
    unknown = unknown_ops(model)
    return {
        "tensorflow": ops.version(),
        "all": None if model.kind == KERAS or not model.bodies[0].nodes else not unknown,
        "unknown": unknown,
        "without_kernel": without_kernel(model),
    }


def _notes(model: ModelFile) -> list[str]:
    found = list(model.notes)
    lost = missing(model)
    if lost:
        some = "; ".join(lost[:3]) + (f"; and {len(lost) - 3} more" if len(lost) > 3 else "")
        what = "input comes" if len(lost) == 1 else "inputs come"
        found.append(f"{len(lost)} {what} from nowhere: {some}")
    bodies = {"": model.graph, **model.graph.functions}
    for name, body in bodies.items():
        if around := cycle(body):
            where = f"function {shown(name)}" if name else "the graph"
            found.append(f"{where} goes in a circle, and cannot run: {_circle(around)}")
    used = {node.op for body in model.bodies for node in body.nodes} & _OUTSIDE
    if used and model.kind != KERAS:
        found.append(f"running it can reach files or Python: it holds {', '.join(sorted(used))}")
    return found


def _circle(names: list[str]) -> str:
    some = [shown(name) for name in names[:MOST_NAMED]]
    more = f" -> and {len(names) - MOST_NAMED} more" if len(names) > MOST_NAMED else ""
    return " -> ".join(some) + more

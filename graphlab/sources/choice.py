"""Which part of a model is meant: a signature, a function, or the whole."""

from __future__ import annotations

from graphlab.errors import GraphlabError, nearest, shown
from graphlab.model import Graph, TensorSpec, node_of
from graphlab.sources.modelfile import ModelFile, Signature, part

DEFAULT = "serving_default"
_FED = ("Placeholder", "PlaceholderV2")
_NO_RESULT = ("Const", "NoOp", "Assert", "Placeholder", "SaveV2", "MergeV2Checkpoints")


def graph_of(model: ModelFile, signature: str = "", function: str = "") -> tuple[Graph, str]:
    """The graph that is meant, and in words which one it is.

    GraphlabError where the model has no such signature or function, or both are asked for.
    """
    if signature and function:
        raise GraphlabError(f"signature {shown(signature)} or function {shown(function)}? name one")
    if function:
        bodies = model.graph.functions
        if function not in bodies:
            like = nearest(function, bodies) if bodies else ""
            hint = f"did you mean {like}?" if like and len(like) < 500 else "see graphlab info"
            raise GraphlabError(f"{model.path} has no function {shown(function)}; {hint}")
        return Graph(bodies[function].nodes, bodies), f"function {function}"
    if signature:
        chosen = signature_of(model, signature)
        note = f"signature {signature}" + (f", function {chosen.function}" * bool(chosen.function))
        return part(model, chosen), note
    return model.graph, ""


def signature_of(model: ModelFile, asked: str) -> Signature:
    """The signature that is asked for, else the default one, else the only one."""
    names = [signature.name for signature in model.signatures]
    if asked and asked not in names:
        like = nearest(asked, names) if names else ""
        hint = f"did you mean {like}?" if like else "it has none"
        raise GraphlabError(f"{model.path} has no signature {shown(asked)}; {hint}")
    name = asked or (DEFAULT if DEFAULT in names else "")
    if not name and len(names) != 1:
        raise GraphlabError(
            f"{model.path} has {len(names)} signatures; name one with --signature:"
            f" {', '.join(names)}"
        )
    return next(each for each in model.signatures if each.name == (name or names[0]))


def ends(graph: Graph) -> tuple[str, ...]:
    """The outputs that nobody takes."""
    taken = {tensor for node in graph.nodes for tensor in node.inputs}
    return tuple(
        spec.name
        for node in graph.nodes
        for spec in node.outputs
        if spec.name not in taken
        and node.op not in _NO_RESULT
        and not spec.dtype.endswith(("resource", "variant", "_ref"))
        and "save/" not in node.name
    )


def needed_by(graph: Graph, fetches: tuple[str, ...], fed: set[str]) -> dict[str, TensorSpec]:
    """The placeholders that the fetches need and nothing feeds, by node name."""
    by_name, seen = graph.by_name, set()
    left = [name if name in by_name else node_of(name) for name in fetches]
    found = {}
    while left:
        name = left.pop()
        if name in seen or name not in by_name:
            continue
        seen.add(name)
        node = by_name[name]
        if node.op in _FED and node.outputs[0].name not in fed:
            found[name] = node.outputs[0]
        left += [node_of(tensor) for tensor in node.inputs if tensor not in fed]
        left += node.controls
    return {name: found[name] for name in by_name if name in found}

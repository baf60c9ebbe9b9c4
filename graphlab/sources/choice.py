"""Which part of a model is meant: a signature, a function, or the whole."""

from __future__ import annotations

from graphlab.errors import GraphlabError, nearest, shown
from graphlab.model import Graph
from graphlab.sources.modelfile import ModelFile, Signature, part

DEFAULT = "serving_default"


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

"""Which part of a model is meant: a signature, a function, or the whole."""

from __future__ import annotations

import itertools
from collections.abc import Collection, Iterable
from dataclasses import replace

from graphlab.errors import GraphlabError, nearest, shown
from graphlab.model import Graph, TensorSpec
from graphlab.sources.elements import unfilled
from graphlab.sources.modelfile import ModelFile, Signature, part, written
from graphlab.sources.outside import needed

DEFAULT = "serving_default"
MOST_LISTED = 6  # names in a message
MOST_SEARCHED = 5_000  # names, for what a wrong one may have been meant to be
MOST_LETTERS = 200  # of each
_FED = ("Placeholder", "PlaceholderV2")
_WITH_DEFAULT = ("PlaceholderWithDefault",)


def graph_of(model: ModelFile, signature: str = "", function: str = "") -> tuple[Graph, str]:
    """The graph that is meant, and in words which one it is.

    GraphlabError where the model has no such signature or function, or both are asked for.
    """
    if signature and function:
        raise GraphlabError(f"signature {shown(signature)} or function {shown(function)}? name one")
    if function:
        bodies = model.graph.functions
        if function not in bodies:
            raise GraphlabError(
                f"{model.path} has no function {shown(function)}; {_hint(function, bodies)}"
            )
        return Graph(bodies[function].nodes, bodies), f"function {function}"
    if signature:
        chosen = signature_of(model, signature)
        what = f"function {chosen.name}" if chosen.path else f"signature {signature}"
        note = what + (f", function {chosen.function}" * bool(chosen.function))
        return part(model, chosen), note
    return model.graph, ""


def signature_of(model: ModelFile, asked: str) -> Signature:
    """The signature or function that is asked for, else the default signature, else the only one.

    GraphlabError where there is none of that name, or more than one is meant.
    """
    names = [signature.name for signature in model.signatures]
    named = next((each for each in model.signatures if each.name == asked), None)
    if named is not None:
        return named
    if asked:
        found = functions_of(model, asked)
        if len(found) == 1:
            return found[0]
        if found:
            raise GraphlabError(
                f"{shown(asked)} stands for {len(found)} functions of {model.path}; name one by its"
                f" arguments: {_listed([each.name for each in found])}"
            )
        raise GraphlabError(_not_there(model, asked, names))
    name = DEFAULT if DEFAULT in names else ""
    if not names and model.functions:
        paths = dict.fromkeys(written(each.path) for each in model.functions)
        raise GraphlabError(
            f"{model.path} has no signature; name one of the functions of its objects, as in"
            f" {model.path}:{next(iter(paths))}: {_listed(list(paths))}"
        )
    if not name and len(names) != 1:
        raise GraphlabError(
            f"{model.path} has {len(names)} signatures; name one with --signature: {_listed(names)}"
        )
    return next(each for each in model.signatures if each.name == (name or names[0]))


def _not_there(model: ModelFile, asked: str, names: list[str]) -> str:
    paths = dict.fromkeys(written(each.path) for each in model.functions)
    what = f"{model.path} has no signature {'or function ' * bool(paths)}{shown(asked)}"
    same = [each.name for each in model.functions if written(each.path) == asked.partition("(")[0]]
    if same:
        return f"{what}; there is {_listed(same)}"
    there = [*names, *paths]
    return f"{what}; {_hint(asked, there) if there else 'it has none'}"


def _hint(asked: str, names: Iterable[str]) -> str:
    """What may have been meant, as far as a search for it ends soon."""
    short = [name for name in itertools.islice(names, MOST_SEARCHED) if len(name) < MOST_LETTERS]
    like = nearest(asked[:MOST_LETTERS], short)
    return f"did you mean {like}?" if like and len(like) < 500 else "see graphlab info"


def only(model: ModelFile, signature: Signature) -> ModelFile:
    """The model as if it had this one signature, or this one function, and what it calls."""
    graph = part(model, signature)
    left = list(dict.fromkeys(name for node in graph.nodes for name in node.calls))
    reached: dict[str, Graph] = {}
    while left:
        name = left.pop()
        if name not in reached:
            reached[name] = graph.functions[name]
            left += [call for node in reached[name].nodes for call in node.calls]
    functions = {name: body for name, body in graph.functions.items() if name in reached}
    of_object = bool(signature.path)
    return replace(
        model,
        graph=Graph(graph.nodes, functions),
        signatures=() if of_object else (signature,),
        functions=(signature,) if of_object else (),
    )


def functions_of(model: ModelFile, asked: str) -> list[Signature]:
    """The concrete functions that `"emb/_pre"` or `"emb/_pre(training=True)"` stands for.

    Those that have every argument that is written; a whole call in `info`'s words is only itself.
    """
    whole = [each for each in model.functions if _bare(each.name) == _bare(asked)]
    if whole:
        return whole[:1]
    path, _, rest = asked.partition("(")
    wanted = [_bare(each) for each in _split(rest.rpartition(")")[0])]
    return [
        each
        for each in model.functions
        if written(each.path) == path and set(wanted) <= {_bare(one) for one in each.arguments}
    ]


def _bare(text: str) -> str:
    """A text by which two calls are compared: without spaces, which nobody remembers."""
    return "".join(text.split())


def _split(text: str) -> list[str]:
    """The arguments of a call: what commas part that are in no bracket."""
    found, depth = [""], 0
    for letter in text:
        depth += (letter in "([{") - (letter in ")]}")
        if letter == "," and depth == 0:
            found.append("")
        else:
            found[-1] += letter
    return [each for each in found if each.strip()]


def _listed(names: list[str]) -> str:
    """Names for a message, the first few of many."""
    some = ", ".join(name if len(name) < 200 else shown(name, 200) for name in names[:MOST_LISTED])
    return some + (f" and {len(names) - MOST_LISTED} more" if len(names) > MOST_LISTED else "")


def needed_by(graph: Graph, fetches: tuple[str, ...], fed: set[str]) -> dict[str, TensorSpec]:
    """What the fetches need and nothing feeds, by the name that `--feed` knows: placeholders, and
    what is taken from where nobody puts anything in. GraphlabError as `unfilled`."""
    taken = {spec.name: spec for spec in unfilled(graph, fetches, frozenset(fed))}
    found = _outputs_of(_FED, graph, fetches, fed.union(taken))
    return found | {name.removesuffix(":0"): spec for name, spec in taken.items()}


def defaults_of(graph: Graph, fetches: tuple[str, ...]) -> dict[str, TensorSpec]:
    """What the fetches need that has a value where nothing is fed, by node name."""
    return _outputs_of(_WITH_DEFAULT, graph, fetches, set())


def _outputs_of(
    ops: Collection[str], graph: Graph, fetches: tuple[str, ...], fed: set[str]
) -> dict[str, TensorSpec]:
    return {
        node.name: node.outputs[0]
        for node in needed(graph, fetches, frozenset(fed))
        if node.op in ops and node.outputs[0].name not in fed
    }
